/**
 * Tests on a PostgreSQL server: the one PLIMSOLL_TEST_POSTGRES_URL names, which scripts/postgres.sh makes. Each
 * suite has a schema of its own, dropped after.
 */
import { randomBytes } from "node:crypto"
import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted, Result } from "effect"
import { Reactivity } from "effect/reactivity"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import { parseAddress, type PostgresAddress } from "../../src/storage/PostgresAddress.ts"

const { PLIMSOLL_TEST_POSTGRES_URL: serverUrl = "" } = process.env

export const hasPostgres: boolean = serverUrl !== ""

/** Why a test that needs one is skipped. */
export const NO_POSTGRES =
  "no PostgreSQL: scripts/postgres.sh start DIR, and its URL in PLIMSOLL_TEST_POSTGRES_URL"

/** Short, and of nobody else at the same time. */
export const newSchema = (): string => `t_${randomBytes(6).toString("hex")}`

/** The URL of a schema on a server. */
export const urlOf = (schema: string, server: string = serverUrl): string => {
  const url = new URL(server)
  url.searchParams.set("schema", schema)
  return url.href
}

export const addressOf = (url: string): PostgresAddress =>
  Result.getOrThrow(parseAddress("PLIMSOLL_TEST_POSTGRES_URL", Redacted.make(url)))

/** A connection of one's own, closed with the scope. */
export const clientOf = (server: string = serverUrl) =>
  PgClient.makeClient({ url: Redacted.make(server) }).pipe(Effect.provide(Reactivity.layer))

/** Runs one statement beside the desk's own connection. */
export const onServer = (statement: string, server: string = serverUrl) =>
  Effect.gen(function* () {
    const pg = yield* clientOf(server)
    return yield* pg.unsafe(statement)
  }).pipe(Effect.scoped, Effect.orDie)

export const dropSchema = (schema: string, server: string = serverUrl) =>
  onServer(`DROP SCHEMA IF EXISTS ${schema} CASCADE`, server)

/** A schema for as long as the scope lasts; its URL. */
export const scopedSchema = Effect.acquireRelease(Effect.sync(newSchema), (schema) => dropSchema(schema))

export const databaseOf = (url: string): DeskDatabase.DeskDatabase =>
  DeskDatabase.layerPostgres({ address: addressOf(url), busyTimeoutMillis: 10_000 })
