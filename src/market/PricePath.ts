/**
 * The path a price takes inside a bar, and the quotes around it: a model, made
 * of the bar's own numbers and a seed, the same on every machine.
 *
 * A bar tells its open, high, low and close, not their order. The path starts
 * at the open, touches exactly the high and the low, and ends at the close,
 * in straight lines, never beyond [low, high]. Whether high or low comes
 * first, and when each does, is drawn from hash(seed, instrument, date,
 * number of the bar in its session) and from no price: up to its second
 * extreme a day looks the same whatever its close will be.
 *
 * What it cannot be used for: a straight line gives its end away to whoever
 * extrapolates it, and the volume is spread evenly from the bar's total. So
 * fills, stops and marks may use these ticks; signals are for finished bars.
 *
 * All arithmetic is on integers below 2^53 with + − × ÷, rounded to a micro.
 */
import { hash } from "node:crypto"
import type { InstrumentId } from "../domain/Identifiers.ts"
import { MAX_PRICE_MICROS, MICROS, price, type Quantity, quantity } from "../domain/Money.ts"
import type { QuoteSource } from "../domain/Quote.ts"
import { MICROS_PER_MINUTE, type SessionDate, timestamp } from "../domain/Timestamp.ts"
import type { BarSeries, QuoteSeries } from "./BarSeries.ts"
import type { MarketTick } from "./MarketTick.ts"
import type { Session } from "./TradingCalendar.ts"

/** The modelled half-spread is a cent (of an index: 0.01 points) or one basis point, whichever is more. */
export const MINIMUM_HALF_SPREAD_MICROS = 10_000
/** The modelled size on each side is a tenth of the tick's volume, from a round lot to ten million shares. */
export const ROUND_LOT = 100
const LARGEST_SIZE = 10_000_000

const sizeOf = (shares: number): Quantity =>
  quantity(Math.min(LARGEST_SIZE, Math.max(ROUND_LOT, Math.floor(shares / 10))) * MICROS)

/** Two words of 32 bits, drawn once per session: the first eight bytes of sha256("seed|instrument|date"). */
export interface SessionDraw {
  readonly high: number
  readonly low: number
}

/** The session's draw: depends on nothing but these three. */
export const drawSession = (seed: string, id: InstrumentId, date: SessionDate): SessionDraw => {
  const bytes = hash("sha256", `${seed}|${id}|${date}`, "buffer")
  return { high: bytes.readUInt32BE(0), low: bytes.readUInt32BE(4) }
}

/** Spreads 32 bits evenly (the finalizer of MurmurHash3, Austin Appleby). */
const mix = (word: number): number => {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Which of `count` inner points, 1 … count, a word falls on. */
const pointOf = (word: number, count: number): number => 1 + Math.floor((word / 0x1_0000_0000) * count)

/** Where the extremes lie among the `points` of a bar, never at its first or last: `first < second`. */
export interface Extremes {
  readonly first: number
  readonly second: number
  readonly highFirst: boolean
}

/** The extremes' places in the session's bar number `index`, counted from 0. `points` is at least 4. */
export const drawExtremes = (draw: SessionDraw, index: number, points: number): Extremes => {
  const salt = Math.imul(index + 1, 0x9e3779b9)
  const a = pointOf(mix(draw.high ^ salt), points - 2)
  const other = pointOf(mix(draw.low ^ salt), points - 3)
  const b = other >= a ? other + 1 : other
  return {
    first: Math.min(a, b),
    second: Math.max(a, b),
    highFirst: (mix(draw.high + draw.low + salt) & 1) === 1
  }
}

export interface SessionTicksInput {
  readonly seed: string
  readonly session: Session
  readonly bars: BarSeries
  /** The session's bars are the rows `from` (included) to `until` (not). */
  readonly from: number
  readonly until: number
  /** Published quotes, of the session or, from the row `quotesFrom` on, of more: where a minute has one, bid, ask and sizes are the market's. */
  readonly quotes?: QuoteSeries | undefined
  readonly quotesFrom?: number
  /** What ticks say whose bid and ask are modelled. */
  readonly source: QuoteSource
  /** Bid and ask where none are published: modelled around the last price unless both are to be the last price. */
  readonly spread?: "modelled" | "last"
}

/**
 * Every tick of one session, oldest first; none when it has no bars.
 *
 * Bars of five minutes and more give a tick on every minute, minute bars four
 * (their open, extremes and close). The first is the OPEN, at its bar's open;
 * the last is the CLOSE, always at the session's close. Volumes sum to the
 * bars' exactly.
 */
export const sessionTicks = (input: SessionTicksInput): ReadonlyArray<MarketTick> =>
  new SessionPath(input).ticks()

/** How many ticks a bar gives and how far apart they are. */
interface Grid {
  readonly points: number
  readonly step: number
  readonly isLast: boolean
}

const gridOf = (input: SessionTicksInput, row: number): Grid => {
  const { bars, session, until } = input
  const length = (bars.tsEvent[row] ?? 0) - (bars.tsOpen[row] ?? 0)
  const isLast = row === until - 1
  if (length < 4 * MICROS_PER_MINUTE) return { points: 4, step: length / 4, isLast }
  // The session's last bar also has the tick of the close itself.
  const minutes = Math.floor(length / MICROS_PER_MINUTE)
  const points = isLast && (bars.tsEvent[row] ?? 0) === session.close ? minutes + 1 : minutes
  return { points, step: MICROS_PER_MINUTE, isLast }
}

const phaseOf = (row: number, k: number, grid: Grid, from: number): MarketTick["phase"] =>
  row === from && k === 0 ? "OPEN" : grid.isLast && k === grid.points - 1 ? "CLOSE" : "CONTINUOUS"

const isPublished = (quotes: QuoteSeries, row: number): boolean => {
  const isQuote = (bid: number | undefined, ask: number | undefined): boolean =>
    bid !== undefined && ask !== undefined && bid > 0 && ask >= bid
  return (
    isQuote(quotes.open[row], quotes.askOpen[row]) &&
    isQuote(quotes.high[row], quotes.askHigh[row]) &&
    isQuote(quotes.low[row], quotes.askLow[row]) &&
    isQuote(quotes.close[row], quotes.askClose[row])
  )
}

/** The path of one session: all of its ticks, or single ones without the others. */
export class SessionPath {
  readonly #input: SessionTicksInput
  #draw: SessionDraw | undefined

  constructor(input: SessionTicksInput) {
    this.#input = input
  }

  ticks(): ReadonlyArray<MarketTick> {
    const ticks: Array<MarketTick> = []
    const { from, until } = this.#input
    for (let row = from; row < until; row++) this.#pushBar(ticks, row)
    return ticks
  }

  /** The session's opening print. */
  first(): MarketTick | undefined {
    const { from, until } = this.#input
    return from < until ? this.#tick(from, 0) : undefined
  }

  /** Its last tick, at the close. */
  last(): MarketTick | undefined {
    const { from, until } = this.#input
    return from < until ? this.#tick(until - 1, gridOf(this.#input, until - 1).points - 1) : undefined
  }

  /** The last tick at or before an instant. */
  upTo(at: number): MarketTick | undefined {
    const { bars, from, session, until } = this.#input
    if (at >= session.close) return this.last()
    let row = until - 1
    let low = from
    // The last row that has opened by then.
    while (low <= row) {
      const middle = (low + row) >>> 1
      if ((bars.tsOpen[middle] ?? 0) <= at) low = middle + 1
      else row = middle - 1
    }
    if (row < from) return undefined
    const { isLast, points, step } = gridOf(this.#input, row)
    const k = Math.floor((at - (bars.tsOpen[row] ?? 0)) / step)
    // The tick of the close comes at the close, when its bar ends before it too.
    return this.#tick(row, Math.min(k, isLast ? points - 2 : points - 1))
  }

  #extremes(row: number, points: number): Extremes {
    const { bars, from, seed, session } = this.#input
    this.#draw ??= drawSession(seed, bars.instrument.id, session.date)
    return drawExtremes(this.#draw, row - from, points)
  }

  /** The row of a minute's published quote; -1 where there is none. */
  #quoteRow(row: number): number {
    const { bars, quotes, quotesFrom = 0 } = this.#input
    if (quotes === undefined || bars.resolution !== "1m") return -1
    const tsOpen = bars.tsOpen[row] ?? 0
    const found = lowerBound(quotes.tsOpen, tsOpen, quotesFrom)
    return quotes.tsOpen[found] === tsOpen && isPublished(quotes, found) ? found : -1
  }

  #pushBar(ticks: Array<MarketTick>, row: number): void {
    const grid = gridOf(this.#input, row)
    const extremes = this.#extremes(row, grid.points)
    const quoteRow = this.#quoteRow(row)
    for (let k = 0; k < grid.points; k++) {
      ticks.push(
        quoteRow === -1
          ? this.#modelled(row, k, grid, extremes)
          : this.#published(row, k, grid, extremes, quoteRow)
      )
    }
  }

  #tick(row: number, k: number): MarketTick {
    const grid = gridOf(this.#input, row)
    const quoteRow = this.#quoteRow(row)
    // A path's ends are its bar's own, whatever lies between them.
    const isEnd = k === 0 || k === grid.points - 1
    const extremes = isEnd ? ends : this.#extremes(row, grid.points)
    return quoteRow === -1
      ? this.#modelled(row, k, grid, extremes)
      : this.#published(row, k, grid, extremes, quoteRow)
  }

  /** A tick whose bid, ask and sizes are modelled around the path. */
  #modelled(row: number, k: number, grid: Grid, extremes: Extremes): MarketTick {
    const { bars, from, session, source, spread } = this.#input
    const { isLast, points, step } = grid
    const volume = bars.volume[row] ?? 0
    const last = lastAt(bars, row, k, points, extremes)
    const halfSpread = spread === "last" ? 0 : Math.max(MINIMUM_HALF_SPREAD_MICROS, Math.round(last / 10_000))
    const shares = Math.floor((volume * (k + 1)) / points) - Math.floor((volume * k) / points)
    const size = sizeOf(shares)
    return {
      instrumentId: bars.instrument.id,
      tsEvent: timestamp(isLast && k === points - 1 ? session.close : (bars.tsOpen[row] ?? 0) + k * step),
      phase: phaseOf(row, k, grid, from),
      bid: price(Math.max(1, last - halfSpread)),
      ask: price(Math.min(MAX_PRICE_MICROS, last + halfSpread)),
      last: price(last),
      bidSize: size,
      askSize: size,
      volume: quantity(shares * MICROS),
      source
    }
  }

  /** A tick of a minute with published quotes: with the bid and ask that belong to it. */
  #published(row: number, k: number, grid: Grid, { highFirst }: Extremes, quoteRow: number): MarketTick {
    const { bars, from, quotes, session } = this.#input
    const field = (highFirst ? highFirstFields : lowFirstFields)[k] ?? "close"
    const ask = quotes?.[askFields[field]][quoteRow] ?? 0
    const volume = bars.volume[row] ?? 0
    return {
      instrumentId: bars.instrument.id,
      tsEvent: timestamp(grid.isLast && k === 3 ? session.close : (bars.tsOpen[row] ?? 0) + k * grid.step),
      phase: phaseOf(row, k, grid, from),
      bid: price(quotes?.[field][quoteRow] ?? 0),
      ask: price(ask),
      last: price(bars[field][row] ?? 0),
      bidSize: quantity((quotes?.bidSize[quoteRow] ?? 0) * MICROS),
      askSize: quantity((quotes?.askSize[quoteRow] ?? 0) * MICROS),
      volume: quantity((Math.floor((volume * (k + 1)) / 4) - Math.floor((volume * k) / 4)) * MICROS),
      source: "lean-quote"
    }
  }
}

/** Extremes that only a path's first and last point are to be looked at with. */
const ends: Extremes = { first: 1, second: 2, highFirst: true }

const highFirstFields = ["open", "high", "low", "close"] as const
const lowFirstFields = ["open", "low", "high", "close"] as const
const askFields = { open: "askOpen", high: "askHigh", low: "askLow", close: "askClose" } as const

/** The last price at point `k` of a bar's path. */
const lastAt = (bars: BarSeries, row: number, k: number, points: number, extremes: Extremes): number => {
  const { first, highFirst, second } = extremes
  const open = bars.open[row] ?? 0
  const close = bars.close[row] ?? 0
  if (k === 0) return open
  const end = points - 1
  if (k === end) return close
  const one = (highFirst ? bars.high[row] : bars.low[row]) ?? 0
  if (k <= first) return open + Math.round(((one - open) * k) / first)
  const two = (highFirst ? bars.low[row] : bars.high[row]) ?? 0
  return k <= second
    ? one + Math.round(((two - one) * (k - first)) / (second - first))
    : two + Math.round(((close - two) * (k - second)) / (end - second))
}

/** Rows [from, until) of a series whose bars start in the session's hours. */
export const rowsOfSession = (
  bars: BarSeries,
  session: Session
): { readonly from: number; readonly until: number } => ({
  from: lowerBound(bars.tsOpen, session.open),
  until: lowerBound(bars.tsOpen, session.close)
})

/** Index of the first value at or above `wanted` in ascending values, those before `from` left out; their count when there is none. */
export const lowerBound = (values: Float64Array, wanted: number, from = 0): number => {
  let low = from
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
