/** `plimsoll order`: orders by hand, through the same guarded broker as everything else. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { isTerminal, type Order } from "../../../domain/Order.ts"
import { Broker } from "../../../execution/Broker.ts"
import { OrderDenied, OrderNotFound } from "../../../execution/BrokerErrors.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import {
  amountFlag,
  answer,
  documented,
  errorStyle,
  instrumentOf,
  jsonFlag,
  onDesk,
  onDeskAnyhow,
  optional,
  quantityFlag
} from "../CommandKit.ts"
import { BadUsage, exitCodes, Told } from "../Failures.ts"
import { counted, shareCount, table } from "../Format.ts"
import { priceFlags, typeOf } from "../OrderTerms.ts"
import { averageFill, contentWords, orderJson } from "../OrderWords.ts"
import { Person } from "../Person.ts"
import { verdictLines } from "../PreviewText.ts"
import { err, printable } from "../Terminal.ts"
import { combo } from "./ComboCommand.ts"
import {
  agreed,
  buy,
  close,
  outcomeLine,
  rationaleFlag,
  rationaleOf,
  sell,
  tellDenied,
  yesFlag
} from "./SendCommands.ts"

const symbolFlag = optional(Flag.String("symbol"), "of this symbol only")
const idArgument = Argument.String("order").pipe(Argument.withDescription("the order's id"))

const orderTable = (orders: ReadonlyArray<Order>): ReadonlyArray<string> =>
  table(
    orders.map((order) => [
      toExchangeTime(order.tsInit),
      order.clientOrderId,
      contentWords(order.content),
      order.status,
      averageFill(order) === undefined ? "" : `${shareCount(order.filledQuantity)} at ${averageFill(order)}`,
      printable(order.reason ?? "")
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
        const orders = yield* broker.orders({ limit, working, ...of })
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
  onDeskAnyhow(
    Effect.gen(function* () {
      const { actor } = yield* Person
      const broker = yield* Broker
      const order = yield* broker.cancel(clientOrderId(id), { actor })
      yield* answer(json, orderJson(order), outcomeLine(order))
    })
  )
).pipe(documented("Cancel an order. No rule ever refuses it.", ["order cancel o-7d1c…", "by its id"]))

const cancelAll = Command.make("cancel-all", { symbol: symbolFlag, json: jsonFlag }, ({ json, symbol }) =>
  onDeskAnyhow(
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
    if (!(yield* agreed(yes, `Replace ${printable(id)}?`))) {
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
                    for (const line of verdictLines(error.verdicts, errorStyle())) err(line)
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
    [
      'order combo --leg "SELL 1 AAPL 140613P00090000" --leg "BUY 1 AAPL 140613P00085000" --units 2 --limit -0.85',
      "two put spreads"
    ],
    ["order list", "the last twenty"]
  ),
  Command.withSubcommands([buy, sell, combo, close, list, show, cancel, cancelAll, replace])
)
