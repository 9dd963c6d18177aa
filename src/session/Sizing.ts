/**
 * From what a strategy wants to hold to orders that the desk's own rules admit.
 *
 * Pure and deterministic. Buys are valued as the risk rules value them (the ask
 * plus the price collar, working buys counted as filled, no credit for sales
 * that may not fill), so none is planned that the position, gross exposure,
 * order notional or buying power rule would deny. A buy to 100% of equity under
 * a 5% collar is therefore sent for about 95% of it.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import {
  MAX_MONEY_MICROS,
  MAX_PRICE_MICROS,
  MAX_QUANTITY_MICROS,
  MICROS,
  type Money,
  money,
  type Price,
  price,
  type Quantity,
  quantity,
  quantityFor
} from "../domain/Money.ts"
import type { OrderSide, OrderSize } from "../domain/Order.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { floorShare, notionalCeil, partsPerMillion } from "../risk/ExactRatio.ts"
import type { RiskLimits } from "../risk/RiskLimits.ts"
import { valuePriceOf } from "../risk/Valuation.ts"
import type { StrategyContext, Target } from "./Strategy.ts"

/** The least change of a position that is worth an order, as a ratio of an instrument's equal share of equity. */
export const rebalanceBand = 0.05

export interface SizingOptions {
  readonly limits: RiskLimits
  /** Closing quotes. Without one nothing is sent for an instrument. */
  readonly quotes: ReadonlyMap<InstrumentId, Pick<QuoteTick, "bid" | "ask" | "last">>
  /** What purchases may come to; the cash unless given, of a margin account more. */
  readonly buyingPower?: Money | undefined
  /** See `rebalanceBand`; a change to zero is made whatever its size. */
  readonly band: number
}

/** A market order. */
export interface PlannedOrder {
  readonly instrumentId: InstrumentId
  readonly side: OrderSide
  /** A multiple of the instrument's size increment; of a purchase of an instrument that comes in fractions, the money for it. */
  readonly size: OrderSize
  readonly reason: string
}

/** A target that calls for a trade, before the account's limits on buys. */
interface Change {
  readonly instrument: Instrument
  readonly side: OrderSide
  /** In fractions: bought for an amount of money, of which `quantity` is then the dollars, at a price of one each. */
  readonly byNotional: boolean
  readonly quantity: Quantity
  readonly multiplier: number
  readonly sizeIncrement: Quantity
  /** Micros at which the rules count the order. */
  readonly valuePrice: number
  /** Micros of the last trade, at which the band measures it. */
  readonly last: number
  /** To the share: made however little it is. */
  readonly exact: boolean
  /** Makes a position smaller, a short one's purchase among them. */
  readonly reducing: boolean
  readonly reason: string
}

/** Far above any limit; keeps a weight's parts per million whole. */
const MAX_WEIGHT = 10

/** Each target with its instrument. Throws RangeError where only a bug can have led. */
const checkTargets = (
  { holdings, instruments }: StrategyContext,
  targets: ReadonlyArray<Target>
): ReadonlyArray<readonly [Target, Instrument]> => {
  const known = new Map(instruments.map((instrument) => [instrument.id, instrument]))
  for (const id of holdings.keys()) {
    if (!known.has(id)) throw new RangeError(`there is a holding of ${id}, which is not in this run`)
  }
  const seen = new Set<InstrumentId>()
  return targets.map((target) => {
    const { instrumentId } = target
    const wanted = target.weight ?? target.quantity
    const instrument = known.get(instrumentId)
    if (instrument === undefined) {
      throw new RangeError(`there is a target for ${instrumentId}, which is not in this run`)
    }
    if (!(wanted >= 0)) {
      const what = target.weight === undefined ? "quantity" : "weight"
      throw new RangeError(`the target for ${instrumentId} is a ${what} of ${wanted}: it must be 0 or more`)
    }
    if (seen.has(instrumentId)) throw new RangeError(`there are two targets for ${instrumentId}`)
    seen.add(instrumentId)
    return [target, instrument]
  })
}

/** The least value worth an order, in micros. */
const bandOf = ({ equity, instruments }: StrategyContext, band: number): number =>
  floorShare(equity, partsPerMillion(band)) / Math.max(1, instruments.length)

const wholeSteps = (micros: number, increment: Quantity): Quantity => quantity(micros - (micros % increment))

/** True of an instrument that is traded in less than one. */
export const isFractional = ({ sizeIncrement }: Instrument): boolean => sizeIncrement < MICROS

const wantedMoney = ({ equity }: Pick<StrategyContext, "equity">, weight: number): Money =>
  money(floorShare(equity, Math.floor(Math.min(weight, MAX_WEIGHT) * 1_000_000)))

/** What a target comes to in the instrument's own units, in micros. */
const wantedQuantity = (
  { equity }: StrategyContext,
  target: Target,
  last: Price,
  { multiplier, sizeIncrement }: Instrument
): number => {
  if (target.weight === undefined) return target.quantity
  return quantityFor(wantedMoney({ equity }, target.weight), last, sizeIncrement, multiplier)
}

const changeOf = (
  context: StrategyContext,
  target: Target,
  instrument: Instrument,
  { band, limits, quotes }: SizingOptions
): Change | undefined => {
  const quote = quotes.get(instrument.id)
  if (quote === undefined || !(quote.bid > 0 && quote.ask >= quote.bid && quote.last > 0)) return undefined
  if (limits.restricted.includes(instrument.symbol)) return undefined
  const { multiplier, sizeIncrement } = instrument
  const held = context.holdings.get(instrument.id)?.quantity ?? 0
  const difference = wantedQuantity(context, target, quote.last, instrument) - held
  const side: OrderSide = difference > 0 ? "BUY" : "SELL"
  const reducing = side === "SELL" || held < 0
  // A short position is bought back first, and what is wanted besides on another day.
  const most = held < 0 ? Math.min(Math.abs(difference), 0 - held) : Math.abs(difference)
  const size = wholeSteps(Math.min(most, MAX_QUANTITY_MICROS), sizeIncrement)
  const exact = target.weight === undefined || target.weight === 0 || held < 0
  const isWorthIt = notionalCeil(quote.last, size, multiplier) > bandOf(context, band)
  if (size === 0 || !(isWorthIt || exact)) return undefined
  const { reason } = target
  const common = { instrument, side, exact, reducing, reason }
  // An order for an amount of money counts as that amount, whatever the price becomes.
  if (!reducing && isFractional(instrument) && target.weight !== undefined) {
    const amount = notionalCeil(quote.last, size, multiplier)
    const wanted = wantedMoney(context, target.weight) - notionalCeil(quote.last, held, multiplier)
    const dollars = quantity(Math.min(Math.max(amount, wanted), MAX_MONEY_MICROS))
    return {
      ...common,
      byNotional: true,
      quantity: dollars,
      valuePrice: MICROS,
      last: price(MICROS),
      multiplier: 1,
      sizeIncrement: quantity(1)
    }
  }
  const valuePrice = valuePriceOf({ _tag: "Market" }, side, quote, limits.priceCollarRatio)
  if (valuePrice > MAX_PRICE_MICROS) return undefined
  return {
    ...common,
    byNotional: false,
    quantity: size,
    valuePrice,
    last: quote.last,
    multiplier,
    sizeIncrement
  }
}

/** The change cut down to what `amount` pays for at the price the rules count. */
const cutTo = (change: Change, amount: number): Change => {
  const { multiplier, sizeIncrement } = change
  const most = quantityFor(money(amount), price(change.valuePrice), sizeIncrement, multiplier)
  return most < change.quantity ? { ...change, quantity: most } : change
}

const valueOf = (change: Change): number =>
  notionalCeil(change.valuePrice, change.quantity, change.multiplier)

/** What a holding counts for, in micros. */
const heldValue = ({ holdings }: StrategyContext, { id, multiplier }: Instrument): number => {
  const holding = holdings.get(id)
  return holding === undefined ? 0 : notionalCeil(holding.mark, Math.abs(holding.quantity), multiplier)
}

/** What the limits and the cash leave for buys; where it is not enough for all, each gets its part in proportion. */
const affordableBuys = (
  context: StrategyContext,
  buys: ReadonlyArray<Change>,
  { band, buyingPower = context.cash, limits }: SizingOptions
): ReadonlyArray<Change> => {
  const shareOf = (ratio: number): number => floorShare(context.equity, partsPerMillion(ratio))
  const gross = context.instruments.reduce((sum, instrument) => sum + heldValue(context, instrument), 0)
  const budget = Math.min(shareOf(limits.grossExposureRatio) - gross, buyingPower)
  if (budget <= 0) return []

  const positionMost = shareOf(limits.positionRatio)
  const wanted = buys.map((buy) =>
    cutTo(buy, Math.min(positionMost - heldValue(context, buy.instrument), budget))
  )
  const total = wanted.reduce((sum, buy) => sum + BigInt(valueOf(buy)), 0n)
  const isEnough = total <= BigInt(budget)
  const orderMost = Math.min(shareOf(limits.orderNotionalRatio), MAX_MONEY_MICROS)
  return wanted
    .map((buy) => (isEnough ? buy : cutTo(buy, Number((BigInt(budget) * BigInt(valueOf(buy))) / total))))
    .filter(
      (buy) => buy.exact || notionalCeil(buy.last, buy.quantity, buy.multiplier) > bandOf(context, band)
    )
    .map((buy) => cutTo(buy, orderMost))
    .filter((buy) => buy.quantity > 0)
}

/** As many as the rules on working orders and on the message rate admit at once; the rest is for another day. */
const withinFlow = (
  sells: ReadonlyArray<Change>,
  buys: ReadonlyArray<Change>,
  { openOrders, ordersPerMinute, reservedForReducing }: RiskLimits
): ReadonlyArray<Change> => {
  const perMinute = ordersPerMinute ?? openOrders
  const reserve = ordersPerMinute === null ? 0 : reservedForReducing
  const sent = sells.slice(0, Math.min(openOrders, perMinute))
  const room = Math.min(openOrders, perMinute - reserve) - sent.length
  return [...sent, ...buys.slice(0, Math.max(0, room))]
}

const byInstrument = (a: Change, b: Change): number =>
  a.instrument.id < b.instrument.id ? -1 : a.instrument.id > b.instrument.id ? 1 : 0

/**
 * Orders that bring the account towards its targets: sales first (and what buys
 * a short position back), then buys, each by instrument id. Never sells more than is held. Reducing: sales only;
 * Halted: nothing. A target that the limits put out of reach is approached, in
 * one session or in several.
 *
 * Throws RangeError for a weight that is negative or NaN, for two targets of
 * one instrument, and for a target or holding outside the run: bugs.
 */
export const planOrders = (
  context: StrategyContext,
  targets: ReadonlyArray<Target>,
  options: SizingOptions
): ReadonlyArray<PlannedOrder> => {
  const checked = checkTargets(context, targets)
  if (context.tradingState === "Halted") return []
  const changes: Array<Change> = []
  for (const [target, instrument] of checked) {
    const change = changeOf(context, target, instrument, options)
    if (change !== undefined) changes.push(change)
  }
  changes.sort(byInstrument)
  const sells = changes.filter(({ reducing }) => reducing).map((change) => cutTo(change, MAX_MONEY_MICROS))
  const buys = changes.filter(({ reducing }) => !reducing)
  const affordable = context.tradingState === "Active" ? affordableBuys(context, buys, options) : []
  return withinFlow(sells, affordable, options.limits).map(
    ({ byNotional, instrument, quantity, reason, side }) => ({
      instrumentId: instrument.id,
      side,
      size: byNotional ? { _tag: "Notional", notional: money(quantity) } : { _tag: "Quantity", quantity },
      reason
    })
  )
}

/** A holding's part of equity; zero when equity is not above zero. */
export const weightOf = (context: StrategyContext, instrument: Instrument): number =>
  context.equity > 0 ? heldValue(context, instrument) / context.equity : 0
