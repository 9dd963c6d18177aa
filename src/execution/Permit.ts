/**
 * A permit: what the hook leaves for one tool call that it allowed.
 *
 * The client runs the hook risk-validator before a tool that orders. When the
 * hook allows the call it writes a permit under the call's id; the server that
 * then gets the call takes the permit in the transaction that journals the
 * order. So an order needs a hook that ran, for exactly this call and exactly
 * these arguments (docs/adr/0020-permits.md).
 */
import { Schema } from "effect"
import { QuoteId } from "../domain/Identifiers.ts"
import { isStorable, MAX_LABEL } from "./PermitGuard.ts"

export { argumentsHashOf } from "./ArgumentsHash.ts"
export { PERMIT_LIFE_MICROS } from "../risk/PermitSeen.ts"

/** The tools that need one. */
export const PermitTool = Schema.Literals(["place_order", "replace_order", "close_position"])
export type PermitTool = typeof PermitTool.Type

/** As clients name their calls: "toolu_01A…". */
export const CallId = Schema.String.pipe(Schema.check(Schema.isPattern(/^[\x21-\x7e]{1,200}$/u)))

const Label = Schema.String.pipe(
  Schema.check(
    Schema.isMaxLength(MAX_LABEL),
    Schema.makeFilter<string>((text) => isStorable(text) || "expected whole characters, without NUL")
  )
)

export const Permit = Schema.Struct({
  /** The client's name for the call, `tool_use_id` in the hook's event. */
  callId: CallId,
  tool: PermitTool,
  /** Of `argumentsHashOf`. */
  argumentsHash: Schema.String,
  /** The quote that the arguments cite, when it was fresh as the hook ran. */
  quoteId: Schema.optionalKey(QuoteId),
  /** Who called: "main", or the subagent's type. */
  agent: Label,
  sessionId: Label,
  /** Steady time, micros (`market/SteadyClock`), when the hook allowed it. */
  steadyAt: Schema.Int
})
export type Permit = typeof Permit.Type

/** What a call says of itself: by this its permit is found, and held against it. */
export interface PermitClaim {
  /** Undefined when the client named none; then there is no permit. */
  readonly callId: string | undefined
  readonly tool: PermitTool
  readonly argumentsHash: string
}
