/**
 * What a backtest is played from: bars, what ticks are made of, splits and
 * dividends of each instrument, session by session.
 *
 * Plain objects and typed arrays: a tape can be handed to a worker by
 * structured clone, or its columns shared without a copy. It is loaded whole
 * before anything is played (`LoadTape.ts`) and knows more than a strategy may:
 * the engine shows a strategy what has ended, and nothing else of it.
 */
import type { Instrument } from "../../domain/Instrument.ts"
import type { QuoteSource, Resolution } from "../../domain/Quote.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { BarSeries, CorporateAction, QuoteSeries } from "../../market/BarSeries.ts"
import type { Session } from "../../market/TradingCalendar.ts"
import type { BacktestModels } from "../BacktestModels.ts"

/** Bars in columns, without what they are of. */
export type TapeColumns = Omit<BarSeries, "instrument" | "resolution">

/** Bars that ticks are made of. */
export interface TapePaths extends TapeColumns {
  readonly resolution: Resolution
  /** Session i has the rows `from[i]` (included) to `until[i]` (not); none where both are the same. */
  readonly from: Uint32Array
  readonly until: Uint32Array
}

/** Published minute quotes, the bid in the columns of the bar; sessions as in `TapePaths`. */
export interface TapeQuotes extends Omit<QuoteSeries, "instrument" | "resolution"> {
  readonly from: Uint32Array
  readonly until: Uint32Array
}

/** One instrument of a tape. */
export interface TapeTrack {
  /** With the size increment that the models' lots ask for. */
  readonly instrument: Instrument
  /** What ticks say whose bid and ask are modelled. */
  readonly source: QuoteSource
  /** Raw bars at the tape's resolution: those before the first session, then those of its sessions. */
  readonly bars: TapeColumns
  /** Bars before the first session. */
  readonly warmUp: number
  /** Session i has the rows `first[i]` to `first[i + 1]` of `bars`, the latter not included. */
  readonly first: Uint32Array
  /** Finest first; a session's ticks are made of the first that has rows of it. */
  readonly paths: ReadonlyArray<TapePaths>
  readonly quotes: TapeQuotes | undefined
  /** Oldest first, from the first bar on. */
  readonly actions: ReadonlyArray<CorporateAction>
  /** Daily closes one a session, splits and dividends taken out, micros; the one before where there is none, NaN before the first. */
  readonly adjusted: Float64Array
  /** Number of the last session it trades in; the number of sessions while it trades to the end. */
  readonly lastSession: number
}

/** A span of sessions an instrument has no data of. */
export interface TapeGap {
  readonly symbol: string
  readonly from: SessionDate
  readonly to: SessionDate
  readonly reason: string
}

export interface Tape {
  /** Those that are played. */
  readonly sessions: ReadonlyArray<Session>
  /** Of the bars a strategy decides on. */
  readonly resolution: Resolution
  readonly tracks: ReadonlyArray<TapeTrack>
  /** What the paths inside bars are drawn from. */
  readonly seed: string
  /** Bid and ask where none are published. */
  readonly quotes: BacktestModels["quotes"]
  readonly gaps: ReadonlyArray<TapeGap>
  /** SHA-256, hex, of everything above that comes from the data; not of seed and models. */
  readonly dataHash: string
}

/** How many bars end in the tape's sessions, over all instruments. */
export const barsOf = ({ sessions, tracks }: Tape): number =>
  tracks.reduce((sum, { first, warmUp }) => sum + (first[sessions.length] ?? 0) - warmUp, 0)
