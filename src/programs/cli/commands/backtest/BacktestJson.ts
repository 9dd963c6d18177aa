/** A backtest as `--json` prints it: names in snake_case, ratios as floats, money in dollars as decimals. */
import { Option } from "effect"
import type { BacktestEntry } from "../../../../backtest/BacktestStore.ts"
import type { BacktestContent, BacktestFailure, BacktestResult } from "../../../../backtest/BacktestResult.ts"
import type { BacktestInputs } from "../../../../backtest/BacktestInputs.ts"
import type { BacktestSummary } from "../../../../backtest/BacktestSummary.ts"
import { cleanPart, contaminationOf, isPromotable } from "../../../../backtest/robustness/Contaminated.ts"
import { symbolOf } from "../../../../domain/Identifiers.ts"
import { formatMicros, type Money } from "../../../../domain/Money.ts"
import { fromMillis, toIso } from "../../../../domain/Timestamp.ts"
import { formatResumePolicy } from "../../../../risk/ResumePolicy.ts"
import { snakeCase, toWire } from "../../../mcp/kit/Wire.ts"

const dollars = (money: Money | null): string | null => (money === null ? null : formatMicros(money, 2))

const figuresJson = (figures: { readonly [name: string]: number | null }) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [snakeCase(name), value]))

/** Everything the result depends on. */
export const inputsJson = (inputs: BacktestInputs) => {
  const { algorithm, cash, data, engine, models, profile, resumePolicy, seed } = inputs
  return {
    engine: `${engine.name} ${engine.version}`,
    algorithm: algorithm.name,
    algorithm_kind: algorithm.kind,
    code_hash: algorithm.codeHash,
    parameters: algorithm.parameters,
    source: data.source,
    symbols: data.symbols,
    resolution: data.resolution,
    from: data.from,
    to: data.to,
    dataset: data.dataset,
    data_hash: data.dataHash,
    cash: dollars(cash),
    limits: { name: profile.name, label: profile.label, promotable: isPromotable(inputs) },
    knowledge_cutoff: algorithm.knowledgeCutoff ?? null,
    resume_policy: formatResumePolicy(resumePolicy),
    seed,
    models: toWire(models)
  }
}

const failureJson = ({ at, bar, kind, message, order, stack }: BacktestFailure) => ({
  kind,
  message,
  at: at ?? null,
  bar: bar ?? null,
  order: order ?? null,
  stack: stack ?? null
})

const countedDenials = ({ denials }: Pick<BacktestContent, "denials">): number =>
  denials.reduce((sum, { count }) => sum + count, 0)

/** What it came to; null where it cannot be told. */
const contentJson = (content: BacktestContent) => {
  const { own } = content.statistics
  return {
    sessions: content.dates.length,
    bars: content.bars,
    orders: content.orders.length,
    fills: content.fills.length,
    trades: content.trades.length,
    denied: countedDenials(content),
    option_orders: content.optionOrders?.orders ?? null,
    orders_on_modelled_quotes: content.optionOrders?.modelledOrders ?? null,
    denials: content.denials,
    equity_end: content.equity.at(-1) ?? null,
    total_return: own["totalReturn"] ?? null,
    max_drawdown: own["maxDrawdown"] ?? null,
    sharpe: own["sharpe"] ?? null,
    cash_end: dollars(content.cash),
    fees: dollars(content.fees),
    borrow_fees: content.financing === undefined ? null : dollars(content.financing.borrow),
    interest: content.financing === undefined ? null : dollars(content.financing.interest),
    dividends: dollars(content.dividends),
    trading_state: content.tradingState,
    state_changes: content.states.map(({ cause, date, equity, limit, reason, value }) => ({
      date,
      cause,
      value: value ?? null,
      limit: limit ?? null,
      equity: dollars(equity),
      reason
    })),
    held: content.held.map(({ cost, instrumentId, mark, quantity, value }) => ({
      symbol: symbolOf(instrumentId),
      quantity: formatMicros(quantity),
      cost: dollars(cost),
      mark: mark === null ? null : formatMicros(mark, 2),
      value: dollars(value)
    })),
    statistics: {
      own: figuresJson(content.statistics.own),
      lean: content.statistics.lean,
      portfolio: content.statistics.portfolio,
      trade: content.statistics.trade,
      reported: content.reported
    }
  }
}

/** Where its files are. */
export interface BacktestPaths {
  readonly result: string
  /** Null where there is none. */
  readonly tearSheet: string | null
}

/** What is from before the knowledge cutoff, with the figures of the rest; null of a clean one. */
const contaminationJson = ({ inputs, outcome }: BacktestResult) => {
  const content = outcome._tag === "Finished" ? outcome.content : undefined
  const found = contaminationOf(inputs, content?.dates)
  if (found._tag === "None") return null
  const clean = content === undefined ? undefined : Option.getOrUndefined(cleanPart(content, found.cutoff))
  return {
    part: found._tag === "Wholly" ? "all" : "some",
    knowledge_cutoff: found.cutoff,
    sessions: found.sessions ?? null,
    clean_from: found._tag === "Partly" ? found.firstClean : null,
    clean:
      clean === undefined
        ? null
        : {
            sessions: clean.sessions,
            total_return: clean.totalReturn,
            sharpe: clean.sharpe,
            max_drawdown: clean.maxDrawdown
          }
  }
}

export const backtestJson = (result: BacktestResult, paths: BacktestPaths) => {
  const { command, id, inputs, outcome, ranAt, wallMillis } = result
  const head = {
    backtest_id: id,
    outcome: outcome._tag === "Finished" ? "finished" : "failed",
    ...inputsJson(inputs),
    ran_at: toIso(fromMillis(ranAt)),
    seconds: wallMillis / 1000,
    contaminated: contaminationJson(result),
    command: `plimsoll ${command}`,
    result: paths.result,
    tear_sheet: paths.tearSheet
  }
  return outcome._tag === "Finished"
    ? { ...head, hash: outcome.hash, ...contentJson(outcome.content) }
    : { ...head, failure: failureJson(outcome.failure) }
}

const size = (order: BacktestContent["orders"][number]): string =>
  order.size._tag === "Quantity"
    ? formatMicros(order.size.quantity)
    : `$${formatMicros(order.size.notional, 2)}`

/** Orders, one by one. */
export const ordersJson = (orders: BacktestContent["orders"]) =>
  orders.map((order) => ({
    order_id: order.id,
    symbol: symbolOf(order.instrumentId),
    side: order.side,
    size: size(order),
    type: toWire(order.type),
    time_in_force: order.timeInForce,
    status: order.status,
    time: toIso(order.tsEvent),
    filled_quantity: formatMicros(order.filledQuantity),
    rule: order.rule ?? null,
    reason: order.reason ?? null,
    rationale: order.rationale ?? null
  }))

/** Trades, one by one. */
export const tradesJson = (trades: BacktestContent["trades"]) =>
  trades.map((trade) => ({
    symbol: symbolOf(trade.instrumentId),
    direction: trade.direction,
    quantity: formatMicros(trade.quantity),
    entry_time: toIso(trade.entryTime),
    entry_price: formatMicros(trade.entryPrice, 2),
    exit_time: trade.exitTime === undefined ? null : toIso(trade.exitTime),
    exit_price: trade.exitPrice === undefined ? null : formatMicros(trade.exitPrice, 2),
    profit: dollars(trade.profit),
    fees: dollars(trade.fees),
    mae: dollars(trade.mae),
    mfe: dollars(trade.mfe),
    orders: trade.orders
  }))

const summaryJson = (summary: BacktestSummary) => {
  const { outcome } = summary
  const own = outcome._tag === "Finished" ? outcome.statistics : {}
  return {
    backtest_id: summary.id,
    outcome: outcome._tag === "Finished" ? "finished" : "failed",
    engine: summary.engine,
    algorithm: summary.algorithm,
    parameters: summary.parameters,
    source: summary.source,
    dataset: summary.dataset,
    symbols: summary.symbols,
    resolution: summary.resolution,
    from: summary.from,
    to: summary.to,
    cash: dollars(summary.cash),
    limits: { name: summary.profile, label: summary.label, promotable: summary.promotable },
    contaminated: summary.contaminated ?? null,
    ran_at: toIso(fromMillis(summary.ranAt)),
    ...(outcome._tag === "Finished"
      ? {
          hash: outcome.hash,
          sessions: outcome.sessions,
          orders: outcome.orders,
          fills: outcome.fills,
          denied: outcome.denied,
          total_return: own["totalReturn"] ?? null,
          max_drawdown: own["maxDrawdown"] ?? null,
          sharpe: own["sharpe"] ?? null
        }
      : { failure: failureJson(outcome.failure) })
  }
}

/** One line of a list. */
export const entryJson = (entry: BacktestEntry) => {
  switch (entry._tag) {
    case "Stored":
      return summaryJson(entry.summary)
    case "Interrupted":
      return {
        backtest_id: entry.id,
        outcome: "interrupted",
        saved_at: toIso(fromMillis(entry.savedAt)),
        sessions_done: entry.done,
        sessions: entry.of
      }
    case "Damaged":
      return { backtest_id: entry.id, outcome: "damaged", file: entry.file, problem: entry.problem }
  }
}
