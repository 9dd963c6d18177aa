/**
 * `MarketData` with option contracts as instruments, on top of the one of their
 * underlyings.
 *
 * Ticks of a contract are what the options market would show at their instants:
 * where the model quotes, one a tick of the underlying; where quotes are
 * published, one a quote, when it becomes known. At the close there is one only
 * where something is of that very moment. From its last trading time on a
 * contract has neither quotes nor ticks; what it settles at is in its
 * underlying's price.
 */
import { Context, Effect, Layer, Option, Result } from "effect"
import { type InstrumentId, isOptionId, OPTION_VENUE } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { noContract } from "./ContractListing.ts"
import { type AskedContract, parseContract } from "./ContractText.ts"
import { MarketClock } from "./MarketClock.ts"
import { InstrumentNotFound, MarketData, type MarketDataError } from "./MarketData.ts"
import type { MarketTick } from "./MarketTick.ts"
import { makeModelledPast, type ModelInputs } from "./ModelInputs.ts"
import { contractNames, type NamedContract, sidesOf } from "./NamedContract.ts"
import { instrumentLookup } from "./OptionInstruments.ts"
import * as OptionMarket from "./OptionMarket.ts"
import { optionPrices, optionQuoteTick, optionTick } from "./OptionQuote.ts"
import { type PublishedChain, publishedIn, type PublishedOptions } from "./PublishedChains.ts"
import { cut, mergeTicks } from "./TickLists.ts"
import { exchangeDate, type Session, sessionsBetween } from "./TradingCalendar.ts"

/** `MarketData` of shares and their options, and the options' chains, over the `MarketData` of the shares. */
export const layer = (
  settings: { readonly published?: PublishedOptions | undefined } = {}
): Layer.Layer<MarketData | OptionMarket.OptionMarket, never, MarketData | MarketClock> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const data = yield* MarketData
      const clock = yield* MarketClock
      const parts = { data, clock, past: makeModelledPast(data), published: settings.published }
      const options = OptionMarket.make(parts)
      return Context.make(MarketData, make(parts, options)).pipe(
        Context.add(OptionMarket.OptionMarket, options)
      )
    })
  )

/** Quotes of a session by tick of the underlying; the ticks of a whole session are the same list while they are kept. */
type PricedTicks = WeakMap<ReadonlyArray<MarketTick>, Map<InstrumentId, ReadonlyArray<MarketTick>>>

const make = (
  parts: OptionMarket.OptionMarketParts,
  options: OptionMarket.OptionMarket["Service"]
): MarketData["Service"] => {
  const { clock, data } = parts
  const listed = data.listings.map(({ instrument }) => instrument)
  const named = contractNames(listed)
  const lookup = instrumentLookup(listed)
  const ticker = makeTicker(parts)

  return MarketData.of({
    ...data,
    get skipped() {
      return data.skipped
    },
    instrument: Effect.fn("MarketData.instrument")(function* (text) {
      const found = yield* Effect.result(data.instrument(text))
      if (Result.isSuccess(found)) return found.success
      const asked = parseContract(text.trim().replace(venueAtEnd, ""))
      return Result.isFailure(asked)
        ? yield* found.failure
        : yield* listedContract(options, text, asked.success)
    }),
    instrumentOf: lookup,
    quote: (id) => (isOptionId(id) ? options.quote(id) : data.quote(id)),
    bars: (request) => (isOptionId(request.instrumentId) ? Effect.succeed([]) : data.bars(request)),
    ticks: Effect.fn("MarketData.ticks")(function* (request) {
      if (!request.instrumentIds.some(isOptionId)) return yield* data.ticks(request)
      const until = timestamp(Math.min(request.until, yield* clock.now))
      const lists = yield* Effect.forEach(request.instrumentIds, (id) => {
        if (!isOptionId(id)) return data.ticks({ ...request, instrumentIds: [id] })
        const contract = named(id)
        return contract === undefined ? Effect.fail(noContract(id)) : ticker(contract, request.after, until)
      })
      return mergeTicks(lists)
    }),
    corporateActions: (id, date) => (isOptionId(id) ? Effect.succeed([]) : data.corporateActions(id, date))
  })
}

/** In any case of letters. */
const venueAtEnd = new RegExp(`\\.${OPTION_VENUE}$`, "iu")

/** A contract by its name, if it is listed now; else what is near. */
const listedContract = (
  options: OptionMarket.OptionMarket["Service"],
  text: string,
  asked: AskedContract
): Effect.Effect<Instrument, InstrumentNotFound> =>
  options.listed(asked).pipe(
    Effect.mapError((error) =>
      error._tag === "InstrumentNotFound"
        ? error
        : new InstrumentNotFound({
            symbol: text,
            nearest: error._tag === "ContractNotFound" ? error.nearest : [],
            message: error.message
          })
    )
  )

/** Makes ticks of contracts. */
const makeTicker = ({ data, past, published }: OptionMarket.OptionMarketParts) => {
  const priced: PricedTicks = new WeakMap()

  /** The model's, one a tick of the underlying. */
  const modelled = Effect.fnUntraced(function* (of: NamedContract, ticks: ReadonlyArray<MarketTick>) {
    const known = priced.get(ticks) ?? new Map<InstrumentId, ReadonlyArray<MarketTick>>()
    priced.set(ticks, known)
    const before = known.get(of.id)
    if (before !== undefined) return before
    const made: Array<MarketTick> = []
    let inputs: ModelInputs | undefined
    for (const tick of ticks) {
      // What is known changes with the close.
      if (inputs === undefined || tick.phase === "CLOSE") {
        inputs = yield* past.inputsAt(of.underlying, tick.tsEvent)
      }
      const sides = sidesOf(of, inputs, tick)
      const prices = sides === undefined ? undefined : optionPrices(sides.bid, sides.ask)
      if (prices !== undefined) made.push(optionTick(of.id, tick, "option-model", prices))
    }
    known.set(of.id, made)
    return made
  })

  /** What is published of a session, and from when on the model is silent. */
  const publishedOn = Effect.fnUntraced(function* (
    of: NamedContract,
    day: Session,
    until: Timestamp
  ): Effect.fn.Return<
    { readonly from: number; readonly atClose: boolean; readonly ticks: ReadonlyArray<MarketTick> },
    MarketDataError
  > {
    if (published === undefined || of.isAdjusted) return { from: Infinity, atClose: false, ticks: [] }
    const { from = Infinity, quotes } = yield* published.within(of.underlying, day, of)
    const ticks = quotes.flatMap(({ ask, bid, knownAt }, i) => {
      const prices = optionPrices(bid, ask)
      const phase = i === 0 && from <= day.open ? ("OPEN" as const) : ("CONTINUOUS" as const)
      return prices === undefined
        ? []
        : [optionTick(of.id, { tsEvent: knownAt, phase }, "option-quote", prices)]
    })
    if (until < day.close) return { from, atClose: false, ticks }
    const { chain } = yield* published.chainAt(of.underlying, day.close)
    if (Option.isNone(chain)) return { from, atClose: false, ticks }
    return { from, atClose: true, ticks: [...ticks, ...closing(of, chain.value, day)] }
  })

  const ofSession = Effect.fnUntraced(function* (
    of: NamedContract,
    day: Session,
    after: Timestamp,
    until: Timestamp
  ) {
    const { atClose, from, ticks } = yield* publishedOn(of, day, until)
    const begin = Math.max(after, day.open - 1)
    const end = Math.min(until, day.close)
    const shares = yield* data.ticks({
      instrumentIds: [of.underlying.id],
      after: timestamp(begin),
      until: timestamp(end)
    })
    const isSilent = from <= day.open && (atClose || end < day.close)
    const all = isSilent ? [] : yield* modelled(of, shares)
    if (from === Infinity && !atClose) return all
    const isModels = ({ tsEvent }: MarketTick): boolean => (tsEvent === day.close ? !atClose : tsEvent < from)
    const shown = cut(ticks, timestamp(begin), timestamp(Math.min(end, of.lastTrading - 1)))
    return mergeTicks([all.filter(isModels), shown])
  })

  return Effect.fnUntraced(function* (of: NamedContract, after: Timestamp, until: Timestamp) {
    const end = timestamp(Math.min(until, of.lastTrading - 1))
    if (after >= end) return []
    const parts: Array<ReadonlyArray<MarketTick>> = []
    for (const day of sessionsBetween(exchangeDate(after), exchangeDate(end))) {
      // Up to `until` and not `end`: a whole session's ticks are a list that is kept.
      if (day.close > after && day.open <= end) parts.push(yield* ofSession(of, day, after, until))
    }
    return parts.length === 1 ? (parts[0] ?? []) : parts.flat()
  })
}

/** The tick of a quote that became known at the close itself. */
const closing = (of: NamedContract, chain: PublishedChain, day: Session): ReadonlyArray<MarketTick> => {
  const raw = publishedIn(chain, of)
  const quote = raw === undefined ? undefined : optionQuoteTick(of, { ...chain, askedAt: day.close }, raw)
  return quote === undefined || quote.tsEvent !== day.close
    ? []
    : [optionTick(of.id, { tsEvent: day.close, phase: "CLOSE" }, "option-quote", quote)]
}
