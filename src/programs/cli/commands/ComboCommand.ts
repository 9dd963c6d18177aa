/** `plimsoll order combo`: several legs as one order, filled all or none. */
import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import type { Instrument } from "../../../domain/Instrument.ts"
import { unfitLegs } from "../../../domain/LegFit.ts"
import { type NetPrice, shares } from "../../../domain/Money.ts"
import { printOcc } from "../../../domain/OccSymbol.ts"
import type { OrderContent, TimeInForce } from "../../../domain/Order.ts"
import { comboId, comboQuoteId, MAX_LEGS } from "../../../domain/OrderLeg.ts"
import { Broker } from "../../../execution/Broker.ts"
import { OptionMarket } from "../../../market/OptionMarket.ts"
import { rootFor } from "../../../market/OptionRoot.ts"
import { documented, instrumentOf, netPriceFlag, optional } from "../CommandKit.ts"
import { BadUsage } from "../Failures.ts"
import { tifFlag } from "../OrderTerms.ts"
import { expiryOf } from "./options/ScenarioLegs.ts"
import { orderLegExample, readOrderLeg, type TypedOrderLeg } from "./OrderLegText.ts"
import { lookAskSend, type SendFlags, sendFlags } from "./SendCommands.ts"

const badUsage = (message: string) => new BadUsage({ message })

/** A hundred million units are as many as a quantity holds. */
const MAX_UNITS = 100_000_000

const flags = {
  leg: Flag.String("leg").pipe(
    Flag.withMetavar("leg"),
    Flag.withDescription(`what one unit buys or sells, such as ${orderLegExample}; given for each leg`),
    Flag.atLeast(1)
  ),
  units: Flag.Int("units").pipe(
    Flag.withDescription("how many times the legs; 1 when left out"),
    Flag.filter(
      (value) => value >= 1 && value <= MAX_UNITS,
      (value) => `expected a whole number from 1 to ${MAX_UNITS}, not ${value}`
    ),
    Flag.withDefault(1)
  ),
  limit: optional(
    netPriceFlag("limit"),
    "the net price a share: the debit it may cost at most, or below zero the credit it has to bring"
  ),
  symbol: optional(
    Flag.String("symbol"),
    'the underlying of legs that name none: "-1 P 90 30d", "+100 shares"'
  ),
  tif: tifFlag,
  ...sendFlags
}

interface ComboFlags extends SendFlags {
  readonly leg: ReadonlyArray<string>
  readonly units: number
  readonly limit: Option.Option<NetPrice>
  readonly symbol: Option.Option<string>
  readonly tif: Option.Option<TimeInForce>
}

/** The legs as they are typed, as far as that can be told without a desk. */
export const typedLegs = ({
  leg
}: Pick<ComboFlags, "leg">): Effect.Effect<ReadonlyArray<TypedOrderLeg>, BadUsage> => {
  const read = Result.all(leg.map(readOrderLeg))
  if (Result.isFailure(read)) return Effect.fail(badUsage(read.failure))
  if (leg.length < 2)
    return Effect.fail(
      badUsage("--leg: an order of one leg is plimsoll order buy, or sell; give at least two")
    )
  return leg.length > MAX_LEGS
    ? Effect.fail(badUsage(`--leg: an order has at most ${MAX_LEGS} legs, and these are ${leg.length}`))
    : Effect.succeed(read.success)
}

/** The instrument of a leg; `beside` is the underlying that was named for all of them, `how` where that is done. */
export const legInstrument = Effect.fnUntraced(function* (
  leg: TypedOrderLeg,
  beside: Option.Option<string>,
  how = "Name it by --symbol"
) {
  const { of, text } = leg
  if (of._tag === "Symbol") return yield* instrumentOf(of.symbol)
  const named =
    of._tag === "Terms" ? (of.underlying ?? Option.getOrUndefined(beside)) : Option.getOrUndefined(beside)
  if (named === undefined) return yield* badUsage(`--leg "${text}": of which underlying? ${how}`)
  const underlying = yield* instrumentOf(named)
  if (of._tag === "Shares") return underlying
  const options = yield* OptionMarket
  const { expiry } = yield* expiryOf(yield* options.chain(named), { end: of.end, text })
  return yield* instrumentOf(
    printOcc({ root: rootFor(underlying, expiry), expiry, right: of.right, strike: of.strike })
  )
})

const contentOf = (
  { limit, tif, units }: ComboFlags,
  typed: ReadonlyArray<TypedOrderLeg>,
  instruments: ReadonlyArray<Instrument>
): Result.Result<OrderContent & { readonly legs: NonNullable<OrderContent["legs"]> }, BadUsage> => {
  const unfit = unfitLegs(instruments)
  if (unfit !== undefined) return Result.fail(badUsage(`--leg: ${unfit}`))
  const legs = typed.flatMap(({ ratio, side }, at) => {
    const instrument = instruments[at]
    return instrument === undefined ? [] : [{ instrumentId: instrument.id, side, ratio }]
  })
  return Result.succeed({
    instrumentId: comboId(legs),
    side: "BUY",
    type: Option.match(limit, {
      onNone: () => ({ _tag: "Market" as const }),
      onSome: (netPrice) => ({ _tag: "NetLimit" as const, netPrice })
    }),
    size: { _tag: "Quantity", quantity: shares(units) },
    timeInForce: Option.getOrElse(tif, () => "DAY"),
    legs
  })
}

const place = Effect.fn("OrderCommand.combo")(function* (asked: ComboFlags) {
  const typed = yield* typedLegs(asked)
  if (Option.contains(asked.tif, "AT_THE_CLOSE"))
    return yield* badUsage("--tif: an order with legs cannot wait for the close: there is no auction for it")
  yield* lookAskSend(
    asked,
    Effect.gen(function* () {
      const instruments = yield* Effect.forEach(typed, (leg) => legInstrument(leg, asked.symbol))
      const content = yield* Effect.fromResult(contentOf(asked, typed, instruments))
      const broker = yield* Broker
      const quotes = yield* Effect.forEach(content.legs, ({ instrumentId }) => broker.quote(instrumentId))
      const legQuoteIds = quotes.map(({ quoteId }) => quoteId)
      return { ...content, quoteId: comboQuoteId(legQuoteIds), legQuoteIds }
    })
  )
})

export const combo = Command.make("combo", flags, place).pipe(
  documented(
    "Several legs as one order, filled all of them or none. Shows what every rule says of it, then asks.",
    [
      'order combo --leg "SELL 1 AAPL 140613P00090000" --leg "BUY 1 AAPL 140613P00085000" --units 2 --limit -0.85',
      "a put spread sold twice, for a credit of 0.85 a share or more"
    ],
    [
      'order combo --symbol AAPL --leg "-1 P 90 30d" --leg "+1 P 85 30d"',
      "at the market, by strike and days to expiry"
    ],
    [
      'order combo --leg "BUY 100 AAPL" --leg "SELL 1 AAPL 140613C00095000" --limit 92.10 --tif gtc',
      "shares and a call on them: a covered call for 92.10 net"
    ]
  )
)
