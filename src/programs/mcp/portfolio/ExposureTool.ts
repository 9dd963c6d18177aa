/** `get_exposure`: what the account holds of the market, by symbol and sector. */
import { Effect, Option, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { type OptionDesk, optionDesk, risksOf } from "../../../execution/options/OptionDesk.ts"
import { DeskView, type HeldView } from "../../../execution/DeskView.ts"
import { Sectors } from "../../../market/Sectors.ts"
import {
  exposureBySector,
  type GroupExposure,
  type HeldValue,
  together,
  withRest
} from "../../../portfolio/ExposureBreakdown.ts"
import type { StructureRisk } from "../../../risk/options/StructureRisk.ts"
import { symbolOf } from "../../cli/OrderWords.ts"
import { brokerSteps, cursorSteps } from "../kit/NextSteps.ts"
import { offsetOf, pageOf } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { Amount, amount, cursor, MAX_NAMES, percent, Ratio, ratio } from "./Figures.ts"
import { dollarRow, DollarGreeksRow, limitsNow, shareFields, shareRow, worstCaseText } from "./OptionRows.ts"

/** Sectors that are told apart; the smallest beyond are one. */
const MAX_SECTORS = 25
const OTHERS = "all other sectors"
/** Symbols on a page: with the sectors they fit into an answer. */
const MAX_ROWS = 40
/** Symbols on the first page where options are told besides. */
const MAX_ROWS_WITH_OPTIONS = 20
/** Underlyings of options that are told apart, the largest delta first; and expiries, the earliest first. */
const MAX_UNDERLYINGS = 10
const MAX_EXPIRIES = 8

const figures = {
  long: Schema.String,
  /** Zero or below. */
  short: Schema.String,
  /** long − short */
  gross: Schema.String,
  /** long + short */
  net: Schema.String,
  /** Of equity; null when that is not known or not above zero. */
  grossRatio: Ratio,
  netRatio: Ratio
}

const Total = Schema.Struct({ ...figures, longRatio: Ratio, shortRatio: Ratio })
const SectorRow = Schema.Struct({ sector: Schema.String, positions: Schema.Int, ...figures })
const SymbolRow = Schema.Struct({
  symbol: Schema.String,
  sector: Schema.String,
  side: Schema.Literals(["long", "short"]),
  /** Null without a price. */
  marketValue: Amount,
  ratio: Ratio
})

/** Options by what they are on, shares of it included. */
const UnderlyingRow = Schema.Struct({
  underlying: Schema.String,
  ...shareFields,
  /** The most that all of it can lose, at any price and expiry, with orders that work: zero or below, "unlimited", or null. */
  worstCase: Schema.NullOr(Schema.String)
})
const ExpiryRow = Schema.Struct({ expiry: Schema.String, ...DollarGreeksRow.fields })

const underlyingRows = (
  { greeks }: OptionDesk,
  risks: ReadonlyArray<StructureRisk>
): ReadonlyArray<typeof UnderlyingRow.Type> => {
  const worst = new Map(risks.map(({ after, underlying }) => [underlying, after]))
  return greeks.byUnderlying
    .filter(({ underlying }) => worst.has(underlying))
    .toSorted((a, b) => Math.abs(b.deltaNotional) - Math.abs(a.deltaNotional))
    .map((row) => ({
      underlying: symbolOf(row.underlying),
      ...shareRow(row),
      worstCase: worstCaseText(worst.get(row.underlying))
    }))
}

const figuresOf = (group: GroupExposure, equity: Option.Option<number>) => ({
  long: formatMicros(group.long),
  short: formatMicros(group.short),
  gross: formatMicros(group.gross),
  net: formatMicros(group.net),
  grossRatio: ratio(Option.some(group.gross), equity),
  netRatio: ratio(Option.some(group.net), equity)
})

const valuesOf = (
  positions: ReadonlyArray<HeldView>,
  sectorOf: (symbol: string) => string
): ReadonlyArray<HeldValue> =>
  positions.flatMap(({ marketValue, position: { instrumentId } }) =>
    Option.isSome(marketValue)
      ? [{ instrumentId, sector: sectorOf(symbolOf(instrumentId)), value: marketValue.value }]
      : []
  )

/** The largest first; those without a price before all. */
const bySize = (positions: ReadonlyArray<HeldView>): ReadonlyArray<HeldView> => {
  const size = ({ marketValue }: HeldView): number =>
    Option.match(marketValue, { onNone: () => Infinity, onSome: Math.abs })
  return positions.toSorted((a, b) => (size(a) === size(b) ? 0 : size(b) - size(a)))
}

export const getExposure = tool({
  name: "get_exposure",
  title: "Exposure",
  description:
    "Exposure by symbol and sector, long, short, gross and net, in money and of equity; of options also delta, Greeks and worst case by underlying, and Greeks by expiry.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({ cursor }),
  output: Schema.Struct({
    asOf: Schema.String,
    equity: Amount,
    /** Of the positions that have a price. */
    total: Total,
    bySector: Schema.Array(SectorRow),
    /** The largest first. */
    bySymbol: Schema.Array(SymbolRow),
    nextCursor: Schema.NullOr(Schema.String),
    /** On the first page: underlyings with options, the largest delta first, and expiries, the earliest first. */
    byUnderlying: Schema.Array(UnderlyingRow),
    byExpiry: Schema.Array(ExpiryRow),
    /** Underlyings and expiries beyond those. */
    optionsLeftOut: Schema.Int,
    /** Positions without a price, which no figure includes: so many, and the first of them. */
    unpricedCount: Schema.Int,
    unpriced: Schema.Array(Schema.String)
  }),
  next: { ...brokerSteps, ...cursorSteps },
  handle: Effect.fnUntraced(function* ({ cursor: given }) {
    const question = "exposure"
    const offset = yield* offsetOf(question, given)
    const { sectorOf } = yield* Sectors
    const status = yield* DeskView.use((view) => view.status)
    const { equity, now, positions } = status
    const desk = optionDesk(status)
    const isFirst = offset === 0
    const underlyings = isFirst ? underlyingRows(desk, risksOf(status, yield* limitsNow)) : []
    const expiries = isFirst
      ? desk.greeks.byExpiry.map((row) => ({ expiry: row.expiry, ...dollarRow(row) }))
      : []
    const values = valuesOf(positions, sectorOf)
    const sectors = exposureBySector(values)
    const total = together("everything", sectors)
    const rows = bySize(positions).map(({ marketValue, position }): typeof SymbolRow.Type => ({
      symbol: symbolOf(position.instrumentId),
      sector: sectorOf(symbolOf(position.instrumentId)),
      side: position.quantity < 0 ? "short" : "long",
      marketValue: amount(marketValue),
      ratio: ratio(marketValue, equity)
    }))
    const page = pageOf(rows, {
      question,
      offset,
      limit: underlyings.length === 0 ? MAX_ROWS : MAX_ROWS_WITH_OPTIONS
    })
    const unpriced = positions.filter(({ marketValue }) => Option.isNone(marketValue))
    return {
      asOf: toIso(now),
      equity: amount(equity),
      total: {
        ...figuresOf(total, equity),
        longRatio: ratio(Option.some(total.long), equity),
        shortRatio: ratio(Option.some(total.short), equity)
      },
      bySector: withRest(sectors, MAX_SECTORS, OTHERS).map((one) => ({
        sector: one.name,
        positions: one.positions,
        ...figuresOf(one, equity)
      })),
      bySymbol: page.rows,
      nextCursor: page.nextCursor,
      byUnderlying: underlyings.slice(0, MAX_UNDERLYINGS),
      byExpiry: expiries.slice(0, MAX_EXPIRIES),
      optionsLeftOut:
        Math.max(0, underlyings.length - MAX_UNDERLYINGS) + Math.max(0, expiries.length - MAX_EXPIRIES),
      unpricedCount: unpriced.length,
      unpriced: unpriced.slice(0, MAX_NAMES).map(({ position }) => symbolOf(position.instrumentId))
    }
  }),
  text: ({ bySector, byUnderlying, total, unpricedCount }) =>
    [
      `Gross ${total.gross} (${percent(total.grossRatio)} of equity), net ${total.net}, long ${total.long}, short ${total.short}.`,
      ...bySector.slice(0, 10).map((row) => `${row.sector}: net ${row.net} (${percent(row.netRatio)})`),
      ...byUnderlying
        .slice(0, 5)
        .map(
          (row) =>
            `Options on ${row.underlying}: delta ${row.deltaNotional}, worst case ${row.worstCase ?? "unknown"}`
        ),
      ...(unpricedCount === 0 ? [] : [`${unpricedCount} positions have no price and are in no figure.`])
    ].join("\n")
})
