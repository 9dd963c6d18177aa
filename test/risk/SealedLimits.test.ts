import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Ref } from "effect"
import type { Actor } from "../../src/domain/Actor.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import {
  deskProfile,
  type LimitsProfile,
  researchProfile,
  singleIndexProfile
} from "../../src/risk/LimitsProfile.ts"
import { LimitsStore, type SealedRecord } from "../../src/risk/LimitsStore.ts"
import { defaultLimits, hashLimits, LimitsUnreadable } from "../../src/risk/RiskLimits.ts"
import { SealedLimits } from "../../src/risk/SealedLimits.ts"
import { limits } from "./Snapshots.ts"

const person: Actor = { kind: "person", name: "cli" }
const agent: Actor = { kind: "agent", name: "mcp:broker" }
const tsEvent = timestamp(11)

/** A limits file that can be edited, and a store beside it. */
const desk = Effect.gen(function* () {
  const file = yield* Ref.make<LimitsProfile>(deskProfile)
  const record = yield* Ref.make<Option.Option<SealedRecord>>(Option.none())
  const store = Layer.succeed(LimitsStore, {
    load: Ref.get(record),
    seal: (sealed) => Ref.set(record, Option.some(sealed))
  })
  const candidate = Effect.map(Ref.get(file), (profile) => ({ profile, source: "plimsoll.json" }))
  const service = yield* Effect.provide(
    SealedLimits,
    SealedLimits.layer(candidate).pipe(Layer.provide(store))
  )
  return { file, record, service }
})
const edited = (changes: Parameters<typeof limits>[0]): LimitsProfile => ({
  ...deskProfile,
  limits: limits(changes)
})

describe("SealedLimits", () => {
  it.effect("before anything is accepted the desk's defaults stand", () =>
    Effect.gen(function* () {
      const { file, service } = yield* desk
      expect(yield* service.inForce).toMatchObject({
        profile: "desk",
        limits: defaultLimits,
        differences: []
      })
      yield* Ref.set(file, singleIndexProfile)
      const { differences, limits, profile } = yield* service.inForce
      expect(limits).toStrictEqual(defaultLimits)
      expect(profile).toBe("desk")
      expect(differences.map(({ direction }) => direction)).toStrictEqual(["looser", "looser"])
    })
  )

  it.effect("a tighter file holds at once, a looser one only once a person accepts it", () =>
    Effect.gen(function* () {
      const { file, service } = yield* desk
      yield* Ref.set(file, edited({ positionRatio: 0.5, dailyLossRatio: 0.01 }))
      const before = yield* service.inForce
      expect(before.limits).toStrictEqual(limits({ dailyLossRatio: 0.01 }))
      expect(before.hash).toBe(hashLimits(limits({ dailyLossRatio: 0.01 })))
      const event = yield* service.accept({ actor: person, candidateHash: before.candidateHash, tsEvent })
      expect(event).toStrictEqual({
        _tag: "LimitsAccepted",
        tsEvent,
        profile: "desk",
        hash: before.candidateHash
      })
      const after = yield* service.inForce
      expect(after).toMatchObject({
        limits: limits({ positionRatio: 0.5, dailyLossRatio: 0.01 }),
        differences: []
      })
    })
  )

  it.effect(
    "an agent cannot accept, nor a person what was changed since it was shown, nor research limits",
    () =>
      Effect.gen(function* () {
        const { file, record, service } = yield* desk
        yield* Ref.set(file, edited({ positionRatio: 0.5 }))
        const { candidateHash } = yield* service.inForce
        const byAgent = yield* Effect.flip(service.accept({ actor: agent, candidateHash, tsEvent }))
        expect(byAgent.message).toContain("Only a person can accept limits")
        yield* Ref.set(file, edited({ positionRatio: 0.9 }))
        const stale = yield* Effect.flip(service.accept({ actor: person, candidateHash, tsEvent }))
        expect(stale.message).toContain("plimsoll.json has changed since its limits were shown")
        yield* Ref.set(file, researchProfile)
        const hash = hashLimits(researchProfile.limits)
        const research = yield* Effect.flip(service.accept({ actor: person, candidateHash: hash, tsEvent }))
        expect(research.message).toContain("not for a desk")
        expect(yield* Ref.get(record)).toStrictEqual(Option.none())
      })
  )

  it.effect(
    "sealed limits that were changed behind the desk's back leave no limits in force, until accepted again",
    () =>
      Effect.gen(function* () {
        const { record, service } = yield* desk
        const forged = {
          profile: "desk",
          limits: limits({ positionRatio: 5 }),
          hash: hashLimits(defaultLimits)
        }
        yield* Ref.set(record, Option.some({ ...forged, acceptedBy: person, tsEvent }))
        const error = yield* Effect.flip(service.inForce)
        expect(error).toMatchObject({ _tag: "LimitsUnreadable", field: "hash" })
        yield* service.accept({ actor: person, candidateHash: hashLimits(deskProfile.limits), tsEvent })
        expect((yield* service.inForce).limits).toStrictEqual(defaultLimits)
      })
  )

  it.effect("a file that cannot be read leaves no limits in force", () =>
    Effect.gen(function* () {
      const unreadable = new LimitsUnreadable({
        source: "plimsoll.json",
        field: "",
        message: "plimsoll.json: not JSON"
      })
      const store = Layer.succeed(LimitsStore, { load: Effect.succeedNone, seal: () => Effect.void })
      const service = yield* Effect.provide(
        SealedLimits,
        SealedLimits.layer(Effect.fail(unreadable)).pipe(Layer.provide(store))
      )
      expect(yield* Effect.flip(service.inForce)).toBe(unreadable)
    })
  )

  it.effect("a run keeps to its profile, and accepts nothing else", () =>
    Effect.gen(function* () {
      const service = yield* Effect.provide(SealedLimits, SealedLimits.layerProfile(researchProfile))
      const { candidateHash, limits, profile } = yield* service.inForce
      expect([profile, limits]).toStrictEqual(["research", researchProfile.limits])
      const error = yield* Effect.flip(service.accept({ actor: person, candidateHash, tsEvent }))
      expect(error).toMatchObject({ _tag: "LimitsNotAccepted" })
    })
  )
})
