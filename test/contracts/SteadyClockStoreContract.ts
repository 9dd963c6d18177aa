/** What every `SteadyClockStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { accountId, clientOrderId } from "../../src/domain/Identifiers.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { CrankLease } from "../../src/execution/CrankLease.ts"
import { type JournalEntry, OrderJournal } from "../../src/execution/OrderJournal.ts"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import type { SteadyAnchor } from "../../src/market/SteadyAnchor.ts"
import { SteadyClockStore } from "../../src/market/SteadyClockStore.ts"

const anchor: SteadyAnchor = {
  boot: "4d74867d-3150-43ee-990b-6d696b80aae9 time:[4026531834]",
  epoch: 1_772_409_600_123_456,
  wallLead: -5
}

const line = (
  sequence: number,
  times: { readonly tsWall: number; readonly tsSteady?: number }
): JournalEntry => ({
  sequence,
  ...times,
  accountId: accountId("desk"),
  actor: { kind: "desk", name: "crank" },
  event: { _tag: "OrderSubmitted", clientOrderId: clientOrderId("o"), tsEvent: timestamp(sequence) }
})

type Stores = SteadyClockStore | UnitOfWork | OrderJournal | CrankLease | MarketClockStore

export const suite = (name: string, layer: Layer.Layer<Stores, StorageError>) => {
  describe(`SteadyClockStore on ${name}`, () => {
    const test = <E>(sentence: string, body: Effect.Effect<void, E, Stores>) =>
      it.effect(sentence, () => body.pipe(Effect.provide(layer)))

    test(
      "has no anchor before one was saved, and then the last that was",
      Effect.gen(function* () {
        const store = yield* SteadyClockStore
        const work = yield* UnitOfWork
        expect(yield* store.load).toEqual(Option.none())
        yield* store.save(anchor)
        expect(yield* store.load).toEqual(Option.some(anchor))
        const next = { ...anchor, boot: "" }
        yield* store.save(next)
        yield* Effect.exit(work.atomically(Effect.andThen(store.save(anchor), Effect.fail("refused"))))
        expect(yield* store.load).toEqual(Option.some(next))
      })
    )

    test(
      "knows the latest steady time of the journal, the replay and the lease",
      Effect.gen(function* () {
        const store = yield* SteadyClockStore
        const journal = yield* OrderJournal
        const lease = yield* CrankLease
        const replay = yield* MarketClockStore
        expect(yield* store.latest).toEqual(Option.none())
        yield* journal.append([line(1, { tsWall: 70 })])
        expect(yield* store.latest).toEqual(Option.some(70))
        yield* journal.append([line(2, { tsWall: 900, tsSteady: 80 })])
        expect(yield* store.latest).toEqual(Option.some(80))
        yield* replay.save({
          anchorMarket: timestamp(1),
          anchorSteady: timestamp(90),
          speed: 1,
          running: true
        })
        expect(yield* store.latest).toEqual(Option.some(90))
        const held = Option.getOrThrow(yield* lease.acquire({ holder: "a", now: 95, ttlMicros: 5 }))
        expect(yield* store.latest).toEqual(Option.some(100))
        yield* lease.release(held)
        expect(yield* store.latest).toEqual(Option.some(90))
      })
    )
  })
}
