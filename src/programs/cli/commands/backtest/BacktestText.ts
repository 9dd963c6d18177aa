/** A backtest on a terminal: what to mind first, then what it came to, and where more is. */
import { Option } from "effect"
import type {
  BacktestContent,
  BacktestResult,
  FinishedBacktest
} from "../../../../backtest/BacktestResult.ts"
import type { BacktestInputs } from "../../../../backtest/BacktestInputs.ts"
import {
  cleanPart,
  contaminationOf,
  contaminationWords
} from "../../../../backtest/robustness/Contaminated.ts"
import { symbolOf } from "../../../../domain/Identifiers.ts"
import { formatMicros } from "../../../../domain/Money.ts"
import { type Timestamp, toIso } from "../../../../domain/Timestamp.ts"
import { toExchangeTime } from "../../../../market/TradingCalendar.ts"
import { covers } from "../../../../market/TradingDays.ts"
import { statisticDefinitions } from "../../../../portfolio/Performance.ts"
import { formatResumePolicy } from "../../../../risk/ResumePolicy.ts"
import { insideBarsCaveat } from "../../../../backtest/InsideBars.ts"
import { modelledCaveat, separatePeriod } from "../../../../session/RunReportData.ts"
import { typeWords } from "../../OrderWords.ts"
import { counted, percent, shareCount, type Style, table, usd } from "../../Format.ts"
import { printable } from "../../Terminal.ts"

/** Statistics in the summary, by their names in `portfolio/Performance.ts`. */
const shown = ["totalReturn", "cagr", "volatility", "sharpe", "sortino", "maxDrawdown", "exposedDays"]

/** Figures of a backtest under their names, as cells of a table. */
export const figureCell = (name: string, value: number | null | undefined): string => {
  if (value === null || value === undefined) return "-"
  const definition = statisticDefinitions.find(({ key }) => key === name)
  return definition?.shownAs === "percent" ? percent(value) : value.toFixed(2)
}

export const figureName = (name: string): string =>
  statisticDefinitions.find(({ key }) => key === name)?.name ?? name

export const summaryFigures = shown

/** "sma-cross fast=5 slow=50" */
export const algorithmWords = ({ algorithm }: Pick<BacktestInputs, "algorithm">): string =>
  [
    algorithm.name,
    ...Object.entries(algorithm.parameters).map(([name, value]) => `${name}=${String(value)}`)
  ].join(" ")

const dollarsOf = (float: number): string => usd(Math.round(float * 100) * 10_000)

/** What nobody may overlook, before any figure. */
export const warningLines = ({ inputs, outcome }: BacktestResult): ReadonlyArray<string> => {
  const { data, profile } = inputs
  const separate = separatePeriod(data.symbols)
  const content = outcome._tag === "Finished" ? outcome.content : undefined
  const modelled = modelledCaveat(content?.optionOrders)
  const inside = insideBarsCaveat(inputs, content?.orders ?? [])
  const contamination = contaminationWords(contaminationOf(inputs, content?.dates))
  return [
    ...(contamination === undefined ? [] : [contamination]),
    ...(profile.promotable
      ? []
      : [`${profile.label.toUpperCase()}: not promotable, nothing of it may decide a desk's orders`]),
    ...(modelled === undefined ? [] : [modelled]),
    ...(inside === undefined ? [] : [inside]),
    ...(content === undefined || content.orders.length > 0
      ? []
      : ["it sent no order: this says nothing of the strategy"]),
    ...(content === undefined || content.tradingState === "Active"
      ? []
      : [`trading ended ${content.tradingState}: from the last trip on only reducing orders were taken`]),
    ...(separate !== undefined && data.from < separate.date
      ? [`${separate.reason} Look at --from ${separate.date} as well.`]
      : [])
  ]
}

const deniedLines = ({ denials }: BacktestContent): ReadonlyArray<string> =>
  denials.length === 0
    ? []
    : [
        "",
        "Denied by rule",
        ...table(
          denials.map(({ count, example, rule }) => [rule, String(count), printable(example)]),
          { right: [1], indent: "  " }
        )
      ]

const contentRows = (content: BacktestContent, cash: number): ReadonlyArray<ReadonlyArray<string>> => {
  const { benchmark, denials, equity, fills, orders, statistics, trades } = content
  const end = equity.at(-1)
  const held = benchmark.at(-1)
  const isHeld = held !== undefined && held > 0
  const benchmarkReturn = isHeld ? held / cash - 1 : null
  const denied = denials.reduce((sum, { count }) => sum + count, 0)
  return [
    ["", "Backtest", "Buy and hold"],
    ["Equity at the end", end === undefined ? "-" : dollarsOf(end), isHeld ? dollarsOf(held) : "-"],
    ...shown.map((name) => [
      figureName(name),
      figureCell(name, statistics.own[name]),
      name === "totalReturn" ? figureCell(name, benchmarkReturn) : ""
    ]),
    ["Orders / fills / denied", `${orders.length} / ${fills.length} / ${denied}`, ""],
    ["Trades", String(trades.length), ""],
    ["Fees", usd(content.fees), ""],
    ["Trading state at the end", content.tradingState, ""]
  ]
}

const headLine = ({ inputs, wallMillis }: BacktestResult, sessions: number | undefined): string => {
  const { data, engine } = inputs
  const on =
    data.symbols.length > 6
      ? `${data.symbols.slice(0, 6).join(",")} and ${data.symbols.length - 6} more`
      : data.symbols.join(",")
  const by = engine.name === "lean" ? `LEAN ${engine.version}` : `${(wallMillis / 1000).toFixed(1)} s`
  return `${algorithmWords(inputs)} on ${on} (${data.source}, ${data.resolution}), ${data.from} to ${data.to}${sessions === undefined ? "" : `: ${counted(sessions, "session")}`}, ${by}`
}

export interface Whereabouts {
  readonly result: string
  /** Undefined where there is none. */
  readonly tearSheet: string | undefined
  /** How many backtests were tried on this data; undefined where it is not counted. */
  readonly trials: number | undefined
  readonly next: ReadonlyArray<{ readonly command: string; readonly purpose: string }>
}

const whereLines = ({ id }: BacktestResult, { next, result, tearSheet, trials }: Whereabouts) => [
  `Backtest      ${id}`,
  ...(tearSheet === undefined ? [`Result        ${result}`] : [`Tear sheet    ${tearSheet}`]),
  ...(trials === undefined
    ? []
    : [
        `Trials        ${trials} on this data so far${trials > 1 ? ": the best of many is less than it looks" : ""}`
      ]),
  ...next.map(({ command, purpose }, i) => `${i === 0 ? "\nNext: " : "      "}${command}   (${purpose})`)
]

/** Of a contaminated one what is left when only the clean part counts. */
const cleanLines = ({ inputs, outcome }: FinishedBacktest): ReadonlyArray<string> =>
  Option.match(cleanPart(outcome.content, inputs.algorithm.knowledgeCutoff), {
    onNone: () => [],
    onSome: ({ from, maxDrawdown, sessions, sharpe, totalReturn }) => [
      "",
      `Clean part, from ${from} on (${counted(sessions, "session")}): total return ${figureCell("totalReturn", totalReturn)}, Sharpe ratio ${figureCell("sharpe", sharpe)}, maximum drawdown ${figureCell("maxDrawdown", maxDrawdown)}`
    ]
  })

const finishedLines = (result: FinishedBacktest, where: Whereabouts): ReadonlyArray<string> => {
  const { content, hash } = result.outcome
  const { cash, profile, resumePolicy } = result.inputs
  return [
    headLine(result, content.dates.length),
    `${profile.label}; after a drawdown: ${formatResumePolicy(resumePolicy)}`,
    "",
    ...table(contentRows(content, cash / 1_000_000), { right: [1, 2] }),
    ...cleanLines(result),
    ...deniedLines(content),
    "",
    `Result hash   ${hash}`,
    ...whereLines(result, where)
  ]
}

/** What a backtest came to its end with, or why it did not. */
export const resultLines = (
  result: BacktestResult,
  where: Whereabouts,
  style: Style
): ReadonlyArray<string> => {
  const { outcome } = result
  const warnings = warningLines(result).map((line) => style.yellow(`! ${printable(line)}`))
  if (outcome._tag === "Finished") return [...warnings, ...finishedLines({ ...result, outcome }, where)]
  return [...warnings, headLine(result, undefined), ...failureLines(result, where)]
}

/** Lines of a stack that are shown. */
const STACK_LINES = 6

const failureLines = (result: BacktestResult, where: Whereabouts): ReadonlyArray<string> => {
  if (result.outcome._tag !== "Failed") return []
  const { at, bar, kind, message, order, stack } = result.outcome.failure
  const rows = [
    ["Failed", printable(`${kind}: ${message}`)],
    ...(at === undefined ? [] : [["At", `${at}${bar === undefined ? "" : `, bar ${bar}`}`]]),
    ...(order === undefined ? [] : [["Last order", printable(order)]])
  ]
  const lines = stack?.split("\n").slice(0, STACK_LINES) ?? []
  return [
    "",
    ...table(rows),
    ...lines.map((line) => `  ${printable(line.trim())}`),
    "",
    ...whereLines(result, { ...where, tearSheet: undefined, next: [] })
  ]
}

const timeText = (at: Timestamp): string =>
  covers(at) ? toExchangeTime(at).slice(0, 16) : toIso(at).slice(0, 16)

const price = (micros: number): string => formatMicros(micros, 2)

/** Orders, one a line. */
export const orderLines = (orders: BacktestContent["orders"]): ReadonlyArray<string> =>
  orders.length === 0
    ? ["No orders."]
    : table(
        [
          ["Time", "Side", "Size", "Symbol", "Type", "Status", "Filled", "Why"],
          ...orders.map((order) => [
            timeText(order.tsEvent),
            order.side,
            order.size._tag === "Quantity" ? shareCount(order.size.quantity) : usd(order.size.notional),
            symbolOf(order.instrumentId),
            typeWords(order.type),
            order.rule === undefined ? order.status : `${order.status} by ${order.rule}`,
            shareCount(order.filledQuantity),
            printable(order.reason ?? order.rationale ?? "")
          ])
        ],
        { right: [2, 6] }
      )

/** Trades, one a line. */
export const tradeLines = (trades: BacktestContent["trades"]): ReadonlyArray<string> =>
  trades.length === 0
    ? ["No trades."]
    : table(
        [
          ["Symbol", "", "Quantity", "In", "at", "Out", "at", "Profit", "MAE", "MFE"],
          ...trades.map((trade) => [
            symbolOf(trade.instrumentId),
            trade.direction,
            shareCount(trade.quantity),
            timeText(trade.entryTime),
            price(trade.entryPrice),
            trade.exitTime === undefined ? "open" : timeText(trade.exitTime),
            trade.exitPrice === undefined ? "" : price(trade.exitPrice),
            usd(trade.profit),
            usd(trade.mae),
            usd(trade.mfe)
          ])
        ],
        { right: [2, 4, 6, 7, 8, 9] }
      )
