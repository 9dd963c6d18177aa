/**
 * Option chains, never later than the market clock.
 *
 * A chain is a picture of one moment, the newest its source has at market time,
 * and has an id made of what it shows. Its quotes' ids are made of the chain's
 * and their own prices: the same moment gives the same ids.
 *
 * A source without options gets modelled ones (`ModelledOptions`), and says so.
 */
import { hash } from "node:crypto"
import { Context, Effect, Option, Result, Schema } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument, OptionInstrument } from "../domain/Instrument.ts"
import { OPTION_MULTIPLIER } from "../domain/OptionContract.ts"
import { printOcc } from "../domain/OccSymbol.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import { type SessionDate, type Timestamp, toIso } from "../domain/Timestamp.ts"
import type { RawExpiry } from "../options/chain/OptionChain.ts"
import { boundedCache } from "./BoundedCache.ts"
import {
  ContractExpired,
  type ContractNotFound,
  expiredAt,
  isQuoted,
  noContract,
  notFound
} from "./ContractListing.ts"
import type { AskedContract } from "./ContractText.ts"
import type { ContractQuote, MarketChain } from "./MarketChain.ts"
import type { MarketClock } from "./MarketClock.ts"
import {
  type InstrumentNotFound,
  type MarketData,
  type MarketDataError,
  QuoteUnavailable
} from "./MarketData.ts"
import {
  expiriesAt,
  lastTradingOf,
  type NoOptions,
  noVolatility,
  termOf,
  underlyingAt
} from "./ModelledMarket.ts"
import { modelledExpiry, modelledQuote, type ModelledUnderlying } from "./ModelledOptions.ts"
import type { ModelInputs, ModelledPast } from "./ModelInputs.ts"
import { contractNames, type NamedContract, sidesOf } from "./NamedContract.ts"
import { contractInstrument, optionId, standardContract } from "./OptionInstruments.ts"
import { optionQuoteTick } from "./OptionQuote.ts"
import { byRoot, rootFor } from "./OptionRoot.ts"
import { policyRate } from "./PolicyRate.ts"
import {
  type PublishedChain,
  publishedChain,
  publishedIn,
  type PublishedOptions,
  YIELD_ORIGIN
} from "./PublishedChains.ts"
import { exchangeDate, toExchangeTime } from "./TradingCalendar.ts"
import { describeModel } from "./VolatilityModel.ts"

/** A chain that was handed out is not kept any more. */
export class SnapshotGone extends Schema.TaggedError<SnapshotGone>()("SnapshotGone", {
  snapshotId: Schema.String,
  message: Schema.String
}) {}

/** A chain that was handed out is of a time that is ahead: the market's clock was set back since. */
export class SnapshotAhead extends Schema.TaggedError<SnapshotAhead>()("SnapshotAhead", {
  snapshotId: Schema.String,
  message: Schema.String
}) {}

export type OptionMarketError = InstrumentNotFound | QuoteUnavailable | NoOptions | MarketDataError

/** Changes with the model, so that ids of different models' quotes differ. */
const MODEL_VERSION = "ssvi-ewma-2"

const snapshotIdOf = (...parts: ReadonlyArray<string | number>): string =>
  `c-${hash("sha256", parts.join("|")).slice(0, 16)}`

/** Where nothing is published. */
const NOTHING = { chain: Option.none(), why: undefined }

/** Chains kept, so that pages of one are all of the same moment. */
const KEPT_CHAINS = 16

/** What the model makes of an instrument's market at a quote of it. */
interface Modelled {
  readonly quote: QuoteTick
  readonly inputs: ModelInputs
  readonly underlying: ModelledUnderlying
  readonly expiries: ReadonlyArray<SessionDate>
  readonly snapshotId: string
}

const modelledChain = (
  instrument: Instrument,
  { expiries, quote, snapshotId, underlying }: Modelled,
  now: Timestamp,
  why: string | undefined
): MarketChain => ({
  snapshotId,
  underlying: instrument,
  source: "model",
  modelled: ["bid", "ask"],
  shownAt: quote.tsEvent,
  askedAt: now,
  dividendYield: underlying.dividendYield,
  raw: {
    symbol: instrument.symbol,
    style: underlying.style,
    spot: underlying.spot,
    asOf: toIso(quote.tsEvent),
    expiries: expiries.flatMap((expiry): ReadonlyArray<RawExpiry> => {
      const term = termOf(instrument, expiry, quote.tsEvent)
      return term.years > 0 ? [modelledExpiry(underlying, term)] : []
    })
  },
  origins: {
    spot: `${quote.source}, middle of bid and ask`,
    rate: `federal funds target (middle) as decided on ${policyRate(exchangeDate(quote.tsEvent)).decided}`,
    dividendYield: YIELD_ORIGIN,
    model: describeModel(underlying.level, underlying.shape)
  },
  notes: [`${why ?? "the source has no options of this moment"}: these quotes are a model's, not a market's`]
})

/** A chain, and what its model knew where a model made it. */
interface KeptChain {
  readonly chain: MarketChain
  readonly modelled: Modelled | undefined
}

export class OptionMarket extends Context.Service<
  OptionMarket,
  {
    /** The newest chain of an underlying at market time; by symbol or instrument id. */
    readonly chain: (symbol: string) => Effect.Effect<MarketChain, OptionMarketError>
    /** A chain that was handed out before, for its next page. */
    readonly snapshot: (
      snapshotId: string
    ) => Effect.Effect<MarketChain, SnapshotGone | SnapshotAhead | MarketDataError>
    /** A contract's quote at market time, and the chain it is of. */
    readonly contract: (
      contract: AskedContract
    ) => Effect.Effect<ContractQuote, OptionMarketError | ContractExpired | ContractNotFound>
    /** A contract that is listed at market time, as an instrument. */
    readonly listed: (
      contract: AskedContract
    ) => Effect.Effect<OptionInstrument, OptionMarketError | ContractExpired | ContractNotFound>
    /**
     * The quote of a contract at market time, to be cited by its `contractQuoteId`.
     * The model has one of every contract, listed or not, until it stops trading.
     */
    readonly quote: (
      id: InstrumentId
    ) => Effect.Effect<QuoteTick, InstrumentNotFound | QuoteUnavailable | MarketDataError>
  }
>()("plimsoll/market/OptionMarket") {}

export interface OptionMarketParts {
  /** Of the underlyings. */
  readonly data: MarketData["Service"]
  readonly clock: MarketClock["Service"]
  readonly past: ModelledPast
  readonly published: PublishedOptions | undefined
}

export const make = ({ clock, data, past, published }: OptionMarketParts): OptionMarket["Service"] => {
  const kept = boundedCache<string, KeptChain>(KEPT_CHAINS)
  const named = contractNames(data.listings.map(({ instrument }) => instrument))

  /** What is published at an instant, or why it is nothing. */
  const publishedAt: PublishedOptions["chainAt"] = published?.chainAt ?? (() => Effect.succeed(NOTHING))

  /** A chain that was made before, as it is handed out now. */
  const keptAt = (snapshotId: string, now: Timestamp): KeptChain | undefined => {
    const known = kept.get(snapshotId)
    return known && { ...known, chain: { ...known.chain, askedAt: now } }
  }

  const keptPublished = Effect.fnUntraced(function* (
    instrument: Instrument,
    found: PublishedChain,
    now: Timestamp
  ) {
    const known = keptAt(found.snapshotId, now)
    if (known !== undefined) return known
    const { paid } = yield* past.inputsAt(instrument, found.shownAt)
    const one: KeptChain = {
      chain: publishedChain(instrument, found, paid / found.raw.spot, now),
      modelled: undefined
    }
    kept.set(found.snapshotId, one)
    return one
  })

  const modelledAt = Effect.fnUntraced(function* (instrument: Instrument, now: Timestamp) {
    const quote = yield* data.quote(instrument.id)
    const inputs = yield* past.inputsAt(instrument, quote.tsEvent)
    const underlying = underlyingAt(instrument, inputs, quote)
    if (underlying === undefined) return yield* noVolatility(instrument, quote.tsEvent)
    const expiries = expiriesAt(instrument, quote.tsEvent, now)
    // What was listed at the quote loses its earliest expiries with time, and nothing else.
    const snapshotId = snapshotIdOf(quote.quoteId, MODEL_VERSION, expiries[0] ?? "none")
    const modelled: Modelled = { quote, inputs, underlying, expiries, snapshotId }
    return modelled
  })

  const newest = Effect.fnUntraced(function* (instrument: Instrument, now: Timestamp) {
    const read = yield* publishedAt(instrument, now)
    if (Option.isSome(read.chain)) {
      return yield* keptPublished(instrument, read.chain.value, now)
    }
    const modelled = yield* modelledAt(instrument, now)
    const known = keptAt(modelled.snapshotId, now)
    if (known !== undefined) return known
    const one: KeptChain = { chain: modelledChain(instrument, modelled, now, read.why), modelled }
    kept.set(modelled.snapshotId, one)
    return one
  })

  const underlyings = byRoot(data.listings.map(({ instrument }) => instrument))

  /** By its symbol, or by its options' root. */
  const underlyingOf = Effect.fnUntraced(function* (text: string) {
    const found = yield* Effect.result(data.instrument(text))
    if (Result.isSuccess(found)) return found.success
    return underlyings.get(text.trim().toUpperCase()) ?? (yield* found.failure)
  })

  /** The underlying and the name of a contract that can still be traded. */
  const tradable = Effect.fnUntraced(function* (contract: AskedContract, now: Timestamp) {
    const instrument = yield* underlyingOf(contract.underlying)
    const name = printOcc({ ...contract, root: rootFor(instrument, contract.expiry) })
    const last = lastTradingOf(instrument, contract.expiry)
    if (last !== undefined && last <= now) {
      return yield* new ContractExpired({
        contract: name,
        expiry: contract.expiry,
        message: `${name} ${expiredAt(contract.expiry, last)}, and the market's time is ${toExchangeTime(now)}`
      })
    }
    return { instrument, name }
  })

  const contract = Effect.fn("OptionMarket.contract")(function* (asked: AskedContract) {
    const now = yield* clock.now
    const { instrument, name } = yield* tradable(asked, now)
    const { chain, modelled } = yield* newest(instrument, now)
    const expiry = chain.raw.expiries.find((one) => one.expiry === asked.expiry)
    const quote = expiry?.quotes.find((one) => one.contract === name)
    if (expiry !== undefined && quote !== undefined) return { chain, expiry, quote }
    // The model has a price at strikes that are not shown, too.
    if (expiry !== undefined && modelled !== undefined && isQuoted(asked, modelled.inputs)) {
      const term = termOf(instrument, asked.expiry, modelled.quote.tsEvent)
      return { chain, expiry, quote: modelledQuote(modelled.underlying, term, asked) }
    }
    return yield* notFound(chain, asked, name)
  })

  /** The listing of a model without its chain. */
  const isListed = Effect.fnUntraced(function* (
    instrument: Instrument,
    asked: AskedContract,
    now: Timestamp
  ) {
    const read = yield* publishedAt(instrument, now)
    if (Option.isSome(read.chain)) return false
    const modelled = yield* modelledAt(instrument, now)
    return modelled.expiries.includes(asked.expiry) && isQuoted(asked, modelled.inputs)
  })

  const shown = (of: NamedContract, found: QuoteTick | undefined, now: Timestamp, why: string) =>
    found === undefined ? Effect.fail(unavailable(of.id, now, why)) : Effect.succeed(found)

  /** Of the chain that is published now. */
  const publishedQuote = Effect.fnUntraced(function* (
    of: NamedContract,
    found: PublishedChain,
    now: Timestamp
  ) {
    const raw = publishedIn(found, of)
    const tick = raw === undefined ? undefined : optionQuoteTick(of, { ...found, askedAt: now }, raw)
    const which = `the chain of ${exchangeDate(found.shownAt)} has no`
    return yield* shown(
      of,
      tick,
      now,
      `${which} ${raw === undefined ? "such contract" : "bid and ask of it"}`
    )
  })

  const modelsQuote = Effect.fnUntraced(function* (of: NamedContract, now: Timestamp) {
    const { inputs, quote, snapshotId } = yield* modelledAt(of.underlying, now).pipe(
      Effect.catchTag("NoOptions", ({ message }) => Effect.fail(unavailable(of.id, now, message)))
    )
    const sides = sidesOf(of, inputs, quote)
    const chain = { snapshotId, source: "model" as const, shownAt: quote.tsEvent, askedAt: now }
    const row = { contract: of.symbol, bid: sides?.bid, ask: sides?.ask, ageSeconds: 0 }
    return yield* shown(of, optionQuoteTick(of, chain, row), now, "the model has no price of it")
  })

  return OptionMarket.of({
    chain: Effect.fn("OptionMarket.chain")(function* (symbol) {
      const instrument = yield* data.instrument(symbol)
      return (yield* newest(instrument, yield* clock.now)).chain
    }),

    snapshot: Effect.fn("OptionMarket.snapshot")(function* (snapshotId) {
      const now = yield* clock.now
      const chain = keptAt(snapshotId, now)?.chain
      if (chain === undefined) {
        return yield* new SnapshotGone({
          snapshotId,
          message: `the chain ${snapshotId} is not kept any more: the ${KEPT_CHAINS} asked for last are`
        })
      }
      if (chain.shownAt > now) {
        return yield* new SnapshotAhead({
          snapshotId,
          message: `the chain ${snapshotId} shows ${toExchangeTime(chain.shownAt)}, and the market's time is ${toExchangeTime(now)}`
        })
      }
      return chain
    }),

    contract,

    listed: Effect.fn("OptionMarket.listed")(function* (asked) {
      const now = yield* clock.now
      const { instrument } = yield* tradable(asked, now)
      // Else it is in the chain, or the chain says what is near.
      if (!(yield* isListed(instrument, asked, now))) yield* contract(asked)
      const occ = { ...asked, root: rootFor(instrument, asked.expiry) }
      return contractInstrument(optionId(occ), standardContract(instrument, occ), OPTION_MULTIPLIER)
    }),

    quote: Effect.fn("OptionMarket.quote")(function* (id) {
      const of = named(id)
      if (of === undefined) return yield* noContract(id)
      const now = yield* clock.now
      if (of.lastTrading <= now)
        return yield* unavailable(id, now, `it ${expiredAt(of.expiry, of.lastTrading)}`)
      // Adjusted series are in no folder.
      const read = of.isAdjusted ? NOTHING : yield* publishedAt(of.underlying, now)
      return Option.isSome(read.chain)
        ? yield* publishedQuote(of, read.chain.value, now)
        : yield* modelsQuote(of, now)
    })
  })
}

const unavailable = (instrumentId: InstrumentId, now: Timestamp, why: string): QuoteUnavailable =>
  new QuoteUnavailable({
    instrumentId,
    message: `${instrumentId} has no price at ${toExchangeTime(now)}: ${why}`
  })
