/**
 * The instruments of a desk's market, kept in its database: for programs that
 * have to know them and have no time to open the sources of prices.
 */
import { Context, Effect, Layer, type Option } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import { MarketData } from "./MarketData.ts"

export interface KeptInstrument {
  readonly instrument: Instrument
  /** The last session its source has prices of. */
  readonly lastSession: SessionDate
}

/** Implemented in `storage/`. */
export class InstrumentStore extends Context.Service<
  InstrumentStore,
  {
    /** Makes these the instruments there are, all or none; writes what differs only, and nothing when nothing does. */
    readonly keep: (listed: ReadonlyArray<KeptInstrument>) => Effect.Effect<void, StorageError>
    /** By symbol or instrument id, as both are written. */
    readonly find: (name: string) => Effect.Effect<Option.Option<KeptInstrument>, StorageError>
    /** The last session of any of them; none where there are none. */
    readonly lastSession: Effect.Effect<Option.Option<SessionDate>, StorageError>
    /** Of all of them, in order. */
    readonly symbols: Effect.Effect<ReadonlyArray<string>, StorageError>
  }
>()("plimsoll/market/InstrumentStore") {}

/** Keeps what the market has; a market that could not be opened, and so has nothing, leaves what was kept before. */
export const keepInstruments: Layer.Layer<never, StorageError, MarketData | InstrumentStore> =
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { listings } = yield* MarketData
      const store = yield* InstrumentStore
      if (listings.length > 0) yield* store.keep(listings)
    })
  )
