/**
 * What all in one underlying is worth at an expiry and a price, as `WorstCase.ts`
 * says: in columns, which are filled anew for each expiry that is looked at.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import { MICROS } from "../../domain/Money.ts"
import { type Pair, pairsOf, reliefOf, type Term, termsOf, UnpairedLongs, widthOf } from "./Pairs.ts"
import type { PossibleHolding, UnderlyingPosition } from "./UnderlyingPosition.ts"

/** Interest and yield a year that bound what a European option is worth before its expiry. */
const CARRY = 0.1
const DAYS_A_YEAR = 365

/** All in columns: blocks of what is there or may come, and their options. */
export interface Columns {
  readonly terms: ReadonlyArray<Term>
  /** What covers each other, by the places of the two among the terms. */
  readonly pairs: ReadonlyArray<PlacedPair>
  /** The first so many blocks are there; the others may come. */
  readonly certain: number
  /** Shares of each block, and its cost in micros of a dollar. */
  readonly shares: Float64Array
  readonly cost: Float64Array
  /** The first block of the group each belongs to; itself without a group. */
  readonly leader: Int32Array
  /** What expires together in one block: of each option, then of each pair, the bucket; of each bucket, the block and the expiry. */
  readonly bucket: Int32Array
  readonly into: Int32Array
  readonly bucketKey: Float64Array
  /** Of each bucket, the place of its expiry, and the first bucket of that expiry in its order's group; itself without a group. */
  readonly place: Int32Array
  readonly first: Int32Array
  /** By place, in a scenario: what there is of an expiry, less what working orders owe of it. */
  readonly room: Float64Array
  /** Of each first bucket, in a scenario: the most that one of its group owes, as a number below zero. */
  readonly owed: Float64Array
  /** What each option, then each pair, is worth at the expiry that is looked at: count × max(0, slope × S + constant). */
  readonly count: Float64Array
  readonly slope: Float64Array
  readonly constant: Float64Array
  /** What the pairs of each bucket are worth beside that: the differences of their strikes, below zero. */
  readonly width: Float64Array
  /** What is in each bucket in a scenario. */
  readonly sum: Float64Array
  /** A block's value in a scenario; and of a group's leader, the least of the group. */
  readonly value: Float64Array
}

interface PlacedPair extends Pair {
  readonly shortAt: number
  readonly longAt: number
}

/** The bucket of each option, what of one block expires together; of a pair the short one's. */
const bucketsOf = (terms: ReadonlyArray<Term>, pairs: ReadonlyArray<PlacedPair>, leader: Int32Array) => {
  const known = new Map<string, number>()
  const into: Array<number> = []
  const bucketKey: Array<number> = []
  const bucket = terms.map(({ block, key }) => {
    const name = `${block} ${key}`
    const found = known.get(name) ?? into.length
    if (found === into.length) {
      known.set(name, found)
      into.push(block)
      bucketKey.push(key)
    }
    return found
  })
  const places = [...new Set(bucketKey)]
  return {
    place: Int32Array.from(bucketKey, (key) => places.indexOf(key)),
    first: Int32Array.from(bucketKey, (key, at) =>
      into.findIndex((block, one) => bucketKey[one] === key && leader[block] === leader[into[at] ?? 0])
    ),
    room: new Float64Array(places.length),
    owed: new Float64Array(into.length),
    bucket: Int32Array.from([...bucket, ...pairs.map(({ shortAt }) => bucket[shortAt] ?? 0)]),
    into: Int32Array.from(into),
    bucketKey: Float64Array.from(bucketKey),
    width: new Float64Array(into.length),
    sum: new Float64Array(into.length)
  }
}

export const columnsOf = ({ held, order, working }: UnderlyingPosition): Columns => {
  const certain = order === undefined ? [held] : [held, order]
  const blocks: ReadonlyArray<PossibleHolding> = [...certain, ...working]
  const own = termsOf(
    0,
    certain.flatMap(({ options }) => options)
  )
  const ownPairs = pairsOf(own)
  const unpaired = new UnpairedLongs(own, ownPairs)
  const others = working.map(({ group, options }, at) =>
    unpaired.sold(termsOf(certain.length + at, options), group)
  )
  const terms = [...own, ...others.flat()]
  const places = new Map(terms.map((term, at) => [term, at]))
  const pairs = [...ownPairs, ...others.flatMap(pairsOf)].map((pair) => ({
    ...pair,
    shortAt: places.get(pair.short) ?? 0,
    longAt: places.get(pair.long) ?? 0
  }))
  const leader = Int32Array.from(blocks, ({ group }, block) =>
    group === undefined || block < certain.length
      ? block
      : blocks.findIndex((other, at) => at >= certain.length && other.group === group)
  )
  const entries = terms.length + pairs.length
  return {
    terms,
    pairs,
    certain: certain.length,
    shares: Float64Array.from(blocks, ({ shares }) => shares / MICROS),
    cost: Float64Array.from(blocks, ({ cost }) => cost),
    leader,
    ...bucketsOf(terms, pairs, leader),
    count: new Float64Array(entries),
    slope: new Float64Array(entries),
    constant: new Float64Array(entries),
    value: new Float64Array(blocks.length)
  }
}

/** What of a strike, or of the shares of a call, is sure at the expiry of this key: a European option pays later. */
const keptOf = ({ isEuropean, key: own }: Term, key: number): number => {
  const years = own > key && isEuropean ? (Math.floor(own / 2) - Math.floor(key / 2)) / DAYS_A_YEAR : 0
  return Math.max(0, 1 - CARRY * years)
}

/** Sets the terms to what they are worth at the expiry of this key, each by itself. */
const lookAtTerms = ({ constant, count, slope, terms }: Columns, key: number): void => {
  for (const [at, term] of terms.entries()) {
    const { cash, contracts, deliverable, isCall, isOfHeld, strike } = term
    count[at] = contracts
    if (term.key > key && contracts < 0 && !isOfHeld) {
      slope[at] = isCall ? deliverable : 0
      constant[at] = isCall ? cash : strike - cash
      continue
    }
    const kept = keptOf(term, key)
    slope[at] = isCall ? deliverable * kept : -deliverable
    constant[at] = isCall ? cash * kept - strike : strike * kept - cash
  }
}

/** Sets everything to what it is worth at the expiry of this key: what is paired then is taken out of the terms. */
export const lookAt = (columns: Columns, key: number): void => {
  const { bucket, constant, count, pairs, slope, terms, width } = columns
  lookAtTerms(columns, key)
  width.fill(0)
  for (const [n, pair] of pairs.entries()) {
    const at = terms.length + n
    const { long, longAt, short, shortAt } = pair
    const isActive = short.key > key
    count[at] = isActive ? pair.count : 0
    if (!isActive) continue
    count[shortAt] = (count[shortAt] ?? 0) + pair.count
    count[longAt] = (count[longAt] ?? 0) - pair.count
    slope[at] = -long.deliverable
    constant[at] = reliefOf(pair, constant[longAt] ?? 0)
    const into = bucket[at] ?? 0
    width[into] = (width[into] ?? 0) - pair.count * widthOf(pair)
  }
}

/** What an order adds that owes so much, as a number below zero, where there is so much to meet it; all of it where that is no number. */
const unmetOf = (owes: number, room: number): number => {
  if (!(room > 0)) return owes
  const left = room + owes
  if (left >= 0) return 0
  return left > owes ? left : owes
}

/**
 * What a bucket that has expired adds: what is there, where it is owed; of an
 * order, what it owes and nothing is left to meet, as if all orders before it
 * that owe had filled, of another group one, and of its own none. With fewer of
 * them it is no worse. Buckets of what is there come first.
 */
const expiredOf = (columns: Columns, at: number, block: number): number => {
  const { certain, first, owed, place, room, sum } = columns
  const whole = sum[at] ?? 0
  const own = place[at] ?? 0
  if (block < certain) {
    room[own] = whole
    return Math.min(0, whole)
  }
  if (whole >= 0) return 0
  const leading = first[at] ?? at
  const before = owed[leading] ?? 0
  const there = room[own] ?? 0
  if (whole < before) {
    owed[leading] = whole
    room[own] = there + (whole - before)
  }
  return unmetOf(whole, there - before)
}

/** Adds the buckets to their blocks, as they are at the expiry of this key, and takes the worst of what may fill. */
const summedAt = (columns: Columns, key: number): number => {
  const { bucketKey, certain, into, leader, owed, room, sum, value } = columns
  room.fill(0)
  owed.fill(0)
  for (let at = 0; at < sum.length; at++) {
    const block = into[at] ?? 0
    const added = (bucketKey[at] ?? 0) < key ? expiredOf(columns, at, block) : (sum[at] ?? 0)
    value[block] = (value[block] ?? 0) + added
  }
  return worstOf(value, certain, leader)
}

/** The value of all in a scenario, orders that may fill at their worst; in micros of a dollar. */
export const valueAt = (columns: Columns, key: number, spot: number): number => {
  const { bucket, constant, cost, count, shares, slope, sum, value, width } = columns
  sum.set(width)
  for (let at = 0; at < value.length; at++) value[at] = (shares[at] ?? 0) * spot - (cost[at] ?? 0)
  for (let at = 0; at < count.length; at++) {
    const worth = (slope[at] ?? 0) * spot + (constant[at] ?? 0)
    if (worth <= 0) continue
    const into = bucket[at] ?? 0
    sum[into] = (sum[into] ?? 0) + (count[at] ?? 0) * worth
  }
  return summedAt(columns, key)
}

/** Blocks that are there, and each group of the others at its least or at nothing. */
const worstOf = (value: Float64Array, certain: number, leader: Int32Array): number => {
  let sum = 0
  for (let at = value.length - 1; at >= certain; at--) {
    const first = leader[at] ?? at
    const least = value[at] ?? 0
    if (first !== at) value[first] = Math.min(value[first] ?? 0, least)
    else if (least < 0) sum += least
  }
  for (let at = 0; at < certain; at++) sum += value[at] ?? 0
  return sum
}

/** Shares by which all changes beyond the last kink, orders that may fill at their worst. */
export const slopeBeyond = (columns: Columns, key: number): number => {
  const { bucket, count, shares, slope, sum, value } = columns
  sum.fill(0)
  value.set(shares)
  for (let at = 0; at < count.length; at++) {
    const into = bucket[at] ?? 0
    sum[into] = (sum[into] ?? 0) + (count[at] ?? 0) * Math.max(0, slope[at] ?? 0)
  }
  return summedAt(columns, key)
}

/** Shares that calls call for, less what they bring; with the shares there are, or without. A call that lives on covers one in full. */
export const called = (columns: Columns, key: number, withShares: boolean): number => {
  const { bucket, shares, sum, terms, value } = columns
  sum.fill(0)
  if (withShares) value.set(shares)
  else value.fill(0)
  for (const [at, { contracts, deliverable, isCall }] of terms.entries()) {
    const into = bucket[at] ?? 0
    if (isCall) sum[into] = (sum[into] ?? 0) + contracts * deliverable
  }
  return 0 - summedAt(columns, key)
}

/** Prices between which every option's value is a straight line, zero first. */
export const kinksOf = ({ constant, count, slope }: Columns): ReadonlyArray<number> => {
  const found = new Set([0])
  for (const at of count.keys()) {
    const kink = (0 - (constant[at] ?? 0)) / (slope[at] ?? 0)
    if (count[at] !== 0 && kink > 0 && kink < Number.POSITIVE_INFINITY) found.add(kink)
  }
  return [...found]
}
