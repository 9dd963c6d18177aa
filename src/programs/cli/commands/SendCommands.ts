/** Sending an order by hand: looked over by the rules, then by a person, then sent. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Order, OrderRequest, OrderSide } from "../../../domain/Order.ts"
import type { Verdict } from "../../../domain/Verdict.ts"
import { Broker, type Submitted } from "../../../execution/Broker.ts"
import { OrderDenied } from "../../../execution/BrokerErrors.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { tradedBy } from "../../../execution/OrderLegs.ts"
import { closeHolding } from "../../CloseHolding.ts"
import { orderOutlook } from "../../OrderOutlook.ts"
import {
  answer,
  documented,
  errorStyle,
  instrumentOf,
  jsonFlag,
  onDesk,
  optional,
  quantityFlag,
  symbolArgument
} from "../CommandKit.ts"
import { BadUsage, exitCodes, Told } from "../Failures.ts"
import { counted, shareCount, usd } from "../Format.ts"
import { contentOf, termFlags, type Terms } from "../OrderTerms.ts"
import { averageFill, orderJson } from "../OrderWords.ts"
import { outlookLines } from "../OutlookText.ts"
import { Person } from "../Person.ts"
import { previewText, verdictJson } from "../PreviewText.ts"
import { err, printable } from "../Terminal.ts"

export const yesFlag = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("send it without asking; needed where there is no terminal"),
  Flag.withDefault(false)
)
export const rationaleFlag = optional(
  Flag.String("rationale").pipe(Flag.withMetavar("text")),
  "why, in a sentence; kept in the journal and the audit log"
)

/** A rationale fits the journal's field. */
export const rationaleOf = (
  rationale: Option.Option<string>
): Effect.Effect<{ readonly rationale?: string }, BadUsage> =>
  Option.exists(rationale, (text) => text.length > 2000)
    ? Effect.fail(new BadUsage({ message: "--rationale: expected at most 2000 characters" }))
    : Effect.succeed(Option.match(rationale, { onNone: () => ({}), onSome: (text) => ({ rationale: text }) }))

/** A person is asked; a program has to have said --yes. */
export const agreed = Effect.fnUntraced(function* (yes: boolean, question: string) {
  if (yes) return true
  const person = yield* Person
  if (!person.isAtTerminal) {
    return yield* new BadUsage({
      message: "there is no terminal to ask at: say --yes to send it without being asked"
    })
  }
  return yield* person.confirms(question)
})

export const outcomeLine = (order: Order): string => {
  const average = averageFill(order)
  const filled =
    average === undefined
      ? ""
      : `, ${shareCount(order.filledQuantity)} filled at ${average} on average, fees ${usd(order.fees)}`
  return `${order.clientOrderId}  ${order.status}${filled}${order.reason === undefined ? "" : `: ${printable(order.reason)}`}`
}

const tellSubmitted = (json: boolean, { order, repeated, verdicts }: Submitted) =>
  answer(json, { order: orderJson(order), repeated, verdicts: verdicts.map(verdictJson) }, [
    ...(repeated ? ["Nothing was sent again; it stands as it did:"] : []),
    outcomeLine(order)
  ])

/** Standard output gets what the rules said, for machines whole; standard error is not needed then. */
export const tellDenied = (
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

/** Without limits every rule denies, and none of them knows what is wrong with the file. */
const sayWhyThereAreNoLimits = DeskView.use((view) => view.limits).pipe(
  Effect.asVoid,
  Effect.catchTag("LimitsUnreadable", ({ message }) => Effect.sync(() => err(`plimsoll: ${message}`)))
)

export interface SendFlags {
  readonly rationale: Option.Option<string>
  readonly yes: boolean
  readonly repeat: boolean
  readonly json: boolean
}

/** An order, and the quotes it is decided on: an order before its rationale. */
export type Asked = Omit<OrderRequest, "rationale" | "repeat" | "clientOrderId">

/** Looks an order over by the rules, shows what they say, asks the person, and sends it. */
export const lookAskSend = Effect.fnUntraced(function* <E, R>(
  flags: SendFlags,
  asked: Effect.Effect<Asked, E, R>
) {
  const { json, repeat, yes } = flags
  const { actor } = yield* Person
  const rationale = yield* rationaleOf(flags.rationale)
  const look = Effect.gen(function* () {
    const broker = yield* Broker
    // As sending it does: what one process left without an answer is no reason to deny the next one's order.
    yield* broker.reconcile
    const request: OrderRequest = { ...(yield* asked), ...rationale, ...(repeat ? { repeat } : {}) }
    const preview = yield* broker.preview(request, { actor })
    const known = repeat ? Option.none() : yield* broker.order(preview.clientOrderId)
    if (preview.denied !== undefined) yield* sayWhyThereAreNoLimits
    // What was denied before is looked at anew.
    const outlook = yield* orderOutlook(request, preview)
    return { request, preview, outlook, known: Option.exists(known, ({ status }) => status !== "Denied") }
  })
  yield* onDesk(
    Effect.gen(function* () {
      const { known, outlook, preview, request } = yield* look
      if (!known && !json) err(previewText(request, preview, errorStyle(), outlookLines(outlook)))
      if (known) err("This very order was asked for before, on the same quote: --repeat asks again.")
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

const place = (side: OrderSide) =>
  Effect.fn("OrderCommand.place")(function* (flags: Terms & SendFlags & { readonly symbol: string }) {
    yield* lookAskSend(
      flags,
      Effect.gen(function* () {
        const { id } = yield* instrumentOf(flags.symbol)
        const content = yield* contentOf(id, side, flags)
        const { quoteId } = yield* Broker.use((broker) => broker.quote(id))
        return { ...content, quoteId }
      })
    )
  })

export const sendFlags = {
  rationale: rationaleFlag,
  yes: yesFlag,
  repeat: Flag.Boolean("repeat").pipe(
    Flag.withDescription("a deliberate repeat of an order sent before"),
    Flag.withDefault(false)
  ),
  json: jsonFlag
}

const placeFlags = { symbol: symbolArgument, ...termFlags, ...sendFlags }

export const buy = Command.make("buy", placeFlags, place("BUY")).pipe(
  documented(
    "Buy. Shows what every rule says of the order, then asks.",
    ["order buy SPX-REPLAY 2", "two at the market"],
    ["order buy AAPL --notional 5000 --limit 115", "for $5,000, at 115 or better"],
    ["order buy AAPL 10 --stop-loss 110 --take-profit 125", "with both exits"],
    ['order buy "AAPL 140613C00090000" 1 --limit 2.40', "a call, at 2.40 a share or better"]
  )
)

export const sell = Command.make("sell", placeFlags, place("SELL")).pipe(
  documented(
    "Sell. Shows what every rule says of the order, then asks.",
    ["order sell SPX-REPLAY 2", "two at the market"],
    ["order sell AAPL 10 --trail 2 --tif gtc", "when it falls 2 from its best"]
  )
)

/** What is promised to working orders cannot be sold again: the usual reason why a close is denied. */
const hintAtExits = Effect.fnUntraced(function* (symbol: string) {
  const named = yield* Effect.option(instrumentOf(symbol))
  // A structure goes by its legs, and what else works in them is told by the rule.
  if (Option.isNone(named)) return
  const broker = yield* Broker
  const found = yield* broker.orders({ limit: 20, instrumentId: named.value.id, working: true })
  const working = found.filter(({ content }) => tradedBy(content).includes(named.value.id))
  if (working.length === 0) return
  err(
    `${counted(working.length, "order")} working in ${symbol}: cancel what sells the position already (plimsoll order cancel-all --symbol ${symbol}), then close it.`
  )
})

export const close = Command.make(
  "close",
  {
    symbol: Argument.String("symbol").pipe(
      Argument.withDescription(
        "a share, a contract, or the id of a structure that plimsoll position list shows"
      )
    ),
    quantity: optional(quantityFlag("quantity"), "only so much of it: shares, contracts, or units"),
    rationale: rationaleFlag,
    yes: yesFlag,
    json: jsonFlag
  },
  Effect.fn("OrderCommand.close")(function* ({ json, quantity, rationale, symbol, yes }) {
    const why = yield* rationaleOf(rationale)
    if (!(yield* agreed(yes, `Close the position in ${printable(symbol)} at the market?`))) {
      err("Not sent.")
      return yield* new Told({ exitCode: exitCodes.failed })
    }
    const { actor } = yield* Person
    yield* onDesk(
      Effect.gen(function* () {
        const submitted = yield* closeHolding(symbol, {
          actor,
          ...why,
          ...(Option.isSome(quantity) ? { quantity: quantity.value } : {})
        }).pipe(
          Effect.catchTag("UnitsInvalid", ({ message }) => Effect.fail(new BadUsage({ message }))),
          Effect.tapErrorTag("InstrumentNotFound", () =>
            Effect.sync(() =>
              err(
                `Nothing is held by the name ${printable(symbol)}; plimsoll position list shows the names there are.`
              )
            )
          ),
          Effect.tapError((error) =>
            error instanceof OrderDenied
              ? Effect.andThen(
                  hintAtExits(symbol),
                  tellDenied(json, { id: error.clientOrderId, verdicts: error.verdicts })
                )
              : Effect.void
          )
        )
        yield* tellSubmitted(json, submitted)
      })
    )
  })
).pipe(
  documented(
    "Close a position: at the market in session, at the next open between sessions. A structure is closed whole, by one order.",
    ["order close SPX-REPLAY", "all of it"],
    ["order close AAPL --quantity 5", "five of it"],
    ["order close AAPL-VERTICAL-140613-P-85-90", "both legs of a put spread together"]
  )
)
