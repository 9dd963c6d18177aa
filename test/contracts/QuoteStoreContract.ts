/** What every `QuoteStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { quoteId } from "../../src/domain/Identifiers.ts"
import { pricePerShare } from "../../src/domain/Money.ts"
import { QuoteTick } from "../../src/domain/Quote.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { QuoteStore } from "../../src/market/QuoteStore.ts"
import { MSFT, quote } from "../risk/Snapshots.ts"

const at = (n: number): QuoteTick =>
  new QuoteTick({
    ...quote({}),
    quoteId: quoteId(`q-${String(n).padStart(16, "0")}`),
    tsEvent: timestamp(n),
    tsInit: timestamp(n)
  })

export const suite = (name: string, layer: Layer.Layer<QuoteStore, StorageError>) => {
  describe(`QuoteStore on ${name}`, () => {
    it.effect("gives a quote back whole, and none for an id it was never given", () =>
      Effect.gen(function* () {
        const store = yield* QuoteStore
        yield* store.put(at(1))
        const found = Option.getOrThrow(yield* store.find(at(1).quoteId))
        expect(found).toEqual(at(1))
        expect(found).toBeInstanceOf(QuoteTick)
        expect(yield* store.find(at(2).quoteId)).toEqual(Option.none())
      }).pipe(Effect.provide(layer))
    )

    it.effect("keeps the first of two quotes with one id", () =>
      Effect.gen(function* () {
        const store = yield* QuoteStore
        yield* store.put(at(1))
        yield* store.put(new QuoteTick({ ...at(1), bid: pricePerShare(1) }))
        expect(yield* store.find(at(1).quoteId)).toEqual(Option.some(at(1)))
      }).pipe(Effect.provide(layer))
    )

    it.effect("keeps many at once, the first of those with one id", () =>
      Effect.gen(function* () {
        const store = yield* QuoteStore
        yield* store.putAll([])
        yield* store.put(at(7))
        const many = Array.from({ length: 700 }, (_, n) => at(n))
        yield* store.putAll([...many, new QuoteTick({ ...at(7), bid: pricePerShare(1) })])
        for (const n of [0, 7, 699]) {
          expect(yield* store.find(at(n).quoteId)).toEqual(Option.some(at(n)))
        }
      }).pipe(Effect.provide(layer))
    )

    it.effect("finds the newest quote of an instrument by a time, and none of another", () =>
      Effect.gen(function* () {
        const store = yield* QuoteStore
        for (const n of [3, 1, 2]) yield* store.put(at(n))
        const { instrumentId } = at(1)
        expect(yield* store.newest(instrumentId, timestamp(2))).toEqual(Option.some(at(2)))
        expect(yield* store.newest(instrumentId, timestamp(9))).toEqual(Option.some(at(3)))
        expect(yield* store.newest(instrumentId, timestamp(0))).toEqual(Option.none())
        expect(yield* store.newest(MSFT, timestamp(9))).toEqual(Option.none())
      }).pipe(Effect.provide(layer))
    )

    it.effect("drops what is older than a time, and only that", () =>
      Effect.gen(function* () {
        const store = yield* QuoteStore
        for (const n of [1, 2, 3]) yield* store.put(at(n))
        yield* store.prune(timestamp(2))
        expect(yield* store.find(at(1).quoteId)).toEqual(Option.none())
        expect(yield* store.find(at(2).quoteId)).toEqual(Option.some(at(2)))
      }).pipe(Effect.provide(layer))
    )
  })
}
