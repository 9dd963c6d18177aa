/** What the option tools have in common: where a chain is from and how old it is, and their failures. */
import { Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { ageSecondsOf, ageWords, type MarketChain, OptionSource } from "../../../market/MarketChain.ts"
import { instrumentSteps, marketSteps, quoteSteps } from "../kit/NextSteps.ts"

/** Notes told of a chain, and of each so many characters. */
const MAX_NOTES = 8
const MAX_NOTE = 300

/** Quotes this old say where the market was. */
const OLD_SECONDS = 900

/** What has to be known of a chain, its age first. */
export const chainNotes = (chain: MarketChain): ReadonlyArray<string> => {
  const age = ageSecondsOf(chain)
  return [
    ...(age > OLD_SECONDS
      ? [`the newest quotes there are, ${ageWords(age)}: what has happened since is not in them`]
      : []),
    ...chain.notes
  ]
}

export const boundedNotes = (notes: ReadonlyArray<string>): ReadonlyArray<string> =>
  notes.slice(0, MAX_NOTES).map((note) => (note.length > MAX_NOTE ? `${note.slice(0, MAX_NOTE)}…` : note))

/** The part of an answer that says which moment of which market it is about. */
export const chainHead = {
  symbol: Schema.String,
  /** Of the whole chain at this moment; each quote_id is made from it. */
  snapshotId: Schema.String,
  source: OptionSource,
  /** Those of its quotes' numbers that a model made. */
  modelled: Schema.Array(Schema.Literals(["bid", "ask"])),
  exerciseStyle: Schema.Literals(["AMERICAN", "EUROPEAN"]),
  /** The moment the quotes show. */
  asOf: Schema.String,
  marketTime: Schema.String,
  /** Market seconds from then to market time. */
  ageSeconds: Schema.Finite,
  /** Of the underlying, at the same moment. */
  underlyingPrice: Schema.String,
  /** Where the numbers that are no quotes are from. */
  origins: Schema.Struct({
    underlyingPrice: Schema.String,
    rate: Schema.String,
    model: Schema.NullOr(Schema.String)
  })
}

/** Dollars of a float as text, with two decimals at least and four at most. */
export const dollarText = (dollars: number): string => formatMicros(Math.round(dollars * 10_000) * 100, 2)

export const optionalDollars = (dollars: number | undefined): string | null =>
  dollars === undefined ? null : dollarText(dollars)

/** To six significant digits: more would be noise. */
export const sixDigits = (value: number): number => Number(value.toPrecision(6)) + 0

/** A volatility or a ratio, to five decimals. */
export const fiveDecimals = (value: number): number => Math.round(value * 1e5) / 1e5 + 0

export const optionalRatio = (value: number | undefined): number | null =>
  value === undefined ? null : fiveDecimals(value)

export const daysOf = (years: number): number => Math.round(years * 365 * 100) / 100

export const headOf = (chain: MarketChain) => ({
  symbol: chain.raw.symbol,
  snapshotId: chain.snapshotId,
  source: chain.source,
  modelled: chain.modelled,
  exerciseStyle: chain.raw.style,
  asOf: toIso(chain.shownAt),
  marketTime: toIso(chain.askedAt),
  ageSeconds: ageSecondsOf(chain),
  underlyingPrice: dollarText(chain.raw.spot),
  origins: {
    underlyingPrice: chain.origins.spot,
    rate: chain.origins.rate,
    model: chain.origins.model ?? null
  }
})

/** "AAPL at 116.15 (model, 0 s old)" */
export const headText = (head: {
  readonly symbol: string
  readonly source: string
  readonly ageSeconds: number
  readonly underlyingPrice: string
}): string => `${head.symbol} at ${head.underlyingPrice} (${head.source}, ${ageWords(head.ageSeconds)})`

export const optionSteps = {
  ...instrumentSteps,
  ...quoteSteps,
  ...marketSteps,
  NoOptions: "choose another symbol, or a later market time."
} as const

export const insufficientSteps = {
  InsufficientQuotes: "get_option_chain shows the quotes there are: take another expiry, strike or symbol."
} as const
