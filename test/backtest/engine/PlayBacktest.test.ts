import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, Fiber, Result } from "effect"
import { Engine, type EngineOptions } from "../../../src/backtest/engine/Engine.ts"
import { EngineFault } from "../../../src/backtest/engine/EngineFault.ts"
import { type BacktestProgress, playBacktest } from "../../../src/backtest/engine/PlayBacktest.ts"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { dollars, shares } from "../../../src/domain/Money.ts"
import { marketSources } from "../../../src/programs/MarketSources.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { makeCoveredCall } from "../../../src/session/strategies/CoveredCall.ts"
import type { Intent, Strategy, StrategyContext } from "../../../src/session/Strategy.ts"
import { equity, sessionsOf } from "../../market/Fixtures.ts"
import { dailyOrders, pointOrders } from "./OrderStrategies.ts"
import { randomTape } from "./RandomTape.ts"
import { type Beside, paperModels, tapeFor } from "./RunBeside.ts"

const ACME = equity("ACME")
const BOLT = equity("BOLT")

const sessions = sessionsOf("2024-01-02", "2024-02-20")

const optionsFor = (strategy: Strategy, seed = 5): EngineOptions => ({
  tape: randomTape({
    seed,
    instruments: [ACME, BOLT],
    sessions: strategy.resolution === undefined ? sessions : sessions.slice(0, 4),
    ...(strategy.resolution === undefined ? {} : { minutes: 5 }),
    quotes: "modelled"
  }),
  strategy,
  cash: dollars(100_000),
  profile: researchProfile,
  resumePolicy: { _tag: "Never" },
  seed,
  models: paperModels
})

const quiet = {
  sources: [],
  published: undefined,
  onProgress: () => Effect.void,
  onCheckpoint: () => Effect.void
}

/** Ends as the engine says it does. */
const faultOf = (options: EngineOptions): EngineFault => {
  const played = Result.try(() => new Engine(options).advance(Infinity))
  if (Result.isSuccess(played)) throw new Error("it was played to its end")
  const { failure } = played
  if (!(failure instanceof EngineFault)) throw failure
  return failure
}

const asking = (onBar: Strategy["onBar"]): Strategy => ({ ...dailyOrders, name: "asking", onBar })

describe("a backtest that is interrupted and gone on with", () => {
  it("between any two sessions comes to the very same result, as text in between", () => {
    for (const strategy of [dailyOrders, pointOrders("5m", 3)]) {
      for (const seed of [5, 6, 7]) {
        const options = optionsFor(strategy, seed)
        const whole = new Engine(options)
        whole.advance(Infinity)
        const count = options.tape.sessions.length
        const stops = [0, 1, seed % count, count - 1, count]
        for (const stop of stops) {
          const before = new Engine(options)
          before.advance(stop)
          const after = new Engine(options, before.checkpoint())
          expect([after.next, after.equity]).toEqual([stop, before.equity])
          after.advance(Infinity)
          expect(after.played()).toEqual(whole.played())
          expect(after.checkpoint()).toBe(whole.checkpoint())
        }
      }
    }
  })

  it.effect(
    "by its fiber hands over a checkpoint, with options in its books too",
    () =>
      Effect.gen(function* () {
        const one: Beside = {
          market: { source: "embedded" },
          symbols: ["AAPL"],
          strategy: makeCoveredCall(),
          from: "2017-01-03",
          to: "2017-02-24"
        }
        const tape = yield* tapeFor(one)
        const options = {
          ...optionsFor(one.strategy),
          tape,
          cash: dollars(1_000_000),
          sources: yield* marketSources({ market: one.market }, process.cwd()),
          published: undefined
        }
        const whole = yield* playBacktest({ ...quiet, ...options })
        expect(whole.options.length).toBeGreaterThan(2)
        let checkpoint: string | undefined
        const told: Array<BacktestProgress> = []
        const fiber: Fiber.Fiber<unknown, unknown> = yield* Effect.forkChild(
          playBacktest({
            ...options,
            onProgress: (progress) =>
              Effect.suspend(() => {
                told.push(progress)
                return progress.session === 20 ? Effect.interrupt : Effect.void
              }),
            onCheckpoint: (text) => Effect.sync(() => void (checkpoint = text))
          })
        )
        yield* Fiber.await(fiber)
        expect(told.map(({ session }) => session)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
        expect(told.at(-1)).toMatchObject({
          sessions: tape.sessions.length,
          date: tape.sessions[19]?.date,
          equity: Math.round((whole.equity[19] ?? 0) * 1_000_000)
        })
        if (checkpoint === undefined) throw new Error("no checkpoint")
        const rest = yield* playBacktest({ ...quiet, ...options, resume: checkpoint })
        expect(rest).toEqual(whole)
      }).pipe(Effect.provide(NodeServices.layer)),
    60_000
  )

  it("is not gone on with from a text that is no checkpoint", () => {
    const options = optionsFor(dailyOrders)
    const text = new Engine(options).checkpoint()
    for (const bad of ["", "{}", text.slice(1), text.replace('"version":1', '"version":2')]) {
      expect(() => new Engine(options, bad)).toThrow("the checkpoint does not read")
    }
  })
})

describe("a strategy that fails", () => {
  it("by throwing is told with bar, time, last order and stack", () => {
    const failing = asking((context) => {
      if (context.sessionIndex === 12) throw new TypeError("no such price")
      return dailyOrders.onBar(context)
    })
    const { failure, message } = faultOf(optionsFor(failing))
    const date = sessions[12]?.date
    expect(failure).toMatchObject({
      kind: "threw",
      message: "no such price",
      at: `${date} 16:00 EST`,
      bar: 13
    })
    expect(failure.order).toMatch(/^r5-2024-01-/u)
    expect(failure.stack).toContain("PlayBacktest.test.ts")
    expect(message).toBe(`asking failed at ${date} 16:00 EST, bar 13: no such price`)
  })

  it("by asking for what cannot be is told what it was", () => {
    const stranger = instrumentId("STRANGER.XNAS")
    const bad: ReadonlyArray<readonly [ReadonlyArray<Intent>, string]> = [
      [[{ instrumentId: ACME.id, weight: Number.NaN, reason: "" }], "a weight of NaN"],
      [[{ instrumentId: stranger, weight: 0.1, reason: "" }], "STRANGER.XNAS, which is not in this run"],
      [
        [
          {
            _tag: "Order",
            reason: "",
            order: {
              instrumentId: stranger,
              side: "BUY",
              type: { _tag: "Market" },
              size: { _tag: "Quantity", quantity: shares(1) },
              timeInForce: "DAY"
            }
          }
        ],
        "STRANGER.XNAS, which is not in this run"
      ]
    ]
    for (const [intents, words] of bad) {
      const { failure } = faultOf(optionsFor(asking(() => intents)))
      expect(failure.message).toContain(words)
      expect([failure.kind, failure.bar]).toEqual(["threw", 1])
    }
  })

  it("by sorting or writing to what it is shown of instruments is told so", () => {
    const writing = (change: (context: StrategyContext) => boolean) =>
      faultOf(
        optionsFor(
          asking((context) => {
            change(context)
            return []
          })
        )
      ).failure
    for (const change of [
      ({ instruments }: StrategyContext) =>
        Reflect.apply(Array.prototype.reverse, instruments, []).length > 0,
      ({ instruments }: StrategyContext) =>
        Object.assign(instruments[0] ?? {}, { multiplier: 7 }).multiplier > 0
    ]) {
      expect(writing(change)).toMatchObject({ kind: "threw", bar: 1 })
    }
    expect(ACME.multiplier).toBe(1)
  })

  it.effect("fails its backtest with that", () =>
    Effect.gen(function* () {
      const failing = asking(() => {
        throw new Error("gone")
      })
      const fault = yield* Effect.flip(playBacktest({ ...quiet, ...optionsFor(failing) }))
      expect(fault.failure).toMatchObject({ kind: "threw", message: "gone", bar: 1 })
    })
  )
})

describe("the heartbeat", () => {
  it("tells bar and time before each call of the strategy", () => {
    const beats: Array<readonly [number, number]> = []
    let calls = 0
    const counted = asking((context) => {
      calls += 1
      expect(beats).toHaveLength(calls)
      expect(beats.at(-1)?.[1]).toBe(context.now)
      return []
    })
    const options = optionsFor(counted)
    new Engine({ ...options, heartbeat: (bar, now) => beats.push([bar, now]) }).advance(Infinity)
    expect(calls).toBe(sessions.length - 1)
    expect(beats.map(([bar]) => bar)).toEqual(Array.from({ length: calls }, (_, i) => i + 1))
  })
})
