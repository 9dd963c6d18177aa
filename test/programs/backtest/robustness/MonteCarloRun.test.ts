import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import type { TradeRow } from "../../../../src/backtest/BacktestRows.ts"
import {
  defaultOptions,
  planMonteCarlo
} from "../../../../src/backtest/robustness/montecarlo/MonteCarloPlan.ts"
import { tradeReturns } from "../../../../src/programs/backtest/robustness/MonteCarloReturns.ts"
import { runMonteCarlo } from "../../../../src/programs/backtest/robustness/MonteCarloRun.ts"
import { notKept } from "../../../../src/programs/backtest/robustness/Unfinished.ts"
import { daily, seriesOf } from "../../../backtest/robustness/montecarlo/Series.ts"
import { instrumentId } from "../../../../src/domain/Identifiers.ts"
import { MICROS, money, price, quantity } from "../../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../../src/domain/Timestamp.ts"

describe("a run of Monte Carlo", () => {
  it("gives the same on one thread, on two and on three", async () => {
    for (const method of ["iid", "block", "shuffle"] as const) {
      const plan = Result.getOrThrow(
        planMonteCarlo(seriesOf(daily(150)), { ...defaultOptions, method, paths: 9001, seed: 5 })
      )
      const told: Array<number> = []
      const run = (workers: number) =>
        Effect.runPromise(
          runMonteCarlo(plan, {
            unfinished: notKept,
            workers,
            stepsOfOneThread: 1,
            onProgress: ({ done }) => Effect.sync(() => told.push(done))
          })
        )
      const [one, two, three] = [await run(1), await run(2), await run(3)]
      expect(two).toEqual(one)
      expect(three).toEqual(one)
      expect(told.filter((done) => done === 9001)).toHaveLength(3)
    }
  })

  it("stops its threads when it is interrupted", async () => {
    const plan = Result.getOrThrow(
      planMonteCarlo(seriesOf(daily(5000)), { ...defaultOptions, paths: 1_000_000 })
    )
    let begin: () => void = () => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const ended: Array<Promise<void>> = []
    const onWorker = (worker: { once: (event: "exit", ended: () => void) => unknown }): void => {
      ended.push(new Promise((resolve) => worker.once("exit", resolve)))
    }
    process.on("worker", onWorker)
    const controller = new AbortController()
    const running = Effect.runPromiseExit(
      runMonteCarlo(plan, { unfinished: notKept, workers: 2, onProgress: () => Effect.sync(begin) }),
      { signal: controller.signal }
    )
    await begun
    controller.abort()
    expect((await running)._tag).toBe("Failure")
    expect(ended).toHaveLength(2)
    await Promise.all(ended)
    process.off("worker", onWorker)
  })
})

describe("trades as returns", () => {
  const trade = (entry: string, profit: number, isOpen = false): TradeRow => {
    const entryTime = timestamp(Date.parse(entry) * 1000)
    return {
      instrumentId: instrumentId("SPY.PAPER"),
      direction: "LONG",
      quantity: quantity(MICROS),
      entryTime,
      entryPrice: price(MICROS),
      ...(isOpen ? {} : { exitTime: entryTime, exitPrice: price(MICROS) }),
      profit: money(profit * MICROS),
      fees: money(0),
      mae: money(0),
      mfe: money(0),
      orders: []
    }
  }
  const content = {
    dates: ["2020-01-02", "2020-01-03", "2020-01-06"].map(sessionDate),
    equity: [1000, 2000, 4000]
  }

  it("are profit over the equity at the close before", () => {
    const trades = [
      trade("2020-01-02T15:00:00Z", 50),
      trade("2020-01-03T15:00:00Z", -100),
      trade("2020-01-06T15:00:00Z", 200),
      trade("2020-01-06T16:00:00Z", 999, true)
    ]
    const { returns } = Result.getOrThrow(tradeReturns("made", { ...content, trades }, 500 * MICROS))
    expect([...returns]).toEqual([50 / 500, -100 / 1000, 200 / 2000])
  })

  it("need two that were closed", () => {
    const trades = [trade("2020-01-02T15:00:00Z", 50), trade("2020-01-03T15:00:00Z", 1, true)]
    const found = tradeReturns("made", { ...content, trades }, MICROS)
    expect(Result.isFailure(found) && found.failure.message).toBe(
      "a bootstrap of trades needs 2 closed trades, and there is 1"
    )
  })
})
