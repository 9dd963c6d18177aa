/** A delimited text as rows of fields, numbered as an editor numbers its lines. */
import { parse } from "csv-parse/sync"
import { Result } from "effect"

export type Delimiter = "," | ";" | "\t"

export interface TableRow {
  /** 1-based. */
  readonly row: number
  readonly fields: ReadonlyArray<string>
}

export interface Table {
  readonly delimiter: Delimiter
  readonly header: TableRow
  readonly rows: ReadonlyArray<TableRow>
}

/** Twenty years of minutes are half of it. */
export const MAX_ROWS = 4_000_000
/** Characters of the parser's own words that are told: they repeat the field. */
const MAX_PROBLEM = 300
/** The parser takes a while over each of these; a file with more is no table. */
const MAX_RAGGED_ROWS = 100_000
/** A row of bars is a hundredth of it. What is longer is a quote that is never closed, or no table. */
const MAX_ROW_BYTES = 16_384

const delimiters: ReadonlyArray<Delimiter> = [",", ";", "\t"]

/** The one that parts the header most often, quoted text aside; none when none parts it. */
const delimiterOf = (header: string): Delimiter | undefined => {
  const unquoted = header.replaceAll(/"[^"]*"/gu, "")
  let best: readonly [Delimiter, number] | undefined
  for (const delimiter of delimiters) {
    const count = unquoted.split(delimiter).length - 1
    if (count > 0 && (best === undefined || count > best[1])) best = [delimiter, count]
  }
  return best?.[0]
}

/** Bytes as text: UTF-8, with or without its mark. */
export const decodeText = (bytes: Uint8Array): Result.Result<string, string> => {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return Result.fail("the file is UTF-16 text; save it as UTF-8")
  }
  return Result.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => "the file is not UTF-8 text; export it as CSV (UTF-8)"
  })
}

/** The table; or, in words, why the text is none. */
export const readTable = (text: string): Result.Result<Table, string> => {
  const headerLine = /^.*\S.*$/mu.exec(text)?.[0]
  if (headerLine === undefined) return Result.fail("the file is empty")
  if (headerLine.length > MAX_ROW_BYTES) {
    return Result.fail(
      `its first line has ${headerLine.length} characters; expected such as Date,Open,High,Low,Close,Volume`
    )
  }
  const delimiter = delimiterOf(headerLine)
  if (delimiter === undefined) {
    return Result.fail(
      `there are no commas, semicolons or tabs in the first line ("${headerLine.slice(0, 60)}"); expected such as Date,Open,High,Low,Close,Volume`
    )
  }
  const rows: Array<TableRow> = []
  const parsed = Result.try({
    try: () =>
      parse(text.replaceAll(/\r\n?/gu, "\n"), {
        delimiter,
        relax_column_count: true,
        skip_empty_lines: true,
        trim: true,
        max_record_size: MAX_ROW_BYTES,
        to: MAX_ROWS + 2,
        on_record: (fields: ReadonlyArray<string>, { invalid_field_length: ragged, lines }) => {
          if (ragged > MAX_RAGGED_ROWS) {
            throw new Error(
              `more than ${MAX_RAGGED_ROWS} rows have other numbers of fields than its first line`
            )
          }
          rows.push({ row: lines, fields })
          return null
        }
      }),
    catch: (cause) =>
      `the file cannot be taken apart: ${(cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_PROBLEM)}`
  })
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const [header, ...rest] = rows
  if (header === undefined || rest.length === 0) return Result.fail("the file has a header and no rows")
  return rest.length > MAX_ROWS
    ? Result.fail(
        `the file has more than the ${MAX_ROWS} rows that are read; give each symbol a file of its own`
      )
    : Result.succeed({ delimiter, header, rows: rest })
}
