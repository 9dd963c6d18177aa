/** A CSV as records (RFC 4180), from pieces of its text, so that a file of any length can be read. */
import { parse } from "csv-parse/sync"
import { Result } from "effect"

export interface CsvRecord {
  /** 1-based, as an editor numbers it: where the record begins. */
  readonly line: number
  /** As it stands in the file, without its end of line. */
  readonly text: string
  readonly fields: ReadonlyArray<string>
}

/** A row of options is a thousandth of it: what is longer is a quote that is never closed, or no table. */
const MAX_RECORD_LENGTH = 65_536

const quotes = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1
  return count
}

const quoted = (text: string): Result.Result<ReadonlyArray<string>, string> =>
  Result.try({
    try: () => {
      const [fields = []]: ReadonlyArray<ReadonlyArray<string>> = parse(text, { relax_column_count: true })
      return fields
    },
    catch: () => "a quote in it begins or ends inside a field"
  })

export interface CsvReader {
  /** Records that end in this piece of text; or, in words, why the file is no CSV. */
  readonly push: (piece: string) => Result.Result<ReadonlyArray<CsvRecord>, string>
  /** The last record, where no end of line follows it. */
  readonly end: () => Result.Result<ReadonlyArray<CsvRecord>, string>
}

/** Reads one file from its beginning. Empty lines are no records. */
export const csvReader = (): CsvReader => {
  let rest = ""
  let line = 0
  /** Lines of a record whose quote is still open. */
  let open = ""
  let openedAt = 0

  const take = (text: string, records: Array<CsvRecord>): string | undefined => {
    line += 1
    if (open === "" && !text.includes('"')) {
      if (text !== "") records.push({ line, text, fields: text.split(",") })
      return text.length > MAX_RECORD_LENGTH ? `line ${line} has ${text.length} characters` : undefined
    }
    if (open === "") openedAt = line
    open = open === "" ? text : `${open}\n${text}`
    if (open.length > MAX_RECORD_LENGTH) return `a quote in line ${openedAt} is never closed`
    if (quotes(open) % 2 === 1) return undefined
    const whole = open
    open = ""
    const fields = quoted(whole)
    if (Result.isFailure(fields)) return `line ${openedAt}: ${fields.failure}`
    records.push({ line: openedAt, text: whole, fields: fields.success })
    return undefined
  }

  const push = (piece: string): Result.Result<ReadonlyArray<CsvRecord>, string> => {
    const text = rest + piece
    const records: Array<CsvRecord> = []
    let from = 0
    for (let to = text.indexOf("\n"); to !== -1; to = text.indexOf("\n", from)) {
      const end = to > from && text[to - 1] === "\r" ? to - 1 : to
      const problem = take(text.slice(from, end), records)
      if (problem !== undefined) return Result.fail(problem)
      from = to + 1
    }
    rest = text.slice(from)
    return rest.length > MAX_RECORD_LENGTH
      ? Result.fail(`line ${line + 1} has more than ${MAX_RECORD_LENGTH} characters`)
      : Result.succeed(records)
  }

  const end = (): Result.Result<ReadonlyArray<CsvRecord>, string> => {
    const records: Array<CsvRecord> = []
    const problem = rest === "" ? undefined : take(rest.replace(/\r$/u, ""), records)
    if (problem !== undefined) return Result.fail(problem)
    if (open !== "") return Result.fail(`a quote in line ${openedAt} is never closed`)
    return Result.succeed(records)
  }

  return { push, end }
}

/** A field as it has to be written. */
export const csvField = (text: string): string =>
  /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text
