/** A position's scenarios as a terminal shows them. */
import type { Extreme, Outcome } from "../../../../options/Payoff.ts"
import type { Leg } from "../../../../options/Position.ts"
import type { PositionGreeks, ScenarioCell, ScenarioGrid } from "../../../../options/Scenario.ts"
import { percent, type Style, table } from "../../Format.ts"
import { printable } from "../../Terminal.ts"
import { digits } from "./OptionText.ts"

/** What a table of cells can show. */
export const cellNames = ["profit", "value", "delta", "gamma", "vega", "theta", "rho"] as const
export type CellName = (typeof cellNames)[number]

const units: Readonly<Record<CellName, { readonly words: string; readonly per: number }>> = {
  profit: { words: "Profit, dollars", per: 1 },
  value: { words: "Value, dollars", per: 1 },
  delta: { words: "Delta, shares", per: 1 },
  gamma: { words: "Gamma, shares a dollar", per: 1 },
  vega: { words: "Vega, dollars a point of volatility", per: 100 },
  theta: { words: "Theta, dollars a day", per: 365 },
  rho: { words: "Rho, dollars a point of rate", per: 100 }
}

/** Beyond it thousands are not parted, and cents not shown. */
const LARGE = 1e12

const plainAmount = (value: number, decimals: number): string => {
  if (!(Math.abs(value) < LARGE)) return digits(value, 6)
  const text = Math.abs(value).toFixed(decimals)
  const [whole = "0", fraction] = text.split(".")
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ",")
  const sign = value < 0 && Number(text) !== 0 ? "-" : ""
  return `${sign}${grouped}${fraction === undefined ? "" : `.${fraction}`}`
}

export const dollars = (value: number): string => {
  const text = plainAmount(value, 2)
  return text.startsWith("-") ? `-$${text.slice(1)}` : `$${text}`
}

const price = (value: number): string => plainAmount(value, 2)

const daysText = (years: number): string => digits(365 * years, 4)

const legRow = (leg: Leg, text: string): ReadonlyArray<string> =>
  leg._tag === "Shares"
    ? [printable(text), `at ${price(leg.entryPrice)}`, "", ""]
    : [
        printable(text),
        `at ${price(leg.entryPrice)}`,
        `${daysText(leg.years)} days`,
        `volatility ${percent(leg.volatility)}`
      ]

const extreme = (of: Extreme, side: "gain" | "lose"): string => {
  if (of._tag === "Unlimited") return "unlimited"
  const where = of.at === undefined ? "neared as the price rises" : `at ${price(of.at)}`
  return `${dollars(of.profit)}, ${where}${side === "lose" && of.profit > 0 ? " (a gain everywhere)" : ""}`
}

const rangesText = ({ profitable }: Outcome): string =>
  profitable.length === 0
    ? "at no price"
    : profitable
        .map(({ from, to }) =>
          to === undefined
            ? from === 0
              ? "at any price"
              : `above ${price(from)}`
            : from === 0
              ? `below ${price(to)}`
              : `${price(from)} to ${price(to)}`
        )
        .join(", ")

const signed = (points: number): string => `${points < 0 ? "" : "+"}${digits(points, 4)}`

const block = (
  grid: ScenarioGrid,
  cells: ReadonlyArray<ScenarioCell>,
  name: CellName,
  style: Style
): ReadonlyArray<string> => {
  const { per } = units[name]
  const decimals = name === "gamma" ? 3 : name === "profit" || name === "value" ? 0 : 1
  const shown = (value: number): string => {
    const text = plainAmount(value / per, decimals)
    if (name !== "profit") return text
    return value > 0 ? style.green(text) : value < 0 ? style.red(text) : text
  }
  return table(
    [
      ["", ...grid.spots.map(price)].map(style.bold),
      ...grid.volatilityShifts.map((shift, row) => [
        `vol ${signed(100 * shift)}`,
        ...grid.spots.map((_, column) => shown(cells[row * grid.spots.length + column]?.[name] ?? 0))
      ])
    ],
    { right: grid.spots.map((_, i) => i + 1), indent: "  " }
  )
}

export const gridLines = (grid: ScenarioGrid, name: CellName, style: Style): ReadonlyArray<string> => {
  const size = grid.spots.length * grid.volatilityShifts.length
  return grid.elapsedYears.flatMap((years, i) => [
    "",
    `${units[name].words}, ${years === 0 ? "now" : `after ${daysText(years)} days`}:`,
    ...block(grid, grid.cells.slice(i * size, (i + 1) * size), name, style)
  ])
}

export const positionLines = (
  position: {
    readonly legs: ReadonlyArray<Leg>
    readonly texts: ReadonlyArray<string>
    readonly now: PositionGreeks
    readonly outcome: Outcome
    readonly hasOptions: boolean
    readonly probability: number | undefined
    readonly probabilityFrom: string
  },
  style: Style
): ReadonlyArray<string> => {
  const { hasOptions, legs, now, outcome, probability, probabilityFrom, texts } = position
  const paid = outcome.cost < 0 ? "received" : "paid"
  return [
    ...table(
      legs.map((leg, i) => legRow(leg, texts[i] ?? "")),
      { right: [1, 2] }
    ),
    `${paid} ${dollars(Math.abs(outcome.cost))}, worth ${dollars(now.value)} now`,
    `delta ${digits(now.delta, 5)} shares, gamma ${digits(now.gamma, 4)}, vega ${dollars(now.vega / 100)} a point, theta ${dollars(now.theta / 365)} a day, rho ${dollars(now.rho / 100)} a point`,
    "",
    hasOptions
      ? `At the first expiry, in ${daysText(outcome.horizonYears)} days${outcome.exact ? "" : " (later legs valued by the model)"}:`
      : "At any time:",
    ...table(
      [
        ["break-even", outcome.breakEvens.map(price).join(", ") || "none"],
        ["a profit", rangesText(outcome)],
        ["most to gain", extreme(outcome.maxGain, "gain")],
        ["most to lose", extreme(outcome.maxLoss, "lose")],
        ...(probability === undefined
          ? []
          : [["probability of profit", `${percent(probability)}  ${style.dim(probabilityFrom)}`]])
      ],
      { indent: "  " }
    )
  ]
}
