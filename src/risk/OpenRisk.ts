/**
 * What the account holds and might come to hold: positions, and every working
 * order counted as if it filled.
 *
 * Where there are no options, instrument by instrument (`SharesTally.ts`);
 * where there are, the shares of an underlying together with the options on it
 * (`options/Underlyings.ts`, `options/StructureRisk.ts`), and only other shares
 * by themselves.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Price } from "../domain/Money.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import {
  canUncover,
  keepsFloor,
  structureRisk,
  type StructureMarket,
  type StructureRisk,
  tiedUpIn,
  writesPuts
} from "./options/StructureRisk.ts"
import type { GreeksTotals } from "./options/GreeksHeld.ts"
import {
  hasOptions,
  isCombo,
  type TradedPart,
  type TradedWhole,
  Underlyings,
  type UnderlyingParts,
  wholeOf
} from "./options/Underlyings.ts"
import { worstCase, type WorstCase } from "./options/WorstCase.ts"
import { sumByGroup } from "./OrderGroup.ts"
import type { RiskLimits } from "./RiskLimits.ts"
import type { HeldPosition, WorkingOrder } from "./RiskSnapshot.ts"
import { type Leg, type MarginRatios, reachOf, SharesTally, tiedUpBy } from "./SharesTally.ts"

/** What of one instrument is there and on order; micros of shares or contracts. */
export interface OnOrder {
  /** Signed. */
  readonly held: number
  /** On sale, or on order, on the side of the order's leg, without the order and its own group. */
  readonly ahead: number
  /** The same with the order. */
  readonly aheadWithOrder: number
}

/** The order's underlying, when there are options on it. */
export interface OwnStructure {
  readonly underlying: InstrumentId
  readonly before: WorstCase
  readonly after: WorstCase
  readonly greeks: GreeksTotals
  /** The order sells calls, or what covers them. */
  readonly canUncover: boolean
  readonly writesPuts: boolean
  /** The least that all can be worth does not fall with the order. */
  readonly keepsFloor: boolean
}

/** All in micros; NaN where something needed is missing, which `missing` names. */
export interface OpenRisk {
  /** What there is of each of the order's legs; of an order without legs of its instrument. */
  readonly legs: ReadonlyArray<OnOrder>
  /** Dollars the order's instrument can come to, with the order; with options, its underlying. */
  readonly instrument: number
  /** Dollars all instruments can come to, with the order. */
  readonly gross: number
  /** Cash that positions, working orders and the order tie up. */
  readonly tiedUp: number
  readonly own: OwnStructure | undefined
  /** Greeks of all options; undefined without any. */
  readonly greeks: GreeksTotals | undefined
  readonly missing: string | undefined
}

/** What there is beside the order, and what it is looked at with. */
export interface Account {
  readonly positions: ReadonlyArray<HeldPosition>
  readonly working: ReadonlyArray<WorkingOrder>
  readonly limits: RiskLimits
  readonly now: Timestamp
  /** Last prices of what options are on. */
  readonly underlyings: ReadonlyMap<InstrumentId, Price>
  /** Prices now of the contracts that are ordered, micros. */
  readonly marks: ReadonlyMap<InstrumentId, number>
  /** Of a margin account: what shares that no options are on tie up. Absent of a cash account. */
  readonly margin?: MarginRatios | undefined
}

const sharesTally = (
  positions: ReadonlyArray<HeldPosition>,
  working: ReadonlyArray<WorkingOrder>,
  priceCollarRatio: number
): SharesTally => {
  const tally = new SharesTally()
  for (const position of positions) tally.hold(position)
  for (const other of working) if (!other.held) tally.work(other, priceCollarRatio)
  return tally
}

type ContractOf = (id: InstrumentId) => OptionContract | undefined

/** The contracts of positions, and of the order. */
const contractsOf = (account: Account, order: TradedWhole | undefined): ContractOf => {
  const known = new Map<InstrumentId, OptionContract>()
  for (const { contract, instrumentId } of [...(order?.parts ?? []), ...account.positions])
    if (contract !== undefined) known.set(instrumentId, contract)
  return (id) => known.get(id)
}

/** Prices in micros: of what is held its mark, of what is ordered the market's, of what works alone its own. */
const markLookup = ({ marks, positions, working }: Account) => {
  const known = new Map<InstrumentId, number>()
  for (const other of working) if (!isCombo(other)) known.set(other.instrumentId, other.valuePrice)
  for (const { instrumentId, mark } of positions) if (mark !== undefined) known.set(instrumentId, mark)
  return (id: InstrumentId): number | undefined => marks.get(id) ?? known.get(id)
}

/** Everything sorted: underlyings with options on them, and all the rest. */
interface Sorted {
  readonly tally: SharesTally
  /** The shares of underlyings with options, as if there were none. */
  readonly alone: SharesTally
  readonly underlyings: Underlyings
  readonly wholes: ReadonlyArray<TradedWhole>
  readonly spotOf: (id: InstrumentId) => number
}

const sort = (account: Account, order: TradedWhole | undefined): Sorted => {
  const { limits, positions, working } = account
  const contractOf = contractsOf(account, order)
  const live = working.filter(({ held }) => !held)
  const wholes = live.map((other) => wholeOf(other, limits.priceCollarRatio, contractOf))
  const ids = new Set<InstrumentId>()
  for (const { contract } of [...positions, ...(order?.parts ?? []), ...wholes.flatMap(({ parts }) => parts)])
    if (contract !== undefined) ids.add(contract.underlying)
  const sharesAt = new Map(positions.map(({ instrumentId, mark }) => [instrumentId, mark]))
  const spotOf = (id: InstrumentId): number => account.underlyings.get(id) ?? sharesAt.get(id) ?? Number.NaN
  const underlyings = new Underlyings(ids, spotOf)
  const tally = new SharesTally()
  const alone = new SharesTally()
  for (const position of positions) {
    const contract = contractOf(position.instrumentId)
    if (!underlyings.hold(position, contract)) tally.hold(position)
    else if (contract === undefined) alone.hold(position)
  }
  for (const [at, other] of live.entries()) {
    const whole = wholes[at]
    if (whole === undefined) continue
    if (!underlyings.work(whole, other.clientOrderId)) tally.work(other, limits.priceCollarRatio)
    else if (isOfShares(whole)) alone.work(other, limits.priceCollarRatio)
  }
  return { tally, alone, underlyings, wholes, spotOf }
}

const isOfShares = ({ parts }: TradedWhole): boolean => parts.length === 1 && parts[0]?.contract === undefined

/** How each underlying with options is looked at. To be asked once all shares are in. */
const marketIn = (account: Account, { alone, spotOf }: Sorted) => {
  const markOf = markLookup(account)
  alone.settle()
  return ({ id }: UnderlyingParts): StructureMarket => ({
    spot: spotOf(id),
    now: account.now,
    markOf,
    uncovered: account.limits.options.uncovered,
    sharesTiedUp: tiedUpBy(alone.of(id))
  })
}

/** What there is of one leg's instrument, on the leg's side. */
const onOrder = (
  part: TradedPart,
  group: string | undefined,
  positions: ReadonlyArray<HeldPosition>,
  wholes: ReadonlyArray<TradedWhole>
): OnOrder => {
  let held = 0
  for (const position of positions) if (position.instrumentId === part.instrumentId) held += position.quantity
  const quantityOf = ({ parts }: Pick<TradedWhole, "parts">): number => {
    let quantity = 0
    for (const other of parts)
      if (other.instrumentId === part.instrumentId && other.side === part.side) quantity += other.quantity
    return quantity
  }
  const others = wholes.filter((whole) => group === undefined || whole.group !== group)
  return {
    held,
    ahead: sumByGroup(others, quantityOf),
    aheadWithOrder: sumByGroup([...wholes, { group, parts: [part] }], quantityOf)
  }
}

/** Cash that positions and working orders tie up, in micros, of a margin account less what is lent on them; NaN where a price it needs is missing. */
export const tiedUpCash = (account: Account): number => {
  const { limits, margin, positions, working } = account
  if (!hasOptions(positions, working, []))
    return sharesTally(positions, working, limits.priceCollarRatio).settle(margin).tiedUp
  const sorted = sort(account, undefined)
  const { tally, underlyings } = sorted
  if (underlyings.missing !== undefined) return Number.NaN
  const marketOf = marketIn(account, sorted)
  let { tiedUp } = tally.settle(margin)
  for (const parts of underlyings.parts.values()) tiedUp += tiedUpIn(parts, marketOf(parts))
  return tiedUp
}

/** Each underlying that options are on, orders that work at their worst; by id. NaN where a price is missing. */
export const structureRisks = (account: Account): ReadonlyArray<StructureRisk> => {
  const { positions, working } = account
  if (!hasOptions(positions, working, [])) return []
  const sorted = sort(account, undefined)
  const marketOf = marketIn(account, sorted)
  return [...sorted.underlyings.parts.values()]
    .map((parts) => structureRisk(parts, marketOf(parts)))
    .toSorted((a, b) => (a.underlying < b.underlying ? -1 : 1))
}

/** Adds shares up, with the order as one more leg: for an account and an order without options. */
export const sharesRisk = (
  positions: ReadonlyArray<HeldPosition>,
  working: ReadonlyArray<WorkingOrder>,
  priceCollarRatio: number,
  order: Leg,
  margin?: MarginRatios
): OpenRisk => {
  const tally = sharesTally(positions, working, priceCollarRatio)
  const ahead = tally.onSide(order.instrumentId, order.side, order.group)
  tally.add(order)
  const { gross, tiedUp } = tally.settle(margin)
  const own = tally.of(order.instrumentId)
  return {
    legs: [{ held: own.held, ahead, aheadWithOrder: own[order.side].quantity }],
    instrument: reachOf(own),
    gross,
    tiedUp,
    own: undefined,
    greeks: undefined,
    missing: tally.missing
  }
}

const ownStructure = (
  parts: UnderlyingParts,
  spot: number,
  { after, greeks, underlying }: StructureRisk
): OwnStructure | undefined => {
  const { order } = parts
  if (order === undefined) return undefined
  const before = worstCase({ ...parts, order: undefined, spot })
  return {
    underlying,
    before,
    after,
    greeks,
    canUncover: canUncover(order),
    writesPuts: writesPuts(order),
    keepsFloor: keepsFloor(parts, before, after)
  }
}

/** Adds everything up by underlying, with the order as one thing that fills or not. */
export const optionsRisk = (account: Account, leg: Leg, order: TradedWhole): OpenRisk => {
  const sorted = sort(account, order)
  const { alone, tally, underlyings, wholes } = sorted
  const own = underlyings.order(order)
  if (own === undefined) tally.add(leg)
  else if (isOfShares(order)) alone.add(leg)
  const sums = tally.settle(account.margin)
  const marketOf = marketIn(account, sorted)
  const greeks = { vega: 0, gamma: 0, theta: 0 }
  let structure: OwnStructure | undefined = undefined
  let instrument = own === undefined ? reachOf(tally.of(leg.instrumentId)) : Number.NaN
  for (const parts of underlyings.parts.values()) {
    const market = marketOf(parts)
    const { spot } = market
    const risk = structureRisk(parts, market)
    sums.gross += risk.reach
    sums.tiedUp += risk.tiedUp
    greeks.vega += risk.greeks.vega
    greeks.gamma += risk.greeks.gamma
    greeks.theta += risk.greeks.theta
    if (!(spot > 0)) underlyings.missing ??= `the price of ${parts.id}, which options are on, is missing`
    if (parts !== own) continue
    instrument = risk.reach
    structure = ownStructure(parts, spot, risk)
  }
  return {
    legs: order.parts.map((part) => onOrder(part, order.group, account.positions, wholes)),
    instrument,
    ...sums,
    own: structure,
    greeks,
    missing: underlyings.missing ?? tally.missing
  }
}
