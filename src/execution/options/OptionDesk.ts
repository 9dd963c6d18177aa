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
import { structureRisks } from "../../risk/OpenRisk.ts"
import type { StructureRisk } from "../../risk/options/StructureRisk.ts"
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import type { DeskStatus } from "../DeskView.ts"
import { accountGreeks, type AccountGreeks } from "./AccountGreeks.ts"

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
export type Held = Pick<DeskStatus, "now" | "underlyings" | "positions" | "cash" | "exerciseThreshold">

/** The marks of what is held; what has no price is missing. */
export const marksOf = ({ positions }: Held): ReadonlyMap<InstrumentId, Price> =>
  new Map(
    positions.flatMap(({ mark, position }) =>
      Option.isSome(mark) ? [[position.instrumentId, mark.value] as const] : []
    )
  )

/** What positions make together, each with what it is worth at these marks. */
export const valuedStructures = (
  positions: ReadonlyArray<Position>,
  marks: OptionPrices["marks"]
): ReadonlyArray<ValuedStructure> =>
  structuresOf(positions).map((one) => ({ ...one, value: structureValue(one, marks) }))

export const optionDesk = (held: Held): OptionDesk => {
  const positions = held.positions.map(({ position }) => position)
  const marks = marksOf(held)
  const prices: OptionPrices = { now: held.now, underlyings: held.underlyings, marks }
  const expiries = expiryCalendar(positions, prices, held.exerciseThreshold)
  return {
    prices,
    structures: valuedStructures(positions, marks),
    expiries,
    warnings: optionWarnings({ rows: expiries, positions, marks, cash: held.cash, now: held.now }),
    greeks: accountGreeks(positions, prices)
  }
}

/** The price of what a position is on; of shares their own. */
export const spotOf = ({ marks, underlyings }: OptionPrices, underlying: InstrumentId): Price | undefined =>
  underlyings.get(underlying) ?? marks.get(underlying)

/** Of each underlying that options are on: the worst case and the Greeks that limits are held against. */
export const risksOf = (
  { counted, now, underlyings }: Pick<DeskStatus, "counted" | "now" | "underlyings">,
  limits: RiskLimits
): ReadonlyArray<StructureRisk> =>
  structureRisks({
    positions: counted.positions,
    working: counted.working,
    limits,
    now,
    underlyings,
    // What is ordered only counts by its own price.
    marks: new Map()
  })
