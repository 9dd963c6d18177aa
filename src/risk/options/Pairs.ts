/**
 * Options of a position as terms, and which of them cover each other while both
 * live.
 *
 * A short and a long option of one right and style, for the same deliverable, of
 * which the long lives at least as long as the short (European: of the same
 * expiry), are a pair. An option is worth more the longer it lives, and from one
 * strike to another its worth differs by no more than the strikes do: whatever
 * the price, a pair is worth no less than −max(0, short strike − long strike)
 * of puts, and −max(0, long strike − short strike) of calls.
 *
 * Every way to pair is a bound. This one takes the shorts with the later expiry
 * first, then puts with the higher and calls with the lower strike; each takes
 * longs of its own expiry before those of later ones, then the nearest strike
 * that costs nothing, else the nearest, then the nearest expiry.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import { MICROS } from "../../domain/Money.ts"
import type { OptionContract } from "../../domain/OptionContract.ts"
import { dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import type { OptionHolding } from "./UnderlyingPosition.ts"

/** One option of what is there or fills together. */
export interface Term {
  /** The block it counts in. */
  readonly block: number
  /** Expiries in the order of their settlement: the morning's before the evening's. */
  readonly key: number
  readonly expiry: SessionDate
  readonly isCall: boolean
  readonly isEuropean: boolean
  /** Contracts, signed. */
  readonly contracts: number
  /** Shares a contract is for. */
  readonly deliverable: number
  /** Micros of a dollar that come with the shares, and that are paid for all. */
  readonly cash: number
  readonly strike: number
  /** It is a sale, which may come, of what is held long and in no pair. */
  readonly isOfHeld: boolean
}

const settlementKey = ({ expiry, expirySession }: OptionContract): number =>
  dayOfDate(expiry) * 2 + (expirySession === "PM" ? 1 : 0)

const termOf = (block: number, { contract, multiplier, quantity }: OptionHolding): Term => ({
  block,
  key: settlementKey(contract),
  expiry: contract.expiry,
  isCall: contract.right === "CALL",
  isEuropean: contract.style === "EUROPEAN",
  contracts: quantity / MICROS,
  deliverable: contract.deliverable / MICROS,
  cash: contract.deliverableCash,
  strike: contract.strike * multiplier,
  isOfHeld: false
})

/** Whether two are worth the same where one is paid for like the other. */
const isAlike = (a: Term, b: Term): boolean =>
  a.isCall === b.isCall &&
  a.isEuropean === b.isEuropean &&
  a.deliverable === b.deliverable &&
  a.cash === b.cash

/** The options of one block, those that are the same as one, without those that are none. */
export const termsOf = (block: number, options: ReadonlyArray<OptionHolding>): ReadonlyArray<Term> => {
  const found: Array<Term> = []
  for (const option of options) {
    const term = termOf(block, option)
    const at = found.findIndex((one) => isSame(one, term))
    const before = found[at]
    if (before === undefined) found.push(term)
    else found[at] = { ...before, contracts: before.contracts + term.contracts }
  }
  return found.filter(({ contracts }) => contracts !== 0)
}

const isSame = (a: Term, b: Term): boolean => a.key === b.key && a.strike === b.strike && isAlike(a, b)

/** Two terms, and so many contracts of each. */
export interface Pair {
  readonly short: Term
  readonly long: Term
  readonly count: number
}

interface Lot {
  readonly term: Term
  left: number
}

const lotsOf = (terms: ReadonlyArray<Term>, sign: 1 | -1): Array<Lot> =>
  terms
    .filter(({ cash, contracts, isOfHeld }) => contracts * sign > 0 && cash >= 0 && !isOfHeld)
    .map((term) => ({ term, left: Math.abs(term.contracts) }))

/** How much better than the short's the long's strike is; what is below zero can be lost. */
const gain = (short: Term, long: Term): number =>
  short.isCall ? short.strike - long.strike : long.strike - short.strike

const covers = (short: Term, long: Term, sameExpiry: boolean): boolean =>
  isAlike(short, long) && (sameExpiry ? long.key === short.key : long.key > short.key && !short.isEuropean)

/** Whether a long is rather taken than another: the nearest strike that costs nothing, else the nearest. */
const isBetter = (short: Term, long: Term, other: Term): boolean => {
  const [one, two] = [gain(short, long), gain(short, other)]
  if (one === two) return long.key < other.key
  return one >= 0 ? two < 0 || one < two : one > two
}

const longFor = (short: Term, longs: ReadonlyArray<Lot>, sameExpiry: boolean): Lot | undefined => {
  let best: Lot | undefined = undefined
  for (const lot of longs) {
    if (lot.left === 0 || !covers(short, lot.term, sameExpiry)) continue
    if (best === undefined || isBetter(short, lot.term, best.term)) best = lot
  }
  return best
}

/** Puts before calls, so that the order is one. */
const costRank = ({ isCall, strike }: Term): number => (isCall ? strike : 0 - strike)

const byCost = (a: Lot, b: Lot): number => b.term.key - a.term.key || costRank(a.term) - costRank(b.term)

/** The pairs among the options of one block. */
export const pairsOf = (terms: ReadonlyArray<Term>): ReadonlyArray<Pair> => {
  const shorts = lotsOf(terms, -1).toSorted(byCost)
  const longs = lotsOf(terms, 1)
  const pairs: Array<Pair> = []
  for (const sameExpiry of [true, false]) {
    for (const short of shorts) {
      while (short.left > 0) {
        const long = longFor(short.term, longs, sameExpiry)
        if (long === undefined) break
        const count = Math.min(short.left, long.left)
        short.left -= count
        long.left -= count
        pairs.push({ short: short.term, long: long.term, count })
      }
    }
  }
  return pairs
}

/**
 * Long contracts that are held and in no pair, for sales of them that may come.
 * Each is sold once, by whichever asks first; orders of one group share theirs.
 */
export class UnpairedLongs {
  private readonly lots: ReadonlyArray<Lot>
  private readonly ofGroups = new Map<string, Map<Lot, number>>()

  constructor(terms: ReadonlyArray<Term>, pairs: ReadonlyArray<Pair>) {
    this.lots = lotsOf(terms, 1)
    for (const { count, long } of pairs) {
      const lot = this.lots.find(({ term }) => term === long)
      if (lot !== undefined) lot.left -= count
    }
  }

  /** So many of what a short term wants. */
  private take(short: Term, group: string | undefined): number {
    const lot = this.lots.find(({ term }) => isSame(term, short))
    if (lot === undefined) return 0
    const wanted = Math.abs(short.contracts)
    const shared = group === undefined ? new Map<Lot, number>() : this.ofGroup(group)
    const before = shared.get(lot) ?? 0
    const more = Math.max(0, Math.min(wanted - before, lot.left))
    lot.left -= more
    shared.set(lot, before + more)
    return Math.min(wanted, before + more)
  }

  private ofGroup(group: string): Map<Lot, number> {
    const found = this.ofGroups.get(group) ?? new Map<Lot, number>()
    this.ofGroups.set(group, found)
    return found
  }

  /** The terms of an order, its sales of what is held apart. */
  sold(terms: ReadonlyArray<Term>, group: string | undefined): ReadonlyArray<Term> {
    return terms.flatMap((term) => {
      const taken = term.contracts < 0 ? this.take(term, group) : 0
      if (taken === 0) return [term]
      const rest = { ...term, contracts: term.contracts + taken }
      const ofHeld = { ...term, contracts: 0 - taken, isOfHeld: true }
      return rest.contracts === 0 ? [ofHeld] : [rest, ofHeld]
    })
  }
}

/** What a strike is when the cash that comes with the shares is taken off. */
const bare = ({ cash, strike }: Term): number => Math.max(0, strike - cash)

/** Micros of a dollar that a pair, one of each, can be worth below zero. */
export const widthOf = ({ long, short }: Pick<Pair, "long" | "short">): number =>
  Math.max(0, short.isCall ? long.strike - short.strike : bare(short) - bare(long))

/**
 * What a pair is worth beyond −`widthOf` at the least is max(0, this − shares ×
 * price). A pair of calls is not worth less than the shares that the short one
 * is for, and one of puts no less than the long one less the short strike.
 * `longWorth` is what the long put is worth at a price of zero at the least.
 */
export const reliefOf = (pair: Pick<Pair, "long" | "short">, longWorth: number): number => {
  const { short } = pair
  return widthOf(pair) - (short.isCall ? short.cash : bare(short) - longWorth)
}
