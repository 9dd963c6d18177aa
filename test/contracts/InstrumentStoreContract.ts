/** What every `InstrumentStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { instrumentId, symbol } from "../../src/domain/Identifiers.ts"
import { Instrument } from "../../src/domain/Instrument.ts"
import { pricePerShare, shares } from "../../src/domain/Money.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { InstrumentStore, type KeptInstrument } from "../../src/market/InstrumentStore.ts"

const listed = (name: string, last: string, multiplier = 1): KeptInstrument => ({
  instrument: Instrument.cases.Equity.make({
    id: instrumentId(`${name}.XNYS`),
    symbol: symbol(name),
    name: `${name} Inc.`,
    currency: "USD",
    priceIncrement: pricePerShare(0.01),
    sizeIncrement: shares(1),
    multiplier,
    paperOnly: false,
    caveats: ["made up"]
  }),
  lastSession: sessionDate(last)
})

const AAA = listed("AAA", "2018-05-11")
const BBB = listed("BBB", "2020-04-17")

export const suite = (name: string, layer: Layer.Layer<InstrumentStore, StorageError>) => {
  describe(`InstrumentStore on ${name}`, () => {
    it.effect("gives an instrument back whole, by its symbol and by its id", () =>
      Effect.gen(function* () {
        const store = yield* InstrumentStore
        yield* store.keep([AAA, BBB])
        expect(yield* store.find("AAA")).toEqual(Option.some(AAA))
        expect(yield* store.find("BBB.XNYS")).toEqual(Option.some(BBB))
        expect(yield* store.find("CCC")).toEqual(Option.none())
        expect(yield* store.symbols).toEqual(["AAA", "BBB"])
      }).pipe(Effect.provide(layer))
    )

    it.effect("knows the last session of any of them, and none before there is one", () =>
      Effect.gen(function* () {
        const store = yield* InstrumentStore
        expect(yield* store.lastSession).toEqual(Option.none())
        yield* store.keep([BBB, AAA])
        expect(yield* store.lastSession).toEqual(Option.some(BBB.lastSession))
      }).pipe(Effect.provide(layer))
    )

    it.effect("has what was kept last: changed ones changed, those that are gone gone", () =>
      Effect.gen(function* () {
        const store = yield* InstrumentStore
        const changed = listed("BBB", "2019-01-02", 100)
        yield* store.keep([AAA, BBB])
        yield* store.keep([changed])
        expect(yield* store.symbols).toEqual(["BBB"])
        expect(yield* store.find("BBB")).toEqual(Option.some(changed))
        expect(yield* store.find("AAA.XNYS")).toEqual(Option.none())
      }).pipe(Effect.provide(layer))
    )

    it.effect("keeps thousands", () =>
      Effect.gen(function* () {
        const store = yield* InstrumentStore
        const many = Array.from({ length: 6000 }, (_, n) => listed(`T${n}`, "2020-01-02"))
        yield* store.keep(many)
        expect((yield* store.symbols).length).toBe(6000)
        yield* store.keep([AAA])
        expect(yield* store.symbols).toEqual(["AAA"])
      }).pipe(Effect.provide(layer))
    )
  })
}
