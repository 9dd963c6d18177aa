/**
 * What the account holds and might come to hold: positions, and every working
 * order counted as if it filled.
 *
 * Working buys and sales are never set off against each other: a sale that may
 * not fill makes no room for a buy. So the most an instrument can come to is
 * the larger of (position + buys) and (sales − position), and one more working
 * order can only add.
 */
import type { ClientOrderId, InstrumentId } from "../domain/Identifiers.ts"
import type { OrderSide } from "../domain/Order.ts"
import { ceilProportion, notionalCeil } from "./ExactRatio.ts"
import type { HeldPosition, WorkingOrder } from "./RiskSnapshot.ts"
import { valueOf, worstQuantityOf } from "./Valuation.ts"

/** What legs that exclude each other have in common; a bracket and a group that a caller named never share it. */
export const groupOf = (
  ocoGroup: string | undefined,
  bracketOf: ClientOrderId | undefined
): string | undefined =>
  bracketOf !== undefined ? `bracket ${bracketOf}` : ocoGroup === undefined ? undefined : `oco ${ocoGroup}`

/** The proposed order as one more leg. */
export interface Leg {
  readonly instrumentId: InstrumentId
  readonly side: OrderSide
  /** Which legs are counted once: see `groupOf`. */
  readonly group: string | undefined
  /** Micros of a dollar. */
  readonly value: number
  /** Micros of a share, at most. */
  readonly quantity: number
}

/** All in micros; NaN where something needed is missing, which `missing` names. */
export interface OpenRisk {
  /** Signed shares held of the order's instrument. */
  readonly held: number
  /** Shares of it on sale, or on order, on the order's side, without the order and its own group. */
  readonly ahead: number
  /** The same with the order. */
  readonly aheadWithOrder: number
  /** Dollars the order's instrument can come to, with the order. */
  readonly instrument: number
  /** Dollars all instruments can come to, with the order. */
  readonly gross: number
  /** Cash that positions, working orders and the order tie up. */
  readonly tiedUp: number
  readonly missing: string | undefined
}

interface SideTotals {
  value: number
  quantity: number
}

interface InstrumentTotals {
  /** Signed. */
  held: number
  heldValue: number
  readonly BUY: SideTotals
  readonly SELL: SideTotals
}

const emptyTotals = (): InstrumentTotals => ({
  held: 0,
  heldValue: 0,
  BUY: { value: 0, quantity: 0 },
  SELL: { value: 0, quantity: 0 }
})

/** The worst leg of a group, on one side of one instrument. */
interface GroupTotals extends SideTotals {
  readonly into: SideTotals
}

const usable = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

class Tally {
  readonly totals = new Map<InstrumentId, InstrumentTotals>()
  private readonly groups = new Map<string, GroupTotals>()
  missing: string | undefined = undefined

  of(id: InstrumentId): InstrumentTotals {
    const found = this.totals.get(id)
    if (found !== undefined) return found
    const made = emptyTotals()
    this.totals.set(id, made)
    return made
  }

  hold(position: HeldPosition): void {
    const totals = this.of(position.instrumentId)
    totals.held += position.quantity
    if (position.quantity === 0) return
    const size = Math.abs(position.quantity)
    const value =
      position.mark === undefined ? Number.NaN : notionalCeil(position.mark, size, position.multiplier)
    if (!usable(value)) this.missing ??= `the price of the position in ${position.instrumentId} is missing`
    totals.heldValue += position.quantity > 0 ? value : -value
  }

  add(leg: Leg): void {
    const side = this.of(leg.instrumentId)[leg.side]
    if (leg.group === undefined) {
      side.value += leg.value
      side.quantity += leg.quantity
      return
    }
    const key = `${leg.instrumentId} ${leg.side} ${leg.group}`
    const group = this.groups.get(key)
    if (group === undefined) {
      this.groups.set(key, { into: side, value: leg.value, quantity: leg.quantity })
    } else {
      group.value = Math.max(group.value, leg.value)
      group.quantity = Math.max(group.quantity, leg.quantity)
    }
  }

  settleGroups(): void {
    for (const group of this.groups.values()) {
      group.into.value += group.value
      group.into.quantity += group.quantity
    }
  }

  /** Shares on one side of an instrument, groups included except `without`. */
  onSide(id: InstrumentId, side: OrderSide, without: string | undefined): number {
    const into = this.of(id)[side]
    const own = without === undefined ? undefined : `${id} ${side} ${without}`
    let quantity = into.quantity
    for (const [key, group] of this.groups) {
      if (group.into === into && key !== own) quantity += group.quantity
    }
    return quantity
  }
}

const reachOf = (totals: InstrumentTotals): number =>
  Math.max(totals.heldValue + totals.BUY.value, totals.SELL.value - totals.heldValue)

/**
 * Cash an instrument ties up: its buys in full; a short position its proceeds
 * (they are in the cash) and as much again; sales beyond what is held likewise
 * as much as they bring.
 */
const tiedUpBy = (totals: InstrumentTotals): number => {
  const short = totals.held < 0 ? -2 * totals.heldValue : 0
  const opening = Math.max(0, totals.SELL.quantity - Math.max(0, totals.held))
  const sold = opening === 0 ? 0 : ceilProportion(totals.SELL.value, opening, totals.SELL.quantity)
  return totals.BUY.value + short + sold
}

const tallyOf = (
  positions: ReadonlyArray<HeldPosition>,
  working: ReadonlyArray<WorkingOrder>,
  priceCollarRatio: number
): Tally => {
  const tally = new Tally()
  for (const position of positions) tally.hold(position)
  for (const other of working) {
    if (other.held) continue
    const { bracketOf, instrumentId, leaves, multiplier, ocoGroup, side, valuePrice } = other
    const value = valueOf(leaves, valuePrice, multiplier)
    const quantity = worstQuantityOf(leaves, valuePrice, multiplier, priceCollarRatio)
    if (!usable(value) || !usable(quantity)) {
      tally.missing ??= `the size or value of working order ${other.clientOrderId} is missing`
    }
    tally.add({ instrumentId, side, group: groupOf(ocoGroup, bracketOf), value, quantity })
  }
  return tally
}

/** Cash that positions and working orders tie up, in micros; NaN where a price it needs is missing. */
export const tiedUpCash = (
  positions: ReadonlyArray<HeldPosition>,
  working: ReadonlyArray<WorkingOrder>,
  priceCollarRatio: number
): number => {
  const tally = tallyOf(positions, working, priceCollarRatio)
  tally.settleGroups()
  let tiedUp = 0
  for (const totals of tally.totals.values()) tiedUp += tiedUpBy(totals)
  return tiedUp
}

/** Adds everything up, with the order as one more leg. */
export const openRisk = (
  positions: ReadonlyArray<HeldPosition>,
  working: ReadonlyArray<WorkingOrder>,
  priceCollarRatio: number,
  order: Leg
): OpenRisk => {
  const tally = tallyOf(positions, working, priceCollarRatio)
  const ahead = tally.onSide(order.instrumentId, order.side, order.group)
  tally.add(order)
  tally.settleGroups()
  const own = tally.of(order.instrumentId)
  let gross = 0
  let tiedUp = 0
  for (const totals of tally.totals.values()) {
    gross += reachOf(totals)
    tiedUp += tiedUpBy(totals)
  }
  return {
    held: own.held,
    ahead,
    aheadWithOrder: own[order.side].quantity,
    instrument: reachOf(own),
    gross,
    tiedUp,
    missing: tally.missing
  }
}
