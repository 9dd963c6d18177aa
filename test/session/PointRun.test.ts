/** Runs whose strategies act within the session: bars of an hour, warm-up, splits, and code that fails. */
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Layer, Option } from "effect"
import { dollars, netPrice, shares } from "../../src/domain/Money.ts"
import { MICROS_PER_MINUTE, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import type { BarSource } from "../../src/market/BarSource.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { lastInstant, openBook } from "../../src/programs/RunProgram.ts"
import { defaultLimits } from "../../src/risk/RiskLimits.ts"
import type { History } from "../../src/session/History.ts"
import { playSessions, resumeIndex } from "../../src/session/Run.ts"
import type { RunInputs } from "../../src/session/RunInputs.ts"
import type { Intent, Strategy, StrategyContext, StrategyFill } from "../../src/session/Strategy.ts"
import { StrategyFailed } from "../../src/session/StrategyFailed.ts"
import { frictionless } from "../execution/TestDesk.ts"
import { ACME, sessionAt, sessions } from "../execution/TestMarket.ts"
import { seriesOf } from "../market/Fixtures.ts"
import { numbers } from "../support/Numbers.ts"
import { busyStrategy } from "./BusyStrategy.ts"

/** Two for one, from the open of that session on. */
const SPLIT_DAY = 5
const CENT = 10_000

/** Ends of a session's hours on the exchange's clock: 10:00, 11:00, … 16:00. */
const hoursOf = ({ close, open }: (typeof sessions)[number]): ReadonlyArray<number> =>
  Array.from({ length: 7 }, (_, k) => (k === 6 ? close : open + (30 + k * 60) * MICROS_PER_MINUTE))

/** Bars of an hour that rise and fall by cents. */
const hourly = (() => {
  const next = numbers(20_240_304)
  let close = 10_000
  return sessions.flatMap((session, day) => {
    if (day === SPLIT_DAY) close = Math.round(close / 2)
    return hoursOf(session).map((tsEvent, k, ends) => {
      const open = close
      close = Math.max(1000, close + next(161) - 80)
      return {
        tsOpen: k === 0 ? session.open : (ends[k - 1] ?? Number.NaN),
        tsEvent,
        open: open * CENT,
        high: (Math.max(open, close) + next(20)) * CENT,
        low: (Math.min(open, close) - next(20)) * CENT,
        close: close * CENT,
        volume: 1_000_000
      }
    })
  })
})()

const source: BarSource = {
  name: "hours",
  skipped: [],
  listings: [
    {
      instrument: ACME,
      resolutions: ["1h"],
      firstSession: sessionAt(0).date,
      lastSession: sessionAt(sessions.length - 1).date,
      gaps: [],
      quoteSource: "replay-path"
    }
  ],
  series: () => Effect.succeed(seriesOf(ACME, "1h", hourly)),
  quoteSeries: () => Effect.succeed(Option.none()),
  corporateActions: () =>
    Effect.succeed([{ _tag: "Split", date: sessionAt(SPLIT_DAY).date, numerator: 2, denominator: 1 }])
}

const inputs: RunInputs = {
  strategies: ["hours"],
  symbols: ["ACME"],
  from: sessionAt(1).date,
  to: sessionAt(8).date,
  cash: dollars(100_000),
  profile: { name: "test", label: "test", promotable: false, limits: defaultLimits },
  resumePolicy: { _tag: "Never" },
  seed: 7,
  models: { ...frictionless, fee: { _tag: "Ratio", basisPoints: 5 } }
}

/** Plays sessions 1 to 8 in `folder` from where it is. */
const playRun = (folder: string, strategy: Strategy, first = 1) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const played = sessions.slice(first, 9)
    const before = (yield* fs.exists(`${folder}/desk.db`))
      ? yield* lastInstant(folder)
      : Option.none<Timestamp>()
    const start = Option.getOrElse(before, () => timestamp(sessionAt(first).open - 60_000_000))
    return yield* Effect.gen(function* () {
      const book = yield* openBook({ folder, inputs, strategy, instruments: [ACME], sessions: played })
      yield* book.open
      yield* playSessions({
        sessions: played,
        from: resumeIndex(played, start),
        books: [book],
        onProgress: () => Effect.void
      })
      yield* book.flush
      return yield* book.summary
    }).pipe(
      Effect.provide(
        OptionedMarketData.layer().pipe(
          Layer.provide(SourcedMarketData.layer({ sources: [source], seed: "7" })),
          Layer.provideMerge(MarketClock.layerStepped({ start }))
        )
      )
    )
  }).pipe(Effect.scoped)

const inFolder = <A, E>(body: (folder: string) => Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.flatMap(files.makeTempDirectoryScoped(), body)
  ).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

interface Call {
  readonly what: "bar" | "fill" | "schedule"
  readonly now: number
  /** What it saw then of the first instrument. */
  readonly history: History | undefined
  readonly fill?: StrategyFill
}

/** The strategy, its calls written down. */
const watched = (strategy: Strategy, calls: Array<Call>): Strategy => {
  const told = (what: Call["what"], context: StrategyContext, fill?: StrategyFill): void => {
    const history = context.histories.get(ACME.id)
    calls.push({ what, now: context.now, history, ...(fill === undefined ? {} : { fill }) })
  }
  return {
    ...strategy,
    onBar: (context) => {
      told("bar", context)
      return strategy.onBar(context)
    },
    onFill: (fill, context) => {
      told("fill", context, fill)
      return strategy.onFill?.(fill, context) ?? []
    },
    schedule: (strategy.schedule ?? []).map((one) => ({
      ...one,
      decide: (context: StrategyContext) => {
        told("schedule", context)
        return one.decide(context)
      }
    }))
  }
}

describe("a strategy on bars of an hour", () => {
  it.live("is asked at the end of each, warm from bars before the run, of nothing later", () =>
    Effect.gen(function* () {
      const calls: Array<Call> = []
      const summary = yield* inFolder((folder) =>
        playRun(folder, watched(busyStrategy("hours", "1h"), calls))
      )
      expect(summary.sessions).toBe(8)
      expect(summary.fills).toBeGreaterThan(20)
      const bars = calls.filter(({ what }) => what === "bar")
      // Every hour of eight sessions but the last close, for which no open comes.
      expect(bars.map(({ now }) => now)).toEqual(sessions.slice(1, 9).flatMap(hoursOf).slice(0, -1))
      for (const [k, { history, now }] of bars.entries()) {
        // Three bars of the session before the first were its warm-up.
        expect(history?.length).toBe(k + 4)
        expect(history?.tsEvent[k + 3]).toBe(now)
      }
      const fills = calls.flatMap(({ fill }) => fill ?? [])
      expect(fills.length).toBeGreaterThan(10)
      expect(new Set(fills.map(({ clientOrderId, tsEvent }) => `${clientOrderId} ${tsEvent}`)).size).toBe(
        fills.length
      )
      for (const { fill, now } of calls) if (fill !== undefined) expect(fill.tsEvent).toBeLessThanOrEqual(now)
      const schedule = new Set(calls.filter(({ what }) => what === "schedule").map(({ now }) => now))
      // 10:30, 15:30, and the open of the two weeks' first sessions that a week begins with.
      expect(schedule.size).toBe(8 * 2 + 1)
    })
  )

  it.live("sees its past without the split from the session's opening on", () =>
    Effect.gen(function* () {
      const levels = new Map<number, readonly [before: number, last: number]>()
      const seer: Strategy = {
        ...busyStrategy("hours", "1h"),
        onBar: (context) => {
          const close = context.histories.get(ACME.id)?.close
          levels.set(context.now, [close?.[0] ?? Number.NaN, close?.[close.length - 1] ?? Number.NaN])
          return []
        },
        onFill: () => [],
        schedule: []
      }
      yield* inFolder((folder) => playRun(folder, seer))
      const raw = hourly[4]?.close ?? Number.NaN
      for (const [now, [first]] of levels) {
        expect(first).toBe(now < sessionAt(SPLIT_DAY).open ? raw : Math.round(raw / 2))
      }
    })
  )

  it.live("is not asked before it is warm, where nothing lies before the run", () =>
    Effect.gen(function* () {
      const calls: Array<Call> = []
      yield* inFolder((folder) => playRun(folder, watched(busyStrategy("hours", "1h"), calls), 0))
      expect(calls[0]?.now).toBe(hoursOf(sessionAt(0))[2])
    })
  )

  it.live("gives the same journal however it was interrupted", () =>
    Effect.gen(function* () {
      const strategy = busyStrategy("hours", "1h")
      const whole = yield* inFolder((folder) => playRun(folder, strategy))
      const next = numbers(7)
      const again = yield* inFolder((folder) =>
        Effect.gen(function* () {
          for (let i = 0; i < 10; i++) {
            const run = yield* Effect.forkChild(playRun(folder, strategy))
            yield* Effect.sleep(next(120))
            yield* Fiber.interrupt(run)
          }
          return yield* playRun(folder, strategy)
        })
      )
      expect(again).toEqual(whole)
    })
  )
})

describe("a strategy that fails", () => {
  const failing = (onBar: (context: StrategyContext) => ReadonlyArray<Intent>): Strategy => ({
    ...busyStrategy("hours", "1h"),
    onFill: () => [],
    schedule: [],
    onBar
  })
  const failureOf = (strategy: Strategy) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(playRun(folder, strategy))
        if (!(error instanceof StrategyFailed)) throw error
        return { error, written: yield* Effect.map(lastInstant(folder), Option.getOrUndefined) }
      })
    )

  it.live("ends the run with its name, the session and the time, and nothing of that point is sent", () =>
    Effect.gen(function* () {
      const at = hoursOf(sessionAt(2))[3]
      const { error, written } = yield* failureOf(
        failing(({ now }) => {
          if (now === at) throw new Error("divided by nothing")
          return []
        })
      )
      expect(error).toMatchObject({ strategy: "hours", date: sessionAt(2).date, at })
      expect(error.message).toMatch(
        /^strategy hours failed in the session of 2024-03-06, at 2024-03-06T18:00:00\.000000Z: divided by nothing \(PointRun\.test\.ts:\d+\)$/u
      )
      expect(written).toBe(sessionAt(2).open)
    })
  )

  const answers: ReadonlyArray<readonly [what: string, answer: () => ReadonlyArray<Intent>, says: string]> = [
    [
      "a weight that is no number",
      () => [{ instrumentId: ACME.id, weight: Number.NaN, reason: "" }],
      "a weight of NaN"
    ],
    [
      "two targets of one instrument",
      () => [
        { instrumentId: ACME.id, weight: 0.1, reason: "" },
        { instrumentId: ACME.id, weight: 0.2, reason: "" }
      ],
      "there are two targets for ACME.XNAS"
    ],
    [
      "an order that contradicts itself",
      () => [
        {
          _tag: "Order",
          reason: "",
          order: {
            instrumentId: ACME.id,
            side: "BUY",
            type: { _tag: "NetLimit", netPrice: netPrice(10) },
            size: { _tag: "Quantity", quantity: shares(1) },
            timeInForce: "DAY"
          }
        }
      ],
      "Nothing was journaled and nothing was sent"
    ]
  ]
  it.live.each(answers)("is one that asks for %s", ([, answer, says]) =>
    Effect.gen(function* () {
      const { error } = yield* failureOf(failing(answer))
      expect(error.message).toContain(says)
    })
  )
})
