/** What makes two orders the same intention. */
import { hash } from "node:crypto"
import canonicalize from "canonicalize"
import { type AccountId, type ClientOrderId, clientOrderId, type QuoteId } from "../domain/Identifiers.ts"
import type { OrderContent } from "../domain/Order.ts"

const digest = (value: unknown): string => hash("sha256", canonicalize(value) ?? "", "hex").slice(0, 24)

/** What an order does, whatever quote it cites: a ClientOrderId must always carry the same. */
export const contentKeyOf = (content: OrderContent): string => digest(content)

/** What an order does and what it was decided on: one intention is one order. */
export const intentionKeyOf = (account: AccountId, quote: QuoteId, content: OrderContent): string =>
  digest({ account, quote, content })

/**
 * The default ClientOrderId: the same intention sent again, by a retry of the
 * transport or by a model that calls twice, is the same order. A deliberate
 * repeat counts up.
 */
export const clientOrderIdFor = (intentionKey: string, repeat: number): ClientOrderId =>
  clientOrderId(repeat === 0 ? `o-${intentionKey}` : `o-${intentionKey}-${repeat}`)

/**
 * The name of an order that was denied for want of a permit. It leaves the
 * intention's own name free: the same order may be asked for again with one.
 */
export const unpermittedIdFor = (
  intentionKey: string,
  named: ClientOrderId | undefined,
  callId: string | undefined
): ClientOrderId =>
  clientOrderId(`n-${digest([intentionKey, named ?? null, JSON.stringify(callId ?? null)])}`)

/** Names may be 64 characters long; an exit's has three more than its entry's. */
const LONGEST_STEM = 61

/** A bracket's children are named after their entry; after a hash of its name where that is long. */
export const childId = (entry: ClientOrderId, role: "TAKE_PROFIT" | "STOP_LOSS"): ClientOrderId => {
  const stem = entry.length <= LONGEST_STEM ? entry : `b-${digest(entry)}`
  return clientOrderId(`${stem}${role === "TAKE_PROFIT" ? ".tp" : ".sl"}`)
}
