/** `plimsoll backtest show`: a stored backtest. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { FinishedBacktest } from "../../../../backtest/BacktestResult.ts"
import { BacktestStore } from "../../../../backtest/BacktestStore.ts"
import { backtestStore } from "../../../backtest/BacktestServices.ts"
import { answer, documented, jsonFlag, optional } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"
import { surroundings } from "../../Surroundings.ts"
import { ordersJson, tradesJson } from "./BacktestJson.ts"
import { orderLines, tradeLines } from "./BacktestText.ts"
import { finishedOf, tell, writePage } from "./Telling.ts"

const list = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const flags = {
  id: Argument.String("id").pipe(
    Argument.withDescription('its id, the beginning of one that no other has, or "latest"'),
    Argument.withDefault("latest")
  ),
  orders: list("orders", "every order, one a line"),
  trades: list("trades", "every trade, one a line, with the deepest and highest it was"),
  denied: list("denied", "every order that a rule denied, and why"),
  html: optional(
    Flag.String("html").pipe(Flag.withMetavar("file")),
    "write the tear sheet, a page that needs nothing else, to this file"
  ),
  json: jsonFlag
}
type ShowFlags = Command.Command.Config.Infer<typeof flags>

/** One list of it. */
const tellList = ({ outcome }: FinishedBacktest, { denied, json, trades }: ShowFlags) => {
  const { content } = outcome
  if (trades) return answer(json, tradesJson(content.trades), tradeLines(content.trades))
  const orders = denied ? content.orders.filter(({ status }) => status === "Denied") : content.orders
  return answer(json, ordersJson(orders), orderLines(orders))
}

const show = Effect.fn("backtest show")(function* (asked: ShowFlags) {
  const { folder } = surroundings()
  const lists = [asked.orders, asked.trades, asked.denied].filter(Boolean).length
  if (lists > 1 || (lists > 0 && Option.isSome(asked.html))) {
    return yield* new BadUsage({ message: "one of --orders, --trades, --denied and --html at a time" })
  }
  const store = yield* BacktestStore
  const result = yield* store.get(asked.id)
  if (lists > 0) return yield* tellList(yield* finishedOf(result), asked)
  const tearSheet = yield* writePage(result, asked.html, folder)
  yield* tell(result, { json: asked.json, tearSheet, folder })
})

export const showBacktestCommand = Command.make("show", flags, (asked) =>
  Effect.suspend(() => Effect.provide(show(asked), backtestStore(surroundings().folder)))
).pipe(
  documented(
    "A stored backtest: what it came to, its trades, its orders, what was denied.",
    ["backtest show", "the one that was run last"],
    ["backtest show sma-cross-3f9 --trades", "its trades; the beginning of an id is enough"],
    ["backtest show latest --html tearsheet.html", "its page"],
    ["backtest show latest --json", "everything, for scripts"]
  )
)
