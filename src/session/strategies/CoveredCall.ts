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
import { Schema } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { formatMicros, MICROS, netPrice, quantity } from "../../domain/Money.ts"
import { expiryNear, strikeFrom } from "../OptionChain.ts"
import type { OptionContext, OptionIntent, StrategyContext, Target, TargetStrategy } from "../Strategy.ts"
import { closeOf, concessionOf, optionsOn, ROUND_LOT, sharesOwed } from "./OptionPositions.ts"

const ratioBetween = (minimum: number, maximum: number) =>
  Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
const days = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))

export const CoveredCallParameters = Schema.Struct({
  /** Of equity in shares, over all instruments, which share it equally; whole lots of 100. */
  weight: ratioBetween(0, 10),
  /** While calls are open, lots are added only until the holding is this part of what it should be. */
  heldFrom: ratioBetween(0, 1),
  /** Calendar days to the expiry that calls are sold for, and how many it may be. */
  days,
  leastDays: days,
  mostDays: days,
  /** How far the strike is above the close at least, as a ratio of it. */
  distance: ratioBetween(0, 1),
  /** Dollars a share that somebody has to bid. */
  leastBid: ratioBetween(0, 1000),
  /** Part of the closing bid given up for a fill at the next open, in whole cents and one at least. */
  concession: ratioBetween(0, 0.5)
})
export type CoveredCallParameters = typeof CoveredCallParameters.Type

export const defaultCoveredCallParameters: CoveredCallParameters = {
  weight: 0.2,
  heldFrom: 0.75,
  days: 30,
  leastDays: 20,
  mostDays: 45,
  distance: 0.05,
  leastBid: 0.05,
  concession: 0.03
}

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

/** The covered call with parameters of one's own; they must satisfy `CoveredCallParameters`. */
export const makeCoveredCall = (parameters: CoveredCallParameters): TargetStrategy => ({
  name: "covered-call",
  title: "Covered call",
  summary: `Holds round lots worth up to ${percent(parameters.weight)} of equity and sells a call on each, ${parameters.days} days out and ${percent(parameters.distance)} above the close.`,
  description:
    `Holds as many whole lots of 100 shares as ${percent(parameters.weight)} of equity pays for, and sells one call for each lot ` +
    `that none stands against: the expiry nearest to ${parameters.days} days (${parameters.leastDays} to ${parameters.mostDays}), the lowest ` +
    `strike at least ${percent(parameters.distance)} above the close, for no less than the closing bid less ${percent(parameters.concession)}. Calls are held to their end; shares that are called away are ` +
    "bought again at the next open. There are never more calls than lots. A trip of the circuit breaker stops it from buying and " +
    "from selling calls. Decided on the close, sent for the next open. Round numbers; none was fitted to these prices.",
  parameters: { ...parameters },
  meanings: {
    weight: "of equity in shares, over all instruments, in whole lots of 100",
    heldFrom: "part of that from which no lots are added while calls are open",
    days: "calendar days to the expiry that is looked for",
    leastDays: "calendar days to the expiry at least",
    mostDays: "calendar days to the expiry at most",
    distance: "how far the strike is above the close at least",
    leastBid: "dollars a share that somebody has to bid",
    concession: "part of the closing bid given up for a fill at the open"
  },
  instruments: { least: 1, most: null },
  onBar: (context) => context.instruments.flatMap(({ id }) => targetOf(context, id, parameters)),
  options: {
    chains: (context) =>
      context.instruments.flatMap(({ id }) => {
        const close = closeOf(context, id)
        return close !== undefined && callsToSell(context, id, close, parameters) > 0 ? [id] : []
      }),
    onClose: (context) => context.instruments.flatMap(({ id }) => saleOf(context, id, parameters))
  }
})

export const coveredCall: TargetStrategy = makeCoveredCall(defaultCoveredCallParameters)
