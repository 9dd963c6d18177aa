/** What can be traded or watched. */
import { Schema } from "effect"
import { InstrumentId, Symbol } from "./Identifiers.ts"
import { Price, Quantity } from "./Money.ts"
import { OptionContract } from "./OptionContract.ts"

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
  /** What the price of a unit is multiplied by: 1 for shares, 100 for options. */
  multiplier: Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0))),
  /** True when no venue could ever take a live order for it. */
  paperOnly: Schema.Boolean,
  /** What a user of its prices has to know, such as "price index, dividends absent". */
  caveats: Schema.Array(Schema.NonEmptyString)
}

export const Instrument = Schema.TaggedUnion({
  Equity: common,
  Index: common,
  Option: {
    ...common,
    contract: OptionContract
  }
})
export type Instrument = typeof Instrument.Type
export type OptionInstrument = Extract<Instrument, { readonly _tag: "Option" }>

/** The contract that an instrument is; undefined of one that is no option. */
export const contractOf = (instrument: Instrument | undefined): OptionContract | undefined =>
  instrument?._tag === "Option" ? instrument.contract : undefined
