/** `get_orders`, `get_positions`, `get_fills`, `explain_order`: what there is. */
import { Effect, Option, Schema } from "effect"
import type { JournalEvent } from "../../../domain/JournalEvent.ts"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { formatMicros } from "../../../domain/Money.ts"
import type { QuoteTick } from "../../../domain/Quote.ts"
import { timestamp, toIso } from "../../../domain/Timestamp.ts"
import { Broker } from "../../../execution/Broker.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { type OptionDesk, optionDesk } from "../../../execution/options/OptionDesk.ts"
import { orderTrail } from "../../../execution/OrderTrail.ts"
import { MarketData } from "../../../market/MarketData.ts"
import { fillRows } from "../../../portfolio/FillRows.ts"
import * as Ledger from "../../../portfolio/Ledger.ts"
import { hasOptions } from "../../../portfolio/options/Holdings.ts"
import type { Position } from "../../../portfolio/Position.ts"
import { symbolOf } from "../../cli/OrderWords.ts"
import { eventWords } from "../../cli/WhyText.ts"
import { cursorOf, CursorInvalid, fitting, offsetOf, pageOf, positionOf } from "../kit/Pages.ts"
import { brokerSteps, cursorSteps, storageSteps } from "../kit/NextSteps.ts"
import { tool } from "../kit/Tool.ts"
import { FillRow, fillRow } from "./FillRow.ts"
import { OrderRow, orderRow, short, VerdictRow, verdictRow } from "./OrderRow.ts"
import { SymbolArgument } from "./OrderTerms.ts"
import {
  PositionGreeksRow,
  positionGreeksRow,
  StructureRow,
  structureRows,
  WarningRow,
  warningRows
} from "../portfolio/OptionRows.ts"

const cursor = Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(300))))
const limit = Schema.optionalKey(
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
)
const nextCursor = Schema.NullOr(Schema.String)

const instrumentIn = (symbol: string | undefined) =>
  symbol === undefined
    ? Effect.succeed({})
    : MarketData.use((data) => Effect.map(data.instrument(symbol), ({ id }) => ({ instrumentId: id })))

/** A place in the list of orders as a cursor says it. */
const placeOf = (
  question: unknown,
  given: string | undefined
): Effect.Effect<
  {
    readonly before?: {
      readonly tsInit: ReturnType<typeof timestamp>
      readonly clientOrderId: ReturnType<typeof clientOrderId>
    }
  },
  CursorInvalid
> =>
  Effect.flatMap(positionOf(question, given), (position) => {
    if (position === undefined) return Effect.succeed({})
    const at = position.indexOf(" ")
    const tsInit = Number(position.slice(0, at))
    return at > 0 && Number.isSafeInteger(tsInit)
      ? Effect.succeed({
          before: { tsInit: timestamp(tsInit), clientOrderId: clientOrderId(position.slice(at + 1)) }
        })
      : Effect.fail(new CursorInvalid({ message: "the cursor is damaged: leave it out to start anew" }))
  })

export const getOrders = tool({
  name: "get_orders",
  title: "Orders",
  description:
    "The account's orders, newest first, in pages; of a share or an index with those for options on it. While market time stands still many have one time: then in no order; working=true finds those that are open.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({
    working: Schema.optionalKey(Schema.Boolean.annotate({ description: "only those that may still fill" })),
    symbol: Schema.optionalKey(SymbolArgument),
    limit,
    cursor
  }),
  output: Schema.Struct({ orders: Schema.Array(OrderRow), nextCursor }),
  next: { ...storageSteps, ...cursorSteps, InstrumentNotFound: brokerSteps.InstrumentNotFound },
  handle: Effect.fnUntraced(function* ({ cursor: given, limit: most = 20, symbol, working = false }) {
    const broker = yield* Broker
    const question = { orders: working, symbol }
    const place = yield* placeOf(question, given)
    const of = yield* instrumentIn(symbol)
    const found = yield* broker.orders({ working, limit: most + 1, ...of, ...place })
    const rows = fitting(found.slice(0, most).map(orderRow))
    const last = found[rows.length - 1]
    return {
      orders: rows,
      nextCursor:
        last !== undefined && found.length > rows.length
          ? cursorOf(question, `${last.tsInit} ${last.clientOrderId}`)
          : null
    }
  }),
  text: ({ nextCursor: more, orders }) =>
    orders.length === 0
      ? "No orders."
      : [
          ...orders.slice(0, 20).map((row) => `${row.status} ${row.order} (${row.orderId})`),
          ...(more === null ? [] : ["and more"])
        ].join("\n")
})

const Terms = Schema.Struct({
  underlying: Schema.String,
  right: Schema.Literals(["CALL", "PUT"]),
  strike: Schema.String,
  expiry: Schema.String,
  /** Of one contract. */
  shares: Schema.String,
  /** Of all of it; null without a price of it or of its underlying. */
  greeks: Schema.NullOr(PositionGreeksRow)
})

const PositionRow = Schema.Struct({
  symbol: Schema.String,
  quantity: Schema.String,
  averagePrice: Schema.String,
  mark: Schema.NullOr(Schema.String),
  marketValue: Schema.NullOr(Schema.String),
  unrealised: Schema.NullOr(Schema.String),
  realised: Schema.String,
  /** Of an option. */
  option: Schema.optionalKey(Terms)
})

const optional = (micros: Option.Option<number>): string | null =>
  Option.match(micros, { onNone: () => null, onSome: formatMicros })

const termsOf = (
  { contract, instrumentId }: Position,
  { greeks }: OptionDesk
): { readonly option?: typeof Terms.Type } => {
  if (contract === undefined) return {}
  const found = greeks.byPosition.find(({ position }) => position.instrumentId === instrumentId)
  return {
    option: {
      underlying: symbolOf(contract.underlying),
      right: contract.right,
      strike: formatMicros(contract.strike),
      expiry: contract.expiry,
      shares: formatMicros(contract.deliverable),
      greeks: found === undefined ? null : positionGreeksRow(found)
    }
  }
}

const sizeOf = (json: unknown): number => JSON.stringify(json).length

export const getPositions = tool({
  name: "get_positions",
  title: "Positions",
  description:
    "What is held, at the market's last prices; options also as structures, with Greeks and what to beware of.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({ cursor }),
  output: Schema.Struct({
    positions: Schema.Array(PositionRow),
    /** With options in them; on the first page. */
    structures: Schema.Array(StructureRow),
    /** Structures that did not fit. */
    structuresLeftOut: Schema.Int,
    /** The most severe first; on the first page. */
    warnings: Schema.Array(WarningRow),
    warningCount: Schema.Int,
    asOf: Schema.String,
    nextCursor
  }),
  next: { ...brokerSteps, ...cursorSteps },
  handle: Effect.fnUntraced(function* ({ cursor: given }) {
    const question = "positions"
    const offset = yield* offsetOf(question, given)
    const status = yield* DeskView.use((view) => view.status)
    const desk = optionDesk(status)
    const isFirst = offset === 0
    const structures = isFirst ? structureRows(desk) : []
    const warnings = isFirst ? warningRows(desk.warnings) : []
    const rows = status.positions.map(({ mark, marketValue, position, unrealised }) => ({
      symbol: symbolOf(position.instrumentId),
      quantity: formatMicros(position.quantity),
      averagePrice: formatMicros(Ledger.averagePrice(position)),
      mark: optional(mark),
      marketValue: optional(marketValue),
      unrealised: optional(unrealised),
      realised: formatMicros(position.realised),
      ...termsOf(position, desk)
    }))
    const beside = isFirst ? sizeOf(structures) + sizeOf(warnings) : 0
    const page = pageOf(rows, { question, offset, limit: 100, beside })
    return {
      positions: page.rows,
      structures,
      structuresLeftOut: isFirst ? desk.structures.filter(hasOptions).length - structures.length : 0,
      warnings,
      warningCount: desk.warnings.length,
      asOf: toIso(status.now),
      nextCursor: page.nextCursor
    }
  }),
  text: ({ positions, structures, warnings }) =>
    positions.length === 0
      ? "No positions."
      : [
          ...positions
            .slice(0, 20)
            .map(
              (row) => `${row.quantity} ${row.symbol} at ${row.averagePrice}, now ${row.mark ?? "unknown"}`
            ),
          ...structures.slice(0, 10).map((row) => `${row.id}: ${row.unrealised ?? "unknown"}`),
          ...warnings.slice(0, 3).map(({ kind, message }) => `${kind}: ${message}`)
        ].join("\n")
})

export const getFills = tool({
  name: "get_fills",
  title: "Fills",
  description:
    "The account's fills, newest first, in pages: trades, ends of options, and the shares delivered on them.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({ limit, cursor }),
  output: Schema.Struct({ fills: Schema.Array(FillRow), nextCursor }),
  next: { ...storageSteps, ...cursorSteps },
  handle: Effect.fnUntraced(function* ({ cursor: given, limit: most = 20 }) {
    const question = "fills"
    const before = yield* offsetOf(question, given)
    const found = yield* DeskView.use((view) =>
      view.latestFills({ limit: most + 1, ...(before === 0 ? {} : { before }) })
    )
    // An option's end and the shares that came for it stay on one page.
    const lines = fitting(found.slice(0, most).map(({ fill }) => fillRows(fill).map(fillRow).toReversed()))
    const last = found[lines.length - 1]
    return {
      fills: lines.flat(),
      nextCursor:
        last !== undefined && found.length > lines.length ? cursorOf(question, String(last.sequence)) : null
    }
  }),
  text: ({ fills }) =>
    fills.length === 0
      ? "No fills."
      : fills
          .slice(0, 20)
          .map((row) => {
            const kind = row.kind === "TRADE" ? "" : ` (${row.kind})`
            return `${row.at} ${row.side} ${row.quantity} ${row.symbol} at ${row.price}${kind}`
          })
          .join("\n")
})

const Step = Schema.Struct({
  event: Schema.String,
  what: Schema.String,
  by: Schema.String,
  /** Market time; the computer's time beside it. */
  at: Schema.String,
  wallTime: Schema.String,
  auditHash: Schema.NullOr(Schema.String)
})

const CitedQuote = Schema.Struct({
  symbol: Schema.String,
  quoteId: Schema.String,
  bid: Schema.String,
  ask: Schema.String,
  last: Schema.String,
  asOf: Schema.String,
  source: Schema.String
})

const citedQuote = (quote: QuoteTick): typeof CitedQuote.Type => ({
  symbol: symbolOf(quote.instrumentId),
  quoteId: quote.quoteId,
  bid: formatMicros(quote.bid),
  ask: formatMicros(quote.ask),
  last: formatMicros(quote.last),
  asOf: toIso(quote.tsEvent),
  source: quote.source
})

const asked = (event: JournalEvent) => (event._tag === "OrderInitialized" ? event : undefined)

/** Steps of an order that are told: its beginning and its end where there are more. */
const MAX_STEPS = 40

const withoutMiddle = <A>(steps: ReadonlyArray<A>): ReadonlyArray<A> =>
  steps.length <= MAX_STEPS ? steps : [...steps.slice(0, MAX_STEPS / 2), ...steps.slice(-MAX_STEPS / 2)]

export const explainOrder = tool({
  name: "explain_order",
  title: "Explain an order",
  description:
    "The whole way of one order: who asked, on which quote and why, what every rule said, what happened, and its audit entries.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({ orderId: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))) }),
  output: Schema.Struct({
    order: OrderRow,
    askedBy: Schema.String,
    /** The agent and session of the call that asked, as the hook saw them; null without a permit. */
    caller: Schema.NullOr(
      Schema.Struct({ agent: Schema.String, sessionId: Schema.String, callId: Schema.String })
    ),
    rationale: Schema.NullOr(Schema.String),
    quote: Schema.NullOr(CitedQuote),
    /** Of an order with legs: the quote of each, as far as the desk gave them out. */
    legQuotes: Schema.Array(CitedQuote),
    verdicts: Schema.Array(VerdictRow),
    steps: Schema.Array(Step),
    /** Steps in the middle that are left out. */
    stepsLeftOut: Schema.Int
  }),
  next: {
    ...storageSteps,
    AuditUnreadable: brokerSteps.AuditUnreadable,
    AuditBroken: brokerSteps.JournalDisagrees,
    OrderNotFound: "get_orders shows the orders there are."
  },
  handle: Effect.fnUntraced(function* ({ orderId }) {
    const { audit, history, order } = yield* orderTrail(clientOrderId(orderId), "get_orders")
    const initial = history.map(({ event }) => asked(event)).find((event) => event !== undefined)
    const hashes = new Map(audit.map((entry) => [entry.sequence, entry.hash]))
    const steps = history.map(({ actor, event, sequence, tsWall }) => ({
      event: event._tag,
      what: short(eventWords(event)),
      by: `${actor.kind} ${actor.name}`,
      at: toIso(event.tsEvent),
      wallTime: toIso(timestamp(tsWall)),
      auditHash: hashes.get(sequence)?.slice(0, 16) ?? null
    }))
    const told = withoutMiddle(steps)
    const quote = initial?.quote
    return {
      order: orderRow(order),
      askedBy: steps[0]?.by ?? "unknown",
      caller: initial?.caller ?? null,
      rationale: initial?.rationale === undefined ? null : short(initial.rationale, 1000),
      quote: quote === undefined ? null : citedQuote(quote),
      legQuotes: (initial?.legQuotes ?? []).map(citedQuote),
      verdicts: (initial?.verdicts ?? []).map(verdictRow),
      steps: told,
      stepsLeftOut: steps.length - told.length
    }
  }),
  text: ({ order, steps }) =>
    [`${order.order}: ${order.status}`, ...steps.slice(-12).map((step) => `${step.at} ${step.what}`)].join(
      "\n"
    )
})
