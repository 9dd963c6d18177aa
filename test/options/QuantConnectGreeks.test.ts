/** QuantConnect's Greeks, held to rows that QuantConnect published. */
import { readFileSync } from "node:fs"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { dateOfDay, dayOfDate, type SessionDate, sessionDate } from "../../src/domain/Timestamp.ts"
import { europeanGreeks } from "../../src/options/BlackScholes.ts"
import { type OptionTerms, signOf } from "../../src/options/OptionInputs.ts"
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
  readonly openInterest: number
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
        openInterest: fields[8] === "" ? Number.NaN : at(8),
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

/** Of SPY: close, the primary credit rate, and the four dividends of 2023, each to a tenth of a cent as LEAN keeps them. */
const spy = { spot: 467.28, rate: 0.055, dividendYield: (1.506 + 1.638 + 1.583 + 1.906) / 467.28 }

describeWithShared("the 13 rows of SPY on 2024-01-04 that have a volatility", () => {
  const rows = universe("spy", "20240104").filter(({ volatility }) => volatility > 0.001)

  it("have each Greek within a ten-thousandth; rho by its size", () => {
    expect(rows).toHaveLength(13)
    for (const row of rows) {
      const greeks = Result.getOrThrow(
        quantConnectGreeks({ ...termsOf(row, spy, "2024-01-04"), volatility: row.volatility })
      )
      const off = (ours: number, theirs: number) => Math.abs(ours / theirs - 1)
      expect(off(greeks.delta, row.delta)).toBeLessThan(1e-4)
      expect(off(greeks.gamma, row.gamma)).toBeLessThan(1e-4)
      expect(off(greeks.vegaPerPoint, row.vega)).toBeLessThan(1e-4)
      expect(off(greeks.thetaPerDay, row.theta)).toBeLessThan(1e-4)
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
      // The calls' mids are whole quarters of a dollar: their quotes are wide.
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

/** Of AAPL: its official close, the primary credit rate, and the yield that e^(−qT) of calls' less puts' deltas gives. */
const aapl = { spot: 93.7, rate: 0.0075, dividendYield: 0.501108 / 1.6 }

describeWithShared("AAPL on 2014-06-09, an older file", () => {
  const rows = universe("aapl", "20140609").filter(({ volatility }) => volatility > 0.001)
  const byModel = (row: Row) => {
    const terms = termsOf(row, aapl, "2014-06-09")
    return europeanGreeks(
      signOf(row.right),
      terms.spot,
      terms.strike,
      terms.years,
      terms.rate,
      terms.dividendYield,
      row.volatility
    )
  }

  it("has Black and Scholes' Greeks in all 924 rows, at the official close, to a ten-thousandth", () => {
    expect(rows).toHaveLength(924)
    for (const row of rows) {
      const greeks = byModel(row)
      const { years } = termsOf(row, aapl, "2014-06-09")
      const close = (ours: number, theirs: number) =>
        expect(Math.abs(ours - theirs)).toBeLessThan(1e-4 * Math.max(Math.abs(theirs), 1e-3))
      close(greeks.delta, row.delta)
      // Theirs leaves out e^(−qT).
      close(greeks.gamma * Math.exp(aapl.dividendYield * years), row.gamma)
      close(greeks.vega / 100, row.vega)
      close(greeks.theta / 365, row.theta)
      close(greeks.rho / 100, row.rho)
    }
  })

  it("has its volatilities from a close, or from the number of open contracts taken for one, in 922 of them", () => {
    // One volatility serves both options of a strike; it came from one of four numbers.
    const byStrike = new Map<string, Array<Row>>()
    for (const row of rows) {
      const key = `${row.expiry} ${row.strike}`
      byStrike.set(key, [...(byStrike.get(key) ?? []), row])
    }
    const counted = { close: 0, openInterest: 0, neither: 0 }
    for (const pair of byStrike.values()) {
      expect(new Set(pair.map(({ volatility }) => volatility)).size).toBe(1)
      const from = (number: (row: Row) => number) =>
        pair.some((row) => {
          const { price } = byModel(row)
          return Math.abs(price - number(row)) < Math.max(1e-3, 2e-3 * price)
        })
      if (from(({ close }) => close)) counted.close += pair.length
      else if (from(({ openInterest }) => openInterest)) counted.openInterest += pair.length
      else counted.neither += pair.length
    }
    expect(counted).toEqual({ close: 372, openInterest: 550, neither: 2 })
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
