/** A checksum in every row, of old rows too; how many lines the paper venue's record has; whose desk this is. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { columns as columnTypes } from "../Dialect.ts"
import { checksumOf } from "../Rows.ts"

/** Each table's columns at this version, its key first. */
const tables: ReadonlyArray<readonly [name: string, columns: readonly [string, ...ReadonlyArray<string>]]> = [
  ["audit_head", ["id", "count", "hash", "segment", "position"]],
  ["audit_segment", ["segment", "first_sequence"]],
  ["audit_outbox", ["sequence", "segment", "position", "line"]],
  [
    "journal",
    [
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
    ]
  ],
  ["orders", ["client_order_id", "account_id", "content_key", "instrument_id", "status", "ts_init", "body"]],
  ["checkpoint", ["id", "sequence", "body"]],
  ["venue_position", ["id", "position"]],
  ["paper_venue", ["id", "version", "recorded", "body"]],
  ["venue_record", ["position", "client_order_id", "tag", "body"]],
  ["cited_quotes", ["quote_id", "ts_event", "body"]],
  ["market_clock", ["id", "body"]],
  ["steady_clock", ["id", "body"]],
  ["limits", ["version", "body"]],
  ["lease", ["name", "holder", "token", "expires_at"]]
]

/** Rows read at a time. */
const PAGE = 1000

const sealRows = Effect.fnUntraced(function* (
  name: string,
  columns: readonly [string, ...ReadonlyArray<string>]
) {
  const sql = yield* SqlClient.SqlClient
  const [key] = columns
  const [table, keyColumn, all] = [sql.literal(name), sql.literal(key), sql.literal(columns.join(", "))]
  let after: unknown
  while (true) {
    const rows: ReadonlyArray<Readonly<Record<string, unknown>>> =
      after === undefined
        ? yield* sql`SELECT ${all} FROM ${table} ORDER BY ${keyColumn} LIMIT ${PAGE}`
        : yield* sql`SELECT ${all} FROM ${table} WHERE ${keyColumn} > ${after} ORDER BY ${keyColumn} LIMIT ${PAGE}`
    for (const row of rows) {
      const checksum = checksumOf(columns.map((column) => row[column]))
      yield* sql`UPDATE ${table} SET checksum = ${checksum} WHERE ${keyColumn} = ${row[key]}`
    }
    if (rows.length < PAGE) return
    after = rows.at(-1)?.[key]
  }
})

export const addChecksums = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, strict, text } = columnTypes(sql)
  // Of the record's last line, so that lines missing at its end show.
  yield* sql`ALTER TABLE paper_venue ADD COLUMN recorded ${integer}`
  yield* sql`UPDATE paper_venue SET recorded = (SELECT coalesce(max(position), 0) FROM venue_record)`
  for (const [name, columns] of tables) {
    yield* sql`ALTER TABLE ${sql.literal(name)} ADD COLUMN checksum ${integer}`
    yield* sealRows(name, columns)
  }
  yield* sql`CREATE TABLE desk (
    id ${integer} PRIMARY KEY CHECK (id = 1),
    desk_id ${text} NOT NULL,
    project ${text} NOT NULL,
    created ${integer} NOT NULL,
    checksum ${integer}
  ) ${strict}`
})
