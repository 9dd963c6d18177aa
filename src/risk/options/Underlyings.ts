/**
 * What is held, working and ordered in options, sorted by what it is on: shares
 * of an underlying count together with the options on it.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import { type InstrumentId, isOptionId } from "../../domain/Identifiers.ts"
import { MICROS } from "../../domain/Money.ts"
import { type OptionContract, underlyingOf } from "../../domain/OptionContract.ts"
import { type OrderSide, signOf } from "../../domain/Order.ts"
import { COMBO_MULTIPLIER, type LegTerms } from "../../domain/OrderLeg.ts"
import { notionalCeil } from "../ExactRatio.ts"
import { groupOf } from "../OrderGroup.ts"
import type { HeldPosition, WorkingOrder } from "../RiskSnapshot.ts"
import { valueOf, worstQuantityOf } from "../Valuation.ts"
import type { OptionHolding, PossibleHolding } from "./UnderlyingPosition.ts"

/** One instrument that an order trades, and so many of it. */
export interface TradedPart {
  readonly instrumentId: InstrumentId
  readonly side: OrderSide
  /** Micros of shares or contracts, at most. */
  readonly quantity: number
  readonly multiplier: number
  readonly contract: OptionContract | undefined
}

/** An order as one thing that fills whole or not. */
export interface TradedWhole {
  readonly parts: ReadonlyArray<TradedPart>
  /** Micros of a dollar: negative when it brings money. */
  readonly cost: number
  readonly group: string | undefined
}

/** So many of a contract, by name. */
export interface NamedOption extends OptionHolding {
  readonly id: InstrumentId
}

/** An order's or the position's part in one underlying. */
export interface Block extends PossibleHolding {
  readonly options: ReadonlyArray<NamedOption>
  /** Signed micros of a dollar that its shares count for. */
  readonly sharesValue: number
}

/** All that there is in one underlying. */
export interface UnderlyingParts {
  readonly id: InstrumentId
  held: Block
  order: Block | undefined
  readonly working: Array<Block>
}

/** Whether options are held, working or ordered: without any, shares alone are counted. */
export const hasOptions = (
  positions: ReadonlyArray<HeldPosition>,
  working: ReadonlyArray<WorkingOrder>,
  parts: ReadonlyArray<TradedPart>
): boolean => {
  for (const part of parts) if (part.contract !== undefined) return true
  for (const one of positions) if (one.contract !== undefined || isOptionId(one.instrumentId)) return true
  for (const one of working) if (one.terms !== undefined || isOptionId(one.instrumentId)) return true
  return false
}

/** Whether an order that works is a combo. */
export const isCombo = ({ terms }: WorkingOrder): boolean => terms !== undefined && terms.length > 1

const partOfLeg = (leg: LegTerms, units: number): TradedPart => ({
  instrumentId: leg.instrumentId,
  side: leg.side,
  quantity: units * leg.ratio,
  multiplier: leg.multiplier,
  contract: leg.contract
})

const comboOf = ({ leaves, netValue, terms }: WorkingOrder, group: string | undefined): TradedWhole => {
  const units = leaves._tag === "Quantity" ? leaves.quantity : Number.NaN
  return {
    parts: (terms ?? []).map((leg) => partOfLeg(leg, units)),
    cost: (netValue ?? Number.NaN) * COMBO_MULTIPLIER * (units / MICROS),
    group
  }
}

/** An order that works, for what it can still fill; its contract is looked up where the order does not say it. */
export const wholeOf = (
  working: WorkingOrder,
  priceCollarRatio: number,
  contractOf: (id: InstrumentId) => OptionContract | undefined
): TradedWhole => {
  const { bracketOf, instrumentId, leaves, multiplier, ocoGroup, side, terms, valuePrice } = working
  const group = groupOf(ocoGroup, bracketOf)
  if (isCombo(working)) return comboOf(working, group)
  const value = valueOf(leaves, valuePrice, multiplier)
  const quantity = worstQuantityOf(leaves, valuePrice, multiplier, priceCollarRatio)
  const contract = terms?.[0]?.contract ?? contractOf(instrumentId)
  return {
    parts: [{ instrumentId, side, quantity, multiplier, contract }],
    cost: side === "BUY" ? value : 0 - value,
    group
  }
}

const emptyBlock: Block = { shares: 0, sharesValue: 0, options: [], cost: 0 }

/** Signed micros of shares or contracts. */
const signed = ({ quantity, side }: TradedPart): number => signOf(side) * quantity

/** What of an order is in one underlying; of an order in several, which no rule lets pass, all of its cost in each. */
const blockOf = ({ cost, group, parts }: TradedWhole, spot: number): Block => {
  let shares = 0
  const options: Array<NamedOption> = []
  for (const part of parts) {
    const { contract, instrumentId: id, multiplier } = part
    if (contract === undefined) shares += signed(part) * multiplier
    else options.push({ id, contract, multiplier, quantity: signed(part) })
  }
  // Shares on their own count for what the order does.
  const sharesValue = shares === 0 ? 0 : options.length === 0 ? cost : (shares / MICROS) * spot
  return { shares, sharesValue, options, cost, ...(group === undefined ? {} : { group }) }
}

/** Sorts everything that has to do with options by underlying; what has nothing to do with any it leaves alone. */
export class Underlyings {
  readonly parts = new Map<InstrumentId, UnderlyingParts>()
  missing: string | undefined = undefined
  private readonly spotOf: (id: InstrumentId) => number

  constructor(ids: Iterable<InstrumentId>, spotOf: (id: InstrumentId) => number) {
    this.spotOf = spotOf
    for (const id of ids) this.parts.set(id, { id, held: emptyBlock, order: undefined, working: [] })
  }

  /** True when the position counts here. */
  hold(position: HeldPosition, contract: OptionContract | undefined): boolean {
    const { instrumentId, mark, multiplier, quantity } = position
    if (contract === undefined && isOptionId(instrumentId)) {
      if (quantity !== 0) this.missing ??= `the contract of the position in ${instrumentId} is missing`
      return true
    }
    const into = this.parts.get(underlyingOf({ instrumentId, contract }))
    if (into === undefined) return false
    if (quantity === 0) return true
    const size = mark === undefined ? Number.NaN : notionalCeil(mark, Math.abs(quantity), multiplier)
    if (!Number.isSafeInteger(size))
      this.missing ??= `the price of the position in ${instrumentId} is missing`
    // Without a price its terminal value is still known, and with it whether an order reduces.
    const value = Number.isSafeInteger(size) ? Math.sign(quantity) * size : 0
    const { held } = into
    into.held =
      contract === undefined
        ? {
            ...held,
            shares: held.shares + quantity * multiplier,
            sharesValue: held.sharesValue + value,
            cost: held.cost + value
          }
        : {
            ...held,
            options: [...held.options, { id: instrumentId, contract, multiplier, quantity }],
            cost: held.cost + value
          }
    return true
  }

  /** The underlyings among these that an order is in. */
  private touched(whole: TradedWhole): ReadonlyArray<UnderlyingParts> {
    return [...new Set(whole.parts.map(underlyingOf))].flatMap((id) => this.parts.get(id) ?? [])
  }

  /** True when the order counts here. */
  work(whole: TradedWhole, name: string): boolean {
    const nameless = whole.parts.some(
      ({ contract, instrumentId }) => contract === undefined && isOptionId(instrumentId)
    )
    const unsound = !Number.isSafeInteger(whole.cost) || whole.parts.some(({ quantity }) => !(quantity >= 0))
    const touched = this.touched(whole)
    if (nameless) this.missing ??= `the contract of working order ${name} is missing`
    if (touched.length === 0) return nameless
    if (unsound) this.missing ??= `the size or value of working order ${name} is missing`
    for (const into of touched) into.working.push(blockOf(whole, this.spotOf(into.id)))
    return true
  }

  /** The underlying of the order; undefined when it has no options on it. */
  order(whole: TradedWhole): UnderlyingParts | undefined {
    const touched = this.touched(whole)
    for (const into of touched) into.order = blockOf(whole, this.spotOf(into.id))
    return touched[0]
  }
}
