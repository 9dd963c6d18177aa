/** `plimsoll order combo`: several legs as one order, filled all or none. */
import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import type { Instrument } from "../../../domain/Instrument.ts"
import { unfitLegs } from "../../../domain/LegFit.ts"
import { shares } from "../../../domain/Money.ts"
import type { OrderContent } from "../../../domain/Order.ts"
import { comboId, MAX_LEGS } from "../../../domain/OrderLeg.ts"
import { Broker } from "../../../execution/Broker.ts"
import { quotesNow } from "../../../execution/QuotesNow.ts"
import { documented, netPriceFlag, optional } from "../CommandKit.ts"
import { badUsage, type BadUsage, misused } from "../Failures.ts"
import { tifFlag } from "../OrderTerms.ts"
import { legFlag, legInstrument, unitsFlag } from "./OrderLegFlags.ts"
import { readOrderLeg, type TypedOrderLeg } from "./OrderLegText.ts"
import { lookAskSend, sendFlags } from "./SendCommands.ts"

const flags = {
  leg: legFlag("what one unit buys or sells", "given for each leg", 1),
  units: unitsFlag,
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

type ComboFlags = Command.Command.Config.Infer<typeof flags>

/** The legs as they are typed, as far as that can be told without a desk. */
const typedLegs = Effect.fnUntraced(function* ({ leg }: ComboFlags) {
  const typed = yield* misused(Result.all(leg.map(readOrderLeg)))
  if (typed.length < 2)
    return yield* badUsage("--leg: an order of one leg is plimsoll order buy, or sell; give at least two")
  if (typed.length > MAX_LEGS)
    return yield* badUsage(`--leg: an order has at most ${MAX_LEGS} legs, and these are ${typed.length}`)
  return typed
})

const contentOf = (
  { limit, tif, units }: ComboFlags,
  typed: ReadonlyArray<TypedOrderLeg>,
  instruments: ReadonlyArray<Instrument>
): Result.Result<OrderContent, BadUsage> => {
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
      return { ...content, ...(yield* quotesNow(content, broker.quote)) }
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
