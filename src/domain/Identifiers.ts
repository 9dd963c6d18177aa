/** Branded names. The lower-case function marks a text as such without checking it: for values our own code makes. */
import { Schema } from "effect"
import { nominal } from "./Nominal.ts"

/** What people type: "AAPL", "SPX-REPLAY", or an OCC option symbol such as "SPY 240119C00450000". */
export const Symbol = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[A-Z0-9][A-Z0-9 _^/-]{0,31}$/u)),
  Schema.brand("Symbol")
)
export type Symbol = typeof Symbol.Type
export const symbol = nominal<Symbol>()

/** `SYMBOL.MIC`, the symbol and its exchange's market identifier code: "AAPL.XNAS". */
export const InstrumentId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[A-Z0-9][A-Z0-9 _^/-]{0,31}\.[A-Z0-9]{4}$/u)),
  Schema.brand("InstrumentId")
)
export type InstrumentId = typeof InstrumentId.Type
export const instrumentId = nominal<InstrumentId>()

/** "AAPL" of "AAPL.XNAS": what is asked for, and not where it trades. */
export const symbolOf = (id: InstrumentId): Symbol => symbol(id.slice(0, id.lastIndexOf(".")))

/** The options exchanges' common reporting authority: the venue of every contract, and of combos of them. */
export const OPTION_VENUE = "OPRA"

/** True of an option contract, and of a combo. */
export const isOptionId = (id: InstrumentId): boolean => id.endsWith(`.${OPTION_VENUE}`)

/** Ours, chosen before the order is sent; the key that makes a send idempotent. */
export const ClientOrderId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/u)),
  Schema.brand("ClientOrderId")
)
export type ClientOrderId = typeof ClientOrderId.Type
export const clientOrderId = nominal<ClientOrderId>()

/** The venue's own name for an order. */
export const VenueOrderId = Schema.NonEmptyString.pipe(Schema.brand("VenueOrderId"))
export type VenueOrderId = typeof VenueOrderId.Type
export const venueOrderId = nominal<VenueOrderId>()

/** The venue's name for one fill; unique per venue and account. */
export const TradeId = Schema.NonEmptyString.pipe(Schema.brand("TradeId"))
export type TradeId = typeof TradeId.Type
export const tradeId = nominal<TradeId>()

/** A quote an order can cite; made from the quote's content. */
export const QuoteId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^q-[0-9a-f]{16}$/u)),
  Schema.brand("QuoteId")
)
export type QuoteId = typeof QuoteId.Type
export const quoteId = nominal<QuoteId>()

/** One book of cash, positions and orders: the desk's, or a run's own. */
export const AccountId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[a-z0-9][a-z0-9-]{0,47}$/u)),
  Schema.brand("AccountId")
)
export type AccountId = typeof AccountId.Type
export const accountId = nominal<AccountId>()
