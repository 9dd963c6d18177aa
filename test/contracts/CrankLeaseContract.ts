/** What every `CrankLease` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { CrankLease } from "../../src/execution/CrankLease.ts"

const SECOND = 1_000_000
const acquire = (holder: string, now: number) =>
  Effect.flatMap(CrankLease, (lease) => lease.acquire({ holder, now, ttlMicros: 5 * SECOND }))

export const suite = (name: string, layer: Layer.Layer<CrankLease | UnitOfWork, StorageError>) => {
  describe(`CrankLease on ${name}`, () => {
    const test = <E>(sentence: string, body: Effect.Effect<void, E, CrankLease | UnitOfWork>) =>
      it.effect(sentence, () => body.pipe(Effect.provide(layer)))

    test(
      "is one holder's until it runs out, then the next one's under a higher number",
      Effect.gen(function* () {
        const first = Option.getOrThrow(yield* acquire("a", 0))
        expect(yield* acquire("b", 5 * SECOND - 1)).toEqual(Option.none())
        const second = Option.getOrThrow(yield* acquire("b", 5 * SECOND))
        expect(second.token).toBeGreaterThan(first.token)
        expect(yield* acquire("a", 6 * SECOND)).toEqual(Option.none())
      })
    )

    test(
      "is prolonged by its holder under the same number",
      Effect.gen(function* () {
        const first = yield* acquire("a", 0)
        expect(yield* acquire("a", 3 * SECOND)).toEqual(first)
        expect(yield* acquire("b", 6 * SECOND)).toEqual(Option.none())
        expect(Option.isSome(yield* acquire("b", 8 * SECOND))).toBe(true)
      })
    )

    test(
      "released is free for the next, and still good for its holder as long as nobody took it",
      Effect.gen(function* () {
        const lease = yield* CrankLease
        const first = Option.getOrThrow(yield* acquire("a", 0))
        expect(yield* lease.release(first)).toBe(true)
        expect(yield* lease.release(first)).toBe(true)
        const second = Option.getOrThrow(yield* acquire("b", 1))
        expect(yield* lease.release(first)).toBe(false)
        expect(yield* acquire("c", 2)).toEqual(Option.none())
        expect(yield* lease.release(second)).toBe(true)
      })
    )

    test(
      "is as it was after a transaction that failed",
      Effect.gen(function* () {
        const work = yield* UnitOfWork
        const lease = yield* CrankLease
        const first = Option.getOrThrow(yield* acquire("a", 0))
        yield* Effect.exit(
          work.atomically(Effect.andThen(lease.release(first), Effect.fail("refused" as const)))
        )
        expect(yield* acquire("b", 1)).toEqual(Option.none())
      })
    )
  })
}
