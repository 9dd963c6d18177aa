/**
 * Shares, and calls sold against them: an overlay on a holding.
 *
 * Holds whole round lots of 100 shares worth a part of equity, and sells one
 * call for every lot that no call stands against yet, about a month out, at the
 * lowest strike that is 5% or more above the close. A call is held to its end:
 * it expires, or the shares are called away and bought again. Lots are counted
 * anew when no call is open; while one is, what it stands against is kept.
 *
 * A month and 5% are the round numbers that indices of this strategy are
 * published with (Cboe's BXM sells at the money, BXMD at a delta of 30, both a
 * month out); none was fitted to the data that comes with the program.
 */
import { Result } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { formatMicros, MICROS, netPrice, quantity } from "../../domain/Money.ts"
import { expiryNear, strikeFrom } from "../OptionChain.ts"
import { decimal, whole, type ValuesOf } from "../Parameters.ts"
import type { OptionContext, OptionIntent, Strategy, StrategyContext, Target } from "../Strategy.ts"
import { defineStrategy, type TargetLogic } from "../StrategyDefinition.ts"
import { closeOf, concessionOf, optionsOn, ROUND_LOT, sharesOwed } from "./OptionPositions.ts"

const parameters = {
  weight: decimal({
    default: 0.2,
    minimum: 0,
    maximum: 10,
    meaning: "of equity in shares, over all instruments, in whole lots of 100"
  }),
  heldFrom: decimal({
    default: 0.75,
    minimum: 0,
    maximum: 1,
    meaning: "part of that from which no lots are added while calls are open"
  }),
  days: whole({
    default: 30,
    minimum: 1,
    maximum: 1000,
    meaning: "calendar days to the expiry that is looked for"
  }),
  leastDays: whole({
    default: 20,
    minimum: 1,
    maximum: 1000,
    meaning: "calendar days to the expiry at least"
  }),
  mostDays: whole({ default: 45, minimum: 1, maximum: 1000, meaning: "calendar days to the expiry at most" }),
  distance: decimal({
    default: 0.05,
    minimum: 0,
    maximum: 1,
    meaning: "how far the strike is above the close at least"
  }),
  leastBid: decimal({
    default: 0.05,
    minimum: 0,
    maximum: 1000,
    meaning: "dollars a share that somebody has to bid"
  }),
  /** In whole cents and one at least. */
  concession: decimal({
    default: 0.03,
    minimum: 0,
    maximum: 0.5,
    meaning: "part of the closing bid given up for a fill at the open"
  })
}
export type CoveredCallParameters = ValuesOf<typeof parameters>

const heldOf = ({ holdings }: StrategyContext, id: InstrumentId): number => holdings.get(id)?.quantity ?? 0

/** Shares that should be held after the next open, in micros. */
const sharesWanted = (
  context: StrategyContext,
  id: InstrumentId,
  close: number,
  { heldFrom, weight }: CoveredCallParameters
): number => {
  const part = (context.equity * weight) / context.instruments.length
  const whole = Math.max(0, Math.floor(part / (close * 100))) * ROUND_LOT
  const owed = sharesOwed(optionsOn(context, id))
  const held = heldOf(context, id)
  if (owed === 0 || held < whole * heldFrom) return Math.max(owed, whole)
  // A lot that was begun is bought to its end.
  return Math.max(owed, held < whole ? Math.ceil(held / ROUND_LOT) * ROUND_LOT : held)
}

/** Whole contracts that may be sold: one for a lot that stays and that nothing is sold against. */
const callsToSell = (
  context: StrategyContext,
  id: InstrumentId,
  close: number,
  parameters: CoveredCallParameters
): number => {
  if (context.tradingState !== "Active") return 0
  const staying = Math.min(heldOf(context, id), sharesWanted(context, id, close, parameters))
  return Math.max(0, Math.floor((staying - sharesOwed(optionsOn(context, id))) / ROUND_LOT))
}

const targetOf = (
  context: StrategyContext,
  id: InstrumentId,
  parameters: CoveredCallParameters
): ReadonlyArray<Target> => {
  const close = closeOf(context, id)
  if (close === undefined) return []
  const wanted = sharesWanted(context, id, close, parameters)
  const lots = wanted / ROUND_LOT
  return [
    {
      instrumentId: id,
      quantity: quantity(wanted),
      reason: `Holds ${lots} ${lots === 1 ? "lot" : "lots"} of 100 shares to sell calls against: close ${formatMicros(close, 2)}.`
    }
  ]
}

const saleOf = (
  context: OptionContext,
  id: InstrumentId,
  parameters: CoveredCallParameters
): ReadonlyArray<OptionIntent> => {
  const close = closeOf(context, id)
  const chain = context.chains.get(id)
  if (close === undefined || chain === undefined) return []
  const count = callsToSell(context, id, close, parameters)
  if (count === 0) return []
  const { leastDays, mostDays } = parameters
  const expiry = expiryNear(chain, { days: parameters.days, least: leastDays, most: mostDays })
  const call = expiry === undefined ? undefined : strikeFrom(expiry.calls, close * (1 + parameters.distance))
  if (expiry === undefined || call === undefined || call.bid < parameters.leastBid * MICROS) return []
  const limit = call.bid - concessionOf(call.bid, parameters.concession)
  if (limit <= 0) return []
  const quote = `bid ${formatMicros(call.bid, 2)}${chain.modelled ? ", a modelled quote" : ""}`
  return [
    {
      legs: [{ instrumentId: call.instrumentId, side: "SELL", ratio: 1 }],
      units: count,
      type: { _tag: "NetLimit", netPrice: netPrice(0 - limit) },
      reason: `Sells a call on each of ${count} free ${count === 1 ? "lot" : "lots"}: strike ${formatMicros(call.strike, 2)}, close ${formatMicros(close, 2)}, ${expiry.days} days to ${expiry.expiry}, ${quote}.`
    }
  ]
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)}%`

const logic = (values: CoveredCallParameters): TargetLogic => ({
  summary: `Holds round lots worth up to ${percent(values.weight)} of equity and sells a call on each, ${values.days} days out and ${percent(values.distance)} above the close.`,
  description:
    `Holds as many whole lots of 100 shares as ${percent(values.weight)} of equity pays for, and sells one call for each lot ` +
    `that none stands against: the expiry nearest to ${values.days} days (${values.leastDays} to ${values.mostDays}), the lowest ` +
    `strike at least ${percent(values.distance)} above the close, for no less than the closing bid less ${percent(values.concession)}. Calls are held to their end; shares that are called away are ` +
    "bought again at the next open. There are never more calls than lots. A trip of the circuit breaker stops it from buying and " +
    "from selling calls. Decided on the close, sent for the next open. Round numbers; none was fitted to these prices.",
  onBar: (context) => context.instruments.flatMap(({ id }) => targetOf(context, id, values)),
  options: {
    chains: (context) =>
      context.instruments.flatMap(({ id }) => {
        const close = closeOf(context, id)
        return close !== undefined && callsToSell(context, id, close, values) > 0 ? [id] : []
      }),
    onClose: (context) => context.instruments.flatMap(({ id }) => saleOf(context, id, values))
  }
})

export const coveredCall = defineStrategy({
  name: "covered-call",
  title: "Covered call",
  summary: "Holds round lots and sells a call on each.",
  instruments: { least: 1, most: null },
  parameters,
  make: logic
})

/** The covered call with parameters of one's own, defaults for the others. Throws on one that is outside its range. */
export const makeCoveredCall = (values: Partial<CoveredCallParameters> = {}): TargetLogic & Strategy =>
  Result.getOrThrow(coveredCall.bind(values))
