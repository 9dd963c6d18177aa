/** `place_order`, `preview_order`, `replace_order`, `close_position`: what sends an order, or would. */
import { Effect, Option, Schema } from "effect"
import type { Actor } from "../../../domain/Actor.ts"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { formatMicros, microsOf } from "../../../domain/Money.ts"
import type { Order, OrderRequest } from "../../../domain/Order.ts"
import { comboQuoteId } from "../../../domain/OrderLeg.ts"
import type { QuoteTick } from "../../../domain/Quote.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { TradingState } from "../../../domain/TradingState.ts"
import type { Verdict } from "../../../domain/Verdict.ts"
import { Broker, type By, type Preview } from "../../../execution/Broker.ts"
import type { OrderDenied } from "../../../execution/BrokerErrors.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { argumentsHashOf, type PermitTool } from "../../../execution/Permit.ts"
import { MarketData } from "../../../market/MarketData.ts"
import { structureOf, symbolOf } from "../../cli/LegWords.ts"
import { contentWords, netWords } from "../../cli/OrderWords.ts"
import { measured } from "../../cli/PreviewText.ts"
import { closeHolding } from "../../CloseHolding.ts"
import { orderOutlook } from "../../OrderOutlook.ts"
import { brokerSteps, quoteSteps } from "../kit/NextSteps.ts"
import { type Call, tool } from "../kit/Tool.ts"
import { toWire } from "../kit/Wire.ts"
import { OrderRow, orderRow, VerdictRow, verdictRow } from "./OrderRow.ts"
import { OutlookRow, outlookRow } from "./OutlookRow.ts"
import {
  changeOf,
  CloseTerms,
  contentOf,
  intentOf,
  OrderTerms,
  ReplaceTerms,
  TermsInvalid,
  unfitQuotes
} from "./OrderTerms.ts"

/** Who asks: whatever agent it is, through this server. */
export const actor: Actor = { kind: "agent", name: "mcp:broker" }

/** The trading state, and that this is paper. */
const standing = Effect.map(
  DeskView.use((view) => view.status),
  ({ tradingState }) => ({ tradingMode: "paper" as const, tradingState })
)
const standingFields = { tradingMode: Schema.Literal("paper"), tradingState: TradingState }

/** A denial with where the desk stands: what the answer shows of it. */
interface DeniedHere {
  readonly _tag: "OrderDenied"
  readonly message: string
  readonly denied: OrderDenied
  readonly standing: Effect.Success<typeof standing>
}

/** "denied by the rule order-size (26.00% of 10.00%): The order's value …" */
const denialWords = ({ message, rule, verdicts }: OrderDenied): string => {
  const found = verdicts.find((verdict) => verdict.rule === rule && verdict.outcome === "deny")
  const numbers = found === undefined ? "" : measured(found)
  return `denied by the rule ${rule}${numbers === "" ? "" : ` (${numbers})`}: ${message}`
}

const deniedHere = (denied: OrderDenied) =>
  Effect.flatMap(standing, (at) =>
    Effect.fail<DeniedHere>({
      _tag: "OrderDenied",
      message: denialWords(denied),
      denied,
      standing: at
    })
  )

/** Every rule's verdict, whether or not the order passed. */
const denialDetails = (failure: {
  readonly _tag: string
  readonly denied?: OrderDenied
  readonly standing?: object
}) => {
  const { denied } = failure
  if (denied === undefined) return undefined
  return toWire({
    error: "OrderDenied",
    orderId: denied.clientOrderId,
    status: "Denied",
    rule: denied.rule,
    ...failure.standing,
    verdicts: denied.verdicts.map(verdictRow)
  })
}

const deniedStep =
  "do what the rule says (a smaller size, a new quote, a nearer price), or leave it: a limit is not to be worked around."

const submitSteps = {
  ...brokerSteps,
  ...quoteSteps,
  TermsInvalid: "call it again with arguments that fit together.",
  OrderDenied: `nothing was sent; ${deniedStep}`,
  OrderRejected: "the venue refused it; read why, and decide anew.",
  OrderOutcomeUnknown:
    "do not send it again: get_orders and explain_order tell what became of it once the venue has answered.",
  ClientOrderIdConflict: "call it again: ids are made by the desk.",
  BrokerBusy: "wait a moment and send the same again: it was not looked at."
} as const

const instrumentOf = (symbol: string) => MarketData.use((data) => data.instrument(symbol))

const requestOf = Effect.fnUntraced(function* (terms: OrderTerms) {
  const intent = yield* Effect.fromResult(intentOf(terms))
  const named = intent._tag === "Single" ? [intent] : intent.legs
  const instruments = yield* Effect.forEach(named, ({ symbol }) => instrumentOf(symbol))
  const content = yield* Effect.fromResult(contentOf(intent, instruments))
  const legQuoteIds = named.map(({ quoteId }) => quoteId)
  const request: OrderRequest = {
    ...content,
    ...(intent._tag === "Single"
      ? { quoteId: intent.quoteId }
      : { quoteId: comboQuoteId(legQuoteIds), legQuoteIds }),
    rationale: terms.rationale,
    ...(terms.repeat === true ? { repeat: true } : {})
  }
  return request
})

const LegQuote = Schema.Struct({
  symbol: Schema.String,
  side: Schema.String,
  ratio: Schema.Int,
  /** Null while the leg has no price. */
  bid: Schema.NullOr(Schema.String),
  ask: Schema.NullOr(Schema.String),
  asOf: Schema.NullOr(Schema.String)
})

/** The market of each leg of an order now; none for an order without legs. */
const legQuotesOf = ({ legs, terms }: Preview): ReadonlyArray<typeof LegQuote.Type> =>
  legs.length === 0
    ? []
    : (terms ?? []).map(({ instrumentId, ratio, side }, at) => {
        const quote = legs[at]
        return {
          symbol: symbolOf(instrumentId),
          side,
          ratio,
          bid: quote === undefined ? null : formatMicros(quote.bid),
          ask: quote === undefined ? null : formatMicros(quote.ask),
          asOf: quote === undefined ? null : toIso(quote.tsEvent)
        }
      })

const quoteOf = ({ ask, bid, last, tsEvent }: QuoteTick) => ({
  bid: formatMicros(bid),
  ask: formatMicros(ask),
  last: formatMicros(last),
  asOf: toIso(tsEvent)
})

const PlacedOutput = Schema.Struct({
  order: OrderRow,
  /** True when it had been asked for before: nothing was sent again. */
  repeated: Schema.Boolean,
  ...standingFields,
  verdicts: Schema.Array(VerdictRow)
})

const placed = (submitted: {
  readonly order: Order
  readonly repeated: boolean
  readonly verdicts: ReadonlyArray<Verdict>
}) =>
  Effect.map(standing, (at) => ({
    order: orderRow(submitted.order),
    repeated: submitted.repeated,
    ...at,
    verdicts: submitted.verdicts.map(verdictRow)
  }))

/** " at 115.80", " at net 1.09 credit"; nothing before the first fill. */
const filledAt = ({ averagePrice, legs }: OrderRow): string => {
  if (averagePrice === undefined) return ""
  const micros = microsOf(averagePrice)
  return legs === undefined || micros === undefined ? ` at ${averagePrice}` : ` at net ${netWords(micros)}`
}

const placedText = ({ order, repeated, tradingState, verdicts }: typeof PlacedOutput.Type): string =>
  `${repeated ? "Asked for before, nothing was sent again. " : ""}${order.order}: ${order.status}${filledAt(order)} (${order.orderId}). ${verdicts.length} rules held, paper, ${tradingState}.`

export interface PermitOptions {
  /** Orders need a permit that the hook risk-validator left for this very call. */
  readonly requirePermit: boolean
}

/** Who asks, and for a server that wants one the permit this call has to have. */
const byOf = ({ requirePermit }: PermitOptions, name: PermitTool, call: Call): By =>
  requirePermit
    ? {
        actor,
        permit: {
          callId: call.callId,
          tool: name,
          argumentsHash: argumentsHashOf(name, call.wireArguments)
        }
      }
    : { actor }

const placeOrder = (options: PermitOptions) =>
  tool({
    name: "place_order",
    title: "Place an order",
    description:
      "Send an order to the paper venue: for a share or a contract, or for legs at a net price that fill all or none. Held against every rule first; the answer shows each with its value and limit. The same order on the same quote is one order, however often it is sent.",
    annotations: { readOnly: false, destructive: true, idempotent: true },
    input: OrderTerms,
    output: PlacedOutput,
    next: submitSteps,
    details: denialDetails,
    handle: Effect.fnUntraced(function* (terms, call) {
      const broker = yield* Broker
      const request = yield* requestOf(terms)
      const submitted = yield* broker
        .submit(request, byOf(options, "place_order", call))
        .pipe(Effect.catchTag("OrderDenied", deniedHere))
      return yield* placed(submitted)
    }),
    text: placedText
  })

const previewOrder = tool({
  name: "preview_order",
  title: "Preview an order",
  description:
    "What every rule would say of an order now; nothing is journaled or sent. Takes what place_order takes.",
  annotations: { readOnly: true },
  input: OrderTerms,
  output: Schema.Struct({
    orderId: Schema.String,
    /** The rule that would deny it; null when it would be sent. */
    deniedBy: Schema.NullOr(Schema.String),
    reducing: Schema.Boolean,
    ...standingFields,
    /** "2 × AAPL bull put vertical 2014-06-13 90/85, net 0.85 credit, DAY" */
    order: Schema.String,
    /** What the legs make. */
    structure: Schema.NullOr(Schema.String),
    market: Schema.NullOr(
      Schema.Struct({ bid: Schema.String, ask: Schema.String, last: Schema.String, asOf: Schema.String })
    ),
    legs: Schema.Array(LegQuote),
    /** Of an order with legs, dollars a share: what undoing it would cost or bring, and what it costs now; below zero a credit. */
    netMarket: Schema.NullOr(Schema.Struct({ bid: Schema.String, ask: Schema.String })),
    /** Of an order for options: all that is held in their underlying, before and after it fills at these prices. */
    effect: Schema.NullOr(OutlookRow),
    /** Why the effect of such an order is not known. */
    effectUnknown: Schema.NullOr(Schema.String),
    verdicts: Schema.Array(VerdictRow)
  }),
  next: {
    ...brokerSteps,
    TermsInvalid: submitSteps.TermsInvalid,
    OrderInvalid: submitSteps.OrderInvalid
  },
  handle: Effect.fnUntraced(function* (terms) {
    const broker = yield* Broker
    const request = yield* requestOf(terms)
    const preview = yield* broker.preview(request, { actor })
    const { denied, netQuote, quote } = preview
    const outlook = yield* orderOutlook(request, preview)
    return {
      orderId: preview.clientOrderId,
      deniedBy: denied?.rule ?? null,
      reducing: preview.reducing,
      tradingMode: "paper" as const,
      tradingState: preview.tradingState,
      order: contentWords(request),
      structure: request.legs === undefined ? null : structureOf(request.legs).title,
      market: quote === undefined ? null : quoteOf(quote),
      legs: legQuotesOf(preview),
      netMarket:
        netQuote === undefined ? null : { bid: formatMicros(netQuote.bid), ask: formatMicros(netQuote.ask) },
      effect: outlook !== undefined && "effect" in outlook ? outlookRow(outlook) : null,
      effectUnknown: outlook !== undefined && "unknown" in outlook ? outlook.unknown : null,
      verdicts: preview.verdicts.map(verdictRow)
    }
  }),
  text: ({ deniedBy, effect, order, verdicts }) =>
    [
      `${order}: ${deniedBy === null ? `it would pass all ${verdicts.length} rules` : `it would be denied by the rule ${deniedBy}`}.`,
      ...(effect === null
        ? []
        : [`Worst case of all in ${effect.underlying} after it: ${effect.after.worstCase ?? "not known"}.`])
    ].join(" ")
})

const closePosition = (options: PermitOptions) =>
  tool({
    name: "close_position",
    title: "Close a position",
    description:
      "Sell a long position or buy back a short one, at the market or at the next open, on quotes the desk takes itself. A structure is closed whole, by one order.",
    annotations: { readOnly: false, destructive: true, idempotent: true },
    input: CloseTerms,
    output: PlacedOutput,
    next: {
      ...submitSteps,
      InstrumentNotFound:
        "use a symbol that search_instruments gives, or the id of a structure that get_positions shows.",
      UnitsInvalid: "call it again with whole units, or without quantity to close all of it.",
      NoPosition: "get_positions shows what is held."
    },
    details: denialDetails,
    handle: Effect.fnUntraced(function* ({ quantity, rationale, symbol }, call) {
      const submitted = yield* closeHolding(symbol, {
        ...byOf(options, "close_position", call),
        rationale,
        ...(quantity === undefined ? {} : { quantity })
      }).pipe(Effect.catchTag("OrderDenied", deniedHere))
      return yield* placed(submitted)
    }),
    text: placedText
  })

/** The quotes that a replacement is decided on, as the order it names wants them. */
const citedBy = (
  { quoteId, quoteIds }: ReplaceTerms,
  order: Option.Option<Order>
): Effect.Effect<Pick<OrderRequest, "quoteId" | "legQuoteIds">, TermsInvalid> => {
  const unfit = Option.isSome(order) ? unfitQuotes({ quoteIds }, order.value.content) : undefined
  if (unfit !== undefined) return Effect.fail(new TermsInvalid({ message: unfit }))
  if (quoteIds !== undefined)
    return Effect.succeed({ quoteId: comboQuoteId(quoteIds), legQuoteIds: quoteIds })
  return quoteId === undefined
    ? Effect.fail(new TermsInvalid({ message: "quote_id: missing" }))
    : Effect.succeed({ quoteId })
}

const replaceOrder = (options: PermitOptions) =>
  tool({
    name: "replace_order",
    title: "Replace an order",
    description:
      "Change the size or price of a working order, of its legs together. Held against every rule as an order of the new terms.",
    annotations: { readOnly: false, destructive: true },
    input: ReplaceTerms,
    output: Schema.Struct({ order: OrderRow, ...standingFields }),
    next: {
      ...brokerSteps,
      TermsInvalid: submitSteps.TermsInvalid,
      OrderInvalid: submitSteps.OrderInvalid,
      OrderDenied: `the order keeps its terms; ${deniedStep}`,
      OrderNotFound: "get_orders shows the orders there are.",
      OrderNotWorking:
        "it can change no more: look at it (explain_order), and send a new one if it is still wanted.",
      OrderRejected:
        "the order is as it was, or has ended: look at it (explain_order). For another type cancel it and send a new one."
    },
    details: denialDetails,
    handle: Effect.fnUntraced(function* (terms, call) {
      const broker = yield* Broker
      const change = yield* Effect.fromResult(changeOf(terms))
      const id = clientOrderId(terms.orderId)
      const cited = yield* citedBy(terms, yield* broker.order(id))
      const order = yield* broker
        .replace(
          id,
          { ...change, ...cited, rationale: terms.rationale },
          byOf(options, "replace_order", call)
        )
        .pipe(Effect.catchTag("OrderDenied", deniedHere))
      return { order: orderRow(order), ...(yield* standing) }
    }),
    text: ({ order }) => `${order.order}: ${order.status} (${order.orderId}).`
  })

export const placeTools = (options: PermitOptions) => [
  placeOrder(options),
  previewOrder,
  replaceOrder(options),
  closePosition(options)
]
