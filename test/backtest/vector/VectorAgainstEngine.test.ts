/** The vectorised path is held to the event engine: the same equity to the micro, the same trades, the same bits. */
import { describe, expect, it } from "vitest"
import { Effect } from "effect"
import type { CostsPreset } from "../../../src/backtest/CostsPreset.ts"
import { playBacktest } from "../../../src/backtest/engine/PlayBacktest.ts"
import type { Tape } from "../../../src/backtest/engine/Tape.ts"
import { gridPoints } from "../../../src/backtest/Grid.ts"
import {
  type PlayedPoint,
  type SweepMode,
  sweepPlayer,
  type SweepPlayerOptions
} from "../../../src/backtest/SweepPlayer.ts"
import { dollars, type Money } from "../../../src/domain/Money.ts"
import { type LimitsProfile, singleIndexProfile } from "../../../src/risk/LimitsProfile.ts"
import { whole } from "../../../src/session/Parameters.ts"
import { defineStrategy, type StrategyDefinition } from "../../../src/session/StrategyDefinition.ts"
import { smaCross } from "../../../src/session/strategies/SmaCross.ts"
import { generator } from "../../../bench/Sampling.ts"
import { indexTape, sweptInputs, withRandomPrices } from "./SweptTape.ts"

type PlayEvent = SweepPlayerOptions["playEvent"]

const playEvent: PlayEvent = (options) =>
  playBacktest({
    ...options,
    sources: [],
    published: undefined,
    onProgress: () => Effect.void,
    onCheckpoint: () => Effect.void
  })

const noEngine: PlayEvent = () => Effect.die("this point is not the engine's")

interface Swept {
  readonly cash?: Money
  readonly costs?: CostsPreset
  readonly profile?: LimitsProfile
  readonly definition?: StrategyDefinition
  readonly fast?: readonly [number, ...ReadonlyArray<number>]
  readonly slow?: readonly [number, ...ReadonlyArray<number>]
}

const swept = (
  tape: Tape,
  mode: SweepMode,
  { definition = smaCross, fast = [3, 10], slow = [20, 50], ...options }: Swept = {},
  play: PlayEvent = playEvent
): Promise<ReadonlyArray<PlayedPoint>> => {
  const player = sweepPlayer({ definition, tape, inputs: sweptInputs(tape, options), mode, playEvent: play })
  const points = gridPoints([
    { parameter: "fast", values: fast },
    { parameter: "slow", values: slow }
  ])
  return Effect.runPromise(Effect.forEach(points, (values, index) => player.play(index, values)))
}

/** Without what tells the two apart. */
const told = (points: ReadonlyArray<PlayedPoint>) =>
  points.map(({ point, returns }) =>
    point._tag === "Done" ? { index: point.index, figures: point.figures, returns } : point
  )

const enginesOf = (points: ReadonlyArray<PlayedPoint>) =>
  points.map(({ point }) => (point._tag === "Done" ? point.engine : point._tag))

const expectSame = async (tape: Tape, options: Swept = {}): Promise<void> => {
  const vector = await swept(tape, "vector", options, noEngine)
  const event = await swept(tape, "event", options)
  expect(new Set(enginesOf(vector))).toEqual(new Set(["vector"]))
  expect(new Set(enginesOf(event))).toEqual(new Set(["event"]))
  expect(told(vector)).toEqual(told(event))
  // In this mode equity itself is compared, to the micro.
  expect(new Set(enginesOf(await swept(tape, "both", options)))).toEqual(new Set(["vector"]))
}

describe("the vectorised path and the event engine", () => {
  it("agree bit for bit over twenty years of the index", async () => {
    await expectSame(await indexTape({}))
  }, 120_000)

  it("agree where bars before the first session warm a strategy up, and where they do not", async () => {
    await expectSame(await indexTape({ from: "2007-10-01", to: "2009-06-30", warmUp: 50 }))
    await expectSame(await indexTape({ from: "2007-10-01", to: "2009-06-30", warmUp: 20 }))
  }, 120_000)

  it("agree on random prices, from cents to ten thousand dollars, and any cash", async () => {
    const draw = generator(20_261_127)
    const real = await indexTape({ from: "2003-01-02", to: "2004-03-31", warmUp: 20 })
    for (let round = 0; round < 12; round++) {
      const cash = dollars(Math.round(10 ** (1 + 6.5 * draw()) * 100) / 100)
      await expectSame(withRandomPrices(real, draw), { cash, fast: [1, 2, 5], slow: [6, 20] })
    }
  }, 120_000)
})

describe("the event engine plays", () => {
  const short = { from: "2008-01-02", to: "2008-12-31" }

  it("whatever has costs or limits that may bind", async () => {
    const tape = await indexTape({ ...short, costs: "paper" })
    expect(new Set(enginesOf(await swept(tape, "vector", { costs: "paper" })))).toEqual(new Set(["event"]))
    const free = await indexTape(short)
    const limited = await swept(free, "vector", { profile: singleIndexProfile })
    expect(new Set(enginesOf(limited))).toEqual(new Set(["event"]))
  })

  it("a point at which an order would be larger than one can be", async () => {
    const tape = await indexTape(short)
    const points = await swept(tape, "vector", {
      cash: dollars(1_000_000_000),
      fast: [1, 10],
      slow: [20, 300]
    })
    expect(enginesOf(points)).toContain("event")
    expect(told(points)).toEqual(
      told(await swept(tape, "event", { cash: dollars(1_000_000_000), fast: [1, 10], slow: [20, 300] }))
    )
  })

  it("a strategy whose signal rule does not give what its onBar asks for, where both are compared", async () => {
    const tape = await indexTape(short)
    const untrue = { ...smaCross, signal: { wants: () => new Uint8Array(tape.sessions.length).fill(1) } }
    expect(new Set(enginesOf(await swept(tape, "both", { definition: untrue })))).toEqual(new Set(["event"]))
  })
})

describe("a point", () => {
  it("whose values do not go together is refused with the strategy's own words", async () => {
    const tape = await indexTape({ from: "2008-01-02", to: "2008-03-31" })
    const [point] = await swept(tape, "vector", { fast: [30], slow: [20] })
    expect(point?.point).toEqual({
      _tag: "Refused",
      index: 0,
      values: { fast: 30, slow: 20 },
      reason: "strategy sma-cross: fast is 30 and slow is 20: fast has to be the smaller"
    })
  })

  it("whose strategy or signal rule throws has failed, and says at which bar", async () => {
    const tape = await indexTape({ from: "2008-01-02", to: "2008-03-31" })
    const thrower = defineStrategy({
      name: "thrower",
      title: "Throws",
      summary: "for tests",
      instruments: { least: 1, most: 1 },
      parameters: {
        fast: whole({ default: 1, minimum: 1, maximum: 100, meaning: "for tests" }),
        slow: whole({ default: 1, minimum: 1, maximum: 100, meaning: "for tests" })
      },
      make: ({ fast }) => ({
        onBar: ({ sessionIndex }) => {
          if (sessionIndex === fast) throw new TypeError("no such session")
          return []
        }
      })
    })
    const [point] = await swept(tape, "vector", { definition: thrower, fast: [4], slow: [20] })
    expect(point?.point).toMatchObject({
      _tag: "Failed",
      failure: { kind: "threw", bar: 5, at: "2008-01-08 16:00 EST" }
    })
    const wrong = { ...smaCross, signal: { wants: () => new Uint8Array(1) } }
    const [other] = await swept(tape, "vector", { definition: wrong, fast: [4], slow: [20] })
    expect(other?.point).toMatchObject({
      _tag: "Failed",
      failure: {
        message: `the signal rule threw: the signal rule gave 1 values for ${tape.sessions.length} bars`
      }
    })
  })
})
