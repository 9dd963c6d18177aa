/**
 * One instrument of a tape while it is played: the session in hand, its ticks
 * when they are wanted, and what a stretch of it comes to without them.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import { type Price, price } from "../../domain/Money.ts"
import { MICROS_PER_MINUTE, type SessionDate, type Timestamp } from "../../domain/Timestamp.ts"
import type { BarSeries, CorporateAction, QuoteSeries } from "../../market/BarSeries.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { SessionPath } from "../../market/PricePath.ts"
import { fromExchangeTime, isSession, type Session } from "../../market/TradingCalendar.ts"
import type { HistoryBar } from "../../session/History.ts"
import type { Tape, TapeTrack } from "./Tape.ts"

type Split = Extract<CorporateAction, { readonly _tag: "Split" }>

/** Sessions without a path. */
const NO_PATH = 255

const none: ReadonlyArray<MarketTick> = []
const noActions: ReadonlyArray<CorporateAction> = []

/** A split, and the instant from which bars are in new shares. */
interface DueSplit {
  readonly at: number
  readonly split: Split
}

/** Of dates that are sessions: what is in force from another date no run takes up. */
const dueSplits = ({ actions }: TapeTrack): ReadonlyArray<DueSplit> =>
  actions.flatMap((split) =>
    split._tag === "Split" && isSession(split.date) ? [{ at: fromExchangeTime(split.date, 0), split }] : []
  )

/** What a stretch of ticks comes to. `low` and `high` bound their last prices. */
export interface Survey {
  low: number
  high: number
  /** The last of them. */
  last: number
  /** Both bounds are prices of the stretch. */
  isExact: boolean
}

/** Of each session the number of the finest path that has bars of it. */
const finestPaths = ({ lastSession, paths }: TapeTrack, sessions: number): Uint8Array => {
  const finest = new Uint8Array(sessions).fill(NO_PATH)
  const last = Math.min(lastSession, sessions - 1)
  for (let at = paths.length - 1; at >= 0; at--) {
    const path = paths[at]
    if (path === undefined) continue
    for (let i = 0; i <= last; i++) if ((path.until[i] ?? 0) > (path.from[i] ?? 0)) finest[i] = at
  }
  return finest
}

export class TrackReader {
  readonly id: InstrumentId
  readonly instrument: Instrument
  readonly track: TapeTrack
  /** Of `survey`, until it is called again. */
  readonly surveyed: Survey = { low: 0, high: 0, last: 0, isExact: true }
  readonly #tape: Tape
  readonly #series: ReadonlyArray<BarSeries>
  readonly #quotes: QuoteSeries | undefined
  /** By session: which of the paths its ticks are made of. */
  readonly #pathOf: Uint8Array
  readonly #actions: ReadonlyMap<SessionDate, ReadonlyArray<CorporateAction>>
  readonly #splits: ReadonlyArray<DueSplit>
  #splitsTaken = 0
  #number = -1
  #bars: BarSeries | undefined
  #from = 0
  #until = 0
  /** The row that was open at the last survey's end. */
  #row = 0
  #path: SessionPath | undefined
  #ticks: ReadonlyArray<MarketTick> | undefined
  /** The next bar that is fed. */
  #fed = 0

  constructor(tape: Tape, track: TapeTrack) {
    this.#tape = tape
    this.track = track
    this.instrument = track.instrument
    this.id = track.instrument.id
    const { instrument } = track
    this.#series = track.paths.map((path) => ({ ...path, instrument }))
    this.#quotes = track.quotes === undefined ? undefined : { ...track.quotes, instrument, resolution: "1m" }
    this.#pathOf = finestPaths(track, tape.sessions.length)
    const actions = new Map<SessionDate, Array<CorporateAction>>()
    for (const action of track.actions) {
      const others = actions.get(action.date)
      if (others === undefined) actions.set(action.date, [action])
      else others.push(action)
    }
    this.#actions = actions
    this.#splits = dueSplits(track)
  }

  /** Takes up a session, by its number. */
  toSession(number: number): void {
    this.#number = number
    this.#path = undefined
    this.#ticks = undefined
    const at = this.#pathOf[number] ?? NO_PATH
    this.#bars = this.#series[at]
    const path = this.track.paths[at]
    this.#from = path?.from[number] ?? 0
    this.#until = path?.until[number] ?? 0
    this.#row = this.#from
  }

  /** True while it is traded: to the session it is delisted after. */
  get isListed(): boolean {
    return this.#number <= this.track.lastSession
  }

  /** Splits and dividends in force from the session on. */
  actionsOn(date: SessionDate): ReadonlyArray<CorporateAction> {
    return this.#actions.size === 0 ? noActions : (this.#actions.get(date) ?? noActions)
  }

  /** When the session's first tick comes; undefined without one. */
  get opensAt(): number | undefined {
    return this.#bars?.tsOpen[this.#from]
  }

  /** The session's opening print. */
  get openingTick(): MarketTick | undefined {
    return this.#bars === undefined ? undefined : this.#pathNow(this.#bars).first()
  }

  /** The last tick of the session by an instant. */
  tickAt(at: Timestamp): MarketTick | undefined {
    return this.#bars === undefined ? undefined : this.#pathNow(this.#bars).upTo(at)
  }

  /** What is quoted at an instant: as `tickAt`, before the session's first print the close before. */
  shownAt(at: Timestamp): MarketTick | undefined {
    const tick = this.tickAt(at)
    if (tick !== undefined || this.#bars === undefined || this.#number === 0) return tick
    const at0 = this.#pathOf[this.#number - 1] ?? NO_PATH
    const bars = this.#series[at0]
    return bars === undefined ? undefined : this.#makePath(bars, at0, this.#number - 1).last()
  }

  /** All of the session's. */
  ticks(): ReadonlyArray<MarketTick> {
    return (this.#ticks ??= this.#bars === undefined ? none : this.#pathNow(this.#bars).ticks())
  }

  /**
   * Looks at the ticks after one instant up to another, without making them;
   * false when there are none. Surveys of a session come in time order.
   */
  survey(after: number, until: number): boolean {
    const bars = this.#bars
    const session = this.#session
    if (bars === undefined || session === undefined) return false
    return after < session.open && until >= session.close
      ? this.#surveyAll(bars)
      : this.#surveyPart(bars, session, after, until)
  }

  /** The next bar, if it has ended by an instant. */
  nextBar(until: number): HistoryBar | undefined {
    const { bars } = this.track
    const row = this.#fed
    const tsEvent = bars.tsEvent[row]
    if (tsEvent === undefined || tsEvent > until) return undefined
    this.#fed = row + 1
    return {
      tsEvent,
      open: bars.open[row] ?? Number.NaN,
      high: bars.high[row] ?? Number.NaN,
      low: bars.low[row] ?? Number.NaN,
      close: bars.close[row] ?? Number.NaN,
      volume: bars.volume[row] ?? Number.NaN
    }
  }

  /** The next split that is in force at an instant, and before the next bar. */
  nextSplit(until: number): Split | undefined {
    const due = this.#splits[this.#splitsTaken]
    if (due === undefined || due.at > until) return undefined
    const next = this.track.bars.tsOpen[this.#fed] ?? Infinity
    const ends = this.track.bars.tsEvent[this.#fed] ?? Infinity
    // A bar of before that has ended comes first.
    if (next < due.at && ends <= until) return undefined
    this.#splitsTaken += 1
    return due.split
  }

  /** Whether it has a price at an instant of the session. */
  isQuoted(now: number): boolean {
    const { opensAt } = this
    if (opensAt === undefined) return false
    return opensAt <= now || (this.#number > 0 && this.#pathOf[this.#number - 1] !== NO_PATH)
  }

  get #session(): Session | undefined {
    return this.#tape.sessions[this.#number]
  }

  #pathNow(bars: BarSeries): SessionPath {
    return (this.#path ??= this.#makePath(bars, this.#pathOf[this.#number] ?? NO_PATH, this.#number))
  }

  #makePath(bars: BarSeries, at: number, number: number): SessionPath {
    const { quotes: spread, seed, sessions } = this.#tape
    const { paths, quotes, source } = this.track
    const session = sessions[number]
    const path = paths[at]
    if (session === undefined || path === undefined) throw new RangeError(`the tape has no session ${number}`)
    return new SessionPath({
      seed,
      session,
      bars,
      from: path.from[number] ?? 0,
      until: path.until[number] ?? 0,
      source,
      spread,
      ...(this.#quotes === undefined ? {} : { quotes: this.#quotes, quotesFrom: quotes?.from[number] ?? 0 })
    })
  }

  #surveyAll({ close, high, low }: BarSeries): boolean {
    const { surveyed } = this
    const end = this.#until - 1
    let bottom = low[end] ?? Number.NaN
    let top = high[end] ?? Number.NaN
    for (let row = this.#from; row < end; row++) {
      bottom = Math.min(bottom, low[row] ?? Number.NaN)
      top = Math.max(top, high[row] ?? Number.NaN)
    }
    surveyed.low = bottom
    surveyed.high = top
    surveyed.last = close[end] ?? Number.NaN
    // A path touches the high and the low of each of its bars.
    surveyed.isExact = true
    return true
  }

  #surveyPart(bars: BarSeries, session: Session, after: number, until: number): boolean {
    const { close, high, low, open, tsEvent, tsOpen } = bars
    const { surveyed } = this
    while (this.#row < this.#until - 1 && (tsOpen[this.#row + 1] ?? Infinity) <= after) this.#row += 1
    let bottom = Infinity
    let top = -Infinity
    let last: number | undefined
    let isExact = true
    for (let row = this.#row; row < this.#until; row++) {
      const starts = tsOpen[row] ?? Infinity
      if (starts > until) break
      const length = (tsEvent[row] ?? 0) - starts
      const isLast = row === this.#until - 1
      const isShort = length < 4 * MICROS_PER_MINUTE
      const step = isShort ? length / 4 : MICROS_PER_MINUTE
      const ticks = isShort ? 4 : Math.floor(length / MICROS_PER_MINUTE)
      const ends = isLast ? session.close : starts + (ticks - 1) * step
      if (ends <= after) continue
      if (after < starts + step && until >= ends) {
        // All of it but, perhaps, its opening, which is no extreme of its own.
        bottom = Math.min(bottom, low[row] ?? Number.NaN)
        top = Math.max(top, high[row] ?? Number.NaN)
        last = close[row]
      } else if (starts > after && until < starts + step) {
        bottom = Math.min(bottom, open[row] ?? Number.NaN)
        top = Math.max(top, open[row] ?? Number.NaN)
        last = open[row]
      } else {
        bottom = Math.min(bottom, low[row] ?? Number.NaN)
        top = Math.max(top, high[row] ?? Number.NaN)
        last = Number.NaN
        isExact = false
      }
    }
    if (last === undefined) return false
    surveyed.low = bottom
    surveyed.high = top
    surveyed.isExact = isExact
    surveyed.last = Number.isNaN(last) ? this.#lastIn(bars, until) : last
    return true
  }

  #lastIn(bars: BarSeries, until: number): Price {
    return this.#pathNow(bars).upTo(until)?.last ?? price(Number.NaN)
  }
}
