/** The parts of a backtest's result that are told on demand, lists in pages. */
import { Effect, Schema } from "effect"
import type { BacktestContent, FinishedBacktest } from "../../../backtest/BacktestResult.ts"
import { symbolOf } from "../../../domain/Identifiers.ts"
import { formatMicros, toFloat } from "../../../domain/Money.ts"
import type { OrderSize } from "../../../domain/Order.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { typeWords } from "../../cli/OrderWords.ts"
import { MAX_ANSWER } from "../kit/Answer.ts"
import { cursorOf, CursorInvalid, fitting, offsetOf } from "../kit/Pages.ts"
import { Curve, curveOf, Figures, figuresOf, Inputs, inputsOf, rounded, short } from "./Figures.ts"

/** Rows of a list in an answer, unless told otherwise, and at most. */
export const USUAL_ROWS = 20
export const MAX_ROWS = 100

const lists = ["trades", "orders", "denied", "held", "options"] as const
type ListName = (typeof lists)[number]

export const sectionNames = ["summary", "curve", "statistics", ...lists] as const
export type SectionName = (typeof sectionNames)[number]

const Named = Schema.Array(
  Schema.Struct({
    name: Schema.String,
    value: Schema.NullOr(Schema.Union([Schema.Finite, Schema.String]))
  })
)

const page = <Row extends Schema.Top>(row: Row) =>
  Schema.optionalKey(
    Schema.Struct({ rows: Schema.Array(row), total: Schema.Int, nextCursor: Schema.NullOr(Schema.String) })
  )

const optional = Schema.NullOr(Schema.String)

const TradeRow = Schema.Struct({
  symbol: Schema.String,
  direction: Schema.String,
  quantity: Schema.String,
  entryTime: Schema.String,
  entryPrice: Schema.String,
  /** Null while it was open at the end. */
  exitTime: optional,
  exitPrice: optional,
  profit: Schema.String,
  fees: Schema.String,
  /** The deepest below its entry, and the highest above. */
  mae: Schema.String,
  mfe: Schema.String
})

const OrderRow = Schema.Struct({
  orderId: Schema.String,
  /** "BUY 10 AAPL market AT_THE_OPEN" */
  order: Schema.String,
  status: Schema.String,
  time: Schema.String,
  filledQuantity: Schema.String,
  /** The rule that denied it. */
  rule: optional,
  reason: optional,
  rationale: optional
})

const HeldRow = Schema.Struct({
  symbol: Schema.String,
  quantity: Schema.String,
  cost: Schema.String,
  mark: optional,
  value: optional
})

const OptionRow = Schema.Struct({
  date: Schema.String,
  kind: Schema.String,
  symbol: Schema.String,
  quantity: Schema.String,
  price: optional,
  amount: optional,
  note: Schema.String
})

/** Each is there when it was asked for. */
export const sectionFields = {
  inputs: Schema.optionalKey(Inputs),
  figures: Schema.optionalKey(Figures),
  curve: Schema.optionalKey(Curve),
  /** All of them; LEAN's by LEAN's names. */
  statistics: Schema.optionalKey(Schema.Struct({ own: Named, lean: Named, portfolio: Named, trade: Named })),
  trades: page(TradeRow),
  orders: page(OrderRow),
  denied: page(OrderRow),
  held: page(HeldRow),
  options: page(OptionRow)
}
const Sections = Schema.Struct(sectionFields)
export type Sections = typeof Sections.Type

const money = (micros: number): string => formatMicros(micros, 2)
const orNull = <A>(value: A | undefined | null, told: (value: A) => string): string | null =>
  value === undefined || value === null ? null : told(value)

const tradeRow = (row: BacktestContent["trades"][number]): typeof TradeRow.Type => ({
  symbol: symbolOf(row.instrumentId),
  direction: row.direction,
  quantity: formatMicros(row.quantity),
  entryTime: toIso(row.entryTime),
  entryPrice: money(row.entryPrice),
  exitTime: orNull(row.exitTime, toIso),
  exitPrice: orNull(row.exitPrice, money),
  profit: money(row.profit),
  fees: money(row.fees),
  mae: money(row.mae),
  mfe: money(row.mfe)
})

const sizeWords = (size: OrderSize): string =>
  size._tag === "Quantity" ? formatMicros(size.quantity) : `$${formatMicros(size.notional, 2)} of`

const orderRow = (row: BacktestContent["orders"][number]): typeof OrderRow.Type => ({
  orderId: row.id,
  order: `${row.side} ${sizeWords(row.size)} ${symbolOf(row.instrumentId)} ${typeWords(row.type)} ${row.timeInForce}`,
  status: row.status,
  time: toIso(row.tsEvent),
  filledQuantity: formatMicros(row.filledQuantity),
  rule: orNull(row.rule, short),
  reason: orNull(row.reason, short),
  rationale: orNull(row.rationale, short)
})

const heldRow = (row: BacktestContent["held"][number]): typeof HeldRow.Type => ({
  symbol: symbolOf(row.instrumentId),
  quantity: formatMicros(row.quantity),
  cost: money(row.cost),
  mark: orNull(row.mark, money),
  value: orNull(row.value, money)
})

const optionRow = (row: BacktestContent["options"][number]): typeof OptionRow.Type => ({
  date: row.date,
  kind: row.kind,
  symbol: short(row.symbol, 64),
  quantity: formatMicros(row.quantity),
  price: orNull(row.price, money),
  amount: orNull(row.amount, money),
  note: short(row.note)
})

const named = (values: { readonly [name: string]: number | string | null }, most: number) =>
  fitting(
    Object.entries(values).map(([name, value]): (typeof Named.Type)[number] => ({
      name: short(name, 64),
      value: typeof value === "number" ? rounded(value) : value === null ? null : short(value, 64)
    })),
    most
  )

const statisticsIn = ({ statistics }: BacktestContent, most: number) => ({
  own: named(statistics.own, most / 4),
  lean: named(statistics.lean, most / 4),
  portfolio: named(statistics.portfolio, most / 4),
  trade: named(statistics.trade, most / 4)
})

const isList = (name: SectionName): name is ListName => lists.some((one) => one === name)

/** A list's rows from `from` on, as many as are asked for and fit. */
const pageFrom = <From, Row>(
  rows: ReadonlyArray<From>,
  toRow: (row: From) => Row,
  at: { readonly question: unknown; readonly from: number; readonly limit: number; readonly room: number }
) => {
  const kept = fitting(rows.slice(at.from, at.from + at.limit).map(toRow), at.room)
  const next = at.from + kept.length
  return {
    rows: kept,
    total: rows.length,
    nextCursor: next < rows.length ? cursorOf(at.question, String(next)) : null
  }
}

/** What an answer has besides its sections: names, notes and the text for people. */
const BESIDE = 5000
/** Characters of the statistics, at most. */
const MAX_STATISTICS = 6000

const lengthOf = (value: unknown): number => JSON.stringify(value).length

export interface AskedSections {
  readonly sections: ReadonlyArray<SectionName>
  readonly limit: number
  readonly cursor: string | undefined
}

/** The sections asked for. Lists share what room the others leave; a cursor goes on in a list that is asked for alone. */
export const sectionsOf = Effect.fnUntraced(function* (
  { id, inputs }: FinishedBacktest,
  content: BacktestContent,
  { cursor, limit, sections }: AskedSections
) {
  const asked = sections.filter(isList)
  const questionOf = (name: ListName | undefined) => ["get_backtest_results", id, name ?? ""]
  if (cursor !== undefined && asked.length !== 1) {
    return yield* new CursorInvalid({
      message: "a cursor goes on in one list: ask for that section, and no other list, with it"
    })
  }
  const from = yield* offsetOf(questionOf(asked[0]), cursor)
  const cash = toFloat(inputs.cash)
  const fixed: Sections = {
    ...(sections.includes("summary") ? { inputs: inputsOf(inputs), figures: figuresOf(content, cash) } : {}),
    ...(sections.includes("curve") ? { curve: curveOf(content, inputs.data.from, cash) } : {})
  }
  const left = Math.max(0, MAX_ANSWER - BESIDE - lengthOf(fixed))
  const most = Math.min(MAX_STATISTICS, asked.length === 0 ? left : left / 2)
  const told: Sections = sections.includes("statistics")
    ? { ...fixed, statistics: statisticsIn(content, most) }
    : fixed
  const room = Math.max(0, MAX_ANSWER - BESIDE - lengthOf(told)) / Math.max(1, asked.length)
  const pageOf = <From, Row>(name: ListName, rows: ReadonlyArray<From>, toRow: (row: From) => Row) =>
    pageFrom(rows, toRow, { question: questionOf(name), from, limit, room })
  const has = (name: ListName) => asked.includes(name)
  const denied = content.orders.filter(({ status }) => status === "Denied")
  const result: Sections = {
    ...told,
    ...(has("trades") ? { trades: pageOf("trades", content.trades, tradeRow) } : {}),
    ...(has("orders") ? { orders: pageOf("orders", content.orders, orderRow) } : {}),
    ...(has("denied") ? { denied: pageOf("denied", denied, orderRow) } : {}),
    ...(has("held") ? { held: pageOf("held", content.held, heldRow) } : {}),
    ...(has("options") ? { options: pageOf("options", content.options, optionRow) } : {})
  }
  return result
})
