/** `cancel_order`, `cancel_all`, `get_trading_state`, `halt_trading`: what takes risk away, and how the desk stands. No tool resumes. */
import { Effect, Option, Result, Schema } from "effect"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { formatMicros } from "../../../domain/Money.ts"
import { isTerminal } from "../../../domain/Order.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { TradingState } from "../../../domain/TradingState.ts"
import { Broker } from "../../../execution/Broker.ts"
import { KillSwitch } from "../../../execution/KillSwitch.ts"
import { MarketData } from "../../../market/MarketData.ts"
import { limitRows } from "../../cli/LimitsText.ts"
import { causeWords, limitUses, takePicture, wayOut } from "../../cli/StatusReport.ts"
import { brokerSteps } from "../kit/NextSteps.ts"
import { fitting } from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { OrderRow, orderRow, short } from "./OrderRow.ts"
import { SymbolArgument } from "./OrderTerms.ts"
import { actor } from "./PlaceTools.ts"

export const cancelOrder = tool({
  name: "cancel_order",
  title: "Cancel an order",
  description: "Cancel a working order. No rule refuses it.",
  annotations: { readOnly: false, destructive: true, idempotent: true },
  evenWithoutMarket: true,
  input: Schema.Struct({ orderId: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64))) }),
  output: Schema.Struct({ order: OrderRow }),
  next: {
    ...brokerSteps,
    OrderNotFound: "get_orders shows the orders there are.",
    OrderNotWorking: "it has ended already: explain_order tells how."
  },
  handle: Effect.fnUntraced(function* ({ orderId }) {
    const broker = yield* Broker
    return { order: orderRow(yield* broker.cancel(clientOrderId(orderId), { actor })) }
  }),
  text: ({ order }) => `${order.order}: ${order.status} (${order.orderId}).`
})

export const cancelAll = tool({
  name: "cancel_all",
  title: "Cancel all orders",
  description:
    "Cancel every working order, or those of one symbol: of a share or an index with those for options on it.",
  annotations: { readOnly: false, destructive: true, idempotent: true },
  evenWithoutMarket: true,
  input: Schema.Struct({ symbol: Schema.optionalKey(SymbolArgument) }),
  output: Schema.Struct({
    asked: Schema.Int,
    /** Not ended yet: look again. */
    stillWorking: Schema.Int,
    orders: Schema.Array(OrderRow)
  }),
  next: brokerSteps,
  handle: Effect.fnUntraced(function* ({ symbol }) {
    const broker = yield* Broker
    const of =
      symbol === undefined
        ? {}
        : { instrumentId: (yield* MarketData.use((data) => data.instrument(symbol))).id }
    const orders = yield* broker.cancelAll({ actor, ...of })
    return {
      asked: orders.length,
      stillWorking: orders.filter(({ status }) => !isTerminal(status)).length,
      orders: fitting(orders.map(orderRow))
    }
  }),
  text: ({ asked, stillWorking }) =>
    asked === 0
      ? "There was nothing to cancel."
      : `${asked} asked to be canceled, ${stillWorking} still working.`
})

const LimitUse = Schema.Struct({
  limit: Schema.String,
  unit: Schema.String,
  value: Schema.Finite,
  used: Schema.NullOr(Schema.Finite)
})

export const getTradingState = tool({
  name: "get_trading_state",
  title: "Trading state",
  description:
    "Active, Reducing or Halted, why and until when; the limits in force and how much of each is used.",
  annotations: { readOnly: true },
  evenWithoutMarket: true,
  input: Schema.Struct({}),
  output: Schema.Struct({
    tradingMode: Schema.Literal("paper"),
    tradingState: TradingState,
    causes: Schema.Array(Schema.String),
    /** What ends the state; null while trading is active. */
    wayOut: Schema.NullOr(Schema.String),
    reason: Schema.NullOr(Schema.String),
    since: Schema.NullOr(Schema.String),
    by: Schema.NullOr(Schema.String),
    halt: Schema.NullOr(Schema.String),
    equity: Schema.NullOr(Schema.String),
    dayResult: Schema.NullOr(Schema.String),
    asOf: Schema.String,
    profile: Schema.NullOr(Schema.String),
    /** Why no limits are in force; then no order passes. */
    limitsProblem: Schema.NullOr(Schema.String),
    uses: Schema.Array(LimitUse),
    /** The limits that bind order by order. */
    orderLimits: Schema.Array(Schema.Struct({ limit: Schema.String, value: Schema.String })),
    /** Looser values in plimsoll.json that wait for a person. */
    pending: Schema.Int
  }),
  next: brokerSteps,
  handle: Effect.fnUntraced(function* () {
    const { limits, state, status } = yield* takePicture
    const inForce = Result.getSuccess(limits)
    const optional = Option.match({ onNone: () => null, onSome: (micros: number) => formatMicros(micros) })
    return {
      tradingMode: "paper" as const,
      tradingState: status.tradingState,
      causes: causeWords(status),
      wayOut: status.tradingState === "Active" ? null : wayOut(status),
      reason: state === undefined ? null : short(state.reason),
      since: state === undefined ? null : toIso(state.ts),
      by: state?.by ?? null,
      halt: Option.getOrNull(status.halt),
      equity: optional(status.equity),
      dayResult: optional(status.dayResult),
      asOf: toIso(status.now),
      profile: Option.match(inForce, { onNone: () => null, onSome: ({ profile }) => profile }),
      limitsProblem: Result.isFailure(limits) ? short(limits.failure, 600) : null,
      uses: Option.match(inForce, {
        onNone: () => [],
        onSome: (found) =>
          limitUses(status, found).map(({ limit, unit, used, value }) => ({
            limit,
            unit,
            value,
            used: used ?? null
          }))
      }),
      orderLimits: Option.match(inForce, {
        onNone: () => [],
        onSome: (found) => limitRows(found).map((row) => ({ limit: row.field, value: short(row.inForce) }))
      }),
      pending: Option.match(inForce, {
        onNone: () => 0,
        onSome: ({ differences }) => differences.filter(({ direction }) => direction === "looser").length
      })
    }
  }),
  text: ({ causes, reason, tradingState, wayOut: out }) =>
    [`Trading is ${tradingState}${causes.length === 0 ? "" : `: ${causes.join(", ")}`}.`, reason, out]
      .filter((part) => part !== null)
      .join("\n")
})

export const haltTrading = tool({
  name: "halt_trading",
  title: "Halt trading",
  description:
    "Trip the kill switch: no more orders, everything working is canceled. Only a person can resume, at a terminal.",
  annotations: { readOnly: false, destructive: true, idempotent: true },
  evenWithoutMarket: true,
  input: Schema.Struct({
    reason: Schema.String.pipe(
      Schema.check(
        Schema.makeFilter<string>(
          (text) =>
            (text.trim() !== "" && text.length <= 500) || "expected a reason in words, at most 500 characters"
        )
      )
    )
  }),
  output: Schema.Struct({
    tradingState: TradingState,
    /** False when trading was halted before. */
    changed: Schema.Boolean,
    canceled: Schema.Int,
    orders: Schema.Array(OrderRow)
  }),
  next: {
    ...brokerSteps,
    OrdersStillWorking:
      "trading is halted. The desk goes on canceling by itself; get_orders with working=true shows what is left. Tell a person."
  },
  handle: Effect.fnUntraced(function* ({ reason }) {
    const killSwitch = yield* KillSwitch
    const { canceled, changed } = yield* killSwitch.halt(reason, actor)
    return {
      tradingState: "Halted" as const,
      changed,
      canceled: canceled.length,
      orders: fitting(canceled.map(orderRow))
    }
  }),
  text: ({ canceled, changed }) =>
    `Trading is halted${changed ? "" : ", and was before"}; ${canceled} orders canceled. Only a person can resume.`
})
