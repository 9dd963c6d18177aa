/** The limits that hold, as a plain value: what `SealedLimits` finds, for programs without Effect. */
import { tighten } from "./LimitsComparison.ts"
import { deskProfile } from "./LimitsProfile.ts"
import type { SealedRecord } from "./LimitsStore.ts"
import { hashLimits, type RiskLimits } from "./RiskLimits.ts"

/**
 * The tighter of what a person accepted last and what the limits file asks for;
 * before anything was accepted the desk's defaults stand as accepted. Undefined
 * when the record does not match the hash it was accepted with.
 */
export const limitsInForce = (
  sealed: SealedRecord | undefined,
  candidate: RiskLimits
): RiskLimits | undefined => {
  if (sealed === undefined) return tighten(deskProfile.limits, candidate)
  return hashLimits(sealed.limits) === sealed.hash ? tighten(sealed.limits, candidate) : undefined
}
