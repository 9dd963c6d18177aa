/** What every `MarketClockStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import type { ReplayState } from "../../src/market/ReplayClock.ts"

const paused: ReplayState = {
  anchorMarket: timestamp(946_909_800_000_000),
  anchorSteady: timestamp(1_772_409_600_123_456),
  speed: 0.1,
  running: false
}
const running: ReplayState = { ...paused, speed: 100_000, running: true }

export const suite = (name: string, layer: Layer.Layer<MarketClockStore | UnitOfWork, StorageError>) => {
  describe(`MarketClockStore on ${name}`, () => {
    it.effect("has no clock before one was saved, and then the last that was", () =>
      Effect.gen(function* () {
        const store = yield* MarketClockStore
        expect(yield* store.load).toEqual(Option.none())
        yield* store.save(paused)
        expect(yield* store.load).toEqual(Option.some(paused))
        yield* store.save(running)
        expect(yield* store.load).toEqual(Option.some(running))
      }).pipe(Effect.provide(layer))
    )

    it.effect("forgets a clock that was saved in a transaction that failed", () =>
      Effect.gen(function* () {
        const store = yield* MarketClockStore
        const work = yield* UnitOfWork
        yield* store.save(paused)
        yield* Effect.exit(work.atomically(Effect.andThen(store.save(running), Effect.fail("refused"))))
        expect(yield* store.load).toEqual(Option.some(paused))
      }).pipe(Effect.provide(layer))
    )
  })
}
