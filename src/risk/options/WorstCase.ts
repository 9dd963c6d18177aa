/**
 * The most that a position in one underlying can lose: over every price of the
 * underlying, at every expiry in the position.
 *
 * At an expiry T and a price S
 * - what expires at T is worth its intrinsic value;
 * - of what lives on, a short and a long option that cover each other are worth
 *   no less than the difference of their strikes (`Pairs.ts`);
 * - another long option is worth the least it can be: an American one what it
 *   brings exercised, a European one the bound of Merton (1973) with 10% a year
 *   of interest and of yield, max(0, S(1 − 0.1t) − K) for calls and
 *   max(0, K(1 − 0.1t) − S) for puts, t years before its own expiry;
 * - and another short one the most: a call S, a put K;
 * - what expired before T, all of one expiry together, counts at its intrinsic
 *   value where that is owed, and at nothing where it was received;
 * - shares are worth S;
 * - an order that works adds what it loses there, or nothing: together that is
 *   no better than any subset that may fill. What it owes of an expiry before T
 *   is first met by what there is of that expiry, and orders before it have left.
 *
 * What is held and the order are one: the same contract in both is netted, and
 * pairs are made of all of it. A working order has only its own, and what it
 * sells of long options that are held, and in no pair, only takes away what
 * those are worth at the least.
 *
 * Whichever orders fill, all is piecewise linear in S, and between two kinks of
 * the options' values it is concave, so it is least at zero, at one of the
 * kinks, or beyond the last one; and the sum above is never more than that.
 *
 * Where it falls without end because calls are written that neither shares nor
 * calls that live as long cover, the loss has no bound. Where it falls for
 * another reason, short shares or the 10% of a European spread, it is looked at
 * up to twice the price, and so is `boundedLoss`.
 *
 * What all is worth at one expiry and price is in `WorstCaseColumns.ts`; here it
 * is looked for where that is least.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import { MICROS } from "../../domain/Money.ts"
import { dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { Holding, UnderlyingPosition } from "./UnderlyingPosition.ts"
import { called, type Columns, columnsOf, kinksOf, lookAt, slopeBeyond, valueAt } from "./WorstCaseColumns.ts"

export interface WorstCase {
  /** Micros of a dollar, never negative; Infinity where short calls are not covered; NaN where an input is. */
  readonly loss: number
  /** As `loss`, with the underlying going no further than to twice its price, or to the highest strike. */
  readonly boundedLoss: number
  /** What all is worth at the least, without what it cost, in micros of a dollar: −Infinity where `loss` is Infinity. */
  readonly floor: number
  /** As `floor`, with the bound of `boundedLoss`. */
  readonly boundedFloor: number
  /** Where `boundedLoss` is: the underlying's price in micros, and the expiry; no expiry where there are no options. */
  readonly atSpot: number
  readonly atExpiry: SessionDate | undefined
  /** The loss rises without end as the underlying does. */
  readonly unlimited: boolean
  /** Micros of shares that short calls are for and nothing covers, working orders at their worst. */
  readonly uncovered: number
  /** Micros of shares: how fast the value changes beyond the last kink; negative where it falls. */
  readonly slope: number
}

const numbersOf = ({ cost, options, shares }: Holding): ReadonlyArray<number> => [
  cost,
  shares,
  ...options.flatMap(({ contract, multiplier, quantity }) => [
    quantity,
    multiplier,
    contract.strike,
    contract.deliverable,
    contract.deliverableCash,
    dayOfDate(contract.expiry)
  ])
]

const isSound = ({ held, order, working }: UnderlyingPosition): boolean =>
  [held, ...(order === undefined ? [] : [order]), ...working].every((one) =>
    numbersOf(one).every(Number.isFinite)
  )

const unknown: WorstCase = {
  loss: Number.NaN,
  boundedLoss: Number.NaN,
  floor: Number.NaN,
  boundedFloor: Number.NaN,
  atSpot: Number.NaN,
  atExpiry: undefined,
  unlimited: true,
  uncovered: Number.NaN,
  slope: Number.NaN
}

interface Least {
  value: number
  atSpot: number
  atKey: number
  slope: number
  uncovered: number
  /** A loss without end, and no price to look at it from. */
  isMissing: boolean
}

/** Looks at one expiry, and keeps what is worse than before. */
const lookThrough = (columns: Columns, key: number, farthest: number, least: Least): void => {
  const beyond = slopeBeyond(columns, key)
  // Neither calls cover it nor shares; the orders that may fill need not be the same for both.
  const uncovered = Math.max(0, Math.min(called(columns, key, false), called(columns, key, true)))
  least.slope = Math.min(least.slope, beyond)
  least.uncovered = Math.max(least.uncovered, uncovered)
  const spots = kinksOf(columns)
  if (beyond < 0 && Number.isNaN(farthest)) least.isMissing = true
  for (const at of beyond < 0 ? [...spots, farthest] : spots) {
    const value = valueAt(columns, key, at)
    if (!(value < least.value)) continue
    least.value = value
    least.atSpot = at
    least.atKey = key
  }
}

/** As far up as is looked: twice the price, and no less than any kink; NaN without a price. */
const farthestOf = (columns: Columns, expiries: Iterable<number>, spot: number): number => {
  let farthest = spot > 0 && spot < Number.POSITIVE_INFINITY ? 2 * spot : Number.NaN
  for (const key of expiries) {
    lookAt(columns, key)
    farthest = Math.max(farthest, ...kinksOf(columns))
  }
  return farthest
}

/** Micros, rounded up unless only the arithmetic of doubles is above a whole number. */
const roundedUp = (micros: number): number => {
  const nearest = Math.round(micros)
  return Math.abs(micros - nearest) <= 1e-9 * Math.max(1, Math.abs(micros)) ? nearest : Math.ceil(micros)
}

/** The most that all of it can lose. Exact for standard contracts; takes microseconds. */
export const worstCase = (position: UnderlyingPosition): WorstCase => {
  if (!isSound(position)) return unknown
  const columns = columnsOf(position)
  const expiries = new Map(columns.terms.map(({ expiry, key }) => [key, expiry]))
  const least: Least = {
    value: Number.POSITIVE_INFINITY,
    atSpot: 0,
    atKey: 0,
    slope: Number.POSITIVE_INFINITY,
    uncovered: 0,
    isMissing: false
  }
  const farthest = farthestOf(columns, expiries.keys(), position.spot)
  if (expiries.size === 0) lookThrough(columns, 0, farthest, least)
  for (const key of expiries.keys()) {
    lookAt(columns, key)
    lookThrough(columns, key, farthest, least)
  }
  if (least.isMissing) return unknown
  const paid = position.held.cost + (position.order?.cost ?? 0)
  const boundedLoss = Math.max(0, roundedUp(0 - least.value))
  const boundedFloor = paid - roundedUp(0 - least.value)
  const uncovered = Math.max(0, Math.ceil(least.uncovered * MICROS - 1e-3))
  return {
    loss: uncovered > 0 ? Number.POSITIVE_INFINITY : boundedLoss,
    boundedLoss,
    floor: uncovered > 0 ? Number.NEGATIVE_INFINITY : boundedFloor,
    boundedFloor,
    atSpot: Math.round(least.atSpot),
    atExpiry: expiries.get(least.atKey),
    unlimited: least.slope < 0,
    uncovered,
    slope: Math.round(least.slope * MICROS)
  }
}
