/** Which contracts of a chain are shown, and each as a row. */
import { Schema } from "effect"
import { occOf } from "../../../domain/OccSymbol.ts"
import type { OptionRight } from "../../../domain/OptionContract.ts"
import type { QuoteTick } from "../../../domain/Quote.ts"
import {
  atmVolatility,
  cleaned,
  dropReasonOf,
  type ShownGreeks,
  shownGreeks,
  strikesAround
} from "../../../market/ChainAnalysis.ts"
import type { ExpiryRange } from "../../../market/ExpiryRange.ts"
import { ageSecondsOf, type MarketChain } from "../../../market/MarketChain.ts"
import { optionId } from "../../../market/OptionInstruments.ts"
import { optionQuoteTick } from "../../../market/OptionQuote.ts"
import type { RawExpiry, RawQuote } from "../../../options/chain/OptionChain.ts"
import { daysOf, dollarText, fiveDecimals, optionalDollars, optionalRatio } from "./OptionWire.ts"

/** What is shown of a chain. */
export interface Shown {
  readonly range: ExpiryRange
  /** On each side of the underlying's price. */
  readonly strikes: number
  /** Both where it is undefined. */
  readonly right: OptionRight | undefined
}

export interface ShownContract {
  readonly expiry: RawExpiry
  readonly quote: RawQuote
}

export const expiriesIn = ({ raw }: MarketChain, { from, to }: ExpiryRange): ReadonlyArray<RawExpiry> =>
  raw.expiries.filter(({ expiry }) => expiry >= from && expiry <= to)

/** By expiry, then strike, the call before the put. */
export const shownContracts = (
  chain: MarketChain,
  { range, right, strikes }: Shown
): ReadonlyArray<ShownContract> =>
  expiriesIn(chain, range).flatMap((expiry) => {
    const quotes = expiry.quotes.filter((quote) => right === undefined || quote.right === right)
    const listed = [...new Set(quotes.map(({ strike }) => strike))].toSorted((a, b) => a - b)
    const kept = new Set(strikesAround(listed, chain.raw.spot, strikes))
    return quotes
      .filter(({ strike }) => kept.has(strike))
      .toSorted((a, b) => a.strike - b.strike || (a.right < b.right ? -1 : 1))
      .map((quote) => ({ expiry, quote }))
  })

export const Row = Schema.Array(Schema.NullOr(Schema.Union([Schema.String, Schema.Finite])))
type Cell = string | number | null

interface Column {
  readonly name: string
  /** Where no contract has one the column is left out. */
  readonly has: (quote: RawQuote, chain: MarketChain) => boolean
  readonly cell: (chain: MarketChain, contract: ShownContract, greeks: ShownGreeks) => Cell
}

const always = () => true

const columns: ReadonlyArray<Column> = [
  { name: "contract", has: always, cell: (_, { quote }) => quote.contract },
  { name: "right", has: always, cell: (_, { quote }) => quote.right },
  { name: "strike", has: always, cell: (_, { quote }) => dollarText(quote.strike) },
  { name: "bid", has: always, cell: (_, { quote }) => optionalDollars(quote.bid) },
  { name: "ask", has: always, cell: (_, { quote }) => optionalDollars(quote.ask) },
  {
    name: "last",
    has: ({ last }) => last !== undefined,
    cell: (_, { quote }) => optionalDollars(quote.last)
  },
  { name: "iv", has: always, cell: (_, __, { volatility }) => optionalRatio(volatility) },
  { name: "delta", has: always, cell: (_, __, { delta }) => optionalRatio(delta) },
  { name: "volume", has: ({ volume }) => volume !== undefined, cell: (_, { quote }) => quote.volume ?? null },
  {
    name: "open_interest",
    has: ({ openInterest }) => openInterest !== undefined,
    cell: (_, { quote }) => quote.openInterest ?? null
  },
  {
    name: "age_seconds",
    has: ({ ageSeconds }) => ageSeconds > 0,
    cell: (chain, { quote }) => Math.round(ageSecondsOf(chain) + quote.ageSeconds)
  },
  {
    name: "dropped",
    has: (quote, chain) => dropReasonOf({ chain, quote }) !== undefined,
    cell: (_, __, { dropped }) => dropped ?? null
  },
  { name: "quote_id", has: always, cell: (chain, { quote }) => citable(chain, quote)?.quoteId ?? null }
]

/** What an order may cite of a row; undefined without prices to trade at, and for a contract of another share. */
export const citable = (chain: MarketChain, quote: RawQuote): QuoteTick | undefined => {
  const occ = occOf(quote.contract)
  return occ === undefined || dropReasonOf({ chain, quote }) === "wrong-split-basis"
    ? undefined
    : optionQuoteTick({ id: optionId(occ) }, chain, quote)
}

/** The columns that a chain's rows have: the same on all of its pages. */
export const columnsOf = (chain: MarketChain): ReadonlyArray<Column> =>
  columns.filter(({ has }) =>
    chain.raw.expiries.some(({ quotes }) => quotes.some((quote) => has(quote, chain)))
  )

export const rowOf = (
  chain: MarketChain,
  columnsShown: ReadonlyArray<Column>,
  contract: ShownContract
): typeof Row.Type => {
  const greeks = shownGreeks({ chain, ...contract })
  return columnsShown.map(({ cell }) => cell(chain, contract, greeks))
}

/** An expiry in a line of the summary. */
export const ExpiryRow = Schema.Struct({
  expiry: Schema.String,
  /** Calendar days to the close it expires at. */
  days: Schema.Finite,
  /** Contracts listed, and strikes whose quote passed the cleaning. */
  contracts: Schema.Int,
  usableStrikes: Schema.Int,
  strikes: Schema.String,
  forward: Schema.NullOr(Schema.String),
  /** parity of this expiry, of its neighbours, or spot: nothing to go by. */
  forwardFrom: Schema.NullOr(Schema.Literals(["parity", "neighbours", "spot"])),
  /** Implied by put-call parity, as the forward is. */
  dividendYield: Schema.NullOr(Schema.Finite),
  rate: Schema.Finite,
  /** At the forward, and what it makes of the price until then: one standard deviation in dollars. */
  atmIv: Schema.NullOr(Schema.Finite),
  expectedMove: Schema.NullOr(Schema.String)
})

export const expiryRow = (
  chain: MarketChain,
  { expiry, quotes, rate, years }: RawExpiry
): typeof ExpiryRow.Type => {
  const smile = cleaned(chain).smiles.find((one) => one.expiry === expiry)
  const atm = smile === undefined ? undefined : atmVolatility(smile)
  const strikes = quotes.map(({ strike }) => strike)
  const [low, high] = [
    strikes.reduce((a, b) => Math.min(a, b), Infinity),
    strikes.reduce((a, b) => Math.max(a, b), 0)
  ]
  return {
    expiry,
    days: daysOf(years),
    contracts: quotes.length,
    usableStrikes: smile?.points.length ?? 0,
    strikes: quotes.length === 0 ? "" : `${dollarText(low)}..${dollarText(high)}`,
    forward: optionalDollars(smile?.forward),
    forwardFrom: smile?.source ?? null,
    dividendYield: optionalRatio(smile?.dividendYield),
    rate: fiveDecimals(rate),
    atmIv: optionalRatio(atm),
    expectedMove: atm === undefined ? null : dollarText(chain.raw.spot * atm * Math.sqrt(years))
  }
}
