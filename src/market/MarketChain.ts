/** A chain of options as the market shows it at one moment, and where its numbers are from. */
import { Schema } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import { MICROS_PER_SECOND, type Timestamp } from "../domain/Timestamp.ts"
import type { RawChain, RawExpiry, RawQuote } from "../options/chain/OptionChain.ts"

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

/** Seconds of market time between what the chain shows and when it was asked for. */
export const ageSecondsOf = ({ askedAt, shownAt }: MarketChain): number =>
  (askedAt - shownAt) / MICROS_PER_SECOND

/** "40 s old", "5 min old", "18 h old". */
export const ageWords = (seconds: number): string =>
  seconds < 120
    ? `${Math.round(seconds)} s old`
    : seconds < 7200
      ? `${Math.round(seconds / 60)} min old`
      : `${Math.round(seconds / 3600)} h old`
