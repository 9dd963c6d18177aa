/**
 * The desk of a project, composed: database, stores, audit log, market, clock,
 * limits and the guarded broker on a paper venue.
 */
import { existsSync, renameSync, writeFileSync } from "node:fs"
import { Effect, Layer, Result } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import { Crank } from "../execution/Crank.ts"
import * as Desk from "../execution/Desk.ts"
import { DeskHistory } from "../execution/DeskHistory.ts"
import { KillSwitch } from "../execution/KillSwitch.ts"
import type { BarSource } from "../market/BarSource.ts"
import { CitedQuotes } from "../market/CitedQuotes.ts"
import { keepInstruments } from "../market/InstrumentStore.ts"
import { MarketClock } from "../market/MarketClock.ts"
import { MarketClockControl } from "../market/MarketClockControl.ts"
import * as OptionedMarketData from "../market/OptionedMarketData.ts"
import type { PublishedOptions } from "../market/PublishedChains.ts"
import { Sectors } from "../market/Sectors.ts"
import { SteadyClock } from "../market/SteadyClock.ts"
import * as SourcedMarketData from "../market/SourcedMarketData.ts"
import { SealedLimits } from "../risk/SealedLimits.ts"
import type * as DeskDatabase from "../storage/DeskDatabase.ts"
import * as DeskStores from "../storage/DeskStores.ts"
import { bootId } from "./BootId.ts"
import { candidate, readConfig } from "./ConfigFile.ts"
import { type ConfigInvalid, DEFAULT_SEED, type DeskConfig } from "./DeskConfig.ts"
import type { DeskFolder } from "./DeskFolder.ts"
import { ownDesk } from "./DeskOwner.ts"
import { openStorage } from "./DeskStorage.ts"
import { lastInstantOf, marketOptions, marketSources } from "./MarketSources.ts"
import { readTextFile } from "./ReadTextFile.ts"
import { venueModelsOf } from "./VenueModelsConfig.ts"

/** A configuration, and what is wrong with the file where this is not it. */
export interface LoadedConfig {
  readonly config: DeskConfig
  /** The file cannot be used and this is the last one that could: no limits are in force. */
  readonly problem: ConfigInvalid | undefined
}

const textOf = (path: string): string | undefined => {
  try {
    return readTextFile(path)
  } catch {
    return undefined
  }
}

/** Kept so that a desk can still be looked at, halted and have its orders canceled when its file is spoilt. */
const keepLast = ({ lastConfig }: DeskFolder, text: string): void => {
  if (textOf(lastConfig) === text) return
  try {
    writeFileSync(`${lastConfig}.new`, text)
    renameSync(`${lastConfig}.new`, lastConfig)
  } catch {
    // A folder that cannot be written to is what opening the database says.
  }
}

/**
 * The configuration of a desk. One that cannot be used is replaced by the last
 * one that could, and said; there are no limits in force then, so no order
 * passes, but cancels and the kill switch work.
 */
export const loadConfig = (folder: DeskFolder): Effect.Effect<LoadedConfig, ConfigInvalid> =>
  Effect.suspend((): Effect.Effect<LoadedConfig, ConfigInvalid> => {
    const read = readConfig(folder.config)
    if (Result.isSuccess(read)) {
      if (existsSync(folder.home)) keepLast(folder, read.success.text)
      return Effect.succeed({ config: read.success.config, problem: undefined })
    }
    const last = readConfig(folder.lastConfig)
    return Result.isSuccess(last)
      ? Effect.succeed({ config: last.success.config, problem: read.failure })
      : Effect.fail(read.failure)
  })

/** A desk's parts, its sources of prices being at hand. */
export const deskLayer = <E>(options: {
  readonly folder: DeskFolder
  readonly storage: Layer.Layer<Layer.Success<DeskDatabase.DeskDatabase>, E>
  readonly config: DeskConfig
  readonly sources: ReadonlyArray<BarSource>
  /** Options that were published; where there are none they are modelled. */
  readonly options?: PublishedOptions | undefined
  /** Names this process among those of the desk. */
  readonly holder: string
}) => {
  const { config, folder, holder, sources, storage } = options
  const until = lastInstantOf(sources)
  const stores = SteadyClock.layer({ boot: bootId() }).pipe(
    Layer.provideMerge(DeskStores.layer),
    Layer.provideMerge(storage)
  )
  const owned = Layer.effectDiscard(ownDesk(folder)).pipe(Layer.provideMerge(stores))
  const clock = Layer.merge(MarketClock.layerReplay({ until }), MarketClockControl.layer({ until }))
  return DeskHistory.layer.pipe(
    Layer.provideMerge(
      Desk.layerPaper({
        models: venueModelsOf(config.paper),
        holder,
        // On a desk a person resumes.
        resumePolicy: { _tag: "Never" },
        clocks: "both"
      })
    ),
    Layer.merge(Sectors.layer(new Map(Object.entries(config.instruments ?? {})))),
    Layer.provideMerge(Layer.mergeAll(CitedQuotes.layer, keepInstruments)),
    Layer.provideMerge(
      OptionedMarketData.layer({ published: options.options }).pipe(
        Layer.provide(SourcedMarketData.layer({ sources, seed: String(config.seed ?? DEFAULT_SEED) }))
      )
    ),
    Layer.provideMerge(
      Layer.mergeAll(clock, SealedLimits.layer(candidate(folder)), AuditLog.layer({ folder: folder.audit }))
    ),
    Layer.provideMerge(owned)
  )
}

/**
 * The desk of a folder that has one. `evenWithoutMarket`: one whose prices
 * cannot be read opens all the same, without instruments: trading can be halted then.
 */
export const openDesk = (
  folder: DeskFolder,
  holder: string,
  options: { readonly evenWithoutMarket?: boolean } = {}
) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const storage = yield* openStorage(folder)
      const { config } = yield* loadConfig(folder)
      const opened = marketSources(config, folder.project)
      const sources =
        options.evenWithoutMarket === true ? yield* Effect.orElseSucceed(opened, () => []) : yield* opened
      const published = yield* marketOptions(config, folder.project)
      return deskLayer({ folder, storage, config, sources, options: published, holder })
    })
  )

/**
 * Brings the desk up to market time, and tries once more to cancel what a halt
 * has left working; its audit entries are on disk when it returns.
 */
export const turnCrank = Effect.gen(function* () {
  const crank = yield* Crank
  const audit = yield* AuditLog
  const killSwitch = yield* KillSwitch
  // A halt waits for no market.
  const turn = yield* Effect.exit(crank.turn)
  yield* killSwitch.settle.pipe(
    Effect.catchTag("VenueUnanswered", (error) =>
      Effect.logWarning("what a halt has left working could not be canceled", error)
    )
  )
  yield* audit.flush
  return yield* turn
})
