/** QuantConnect's Greeks, held to rows that QuantConnect published. */
import { readFileSync } from "node:fs"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { dateOfDay, dayOfDate, type SessionDate, sessionDate } from "../../src/domain/Timestamp.ts"
import type { OptionTerms } from "../../src/options/OptionInputs.ts"
import {
  quantConnectGreeks,
  quantConnectVolatility,
  quantConnectYears
} from "../../src/options/QuantConnectGreeks.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

interface Row {
  readonly expiry: SessionDate
  readonly strike: number
  readonly right: "CALL" | "PUT"
  readonly close: number
  readonly volatility: number
  readonly delta: number
  readonly gamma: number
  readonly vega: number
  readonly theta: number
  readonly rho: number
}

const universe = (symbol: string, date: string): ReadonlyArray<Row> =>
  readFileSync(sharedPath("lean-data/option/usa/universes", symbol, `${date}.csv`), "utf8")
    .split("\n")
    .filter((line) => /^\d{8},/u.test(line))
    .map((line) => line.trim().split(","))
    .map((fields) => {
      const at = (index: number) => Number(fields[index])
      const day = fields[0] ?? ""
      return {
        expiry: sessionDate(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`),
        strike: at(1),
        right: fields[2] === "C" ? "CALL" : "PUT",
        close: at(6),
        volatility: at(9),
        delta: at(10),
        gamma: at(11),
        vega: at(12),
        theta: at(13),
        rho: at(14)
      }
    })

const termsOf = (
  row: Row,
  market: Omit<OptionTerms, "right" | "strike" | "years">,
  priced: string
): OptionTerms => ({
  ...market,
  right: row.right,
  strike: row.strike,
  years: quantConnectYears(sessionDate(priced), row.expiry)
})

/** Of SPY: close, the primary credit rate, and $6.6322 of dividends in the year before. */
const spy = { spot: 467.28, rate: 0.055, dividendYield: 6.6322 / 467.28 }

describeWithShared("the 13 rows of SPY on 2024-01-04 that have a volatility", () => {
  const rows = universe("spy", "20240104").filter(({ volatility }) => volatility > 0.001)

  it("have each Greek within a ten-thousandth, two digits of the smallest theta aside; rho by its size", () => {
    expect(rows).toHaveLength(13)
    for (const row of rows) {
      const greeks = Result.getOrThrow(
        quantConnectGreeks({ ...termsOf(row, spy, "2024-01-04"), volatility: row.volatility })
      )
      const off = (ours: number, theirs: number) => Math.abs(ours / theirs - 1)
      expect(off(greeks.delta, row.delta)).toBeLessThan(1e-4)
      expect(off(greeks.gamma, row.gamma)).toBeLessThan(1e-4)
      expect(off(greeks.vegaPerPoint, row.vega)).toBeLessThan(1e-4)
      expect(off(greeks.thetaPerDay, row.theta)).toBeLessThan(1e-3)
      expect(off(greeks.rhoAsReported, row.rho)).toBeLessThan(1e-4)
      expect(greeks.rhoPerPoint).toBe(-greeks.rhoAsReported)
      expect(greeks.rhoPerPoint).toBeGreaterThan(0)
    }
  })

  it("have volatilities of puts the file does not hold: by parity these puts lie on one line with the calls", () => {
    // C − P = D·(F − K): of the eight strikes of one expiry the puts that their volatilities give.
    const pairs = rows
      .filter(({ expiry }) => expiry === "2026-12-18")
      .map((row) => {
        const put = quantConnectGreeks({
          ...termsOf({ ...row, right: "PUT" }, spy, "2024-01-04"),
          volatility: row.volatility
        })
        return { strike: row.strike, difference: row.close - Result.getOrThrow(put).price }
      })
    const mean = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0) / values.length
    const [k, y] = [mean(pairs.map(({ strike }) => strike)), mean(pairs.map(({ difference }) => difference))]
    const slope =
      mean(pairs.map((pair) => (pair.strike - k) * (pair.difference - y))) /
      mean(pairs.map((pair) => (pair.strike - k) ** 2))
    const years = quantConnectYears(sessionDate("2024-01-04"), sessionDate("2026-12-18"))
    // Three-year money was at 4.1% then.
    expect(-Math.log(-slope) / years).toBeGreaterThan(0.039)
    expect(-Math.log(-slope) / years).toBeLessThan(0.043)
    for (const { difference, strike } of pairs) {
      // The calls' quotes are up to seven dollars wide.
      expect(Math.abs(difference - y - slope * (strike - k))).toBeLessThan(1.2)
    }
  })

  it("have no volatility of the call itself: their tree cannot give its price at the file's volatility", () => {
    for (const row of rows) {
      const terms = termsOf(row, spy, "2024-01-04")
      const own = Result.getOrThrow(quantConnectVolatility(terms, { own: row.close, mirror: undefined }))
      expect((own ?? Infinity) / row.volatility).toBeGreaterThan(1.5)
    }
  })
})

describeWithShared("AAPL on 2014-06-09, whose figures disagree with its own prices", () => {
  it("agrees in delta within 1% on 74 of 924 rows with a volatility", () => {
    const rows = universe("aapl", "20140609").filter(({ volatility }) => volatility > 0.001)
    const market = { spot: 92.72, rate: 0.0075, dividendYield: (3.05 * 3 + 3.29) / 7 / 92.72 }
    let agree = 0
    for (const row of rows) {
      const greeks = quantConnectGreeks({ ...termsOf(row, market, "2014-06-09"), volatility: row.volatility })
      if (Result.isSuccess(greeks) && Math.abs(greeks.success.delta / row.delta - 1) < 0.01) agree += 1
    }
    expect(rows).toHaveLength(924)
    expect(agree).toBe(74)
  })
})

describe("QuantConnect's model", () => {
  const terms = {
    right: "CALL",
    spot: 100,
    strike: 110,
    years: 0.5,
    rate: 0.03,
    dividendYield: 0.01
  } as const

  it("counts days from the midnight after the day that was priced", () => {
    expect(quantConnectYears(sessionDate("2024-01-04"), sessionDate("2024-01-05"))).toBe(0)
    expect(quantConnectYears(sessionDate("2024-01-04"), sessionDate("2025-01-04"))).toBe(1)
    const day = sessionDate("2024-01-04")
    expect(quantConnectYears(day, dateOfDay(dayOfDate(day) - 3))).toBe(0)
  })

  it("gives back the volatility of its own prices: of the one out of the money, own or mirror", () => {
    for (const strike of [80, 95, 105, 120]) {
      for (const right of ["CALL", "PUT"] as const) {
        const asked = { ...terms, strike, right }
        const priced = (side: "CALL" | "PUT", volatility: number) =>
          Result.getOrThrow(quantConnectGreeks({ ...asked, right: side, volatility })).price
        const mirror = right === "CALL" ? "PUT" : "CALL"
        const found = Result.getOrThrow(
          quantConnectVolatility(asked, { own: priced(right, 0.25), mirror: priced(mirror, 0.35) })
        )
        const isIn = right === "CALL" ? strike < 100 : strike > 100
        expect(found).toBeCloseTo(isIn ? 0.35 : 0.25, 9)
      }
    }
  })

  it("has no volatility for prices that no volatility gives", () => {
    expect(Result.getOrThrow(quantConnectVolatility(terms, { own: 0, mirror: undefined }))).toBeUndefined()
    expect(Result.getOrThrow(quantConnectVolatility(terms, { own: Number.NaN, mirror: 1e9 }))).toBeUndefined()
  })

  it("refuses what no option has, by name", () => {
    const failed = quantConnectGreeks({ ...terms, spot: -1, volatility: 0.2 })
    expect(Result.isFailure(failed) && failed.failure.field).toBe("spot")
    const still = quantConnectGreeks({ ...terms, volatility: 0 })
    expect(Result.isFailure(still) && still.failure.field).toBe("volatility")
    const ended = quantConnectGreeks({ ...terms, years: 0, volatility: 0.2 })
    expect(Result.isFailure(ended) && ended.failure.field).toBe("years")
    const wild = quantConnectGreeks({ ...terms, volatility: 1e300 })
    expect(Result.isFailure(wild) && wild.failure.field).toBe("volatility")
    expect(
      Result.isFailure(quantConnectVolatility({ ...terms, strike: Number.NaN }, { own: 1, mirror: 1 }))
    ).toBe(true)
  })
})
