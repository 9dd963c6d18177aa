/** Options that are held, as the tools tell them: structures, Greeks, warnings. */
import { Effect, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import type { DollarGreeks, PositionGreeks, ShareGreeks } from "../../../execution/options/AccountGreeks.ts"
import type { OptionDesk, ValuedStructure } from "../../../execution/options/OptionDesk.ts"
import { hasOptions, structureCost } from "../../../portfolio/options/Holdings.ts"
import type { OptionWarning } from "../../../portfolio/options/OptionWarnings.ts"
import type { WorstCase } from "../../../risk/options/WorstCase.ts"
import { defaultLimits } from "../../../risk/RiskLimits.ts"
import { symbolOf } from "../../cli/LegWords.ts"
import { fitting } from "../kit/Pages.ts"
import { fiveDecimals, sixDigits } from "../market-data/OptionWire.ts"
import { Amount, cents } from "./Figures.ts"

const dollarFields = {
  /** Dollars of the underlying it moves like. */
  deltaNotional: Schema.String,
  /** Dollars. */
  vegaPerPoint: Schema.String,
  thetaPerDay: Schema.String
}
export const DollarGreeksRow = Schema.Struct(dollarFields)
export const shareFields = {
  /** Shares of the underlying it moves like. */
  deltaShares: Schema.Finite,
  /** Shares that delta gains per dollar. */
  gamma: Schema.Finite,
  ...dollarFields
}

export const dollarRow = ({ deltaNotional, theta, vega }: DollarGreeks): typeof DollarGreeksRow.Type => ({
  deltaNotional: cents(deltaNotional),
  vegaPerPoint: cents(vega),
  thetaPerDay: cents(theta)
})

export const shareRow = (greeks: ShareGreeks) => ({
  deltaShares: sixDigits(greeks.delta),
  gamma: sixDigits(greeks.gamma),
  ...dollarRow(greeks)
})

/** Of an option's position, with the volatility in its mark. */
export const PositionGreeksRow = Schema.Struct({ ...shareFields, iv: Schema.NullOr(Schema.Finite) })

export const positionGreeksRow = (row: PositionGreeks): typeof PositionGreeksRow.Type => ({
  ...shareRow(row),
  iv: row.volatility === undefined ? null : fiveDecimals(row.volatility)
})

export const StructureRow = Schema.Struct({
  /** What close_position closes it by, whole. */
  id: Schema.String,
  title: Schema.String,
  units: Schema.Finite,
  /** Paid; below zero when more was received. */
  cost: Schema.String,
  marketValue: Amount,
  unrealised: Amount,
  legs: Schema.Array(Schema.Struct({ symbol: Schema.String, quantity: Schema.String }))
})

const structureRow = (one: ValuedStructure): typeof StructureRow.Type => ({
  id: one.id,
  title: one.structure.title,
  units: one.structure.units,
  cost: formatMicros(structureCost(one)),
  marketValue: one.value === undefined ? null : formatMicros(one.value.marketValue),
  unrealised: one.value === undefined ? null : formatMicros(one.value.unrealised),
  legs: one.parts.map(({ position, quantity }) => ({
    symbol: symbolOf(position.instrumentId),
    quantity: formatMicros(quantity)
  }))
})

export const WarningRow = Schema.Struct({ kind: Schema.String, message: Schema.String })

/** Warnings of an answer; the most severe are kept. */
const MAX_WARNINGS = 12
/** Characters of a warning; one may name many contracts. */
const MAX_WARNING = 300

export const warningRows = (warnings: ReadonlyArray<OptionWarning>): ReadonlyArray<typeof WarningRow.Type> =>
  warnings.slice(0, MAX_WARNINGS).map(({ kind, message }) => ({
    kind,
    message: message.length > MAX_WARNING ? `${message.slice(0, MAX_WARNING)}…` : message
  }))

/** Characters of JSON that structures may take of an answer, beside its positions. */
const MAX_STRUCTURES = 4500

/** The structures with options, as many as fit. */
export const structureRows = ({ structures }: OptionDesk): ReadonlyArray<typeof StructureRow.Type> => {
  const rows = structures.filter(hasOptions).map(structureRow)
  return rows.length === 0 ? rows : fitting(rows, MAX_STRUCTURES)
}

/** Limits in force; those of a new desk while they cannot be read. */
export const limitsNow = DeskView.use((view) => view.limits).pipe(
  Effect.map(({ limits }) => limits),
  Effect.catchTag("LimitsUnreadable", () => Effect.succeed(defaultLimits))
)

/** A loss in micros: zero or below; "unlimited" without a bound; null where it is not known. */
export const lossText = (loss: number): string | null => {
  if (Number.isNaN(loss)) return null
  return loss === Number.POSITIVE_INFINITY ? "unlimited" : cents(0 - loss / 1_000_000)
}

/** As `lossText`; null without a worst case. */
export const worstCaseText = (worst: WorstCase | undefined): string | null =>
  worst === undefined ? null : lossText(worst.loss)
