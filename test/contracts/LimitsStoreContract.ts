/** What every `LimitsStore` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { symbol } from "../../src/domain/Identifiers.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { deskProfile } from "../../src/risk/LimitsProfile.ts"
import { LimitsStore, type SealedRecord } from "../../src/risk/LimitsStore.ts"
import { hashLimits } from "../../src/risk/RiskLimits.ts"

const sealed = (restricted: ReadonlyArray<string>): SealedRecord => {
  const limits = { ...deskProfile.limits, restricted: restricted.map((name) => symbol(name)) }
  return {
    profile: "desk",
    limits,
    hash: hashLimits(limits),
    acceptedBy: { kind: "person", name: "cli" },
    tsEvent: timestamp(1_087_000_000_000_000)
  }
}

export const suite = (name: string, layer: Layer.Layer<LimitsStore | UnitOfWork, StorageError>) => {
  describe(`LimitsStore on ${name}`, () => {
    it.effect("has no limits before some were sealed, and then the last that were, to the digit", () =>
      Effect.gen(function* () {
        const store = yield* LimitsStore
        expect(yield* store.load).toEqual(Option.none())
        for (const record of [sealed([]), sealed(["AAPL", "SPX-REPLAY"]), sealed(["AAPL"])]) {
          yield* store.seal(record)
          const kept = Option.getOrThrow(yield* store.load)
          expect(kept).toEqual(record)
          expect(hashLimits(kept.limits)).toBe(record.hash)
        }
      }).pipe(Effect.provide(layer))
    )

    it.effect("forgets limits that were sealed in a transaction that failed", () =>
      Effect.gen(function* () {
        const store = yield* LimitsStore
        const work = yield* UnitOfWork
        yield* store.seal(sealed([]))
        yield* Effect.exit(
          work.atomically(Effect.andThen(store.seal(sealed(["AAPL"])), Effect.fail("refused")))
        )
        expect(yield* store.load).toEqual(Option.some(sealed([])))
      }).pipe(Effect.provide(layer))
    )
  })
}
