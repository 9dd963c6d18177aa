/** Positions in options as a terminal shows them. */
import { MICROS } from "../../../../domain/Money.ts"
import type { Position } from "../../../../portfolio/Position.ts"
import type {
  DollarGreeks,
  PositionGreeks,
  ShareGreeks
} from "../../../../execution/options/AccountGreeks.ts"
import type { OptionDesk, ValuedStructure } from "../../../../execution/options/OptionDesk.ts"
import { toExchangeTime } from "../../../../market/TradingCalendar.ts"
import type { ExpiryRow } from "../../../../portfolio/options/ExpiryCalendar.ts"
import { structureCost } from "../../../../portfolio/options/Holdings.ts"
import type { OptionWarning } from "../../../../portfolio/options/OptionWarnings.ts"
import * as Ledger from "../../../../portfolio/Ledger.ts"
import {
  dollarsText,
  percent,
  plainNumber,
  priceWords,
  shareCount,
  signedUsd,
  type Style,
  table,
  usd
} from "../../Format.ts"
import { symbolOf } from "../../LegWords.ts"

const unknown = "unknown"

/** "2 × AAPL bull put vertical 2014-06-13 90/85"; of shares how many. */
export const structureWords = ({ structure }: Pick<ValuedStructure, "structure">): string => {
  const { name, title, units } = structure
  if (name === "SHARES")
    return `${shareCount(Math.round(Math.abs(legCount(structure.legs)) * MICROS))} ${title}`
  return units === 1 ? title : `${units} × ${title}`
}

const legCount = (legs: ReadonlyArray<{ readonly quantity: number }>): number =>
  legs.reduce((sum, { quantity }) => sum + quantity, 0)

const tone = (style: Style, micros: number, text: string): string =>
  micros > 0 ? style.green(text) : micros < 0 ? style.red(text) : text

export const warningLines = (style: Style, warnings: ReadonlyArray<OptionWarning>): ReadonlyArray<string> =>
  warnings.map(({ kind, message }) => style.yellow(`${kind}  ${message}`))

const structureRow =
  (style: Style) =>
  (one: ValuedStructure): ReadonlyArray<string> => [
    structureWords(one),
    style.dim(one.id),
    `cost ${usd(structureCost(one))}`,
    one.value === undefined ? unknown : `worth ${usd(one.value.marketValue)}`,
    one.value === undefined ? unknown : tone(style, one.value.unrealised, signedUsd(one.value.unrealised))
  ]

const positionRow =
  ({ prices }: OptionDesk) =>
  (position: Position): ReadonlyArray<string> => {
    const mark = prices.marks.get(position.instrumentId)
    return [
      symbolOf(position.instrumentId),
      shareCount(position.quantity),
      `at ${priceWords(Ledger.averagePrice(position))}`,
      `now ${mark === undefined ? unknown : priceWords(mark)}`
    ]
  }

export const listLines = (
  style: Style,
  desk: OptionDesk,
  structures: ReadonlyArray<ValuedStructure>,
  positions: ReadonlyArray<Position>
): ReadonlyArray<string> =>
  positions.length === 0
    ? ["No positions."]
    : [
        style.bold("Structures"),
        ...table(structures.map(structureRow(style)), { indent: "  ", right: [2, 3, 4] }),
        "",
        style.bold("Positions"),
        ...table(positions.map(positionRow(desk)), { indent: "  ", right: [1, 2, 3] })
      ]

const greekHeads = ["delta $", "gamma $ per 1%", "vega $ a point", "theta $ a day"]

const dollarCells = ({ deltaNotional, gammaNotional, theta, vega }: DollarGreeks): ReadonlyArray<string> =>
  [deltaNotional, gammaNotional, vega, theta].map(dollarsText)

const shareCells = (greeks: ShareGreeks): ReadonlyArray<string> => [
  plainNumber(greeks.delta, 1),
  plainNumber(greeks.gamma, 3),
  ...dollarCells(greeks)
]

const positionCells = (row: PositionGreeks): ReadonlyArray<string> => [
  `${shareCount(row.position.quantity)} ${symbolOf(row.position.instrumentId)}`,
  ...shareCells(row),
  row.volatility === undefined ? "" : percent(row.volatility)
]

const block = (
  style: Style,
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> =>
  rows.length === 0
    ? []
    : ["", ...table([head.map(style.bold), ...rows], { right: head.map((_, i) => i).slice(1) })]

export const greeksLines = (style: Style, { greeks }: Pick<OptionDesk, "greeks">): ReadonlyArray<string> => {
  const { byExpiry, byPosition, byUnderlying, total, unknown: without } = greeks
  if (byPosition.length === 0 && without.length === 0) return ["No positions."]
  return [
    ...table([["", ...greekHeads].map(style.bold), ["all", ...dollarCells(total)]], { right: [1, 2, 3, 4] }),
    ...block(
      style,
      ["underlying", "delta", "gamma", ...greekHeads],
      byUnderlying.map((row) => [symbolOf(row.underlying), ...shareCells(row)])
    ),
    ...block(
      style,
      ["expiry", ...greekHeads],
      byExpiry.map((row) => [row.expiry, ...dollarCells(row)])
    ),
    ...block(
      style,
      ["position", "delta", "gamma", ...greekHeads, "volatility"],
      byPosition.map(positionCells)
    ),
    ...(without.length === 0
      ? []
      : ["", `Without a price, in no figure: ${without.map(symbolOf).join(", ")}`])
  ]
}

/** "2014-06-13 16:00", New York's. */
const timeText = (at: ExpiryRow["settlement"]): string =>
  at === undefined ? "" : toExchangeTime(at).slice(0, 16)

const moneyness = ({ inTheMoney, position }: ExpiryRow): string => {
  if (inTheMoney === undefined) return unknown
  const each = priceWords(Math.round(Math.abs(inTheMoney) / position.multiplier))
  return inTheMoney > 0 ? `in by ${each}` : `out by ${each}`
}

export const outcomeWords = ({ cash, outcome, shares }: ExpiryRow): string => {
  if (outcome === undefined) return "the underlying has no price"
  if (outcome === "expires") return "expires"
  const moved = shares === 0 ? "" : `${shares > 0 ? "+" : "-"}${shareCount(Math.abs(shares))} shares, `
  return `${outcome}: ${moved}${signedUsd(cash)}`
}

export const expiryLines = (style: Style, rows: ReadonlyArray<ExpiryRow>): ReadonlyArray<string> =>
  rows.length === 0
    ? ["No options."]
    : table(
        [
          [
            "contract",
            "held",
            "trades until",
            "settles",
            "sessions left",
            "in the money",
            "at the price now"
          ].map(style.bold),
          ...rows.map((row) => [
            symbolOf(row.position.instrumentId),
            shareCount(row.position.quantity),
            timeText(row.lastTrading),
            timeText(row.settlement),
            String(row.sessionsLeft),
            moneyness(row),
            outcomeWords(row)
          ])
        ],
        { right: [1, 4, 5] }
      )
