/** Results of what the engine really played: a split, dividends, options. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { TradeRow } from "../../src/backtest/BacktestRows.ts"
import { BacktestContent } from "../../src/backtest/BacktestResult.ts"
import { contentOf, playedBars } from "../../src/backtest/ResultOf.ts"
import { isOptionId } from "../../src/domain/Identifiers.ts"
import { dollars, toFloat } from "../../src/domain/Money.ts"
import { researchProfile } from "../../src/risk/LimitsProfile.ts"
import { makeCoveredCall } from "../../src/session/strategies/CoveredCall.ts"
import { makeSmaCross } from "../../src/session/strategies/SmaCross.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"
import { type Beside, playOnEngine, tapeFor } from "./engine/RunBeside.ts"

const CASH = dollars(1_000_000)

const resultOf = (one: Omit<Beside, "cash" | "profile">) =>
  Effect.gen(function* () {
    const beside = { ...one, cash: CASH, profile: researchProfile }
    const tape = yield* tapeFor(beside)
    const { played } = yield* playOnEngine(beside)
    return {
      played,
      told: contentOf({ played, inputs: { cash: CASH }, bars: playedBars(tape), riskFree: [] })
    }
  })

const profits = (trades: ReadonlyArray<TradeRow>): number =>
  trades.reduce((sum, { profit }) => sum + profit, 0)

/** Equity at the end by the books: cash and what is held, at its marks. */
const worthOf = ({ cash, held }: BacktestContent): number =>
  cash + held.reduce((sum, { value }) => sum + (value ?? Number.NaN), 0)

const holdsTogether = (told: BacktestContent) => {
  expect(profits(told.trades)).toBe(worthOf(told) - CASH - told.dividends)
  expect(toFloat(worthOf(told))).toBeCloseTo(told.equity.at(-1) ?? Number.NaN, 6)
  for (const trade of told.trades) {
    expect(trade.mae).toBeLessThanOrEqual(Math.min(0, trade.profit + trade.fees))
    expect(trade.mfe).toBeGreaterThanOrEqual(Math.max(0, trade.profit + trade.fees))
  }
  expect(Schema.decodeUnknownSync(BacktestContent)(JSON.parse(JSON.stringify(told)))).toEqual(told)
}

describeWithShared("what the engine played of LEAN's data, told", () => {
  const market = { source: "lean", path: sharedPath("lean-data"), badRows: "skip" } as const

  it.effect(
    "Apple through its split of seven for one and its dividends",
    () =>
      Effect.gen(function* () {
        const { played, told } = yield* resultOf({
          market,
          strategy: makeSmaCross({ fast: 5, slow: 20 }),
          symbols: ["AAPL"],
          from: "2013-06-03",
          to: "2015-06-01"
        })
        holdsTogether(told)
        expect(told.dividends).toBeGreaterThan(0)
        expect(told.trades.length).toBeGreaterThan(5)
        const split = played.moves.find(({ _tag }) => _tag === "SplitApplied")
        expect(split).toMatchObject({ numerator: 7, denominator: 1 })
        const through = told.trades.find(
          ({ entryTime, exitTime }) =>
            split !== undefined && entryTime < split.tsEvent && (exitTime ?? 0) > split.tsEvent
        )
        // Entered at more than 500 a share of before it: told in shares of after it.
        expect(toFloat(through?.entryPrice ?? 0)).toBeGreaterThan(70)
        expect(toFloat(through?.entryPrice ?? 0)).toBeLessThan(95)
        // It was never worth seven times its money, or a seventh.
        const size = toFloat(through?.entryPrice ?? 0) * toFloat(through?.quantity ?? 0)
        expect(Math.abs(toFloat(through?.mae ?? 0))).toBeLessThan(size / 4)
        expect(toFloat(through?.mfe ?? 0)).toBeLessThan(size / 4)
        expect(told.statistics.own["sharpe"]).not.toBeNull()
        expect(told.statistics.portfolio["beta"]).not.toBeNull()
        expect(told.statistics.lean["Lowest Capacity Asset"]).toBe("AAPL")
      }),
    120_000
  )
})

describe("what the engine played on the data that comes along, told", () => {
  it.effect(
    "calls written on shares, whatever becomes of them",
    () =>
      Effect.gen(function* () {
        const { played, told } = yield* resultOf({
          market: { source: "embedded" },
          strategy: makeCoveredCall(),
          symbols: ["AAPL"],
          from: "2017-01-03",
          to: "2017-06-30"
        })
        holdsTogether(told)
        expect(played.moves.length).toBeGreaterThan(0)
        const ofCalls = told.trades.filter(({ instrumentId }) => isOptionId(instrumentId))
        expect(ofCalls.length).toBeGreaterThan(1)
        expect(ofCalls.every(({ direction }) => direction === "SHORT")).toBe(true)
      }),
    120_000
  )
})
