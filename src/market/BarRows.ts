/**
 * From rows of text to a `BarSeries`: the one place where prices from outside
 * are checked, whatever file they come from.
 *
 * A source turns its lines into `BarRow`s (where in time, which texts) and
 * keeps nothing back; `readBars` checks every row, stamps the good ones and
 * reports the others with file and row. `accept` then refuses the whole file
 * unless the user said to skip bad rows.
 */
import { Effect, Option, Result } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import { MAX_PRICE_MICROS } from "../domain/Money.ts"
import type { Resolution } from "../domain/Quote.ts"
import { MICROS_PER_MINUTE, type SessionDate } from "../domain/Timestamp.ts"
import type { BarSeries } from "./BarSeries.ts"
import { BadMarketData, BadRow } from "./MarketData.ts"
import { checkDate, fromExchangeTime, type Session, session, whyClosed } from "./TradingCalendar.ts"

/** One line of a file, its texts as they stand there. */
export interface BarRow {
  /** 1-based, as an editor counts. */
  readonly row: number
  /** The exchange's date. */
  readonly date: SessionDate
  /** Start of the interval, micros since midnight on New York's clock; of no account for daily bars. */
  readonly startsAt: number
  readonly open: string | undefined
  readonly high: string | undefined
  readonly low: string | undefined
  readonly close: string | undefined
  /** Shares, a whole number. */
  readonly volume: string | undefined
}

export interface ReadBars {
  readonly series: BarSeries
  readonly bad: ReadonlyArray<BadRow>
  /** Good rows left out because they lie outside regular hours (08:00, 17:15, …). */
  readonly outsideHours: number
}

/** How long an interval of each resolution is, in micros; a day is its session, whatever its length. */
export const intervalMicros: Readonly<Record<Exclude<Resolution, "1d">, number>> = {
  "1m": MICROS_PER_MINUTE,
  "5m": 5 * MICROS_PER_MINUTE,
  "1h": 60 * MICROS_PER_MINUTE
}

/** Thirty billion shares: well above the busiest day of a whole market, and small enough that every sum stays exact. */
const MAX_VOLUME = 30_000_000_000

const wholePattern = /^\d{1,15}(?:\.0*)?$/u

/** Whole shares; none for anything else. A quantity of nothing is `0`, an empty text is missing. */
const wholeShares = (text: string): Option.Option<number> =>
  wholePattern.test(text) ? Option.some(Number(text)) : Option.none()

/** More bad rows than this are counted, and not kept: a file of nothing else must not fill the memory. */
export const MAX_BAD_ROWS = 10_000
/** A file with more than this is none of prices, and not read to its end: leaving them all out would leave nothing to trust. */
const HOPELESS_ROWS = 100_000

/** Collects bad rows of a file; of very many the first, and a last one that says how many follow. */
export const badRowList = (file: string) => {
  const rows: Array<BadRow> = []
  let others = 0
  return {
    add: (row: BadRow): void => {
      if (rows.length < MAX_BAD_ROWS) rows.push(row)
      else others += 1
    },
    isHopeless: (): boolean => rows.length + others >= HOPELESS_ROWS,
    all: (): ReadonlyArray<BadRow> => {
      const last = rows.at(-1)
      return others === 0 || last === undefined
        ? rows
        : [...rows, new BadRow({ file, row: last.row, problem: `and ${others} bad rows after it` })]
    }
  }
}

/** Text of a cell as a message says it. */
const cell = (text: string | undefined): string => (text ?? "").slice(0, 40)

type Field = "open" | "high" | "low" | "close" | "volume"

/** Interval of a row within its session's hours; none when it lies outside them. */
const intervalIn = (
  row: BarRow,
  resolution: Resolution,
  of: Session
): Option.Option<readonly [tsOpen: number, tsEvent: number]> => {
  if (resolution === "1d") return Option.some([of.open, of.close])
  const starts = fromExchangeTime(row.date, row.startsAt)
  const tsOpen = Math.max(starts, of.open)
  const tsEvent = Math.min(starts + intervalMicros[resolution], of.close)
  return tsOpen < tsEvent ? Option.some([tsOpen, tsEvent]) : Option.none()
}

interface Prices {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

const readPrices = (
  row: BarRow,
  parsePrice: (text: string) => Option.Option<number>
): Result.Result<Prices, string> => {
  const problems: Array<string> = []
  const read = (field: Field): number => {
    const text = row[field]?.trim() ?? ""
    if (text === "") {
      problems.push(`${field} is missing`)
      return Number.NaN
    }
    const value = Option.getOrElse(
      field === "volume" ? wholeShares(text) : parsePrice(text),
      () => Number.NaN
    )
    if (!Number.isSafeInteger(value)) {
      problems.push(
        field === "volume"
          ? `volume "${cell(text)}" is not a whole number of shares`
          : `${field} "${cell(text)}" is not a price`
      )
      return Number.NaN
    }
    if (field === "volume" && value > MAX_VOLUME)
      problems.push(`volume ${cell(text)} is above ${MAX_VOLUME} shares`)
    if (field !== "volume" && value <= 0) problems.push(`${field} ${cell(text)} is not above zero`)
    if (field !== "volume" && value > MAX_PRICE_MICROS)
      problems.push(`${field} ${cell(text)} is above a million`)
    return value
  }
  const prices = {
    open: read("open"),
    high: read("high"),
    low: read("low"),
    close: read("close"),
    volume: read("volume")
  }
  if (problems.length === 0) {
    if (prices.high < prices.low) problems.push(`high ${cell(row.high)} is below low ${cell(row.low)}`)
    else {
      for (const field of ["open", "close"] as const) {
        if (prices[field] < prices.low || prices[field] > prices.high) {
          problems.push(
            `${field} ${cell(row[field])} is outside low ${cell(row.low)} to high ${cell(row.high)}`
          )
        }
      }
    }
  }
  return problems.length === 0 ? Result.succeed(prices) : Result.fail(problems.join("; "))
}

/** The session a row belongs to, or what is wrong with its date. */
const sessionOf = (date: SessionDate): Result.Result<Session, string> => {
  const checked = checkDate(date)
  if (Result.isFailure(checked)) return Result.fail(checked.failure.message)
  return Result.fromOption(session(date), () => {
    const why = Option.getOrElse(whyClosed(date), () => "closed")
    return `${date} is no session of the exchange (${why})`
  })
}

/** Columns that grow. */
const makeColumns = () => {
  const tsOpen: Array<number> = []
  const tsEvent: Array<number> = []
  const open: Array<number> = []
  const high: Array<number> = []
  const low: Array<number> = []
  const close: Array<number> = []
  const volume: Array<number> = []
  return {
    lastStart: (): number => tsOpen.at(-1) ?? Number.NEGATIVE_INFINITY,
    push: (from: number, until: number, prices: Prices): void => {
      tsOpen.push(from)
      tsEvent.push(until)
      open.push(prices.open)
      high.push(prices.high)
      low.push(prices.low)
      close.push(prices.close)
      volume.push(prices.volume)
    },
    series: (instrument: Instrument, resolution: Resolution): BarSeries => ({
      instrument,
      resolution,
      length: tsOpen.length,
      tsOpen: Float64Array.from(tsOpen),
      tsEvent: Float64Array.from(tsEvent),
      open: Float64Array.from(open),
      high: Float64Array.from(high),
      low: Float64Array.from(low),
      close: Float64Array.from(close),
      volume: Float64Array.from(volume)
    })
  }
}

/**
 * Checks and stamps rows. `rows` may hold `BadRow`s for lines the source could
 * not place in time; they are reported with the others, in order.
 *
 * Reported: a missing field, not a number, a price not above zero, high below
 * low, open or close outside them, a date that is no session, a row out of
 * order or for an interval already seen. A daily bar is stamped with its
 * session's open and close; finer ones with their interval, cut to regular
 * hours (an hour bar "09:00" runs from 09:30 to 10:00).
 *
 * Of a file with a hundred thousand bad rows nothing is taken.
 *
 * @param parsePrice text → micros: `Money.parseMicros` where the file is
 *   exact, `nearestMicros` where it holds printed floats.
 */
export const readBars = (options: {
  readonly file: string
  readonly instrument: Instrument
  readonly resolution: Resolution
  readonly rows: Iterable<BarRow | BadRow>
  readonly parsePrice: (text: string) => Option.Option<number>
}): ReadBars => {
  const { file, instrument, parsePrice, resolution } = options
  const columns = makeColumns()
  const bad = badRowList(file)
  let outsideHours = 0
  for (const row of options.rows) {
    if (bad.isHopeless()) {
      const empty = makeColumns().series(instrument, resolution)
      return { series: empty, bad: bad.all(), outsideHours: 0 }
    }
    if (row instanceof BadRow) {
      bad.add(row)
      continue
    }
    const report = (problem: string): void => {
      bad.add(new BadRow({ file, row: row.row, problem }))
    }
    const of = sessionOf(row.date)
    if (Result.isFailure(of)) {
      report(of.failure)
      continue
    }
    const prices = readPrices(row, parsePrice)
    if (Result.isFailure(prices)) {
      report(prices.failure)
      continue
    }
    const interval = intervalIn(row, resolution, of.success)
    if (Option.isNone(interval)) {
      outsideHours += 1
      continue
    }
    const [tsOpen, tsEvent] = interval.value
    if (tsOpen === columns.lastStart()) {
      report(
        `${row.date} has been seen already: two rows for one ${resolution === "1d" ? "date" : "interval"}`
      )
    } else if (tsOpen < columns.lastStart()) {
      report(`${row.date} is out of order: the row before it is later`)
    } else {
      columns.push(tsOpen, tsEvent, prices.success)
    }
  }
  return { series: columns.series(instrument, resolution), bad: bad.all(), outsideHours }
}

/** At most this many bad rows are spelled out in an error's message; `rows` has them all. */
const SHOWN = 5

/** The series when every row is good, or when bad rows are to be skipped; the skipped ones come with it. */
export const accept = (
  read: ReadBars,
  options: { readonly skipBadRows: boolean }
): Effect.Effect<{ readonly series: BarSeries; readonly skipped: ReadonlyArray<BadRow> }, BadMarketData> =>
  read.bad.length === 0 || options.skipBadRows
    ? Effect.succeed({ series: read.series, skipped: read.bad })
    : Effect.fail(badMarketData(read.bad))

/** The error that lists these rows. */
export const badMarketData = (rows: ReadonlyArray<BadRow>): BadMarketData => {
  const shown = rows
    .slice(0, SHOWN)
    .map((row) => `${row.file}${row.row > 0 ? `:${row.row}` : ""}: ${row.problem}`)
  const more = rows.length > SHOWN ? [`… and ${rows.length - SHOWN} more`] : []
  return new BadMarketData({
    rows: [...rows],
    message: [
      `${rows.length} row${rows.length === 1 ? "" : "s"} of market data cannot be used; mend the file, or leave such rows out with --skip-bad-rows`,
      ...shown,
      ...more
    ].join("\n  ")
  })
}

const floatPattern = /^(-?)(\d{1,12})(?:\.(\d+))?$/u

/** A plain decimal of any length as micros, rounded half up on its digits: for files that print floats ("187.740005493164"). */
export const nearestMicros = (text: string): Option.Option<number> => {
  const match = floatPattern.exec(text)
  if (match === null) return Option.none()
  const [, sign, whole, fraction = ""] = match
  const kept = Number(whole) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, "0"))
  const micros = kept + (fraction.charAt(6) >= "5" ? 1 : 0)
  return Number.isSafeInteger(micros)
    ? Option.some(sign === "-" && micros !== 0 ? -micros : micros)
    : Option.none()
}
