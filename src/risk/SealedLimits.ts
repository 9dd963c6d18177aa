/**
 * The limits in force, and how a person changes them (design, principle 7).
 *
 * A limits file may be written by anyone. What it asks for is compared with the
 * limits a person last accepted, which the desk keeps sealed: where the file is
 * tighter it holds at once, where it is looser the sealed value holds until a
 * person accepts the file. Before anything was accepted the desk's defaults
 * stand as sealed.
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { JournalEventOf } from "../domain/JournalEvent.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { differences, type LimitsDifference, tighten } from "./LimitsComparison.ts"
import { deskProfile, type LimitsProfile } from "./LimitsProfile.ts"
import { LimitsStore, type SealedRecord } from "./LimitsStore.ts"
import { hashLimits, LimitsUnreadable, type RiskLimits } from "./RiskLimits.ts"

/** What a limits file asks for. */
export interface LimitsCandidate {
  readonly profile: LimitsProfile
  /** What errors call it: "plimsoll.json". */
  readonly source: string
}

/** What every order is held against now. */
export interface LimitsInForce {
  readonly profile: string
  readonly limits: RiskLimits
  readonly hash: string
  /** Where the file differs from the sealed limits; the looser ones wait for a person. */
  readonly differences: ReadonlyArray<LimitsDifference>
  /** Names the file's limits: what a person who accepts them has to have seen. */
  readonly candidateHash: string
}

/** The limits stay as they were. */
export class LimitsNotAccepted extends Schema.TaggedError<LimitsNotAccepted>()("LimitsNotAccepted", {
  message: Schema.String
}) {}

export interface Acceptance {
  readonly actor: Actor
  /** `LimitsInForce.candidateHash` as it was shown to the person. */
  readonly candidateHash: string
  readonly tsEvent: Timestamp
}

const verified = Effect.fnUntraced(function* (record: SealedRecord) {
  const { limits } = record
  if (hashLimits(limits) === record.hash) return record
  return yield* new LimitsUnreadable({
    source: "the desk's sealed limits",
    field: "hash",
    message:
      "the desk's sealed limits do not match the hash they were accepted with: they were changed outside plimsoll. " +
      "No order is accepted until a person has looked at the limits and accepted them again."
  })
})

interface NamedLimits {
  readonly profile: string
  readonly limits: RiskLimits
}

/** The tighter of both; the file's name counts once nothing of it is looser. */
const limitsInForce = (sealed: NamedLimits, candidate: LimitsProfile): LimitsInForce => {
  const found = differences(sealed.limits, candidate.limits)
  const waiting = found.some(({ direction }) => direction === "looser")
  const limits = tighten(sealed.limits, candidate.limits)
  return {
    profile: waiting ? sealed.profile : candidate.name,
    limits,
    hash: hashLimits(limits),
    differences: found,
    candidateHash: hashLimits(candidate.limits)
  }
}

const acceptanceProblem = (
  { actor, candidateHash }: Acceptance,
  profile: LimitsProfile,
  source: string
): string | undefined => {
  if (actor.kind !== "person") {
    return `Only a person can accept limits, and ${actor.name} is none (${actor.kind}): the sealed limits stay in force.`
  }
  if (!profile.promotable) {
    return `The profile "${profile.name}" is not for a desk (${profile.label}): the sealed limits stay in force.`
  }
  return hashLimits(profile.limits) === candidateHash
    ? undefined
    : `${source} has changed since its limits were shown: look at them again (plimsoll limits show).`
}

export class SealedLimits extends Context.Service<
  SealedLimits,
  {
    readonly inForce: Effect.Effect<LimitsInForce, LimitsUnreadable | StorageError>
    /**
     * Seals the file's limits. The caller journals the event in the same
     * transaction. Fails when the actor is no person, or the file is not the
     * one that was shown.
     */
    readonly accept: (
      acceptance: Acceptance
    ) => Effect.Effect<JournalEventOf<"LimitsAccepted">, LimitsNotAccepted | LimitsUnreadable | StorageError>
  }
>()("plimsoll/risk/SealedLimits") {
  /**
   * A desk's limits. `candidate` is what the limits file asks for, read when
   * it is needed: one that cannot be read leaves no limits in force.
   */
  static readonly layer = (
    candidate: Effect.Effect<LimitsCandidate, LimitsUnreadable>
  ): Layer.Layer<SealedLimits, never, LimitsStore> =>
    Layer.effect(
      SealedLimits,
      Effect.gen(function* () {
        const store = yield* LimitsStore

        const sealed = store.load.pipe(
          Effect.flatMap(
            Option.match({
              onNone: () => Effect.succeed({ profile: deskProfile.name, limits: deskProfile.limits }),
              onSome: verified
            })
          )
        )
        const inForce = Effect.all([sealed, candidate]).pipe(
          Effect.map(([before, { profile }]) => limitsInForce(before, profile))
        )
        const accept = Effect.fn("SealedLimits.accept")(function* (acceptance: Acceptance) {
          const { profile, source } = yield* candidate
          const problem = acceptanceProblem(acceptance, profile, source)
          if (problem !== undefined) return yield* new LimitsNotAccepted({ message: problem })
          const { actor, candidateHash: hash, tsEvent } = acceptance
          yield* store.seal({
            profile: profile.name,
            limits: profile.limits,
            hash,
            acceptedBy: actor,
            tsEvent
          })
          return { _tag: "LimitsAccepted" as const, tsEvent, profile: profile.name, hash }
        })
        return SealedLimits.of({ inForce, accept })
      })
    )

  /** A run's limits: one profile from beginning to end, nothing sealed and nothing to accept. */
  static readonly layerProfile = (profile: LimitsProfile): Layer.Layer<SealedLimits> =>
    Layer.succeed(SealedLimits, {
      inForce: Effect.succeed(limitsInForce({ profile: profile.name, limits: profile.limits }, profile)),
      accept: () =>
        Effect.fail(
          new LimitsNotAccepted({
            message: `The limits of a run are fixed: it keeps to "${profile.name}" to its end.`
          })
        )
    })
}
