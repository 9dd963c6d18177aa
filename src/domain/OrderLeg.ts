/**
 * A combination of legs ordered as one: vertical, condor, covered call.
 *
 * One unit of a combo is `ratio` contracts (or shares) of each leg. Its net
 * price is in dollars a share: Σ ± price × ratio × multiplier ÷ 100 over the
 * legs, bought ones positive; so a debit is positive and a credit negative, and
 * one unit costs the net price times 100. The combo itself is always bought:
 * the legs say what is sold.
 */
import { Schema } from "effect"
import { InstrumentId, instrumentId, isOptionId, OPTION_VENUE, type QuoteId, quoteId } from "./Identifiers.ts"
import { OptionContract } from "./OptionContract.ts"
import { sha256 } from "./Sha256.ts"

/** Legs of one order at most. */
export const MAX_LEGS = 8
/** Of one leg: contracts, or shares, in one unit of a combo. */
export const MAX_LEG_RATIO = 1000
/** What a combo's net price is multiplied by. */
export const COMBO_MULTIPLIER = 100

const Side = Schema.Literals(["BUY", "SELL"])

const leg = {
  instrumentId: InstrumentId,
  side: Side,
  /** Whole contracts or shares in one unit. */
  ratio: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_LEG_RATIO })))
}

export const OrderLeg = Schema.Struct(leg)
export type OrderLeg = typeof OrderLeg.Type

/** A leg with what the books and the rules have to know of its instrument. */
export const LegTerms = Schema.Struct({
  ...leg,
  multiplier: Schema.Int,
  /** Of an option; absent for shares. */
  contract: Schema.optionalKey(OptionContract)
})
export type LegTerms = typeof LegTerms.Type

/** +1 for a leg that is bought, −1 for one that is sold. */
export const legSign = ({ side }: OrderLeg): 1 | -1 => (side === "BUY" ? 1 : -1)

const textOf = ({ instrumentId: id, ratio, side }: OrderLeg): string => `${side} ${ratio} ${id}`

/** The name a combo's orders go by: made of its legs, in whatever order they are given. */
export const comboId = (legs: ReadonlyArray<OrderLeg>): InstrumentId => {
  const [first = "X"] = legs
    .map((one) => one.instrumentId)
    .filter(isOptionId)
    .toSorted()
  const [root = "X"] = first.split(" ")
  const hash = sha256(legs.map(textOf).toSorted().join("|")).slice(0, 16).toUpperCase()
  return instrumentId(`${root} COMBO ${hash}.${OPTION_VENUE}`)
}

/** What an order cites that was decided on several quotes, in whatever order they are given. */
export const comboQuoteId = (ids: ReadonlyArray<QuoteId>): QuoteId =>
  quoteId(`q-${sha256(ids.toSorted().join("|")).slice(0, 16)}`)

/** Net price in micros: Σ ± price × ratio × multiplier ÷ 100, to the micro half away from a loss: rounded up. */
export const netPriceOf = (
  legs: ReadonlyArray<{
    readonly side: "BUY" | "SELL"
    readonly ratio: number
    readonly multiplier: number
    readonly price: number
  }>
): number => {
  let hundredths = 0
  for (const { multiplier, price, ratio, side } of legs)
    hundredths += (side === "BUY" ? 1 : -1) * price * ratio * multiplier
  return Math.ceil(hundredths / COMBO_MULTIPLIER)
}
