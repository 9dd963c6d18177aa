/**
 * What an account can come to in one underlying that it has options on.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { sumByGroup } from "../OrderGroup.ts"
import { type GreeksOf, greeksOf, greeksTotals, type GreeksTotals } from "./GreeksHeld.ts"
import { marginOf, type MarginMarket, netted } from "./Margin.ts"
import type { Block, UnderlyingParts } from "./Underlyings.ts"
import { worstCase, type WorstCase } from "./WorstCase.ts"

export interface StructureMarket extends MarginMarket {
  readonly now: Timestamp
  /** Written options may be uncovered: they tie up what `Margin.ts` says. */
  readonly uncovered: boolean
  /** Cash in micros that the shares and the orders for shares tie up as if there were no options. */
  readonly sharesTiedUp: number
}

/** In micros of a dollar. */
export interface StructureRisk {
  readonly underlying: InstrumentId
  /** With the order, and with what works at its worst. */
  readonly after: WorstCase
  /** The larger of |delta times price| and of the worst case up to twice the price. */
  readonly reach: number
  /** Cash that it ties up. */
  readonly tiedUp: number
  readonly greeks: GreeksTotals
}

/** Delta times price of a block: its shares at what they count for, its options by delta. */
const deltaOf = ({ options, sharesValue }: Block, greeks: GreeksOf): number =>
  options.reduce((sum, option) => sum + greeks(option).deltaNotional * option.quantity, sharesValue)

/** All that may fill: the order, and those that work. */
const mayFill = ({ order, working }: UnderlyingParts): ReadonlyArray<Block> =>
  order === undefined ? working : [order, ...working]

/** Working orders are not set off against each other: the most it can be long, or short. */
const deltaReach = (parts: UnderlyingParts, greeks: GreeksOf): number => {
  const deltas = mayFill(parts).map((block) => ({ group: block.group, delta: deltaOf(block, greeks) }))
  const long = sumByGroup(deltas, ({ delta }) => Math.max(0, delta))
  const short = sumByGroup(deltas, ({ delta }) => Math.max(0, 0 - delta))
  const own = deltaOf(parts.held, greeks)
  return Math.ceil(Math.max(own + long, short - own))
}

/** What purchases cost, if all of them fill. */
const purchases = (parts: UnderlyingParts): number =>
  sumByGroup(mayFill(parts), ({ cost }) => Math.max(0, cost))

/** By `Margin.ts`: an order that works is taken as filled where that ties up more. */
const marginTiedUp = ({ held, order, working }: UnderlyingParts, market: StructureMarket): number => {
  const needs = (blocks: ReadonlyArray<Block>): number =>
    marginOf(
      blocks.reduce((sum, { shares }) => sum + shares, 0),
      blocks.flatMap(({ options }) => options),
      market
    )
  // What is sold for a price nobody can set against it brings nothing.
  const paid = ({ cost, options }: Block): number =>
    options.every(({ id }) => market.markOf(id) !== undefined) ? cost : Math.max(0, cost)
  const filled = order === undefined ? [held] : [held, order]
  let tiedUp = needs(filled) + (order === undefined ? 0 : paid(order))
  for (const block of working) {
    const more = needs([...filled, block]) - needs(filled) + paid(block)
    if (more <= 0) continue
    filled.push(block)
    tiedUp += more
  }
  return tiedUp
}

/**
 * Cash an underlying ties up: what purchases cost, what is left to pay at the
 * worst, or what its shares alone tie up, whichever is more.
 */
const tiedUpBy = (parts: UnderlyingParts, after: WorstCase, market: StructureMarket): number => {
  const owed = (parts.order?.cost ?? 0) - after.boundedFloor
  const needed = market.uncovered ? Math.min(owed, marginTiedUp(parts, market)) : owed
  return Math.max(0, purchases(parts), Math.ceil(needed), market.sharesTiedUp)
}

/** Cash that an underlying ties up, in micros. */
export const tiedUpIn = (parts: UnderlyingParts, market: StructureMarket): number =>
  tiedUpBy(parts, worstCase({ ...parts, spot: market.spot }), market)

/** What can still fill once the order has: not those of its group. */
const filledParts = (parts: UnderlyingParts): UnderlyingParts => {
  const group = parts.order?.group
  return group === undefined
    ? parts
    : { ...parts, working: parts.working.filter((other) => other.group !== group) }
}

/** With the order filled; where it has a group, with another of that filled in its place, if that is more. */
export const structureRisk = (parts: UnderlyingParts, market: StructureMarket): StructureRisk => {
  const { spot } = market
  const filled = filledParts(parts)
  const after = worstCase({ ...filled, spot })
  const greeks = greeksOf(parts, market)
  const inPlace = filled === parts ? undefined : { ...parts, order: undefined }
  const other = inPlace === undefined ? undefined : worstCase({ ...inPlace, spot })
  const tiedUp = tiedUpBy(filled, after, market)
  return {
    underlying: parts.id,
    after,
    reach: Math.max(deltaReach(parts, greeks), after.boundedLoss, other?.boundedLoss ?? 0),
    tiedUp:
      inPlace === undefined || other === undefined
        ? tiedUp
        : Math.max(tiedUp, tiedUpBy(inPlace, other, market)),
    greeks: greeksTotals(filled, greeks)
  }
}

/** Whether an order sells calls, or shares: whether it can uncover any. */
export const canUncover = ({ options, shares }: Block): boolean =>
  shares < 0 || options.some(({ contract, quantity }) => contract.right === "CALL" && quantity < 0)

/** Whether it writes puts. */
export const writesPuts = ({ options }: Block): boolean =>
  options.some(({ contract, quantity }) => contract.right === "PUT" && quantity < 0)

/** Shares of one and the same part are told apart by less. */
const SAME_SHARE = 1e-12

/** Whether an order takes the same share off everything that is held: all of it, or of each as much. */
const scalesDown = (held: Block, order: Block): boolean => {
  const traded = new Map(netted(order.options).map(({ id, quantity }) => [id, quantity]))
  const shares = netted(held.options)
    .filter(({ quantity }) => quantity !== 0)
    .map(({ id, quantity }) => (0 - (traded.get(id) ?? 0)) / quantity)
  if (held.shares !== 0) shares.push((0 - order.shares) / held.shares)
  return shares.length > 0 && shares.every((one) => one > 0 && Math.abs(one - (shares[0] ?? 0)) <= SAME_SHARE)
}

/**
 * Whether the least that all can be worth does not fall with the order, by what
 * it is worth in the end or with what the order costs or brings; or the order
 * takes the same share off all that is held, for whatever the market gives. The
 * orders that work uncover no more than before.
 */
export const keepsFloor = (
  { held, order, working }: UnderlyingParts,
  before: WorstCase,
  after: WorstCase
): boolean => {
  if (order === undefined) return false
  const isSmaller = scalesDown(held, order)
  if (isSmaller && working.length === 0) return true
  return (
    after.uncovered <= before.uncovered &&
    after.slope >= Math.min(0, before.slope) &&
    (isSmaller ||
      after.boundedFloor >= before.boundedFloor ||
      after.boundedFloor - order.cost >= before.boundedFloor)
  )
}
