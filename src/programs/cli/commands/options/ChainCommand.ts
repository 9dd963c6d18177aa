/** `plimsoll options chain`: the quotes of an expiry around the money, by symbols that an order takes. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { OptionRight } from "../../../../domain/OptionContract.ts"
import { shownGreeks, strikesAround } from "../../../../market/ChainAnalysis.ts"
import { ageSecondsOf, ageWords, type MarketChain } from "../../../../market/MarketChain.ts"
import type { RawExpiry } from "../../../../options/chain/OptionChain.ts"
import { answer, documented, jsonFlag, optional, style } from "../../CommandKit.ts"
import { BadUsage } from "../../Failures.ts"
import { printable } from "../../Terminal.ts"
import { namedChainFlags, openNamedChain } from "./ChainSource.ts"
import { chainLines, exampleOrder, type ShownContract } from "./ChainText.ts"
import { readLegEnd } from "./LegText.ts"
import { digits } from "./OptionText.ts"
import { expiryAt } from "./ScenarioLegs.ts"

const USUAL_STRIKES = 10
const MAX_STRIKES = 1000

const rights = {
  call: ["CALL"],
  put: ["PUT"],
  both: ["CALL", "PUT"]
} as const satisfies Readonly<Record<string, ReadonlyArray<OptionRight>>>

/** The expiry that is asked for; the nearest that has not settled when none is. */
const askedExpiry = Effect.fnUntraced(function* ({ raw }: MarketChain, asked: Option.Option<string>) {
  if (Option.isSome(asked)) {
    const text = asked.value.trim()
    const told = `--expiry "${text.slice(0, 40)}"`
    const end = readLegEnd(text)
    return end === undefined
      ? yield* new BadUsage({ message: `${told}: expected a day such as 2014-07-19, or days such as 30d` })
      : yield* expiryAt(raw, end, told)
  }
  const nearest = raw.expiries.find(({ years }) => years > 0) ?? raw.expiries[0]
  return nearest ?? (yield* new BadUsage({ message: `${raw.symbol} has no options now` }))
})

/** The contracts around the money, by strike, the call before the put. */
const contractsAround = (
  chain: MarketChain,
  expiry: RawExpiry,
  right: keyof typeof rights,
  each: number
): ReadonlyArray<ShownContract> => {
  const wanted: ReadonlyArray<OptionRight> = rights[right]
  const quotes = expiry.quotes.filter((quote) => wanted.includes(quote.right))
  const strikes = [...new Set(quotes.map(({ strike }) => strike))].toSorted((a, b) => a - b)
  const kept = new Set(strikesAround(strikes, chain.raw.spot, each))
  return quotes
    .filter(({ strike }) => kept.has(strike))
    .toSorted((a, b) => a.strike - b.strike || (a.right < b.right ? -1 : 1))
    .map((quote) => ({ quote, greeks: shownGreeks({ chain, expiry, quote }) }))
}

const contractJson =
  (chain: MarketChain) =>
  ({ greeks, quote }: ShownContract) => ({
    contract: quote.contract,
    right: quote.right,
    strike: quote.strike,
    bid: quote.bid ?? null,
    ask: quote.ask ?? null,
    last: quote.last ?? null,
    iv: greeks.volatility ?? null,
    delta: greeks.delta ?? null,
    volume: quote.volume ?? null,
    open_interest: quote.openInterest ?? null,
    age_seconds: ageSecondsOf(chain) + quote.ageSeconds,
    dropped: greeks.dropped ?? null
  })

export const chainCommand = Command.make(
  "chain",
  {
    ...namedChainFlags,
    expiry: optional(
      Flag.String("expiry").pipe(Flag.withMetavar("day")),
      "a day, or days from now such as 30d; the nearest when left out"
    ),
    strikes: Flag.Int("strikes").pipe(
      Flag.withDescription(`on each side of the price; ${USUAL_STRIKES} when left out`),
      Flag.filter(
        (value) => value >= 1 && value <= MAX_STRIKES,
        (value) => `expected a number from 1 to ${MAX_STRIKES}, not ${value}`
      ),
      Flag.withDefault(USUAL_STRIKES)
    ),
    right: Flag.Literals("right", ["call", "put", "both"]).pipe(
      Flag.withDescription("which contracts; both when left out"),
      Flag.withDefault("both")
    ),
    json: jsonFlag
  },
  Effect.fn("options.chain")(function* (asked) {
    const { market, source } = yield* openNamedChain(asked)
    const { raw } = market
    const expiry = yield* askedExpiry(market, asked.expiry)
    const contracts = contractsAround(market, expiry, asked.right, asked.strikes)
    const days = digits(365 * expiry.years, 4)
    const others = raw.expiries.flatMap((one) => (one === expiry ? [] : [String(one.expiry)]))
    const age = ageSecondsOf(market)
    const isOfDesk = Option.isNone(asked.data)
    yield* answer(
      asked.json,
      {
        symbol: raw.symbol,
        as_of: raw.asOf,
        age_seconds: age,
        source: market.source,
        modelled: market.modelled,
        spot: raw.spot,
        exercise: raw.style,
        expiry: expiry.expiry,
        days: Number(days),
        other_expiries: others,
        contracts: contracts.map(contractJson(market)),
        notes: market.notes
      },
      [
        `${style().bold(printable(raw.symbol))}  ${printable(source)}${age === 0 ? "" : `, ${ageWords(age)}`}, spot ${digits(raw.spot, 9)}`,
        `expiry ${expiry.expiry}, ${days} days, ${raw.style === "AMERICAN" ? "American" : "European"}${others.length === 0 ? "" : `; others: ${others.join(", ")}`}`,
        "",
        ...chainLines(contracts, asked.right, style()),
        ...(isOfDesk ? exampleOrder(contracts, raw.spot) : []),
        ...market.notes.map((note) => style().dim(printable(note)))
      ]
    )
  })
).pipe(
  documented(
    "An expiry's quotes around the money with volatility and delta: calls, strike, puts, and the symbols to order them by.",
    ["options chain AAPL", "the nearest expiry in the desk's market"],
    [
      "options chain AAPL --expiry 30d --right put --strikes 5",
      "puts of about thirty days, with their symbols"
    ],
    ["options chain --data lean --symbol AAPL --date 2014-06-09", "of a LEAN data folder"]
  )
)
