/** A cut of a tape against a tape that was loaded for the same sessions. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { costsOf } from "../../src/backtest/CostsPreset.ts"
import { loadTape } from "../../src/backtest/engine/LoadTape.ts"
import type { Tape } from "../../src/backtest/engine/Tape.ts"
import { cutSegment } from "../../src/backtest/SegmentCut.ts"
import { BOLT, type Listing, sessions, sourceOf, standardMarket } from "../execution/TestMarket.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"
import { pointOrders } from "./engine/OrderStrategies.ts"
import { tapeFor } from "./engine/RunBeside.ts"

/** BOLT is gone after eight days. */
const short = standardMarket.map((one): Listing =>
  one.instrument === BOLT ? { ...one, days: one.days.slice(0, 8) } : one
)

const loaded = (from: number, until: number): Tape => {
  const [first, ...rest] = sessions.slice(from, until)
  if (first === undefined) throw new Error("no session")
  return Effect.runSync(
    loadTape({
      sources: [sourceOf(short)],
      symbols: ["ACME", "BOLT"],
      sessions: [first, ...rest],
      resolution: "1d",
      warmUp: from,
      seed: 1,
      models: costsOf("paper")
    })
  )
}

/** Adjusted closes are told up to a factor, and not before the first bar of the sessions: shown as growth. */
const comparable = (tape: Tape) => ({
  ...tape,
  tracks: tape.tracks.map(({ adjusted, bars, paths, ...track }) => ({
    ...track,
    bars: { ...bars },
    paths: paths.map((path) => ({ ...path })),
    growth: Array.from(adjusted, (close) => (close / (adjusted[0] ?? Number.NaN)).toFixed(9))
  }))
})

describe("a cut of a tape", () => {
  it("is the tape loaded for those sessions with all earlier bars as warm-up, of every stretch", () => {
    const whole = loaded(0, sessions.length)
    let compared = 0
    for (let from = 0; from < 8; from++) {
      for (let until = from + 1; until <= sessions.length; until++) {
        const cut = cutSegment(whole, { from, until })
        expect(comparable(cut)).toEqual(comparable(loaded(from, until)))
        compared += 1
      }
    }
    expect(compared).toBe(92)
    expect(whole.tracks.map(({ lastSession }) => lastSession)).toEqual([sessions.length, 7])
  })

  it("of all sessions is the tape itself, and outside of them there is none", () => {
    const whole = loaded(0, sessions.length)
    expect(cutSegment(whole, { from: 0, until: sessions.length })).toBe(whole)
    for (const span of [
      { from: -1, until: 3 },
      { from: 3, until: 3 },
      { from: 3, until: 16 }
    ]) {
      expect(() => cutSegment(whole, span)).toThrow("a tape of 15 sessions has none")
    }
  })
})

describeWithShared("a cut of a LEAN folder's minutes", () => {
  const minutes = (from: string, to: string, warmUp: number) =>
    tapeFor({
      market: { source: "lean", path: sharedPath("lean-data") },
      symbols: ["SPY"],
      strategy: { ...pointOrders("1m", 5), warmUp },
      from,
      to
    })

  it.effect("has the ticks' paths and the published quotes of its sessions alone", () =>
    Effect.gen(function* () {
      const whole = yield* minutes("2013-10-07", "2013-10-10", 0)
      const cut = cutSegment(whole, { from: 1, until: 3 })
      const own = yield* minutes("2013-10-08", "2013-10-09", 390 + (whole.tracks[0]?.warmUp ?? 0))
      expect(own.tracks[0]?.quotes?.length).toBeGreaterThan(700)
      expect(comparable(cut)).toEqual(comparable(own))
    })
  )
})
