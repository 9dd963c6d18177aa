/** Journal, orders, the paper venue, cited quotes, the crank's lease. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns } from "../Dialect.ts"

export const createExecution = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { counted, integer, strict, text } = columns(sql)

  // The journal: everything else in this file can be rebuilt from it, but for the venue's own state.
  yield* sql`CREATE TABLE journal (
    sequence ${integer} PRIMARY KEY,
    ts_event ${integer} NOT NULL,
    ts_wall ${integer} NOT NULL,
    account_id ${text} NOT NULL,
    tag ${text} NOT NULL,
    client_order_id ${text},
    trade_id ${text},
    actor ${text} NOT NULL,
    body ${text} NOT NULL
  ) ${strict}`
  yield* sql`CREATE INDEX journal_order ON journal (client_order_id, sequence) WHERE client_order_id IS NOT NULL`
  // A venue's fill can be journaled once only, whatever the broker believes.
  yield* sql`CREATE UNIQUE INDEX journal_trade ON journal (account_id, trade_id) WHERE trade_id IS NOT NULL`
  yield* sql`CREATE INDEX journal_fills ON journal (account_id, sequence) WHERE tag = 'OrderFilled'`

  yield* sql`CREATE TABLE orders (
    client_order_id ${text} PRIMARY KEY,
    account_id ${text} NOT NULL,
    content_key ${text} NOT NULL,
    instrument_id ${text} NOT NULL,
    status ${text} NOT NULL,
    ts_init ${integer} NOT NULL,
    body ${text} NOT NULL
  ) ${strict}`
  yield* sql`CREATE INDEX orders_account ON orders (account_id, ts_init)`

  yield* sql`CREATE TABLE checkpoint (id ${integer} PRIMARY KEY CHECK (id = 1), sequence ${integer} NOT NULL, body ${text} NOT NULL) ${strict}`
  yield* sql`CREATE TABLE venue_position (id ${integer} PRIMARY KEY CHECK (id = 1), position ${integer} NOT NULL) ${strict}`

  yield* sql`CREATE TABLE paper_venue (id ${integer} PRIMARY KEY CHECK (id = 1), version ${integer} NOT NULL, body ${text} NOT NULL) ${strict}`
  yield* sql`CREATE TABLE venue_record (
    position ${counted},
    client_order_id ${text} NOT NULL,
    tag ${text} NOT NULL,
    body ${text} NOT NULL
  ) ${strict}`
  yield* sql`CREATE INDEX venue_record_order ON venue_record (client_order_id)`

  yield* sql`CREATE TABLE cited_quotes (quote_id ${text} PRIMARY KEY, ts_event ${integer} NOT NULL, body ${text} NOT NULL) ${strict}`
  yield* sql`CREATE INDEX cited_quotes_time ON cited_quotes (ts_event)`

  yield* sql`CREATE TABLE lease (
    name ${text} PRIMARY KEY,
    holder ${text} NOT NULL,
    token ${integer} NOT NULL,
    expires_at ${integer} NOT NULL
  ) ${strict}`
})
