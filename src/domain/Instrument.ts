/** What can be traded or watched. */
import { Schema } from "effect"
import { InstrumentId, Symbol } from "./Identifiers.ts"
import { Price, Quantity } from "./Money.ts"
import { SessionDate } from "./Timestamp.ts"

const common = {
  id: InstrumentId,
  symbol: Symbol,
  /** What a person would call it. */
  name: Schema.NonEmptyString,
  currency: Schema.Literal("USD"),
  /** Smallest step of an order's limit and stop prices. */
  priceIncrement: Price,
  /** Smallest step of an order's quantity. */
  sizeIncrement: Quantity,
  /** Deliverable units per contract; 1 for shares. */
  multiplier: Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0))),
  /** True when no venue could ever take a live order for it. */
  paperOnly: Schema.Boolean,
  /** What a user of its prices has to know, such as "price index, dividends absent". */
  caveats: Schema.Array(Schema.NonEmptyString)
}

export const OptionRight = Schema.Literals(["CALL", "PUT"])
export type OptionRight = typeof OptionRight.Type
export const OptionStyle = Schema.Literals(["AMERICAN", "EUROPEAN"])
export type OptionStyle = typeof OptionStyle.Type

export const Instrument = Schema.TaggedUnion({
  Equity: common,
  Index: common,
  Option: {
    ...common,
    underlying: InstrumentId,
    strike: Price,
    right: OptionRight,
    /** Last day it can be exercised. */
    expiry: SessionDate,
    style: OptionStyle
  }
})
export type Instrument = typeof Instrument.Type
