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
  /** Published quotes of the session: where a minute has one, bid, ask and sizes are the market's. */
  readonly quotes?: QuoteSeries
  /** What ticks say whose bid and ask are modelled. */
  readonly source: QuoteSource
}

/**
 * Every tick of one session, oldest first; none when it has no bars.
 *
 * Bars of five minutes and more give a tick on every minute, minute bars four
 * (their open, extremes and close). The first is the OPEN, at its bar's open;
 * the last is the CLOSE, always at the session's close. Volumes sum to the
 * bars' exactly.
 */
export const sessionTicks = (input: SessionTicksInput): ReadonlyArray<MarketTick> => {
  const ticks: Array<MarketTick> = []
  const draw = drawSession(input.seed, input.bars.instrument.id, input.session.date)
  let quoteRow = 0
  for (let row = input.from; row < input.until; row++) {
    const tsOpen = input.bars.tsOpen[row] ?? 0
    const quotes = input.quotes
    if (quotes !== undefined) {
      while (quoteRow < quotes.length && (quotes.tsOpen[quoteRow] ?? 0) < tsOpen) quoteRow += 1
    }
    const isQuoted =
      quotes !== undefined &&
      input.bars.resolution === "1m" &&
      quotes.tsOpen[quoteRow] === tsOpen &&
      isPublished(quotes, quoteRow)
    if (isQuoted) pushQuotedBar(ticks, input, draw, row, quotes, quoteRow)
    else pushBar(ticks, input, draw, row)
  }
  return ticks
}

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

/** A bar whose bid, ask and sizes are modelled around its path. */
const pushBar = (
  ticks: Array<MarketTick>,
  input: SessionTicksInput,
  draw: SessionDraw,
  row: number
): void => {
  const { bars, from, session, source } = input
  const instrumentId = bars.instrument.id
  const grid = gridOf(input, row)
  const { isLast, points, step } = grid
  const { first, highFirst, second } = drawExtremes(draw, row - from, points)
  const tsOpen = bars.tsOpen[row] ?? 0
  const volume = bars.volume[row] ?? 0
  const open = bars.open[row] ?? 0
  const close = bars.close[row] ?? 0
  const one = (highFirst ? bars.high[row] : bars.low[row]) ?? 0
  const two = (highFirst ? bars.low[row] : bars.high[row]) ?? 0
  const end = points - 1
  let traded = 0
  for (let k = 0; k < points; k++) {
    const last =
      k <= first
        ? open + Math.round(((one - open) * k) / first)
        : k <= second
          ? one + Math.round(((two - one) * (k - first)) / (second - first))
          : two + Math.round(((close - two) * (k - second)) / (end - second))
    const halfSpread = Math.max(MINIMUM_HALF_SPREAD_MICROS, Math.round(last / 10_000))
    const until = Math.floor((volume * (k + 1)) / points)
    const shares = until - traded
    traded = until
    const size = sizeOf(shares)
    ticks.push({
      instrumentId,
      tsEvent: timestamp(isLast && k === end ? session.close : tsOpen + k * step),
      phase: phaseOf(row, k, grid, from),
      bid: price(Math.max(1, last - halfSpread)),
      ask: price(Math.min(MAX_PRICE_MICROS, last + halfSpread)),
      last: price(last),
      bidSize: size,
      askSize: size,
      volume: quantity(shares * MICROS),
      source
    })
  }
}

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

/** A minute with published quotes: its four ticks carry the bid and ask that belong to each. */
const pushQuotedBar = (
  ticks: Array<MarketTick>,
  input: SessionTicksInput,
  draw: SessionDraw,
  row: number,
  quotes: QuoteSeries,
  quoteRow: number
): void => {
  const { bars, from, session } = input
  const grid = gridOf(input, row)
  const { highFirst } = drawExtremes(draw, row - from, grid.points)
  const columns = [
    { last: bars.open, bid: quotes.open, ask: quotes.askOpen },
    { last: bars.high, bid: quotes.high, ask: quotes.askHigh },
    { last: bars.low, bid: quotes.low, ask: quotes.askLow },
    { last: bars.close, bid: quotes.close, ask: quotes.askClose }
  ]
  const order = highFirst ? [0, 1, 2, 3] : [0, 2, 1, 3]
  const volume = bars.volume[row] ?? 0
  const bidSize = quantity((quotes.bidSize[quoteRow] ?? 0) * MICROS)
  const askSize = quantity((quotes.askSize[quoteRow] ?? 0) * MICROS)
  for (let k = 0; k < 4; k++) {
    const column = columns[order[k] ?? 0]
    const isClose = grid.isLast && k === 3
    ticks.push({
      instrumentId: bars.instrument.id,
      tsEvent: timestamp(isClose ? session.close : (bars.tsOpen[row] ?? 0) + k * grid.step),
      phase: phaseOf(row, k, grid, from),
      bid: price(column?.bid[quoteRow] ?? 0),
      ask: price(column?.ask[quoteRow] ?? 0),
      last: price(column?.last[row] ?? 0),
      bidSize,
      askSize,
      volume: quantity((Math.floor((volume * (k + 1)) / 4) - Math.floor((volume * k) / 4)) * MICROS),
      source: "lean-quote"
    })
  }
}

/** Rows [from, until) of a series whose bars start in the session's hours. */
export const rowsOfSession = (
  bars: BarSeries,
  session: Session
): { readonly from: number; readonly until: number } => ({
  from: lowerBound(bars.tsOpen, session.open),
  until: lowerBound(bars.tsOpen, session.close)
})

/** Index of the first value at or above `wanted` in ascending values; their count when there is none. */
export const lowerBound = (values: Float64Array, wanted: number): number => {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
