/** A chain out of what was read of a LEAN folder: pure. */
import { Option } from "effect"
import type { Symbol } from "../../domain/Identifiers.ts"
import type { OptionStyle } from "../../domain/OptionContract.ts"
import { printOcc } from "../../domain/OccSymbol.ts"
import {
  dayOfDate,
  MICROS_PER_SECOND,
  type SessionDate,
  type Timestamp,
  toIso
} from "../../domain/Timestamp.ts"
import { impliedSpot } from "../../options/chain/ImpliedSpot.ts"
import type { KnownSplit, RawChain, RawExpiry, RawQuote } from "../../options/chain/OptionChain.ts"
import type { CorporateAction } from "../BarSeries.ts"
import type { BadRow } from "../MarketData.ts"
import { rootOf } from "../OptionRoot.ts"
import { yearsToExpiry } from "../OptionTime.ts"
import { policyRate } from "../PolicyRate.ts"
import type { Session } from "../TradingCalendar.ts"
import { continuousRate, type RateRow, rateOn } from "./LeanInterestRate.ts"
import type { EntryContract } from "./LeanOptionNames.ts"
import { type Contracts, keyOf } from "./LeanOptionQuotes.ts"
import type { KnownQuote, Traded } from "./LeanOptionRows.ts"
import type { Spot } from "./LeanOptionSpot.ts"
import type { PublishedGreeks, Universe } from "./LeanOptionUniverse.ts"

/** A rate, and where it is from. */
export interface RateOrigin {
  /** file: the folder's interest rates. policy: the federal funds target, where the folder has none. */
  readonly source: "file" | "policy"
  readonly rate: number
  readonly from: string
}

export interface LeanChain {
  /** lean-quote: published bid and ask. lean-universe: a day's closing prices, in `last`. */
  readonly source: "lean-quote" | "lean-universe"
  /** Of the rows it was made of. */
  readonly resolution: "1m" | "1h" | "1d"
  /** The instant it is of; everything in it was known then. */
  readonly asOf: Timestamp
  readonly raw: RawChain
  /** By contract: QuantConnect's implied volatility and Greeks, of a universe alone. */
  readonly published: ReadonlyMap<string, PublishedGreeks>
  readonly spot: Spot
  readonly rate: RateOrigin
  /** What a user of it has to know. */
  readonly notes: ReadonlyArray<string>
  /** Rows and files that were left out. */
  readonly bad: ReadonlyArray<BadRow>
}

/** What the zips of a session have. */
export interface QuotedParts {
  readonly resolution: LeanChain["resolution"]
  readonly style: OptionStyle
  readonly quotes: Contracts<KnownQuote>["known"]
  readonly trades: Contracts<Traded>["known"]
  readonly openInterest: Contracts<number>["known"]
}

export interface ChainParts {
  readonly symbol: Symbol
  readonly day: Session
  readonly asOf: Timestamp
  readonly quoted: QuotedParts | undefined
  readonly universe: Universe | undefined
  readonly actions: ReadonlyArray<CorporateAction>
  /** By the equity's files. */
  readonly spot: Option.Option<Spot>
  readonly rates: ReadonlyArray<RateRow>
  readonly bad: ReadonlyArray<BadRow>
}

/** The folder's rate on a date; before its first row, or without one, the policy rate. */
export const rateOrigin = (rates: ReadonlyArray<RateRow>, date: SessionDate): RateOrigin => {
  const row = rateOn(rates, date)
  if (Option.isSome(row)) {
    return {
      source: "file",
      rate: continuousRate(row.value.percent),
      from: `primary credit rate of ${row.value.percent}% since ${row.value.date}, compounded daily`
    }
  }
  const { decided, rate } = policyRate(date)
  return {
    source: "policy",
    rate,
    from: `federal funds target (middle) as decided on ${decided}: the folder has no interest rate of ${date}`
  }
}

/** Contracts of the old basis linger for a month; those of the new one are not listed a week before. */
const DAYS_AFTER = 31
const DAYS_BEFORE = 7

/** The splits whose other basis a chain of this date may hold. */
export const splitsAbout = (
  actions: ReadonlyArray<CorporateAction>,
  date: SessionDate
): ReadonlyArray<KnownSplit> =>
  actions.flatMap((action) => {
    if (action._tag !== "Split") return []
    const days = dayOfDate(action.date) - dayOfDate(date)
    return days >= -DAYS_AFTER && days <= DAYS_BEFORE
      ? [{ date: action.date, ratio: action.numerator / action.denominator }]
      : []
  })

type Contract = EntryContract & { readonly quote: RawQuote }

const quotedContracts = (
  root: string,
  asOf: Timestamp,
  { openInterest, quotes, trades }: QuotedParts
): ReadonlyArray<Contract> =>
  [...quotes.values()].map(({ contract, value }) => {
    const key = keyOf(contract)
    const traded = trades.get(key)?.value
    return {
      ...contract,
      quote: {
        contract: printOcc({ root, ...contract }),
        right: contract.right,
        strike: contract.strike,
        bid: value.bid,
        ask: value.ask,
        last: traded?.last,
        ageSeconds: (asOf - value.knownAt) / MICROS_PER_SECOND,
        volume: traded?.volume,
        openInterest: openInterest.get(key)?.value
      }
    }
  })

const universeContracts = (root: string, { rows }: Universe): ReadonlyArray<Contract> =>
  rows.map(({ close, expiry, openInterest, right, strike, volume }) => ({
    expiry,
    right,
    strike,
    quote: {
      contract: printOcc({ root, expiry, right, strike }),
      right,
      strike,
      bid: undefined,
      ask: undefined,
      last: close,
      ageSeconds: 0,
      volume,
      openInterest
    }
  }))

/** Earliest first, by strike, calls before puts; expiries outside the calendar have no length and are left out. */
const expiriesOf = (
  contracts: ReadonlyArray<Contract>,
  asOf: Timestamp,
  rate: number
): ReadonlyArray<RawExpiry> => {
  const byExpiry = new Map<SessionDate, Array<RawQuote>>()
  for (const { expiry, quote } of contracts) {
    const quotes = byExpiry.get(expiry)
    if (quotes === undefined) byExpiry.set(expiry, [quote])
    else quotes.push(quote)
  }
  return [...byExpiry.keys()].toSorted().flatMap((expiry) => {
    const years = yearsToExpiry(expiry, asOf)
    if (Option.isNone(years)) return []
    const quotes = (byExpiry.get(expiry) ?? []).toSorted(
      (a, b) => a.strike - b.strike || (a.right < b.right ? -1 : 1)
    )
    return [{ expiry, years: years.value, rate, quotes }]
  })
}

/** Without the equity's own price: the universe's row, else what the options imply. */
const spotOf = (
  spot: Option.Option<Spot>,
  universe: Universe | undefined,
  expiries: ReadonlyArray<RawExpiry>
): Spot | undefined => {
  if (Option.isSome(spot)) return spot.value
  if (universe?.underlying !== undefined && universe.underlying > 0) {
    return { price: universe.underlying, from: "the underlying's row of the universe file" }
  }
  const price = impliedSpot(expiries)
  return price === undefined ? undefined : { price, from: "put–call parity of the nearest expiry" }
}

/** Prices further apart than this are not of one moment. */
const SAME_PRICE = 0.005

const notesOf = (
  { actions, bad, day }: ChainParts,
  spot: Spot,
  rate: RateOrigin,
  universe: Universe | undefined
): ReadonlyArray<string> => {
  const row = universe?.underlying
  return [
    ...(universe === undefined
      ? []
      : ["closing prices without bid and ask: each stands for both sides, and when it was one is unknown"]),
    ...(row !== undefined && Math.abs(row / spot.price - 1) > SAME_PRICE
      ? [
          `the universe file gives the underlying as ${row}, which is not its price at the chain's time (${spot.price} by ${spot.from})`
        ]
      : []),
    ...(rate.source === "policy" ? [`interest rate: ${rate.from}`] : []),
    ...splitsAbout(actions, day.date).map(
      ({ date, ratio }) =>
        `the share is split on ${date}, ${ratio} new for one old: contracts of the other basis are dropped`
    ),
    ...(bad.length > 0 ? [`${bad.length} bad rows or files left out`] : [])
  ]
}

/** The chain; none where no contract or no price of the underlying was known. */
export const leanChain = (parts: ChainParts): Option.Option<LeanChain> => {
  const { actions, asOf, bad, day, quoted, rates, symbol } = parts
  const root = rootOf({ symbol })
  const universe = quoted === undefined ? parts.universe : undefined
  const rate = rateOrigin(rates, day.date)
  const contracts =
    quoted === undefined
      ? universe === undefined
        ? []
        : universeContracts(root, universe)
      : quotedContracts(root, asOf, quoted)
  const expiries = expiriesOf(contracts, asOf, rate.rate)
  const spot = spotOf(parts.spot, universe, expiries)
  if (expiries.length === 0 || spot === undefined) return Option.none()
  return Option.some({
    source: quoted === undefined ? "lean-universe" : "lean-quote",
    resolution: quoted?.resolution ?? "1d",
    asOf,
    raw: {
      symbol,
      style: quoted?.style ?? "AMERICAN",
      spot: spot.price,
      asOf: toIso(asOf),
      expiries,
      splits: splitsAbout(actions, day.date)
    },
    published: new Map(
      (universe?.rows ?? []).map(({ greeks, ...contract }) => [printOcc({ root, ...contract }), greeks])
    ),
    spot,
    rate,
    notes: notesOf(parts, spot, rate, universe),
    bad
  })
}
