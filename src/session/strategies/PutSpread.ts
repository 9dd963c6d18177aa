/**
 * Sells put verticals: a put below the market is sold, one further below bought.
 *
 * One spread at a time on each instrument, of 30 to 45 days, sized so that the
 * worst it can come to is a part of equity; closed when half of the credit is
 * earned or 21 days are left. What an early assignment leaves (shares, a long
 * put) is closed at the next open.
 *
 * 45 days, half of the credit and 21 days are the conventions that sellers of
 * premium quote; none was fitted to the data that comes with the program.
 */
import { Result } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { formatMicros, netPrice, zeroQuantity } from "../../domain/Money.ts"
import { dayOfDate } from "../../domain/Timestamp.ts"
import { expiryNear, type OptionExpiry, type OptionRow, strikeUpTo } from "../OptionChain.ts"
import { decimal, whole, type ValuesOf } from "../Parameters.ts"
import type {
  OptionContext,
  OptionHolding,
  OptionIntent,
  Strategy,
  StrategyContext,
  Target
} from "../Strategy.ts"
import { defineStrategy, type TargetLogic } from "../StrategyDefinition.ts"
import { closeOf, closing, concessionOf, optionsOn, valueOf } from "./OptionPositions.ts"

const days = (minimum: number, standard: number, meaning: string) =>
  whole({ default: standard, minimum, maximum: 1000, meaning })

const parameters = {
  risk: decimal({
    default: 0.02,
    minimum: 0.000001,
    maximum: 1,
    meaning: "of equity: the worst that all spreads together may come to"
  }),
  /** The latest expiry within is taken. */
  leastDays: days(1, 30, "calendar days to the expiry at least"),
  mostDays: days(1, 45, "calendar days to the expiry at most"),
  distance: decimal({
    default: 0.05,
    minimum: 0,
    maximum: 1,
    meaning: "how far the short strike is below the close at least"
  }),
  width: decimal({
    default: 0.05,
    minimum: 0.000001,
    maximum: 1,
    meaning: "how far the long strike is below the short one at least, of the close"
  }),
  leastCredit: decimal({
    default: 0.05,
    minimum: 0,
    maximum: 1,
    meaning: "what it has to bring, of the distance between its strikes"
  }),
  /** In whole cents and one at least; the worst case is counted at what is left. */
  concession: decimal({
    default: 0.03,
    minimum: 0,
    maximum: 0.5,
    meaning: "part of what the legs cost that is given up for a fill at the open"
  }),
  /** Above 1 never. */
  profitTaken: decimal({
    default: 0.5,
    minimum: 0,
    maximum: 10,
    meaning: "part of the credit at which it is closed"
  }),
  closeDays: days(0, 21, "calendar days left at which it is closed; 0 holds it to its end")
}
export type PutSpreadParameters = ValuesOf<typeof parameters>

/** A cent, in micros: the step of net prices. */
const CENT = 10_000

const sharesOf = ({ holdings }: StrategyContext, id: InstrumentId): number => holdings.get(id)?.quantity ?? 0

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)}%`
const dollars = (micros: number): string => formatMicros(Math.round(micros / CENT) * CENT, 2)

/** Why what is held should be closed; undefined when it should not. */
const reasonToClose = (
  context: StrategyContext,
  held: ReadonlyArray<OptionHolding>,
  id: InstrumentId,
  { closeDays, profitTaken }: PutSpreadParameters
): string | undefined => {
  if (!held.some(({ quantity }) => quantity < 0)) return "Closes: the short put is gone."
  if (sharesOf(context, id) !== 0) return "Closes: shares came by an assignment or an exercise."
  if (context.activeTrip?.cause === "drawdown") return "Closes: the drawdown from the peak passed its limit."
  let credit = 0
  for (const { cost } of held) credit -= cost
  const profit = valueOf(held) + credit
  if (credit > 0 && profit >= profitTaken * credit) {
    return `Closes: ${dollars(profit)} of a credit of ${dollars(credit)} is earned, ${percent(profitTaken)} is aimed at.`
  }
  const left = held.map(({ contract }) => dayOfDate(contract.expiry) - dayOfDate(context.date))
  const least = Math.min(...left)
  return least <= closeDays ? `Closes: ${least} days are left.` : undefined
}

const exitOf = (
  context: StrategyContext,
  id: InstrumentId,
  parameters: PutSpreadParameters
): OptionIntent | undefined => {
  // What ends today is settled, and takes no order for tomorrow.
  const held = optionsOn(context, id).filter(({ contract }) => contract.expiry > context.date)
  if (held.length === 0) return undefined
  const reason = reasonToClose(context, held, id, parameters)
  return reason === undefined ? undefined : closing(held, { concession: parameters.concession, reason })
}

const mayOpen = (context: StrategyContext, id: InstrumentId): boolean =>
  context.tradingState === "Active" &&
  closeOf(context, id) !== undefined &&
  optionsOn(context, id).length === 0 &&
  sharesOf(context, id) === 0

interface Vertical {
  readonly expiry: OptionExpiry
  readonly short: OptionRow
  readonly long: OptionRow
  /** Micros of a dollar a share that it has to bring. */
  readonly limit: number
  /** Micros of a dollar a share that it can lose at that. */
  readonly worst: number
}

const verticalOf = (
  context: OptionContext,
  id: InstrumentId,
  parameters: PutSpreadParameters
): Vertical | undefined => {
  const { concession, distance, leastCredit, leastDays, mostDays, width } = parameters
  const chain = context.chains.get(id)
  const close = closeOf(context, id)
  if (chain === undefined || close === undefined) return undefined
  const expiry = expiryNear(chain, { days: mostDays, least: leastDays, most: mostDays })
  if (expiry === undefined) return undefined
  const short = strikeUpTo(expiry.puts, close * (1 - distance))
  const long = short === undefined ? undefined : strikeUpTo(expiry.puts, short.strike - close * width)
  if (short === undefined || long === undefined) return undefined
  const between = short.strike - long.strike
  const credit = short.bid - long.ask
  const limit = credit - concessionOf(short.bid + long.ask, concession)
  if (credit < leastCredit * between || limit <= 0 || limit >= between) return undefined
  return { expiry, short, long, limit, worst: between - limit }
}

const entryOf = (
  context: OptionContext,
  id: InstrumentId,
  parameters: PutSpreadParameters
): OptionIntent | undefined => {
  if (!mayOpen(context, id)) return undefined
  const vertical = verticalOf(context, id, parameters)
  if (vertical === undefined) return undefined
  const { expiry, limit, long, short, worst } = vertical
  const part = (context.equity * parameters.risk) / context.instruments.length
  const units = Math.floor(part / (worst * 100))
  if (units < 1) return undefined
  const modelled = context.chains.get(id)?.modelled === true ? ", modelled quotes" : ""
  return {
    legs: [
      { instrumentId: short.instrumentId, side: "SELL", ratio: 1 },
      { instrumentId: long.instrumentId, side: "BUY", ratio: 1 }
    ],
    units,
    type: { _tag: "NetLimit", netPrice: netPrice(0 - limit) },
    reason:
      `Sells the put vertical ${dollars(short.strike)}/${dollars(long.strike)}, ${expiry.days} days to ${expiry.expiry}${modelled}: ` +
      `credit ${dollars(limit)} at least, so ${units} can lose ${dollars(worst * 100 * units)} at worst, of ${percent(parameters.risk)} of equity.`
  }
}

/** Shares are no part of this: what came by an assignment goes. */
const flatten = (context: StrategyContext): ReadonlyArray<Target> =>
  context.instruments
    .filter(({ id }) => sharesOf(context, id) !== 0)
    .map(({ id }) => ({
      instrumentId: id,
      quantity: zeroQuantity,
      reason: "Closes shares that came by an assignment or an exercise."
    }))

const logic = (values: PutSpreadParameters): TargetLogic => ({
  summary: `Sells a put vertical of ${values.leastDays} to ${values.mostDays} days, ${percent(values.distance)} below the close; ${percent(values.risk)} of equity at worst.`,
  description:
    `Sells the put at least ${percent(values.distance)} below the close and buys the one at least ${percent(values.width)} of the close ` +
    `further below, at the latest expiry of ${values.leastDays} to ${values.mostDays} days, as one order that has to bring ` +
    `the credit of the close's quotes less ${percent(values.concession)} of what the legs cost. As many as make the worst case ${percent(values.risk)} of equity. ` +
    `Closed when ${percent(values.profitTaken)} of the credit is earned${
      values.closeDays === 0 ? "; else held to its end" : ` or ${values.closeDays} days are left`
    }, and on a drawdown trip. Shares that an assignment leaves are sold at the next open. ` +
    "Decided on the close, sent for the next open. Conventions; none was fitted to these prices.",
  onBar: flatten,
  options: {
    chains: (context) => context.instruments.flatMap(({ id }) => (mayOpen(context, id) ? [id] : [])),
    onClose: (context) =>
      context.instruments.flatMap(
        ({ id }) => exitOf(context, id, values) ?? entryOf(context, id, values) ?? []
      )
  }
})

export const putSpread = defineStrategy({
  name: "put-spread",
  title: "Put-spread seller",
  summary: "Sells a put vertical below the close, sized by what it can lose.",
  instruments: { least: 1, most: null },
  parameters,
  make: logic
})

/** The put-spread seller with parameters of one's own, defaults for the others. Throws on one that is outside its range. */
export const makePutSpread = (values: Partial<PutSpreadParameters> = {}): TargetLogic & Strategy =>
  Result.getOrThrow(putSpread.bind(values))
