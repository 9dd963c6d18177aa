/**
 * The Greeks of every contract that is held, working or ordered.
 *
 * A contract's volatility is that of its mark; of one that only works, whose
 * price nobody has asked for, that of a single order's own price, else the mean
 * of the other contracts' on the underlying, else `ASSUMED_VOLATILITY`.
 *
 * Loaded by programs that have to start at once: imports nothing of Effect.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { MICROS } from "../../domain/Money.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { type ContractGreeks, contractGreeks, greeksAtVolatility } from "./ContractGreeks.ts"
import type { NamedOption, UnderlyingParts } from "./Underlyings.ts"

/** A year, 1.0 is 100%: of a contract that works while nothing on its underlying has a price. */
export const ASSUMED_VOLATILITY = 0.5

/** Micros of a dollar, without signs: what is held and the order, with the working orders of the side that makes it more. */
export interface GreeksTotals {
  /** Per point of volatility. */
  readonly vega: number
  /** Change of delta times price per 1% of the underlying. */
  readonly gamma: number
  /** A day. */
  readonly theta: number
}

export type GreeksOf = (option: Pick<NamedOption, "id" | "contract" | "multiplier">) => ContractGreeks

const everyOption = ({ held, order, working }: UnderlyingParts): ReadonlyArray<NamedOption> =>
  [held, ...(order === undefined ? [] : [order]), ...working].flatMap(({ options }) => options)

/** Greeks by name, each computed once. `markOf` gives micros, or undefined where nobody knows. */
export const greeksOf = (
  parts: UnderlyingParts,
  market: {
    readonly spot: number
    readonly now: Timestamp
    readonly markOf: (id: InstrumentId) => number | undefined
  }
): GreeksOf => {
  const { markOf, now, spot } = market
  const known = new Map<InstrumentId, ContractGreeks>()
  const marked = everyOption(parts).filter(({ id }) => markOf(id) !== undefined)
  for (const { contract, id, multiplier } of marked) {
    const mark = markOf(id)
    if (mark === undefined || known.has(id)) continue
    known.set(id, contractGreeks({ contract, multiplier, mark, spot, now }))
  }
  const volatilities = [...known.values()].map(({ volatility }) => volatility)
  const assumed =
    volatilities.length === 0
      ? ASSUMED_VOLATILITY
      : volatilities.reduce((sum, one) => sum + one, 0) / volatilities.length
  return ({ contract, id, multiplier }) => {
    const found = known.get(id) ?? greeksAtVolatility({ contract, multiplier, spot, now }, assumed)
    known.set(id, found)
    return found
  }
}

interface Count {
  readonly option: NamedOption
  held: number
  bought: number
  sold: number
}

/** Of each contract, with the order filled, the larger of it with all working purchases, and with all working sales. */
const counted = ({
  held,
  order,
  working
}: UnderlyingParts): ReadonlyArray<readonly [NamedOption, number]> => {
  const counts = new Map<InstrumentId, Count>()
  const of = (option: NamedOption): Count => {
    const found = counts.get(option.id) ?? { option, held: 0, bought: 0, sold: 0 }
    counts.set(option.id, found)
    return found
  }
  for (const option of held.options) of(option).held += option.quantity
  for (const option of order?.options ?? []) of(option).held += option.quantity
  for (const { options } of working) {
    for (const option of options) {
      const count = of(option)
      if (option.quantity < 0) count.sold -= option.quantity
      else count.bought += option.quantity
    }
  }
  return [...counts.values()].map(({ bought, held: own, option, sold }) => [
    option,
    Math.max(own + bought, sold - own) / MICROS
  ])
}

/** Rounded up to the micro. */
const micros = (dollars: number): number => Math.ceil(dollars * MICROS)

export const greeksTotals = (parts: UnderlyingParts, greeks: GreeksOf): GreeksTotals => {
  let [vega, gamma, theta] = [0, 0, 0]
  for (const [option, contracts] of counted(parts)) {
    const one = greeks(option)
    vega += contracts * Math.abs(one.vega)
    gamma += contracts * Math.abs(one.gammaNotional)
    theta += contracts * Math.abs(one.theta)
  }
  return { vega: micros(vega), gamma: micros(gamma), theta: micros(theta) }
}
