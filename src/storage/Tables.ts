/** The desk's tables as they are written and read: their columns, each row sealed by a checksum. */
import { sealedTable } from "./Rows.ts"

export const auditHead = sealedTable("audit_head", ["id", "count", "hash", "segment", "position"])
export const auditSegment = sealedTable("audit_segment", ["segment", "first_sequence"])
export const auditOutbox = sealedTable("audit_outbox", ["sequence", "segment", "position", "line"])

export const journal = sealedTable("journal", [
  "sequence",
  "ts_event",
  "ts_wall",
  "ts_steady",
  "account_id",
  "tag",
  "client_order_id",
  "trade_id",
  "actor",
  "body"
])
export const orders = sealedTable("orders", [
  "client_order_id",
  "account_id",
  "content_key",
  "instrument_id",
  "status",
  "ts_init",
  "body"
])
export const checkpoint = sealedTable("checkpoint", ["id", "sequence", "body"])
export const venuePosition = sealedTable("venue_position", ["id", "position"])

export const paperVenue = sealedTable("paper_venue", ["id", "version", "recorded", "body"])
export const venueRecord = sealedTable("venue_record", ["position", "client_order_id", "tag", "body"])

export const citedQuotes = sealedTable("cited_quotes", ["quote_id", "ts_event", "body"])
export const instruments = sealedTable("instruments", ["instrument_id", "symbol", "last_session", "body"])
export const permits = sealedTable("permits", ["call_id", "steady_at", "body"])
export const marketClock = sealedTable("market_clock", ["id", "body"])
export const steadyClock = sealedTable("steady_clock", ["id", "body"])
export const limits = sealedTable("limits", ["version", "body"])

export const lease = sealedTable("lease", ["name", "holder", "token", "expires_at"])
export const desk = sealedTable("desk", ["id", "desk_id", "project", "created"])
export const deskPlace = sealedTable("desk_place", ["id", "desk_id", "moved_to"])
