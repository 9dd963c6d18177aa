/** Where a project's backtests and their trials are kept: `.plimsoll/backtests`. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import * as BacktestFolders from "../../backtest/BacktestFolders.ts"
import { BacktestStoreFailed } from "../../backtest/BacktestStoreErrors.ts"
import { type DatasetCount, TrialLedger } from "../../backtest/TrialLedger.ts"
import * as TrialStore from "../../storage/TrialStore.ts"
import type { DeskFolder } from "../DeskFolder.ts"
import { makeFolder } from "../MakeFolder.ts"

export const backtestsOf = ({ home }: DeskFolder): string => join(home, "backtests")

const ledgerOf = (folder: DeskFolder): string => join(backtestsOf(folder), "trials.db")

/** The backtests of a project; nothing is written by looking at them. */
export const backtestStore = (folder: DeskFolder) => BacktestFolders.layer({ folder: backtestsOf(folder) })

/** The trials of a project, its folder made where it is missing. */
export const trialLedger = (folder: DeskFolder) =>
  Layer.unwrap(
    Effect.try({
      try: () => {
        makeFolder(backtestsOf(folder))
        return TrialStore.layer({ filename: ledgerOf(folder) })
      },
      catch: (cause) => {
        const file = backtestsOf(folder)
        return new BacktestStoreFailed({
          file,
          message: `${file} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`
        })
      }
    })
  )

/** What running a backtest needs. */
export const backtestServices = (folder: DeskFolder) =>
  Layer.merge(backtestStore(folder), trialLedger(folder))

/** Trials by data set; none, and nothing is made, where there was never one. */
export const trialCounts = (folder: DeskFolder) =>
  existsSync(ledgerOf(folder))
    ? TrialLedger.use(({ datasets }) => datasets).pipe(Effect.provide(trialLedger(folder)))
    : Effect.succeed<ReadonlyArray<DatasetCount>>([])
