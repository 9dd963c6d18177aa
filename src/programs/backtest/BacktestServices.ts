/** Where a project's backtests and their trials are kept: `.plimsoll/backtests`. */
import { accessSync, constants, existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { Context, Effect, Layer } from "effect"
import * as BacktestFolders from "../../backtest/BacktestFolders.ts"
import { BacktestStoreFailed } from "../../backtest/BacktestStoreErrors.ts"
import { type DatasetCount, type StoredTrial, TrialLedger } from "../../backtest/TrialLedger.ts"
import { type StorageError, StorageFailed } from "../../domain/StorageError.ts"
import * as TrialStore from "../../storage/TrialStore.ts"
import type { DeskFolder } from "../DeskFolder.ts"
import { makeFolder } from "../MakeFolder.ts"

export const backtestsOf = ({ home }: DeskFolder): string => join(home, "backtests")

const ledgerOf = (folder: DeskFolder): string => join(backtestsOf(folder), "trials.db")

/** The backtests of a project; nothing is written by looking at them. */
export const backtestStore = (folder: DeskFolder) => BacktestFolders.layer({ folder: backtestsOf(folder) })

const failed = (file: string, what: string, cause: unknown) =>
  new BacktestStoreFailed({
    file,
    message: `${file} cannot be ${what}: ${cause instanceof Error ? cause.message : String(cause)}`
  })

/** The ledger in its folder, both made where they are missing. */
const openedLedger = (folder: DeskFolder) =>
  Layer.unwrap(
    Effect.try({
      try: () => {
        makeFolder(backtestsOf(folder))
        return TrialStore.layer({ filename: ledgerOf(folder) })
      },
      catch: (cause) => failed(backtestsOf(folder), "made", cause)
    })
  )

const checkWritable = (path: string): void => {
  if (existsSync(path)) accessSync(path, constants.W_OK)
  else checkWritable(dirname(path))
}

/** A ledger that is not there yet: begun with the first trial, so that what is refused or fails leaves none. */
const begunLedger = (folder: DeskFolder) =>
  Layer.effect(
    TrialLedger,
    Effect.gen(function* () {
      yield* Effect.try({
        try: () => checkWritable(backtestsOf(folder)),
        catch: (cause) => failed(backtestsOf(folder), "written", cause)
      })
      const scope = yield* Effect.scope
      const ledger = yield* Effect.cached(
        Layer.buildWithScope(openedLedger(folder), scope).pipe(
          Effect.map(Context.get(TrialLedger)),
          Effect.catchTag("BacktestStoreFailed", ({ message }) =>
            Effect.fail(new StorageFailed({ operation: "begin the trial ledger", message }))
          )
        )
      )
      const isThere = Effect.sync(() => existsSync(ledgerOf(folder)))
      const found = <A>(none: A, look: (ledger: TrialLedger["Service"]) => Effect.Effect<A, StorageError>) =>
        Effect.flatMap(isThere, (is) => (is ? Effect.flatMap(ledger, look) : Effect.succeed(none)))
      return TrialLedger.of({
        record: (trials) => Effect.flatMap(ledger, ({ record }) => record(trials)),
        trials: (dataset) => found<ReadonlyArray<StoredTrial>>([], ({ trials }) => trials(dataset)),
        datasets: found<ReadonlyArray<DatasetCount>>([], ({ datasets }) => datasets)
      })
    })
  )

/** The trials of a project. One that is there is opened at once: what is wrong with it is told before anything is played. */
export const trialLedger = (folder: DeskFolder) =>
  Layer.suspend(() => (existsSync(ledgerOf(folder)) ? openedLedger(folder) : begunLedger(folder)))

/** What running a backtest needs. */
export const backtestServices = (folder: DeskFolder) =>
  Layer.merge(backtestStore(folder), trialLedger(folder))

/** Trials by data set; none, and nothing is made, where there was never one. */
export const trialCounts = (folder: DeskFolder) =>
  existsSync(ledgerOf(folder))
    ? TrialLedger.use(({ datasets }) => datasets).pipe(Effect.provide(trialLedger(folder)))
    : Effect.succeed<ReadonlyArray<DatasetCount>>([])
