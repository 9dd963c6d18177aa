/** What the audit log says of a journal line: who did what to which thing, with which outcome. */
import canonicalize from "canonicalize"
import type { AuditEntry } from "../audit/AuditEntry.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import type { JournalEntry } from "./OrderJournal.ts"

/** "OrderInitialized" → "order.initialized", "TradingStateChanged" → "trading-state.changed". */
const actionOf = (tag: JournalEvent["_tag"]): string => {
  const words = tag.replace(/(?<=[a-z])(?=[A-Z])/gu, "-").toLowerCase()
  const cut = words.lastIndexOf("-")
  return words.startsWith("order-")
    ? `order.${words.slice(6)}`
    : `${words.slice(0, cut)}.${words.slice(cut + 1)}`
}

const resourceOf = ({ accountId, event }: JournalEntry): string =>
  "clientOrderId" in event ? `order/${event.clientOrderId}` : `account/${accountId}`

const outcomeOf = (event: JournalEvent): "done" | "denied" | "rejected" | "unknown" => {
  switch (event._tag) {
    case "OrderDenied":
      return "denied"
    case "OrderRejected":
    case "OrderCancelRejected":
      return "rejected"
    case "OrderUnknown":
      return "unknown"
    default:
      return "done"
  }
}

/** The entry that announces a journal line; its details hold the line whole, so the journal can be rebuilt from them. */
export const auditDraftOf = (entry: JournalEntry) => ({
  actor: entry.actor,
  action: actionOf(entry.event._tag),
  resource: resourceOf(entry),
  outcome: outcomeOf(entry.event),
  marketTime: entry.event.tsEvent,
  details: {
    sequence: entry.sequence,
    tsWall: entry.tsWall,
    ...(entry.tsSteady === undefined ? {} : { tsSteady: entry.tsSteady }),
    accountId: entry.accountId,
    event: entry.event
  }
})

/** Whether this entry announces this line. */
export const tells = (entry: AuditEntry, line: JournalEntry): boolean =>
  canonicalize(auditDraftOf(line).details) === canonicalize(entry.details)
