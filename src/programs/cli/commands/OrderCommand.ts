/** `plimsoll order`: orders by hand, through the same guarded broker as everything else. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import {
  isTerminal,
  type Order,
  type OrderRequest,
  type OrderSide,
  type OrderStatus
} from "../../../domain/Order.ts"
import type { Verdict } from "../../../domain/Verdict.ts"
import { Broker, type Submitted } from "../../../execution/Broker.ts"
import { OrderDenied, OrderNotFound } from "../../../execution/BrokerErrors.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import {
  amountFlag,
  answer,
  documented,
  instrumentOf,
  jsonFlag,
  onDesk,
  optional,
  quantityFlag,
  style,
  symbolArgument
} from "../CommandKit.ts"
import { BadUsage, exitCodes, Told } from "../Failures.ts"
import { counted, shareCount, table, usd } from "../Format.ts"
import { contentOf, priceFlags, termFlags, type Terms, typeOf } from "../OrderTerms.ts"
import { averageFill, contentWords, orderJson } from "../OrderWords.ts"
import { Person } from "../Person.ts"
import { previewText, verdictJson, verdictLines } from "../PreviewText.ts"
import { err } from "../Terminal.ts"

const yesFlag = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("send it without asking; needed where there is no terminal"),
  Flag.withDefault(false)
)
const rationaleFlag = optional(
  Flag.String("rationale").pipe(Flag.withMetavar("text")),
  "why, in a sentence; kept in the journal and the audit log"
)
const symbolFlag = optional(Flag.String("symbol"), "of this symbol only")
const idArgument = Argument.String("order").pipe(Argument.withDescription("the order's id"))

/** A rationale fits the journal's field. */
const rationaleOf = (
  rationale: Option.Option<string>
): Effect.Effect<{ readonly rationale?: string }, BadUsage> =>
  Option.exists(rationale, (text) => text.length > 2000)
    ? Effect.fail(new BadUsage({ message: "--rationale: expected at most 2000 characters" }))
    : Effect.succeed(Option.match(rationale, { onNone: () => ({}), onSome: (text) => ({ rationale: text }) }))

/** A person is asked; a program has to have said --yes. */
const agreed = Effect.fnUntraced(function* (yes: boolean, question: string) {
  if (yes) return true
  const person = yield* Person
  if (!person.isAtTerminal) {
    return yield* new BadUsage({
      message: "there is no terminal to ask at: say --yes to send it without being asked"
    })
  }
  return yield* person.confirms(question)
})

const outcomeLine = (order: Order): string => {
  const average = averageFill(order)
  const filled =
    average === undefined
      ? ""
      : `, ${shareCount(order.filledQuantity)} filled at ${average} on average, fees ${usd(order.fees)}`
  return `${order.clientOrderId}  ${order.status}${filled}${order.reason === undefined ? "" : `: ${order.reason}`}`
}

const tellSubmitted = (json: boolean, { order, repeated, verdicts }: Submitted) =>
  answer(json, { order: orderJson(order), repeated, verdicts: verdicts.map(verdictJson) }, [
    ...(repeated
      ? [
          "This very order was asked for before, on the same quote: nothing was sent again (--repeat sends another)."
        ]
      : []),
    outcomeLine(order)
  ])

/** Standard output gets what the rules said, for machines whole; standard error is not needed then. */
const tellDenied = (
  json: boolean,
  denied: { readonly id: string; readonly verdicts: ReadonlyArray<Verdict> }
) =>
  Effect.gen(function* () {
    if (!json) return
    const first = denied.verdicts.find(({ outcome }) => outcome === "deny")
    yield* answer(
      true,
      {
        denied: first === undefined ? null : verdictJson(first),
        order_id: denied.id,
        verdicts: denied.verdicts.map(verdictJson)
      },
      ""
    )
    return yield* new Told({ exitCode: exitCodes.refused })
  })

const submit = Effect.fnUntraced(function* (json: boolean, request: OrderRequest) {
  const broker = yield* Broker
  const { actor } = yield* Person
  const submitted = yield* broker
    .submit(request, { actor })
    .pipe(
      Effect.tapError((error) =>
        error instanceof OrderDenied
          ? tellDenied(json, { id: error.clientOrderId, verdicts: error.verdicts })
          : Effect.void
      )
    )
  yield* tellSubmitted(json, submitted)
})

interface PlaceFlags extends Terms {
  readonly symbol: string
  readonly rationale: Option.Option<string>
  readonly yes: boolean
  readonly repeat: boolean
  readonly json: boolean
}

const place = (side: OrderSide) =>
  Effect.fn("OrderCommand.place")(function* (flags: PlaceFlags) {
    const { json, repeat, symbol, yes } = flags
    const { actor, isAtTerminal } = yield* Person
    // Said before anything is opened: it is the same whatever the desk is like.
    if (!yes && !isAtTerminal) yield* agreed(yes, "")
    const rationale = yield* rationaleOf(flags.rationale)
    const look = Effect.gen(function* () {
      const { id } = yield* instrumentOf(symbol)
      const content = yield* contentOf(id, side, flags)
      const broker = yield* Broker
      const quote = yield* broker.quote(id)
      const request: OrderRequest = {
        ...content,
        quoteId: quote.quoteId,
        ...rationale,
        ...(repeat ? { repeat } : {})
      }
      const preview = yield* broker.preview(request, { actor })
      const known = repeat ? Option.none() : yield* broker.order(preview.clientOrderId)
      return { content, request, preview, known: Option.isSome(known) }
    })
    yield* onDesk(
      Effect.gen(function* () {
        const { content, known, preview, request } = yield* look
        if (!known && !json) err(previewText(content, preview, style()))
        // What was asked for before has its answer already; what --yes sends is journaled, also when it is denied.
        if (known || yes) return yield* submit(json, request)
        if (preview.denied !== undefined) {
          yield* tellDenied(json, { id: preview.clientOrderId, verdicts: preview.verdicts })
          return yield* new Told({ exitCode: exitCodes.refused })
        }
        if (yield* agreed(yes, "Send it?")) return yield* submit(json, request)
        err("Not sent.")
        return yield* new Told({ exitCode: exitCodes.failed })
      })
    )
  })

const placeFlags = {
  symbol: symbolArgument,
  ...termFlags,
  rationale: rationaleFlag,
  yes: yesFlag,
  repeat: Flag.Boolean("repeat").pipe(
    Flag.withDescription("a deliberate repeat of an order sent before"),
    Flag.withDefault(false)
  ),
  json: jsonFlag
}

const buy = Command.make("buy", placeFlags, place("BUY")).pipe(
  documented(
    "Buy. Shows what every rule says of the order, then asks.",
    ["order buy SPX-REPLAY 2", "two at the market"],
    ["order buy AAPL --notional 5000 --limit 115", "for $5,000, at 115 or better"],
    ["order buy AAPL 10 --stop-loss 110 --take-profit 125", "with both exits"]
  )
)

const sell = Command.make("sell", placeFlags, place("SELL")).pipe(
  documented(
    "Sell. Shows what every rule says of the order, then asks.",
    ["order sell SPX-REPLAY 2", "two at the market"],
    ["order sell AAPL 10 --trail 2 --tif gtc", "when it falls 2 from its best"]
  )
)

const close = Command.make(
  "close",
  {
    symbol: symbolArgument,
    quantity: optional(quantityFlag("quantity"), "only so much of it"),
    rationale: rationaleFlag,
    yes: yesFlag,
    json: jsonFlag
  },
  Effect.fn("OrderCommand.close")(function* ({ json, quantity, rationale, symbol, yes }) {
    const why = yield* rationaleOf(rationale)
    if (!(yield* agreed(yes, `Close the position in ${symbol} at the market?`))) {
      err("Not sent.")
      return yield* new Told({ exitCode: exitCodes.failed })
    }
    const { actor } = yield* Person
    yield* onDesk(
      Effect.gen(function* () {
        const { id } = yield* instrumentOf(symbol)
        const broker = yield* Broker
        const submitted = yield* broker
          .closePosition(id, {
            actor,
            ...why,
            ...(Option.isSome(quantity) ? { quantity: quantity.value } : {})
          })
          .pipe(
            Effect.tapError((error) =>
              error instanceof OrderDenied
                ? tellDenied(json, { id: error.clientOrderId, verdicts: error.verdicts })
                : Effect.void
            )
          )
        yield* tellSubmitted(json, submitted)
      })
    )
  })
).pipe(
  documented(
    "Close a position: at the market in session, at the next open between sessions.",
    ["order close SPX-REPLAY", "all of it"],
    ["order close AAPL --quantity 5", "five of it"]
  )
)

const workingStatuses: ReadonlyArray<OrderStatus> = [
  "Initialized",
  "Submitted",
  "Accepted",
  "PartiallyFilled",
  "PendingCancel",
  "Unknown"
]

const orderTable = (orders: ReadonlyArray<Order>): ReadonlyArray<string> =>
  table(
    orders.map((order) => [
      toExchangeTime(order.tsInit),
      order.clientOrderId,
      contentWords(order.content),
      order.status,
      averageFill(order) === undefined ? "" : `${shareCount(order.filledQuantity)} at ${averageFill(order)}`,
      order.reason ?? ""
    ])
  )

const list = Command.make(
  "list",
  {
    working: Flag.Boolean("working").pipe(
      Flag.withDescription("only those that may still fill"),
      Flag.withDefault(false)
    ),
    symbol: symbolFlag,
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("how many at most; 20 by default"),
      Flag.filter(
        (n) => n >= 1 && n <= 1000,
        (n) => `expected a number from 1 to 1000, not ${n}`
      ),
      Flag.withDefault(20)
    ),
    json: jsonFlag
  },
  Effect.fn("OrderCommand.list")(function* ({ json, limit, symbol, working }) {
    yield* onDesk(
      Effect.gen(function* () {
        const broker = yield* Broker
        const of = Option.isSome(symbol) ? { instrumentId: (yield* instrumentOf(symbol.value)).id } : {}
        const orders = yield* broker.orders({ limit, ...of, ...(working ? { status: workingStatuses } : {}) })
        yield* answer(
          json,
          { orders: orders.map(orderJson) },
          orders.length === 0 ? `No ${working ? "working " : ""}orders.` : orderTable(orders)
        )
      })
    )
  })
).pipe(
  documented(
    "The account's orders, newest first.",
    ["order list", "the last twenty"],
    ["order list --working", "what may still fill"]
  )
)

const orderOf = Effect.fnUntraced(function* (id: string) {
  const broker = yield* Broker
  const found = yield* broker.order(clientOrderId(id))
  if (Option.isSome(found)) return found.value
  return yield* new OrderNotFound({
    clientOrderId: id,
    message: `there is no order ${id}: plimsoll order list shows them`
  })
})

const show = Command.make("show", { id: idArgument, json: jsonFlag }, ({ id, json }) =>
  onDesk(
    Effect.gen(function* () {
      const order = yield* orderOf(id)
      yield* answer(json, orderJson(order), [
        contentWords(order.content),
        outcomeLine(order),
        `asked for at ${toExchangeTime(order.tsInit)}, last change at ${toExchangeTime(order.tsLast)}`,
        `plimsoll why ${id} tells its whole way`
      ])
    })
  )
).pipe(documented("One order as it stands.", ["order show o-7d1c…", "by its id"]))

const cancel = Command.make("cancel", { id: idArgument, json: jsonFlag }, ({ id, json }) =>
  onDesk(
    Effect.gen(function* () {
      const { actor } = yield* Person
      const broker = yield* Broker
      const order = yield* broker.cancel(clientOrderId(id), { actor })
      yield* answer(json, orderJson(order), outcomeLine(order))
    })
  )
).pipe(documented("Cancel an order. No rule ever refuses it.", ["order cancel o-7d1c…", "by its id"]))

const cancelAll = Command.make("cancel-all", { symbol: symbolFlag, json: jsonFlag }, ({ json, symbol }) =>
  onDesk(
    Effect.gen(function* () {
      const { actor } = yield* Person
      const broker = yield* Broker
      const of = Option.isSome(symbol) ? { instrumentId: (yield* instrumentOf(symbol.value)).id } : {}
      const orders = yield* broker.cancelAll({ actor, ...of })
      const left = orders.filter(({ status }) => !isTerminal(status))
      yield* answer(json, { orders: orders.map(orderJson) }, [
        orders.length === 0
          ? "There was nothing to cancel."
          : `${counted(orders.length, "order")} asked to be canceled.`,
        ...orders.map((order) => `  ${outcomeLine(order)}`)
      ])
      if (left.length > 0) return yield* new Told({ exitCode: exitCodes.failed })
    })
  )
).pipe(
  documented(
    "Cancel every working order.",
    ["order cancel-all", "of all symbols"],
    ["order cancel-all --symbol AAPL", "of one"]
  )
)

const replace = Command.make(
  "replace",
  {
    id: idArgument,
    quantity: optional(quantityFlag("quantity"), "its new whole quantity, what has filled included"),
    notional: optional(amountFlag("notional"), "its new whole amount in dollars"),
    ...priceFlags,
    rationale: rationaleFlag,
    yes: yesFlag,
    json: jsonFlag
  },
  Effect.fn("OrderCommand.replace")(function* ({ id, json, notional, quantity, rationale, yes, ...prices }) {
    const repriced = Option.isSome(prices.limit) || Option.isSome(prices.stop) || Option.isSome(prices.trail)
    if (Option.isSome(quantity) && Option.isSome(notional)) {
      return yield* new BadUsage({
        message: "--quantity and --notional are two ways to say how much: give one of them"
      })
    }
    if (!repriced && Option.isNone(quantity) && Option.isNone(notional)) {
      return yield* new BadUsage({
        message: "what is to change? Give --quantity, --notional, --limit, --stop or --trail"
      })
    }
    const type = repriced ? { type: yield* typeOf(prices) } : {}
    const size = Option.isSome(quantity)
      ? { size: { _tag: "Quantity" as const, quantity: quantity.value } }
      : Option.isSome(notional)
        ? { size: { _tag: "Notional" as const, notional: notional.value } }
        : {}
    const why = yield* rationaleOf(rationale)
    if (!(yield* agreed(yes, `Replace ${id}?`))) {
      err("Not sent.")
      return yield* new Told({ exitCode: exitCodes.failed })
    }
    const { actor } = yield* Person
    yield* onDesk(
      Effect.gen(function* () {
        const before = yield* orderOf(id)
        const broker = yield* Broker
        const { quoteId } = yield* broker.quote(before.content.instrumentId)
        const order = yield* broker
          .replace(clientOrderId(id), { ...type, ...size, ...why, quoteId }, { actor })
          .pipe(
            Effect.tapError((error) =>
              error instanceof OrderDenied
                ? Effect.gen(function* () {
                    yield* tellDenied(json, { id, verdicts: error.verdicts })
                    for (const line of verdictLines(error.verdicts, style())) err(line)
                  })
                : Effect.void
            )
          )
        yield* answer(json, orderJson(order), [contentWords(order.content), outcomeLine(order)])
      })
    )
  })
).pipe(
  documented(
    "Change the price or the size of a working order; held against every rule as an order of the new terms.",
    ["order replace o-7d1c… --limit 114.50", "another price"],
    ["order replace o-7d1c… --quantity 5", "another size"]
  )
)

export const orderCommand = Command.make("order").pipe(
  documented(
    "Orders by hand. Every one is held against the same rules as an agent's.",
    ["order buy SPX-REPLAY 2", "asks before it sends"],
    ["order list", "the last twenty"]
  ),
  Command.withSubcommands([buy, sell, close, list, show, cancel, cancelAll, replace])
)
