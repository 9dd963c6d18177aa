/** What is held, as a holder of options looks at it: structures, expiries, Greeks, worst cases, warnings. Pure. */
import { Option } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Price } from "../../domain/Money.ts"
import { expiryCalendar, type ExpiryRow, type OptionPrices } from "../../portfolio/options/ExpiryCalendar.ts"
import {
  type HeldStructure,
  structuresOf,
  structureValue,
  type StructureValue
} from "../../portfolio/options/Holdings.ts"
import { type OptionWarning, optionWarnings } from "../../portfolio/options/OptionWarnings.ts"
import type { Position } from "../../portfolio/Position.ts"
import { worstCase, type WorstCase } from "../../risk/options/WorstCase.ts"
import type { DeskStatus } from "../DeskView.ts"
import { accountGreeks, type AccountGreeks, underlyingOf } from "./AccountGreeks.ts"

export interface ValuedStructure extends HeldStructure {
  /** Undefined while a part of it has no price. */
  readonly value: StructureValue | undefined
}

export interface OptionDesk {
  readonly prices: OptionPrices
  /** By underlying; shares are structures too. */
  readonly structures: ReadonlyArray<ValuedStructure>
  /** Those that end first before the others. */
  readonly expiries: ReadonlyArray<ExpiryRow>
  /** The most severe first. */
  readonly warnings: ReadonlyArray<OptionWarning>
  readonly greeks: AccountGreeks
}

/** As far as the views of options need it. */
export type Held = Pick<DeskStatus, "now" | "underlyings" | "positions" | "cash">

/** The marks of what is held; what has no price is missing. */
export const marksOf = ({ positions }: Held): ReadonlyMap<InstrumentId, Price> =>
  new Map(
    positions.flatMap(({ mark, position }) =>
      Option.isSome(mark) ? [[position.instrumentId, mark.value] as const] : []
    )
  )

export const optionDesk = (held: Held): OptionDesk => {
  const positions = held.positions.map(({ position }) => position)
  const marks = marksOf(held)
  const prices: OptionPrices = { now: held.now, underlyings: held.underlyings, marks }
  const expiries = expiryCalendar(positions, prices)
  return {
    prices,
    structures: structuresOf(positions).map((one) => ({ ...one, value: structureValue(one, marks) })),
    expiries,
    warnings: optionWarnings({ rows: expiries, positions, marks, cash: held.cash, now: held.now }),
    greeks: accountGreeks(positions, prices)
  }
}

/** The price of what a position is on; of shares their own. */
export const spotOf = ({ marks, underlyings }: OptionPrices, underlying: InstrumentId): Price | undefined =>
  underlyings.get(underlying) ?? marks.get(underlying)

/** The most that these positions in one underlying can lose from now on, at their marks; undefined without a price. */
export const worstCaseOf = (
  positions: ReadonlyArray<Position>,
  prices: OptionPrices
): WorstCase | undefined => {
  const [first] = positions
  const spot = first === undefined ? undefined : spotOf(prices, underlyingOf(first))
  if (spot === undefined) return undefined
  const value = structuresOf(positions).reduce<number | undefined>((sum, one) => {
    const worth = structureValue(one, prices.marks)?.marketValue
    return sum === undefined || worth === undefined ? undefined : sum + worth
  }, 0)
  if (value === undefined) return undefined
  return worstCase({
    spot,
    held: {
      shares: positions.reduce(
        (sum, { contract, quantity }) => sum + (contract === undefined ? quantity : 0),
        0
      ),
      options: positions.flatMap(({ contract, multiplier, quantity }) =>
        contract === undefined ? [] : [{ contract, multiplier, quantity }]
      ),
      cost: value
    },
    working: []
  })
}
