/** Segments of a tape as points are played on them: both ways alike, and nothing of what comes after. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { costsOf } from "../../src/backtest/CostsPreset.ts"
import { Engine } from "../../src/backtest/engine/Engine.ts"
import type { Tape } from "../../src/backtest/engine/Tape.ts"
import type { PlayedSegment, SegmentAsk } from "../../src/backtest/SegmentPlayer.ts"
import { type SweepMode, sweepPlayer } from "../../src/backtest/SweepPlayer.ts"
import { cutWarmUp } from "../../src/backtest/WarmUpCut.ts"
import { dollars } from "../../src/domain/Money.ts"
import { defineStrategy, type StrategyDefinition } from "../../src/session/StrategyDefinition.ts"
import { smaCross } from "../../src/session/strategies/SmaCross.ts"
import { ACME, sessions } from "../execution/TestMarket.ts"
import { draws, randomTape } from "./engine/RandomTape.ts"
import { indexTape, sweptInputs, withRandomPrices } from "./vector/SweptTape.ts"

const played = (
  tape: Tape,
  mode: SweepMode,
  segments: ReadonlyArray<SegmentAsk>,
  {
    definition = smaCross,
    values = { fast: 3, slow: 9 }
  }: {
    readonly definition?: StrategyDefinition
    readonly values?: Readonly<Record<string, number>>
  } = {}
): ReadonlyArray<PlayedSegment> => {
  const player = sweepPlayer({
    definition,
    tape,
    inputs: sweptInputs(tape, { cash: dollars(100_000) }),
    mode,
    playEvent: (options) =>
      Effect.sync(() => {
        const engine = new Engine(options)
        engine.advance(Infinity)
        return engine.played()
      })
  })
  const found = Effect.runSync(player.playSegments(0, values, { objective: "sharpe", segments }))
  if (found._tag === "Failed") throw new Error(found.failure.message)
  return found.segments
}

const asks: ReadonlyArray<SegmentAsk> = [
  { from: 0, until: 120, returns: true },
  { from: 0, until: 40, returns: true },
  { from: 1, until: 30, returns: true },
  { from: 40, until: 90, returns: true },
  { from: 77, until: 79, returns: true },
  { from: 90, until: 120, returns: true }
]

/** In the order they were asked for; which way they were played may hang on how high prices are. */
const figuresAlone = (segments: ReadonlyArray<PlayedSegment>) =>
  asks.map(({ from, until }) => {
    const found = segments.find((segment) => segment.from === from && segment.until === until)
    return { figures: found?.figures, score: found?.score, returns: found?.returns }
  })

describe("segments", () => {
  const index = indexTape({ from: "2000-01-03", to: "2000-06-22" })
  const warm = indexTape({ from: "2001-01-03", to: "2001-06-25", warmUp: 30 })

  it("are to the micro the same on the loop over columns and on the event engine", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const tape = withRandomPrices(await (seed % 2 === 0 ? index : warm), draws(seed))
      expect(tape.sessions.length).toBe(120)
      const vector = played(tape, "vector", asks)
      expect(new Set(vector.map(({ engine }) => engine))).toEqual(new Set(["vector"]))
      expect(figuresAlone(vector)).toEqual(figuresAlone(played(tape, "event", asks)))
      expect(new Set(played(tape, "both", asks).map(({ engine }) => engine))).toEqual(new Set(["vector"]))
    }
  })

  it("know nothing of later prices, and all of earlier ones that the strategy has", async () => {
    const tape = withRandomPrices(await index, draws(11))
    const other = withRandomPrices(await index, draws(12))
    const [track, others] = [tape.tracks[0], other.tracks[0]]
    if (track === undefined || others === undefined) throw new Error("no track")
    const from = 90
    const mixed = (column: "open" | "high" | "low" | "close"): Float64Array =>
      Float64Array.of(...track.bars[column].subarray(0, from), ...others.bars[column].subarray(from))
    const prices = { open: mixed("open"), high: mixed("high"), low: mixed("low"), close: mixed("close") }
    const changed: Tape = {
      ...tape,
      tracks: [
        {
          ...track,
          bars: { ...track.bars, ...prices },
          paths: track.paths.map((path) => ({ ...path, ...prices }))
        }
      ]
    }
    for (const mode of ["vector", "event"] as const) {
      const [before, after] = [tape, changed].map((one) => figuresAlone(played(one, mode, asks)))
      // All but the whole and the last one end by then.
      expect(after?.slice(1, 5)).toEqual(before?.slice(1, 5))
      expect(after?.[5]).not.toEqual(before?.[5])
    }
  })

  it("begin with what was wanted at the close before, filled at their first open", async () => {
    const tape = await index
    const bars = tape.tracks[0]?.bars
    const always = defineStrategy({
      name: "always",
      title: "Always",
      summary: "for tests",
      instruments: { least: 1, most: 1 },
      parameters: {},
      make: () => ({
        onBar: ({ holdings, instruments }) =>
          instruments.flatMap(({ id }) =>
            holdings.has(id) ? [] : [{ instrumentId: id, weight: 1, reason: "held" }]
          )
      })
    })
    const [segment] = played(tape, "event", [{ from: 40, until: 44, returns: true }], {
      definition: always,
      values: {}
    })
    const open = bars?.open[40] ?? Number.NaN
    expect(segment?.figures).toMatchObject({ entries: 1, exits: 0 })
    expect(segment?.returns?.[0]).toBeCloseTo((bars?.close[40] ?? 0) / open - 1, 9)
    expect(segment?.figures.totalReturn).toBeCloseTo((bars?.close[43] ?? 0) / open - 1, 9)
    // Nothing comes before the first session of all: bought at the second one's open.
    const [first] = played(tape, "event", [{ from: 0, until: 3, returns: true }], {
      definition: always,
      values: {}
    })
    expect(first?.returns?.[0]).toBe(0)
    expect(first?.figures.totalReturn).toBeCloseTo((bars?.close[2] ?? 0) / (bars?.open[1] ?? 0) - 1, 9)
  })

  it("of a strategy that decides during the day begin with their own first bar", () => {
    const tape = randomTape({
      seed: 5,
      instruments: [ACME],
      sessions,
      minutes: 5,
      quotes: costsOf("none").quotes
    })
    const counted: Array<number> = []
    const byFive = defineStrategy({
      name: "by-five",
      title: "By five",
      summary: "for tests",
      instruments: { least: 1, most: 1 },
      parameters: {},
      make: () => ({
        resolution: "5m" as const,
        onBar: ({ date, holdings, instruments }) => {
          counted.push(sessions.findIndex((session) => session.date === date))
          return instruments.flatMap(({ id }) =>
            holdings.has(id) ? [] : [{ instrumentId: id, weight: 0.5, reason: "held" }]
          )
        }
      })
    })
    const [segment] = played(tape, "event", [{ from: 4, until: 7, returns: true }], {
      definition: byFive,
      values: {}
    })
    expect(Math.min(...counted)).toBe(4)
    expect(segment?.returns?.length).toBe(3)
    expect(segment?.figures.entries).toBe(1)
    expect(segment?.returns?.[0]).not.toBe(0)
  })

  it("of values that do not go together, or a rule that throws, are told as failed", async () => {
    const tape = await index
    const throwing: StrategyDefinition = {
      ...smaCross,
      signal: {
        wants: () => {
          throw new TypeError("no bars")
        }
      }
    }
    const fail = (definition: StrategyDefinition, values: Readonly<Record<string, number>>): string => {
      try {
        played(tape, "vector", asks, { definition, values })
        return ""
      } catch (cause) {
        return String(cause)
      }
    }
    expect(fail(smaCross, { fast: 9, slow: 3 })).toContain("fast is 9 and slow is 3")
    expect(fail(throwing, { fast: 3, slow: 9 })).toContain("the signal rule threw: no bars")
  })

  it("are cut from what a point with less warm-up would load", async () => {
    const tape = withRandomPrices(await warm, draws(3))
    const own = cutWarmUp(tape, 8)
    expect(played(tape, "vector", asks)).toEqual(played(own, "vector", asks))
  })
})
