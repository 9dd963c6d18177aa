import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Result } from "effect"
import { Engine } from "../../../src/backtest/engine/Engine.ts"
import { loadTape, type LoadTapeOptions } from "../../../src/backtest/engine/LoadTape.ts"
import { barsOf, type Tape } from "../../../src/backtest/engine/Tape.ts"
import { costsOf } from "../../../src/backtest/CostsPreset.ts"
import { dollars, formatMicros, pricePerShare, shares } from "../../../src/domain/Money.ts"
import type { BarSource } from "../../../src/market/BarSource.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import type { Strategy } from "../../../src/session/Strategy.ts"
import { sharedPath, describeWithShared } from "../../support/Shared.ts"
import {
  ACME,
  BOLT,
  INDX,
  type Listing,
  sessions,
  sourceOf,
  standardMarket
} from "../../execution/TestMarket.ts"
import { pointOrders } from "./OrderStrategies.ts"
import { tapeFor } from "./RunBeside.ts"

const [first, ...rest] = sessions
if (first === undefined) throw new Error("the test market has no sessions")

const load = (more: Partial<LoadTapeOptions> = {}) =>
  Effect.runSync(
    Effect.result(
      loadTape({
        sources: [sourceOf(standardMarket)],
        symbols: ["ACME", "BOLT"],
        sessions: [first, ...rest],
        resolution: "1d",
        warmUp: 0,
        seed: 1,
        models: costsOf("paper"),
        ...more
      })
    )
  )

const loaded = (more: Partial<LoadTapeOptions> = {}): Tape => Result.getOrThrow(load(more))

const failed = (more: Partial<LoadTapeOptions>) => {
  const found = load(more)
  if (Result.isSuccess(found)) throw new Error("it was loaded")
  return found.failure
}

/** The source with one number of ACME changed. */
const withValue = (
  field: "open" | "high" | "low" | "close" | "volume",
  row: number,
  value: number
): BarSource => {
  const source = sourceOf(standardMarket)
  return {
    ...source,
    series: (id, resolution, range) =>
      Effect.map(source.series(id, resolution, range), (bars) =>
        id === ACME.id ? { ...bars, [field]: bars[field].with(row, value) } : bars
      )
  }
}

describe("a tape", () => {
  it("has the bars of its sessions, and as many before them as the warm-up takes", () => {
    const [, , , third, ...others] = sessions
    if (third === undefined) throw new Error()
    const tape = loaded({ sessions: [third, ...others], warmUp: 2 })
    for (const { bars, first: starts, instrument, warmUp } of tape.tracks) {
      expect([warmUp, starts[0], bars.length]).toEqual([2, 2, sessions.length - 1])
      expect(bars.tsEvent[0]).toBe(sessions[1]?.close)
      expect(instrument.sizeIncrement).toBe(shares(1))
    }
    expect(barsOf(tape)).toBe(2 * (sessions.length - 3))
    const [acme, bolt] = tape.tracks
    expect(acme?.actions.map(({ _tag, date }) => [_tag, date])).toEqual([
      ["Split", sessions[6]?.date],
      ["Split", sessions[11]?.date]
    ])
    // ACME: 4 for 1 and 1 for 2 make two of one. BOLT: half a dollar of 50 is a hundredth.
    expect(acme?.adjusted[0]).toBe(pricePerShare(40))
    expect(bolt?.adjusted[0]).toBe(pricePerShare(49.5))
  })

  it("is traded to the millionth of a share where its lots are fractional", () => {
    expect(
      loaded({ models: costsOf("none") }).tracks.map(({ instrument }) => instrument.sizeIncrement)
    ).toEqual([1, 1])
  })

  it("is named by a hash of its data, and of nothing else", () => {
    const { dataHash } = loaded()
    expect(dataHash).toMatch(/^[0-9a-f]{64}$/u)
    expect(loaded({ models: costsOf("none"), seed: 2 }).dataHash).toBe(dataHash)
    const others = [
      loaded({ symbols: ["BOLT", "ACME"] }),
      loaded({ sessions: [first, ...rest.slice(1)] }),
      loaded({ sources: [withValue("volume", 3, 9_999_999)] }),
      loaded({
        sources: [
          sourceOf(standardMarket.map((one) => (one.instrument === BOLT ? { ...one, actions: [] } : one)))
        ]
      })
    ].map((tape) => tape.dataHash)
    expect(new Set([dataHash, ...others]).size).toBe(5)
  })

  it("is plain data: a worker gets the same", () => {
    const tape = loaded()
    expect(structuredClone(tape)).toEqual(tape)
  })

  it("is not made of values that nobody can trade on: it says which", () => {
    for (const [field, value] of [
      ["open", Number.NaN],
      ["close", 0],
      ["high", 1],
      ["low", pricePerShare(500)],
      ["volume", Number.NaN],
      ["close", Number.POSITIVE_INFINITY]
    ] as const) {
      const failure = failed({ sources: [withValue(field, 4, value)] })
      if (failure._tag !== "UnusableData") throw new Error(failure._tag)
      expect([failure.symbol, failure.date]).toEqual(["ACME", sessions[4]?.date])
      expect(failure.message).toContain(`the 1d bar of ${failure.date} cannot be played`)
      if (field !== "close") expect(failure.field).toBe(field)
    }
  })

  it("is not made of fewer bars than the strategy needs before it decides", () => {
    const failure = failed({ warmUp: sessions.length })
    expect(failure).toMatchObject({
      _tag: "TooFewBars",
      symbol: "ACME",
      needed: sessions.length + 1,
      found: sessions.length
    })
    expect(failed({ symbols: ["ACMF"] })).toMatchObject({ _tag: "InstrumentNotFound", symbol: "ACMF" })
    expect(failed({ resolution: "1h" })._tag).toBe("ResolutionUnavailable")
  })
})

/** Holds a half of each. */
const halves: Strategy = {
  name: "halves",
  title: "Halves",
  summary: "A strategy of this test.",
  description: "For tests.",
  parameters: {},
  meanings: {},
  instruments: { least: 1, most: null },
  onBar: ({ instruments }) => instruments.map(({ id }) => ({ instrumentId: id, weight: 0.4, reason: "half" }))
}

describe("an instrument that is not traded to the end", () => {
  it("leaves the books at its last price after its last session, and is not ordered again", () => {
    const short = standardMarket.map((one): Listing =>
      one.instrument === BOLT ? { ...one, days: one.days.slice(0, 8) } : one
    )
    const tape = loaded({ sources: [sourceOf(short)], models: costsOf("lean") })
    expect(tape.tracks.map(({ lastSession }) => lastSession)).toEqual([sessions.length, 7])
    const engine = new Engine({
      tape,
      strategy: halves,
      cash: dollars(100_000),
      profile: researchProfile,
      resumePolicy: { _tag: "Never" },
      seed: 1,
      models: costsOf("lean")
    })
    engine.advance(Infinity)
    const { fills, held, orders } = engine.played()
    const ofBolt = fills.filter(({ instrumentId }) => instrumentId === BOLT.id)
    const last = ofBolt.at(-1)
    expect(last).toMatchObject({
      side: "SELL",
      price: pricePerShare(50),
      tsEvent: sessions[7]?.close,
      orderId: `delisted-BOLT-${sessions[7]?.date}`
    })
    const left = ofBolt.reduce((sum, { quantity, side }) => sum + (side === "BUY" ? quantity : -quantity), 0)
    expect(left).toBe(0)
    // Half a cent a share, as for any order.
    expect(formatMicros(last?.fee ?? 0)).toBe(
      formatMicros(Math.max(1_000_000, (last?.quantity ?? 0) * 0.005))
    )
    const order = orders.find(({ id }) => id === last?.orderId)
    expect(order).toMatchObject({ status: "Filled", filledQuantity: last?.quantity })
    expect(order?.rationale).toContain(`BOLT is not traded any more after ${sessions[7]?.date}`)
    expect(
      orders.some(
        ({ instrumentId, tsEvent }) => instrumentId === BOLT.id && tsEvent > (sessions[7]?.close ?? 0)
      )
    ).toBe(false)
    expect(held.map(({ instrumentId }) => instrumentId)).toEqual([ACME.id])
  })

  it("takes the orders that work in it along", () => {
    const short = standardMarket.map((one): Listing =>
      one.instrument === INDX ? { ...one, days: one.days.slice(0, 5) } : one
    )
    const waiting: Strategy = {
      ...halves,
      onBar: ({ sessionIndex }) =>
        sessionIndex > 0
          ? []
          : [
              {
                _tag: "Order",
                reason: "far below",
                order: {
                  instrumentId: INDX.id,
                  side: "BUY",
                  type: { _tag: "Limit", limitPrice: pricePerShare(800) },
                  size: { _tag: "Quantity", quantity: shares(1) },
                  timeInForce: "GTC"
                }
              }
            ]
    }
    const engine = new Engine({
      tape: loaded({ sources: [sourceOf(short)], symbols: ["ACME", "INDX"] }),
      strategy: waiting,
      cash: dollars(100_000),
      profile: researchProfile,
      resumePolicy: { _tag: "Never" },
      seed: 1,
      models: costsOf("paper")
    })
    engine.advance(Infinity)
    expect(engine.played().orders).toMatchObject([
      { status: "Canceled", reason: `INDX is not traded any more after ${sessions[4]?.date}` }
    ])
  })
})

describeWithShared("a LEAN folder's tape", () => {
  it.effect("has minutes with their quotes, warmed up by minutes of the sessions before", () =>
    Effect.gen(function* () {
      const one = {
        market: { source: "lean", path: sharedPath("lean-data") },
        symbols: ["SPY"],
        strategy: { ...pointOrders("1m", 5), warmUp: 500 },
        from: "2013-10-08",
        to: "2013-10-09"
      } as const
      const [track] = (yield* tapeFor(one)).tracks
      expect([track?.warmUp, track?.first[0], track?.bars.length]).toEqual([500, 500, 500 + 2 * 390])
      expect(track?.paths[0]?.resolution).toBe("1m")
      expect(track?.quotes?.until[1]).toBeGreaterThan(700)
      expect(Option.fromUndefinedOr(track?.bars.tsEvent[499])).toEqual(Option.some(1381176000000000))
    })
  )
})
