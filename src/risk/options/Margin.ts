/**
 * What written options tie up where limits let them be uncovered: the table of
 * Cboe's margin manual for Regulation T accounts.
 *
 * An uncovered call needs its price and 20% of the underlying less what it is
 * out of the money, at least 10% of the underlying; an uncovered put the same,
 * at least 10% of its strike. A short call is covered by shares, then by the
 * bought call with the lowest strike that lives as long and needs the
 * difference of the strikes; a put by shares sold short, then by the bought put
 * with the highest strike. Of calls and puts the side that needs more counts,
 * and of the other the price of what is uncovered. Shares sold short need twice
 * their price.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { MICROS } from "../../domain/Money.ts"
import type { OptionContract, OptionRight } from "../../domain/OptionContract.ts"
import type { NamedOption } from "./Underlyings.ts"

export interface MarginMarket {
  /** Micros. */
  readonly spot: number
  /** Micros a share; undefined where nobody knows. */
  readonly markOf: (id: InstrumentId) => number | undefined
}

/** So many contracts that are left to be paired. */
interface Lot {
  readonly option: NamedOption
  left: number
}

interface SideMargin {
  needed: number
  /** The price of what is uncovered. */
  price: number
}

const valueOf = ({ deliverable, deliverableCash }: OptionContract, spot: number): number =>
  (spot * deliverable) / MICROS + deliverableCash

/** Micros that one uncovered contract needs beyond its price. */
const uncoveredNeeds = ({ contract, multiplier }: NamedOption, spot: number): number => {
  const underlying = valueOf(contract, spot)
  const strike = contract.strike * multiplier
  const isCall = contract.right === "CALL"
  const out = Math.max(0, isCall ? strike - underlying : underlying - strike)
  return Math.max(0.2 * underlying - out, 0.1 * (isCall ? underlying : strike))
}

const covers = (long: OptionContract, short: OptionContract): boolean =>
  long.expiry >= short.expiry &&
  long.deliverable === short.deliverable &&
  long.deliverableCash === short.deliverableCash

const lots = (options: ReadonlyArray<NamedOption>, right: OptionRight, sign: 1 | -1): ReadonlyArray<Lot> =>
  options
    .filter(({ contract, quantity }) => contract.right === right && quantity * sign > 0)
    .map((option) => ({ option, left: Math.abs(option.quantity) / MICROS }))
    .toSorted((a, b) => (a.option.contract.strike - b.option.contract.strike) * (right === "CALL" ? 1 : -1))

/** One side, calls or puts; `shares` are those that cover it. */
const sideMargin = (
  options: ReadonlyArray<NamedOption>,
  right: OptionRight,
  shares: number,
  { markOf, spot }: MarginMarket
): SideMargin => {
  const total: SideMargin = { needed: 0, price: 0 }
  const longs = lots(options, right, 1)
  let free = shares
  for (const short of lots(options, right, -1)) {
    const { contract, id, multiplier } = short.option
    const each = contract.deliverable / MICROS
    const byShares = Math.min(short.left, free / each)
    free -= byShares * each
    short.left -= byShares
    for (const long of longs) {
      if (!covers(long.option.contract, contract)) continue
      const paired = Math.min(short.left, long.left)
      const width = long.option.contract.strike - contract.strike
      total.needed += paired * multiplier * Math.max(0, right === "CALL" ? width : 0 - width)
      short.left -= paired
      long.left -= paired
    }
    const price = (markOf(id) ?? 0) * multiplier
    total.price += short.left * price
    total.needed += short.left * (price + uncoveredNeeds(short.option, spot))
  }
  return total
}

/** Contracts of the same name as one. */
export const netted = (options: ReadonlyArray<NamedOption>): ReadonlyArray<NamedOption> => {
  const byId = new Map<InstrumentId, NamedOption>()
  for (const one of options) {
    const before = byId.get(one.id)
    byId.set(one.id, before === undefined ? one : { ...one, quantity: before.quantity + one.quantity })
  }
  return [...byId.values()]
}

/** Micros of a dollar that a position in one underlying needs. `shares` in micros, signed. */
export const marginOf = (
  shares: number,
  options: ReadonlyArray<NamedOption>,
  market: MarginMarket
): number => {
  const all = netted(options)
  const calls = sideMargin(all, "CALL", Math.max(0, shares) / MICROS, market)
  const puts = sideMargin(all, "PUT", Math.max(0, 0 - shares) / MICROS, market)
  const short = (Math.max(0, 0 - shares) / MICROS) * 2 * market.spot
  const [greater, lesser] = calls.needed >= puts.needed ? [calls, puts] : [puts, calls]
  return Math.ceil(short + greater.needed + lesser.price)
}
