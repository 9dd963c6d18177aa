/** What the rules know of the permit that an order needs. */
import type { QuoteId } from "../domain/Identifiers.ts"

/** How long a permit is good for on the steady clock: a person may be asked between the hook and the order. */
export const PERMIT_LIFE_MICROS = 15 * 60_000_000

/**
 * `required: false`: by hand, in a run, or from a server that asks for none.
 * Else what the call says of itself, and the permit that was found for it.
 */
export type PermitSeen =
  | { readonly required: false }
  | {
      readonly required: true
      readonly tool: string
      readonly argumentsHash: string
      readonly permit:
        | {
            readonly tool: string
            readonly argumentsHash: string
            /** The quote that was fresh when the permit was given. */
            readonly quoteId?: QuoteId
            /** Steady time, micros. */
            readonly steadyAt: number
          }
        | undefined
    }
