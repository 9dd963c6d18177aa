/** `get_portfolio_summary`: what the account is worth, and what it holds. */
import { Effect, Option, Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { TradingState } from "../../../domain/TradingState.ts"
import { type DeskStatus, DeskView, type HeldView } from "../../../execution/DeskView.ts"
import { optionDesk } from "../../../execution/options/OptionDesk.ts"
import * as Ledger from "../../../portfolio/Ledger.ts"
import { hasOptions } from "../../../portfolio/options/Holdings.ts"
import { counted } from "../../cli/Format.ts"
import { symbolOf } from "../../cli/OrderWords.ts"
import { causeWords } from "../../cli/StatusReport.ts"
import { brokerSteps, cursorSteps } from "../kit/NextSteps.ts"
import { offsetOf, pageOf } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { Amount, amount, cents, cursor, percent, Ratio, ratio } from "./Figures.ts"

/** Rows on a page at most; fewer where they are long. */
const MAX_ROWS = 100

const PositionRow = Schema.Struct({
  symbol: Schema.String,
  /** Negative for a short position. */
  quantity: Schema.String,
  averagePrice: Schema.String,
  mark: Amount,
  marketValue: Amount,
  unrealised: Amount,
  /** Market value ÷ equity. */
  ratio: Ratio
})

const rowOf =
  ({ equity }: DeskStatus) =>
  ({ mark, marketValue, position, unrealised }: HeldView): typeof PositionRow.Type => ({
    symbol: symbolOf(position.instrumentId),
    quantity: formatMicros(position.quantity),
    averagePrice: formatMicros(Ledger.averagePrice(position)),
    mark: amount(mark),
    marketValue: amount(marketValue),
    unrealised: amount(unrealised),
    ratio: ratio(marketValue, equity)
  })

/** Options in a line: what is held, when the next ends, what to beware of; null without any. */
const optionsLine = (status: DeskStatus): string | null => {
  const { expiries, greeks, structures, warnings } = optionDesk(status)
  const [next] = expiries
  if (next === undefined) return null
  const kinds = [...new Set(warnings.map(({ kind }) => kind))]
  return [
    `${counted(expiries.length, "option position")} in ${counted(structures.filter(hasOptions).length, "structure")}`,
    `next expiry ${next.position.contract.expiry}`,
    `delta ${cents(greeks.total.deltaNotional)}, vega ${cents(greeks.total.vega)} a point, theta ${cents(greeks.total.theta)} a day`,
    ...(kinds.length === 0 ? [] : [`warnings: ${kinds.join(", ")} (get_positions)`])
  ].join("; ")
}

/** Σ of a figure of the positions; none when one of them has none. */
const sumOf = (
  positions: ReadonlyArray<HeldView>,
  figure: (held: HeldView) => Option.Option<number>
): Option.Option<number> =>
  Option.map(Option.all(positions.map(figure)), (all) => all.reduce((sum, one) => sum + one, 0))

/** Equity below its peak; never above zero. */
const drawdownOf = ({ equity, peakEquity }: DeskStatus): number | null =>
  ratio(
    Option.map(equity, (value) => Math.min(0, value - peakEquity)),
    Option.some(peakEquity)
  )

export const getPortfolioSummary = tool({
  name: "get_portfolio_summary",
  title: "Portfolio summary",
  description:
    "The account's value, cash, positions, day's result, drawdown, mode and trading state. The day counts from the last close, so it is 0 right after one: get_daily_pnl has the session's.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({ cursor }),
  output: Schema.Struct({
    accountId: Schema.String,
    tradingMode: Schema.Literal("paper"),
    tradingState: TradingState,
    causes: Schema.Array(Schema.String),
    /** Market time. */
    asOf: Schema.String,
    marketOpen: Schema.Boolean,
    /** Under way, or the last one; null before the first. */
    session: Schema.NullOr(Schema.Struct({ date: Schema.String, open: Schema.Boolean })),
    /** Cash + market value; null when a position has no price. */
    equity: Amount,
    cash: Schema.String,
    marketValue: Amount,
    unrealised: Amount,
    /** Since the account was opened, fees apart. */
    realised: Schema.String,
    dividends: Schema.String,
    fees: Schema.String,
    priorCloseEquity: Schema.String,
    /** Since the prior close, deposits and withdrawals taken out. */
    dayResult: Amount,
    dayReturn: Ratio,
    peakEquity: Schema.String,
    drawdown: Ratio,
    workingOrders: Schema.Int,
    positionCount: Schema.Int,
    /** In a line; null without any. */
    options: Schema.NullOr(Schema.String),
    positions: Schema.Array(PositionRow),
    nextCursor: Schema.NullOr(Schema.String)
  }),
  next: { ...brokerSteps, ...cursorSteps },
  handle: Effect.fnUntraced(function* ({ cursor: given }) {
    const question = "portfolio"
    const offset = yield* offsetOf(question, given)
    const status = yield* DeskView.use((view) => view.status)
    const { positions } = status
    const page = pageOf(positions.map(rowOf(status)), { question, offset, limit: MAX_ROWS })
    return {
      accountId: status.accountId,
      tradingMode: "paper" as const,
      tradingState: status.tradingState,
      causes: causeWords(status),
      asOf: toIso(status.now),
      marketOpen: status.marketOpen,
      session: Option.getOrNull(status.session),
      equity: amount(status.equity),
      cash: formatMicros(status.cash),
      marketValue: amount(sumOf(positions, ({ marketValue }) => marketValue)),
      unrealised: amount(sumOf(positions, ({ unrealised }) => unrealised)),
      realised: formatMicros(status.realised),
      dividends: formatMicros(status.dividends),
      fees: formatMicros(status.fees),
      priorCloseEquity: formatMicros(status.priorCloseEquity),
      dayResult: amount(status.dayResult),
      dayReturn: ratio(status.dayResult, Option.some(status.priorCloseEquity)),
      peakEquity: formatMicros(status.peakEquity),
      drawdown: drawdownOf(status),
      workingOrders: status.working.length,
      positionCount: positions.length,
      options: optionsLine(status),
      positions: page.rows,
      nextCursor: page.nextCursor
    }
  }),
  text: ({ cash, causes, dayResult, dayReturn, equity, marketOpen, options, positionCount, tradingState }) =>
    `PAPER. Equity ${equity ?? "unknown (a position has no price)"}, cash ${cash}, ${positionCount} positions. ` +
    `${marketOpen ? "Day" : "Since the last close"} ${dayResult ?? "unknown"} (${percent(dayReturn)}). Trading ${tradingState}${causes.length === 0 ? "" : `: ${causes.join(", ")}`}.` +
    (options === null ? "" : ` Options: ${options}.`)
})
