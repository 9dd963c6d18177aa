/** What every `PaperVenueStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { clientOrderId, venueOrderId } from "../../src/domain/Identifiers.ts"
import type { VenueEvent } from "../../src/domain/JournalEvent.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { PaperVenueStore } from "../../src/execution/paper/PaperVenueStore.ts"

const accepted = (name: string): VenueEvent => ({
  _tag: "OrderAccepted",
  clientOrderId: clientOrderId(name),
  tsEvent: timestamp(1),
  venueOrderId: venueOrderId(`V-${name}`)
})
const refused = (name: string): VenueEvent => ({
  _tag: "OrderCancelRejected",
  clientOrderId: clientOrderId(name),
  tsEvent: timestamp(1),
  reason: "no such order"
})

export const suite = (name: string, layer: Layer.Layer<PaperVenueStore | UnitOfWork, StorageError>) => {
  describe(`PaperVenueStore on ${name}`, () => {
    const test = <E>(sentence: string, body: Effect.Effect<void, E, PaperVenueStore | UnitOfWork>) =>
      it.effect(sentence, () => body.pipe(Effect.provide(layer)))

    test(
      "begins with nothing, and gives back what was saved last",
      Effect.gen(function* () {
        const store = yield* PaperVenueStore
        expect([yield* store.version, yield* store.load]).toEqual([0, Option.none()])
        expect(yield* store.save({ version: 1, body: "one" }, [])).toBe(0)
        yield* store.save({ version: 2, body: "two" }, [])
        expect(yield* store.version).toBe(2)
        expect(yield* store.load).toEqual(Option.some({ version: 2, body: "two" }))
      })
    )

    test(
      "numbers its record upwards, and pages through it from any line",
      Effect.gen(function* () {
        const store = yield* PaperVenueStore
        const first = yield* store.save({ version: 1, body: "" }, [accepted("a"), accepted("b")])
        const second = yield* store.save({ version: 2, body: "" }, [accepted("c")])
        expect(second).toBeGreaterThan(first)
        const all = yield* store.record({ after: 0, limit: 10 })
        expect(all.map(({ event }) => event)).toEqual([accepted("a"), accepted("b"), accepted("c")])
        expect(all.at(-1)?.position).toBe(second)
        expect(yield* store.record({ after: first, limit: 10 })).toEqual(all.slice(2))
        expect(yield* store.record({ after: 0, limit: 1 })).toEqual(all.slice(0, 1))
        expect(yield* store.record({ after: second, limit: 10 })).toEqual([])
        expect(yield* store.position).toBe(second)
      })
    )

    test(
      "knows the orders its record says were taken, and not those there was nothing to cancel of",
      Effect.gen(function* () {
        const store = yield* PaperVenueStore
        yield* store.save({ version: 1, body: "" }, [accepted("a"), refused("b")])
        expect(yield* store.knows(clientOrderId("a"))).toBe(true)
        expect(yield* store.knows(clientOrderId("b"))).toBe(false)
      })
    )

    test(
      "takes more events at once than a statement has room for",
      Effect.gen(function* () {
        const store = yield* PaperVenueStore
        const many = Array.from({ length: 20_000 }, (_, i) => accepted(`n${i}`))
        yield* store.save({ version: 1, body: "" }, many)
        expect(yield* store.knows(clientOrderId("n19999"))).toBe(true)
      })
    )

    test(
      "keeps neither state nor record of a transaction that failed",
      Effect.gen(function* () {
        const store = yield* PaperVenueStore
        const work = yield* UnitOfWork
        yield* Effect.exit(
          work.atomically(
            Effect.andThen(store.save({ version: 1, body: "x" }, [accepted("a")]), Effect.fail("no" as const))
          )
        )
        expect(yield* store.version).toBe(0)
        expect(yield* store.record({ after: 0, limit: 10 })).toEqual([])
      })
    )
  })
}
