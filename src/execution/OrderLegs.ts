/** What the legs of an order come to: their order, their terms, their quotes, what is wrong with them. Pure. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { MICROS, type NetPrice, netPrice } from "../domain/Money.ts"
import type { OrderContent, OrderRequest } from "../domain/Order.ts"
import {
  comboId,
  comboQuoteId,
  type LegTerms,
  MAX_LEG_RATIO,
  MAX_LEGS,
  netPriceOf,
  type OrderLeg
} from "../domain/OrderLeg.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { contractInstrument } from "../market/OptionInstruments.ts"
import type { BookState, LiveOrder } from "./Book.ts"

/** What an order is for. */
export type Traded = Pick<OrderContent, "instrumentId" | "legs">

/** The instruments an order trades: those of its legs, or its own. */
export const tradedBy = ({ instrumentId, legs }: Traded): ReadonlyArray<InstrumentId> =>
  legs === undefined ? [instrumentId] : legs.map((leg) => leg.instrumentId)

/** Whether an order trades this, or is called so. */
export const isOn = (content: Traded, id: InstrumentId): boolean =>
  content.instrumentId === id || tradedBy(content).includes(id)

/** Whether it is on this, or for options on it. */
export const concerns = (
  { order, terms = [] }: Pick<LiveOrder, "order" | "terms">,
  id: InstrumentId
): boolean => isOn(order.content, id) || terms.some(({ contract }) => contract?.underlying === id)

/** Legs in an order of their own: the same combo is the same order, however its legs are given. */
export const sortedLegs = (legs: ReadonlyArray<OrderLeg>): ReadonlyArray<OrderLeg> =>
  legs.toSorted((a, b) => (a.instrumentId < b.instrumentId ? -1 : a.instrumentId > b.instrumentId ? 1 : 0))

/** An order with its legs so. */
export const inOrder = (content: OrderContent): OrderContent =>
  content.legs === undefined ? content : { ...content, legs: sortedLegs(content.legs) }

const whyNoCombo = (legs: ReadonlyArray<OrderLeg>): string | undefined => {
  if (legs.length < 2 || legs.length > MAX_LEGS)
    return `a combo has 2 to ${MAX_LEGS} legs, and this has ${legs.length}: an order for one instrument has none`
  const uneven = legs.find(({ ratio }) => !Number.isInteger(ratio) || ratio < 1 || ratio > MAX_LEG_RATIO)
  if (uneven !== undefined)
    return `the ratio of the leg ${uneven.instrumentId} is ${uneven.ratio}: expected a whole number from 1 to ${MAX_LEG_RATIO}`
  const twice = legs.find(({ instrumentId }, at) =>
    legs.slice(at + 1).some((other) => other.instrumentId === instrumentId)
  )
  return twice === undefined ? undefined : `${twice.instrumentId} is two of its legs: make them one`
}

const comboTimes: ReadonlySet<OrderContent["timeInForce"]> = new Set([
  "DAY",
  "GTC",
  "IOC",
  "FOK",
  "AT_THE_OPEN"
])

/** What keeps a content from being an order at all; undefined when nothing does. What the market or the rules say of it is another matter. */
export const whyNoOrder = (content: OrderContent): string | undefined => {
  const { bracket, instrumentId, legs, ocoGroup, side, size, timeInForce, type } = content
  if (legs === undefined) return type._tag === "NetLimit" ? "a net price is of an order with legs" : undefined
  const problem = whyNoCombo(legs)
  if (problem !== undefined) return problem
  if (instrumentId !== comboId(legs)) return `${instrumentId} is not the name of its legs (${comboId(legs)})`
  if (side !== "BUY") return "a combo is bought: its legs say what is sold"
  if (type._tag !== "Market" && type._tag !== "NetLimit")
    return `a combo is ordered at the market or at a net price, not as ${type._tag}`
  if (size._tag !== "Quantity" || size.quantity <= 0 || size.quantity % MICROS !== 0)
    return "a combo's size is a whole number of units"
  if (!comboTimes.has(timeInForce)) return `a combo cannot be ${timeInForce}`
  return bracket === undefined && ocoGroup === undefined
    ? undefined
    : "a combo takes no bracket and no OCO group"
}

/** What keeps a request from being looked at: its content, or quotes that are not those of its legs. */
export const whyInvalid = (request: OrderRequest): string | undefined => {
  const { legQuoteIds, legs } = request
  const problem = whyNoOrder(request)
  if (problem !== undefined) return problem
  if (legs === undefined)
    return legQuoteIds === undefined ? undefined : "quotes of legs are of an order with legs"
  return whyUncited(legs, request)
}

/** What is wrong with the quotes that are cited for these legs. */
export const whyUncited = (
  legs: ReadonlyArray<OrderLeg>,
  { legQuoteIds, quoteId }: Pick<OrderRequest, "quoteId" | "legQuoteIds">
): string | undefined => {
  if (legQuoteIds === undefined || legQuoteIds.length !== legs.length)
    return `a combo of ${legs.length} legs cites as many quotes, and ${legQuoteIds?.length ?? 0} were given`
  return quoteId === comboQuoteId(legQuoteIds)
    ? undefined
    : `${quoteId} is not the name of the legs' quotes (${comboQuoteId(legQuoteIds)})`
}

/** The quote of each leg among those cited. */
export const citedFor = (
  legs: ReadonlyArray<OrderLeg>,
  quotes: Iterable<QuoteTick>
): ReadonlyArray<QuoteTick | undefined> => {
  const byInstrument = new Map<InstrumentId, QuoteTick>()
  for (const quote of quotes) byInstrument.set(quote.instrumentId, quote)
  return legs.map(({ instrumentId }) => byInstrument.get(instrumentId))
}

/** An instrument as the books know it, or the market: what is held goes by its own contract, adjusted ones too. */
export const instrumentIn = (
  { ledger }: Pick<BookState, "ledger">,
  id: InstrumentId,
  listed: (id: InstrumentId) => Instrument | undefined
): Instrument | undefined => {
  const held = ledger.positions[id]
  return held?.contract === undefined ? listed(id) : contractInstrument(id, held.contract, held.multiplier)
}

const termsOfLeg = (leg: OrderLeg, instrument: Instrument): LegTerms => ({
  instrumentId: leg.instrumentId,
  side: leg.side,
  ratio: leg.ratio,
  multiplier: instrument.multiplier,
  ...(instrument._tag === "Option" ? { contract: instrument.contract } : {})
})

/**
 * The legs of an order for options with their contracts, an order for one
 * contract having one; undefined of an order for shares, and where an
 * instrument is not known.
 */
export const termsOf = (
  order: Traded & Pick<OrderContent, "side">,
  instrumentOf: (id: InstrumentId) => Instrument | undefined
): ReadonlyArray<LegTerms> | undefined => {
  const { instrumentId, legs, side } = order
  const terms: Array<LegTerms> = []
  for (const leg of legs ?? [{ instrumentId, side, ratio: 1 }]) {
    const instrument = instrumentOf(leg.instrumentId)
    if (instrument === undefined) return undefined
    terms.push(termsOfLeg(leg, instrument))
  }
  return legs !== undefined || terms.some(({ contract }) => contract !== undefined) ? terms : undefined
}

/** A combo's market, dollars a share: what a unit costs now, and what undoing it would bring. */
export interface NetQuote {
  readonly bid: NetPrice
  readonly ask: NetPrice
}

/** The net price with one price of each leg's quote; undefined while one of them has none. */
const netAt = (
  terms: ReadonlyArray<LegTerms>,
  quotes: ReadonlyArray<QuoteTick | undefined>,
  priceOf: (leg: LegTerms, quote: QuoteTick) => number
): NetPrice | undefined => {
  const priced = terms.flatMap((leg, at) => {
    const quote = quotes[at]
    return quote === undefined ? [] : [{ ...leg, price: priceOf(leg, quote) }]
  })
  return priced.length === terms.length ? netPrice(netPriceOf(priced)) : undefined
}

/** From the quotes of its legs, in their order; undefined while one of them has none. */
export const netQuoteOf = (
  terms: ReadonlyArray<LegTerms>,
  quotes: ReadonlyArray<QuoteTick | undefined>
): NetQuote | undefined => {
  const ask = netAt(terms, quotes, ({ side }, quote) => (side === "BUY" ? quote.ask : quote.bid))
  const bid = netAt(terms, quotes, ({ side }, quote) => (side === "BUY" ? quote.bid : quote.ask))
  return ask === undefined || bid === undefined ? undefined : { bid, ask }
}
