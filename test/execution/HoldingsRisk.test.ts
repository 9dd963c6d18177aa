/** Value at risk of what a desk holds, on a market whose numbers are worked out here a second time. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { DeskView } from "../../src/execution/DeskView.ts"
import { type HoldingsRisk, holdingsRisk } from "../../src/execution/HoldingsRisk.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { equity, sessionsOf } from "../market/Fixtures.ts"
import {
  buy,
  deskLayer,
  memoryStorage,
  openAccount,
  sell,
  testDesk,
  turnTo,
  type TestDeskOptions
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, evening, INDX, type Listing, minute, sourceOf } from "./TestMarket.ts"
import { NodeServices } from "@effect/platform-node"

const wide: TestDeskOptions = {
  limits: { shortSales: true, positionRatio: 5, grossExposureRatio: 10, orderNotionalRatio: 5 }
}

const riskNow = (lookback: number) =>
  Effect.flatMap(
    DeskView.use((view) => view.status),
    (status) => holdingsRisk(status, { lookback })
  )

const lossOf = (risk: HoldingsRisk, confidence: 95 | 99, method: "historical" | "parametric") => {
  const found = risk.estimates.find((one) => one.confidence === confidence && one.method === method)
  if (found === undefined) throw new Error("no such estimate")
  return found.loss
}

describe("on three weeks of history", () => {
  it.effect("there is too little for any number, and the answer says how much there is and whose it is", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(minute(4, 5))
      yield* buy(ACME, 10)
      const risk = yield* riskNow(504)
      expect(risk).toMatchObject({
        holdings: 1,
        observations: 3,
        leftOut: [],
        covered: Option.some(1),
        limitedBy: ACME.id
      })
      expect(risk.window).toEqual(Option.some({ from: "2024-03-05", to: "2024-03-07" }))
      for (const confidence of [95, 99] as const) {
        for (const method of ["historical", "parametric"] as const) {
          expect(lossOf(risk, confidence, method)).toEqual({
            _tag: "NotEnough",
            observations: 3,
            needed: confidence === 95 ? 100 : 250
          })
        }
      }
    }).pipe(Effect.provide(testDesk()))
  )

  it.effect("nothing held is nothing at risk, and no number either", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(evening(4))
      expect(yield* riskNow(504)).toMatchObject({
        holdings: 0,
        observations: 0,
        leftOut: [],
        covered: Option.none(),
        window: Option.none(),
        limitedBy: undefined
      })
    }).pipe(Effect.provide(testDesk()))
  )

  it.effect("the window is as short as asked for", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(minute(8, 5))
      yield* buy(BOLT, 10)
      yield* buy(INDX, 1)
      expect(yield* riskNow(4)).toMatchObject({ observations: 4, limitedBy: undefined })
    }).pipe(Effect.provide(testDesk(wide)))
  )
})

/** Two years; YOUNG has the last 300 sessions of it, NEW only the last. */
const years = sessionsOf("2022-03-01", "2024-03-01")
const dateOn = (day: number) => years[day]?.date ?? sessionDate("")
const OLD = equity("OLD")
const YOUNG = equity("YOUNG")
const NEW = equity("NEW")
const priceOn = (day: number, factor: number): number =>
  Math.round(factor * (100 + 10 * Math.sin(day * 1.7) + ((day * 37) % 11))) / 100

const listing = (instrument: Instrument, factor: number): Listing => ({
  instrument,
  days: years.map((_, day) => priceOn(day, factor)),
  actions: []
})
const tail = (source: Listing, count: number): Listing => ({ ...source, days: source.days.slice(-count) })

/** Flat but for a split of two for one and, later, a dividend of a tenth of its price: nobody lost anything. */
const CALM = equity("CALM")
const [splitDay, dividendDay] = [300, 400]
const calm: Listing = {
  instrument: CALM,
  days: years.map((_, day) => (day < splitDay ? 100 : day < dividendDay ? 50 : 45)),
  actions: [
    { _tag: "Split", date: dateOn(splitDay), numerator: 2, denominator: 1 },
    { _tag: "Dividend", date: dateOn(dividendDay), amountPerShare: 5_000_000 }
  ]
}

const longMarket = (() => {
  const sources = [
    sourceOf([listing(OLD, 100), calm], years),
    sourceOf([tail(listing(YOUNG, 50), 300)], years.slice(-300)),
    sourceOf([tail(listing(NEW, 20), 1)], years.slice(-1))
  ]
  const start = timestamp((years.at(-1)?.open ?? 0) + 60_000_000)
  return { start, layer: SourcedMarketData.layer({ sources, seed: "test" }) }
})()

const longDesk = deskLayer(wide).pipe(
  Layer.provideMerge(memoryStorage),
  Layer.provideMerge(
    longMarket.layer.pipe(Layer.provideMerge(MarketClock.layerStepped({ start: longMarket.start })))
  ),
  Layer.provideMerge(NodeServices.layer)
)

/** VaR and CVaR at 95% as a person would: sort, interpolate between two, average what is no better. */
const byHand = (profits: ReadonlyArray<number>) => {
  const sorted = profits.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * 0.05
  const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.floor(place) + 1]]
  const edge = low + (high - low) * (place - Math.floor(place))
  const worse = sorted.filter((x) => x <= edge)
  return { edge, mean: worse.reduce((sum, x) => sum + x, 0) / worse.length }
}

describe("on two years of history", () => {
  it.effect("long and short are revalued together on the days both have, and the young one limits them", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(longMarket.start)
      yield* buy(OLD, 40)
      yield* sell(YOUNG, 60)
      const risk = yield* riskNow(504)
      // YOUNG has 299 closes before today's, so 298 returns.
      expect(risk).toMatchObject({ holdings: 2, observations: 298, leftOut: [], limitedBy: YOUNG.id })
      const status = yield* DeskView.use((view) => view.status)
      const valueOf = (id: string) =>
        Option.getOrThrow(
          status.positions.find(({ position }) => position.instrumentId === id)?.marketValue ?? Option.none()
        ) / 1e6
      const profits = Array.from({ length: 298 }, (_, i) => {
        const day = years.length - 300 + 1 + i
        const move = (factor: number) => priceOn(day, factor) / priceOn(day - 1, factor) - 1
        return valueOf(OLD.id) * move(100) + valueOf(YOUNG.id) * move(50)
      })
      const { edge, mean } = byHand(profits)
      const found = lossOf(risk, 95, "historical")
      if (found._tag === "NotEnough") throw new Error("not enough")
      expect(found.var).toBeCloseTo(edge, 8)
      expect(found.cvar).toBeCloseTo(mean, 8)
      expect(lossOf(risk, 99, "parametric")._tag).toBe("Value")
    }).pipe(Effect.provide(longDesk))
  )

  it.effect("a holding without history is named with the part of the exposure that is covered", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(longMarket.start)
      yield* buy(OLD, 30)
      yield* buy(NEW, 30)
      const risk = yield* riskNow(504)
      expect(risk.leftOut).toEqual([{ instrumentId: NEW.id, reason: "no history" }])
      expect(risk).toMatchObject({ holdings: 1, observations: years.length - 2, limitedBy: OLD.id })
      const covered = Option.getOrThrow(risk.covered)
      expect(covered).toBeGreaterThan(0.8)
      expect(covered).toBeLessThan(0.85)
    }).pipe(Effect.provide(longDesk))
  )

  it.effect("a split and a dividend of the past are no loss", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(longMarket.start)
      yield* buy(CALM, 100)
      const risk = yield* riskNow(504)
      expect(risk.observations).toBe(years.length - 2)
      for (const { loss } of risk.estimates) {
        if (loss._tag === "NotEnough") throw new Error("not enough")
        // Prices are kept to the micro: adjusted ones too.
        expect(loss.var).toBeCloseTo(0, 3)
        expect(loss.cvar).toBeCloseTo(0, 3)
      }
    }).pipe(Effect.provide(longDesk))
  )

  it.effect("250 common days give 95% and 99%, 249 only 95%", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(longMarket.start)
      yield* buy(OLD, 30)
      expect(lossOf(yield* riskNow(250), 99, "historical")._tag).toBe("Value")
      const short = yield* riskNow(249)
      expect(lossOf(short, 99, "historical")).toEqual({ _tag: "NotEnough", observations: 249, needed: 250 })
      expect(lossOf(short, 95, "historical")._tag).toBe("Value")
    }).pipe(Effect.provide(longDesk))
  )
})

describe("when prices are missing", () => {
  it.effect("a holding without a price now is named, and how much is covered is not known", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(minute(13, 5))
      yield* buy(ACME, 10)
      yield* turnTo(timestamp(closeOf(14) + 66 * 3_600_000_000))
      const risk = yield* riskNow(504)
      expect(risk).toMatchObject({
        holdings: 0,
        leftOut: [{ instrumentId: ACME.id, reason: "no price now" }],
        covered: Option.none()
      })
    }).pipe(Effect.provide(testDesk()))
  )
})
