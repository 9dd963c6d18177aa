/** Journal, orders, the paper venue, cited quotes, the crank's lease. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const createExecution = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  // The journal: everything else in this file can be rebuilt from it, but for the venue's own state.
  yield* sql`CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    ts_event INTEGER NOT NULL,
    ts_wall INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    client_order_id TEXT,
    trade_id TEXT,
    actor TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT`
  yield* sql`CREATE INDEX journal_order ON journal (client_order_id, sequence) WHERE client_order_id IS NOT NULL`
  // A venue's fill can be journaled once only, whatever the broker believes.
  yield* sql`CREATE UNIQUE INDEX journal_trade ON journal (account_id, trade_id) WHERE trade_id IS NOT NULL`
  yield* sql`CREATE INDEX journal_fills ON journal (account_id, sequence) WHERE tag = 'OrderFilled'`

  yield* sql`CREATE TABLE orders (
    client_order_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    content_key TEXT NOT NULL,
    instrument_id TEXT NOT NULL,
    status TEXT NOT NULL,
    ts_init INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT`
  yield* sql`CREATE INDEX orders_account ON orders (account_id, ts_init)`

  yield* sql`CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL, body TEXT NOT NULL) STRICT`
  yield* sql`CREATE TABLE venue_position (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL) STRICT`

  yield* sql`CREATE TABLE paper_venue (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, body TEXT NOT NULL) STRICT`
  yield* sql`CREATE TABLE venue_record (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    client_order_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT`
  yield* sql`CREATE INDEX venue_record_order ON venue_record (client_order_id)`

  yield* sql`CREATE TABLE cited_quotes (quote_id TEXT PRIMARY KEY, ts_event INTEGER NOT NULL, body TEXT NOT NULL) STRICT`
  yield* sql`CREATE INDEX cited_quotes_time ON cited_quotes (ts_event)`

  yield* sql`CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    token INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT`
})
