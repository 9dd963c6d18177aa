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
import { Context, Effect, Layer, Option, Result, Schema } from "effect"
import { type QuoteId, quoteId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { printOcc } from "../domain/OccSymbol.ts"
import { dayOfDate, MICROS_PER_SECOND, SessionDate, type Timestamp, toIso } from "../domain/Timestamp.ts"
import type { RawChain, RawExpiry, RawQuote } from "../options/chain/OptionChain.ts"
import { boundedCache } from "./BoundedCache.ts"
import type { AskedContract } from "./ContractText.ts"
import { MarketClock } from "./MarketClock.ts"
import {
  type InstrumentNotFound,
  MarketData,
  type MarketDataError,
  type QuoteUnavailable
} from "./MarketData.ts"
import {
  expiriesAt,
  modelledMarket,
  type ModelledMarket,
  type NoOptions,
  trailingYield
} from "./ModelledMarket.ts"
import { modelledExpiry, modelledQuote, type ModelledUnderlying } from "./ModelledOptions.ts"
import { isListedStrike } from "./OptionListing.ts"
import { rootOf } from "./OptionRoot.ts"
import { expiryClose } from "./OptionTime.ts"
import { policyRate } from "./PolicyRate.ts"
import { exchangeDate, toExchangeTime } from "./TradingCalendar.ts"
import { describeModel } from "./VolatilityModel.ts"

/** The contract's last day has passed. */
export class ContractExpired extends Schema.TaggedError<ContractExpired>()("ContractExpired", {
  contract: Schema.String,
  expiry: SessionDate,
  message: Schema.String
}) {}

/** The chain has no such contract; `nearest` are some that it has. */
export class ContractNotFound extends Schema.TaggedError<ContractNotFound>()("ContractNotFound", {
  contract: Schema.String,
  nearest: Schema.Array(Schema.String),
  message: Schema.String
}) {}

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

/** lean-quote: published bid and ask. lean-universe: a day's closing prices. model: `VolatilityModel`. */
export const OptionSource = Schema.Literals(["lean-quote", "lean-universe", "model"])
export type OptionSource = typeof OptionSource.Type

/** Where a number that goes into prices is from, in words. */
export interface ChainOrigins {
  readonly spot: string
  readonly rate: string
  readonly dividendYield: string
  /** The model of the quotes; undefined where they were published. */
  readonly model: string | undefined
}

export interface MarketChain {
  /** Of this picture; made of what it shows. */
  readonly snapshotId: string
  readonly underlying: Instrument
  readonly source: OptionSource
  /** Which numbers of its quotes a model made. */
  readonly modelled: ReadonlyArray<"bid" | "ask">
  /** The moment it shows; the `ageSeconds` of its quotes are at this moment. */
  readonly shownAt: Timestamp
  /** Market time when it was asked for; its age is what lies between. */
  readonly askedAt: Timestamp
  readonly raw: RawChain
  /** The yield its model used, or what is known of the underlying's past dividends. */
  readonly dividendYield: number
  readonly origins: ChainOrigins
  /** What a user of it has to know. */
  readonly notes: ReadonlyArray<string>
}

/** One contract in its chain. */
export interface ContractQuote {
  readonly chain: MarketChain
  readonly expiry: RawExpiry
  readonly quote: RawQuote
}

export type OptionMarketError = InstrumentNotFound | QuoteUnavailable | NoOptions | MarketDataError

/** Seconds of market time between what the chain shows and when it was asked for. */
export const ageSecondsOf = ({ askedAt, shownAt }: MarketChain): number =>
  (askedAt - shownAt) / MICROS_PER_SECOND

/** The id an order cites a contract's quote by. */
export const contractQuoteId = (snapshotId: string, { ask, bid, contract }: RawQuote): QuoteId =>
  quoteId(`q-${hash("sha256", [snapshotId, contract, bid, ask].join("|")).slice(0, 16)}`)

/** Changes with the model, so that ids of different models' quotes differ. */
const MODEL_VERSION = "ssvi-ewma-1"

const snapshotIdOf = (...parts: ReadonlyArray<string | number>): string =>
  `c-${hash("sha256", parts.join("|")).slice(0, 16)}`

/** Chains kept, so that pages of one are all of the same moment. */
const KEPT_CHAINS = 16

const modelledChain = (
  instrument: Instrument,
  { quote, terms, underlying }: ModelledMarket,
  now: Timestamp,
  snapshotId: string,
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
    expiries: terms.map((term) => modelledExpiry(underlying, term))
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
  readonly modelled: ModelledUnderlying | undefined
}

/** A chain as it was read. */
export interface PublishedChain extends Pick<MarketChain, "snapshotId" | "shownAt" | "raw" | "notes"> {
  readonly source: Exclude<OptionSource, "model">
  /** In words. */
  readonly spotFrom: string
  readonly rateFrom: string
}

/** Where options are read from besides the model: the newest chain known at an instant, or why there is none. */
export interface PublishedOptions {
  readonly chainAt: (
    instrument: Instrument,
    now: Timestamp
  ) => Effect.Effect<
    { readonly chain: Option.Option<PublishedChain>; readonly why: string | undefined },
    MarketDataError
  >
}

const YIELD_ORIGIN = "dividends of the 365 days before, as the desk's source has them"

/** A chain that was read, with what the desk knows besides. */
const publishedChain = (
  instrument: Instrument,
  { notes, rateFrom, raw, shownAt, snapshotId, source, spotFrom }: PublishedChain,
  dividendYield: number,
  now: Timestamp
): MarketChain => ({
  snapshotId,
  underlying: instrument,
  source,
  modelled: [],
  shownAt,
  askedAt: now,
  raw,
  dividendYield,
  origins: { spot: spotFrom, rate: rateFrom, dividendYield: YIELD_ORIGIN, model: undefined },
  notes
})

export class OptionMarket extends Context.Service<
  OptionMarket,
  {
    /** The newest chain of an underlying at market time; by symbol or instrument id. */
    readonly chain: (symbol: string) => Effect.Effect<MarketChain, OptionMarketError>
    /** A chain that was handed out before, for its next page. */
    readonly snapshot: (
      snapshotId: string
    ) => Effect.Effect<MarketChain, SnapshotGone | SnapshotAhead | MarketDataError>
    /** A contract's quote at market time. */
    readonly contract: (
      contract: AskedContract
    ) => Effect.Effect<ContractQuote, OptionMarketError | ContractExpired | ContractNotFound>
  }
>()("plimsoll/market/OptionMarket") {
  static readonly layer = (
    options: { readonly published?: PublishedOptions | undefined } = {}
  ): Layer.Layer<OptionMarket, never, MarketData | MarketClock> =>
    Layer.effect(OptionMarket, make(options.published))
}

const make = Effect.fnUntraced(function* (published: PublishedOptions | undefined) {
  const data = yield* MarketData
  const clock = yield* MarketClock
  const kept = boundedCache<string, KeptChain>(KEPT_CHAINS)

  const newest = Effect.fnUntraced(function* (instrument: Instrument) {
    const now = yield* clock.now
    const read = published === undefined ? undefined : yield* published.chainAt(instrument, now)
    if (read !== undefined && Option.isSome(read.chain)) {
      const found = read.chain.value
      const known = kept.get(found.snapshotId)
      if (known !== undefined) return { ...known, chain: { ...known.chain, askedAt: now } }
      const dividendYield = yield* trailingYield(data, instrument, found.shownAt, found.raw.spot)
      const one: KeptChain = {
        chain: publishedChain(instrument, found, dividendYield, now),
        modelled: undefined
      }
      kept.set(found.snapshotId, one)
      return one
    }
    const quote = yield* data.quote(instrument.id)
    const expiries = expiriesAt(quote, now)
    // What was listed at the quote loses its earliest expiries with time, and nothing else.
    const snapshotId = snapshotIdOf(quote.quoteId, MODEL_VERSION, expiries[0] ?? "none")
    const known = kept.get(snapshotId)
    if (known !== undefined) return { ...known, chain: { ...known.chain, askedAt: now } }
    const market = yield* modelledMarket(data, instrument, quote, expiries)
    const one: KeptChain = {
      chain: modelledChain(instrument, market, now, snapshotId, read?.why),
      modelled: market.underlying
    }
    kept.set(one.chain.snapshotId, one)
    return one
  })

  /** By its symbol, or by its options' root; where two have the same, the first. */
  const underlyingOf = Effect.fnUntraced(function* (text: string) {
    const root = text.trim().toUpperCase()
    const named = yield* Effect.result(data.instrument(text))
    if (Result.isSuccess(named)) return named.success
    const listing = data.listings.find(({ instrument }) => rootOf(instrument) === root)
    return listing === undefined ? yield* named.failure : listing.instrument
  })

  return OptionMarket.of({
    chain: Effect.fn("OptionMarket.chain")(function* (symbol) {
      return (yield* newest(yield* data.instrument(symbol))).chain
    }),

    snapshot: Effect.fn("OptionMarket.snapshot")(function* (snapshotId) {
      const now = yield* clock.now
      const chain = kept.get(snapshotId)?.chain
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
      return { ...chain, askedAt: now }
    }),

    contract: Effect.fn("OptionMarket.contract")(function* (contract) {
      const instrument = yield* underlyingOf(contract.underlying)
      const name = printOcc({ ...contract, root: rootOf(instrument) })
      const now = yield* clock.now
      const close = expiryClose(contract.expiry)
      if (Option.exists(close, (at) => at <= now)) {
        return yield* new ContractExpired({
          contract: name,
          expiry: contract.expiry,
          message: `${name} expired at the close of ${contract.expiry}, and the market's time is ${toExchangeTime(now)}`
        })
      }
      const { chain, modelled } = yield* newest(instrument)
      const expiry = chain.raw.expiries.find((one) => one.expiry === contract.expiry)
      const quote = expiry?.quotes.find((one) => one.contract === name)
      if (expiry !== undefined && quote !== undefined) return { chain, expiry, quote }
      // The model has a price at strikes that are not shown, too.
      if (expiry !== undefined && modelled !== undefined && isListedStrike(contract.strike)) {
        return { chain, expiry, quote: modelledQuote(modelled, expiry, contract) }
      }
      return yield* notFound(chain, contract, name)
    })
  })
})

const NEAREST = 4

const distance = (a: SessionDate, b: SessionDate): number => Math.abs(dayOfDate(a) - dayOfDate(b))

const notFound = (chain: MarketChain, contract: AskedContract, name: string): ContractNotFound => {
  const { raw } = chain
  const symbol = raw.symbol
  const expiry = raw.expiries.find((one) => one.expiry === contract.expiry)
  if (expiry === undefined) {
    const near = raw.expiries
      .toSorted((a, b) => distance(a.expiry, contract.expiry) - distance(b.expiry, contract.expiry))
      .slice(0, NEAREST)
      .map((one) => one.expiry)
      .toSorted()
    return new ContractNotFound({
      contract: name,
      nearest: near,
      message: `${symbol} has no options that expire on ${contract.expiry}; the nearest expiries are ${near.join(", ") || "none"}`
    })
  }
  const near = expiry.quotes
    .filter(({ right }) => right === contract.right)
    .toSorted((a, b) => Math.abs(a.strike - contract.strike) - Math.abs(b.strike - contract.strike))
    .slice(0, NEAREST)
    .toSorted((a, b) => a.strike - b.strike)
    .map((one) => one.contract)
  return new ContractNotFound({
    contract: name,
    nearest: near,
    message: `${symbol} has no contract ${name}; the nearest strikes of that expiry are ${near.join(", ") || "none"}`
  })
}
