/** `plimsoll order`: orders by hand, through the same guarded broker as everything else. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { isTerminal, type Order } from "../../../domain/Order.ts"
import { Broker } from "../../../execution/Broker.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import { answer, documented, instrumentOf, jsonFlag, onDesk, onDeskAnyhow, optional } from "../CommandKit.ts"
import { exitCodes, Told } from "../Failures.ts"
import { counted, shareCount, table } from "../Format.ts"
import { averageFill, contentWords, orderJson } from "../OrderWords.ts"
import { Person } from "../Person.ts"
import { printable } from "../Terminal.ts"
import { combo } from "./ComboCommand.ts"
import { idArgument, orderOf } from "./OneOrder.ts"
import { replace } from "./ReplaceCommand.ts"
import { buy, close, outcomeLine, sell } from "./SendCommands.ts"

const symbolFlag = optional(Flag.String("symbol"), "of this symbol only, and of options on it")

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
