/**
 * LEAN's map files: which ticker a listing traded under, and when.
 *
 * A row `date,ticker,exchange` says that the listing had `ticker` up to and
 * including `date`. The first row's date is the listing's first day, the last
 * row's its last (2050-12-31: still listed). The price files are by ticker, so
 * a listing's history is the files of its tickers, each cut to its own span;
 * what a ticker's file holds outside that span belongs to another listing.
 */
import { Option, Result } from "effect"
import { dateOfDay, dayOfDate, type SessionDate } from "../../domain/Timestamp.ts"
import { BadRow } from "../MarketData.ts"
import { sessionDateOf } from "./LeanDate.ts"
import { textRows } from "./TextRows.ts"

/** Days, both included, on which the listing had this ticker. */
export interface TickerSpan {
  /** Lower case, as the files are named. */
  readonly ticker: string
  readonly from: SessionDate
  readonly to: SessionDate
}

export interface TickerHistory {
  /** Oldest first; consecutive rows of one ticker are one span. */
  readonly spans: ReadonlyArray<TickerSpan>
  /** LEAN's one-letter code of the last row's exchange; none in old map files, which have two columns. */
  readonly exchange: Option.Option<string>
}

interface MapRow {
  readonly date: SessionDate
  readonly ticker: string
  readonly exchange: Option.Option<string>
}

const decodeRow = (fields: ReadonlyArray<string>): Result.Result<MapRow, string> => {
  const [dateText = "", ticker = "", exchange = ""] = fields
  const date = sessionDateOf(dateText)
  if (Option.isNone(date))
    return Result.fail(`expected a date as YYYYMMDD in column 1, got "${dateText.slice(0, 40)}"`)
  if (ticker === "") return Result.fail("expected a ticker in column 2, got nothing")
  return Result.succeed({
    date: date.value,
    ticker: ticker.toLowerCase(),
    exchange: exchange === "" ? Option.none() : Option.some(exchange.toUpperCase())
  })
}

/** Decodes a map file, or names its first bad row. */
export const decodeMapFile = (file: string, text: string): Result.Result<TickerHistory, BadRow> => {
  const rows: Array<MapRow> = []
  for (const { row, fields } of textRows(text)) {
    const decoded = decodeRow(fields)
    if (Result.isFailure(decoded)) return Result.fail(new BadRow({ file, row, problem: decoded.failure }))
    const previous = rows.at(-1)
    if (previous !== undefined && decoded.success.date <= previous.date) {
      return Result.fail(
        new BadRow({ file, row, problem: `${decoded.success.date} does not follow ${previous.date}` })
      )
    }
    rows.push(decoded.success)
  }
  const first = rows[0]
  if (first === undefined) return Result.fail(new BadRow({ file, row: 0, problem: "the file has no rows" }))
  const spans: Array<TickerSpan> = []
  let from = first.date
  for (const { date, ticker } of rows) {
    const last = spans.at(-1)
    if (last !== undefined && last.ticker === ticker) {
      spans[spans.length - 1] = { ...last, to: date }
    } else {
      spans.push({ ticker, from, to: date })
    }
    from = dateOfDay(dayOfDate(date) + 1)
  }
  return Result.succeed({ spans, exchange: rows.at(-1)?.exchange ?? Option.none() })
}

/**
 * Market identifier codes (ISO 10383) of the one-letter exchange codes in LEAN's
 * `Common/Global.cs`, `GetPrimaryExchange`.
 */
const micOfCode: ReadonlyMap<string, string> = new Map([
  ["Q", "XNAS"],
  ["T", "XNAS"],
  ["P", "ARCX"],
  ["N", "XNYS"],
  ["A", "XASE"],
  ["Z", "BATS"],
  ["Y", "BATY"],
  ["J", "EDGA"],
  ["K", "EDGX"],
  ["B", "XBOS"],
  ["X", "XPHL"],
  ["C", "XCIS"],
  ["M", "XCHI"],
  ["I", "XISE"],
  ["W", "XCBO"],
  ["D", "FINR"]
])

/** The exchange's MIC; none for a code that is not known. */
export const micOf = (code: string): Option.Option<string> => Option.fromUndefinedOr(micOfCode.get(code))
