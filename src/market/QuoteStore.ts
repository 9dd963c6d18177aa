/** Where quotes that orders may cite are kept. */
import { Context, type Effect, type Option } from "effect"
import type { InstrumentId, QuoteId } from "../domain/Identifiers.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

/** Implemented in `storage/`. */
export class QuoteStore extends Context.Service<
  QuoteStore,
  {
    readonly put: (quote: QuoteTick) => Effect.Effect<void, StorageError>
    /** As `put` of each, in one go; of two with one id the first is kept. */
    readonly putAll: (quotes: ReadonlyArray<QuoteTick>) => Effect.Effect<void, StorageError>
    readonly find: (id: QuoteId) => Effect.Effect<Option.Option<QuoteTick>, StorageError>
    /** The newest of an instrument that the market had shown by then. */
    readonly newest: (
      id: InstrumentId,
      until: Timestamp
    ) => Effect.Effect<Option.Option<QuoteTick>, StorageError>
    /** Drops quotes of market times before `before`. */
    readonly prune: (before: Timestamp) => Effect.Effect<void, StorageError>
  }
>()("plimsoll/market/QuoteStore") {}
