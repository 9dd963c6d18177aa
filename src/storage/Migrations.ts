/**
 * The desk's tables, version by version.
 *
 * A published migration never changes: what comes later is a new entry. Each
 * capability's tables stand in a file of their own under `migrations/`.
 */
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { StorageBusy, StorageFailed, StorageUnknown } from "../domain/StorageError.ts"
import { bringUpToDate, versionIn, type Versions } from "./BringUpToDate.ts"
import { lockWrites } from "./Dialect.ts"
import { createAudit } from "./migrations/Audit.ts"
import { addChecksums } from "./migrations/Checksums.ts"
import { createExecution } from "./migrations/Execution.ts"
import { createInstruments } from "./migrations/Instruments.ts"
import { createLimits } from "./migrations/Limits.ts"
import { indexListings } from "./migrations/Listings.ts"
import { createMarketClock } from "./migrations/MarketClock.ts"
import { indexOptionEnds } from "./migrations/OptionEnds.ts"
import { createPermits } from "./migrations/Permits.ts"
import { createPlace } from "./migrations/Place.ts"
import { addSteadyClock } from "./migrations/SteadyClock.ts"
import { addVenueAccount } from "./migrations/VenueAccount.ts"
import { forgetCheckpoint } from "./migrations/Checkpoint.ts"
import { toStorageError } from "./Sqlite.ts"

const migrations = {
  "0001_desk": Effect.all([createAudit, createMarketClock, createLimits, createExecution], { discard: true }),
  "0002_venue_account": addVenueAccount,
  "0003_steady_clock": addSteadyClock,
  "0004_checksums": addChecksums,
  "0005_listings": indexListings,
  "0006_place": createPlace,
  "0007_wishes": forgetCheckpoint,
  "0008_permits": createPermits,
  "0009_instruments": createInstruments,
  "0010_option_ends": indexOptionEnds
}

const table = "plimsoll_migrations"

const versions: Versions = {
  name: "the database",
  table,
  migrations,
  prepare: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* lockWrites(sql)
    yield* sql.onDialectOrElse({
      // The path is the one schema that the desk's address names.
      pg: () =>
        sql`DO $$ BEGIN
          IF to_regnamespace(current_setting('search_path')) IS NULL THEN
            EXECUTE format('CREATE SCHEMA %I', current_setting('search_path'));
          END IF;
        END $$`,
      orElse: () => Effect.void
    })
  })
}

/** The version of the database; 0 when it is new. Takes no write lock. */
export const currentVersion = versionIn(table)

/** The database has no tables of a desk. */
export class DatabaseEmpty extends Schema.TaggedError<DatabaseEmpty>()("DatabaseEmpty", {
  message: Schema.String
}) {}

/** Fails where nobody has made a desk yet. */
export const refuseEmpty = currentVersion.pipe(
  Effect.mapError(toStorageError("bring the database up to date")),
  Effect.flatMap((version) =>
    version === 0
      ? Effect.fail(new DatabaseEmpty({ message: "the database has no tables of a desk" }))
      : Effect.void
  )
)

/** Brings the desk's database to this program's version. */
export const run: Effect.Effect<void, StorageBusy | StorageFailed | StorageUnknown, SqlClient.SqlClient> =
  bringUpToDate(versions)

/** Runs the migrations when the layer is built. */
export const layer: Layer.Layer<never, StorageBusy | StorageFailed | StorageUnknown, SqlClient.SqlClient> =
  Layer.effectDiscard(run)
