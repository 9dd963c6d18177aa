/** What every `PermitStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { quoteId } from "../../src/domain/Identifiers.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { argumentsHashOf, type Permit, PERMIT_LIFE_MICROS } from "../../src/execution/Permit.ts"
import { PermitStore } from "../../src/execution/PermitStore.ts"

const START = 1_772_409_600_000_000

const permitAt = (callId: string, steadyAt: number, changes: Partial<Permit> = {}): Permit => ({
  callId,
  tool: "place_order",
  argumentsHash: argumentsHashOf("place_order", { symbol: "ACME", quantity: "10" }),
  quoteId: quoteId("q-0123456789abcdef"),
  agent: "main",
  sessionId: "5f0c8a52",
  steadyAt,
  ...changes
})
const one = permitAt("toolu_01", START)

export const suite = (
  name: string,
  layer: Layer.Layer<PermitStore | UnitOfWork | SqlClient.SqlClient, StorageError>
) => {
  describe(`PermitStore on ${name}`, () => {
    it.effect("gives a permit back whole, with a quote or without, and none for another call", () =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        const { quoteId: _, ...plain } = permitAt("toolu_02", START, { tool: "close_position" })
        yield* store.put(one)
        yield* store.put(plain)
        expect(yield* store.find("toolu_01")).toEqual(Option.some(one))
        expect(yield* store.find("toolu_02")).toEqual(Option.some(plain))
        expect(yield* store.find("toolu_03")).toEqual(Option.none())
        expect(yield* store.find("")).toEqual(Option.none())
      }).pipe(Effect.provide(layer))
    )

    it.effect("gives a permit once to whoever takes it, and leaves the others", () =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        yield* store.put(one)
        yield* store.put(permitAt("toolu_02", START))
        expect(yield* store.take("toolu_01")).toEqual(Option.some(one))
        expect(yield* store.take("toolu_01")).toEqual(Option.none())
        expect(yield* store.find("toolu_01")).toEqual(Option.none())
        expect(Option.isSome(yield* store.find("toolu_02"))).toBe(true)
      }).pipe(Effect.provide(layer))
    )

    it.effect("gives it to one of several that take it at once", () =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        const unit = yield* UnitOfWork
        yield* store.put(one)
        const taking = Array.from({ length: 8 }, () => unit.atomically(store.take(one.callId)))
        const taken = yield* Effect.all(taking, { concurrency: "unbounded" })
        expect(taken.filter(Option.isSome)).toEqual([Option.some(one)])
      }).pipe(Effect.provide(layer))
    )

    it.effect("has it again when the transaction that took it fails", () =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        const unit = yield* UnitOfWork
        yield* store.put(one)
        yield* Effect.exit(unit.atomically(Effect.andThen(store.take(one.callId), Effect.fail("refused"))))
        expect(yield* store.find(one.callId)).toEqual(Option.some(one))
      }).pipe(Effect.provide(layer))
    )

    it.effect("keeps the later of two for one call", () =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        const later = permitAt(one.callId, START + 1, { argumentsHash: "other" })
        yield* store.put(one)
        yield* store.put(later)
        expect(yield* store.take(one.callId)).toEqual(Option.some(later))
        expect(yield* store.find(one.callId)).toEqual(Option.none())
      }).pipe(Effect.provide(layer))
    )

    it.effect("drops, with each that is put, those that are too old by then, and no others", () =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        yield* store.put(permitAt("toolu_old", START))
        yield* store.put(permitAt("toolu_just_not", START + 1))
        yield* store.put(permitAt("toolu_new", START + PERMIT_LIFE_MICROS + 1))
        expect(yield* store.find("toolu_old")).toEqual(Option.none())
        expect(Option.isSome(yield* store.find("toolu_just_not"))).toBe(true)
        yield* store.prune(START + 2)
        expect(yield* store.find("toolu_just_not")).toEqual(Option.none())
        expect(Option.isSome(yield* store.find("toolu_new"))).toBe(true)
      }).pipe(Effect.provide(layer))
    )

    it.effect.each<readonly [string, Partial<Permit>]>([
      ["a call's name with a space", { callId: "toolu 01" }],
      ["a call without a name", { callId: "" }],
      ["an agent's label without end", { agent: "a".repeat(201) }],
      ["half a character", { agent: "\uD800" }],
      ["a NUL", { sessionId: "a\0b" }]
    ])("refuses %s", ([, changes]) =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        const error = yield* Effect.flip(store.put({ ...one, ...changes }))
        expect(error).toMatchObject({ _tag: "StorageFailed" })
        expect(error.message).toContain(Object.keys(changes).join())
      }).pipe(Effect.provide(layer))
    )

    it.effect("gives none that was changed outside, whether it is looked at or taken", () =>
      Effect.gen(function* () {
        const store = yield* PermitStore
        const sql = yield* SqlClient.SqlClient
        yield* store.put(one)
        const text = JSON.stringify({ ...one, argumentsHash: "another" })
        yield* sql`UPDATE permits SET body = ${text} WHERE call_id = ${one.callId}`
        const said = [yield* Effect.flip(store.find(one.callId)), yield* Effect.flip(store.take(one.callId))]
        expect(said).toMatchObject([
          { _tag: "StorageCorrupt", table: "permits", key: one.callId },
          { _tag: "StorageCorrupt", table: "permits", key: one.callId }
        ])
      }).pipe(Effect.provide(layer))
    )
  })
}
