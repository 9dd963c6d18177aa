/**
 * Shares that are held and on order: each instrument's long and short side.
 *
 * Working buys and sales are never set off against each other: a sale that may
 * not fill makes no room for a buy. So the most an instrument can come to is
 * the larger of (position + buys) and (sales − position), and one more working
 * order can only add.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { OrderSide } from "../domain/Order.ts"
import { ceilProportion, ceilShare, floorShare, notionalCeil, partsPerMillion } from "./ExactRatio.ts"
import { groupOf } from "./OrderGroup.ts"
import type { HeldPosition, WorkingOrder } from "./RiskSnapshot.ts"
import { valueOf, worstQuantityOf } from "./Valuation.ts"

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

/** Parts of the value that a margin account pays with its own money: of what is long, and of what is short. */
export interface MarginRatios {
  readonly long: number
  readonly short: number
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

/** The most an instrument can come to: long, or short. */
export const reachOf = (totals: InstrumentTotals): number =>
  Math.max(totals.heldValue + totals.BUY.value, totals.SELL.value - totals.heldValue)

/**
 * Cash an instrument ties up: its buys in full; a short position its proceeds
 * (they are in the cash) and as much again; sales beyond what is held likewise
 * as much as they bring.
 */
export const tiedUpBy = (totals: InstrumentTotals): number => {
  const short = totals.held < 0 ? -2 * totals.heldValue : 0
  const opening = Math.max(0, totals.SELL.quantity - Math.max(0, totals.held))
  const sold = opening === 0 ? 0 : ceilProportion(totals.SELL.value, opening, totals.SELL.quantity)
  return totals.BUY.value + short + sold
}

/**
 * The same of a margin account. Of buys a part is enough, on what is held long
 * the rest is lent, a short position needs its proceeds and a part of them
 * again. Less than nothing where more is lent than needed.
 */
const marginBy = (totals: InstrumentTotals, { long, short }: MarginRatios): number => {
  const ofShort = partsPerMillion(short)
  const opening = Math.max(0, totals.SELL.quantity - Math.max(0, totals.held))
  const sold = opening === 0 ? 0 : ceilProportion(totals.SELL.value, opening, totals.SELL.quantity)
  const own = ceilShare(totals.BUY.value, partsPerMillion(long)) + ceilShare(sold, ofShort)
  if (totals.held < 0) return own - totals.heldValue + ceilShare(0 - totals.heldValue, ofShort)
  return own - floorShare(totals.heldValue, 1_000_000 - partsPerMillion(long))
}

export class SharesTally {
  readonly totals = new Map<InstrumentId, InstrumentTotals>()
  /** Most accounts have none. */
  private groups: Map<string, GroupTotals> | undefined = undefined
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

  /** An order that may fill. */
  work(other: WorkingOrder, priceCollarRatio: number): void {
    const { bracketOf, instrumentId, leaves, multiplier, ocoGroup, side, valuePrice } = other
    const value = valueOf(leaves, valuePrice, multiplier)
    const quantity = worstQuantityOf(leaves, valuePrice, multiplier, priceCollarRatio)
    if (!usable(value) || !usable(quantity)) {
      this.missing ??= `the size or value of working order ${other.clientOrderId} is missing`
    }
    this.add({ instrumentId, side, group: groupOf(ocoGroup, bracketOf), value, quantity })
  }

  add(leg: Leg): void {
    const side = this.of(leg.instrumentId)[leg.side]
    if (leg.group === undefined) {
      side.value += leg.value
      side.quantity += leg.quantity
      return
    }
    const key = `${leg.instrumentId} ${leg.side} ${leg.group}`
    this.groups ??= new Map()
    const group = this.groups.get(key)
    if (group === undefined) {
      this.groups.set(key, { into: side, value: leg.value, quantity: leg.quantity })
    } else {
      group.value = Math.max(group.value, leg.value)
      group.quantity = Math.max(group.quantity, leg.quantity)
    }
  }

  /**
   * With all groups at their worst: dollars that all shares can come to, and
   * the cash they tie up, of a margin account by its ratios. To be called once.
   */
  settle(margin?: MarginRatios): { gross: number; tiedUp: number } {
    for (const group of this.groups?.values() ?? []) {
      group.into.value += group.value
      group.into.quantity += group.quantity
    }
    const sums = { gross: 0, tiedUp: 0 }
    for (const totals of this.totals.values()) {
      sums.gross += reachOf(totals)
      sums.tiedUp += margin === undefined ? tiedUpBy(totals) : marginBy(totals, margin)
    }
    return sums
  }

  /** Shares on one side of an instrument, groups included except `without`. */
  onSide(id: InstrumentId, side: OrderSide, without: string | undefined): number {
    const into = this.of(id)[side]
    const own = without === undefined ? undefined : `${id} ${side} ${without}`
    let quantity = into.quantity
    for (const [key, group] of this.groups ?? []) {
      if (group.into === into && key !== own) quantity += group.quantity
    }
    return quantity
  }
}
