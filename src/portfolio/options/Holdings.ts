/**
 * The positions of an account as the structures they make, and what each is worth.
 *
 * Each underlying's positions are taken apart in one fixed way, whatever the order they come in: what stands together
 * on four strikes first (iron condors, iron butterflies, butterflies), then what shares cover (collars, covered
 * calls), then a contract sold against one bought (verticals, calendars, diagonals), then straddles and strangles, then
 * what is left, one by one, shares last. Nearer strikes and earlier expiries go first. Every contract and every share is
 * in exactly one structure; a position may be in several, and its cost is divided in proportion, to the micro.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect but types.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import {
  MICROS,
  type Money,
  money,
  notional,
  type Price,
  proportion,
  quantity,
  type SignedQuantity,
  signedQuantity
} from "../../domain/Money.ts"
import { underlyingOf } from "../../domain/OptionContract.ts"
import { dayOfDate } from "../../domain/Timestamp.ts"
import {
  byTerms,
  isOptionPart,
  type OptionPart,
  recognise,
  seriesOf,
  type Structure,
  structureId,
  type StructureLeg
} from "../../options/Structure.ts"
import type { Position } from "../Position.ts"

/** What a structure has of one position. */
export interface HeldPart {
  readonly position: Position
  /** Micros of contracts or shares, signed as the position is. */
  readonly quantity: SignedQuantity
  /** Of the position's cost, in proportion. */
  readonly cost: Money
}

export interface HeldStructure {
  /** A name to type, one of its own in the account: "AAPL-VERTICAL-140613-P-85-90". */
  readonly id: string
  readonly underlying: InstrumentId
  readonly structure: Structure
  /** In the order of the structure's legs. */
  readonly parts: ReadonlyArray<HeldPart>
}

/** Some units of a set of legs; the ratios are those of one unit, in micros of contracts or shares. */
interface Group {
  readonly legs: ReadonlyArray<{ readonly leg: StructureLeg; readonly ratio: number }>
  readonly units: number
}

/** What is not yet in a structure: micros of contracts, or of shares, by instrument; signed. */
type Rest = Map<InstrumentId, number>

const leftOf = (rest: Rest, { instrumentId }: StructureLeg): number => rest.get(instrumentId) ?? 0

/** Takes as many whole units of these legs as there are; undefined where there is none. */
const take = (rest: Rest, legs: Group["legs"]): Group | undefined => {
  let units = Infinity
  for (const { leg, ratio } of legs) units = Math.min(units, Math.floor(leftOf(rest, leg) / ratio))
  if (!(units >= 1 && units < Infinity)) return undefined
  for (const { leg, ratio } of legs) rest.set(leg.instrumentId, leftOf(rest, leg) - units * ratio)
  return { legs, units }
}

/** Candidates in their order, each as often as it is there. */
const takeEach = (rest: Rest, candidates: Iterable<Group["legs"]>): ReadonlyArray<Group> => {
  const taken: Array<Group> = []
  for (const legs of candidates) {
    const group = take(rest, legs)
    if (group !== undefined) taken.push(group)
  }
  return taken
}

const isPut = ({ contract }: OptionPart): boolean => contract.right === "PUT"

const daysApart = (near: OptionPart, far: OptionPart): number =>
  dayOfDate(far.contract.expiry) - dayOfDate(near.contract.expiry)

type Pair = readonly [near: OptionPart, far: OptionPart]

/** Pairs of contracts in the order of their terms, the nearest in time and then in strike first. */
const pairs = (
  options: ReadonlyArray<OptionPart>,
  rest: Rest,
  fits: (near: OptionPart, far: OptionPart) => boolean
): ReadonlyArray<Pair> => {
  const found: Array<{ readonly pair: Pair; readonly days: number; readonly width: number }> = []
  const open = options.filter((leg) => leftOf(rest, leg) !== 0)
  for (const [i, near] of open.entries()) {
    for (const far of open.slice(i + 1)) {
      if (!fits(near, far)) continue
      found.push({
        pair: [near, far],
        days: daysApart(near, far),
        width: Math.abs(far.contract.strike - near.contract.strike)
      })
    }
  }
  // The sort keeps the order of what is equally near.
  return found.toSorted((a, b) => a.days - b.days || a.width - b.width).map(({ pair }) => pair)
}

const signOf = (rest: Rest, leg: OptionPart): number => Math.sign(leftOf(rest, leg))

/** One contract each, signed as they are held. */
const oneEach = (rest: Rest, legs: ReadonlyArray<OptionPart>): Group["legs"] =>
  legs.map((leg) => ({ leg, ratio: signOf(rest, leg) * MICROS }))

const sameExpiry = (a: OptionPart, b: OptionPart): boolean => a.contract.expiry === b.contract.expiry

const oppositeIn =
  (rest: Rest) =>
  (a: OptionPart, b: OptionPart): boolean =>
    isPut(a) === isPut(b) && signOf(rest, a) === -signOf(rest, b)

const alongsideIn =
  (rest: Rest) =>
  (a: OptionPart, b: OptionPart): boolean =>
    isPut(a) !== isPut(b) && sameExpiry(a, b) && signOf(rest, a) === signOf(rest, b)

const verticalsOf = (options: ReadonlyArray<OptionPart>, rest: Rest): ReadonlyArray<Group> => {
  const opposite = oppositeIn(rest)
  const found = pairs(options, rest, (a, b) => sameExpiry(a, b) && opposite(a, b))
  return takeWith(rest, found)
}

/** Pairs, with the signs they have when their turn comes. */
const takeWith = (rest: Rest, found: ReadonlyArray<Pair>): ReadonlyArray<Group> =>
  found.flatMap((pair) =>
    pair.some((leg) => leftOf(rest, leg) === 0) ? [] : takeEach(rest, [oneEach(rest, pair)])
  )

interface Vertical {
  readonly low: OptionPart
  readonly high: OptionPart
  /** Long the lower strike. */
  readonly bull: boolean
}

const verticalIn = ({ legs }: Group): ReadonlyArray<Vertical> => {
  const [low, high] = legs
  return low !== undefined && high !== undefined && isOptionPart(low.leg) && isOptionPart(high.leg)
    ? [{ low: low.leg, high: high.leg, bull: low.ratio > 0 }]
    : []
}

/** What two verticals make together: an iron condor or butterfly of a put and a call one, a butterfly of two that meet. */
const fourLegged = (a: Vertical, b: Vertical): Group["legs"] | undefined => {
  if (!sameExpiry(a.low, b.low) || a.bull === b.bull) return undefined
  const sign = a.bull ? MICROS : -MICROS
  if (isPut(a.low) !== isPut(b.low)) {
    if (!isPut(a.low) || a.high.contract.strike > b.low.contract.strike) return undefined
    return [
      { leg: a.low, ratio: sign },
      { leg: a.high, ratio: -sign },
      { leg: b.low, ratio: -sign },
      { leg: b.high, ratio: sign }
    ]
  }
  return a.high.instrumentId === b.low.instrumentId
    ? [
        { leg: a.low, ratio: sign },
        { leg: a.high, ratio: -2 * sign },
        { leg: b.high, ratio: sign }
      ]
    : undefined
}

/** Found among the verticals there could be; those themselves are not taken. */
const fourLeggedOf = (options: ReadonlyArray<OptionPart>, rest: Rest): ReadonlyArray<Group> => {
  const verticals = verticalsOf(options, new Map(rest)).flatMap(verticalIn)
  const irons: Array<Group["legs"]> = []
  const butterflies: Array<Group["legs"]> = []
  for (const a of verticals) {
    for (const b of verticals) {
      const legs = fourLegged(a, b)
      if (legs !== undefined) (legs.length === 4 ? irons : butterflies).push(legs)
    }
  }
  return [...takeEach(rest, irons), ...takeEach(rest, butterflies)]
}

/** What long shares cover: collars first, then calls alone, earlier expiries and lower calls first. */
const coveredBy = (
  shares: StructureLeg | undefined,
  options: ReadonlyArray<OptionPart>,
  rest: Rest
): ReadonlyArray<Group> => {
  if (shares === undefined || leftOf(rest, shares) <= 0) return []
  const inShares = options.filter(
    ({ contract }) => contract.settlement === "PHYSICAL" && contract.deliverable >= MICROS
  )
  const calls = inShares.filter((leg) => !isPut(leg) && leftOf(rest, leg) < 0)
  // The nearest below the call first.
  const puts = inShares.filter((leg) => isPut(leg) && leftOf(rest, leg) > 0).toReversed()
  const held = ({ contract }: OptionPart) => ({ leg: shares, ratio: contract.deliverable })
  const collars = calls.flatMap((call) =>
    puts
      .filter(
        (put) =>
          sameExpiry(call, put) &&
          seriesOf(call) === seriesOf(put) &&
          put.contract.strike <= call.contract.strike
      )
      .map((put) => [held(call), { leg: put, ratio: MICROS }, { leg: call, ratio: -MICROS }])
  )
  const covered = calls.map((call) => [held(call), { leg: call, ratio: -MICROS }])
  return [...takeEach(rest, collars), ...takeEach(rest, covered)]
}

const pairsOf = (options: ReadonlyArray<OptionPart>, rest: Rest): ReadonlyArray<Group> => {
  const alongside = alongsideIn(rest)
  const opposite = oppositeIn(rest)
  const strike = ({ contract }: OptionPart): number => contract.strike
  const takePairs = (fits: (near: OptionPart, far: OptionPart) => boolean) =>
    takeWith(rest, pairs(options, rest, fits))
  return [
    ...verticalsOf(options, rest),
    ...takePairs((a, b) => opposite(a, b) && strike(a) === strike(b)),
    ...takePairs(opposite),
    ...takePairs((a, b) => alongside(a, b) && strike(a) === strike(b)),
    ...takePairs((a, b) => alongside(a, b) && isPut(a) && strike(a) < strike(b))
  ]
}

/** What is left of each leg, alone. */
const remainders = (legs: ReadonlyArray<StructureLeg>, rest: Rest): ReadonlyArray<Group> =>
  legs.flatMap((leg) => {
    const left = leftOf(rest, leg)
    return left === 0 ? [] : [{ legs: [{ leg, ratio: left }], units: 1 }]
  })

/** By a name of theirs, in the order of the names. */
const grouped = <A, Name extends string>(
  all: ReadonlyArray<A>,
  nameOf: (one: A) => Name
): ReadonlyArray<readonly [name: Name, members: ReadonlyArray<A>]> => {
  const groups = new Map<Name, Array<A>>()
  for (const one of all) {
    const members = groups.get(nameOf(one))
    if (members === undefined) groups.set(nameOf(one), [one])
    else members.push(one)
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Contracts that deliver the same. */
const bySeries = (options: ReadonlyArray<OptionPart>): ReadonlyArray<ReadonlyArray<OptionPart>> =>
  grouped(
    options,
    (one) => `${seriesOf(one)} ${one.contract.deliverable} ${one.contract.deliverableCash}`
  ).map(([, members]) => members)

/** The legs of one underlying as structures; contracts of an adjusted series only meet each other, and the shares. */
const decompose = (legs: ReadonlyArray<StructureLeg>): ReadonlyArray<Group> => {
  const ordered = legs.toSorted(byTerms)
  const rest: Rest = new Map(
    ordered.map(({ instrumentId, quantity: held }) => [instrumentId, Math.round(held * MICROS)])
  )
  const shares = ordered.find((leg) => !isOptionPart(leg))
  const options = ordered.filter(isOptionPart)
  const series = bySeries(options)
  return [
    ...series.flatMap((members) => fourLeggedOf(members, rest)),
    ...coveredBy(shares, options, rest),
    ...series.flatMap((members) => pairsOf(members, rest)),
    ...remainders([...options, ...(shares === undefined ? [] : [shares])], rest)
  ]
}

const legOf = ({ contract, instrumentId, quantity: held }: Position): StructureLeg => ({
  instrumentId,
  quantity: held / MICROS,
  ...(contract === undefined ? {} : { contract })
})

/** Hands the positions out in parts whose quantities and costs sum to the position's. */
const handOut = (positions: ReadonlyMap<InstrumentId, Position>) => {
  const given = new Map<InstrumentId, number>()
  return ({ instrumentId, quantity: held }: StructureLeg): ReadonlyArray<HeldPart> => {
    const position = positions.get(instrumentId)
    if (position === undefined) return []
    const before = given.get(instrumentId) ?? 0
    const after = before + Math.round(held * MICROS)
    given.set(instrumentId, after)
    const costUntil = (part: number): number => proportion(position.cost, part, position.quantity)
    return [
      {
        position,
        quantity: signedQuantity(after - before),
        cost: money(costUntil(after) - costUntil(before))
      }
    ]
  }
}

/**
 * The open positions as structures, by underlying and in the order they were found. One position of each instrument is
 * given at most. Shares without options of theirs are a structure of their own (SHARES).
 */
export const structuresOf = (positions: ReadonlyArray<Position>): ReadonlyArray<HeldStructure> => {
  const open = positions.filter(({ quantity: held }) => held !== 0)
  const partOf = handOut(new Map(open.map((position) => [position.instrumentId, position])))
  return grouped(open.map(legOf), underlyingOf).flatMap(([underlying, legs]) =>
    decompose(legs).map((group): HeldStructure => {
      const structure = recognise(
        group.legs.map(({ leg, ratio }) => ({ ...leg, quantity: (ratio * group.units) / MICROS }))
      )
      return {
        id: structureId(structure),
        underlying,
        structure,
        parts: structure.legs.flatMap(partOf)
      }
    })
  )
}

/** Whether options are in it. */
export const hasOptions = ({ structure }: HeldStructure): boolean => structure.legs.some(isOptionPart)

export interface StructureValue {
  readonly cost: Money
  readonly marketValue: Money
  readonly unrealised: Money
}

/** A structure at these marks: quantity × mark × multiplier over its parts; undefined while one has no mark. */
export const structureValue = (
  { parts }: HeldStructure,
  marks: ReadonlyMap<InstrumentId, Price>
): StructureValue | undefined => {
  let cost = 0
  let value = 0
  for (const part of parts) {
    const mark = marks.get(part.position.instrumentId)
    if (mark === undefined) return undefined
    const worth = notional(mark, quantity(Math.abs(part.quantity)), part.position.multiplier)
    value += part.quantity < 0 ? -worth : worth
    cost += part.cost
  }
  return { cost: money(cost), marketValue: money(value), unrealised: money(value - cost) }
}

/** What is paid for a structure; known without a mark. */
export const structureCost = ({ parts }: HeldStructure): Money =>
  money(parts.reduce((sum, { cost }) => sum + cost, 0))
