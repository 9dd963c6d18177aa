/** `plimsoll order replace`: another price or size of a working order, with legs or without. */
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { MICROS, type Money, type NetPrice, type Price, price, type Quantity } from "../../../domain/Money.ts"
import type { OrderContent, OrderSize, OrderType } from "../../../domain/Order.ts"
import { Broker } from "../../../execution/Broker.ts"
import { OrderDenied } from "../../../execution/BrokerErrors.ts"
import { quotesNow } from "../../../execution/QuotesNow.ts"
import {
  amountFlag,
  answer,
  documented,
  errorStyle,
  jsonFlag,
  netPriceFlag,
  onDesk,
  optional,
  quantityFlag
} from "../CommandKit.ts"
import { badUsage, type BadUsage, exitCodes, Told } from "../Failures.ts"
import { priceFlags, typeOf } from "../OrderTerms.ts"
import { contentWords, orderJson } from "../OrderWords.ts"
import { Person } from "../Person.ts"
import { verdictLines } from "../PreviewText.ts"
import { err, printable } from "../Terminal.ts"
import { idArgument, orderOf } from "./OneOrder.ts"
import { agreed, outcomeLine, rationaleFlag, rationaleOf, tellDenied, yesFlag } from "./SendCommands.ts"

const { stop, trail } = priceFlags

const flags = {
  id: idArgument,
  quantity: optional(
    quantityFlag("quantity"),
    "its new whole quantity, of legs in units, what has filled included"
  ),
  notional: optional(amountFlag("notional"), "its new whole amount in dollars"),
  limit: optional(
    netPriceFlag("limit"),
    "the worst price to take; of legs the net price, below zero for a credit"
  ),
  stop,
  trail,
  rationale: rationaleFlag,
  yes: yesFlag,
  json: jsonFlag
}

interface Change {
  readonly quantity: Option.Option<Quantity>
  readonly notional: Option.Option<Money>
  readonly limit: Option.Option<NetPrice>
  readonly stop: Option.Option<Price>
  readonly trail: Option.Option<Price>
}

const isRepriced = ({ limit, stop, trail }: Change): boolean =>
  Option.isSome(limit) || Option.isSome(stop) || Option.isSome(trail)

const sizeOf = ({ notional, quantity }: Change): { readonly size?: OrderSize } => {
  if (Option.isSome(quantity)) return { size: { _tag: "Quantity", quantity: quantity.value } }
  return Option.isSome(notional) ? { size: { _tag: "Notional", notional: notional.value } } : {}
}

/** The new type of an order without legs. */
const singleType = (change: Change): Effect.Effect<OrderType, BadUsage> =>
  Option.exists(change.limit, (limit) => limit <= 0)
    ? Effect.fail(
        badUsage("--limit: expected a price above zero; a credit, below zero, is of an order with legs")
      )
    : typeOf({ ...change, limit: Option.map(change.limit, price) })

/** The new type of an order with legs. */
const netType = ({ limit, notional, quantity, stop, trail }: Change): Effect.Effect<OrderType, BadUsage> => {
  if (Option.isSome(stop) || Option.isSome(trail) || Option.isSome(notional))
    return Effect.fail(
      badUsage("an order with legs takes --quantity in units and a net --limit, and nothing else")
    )
  if (Option.exists(quantity, (units) => units % MICROS !== 0))
    return Effect.fail(badUsage("--quantity: expected a whole number of units"))
  return Effect.succeed(
    Option.match(limit, {
      onNone: () => ({ _tag: "Market" as const }),
      onSome: (netPrice) => ({ _tag: "NetLimit" as const, netPrice })
    })
  )
}

const changeOf = Effect.fnUntraced(function* ({ legs }: OrderContent, change: Change) {
  const type = yield* legs === undefined ? singleType(change) : netType(change)
  return { ...(isRepriced(change) ? { type } : {}), ...sizeOf(change) }
})

export const replace = Command.make(
  "replace",
  flags,
  Effect.fn("OrderCommand.replace")(function* ({ id, json, rationale, yes, ...change }) {
    if (Option.isSome(change.quantity) && Option.isSome(change.notional))
      return yield* badUsage("--quantity and --notional are two ways to say how much: give one of them")
    if (!isRepriced(change) && Option.isNone(change.quantity) && Option.isNone(change.notional))
      return yield* badUsage("what is to change? Give --quantity, --notional, --limit, --stop or --trail")
    const why = yield* rationaleOf(rationale)
    if (!(yield* agreed(yes, `Replace ${printable(id)}?`))) {
      err("Not sent.")
      return yield* new Told({ exitCode: exitCodes.failed })
    }
    const { actor } = yield* Person
    yield* onDesk(
      Effect.gen(function* () {
        const { content } = yield* orderOf(id)
        const broker = yield* Broker
        const terms = yield* changeOf(content, change)
        const cited = yield* quotesNow(content, broker.quote)
        const order = yield* broker
          .replace(clientOrderId(id), { ...terms, ...why, ...cited }, { actor })
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
    ["order replace o-7d1c… --quantity 5", "another size"],
    ["order replace o-7d1c… --limit -0.80", "of two legs: a credit of 0.80"]
  )
)
