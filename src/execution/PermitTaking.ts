/** Takes the permit of a call, in the transaction that journals what the call asks for. */
import { Effect, Option, Schema } from "effect"
import type { Caller } from "../domain/Actor.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { PermitSeen } from "../risk/PermitSeen.ts"
import { CallId, type Permit, type PermitClaim } from "./Permit.ts"
import type { PermitStore } from "./PermitStore.ts"

/** What the rules are shown, and who the permit says is calling. */
export interface TakenPermit {
  readonly seen: PermitSeen
  readonly caller: Caller | undefined
}

const isCallId = Schema.is(CallId)

/** Without a claim none is needed. A name that no client gives to a call has no permit. */
export const takePermit = Effect.fnUntraced(function* (
  permits: PermitStore["Service"],
  claim: PermitClaim | undefined
): Effect.fn.Return<TakenPermit, StorageError> {
  if (claim === undefined) return { seen: { required: false }, caller: undefined }
  const { argumentsHash, callId, tool } = claim
  const permit = isCallId(callId) ? Option.getOrUndefined(yield* permits.take(callId)) : undefined
  return { seen: { required: true, tool, argumentsHash, permit }, caller: callerOf(permit, claim) }
})

/** Of a permit for other arguments nobody knows whether it is the same caller's. */
const callerOf = (permit: Permit | undefined, { argumentsHash, tool }: PermitClaim): Caller | undefined => {
  if (permit === undefined || permit.tool !== tool || permit.argumentsHash !== argumentsHash) return undefined
  const { agent, callId, sessionId } = permit
  return { agent, sessionId, callId }
}
