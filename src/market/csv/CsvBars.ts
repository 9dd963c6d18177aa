/** From the text of a CSV to checked bars, and to an account of how it was read: pure. */
import { Result } from "effect"
import type { Instrument } from "../../domain/Instrument.ts"
import type { Resolution } from "../../domain/Quote.ts"
import {
  dayOfDate,
  MICROS_PER_SECOND,
  type SessionDate,
  type Timestamp,
  timestamp
} from "../../domain/Timestamp.ts"
import {
  badRowList,
  type BarRow,
  intervalMicros,
  nearestMicros,
  type ReadBars,
  readBars
} from "../BarRows.ts"
import { BadRow } from "../MarketData.ts"
import { exchangeDate, exchangeTimeOfDay, session } from "../TradingCalendar.ts"
import { type Columns, columnsOf } from "./CsvColumns.ts"
import { type DateFormat, dateFormatOf, dayMeant, isMidnight, type Stamp } from "./CsvDates.ts"
import { type DecimalSign, decimalSignOf, plainNumber } from "./CsvNumbers.ts"
import { resolutionOf } from "./CsvResolution.ts"
import { type Delimiter, readTable, type Table, type TableRow } from "./CsvTable.ts"

/** How a file was read, for a person to look over. */
export interface CsvMapping {
  readonly delimiter: Delimiter
  /** Which of its columns became which: `["open", "Open Price"]`. */
  readonly columns: ReadonlyArray<readonly [role: string, header: string]>
  /** Columns not used ("Adj Close"): prices are taken as they are. */
  readonly ignored: ReadonlyArray<string>
  readonly dateFormat: string
  /** Whose clock the stamps are on. */
  readonly zone: string
  readonly resolution: Resolution
  /** Which end of its interval a stamp names; of no account for days. */
  readonly stampedAt: "start" | "end"
  readonly order: "oldest first" | "newest first"
  readonly decimalSign: DecimalSign
}

export interface CsvBars {
  readonly read: ReadBars
  readonly mapping: CsvMapping
  readonly hasVolume: boolean
}

const MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND

interface Stamped {
  readonly line: TableRow
  readonly stamp: Stamp
}

const instantOf = (stamp: Stamp): number =>
  stamp._tag === "Date" ? dayOfDate(stamp.date) * MICROS_PER_DAY : stamp.at

const stampText = ({ fields }: TableRow, { at }: Columns): string => {
  const date = fields[at.date] ?? ""
  const time = at.time === undefined ? "" : (fields[at.time] ?? "")
  return time === "" ? date : `${date} ${time}`
}

const oneSymbol = ({ rows }: Table, { at }: Columns): Result.Result<void, string> => {
  if (at.symbol === undefined) return Result.succeed(undefined)
  const symbols = new Set<string>()
  for (const { fields } of rows) symbols.add(fields[at.symbol] ?? "")
  return symbols.size <= 1
    ? Result.succeed(undefined)
    : Result.fail(
        `the file holds several symbols (${Array.from([...symbols].slice(0, 3), (name) => name.slice(0, 40)).join(", ")}${symbols.size > 3 ? ", …" : ""}); give each a file of its own`
      )
}

/** True when every row that can be read is later than the next, or equal to it, and one is later. */
const isDescending = (stamps: ReadonlyArray<Stamped>): boolean => {
  let falls = false
  for (let i = 1; i < stamps.length; i++) {
    const [before, after] = [stamps[i - 1], stamps[i]]
    if (before === undefined || after === undefined) continue
    const step = instantOf(after.stamp) - instantOf(before.stamp)
    if (step > 0) return false
    if (step < 0) falls = true
  }
  return falls
}

/**
 * Vendors stamp a bar with its start or its end. Files that have a row at a session's close and none at
 * any open name ends; all others are taken to name starts, which at worst shows a price one bar late.
 */
const stampedAtEnd = (instants: ReadonlyArray<Timestamp>): boolean => {
  let atClose = false
  const sessions = new Map<SessionDate, ReturnType<typeof session>>()
  for (const at of instants) {
    const date = exchangeDate(at)
    const of = sessions.get(date) ?? session(date)
    sessions.set(date, of)
    if (of._tag === "None") continue
    if (at === of.value.open) return false
    if (at === of.value.close) atClose = true
  }
  return atClose
}

type Placed = { readonly date: SessionDate; readonly startsAt: number }

const placer =
  (resolution: Resolution, atEnd: boolean) =>
  (stamp: Stamp): Placed => {
    if (stamp._tag === "Date") return { date: stamp.date, startsAt: 0 }
    if (resolution === "1d") return { date: dayMeant(stamp.at), startsAt: 0 }
    const starts = timestamp(stamp.at - (atEnd ? intervalMicros[resolution] : 0))
    return { date: exchangeDate(starts), startsAt: exchangeTimeOfDay(starts) }
  }

interface Timed {
  readonly format: DateFormat
  readonly stamps: ReadonlyArray<Stamped>
  readonly bad: ReadonlyArray<BadRow>
}

const readStamps = (file: string, table: Table, columns: Columns): Result.Result<Timed, string> => {
  const texts = table.rows.map((line) => stampText(line, columns))
  return Result.flatMap(dateFormatOf(texts), (format) => {
    const stamps: Array<Stamped> = []
    const bad = badRowList(file)
    for (const [index, line] of table.rows.entries()) {
      const stamp = format.read(texts[index] ?? "")
      if (Result.isSuccess(stamp)) stamps.push({ line, stamp: stamp.success })
      else bad.add(new BadRow({ file, row: line.row, problem: stamp.failure }))
      if (bad.isHopeless()) {
        return Result.fail(`too many rows have no date that can be read; the last was row ${line.row}`)
      }
    }
    return Result.succeed({ format, stamps, bad: bad.all() })
  })
}

const priceRoles = ["open", "high", "low", "close"] as const

const signOf = (table: Table, { at }: Columns): Result.Result<DecimalSign, string> => {
  const positions = [...priceRoles.map((role) => at[role]), ...(at.volume === undefined ? [] : [at.volume])]
  return decimalSignOf(
    table.rows.flatMap(({ fields }) => positions.map((position) => fields[position] ?? ""))
  )
}

const rowMaker =
  ({ at }: Columns, sign: DecimalSign, place: (stamp: Stamp) => Placed) =>
  ({ line, stamp }: Stamped): BarRow => {
    const number = (position: number) => plainNumber(line.fields[position] ?? "", sign)
    return {
      row: line.row,
      ...place(stamp),
      open: number(at.open),
      high: number(at.high),
      low: number(at.low),
      close: number(at.close),
      volume: at.volume === undefined ? "0" : number(at.volume)
    }
  }

const namedColumns = ({ header }: Table, { at }: Columns): CsvMapping["columns"] =>
  Object.entries(at).flatMap(([role, position]) => [[role, header.fields[position] ?? ""] as const])

/**
 * Reads a file's text. Rows that cannot be used are in `read.bad`, with their line; what makes the whole
 * file unreadable (no header, an ambiguous date or number format, bars of another length) is the failure,
 * in words. Total: never throws.
 */
export const readCsv = (file: string, text: string, instrument: Instrument): Result.Result<CsvBars, string> =>
  Result.gen(function* () {
    const table = yield* readTable(text)
    const columns = yield* columnsOf(table.header.fields)
    yield* oneSymbol(table, columns)
    const { bad, format, stamps } = yield* readStamps(file, table, columns)
    const wholeDays = stamps.every(({ stamp }) => stamp._tag === "Date" || isMidnight(stamp.at))
    const resolution = yield* resolutionOf(
      stamps.map(({ stamp }) => instantOf(stamp)),
      wholeDays
    )
    const decimalSign = yield* signOf(table, columns)
    const instants = stamps.flatMap(({ stamp }) => (stamp._tag === "Instant" ? [stamp.at] : []))
    const atEnd = resolution !== "1d" && stampedAtEnd(instants)
    const newestFirst = isDescending(stamps)
    const inOrder = newestFirst ? stamps.toReversed() : stamps
    const makeRow = rowMaker(columns, decimalSign, placer(resolution, atEnd))
    const read = readBars({
      file,
      instrument,
      resolution,
      rows: inOrder.map(makeRow),
      parsePrice: nearestMicros
    })
    return {
      read: { ...read, bad: [...bad, ...read.bad].toSorted((a, b) => a.row - b.row) },
      hasVolume: columns.at.volume !== undefined,
      mapping: {
        delimiter: table.delimiter,
        columns: namedColumns(table, columns),
        ignored: columns.ignored,
        dateFormat: format.name,
        zone: format.zone,
        resolution,
        stampedAt: atEnd ? "end" : "start",
        order: newestFirst ? "newest first" : "oldest first",
        decimalSign
      }
    }
  })
