/** What the tools of the backtest server share: where the backtests are, which run, and whose turn it is. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer, Path, Schema, Semaphore } from "effect"
import { backtestServices, backtestStore, trialCounts } from "../../backtest/BacktestServices.ts"
import type { DeskFolder } from "../../DeskFolder.ts"

/** Where the backtests of a project are, and which of them this server is playing. */
export interface Backtests {
  readonly folder: () => DeskFolder
  /** One is played at a time: they share a processor. */
  readonly turn: Semaphore.Semaphore
  /** Ids. */
  readonly running: Set<string>
  waiting: number
}

export const makeBacktests = (folder: () => DeskFolder): Backtests => ({
  folder,
  turn: Semaphore.makeUnsafe(1),
  running: new Set(),
  waiting: 0
})

const platform = Layer.mergeAll(NodeFileSystem.layer, Path.layer)

/** The stored backtests, and the files they are made of. */
export const storeOf = ({ folder }: Backtests) => backtestStore(folder()).pipe(Layer.provideMerge(platform))

/** What running a backtest needs: the store, and the ledger that counts it. */
export const servicesOf = ({ folder }: Backtests) =>
  backtestServices(folder()).pipe(Layer.provideMerge(platform))

/** Backtests ever run on a data set; null where they cannot be counted. */
export const trialsOn = ({ folder }: Backtests, dataset: string): Effect.Effect<number | null> =>
  trialCounts(folder()).pipe(
    Effect.map((all) => all.find((one) => one.dataset === dataset)?.trials ?? 0),
    Effect.catch((error) =>
      Effect.as(Effect.logWarning(`the trials cannot be counted: ${error.message}`), null)
    )
  )

/** As many are being played or wait for their turn as this server takes. */
export class BacktestsBusy extends Schema.TaggedError<BacktestsBusy>()("BacktestsBusy", {
  message: Schema.String
}) {}

/** Backtests and sweeps that may wait for the one being played. */
const MAX_WAITING = 8

/** Plays it when its turn comes: one at a time, and not without end. */
export const inTurn = <A, E, R>(
  backtests: Backtests,
  id: string,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E | BacktestsBusy, R> =>
  Effect.suspend((): Effect.Effect<A, E | BacktestsBusy, R> => {
    if (backtests.waiting > MAX_WAITING) {
      return Effect.fail(
        new BacktestsBusy({
          message: `${backtests.waiting} backtests are being played or wait already, which is all this server takes`
        })
      )
    }
    backtests.waiting += 1
    const played = Effect.suspend(() => {
      backtests.running.add(id)
      return work
    }).pipe(Effect.ensuring(Effect.sync(() => backtests.running.delete(id))))
    return backtests.turn
      .withPermits(1)(played)
      .pipe(Effect.ensuring(Effect.sync(() => (backtests.waiting -= 1))))
  })
