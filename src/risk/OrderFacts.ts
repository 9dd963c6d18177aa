/** What the rules share about one order, worked out once. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import { contractOf, type Instrument } from "../domain/Instrument.ts"
import { MICROS } from "../domain/Money.ts"
import type { OrderContent, OrderSide, OrderType } from "../domain/Order.ts"
import { COMBO_MULTIPLIER, netPriceOf, type OrderLeg } from "../domain/OrderLeg.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { ceilShare, partsPerMillion } from "./ExactRatio.ts"
import { type Account, type OnOrder, type OpenRisk, optionsRisk, sharesRisk } from "./OpenRisk.ts"
import { hasOptions, type TradedPart } from "./options/Underlyings.ts"
import { groupOf } from "./OrderGroup.ts"
import type { RiskLimits } from "./RiskLimits.ts"
import type { LegView, ProposedOrder, RiskSnapshot } from "./RiskSnapshot.ts"
import { LEAST_OPTION_COLLAR, optionSalePrice, valueOf, valuePriceOf, worstQuantityOf } from "./Valuation.ts"

/** One instrument that the order trades: all of an order without legs. */
export interface LegFacts extends TradedPart {
  /** Contracts or shares in one unit; 1 without legs. */
  readonly ratio: number
  /** When it is the one that is ordered. */
  readonly instrument: Instrument | undefined
  readonly citedQuote: QuoteTick | undefined
  /** The market now, when it is a quote of the instrument that this side can trade on. */
  readonly quote: QuoteTick | undefined
}

/** Prices of a combo in micros, dollars a share. */
export interface NetFacts {
  /** What one unit costs now: bought legs at the ask, sold ones at the bid. */
  readonly natural: number
  /** So far a price may be from it: the collar of all legs' prices together, a cent at least. */
  readonly collar: number
  /** The net price that limits count it at. */
  readonly value: number
}

export interface OrderFacts {
  readonly snapshot: RiskSnapshot
  readonly order: ProposedOrder
  readonly limits: RiskLimits | undefined
  readonly legs: ReadonlyArray<LegFacts>
  /** The market now, when it is a usable quote of the order's instrument; undefined of a combo. */
  readonly quote: QuoteTick | undefined
  /** Of a combo, when all its legs have quotes. */
  readonly net: NetFacts | undefined
  /** Micros; NaN when it cannot be told. */
  readonly valuePrice: number
  /** Micros of a dollar the order counts for; NaN when it cannot be told. */
  readonly value: number
  /** True when the order can only make its position smaller; false when that cannot be told. */
  readonly reducing: boolean
  readonly openRisk: OpenRisk
  /** It is for options, or for shares that options are on. */
  readonly concernsOptions: boolean
}

/** Prices that can be traded on: whole, positive, and not crossed. */
export const isUsable = (quote: QuoteTick): boolean =>
  Number.isSafeInteger(quote.bid) &&
  Number.isSafeInteger(quote.ask) &&
  Number.isSafeInteger(quote.tsEvent) &&
  quote.bid > 0 &&
  quote.bid <= quote.ask

/** An option's quote with an ask and no bid: it can be bought, and nobody buys it. */
export const isOneSided = (quote: QuoteTick): boolean => quote.bid === 0 && quote.ask > 0

/** Usable, or an option's that has the side to buy on. */
export const isTradable = (quote: QuoteTick, side: OrderSide, isOption: boolean): boolean =>
  isUsable(quote) ||
  (isOption &&
    side === "BUY" &&
    isOneSided(quote) &&
    Number.isSafeInteger(quote.ask) &&
    Number.isSafeInteger(quote.tsEvent))

/** The instrument that is known by this name. */
const named = (instrument: Instrument | undefined, id: InstrumentId): Instrument | undefined =>
  instrument?.id === id ? instrument : undefined

const tradableQuote = (
  quote: QuoteTick | undefined,
  { instrumentId, side }: Pick<OrderLeg, "instrumentId" | "side">,
  isOption: boolean
): QuoteTick | undefined =>
  quote !== undefined && quote.instrumentId === instrumentId && isTradable(quote, side, isOption)
    ? quote
    : undefined

const netFacts = (
  legs: ReadonlyArray<LegFacts>,
  type: OrderType,
  priceCollarRatio: number
): NetFacts | undefined => {
  const priced = legs.map(({ instrument, quote, ratio, side }) => ({
    side,
    ratio,
    multiplier: instrument?.multiplier ?? Number.NaN,
    price: (side === "BUY" ? quote?.ask : quote?.bid) ?? Number.NaN
  }))
  const natural = netPriceOf(priced)
  const gross = netPriceOf(priced.map((leg) => ({ ...leg, side: "BUY" as const })))
  if (!Number.isSafeInteger(natural) || !Number.isSafeInteger(gross)) return undefined
  const collar = Math.max(LEAST_OPTION_COLLAR, ceilShare(gross, partsPerMillion(priceCollarRatio)))
  const most = natural + collar
  return { natural, collar, value: type._tag === "NetLimit" ? Math.min(type.netPrice, most) : most }
}

/** What an order is of, and what it costs. */
interface Priced {
  readonly legs: ReadonlyArray<LegFacts>
  readonly net: NetFacts | undefined
  readonly valuePrice: number
  /** Micros of a dollar that change hands, without sign. */
  readonly premium: number
  readonly cost: number
}

const comboLeg = (leg: OrderLeg, view: LegView | undefined, units: number): LegFacts => {
  const { instrumentId, ratio, side } = leg
  const instrument = named(view?.instrument, instrumentId)
  const contract = contractOf(instrument)
  return {
    instrumentId,
    side,
    ratio,
    instrument,
    contract,
    multiplier: instrument?.multiplier ?? Number.NaN,
    quantity: units * ratio,
    citedQuote: view?.citedQuote,
    quote: tradableQuote(view?.currentQuote, leg, contract !== undefined)
  }
}

const pricedCombo = (
  snapshot: RiskSnapshot,
  { size, type }: OrderContent,
  ordered: ReadonlyArray<OrderLeg>,
  collar: number
): Priced => {
  const units = size._tag === "Quantity" ? size.quantity : Number.NaN
  const legs = ordered.map((leg, at) => comboLeg(leg, snapshot.legs?.[at], units))
  const net = netFacts(legs, type, collar)
  const value = net?.value ?? Number.NaN
  const cost = value * COMBO_MULTIPLIER * (units / MICROS)
  return {
    legs,
    net,
    // What brings money is counted by how much; what costs nothing by the smallest step.
    valuePrice: Math.max(LEAST_OPTION_COLLAR, Math.abs(value)),
    premium: Math.abs(cost),
    cost
  }
}

const pricedSingle = (snapshot: RiskSnapshot, content: OrderContent, collar: number): Priced => {
  const { instrumentId, side, size, type } = content
  const instrument = named(snapshot.instrument, instrumentId)
  const contract = contractOf(instrument)
  const multiplier = instrument?.multiplier ?? Number.NaN
  const quote = tradableQuote(snapshot.currentQuote, content, contract !== undefined)
  const valuePrice =
    quote === undefined
      ? Number.NaN
      : contract !== undefined && side === "SELL"
        ? optionSalePrice(type, quote.bid, collar)
        : valuePriceOf(type, side, quote, collar)
  const premium = valueOf(size, valuePrice, multiplier)
  const quantity = worstQuantityOf(size, valuePrice, multiplier, collar)
  const { citedQuote } = snapshot
  return {
    legs: [{ instrumentId, side, ratio: 1, instrument, contract, multiplier, quantity, citedQuote, quote }],
    net: undefined,
    valuePrice,
    premium,
    cost: side === "BUY" ? premium : 0 - premium
  }
}

const unmeasured = (missing: string): OpenRisk => ({
  legs: [],
  instrument: Number.NaN,
  gross: Number.NaN,
  tiedUp: Number.NaN,
  own: undefined,
  greeks: undefined,
  missing
})

/** Prices of the contracts that are ordered: the middle of their quotes now. */
const middles = (legs: ReadonlyArray<LegFacts>): Account["marks"] => {
  const marks = new Map<InstrumentId, number>()
  for (const { contract, instrumentId, quote } of legs)
    if (contract !== undefined && quote !== undefined) marks.set(instrumentId, (quote.bid + quote.ask) / 2)
  return marks
}

const measure = (snapshot: RiskSnapshot, order: ProposedOrder, { cost, legs, premium }: Priced): OpenRisk => {
  const { limits, margin, now, positions, underlyings, working } = snapshot
  if (limits === undefined) return unmeasured("limits are missing")
  if (positions === undefined) return unmeasured("the list of positions is missing")
  if (working === undefined) return unmeasured("the list of working orders is missing")
  const { instrumentId, ocoGroup, side } = order.content
  const group = groupOf(ocoGroup, order.bracketOf)
  const leg = { instrumentId, side, group, value: premium, quantity: legs[0]?.quantity ?? Number.NaN }
  if (!hasOptions(positions, working, legs))
    return sharesRisk(positions, working, limits.priceCollarRatio, leg, margin)
  if (underlyings === undefined) return unmeasured("the prices of what options are on are missing")
  if (now === undefined) return unmeasured("the market's time is missing")
  const account: Account = { positions, working, limits, now, underlyings, marks: middles(legs), margin }
  return optionsRisk(account, leg, { parts: legs, cost, group })
}

/** With its side's working orders counted as filled, a leg makes its position smaller and never turns its sign. */
export const shrinks = ({ ahead, aheadWithOrder, held }: OnOrder, side: OrderSide): boolean => {
  const opposite = side === "SELL" ? held > 0 : held < 0
  return opposite && aheadWithOrder > ahead && aheadWithOrder <= Math.abs(held)
}

/**
 * Reducing (design, principle 6): every leg makes its position smaller, and
 * where there are options on the underlying, the least that all of it can be
 * worth does not fall. An unmeasurable position is never reduced: every
 * comparison with NaN fails.
 */
const isReducing = (legs: ReadonlyArray<LegFacts>, { legs: onOrder, own }: OpenRisk): boolean => {
  for (let at = 0; at < legs.length; at++) {
    const leg = legs[at]
    const one = onOrder[at]
    if (leg === undefined || one === undefined) return false
    if (!(leg.quantity > 0) || !shrinks(one, leg.side)) return false
  }
  return legs.length > 0 && own?.keepsFloor !== false
}

/**
 * What the order counts for by itself: what changes hands, and of an order for
 * options, if that is more, what it adds to the worst case of the underlying.
 */
const countedValue = ({ cost, legs, premium }: Priced, { own }: OpenRisk): number => {
  if (own === undefined || legs.every(({ contract }) => contract === undefined)) return premium
  const { after, before } = own
  return Math.max(premium, before.boundedFloor - (after.boundedFloor - cost))
}

export const orderFacts = (snapshot: RiskSnapshot, order: ProposedOrder): OrderFacts => {
  const { limits } = snapshot
  const { content } = order
  const collar = limits?.priceCollarRatio ?? Number.NaN
  const isSingle = content.legs === undefined
  const priced =
    content.legs === undefined
      ? pricedSingle(snapshot, content, collar)
      : pricedCombo(snapshot, content, content.legs, collar)
  const { legs, net, valuePrice } = priced
  const [first] = legs
  const risk = measure(snapshot, order, priced)
  return {
    snapshot,
    order,
    limits,
    legs,
    quote: isSingle ? first?.quote : undefined,
    net,
    valuePrice,
    value: countedValue(priced, risk),
    reducing: isReducing(legs, risk),
    openRisk: risk,
    concernsOptions: !isSingle || first?.contract !== undefined || risk.own !== undefined
  }
}
