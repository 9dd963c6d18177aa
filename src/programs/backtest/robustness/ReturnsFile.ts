/**
 * Returns from a file: one number a line, or a table with a column for each
 * series and, if it likes, one of dates.
 */
import { basename, resolve } from "node:path"
import { parse } from "csv-parse/sync"
import { Effect, Option, Result, Schema } from "effect"
import { checkReturns, type ReturnSeries } from "../../../backtest/robustness/ReturnSeries.ts"
import { SessionDate } from "../../../domain/Timestamp.ts"
import { decodeText } from "../../../market/csv/CsvTable.ts"
import { readRegularFile } from "../../../market/RegularFile.ts"

/** What is wrong with a file of returns, and where. */
export class ReturnsFileInvalid extends Schema.TaggedError<ReturnsFileInvalid>()("ReturnsFileInvalid", {
  file: Schema.String,
  /** As an editor numbers its lines; absent of the file as a whole. */
  row: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.String),
  message: Schema.String
}) {}

/** A million returns of ten series are a third of it. */
const MAX_RETURNS_BYTES = 67_108_864
/** A row of a thousand series is a third of it. */
const MAX_ROW_BYTES = 65_536

const expected =
  "expected one return a line (0.01 is 1%), or columns of returns under their names with an optional column date"

const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu
const dateNames: ReadonlySet<string> = new Set(["date", "datetime", "timestamp", "time", "session"])
const dated = /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/u
const decodeDate = Schema.decodeUnknownOption(SessionDate)

interface Row {
  readonly row: number
  readonly fields: ReadonlyArray<string>
}

const rowsOf = (text: string): ReadonlyArray<Row> => {
  const [head = ""] = /^.*\S.*$/mu.exec(text) ?? []
  const delimiter = [",", ";", "\t"].find((one) => head.includes(one)) ?? ","
  const rows: Array<Row> = []
  parse(text.replaceAll(/\r\n?/gu, "\n"), {
    delimiter,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (fields: ReadonlyArray<string>, { lines }) => {
      rows.push({ row: lines, fields })
      return null
    }
  })
  return rows
}

interface Layout {
  /** By position; undefined where the file does not say. */
  readonly names: ReadonlyArray<string>
  readonly dateAt: number | undefined
  readonly body: ReadonlyArray<Row>
}

/** What programs write where they have no number: no name of a column. */
const noNumber = /^[+-]?(?:nan|inf(?:inity)?|n\/?a|null|none)$/iu

const isDated = (field: string | undefined): boolean => field !== undefined && dated.test(field)

const layoutOf = (file: string, rows: ReadonlyArray<Row>): Layout => {
  const [head, ...rest] = rows
  const fields = head?.fields ?? []
  const isHeadless = fields.every(
    (field) => plainNumber.test(field) || noNumber.test(field) || isDated(field)
  )
  const body = isHeadless ? rows : rest
  const first = body[0]?.fields ?? []
  const dateAt = fields.findIndex((field, i) =>
    isHeadless ? isDated(field) : dateNames.has(field.toLowerCase()) || (field === "" && isDated(first[i]))
  )
  const series = fields.length - (dateAt < 0 ? 0 : 1)
  const stem = basename(file)
  const names = isHeadless ? fields.map((_, i) => (series === 1 ? stem : `column ${i + 1}`)) : fields
  return { names, dateAt: dateAt < 0 ? undefined : dateAt, body }
}

/** The series of a text; or, in words, what is wrong with it and where. */
export const readReturns = (
  file: string,
  text: string
): Result.Result<ReadonlyArray<ReturnSeries>, ReturnsFileInvalid> => {
  const fail = (problem: string, at: { readonly row?: number; readonly column?: string } = {}) => {
    const where = [
      ...(at.row === undefined ? [] : [` line ${at.row}`]),
      ...(at.column === undefined ? [] : [`, column "${at.column}"`])
    ].join("")
    return Result.fail(new ReturnsFileInvalid({ file, ...at, message: `${file}${where}: ${problem}` }))
  }
  const parsed = Result.try({
    try: () => rowsOf(text),
    catch: (cause) => (cause instanceof Error ? cause.message : String(cause))
  })
  if (Result.isFailure(parsed)) return fail(`it cannot be taken apart (${parsed.failure}); ${expected}`)
  const { body, dateAt, names } = layoutOf(file, parsed.success)
  const columns = names.flatMap((name, at) => (at === dateAt ? [] : [{ name, at }]))
  if (body.length === 0 || columns.length === 0) return fail(`there are no returns; ${expected}`)
  const twice = columns.find(({ name }, i) => columns.findIndex((one) => one.name === name) !== i)
  if (twice !== undefined)
    return fail("two columns have this name: give each its own", { column: twice.name })
  const dates: Array<SessionDate> = []
  const values = columns.map(() => new Float64Array(body.length))
  for (const [i, { fields, row }] of body.entries()) {
    if (dateAt !== undefined) {
      const date = decodeDate(dated.exec(fields[dateAt] ?? "")?.[1])
      if (Option.isNone(date)) return fail(`"${fields[dateAt] ?? ""}" is no date YYYY-MM-DD`, { row })
      const before = dates.at(-1)
      if (before !== undefined && before > date.value) {
        return fail(`${date.value} comes after ${before}: the oldest is to be first`, { row })
      }
      dates.push(date.value)
    }
    for (const [k, { at, name }] of columns.entries()) {
      const field = fields[at] ?? ""
      if (!plainNumber.test(field)) {
        return fail(`expected a return as a ratio, 0.01 for 1%, not "${field.slice(0, 40)}"`, {
          row,
          column: name
        })
      }
      const series = values[k]
      if (series !== undefined) series[i] = Number(field)
    }
  }
  const made: Array<ReturnSeries> = []
  for (const [k, { name }] of columns.entries()) {
    const series = checkReturns({
      name,
      returns: values[k] ?? new Float64Array(),
      dates: dateAt === undefined ? undefined : dates
    })
    if (Result.isFailure(series)) {
      const row = body[series.failure.at - 1]?.row
      return fail(series.failure.message, row === undefined ? { column: name } : { row, column: name })
    }
    made.push(series.success)
  }
  return Result.succeed(made)
}

/** The series of a file, whose path is relative to `folder`. */
export const returnsOfFile = Effect.fn("returnsOfFile")(function* (file: string, folder: string) {
  const bytes = yield* readRegularFile(resolve(folder, file), MAX_RETURNS_BYTES).pipe(
    Effect.mapError((error) => {
      const isMissing = error._tag === "PlatformError" && error.reason._tag === "NotFound"
      const problem = isMissing ? "there is no such file" : error.message
      return new ReturnsFileInvalid({ file, message: `${file} cannot be read: ${problem}` })
    })
  )
  const text = decodeText(bytes)
  if (Result.isFailure(text)) {
    return yield* new ReturnsFileInvalid({ file, message: `${file}: ${text.failure}` })
  }
  return yield* Effect.fromResult(readReturns(file, text.success))
})
