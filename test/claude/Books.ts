/** What a desk's database says happened, read past every program of the desk. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { parseJson, textAt, type Json } from "./harness/Json.ts"

export interface JournalRow {
  readonly tag: string
  readonly orderId: string
  readonly actor: string
  readonly body: Json | undefined
}

const rows = (project: string, sql: string): ReadonlyArray<Record<string, unknown>> => {
  const database = new DatabaseSync(join(project, ".plimsoll/desk.db"), { readOnly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

export const journalOf = (project: string): ReadonlyArray<JournalRow> =>
  rows(project, "SELECT tag, client_order_id, actor, body FROM journal ORDER BY sequence").map((row) => ({
    tag: text(row["tag"]),
    orderId: text(row["client_order_id"]),
    actor: text(row["actor"]),
    body: parseJson(text(row["body"]))
  }))

/** Events of one kind, oldest first. */
export const eventsOf = (project: string, tag: string): ReadonlyArray<JournalRow> =>
  journalOf(project).filter((row) => row.tag === tag)

/** What the venue has heard of: nothing may stand here that no rule let through. */
export const venueRecordOf = (project: string): ReadonlyArray<string> =>
  rows(project, "SELECT tag FROM venue_record ORDER BY position").map((row) => text(row["tag"]))

/** Why orders were denied: the rule of each, oldest first. */
export const denialsOf = (project: string): ReadonlyArray<string> =>
  eventsOf(project, "OrderDenied").map((row) => textAt(row.body, "rule"))

/** What reached the venue, by the journal and by the venue's own record. */
export const sentTo = (project: string) => ({
  submitted: eventsOf(project, "OrderSubmitted").length,
  venue: venueRecordOf(project)
})

export const NOTHING = { submitted: 0, venue: [] }

/** One order at the market, and its fill. */
export const FILLED = { submitted: 1, venue: ["OrderAccepted", "OrderFilled"] }

/** The state that the desk is in by its journal. */
export const tradingStateOf = (project: string): string =>
  textAt(eventsOf(project, "TradingStateChanged").at(-1)?.body, "to") || "Active"
