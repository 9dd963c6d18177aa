/**
 * LEAN's universe files of options: a row a contract with the day's prices in
 * dollars, open interest, and QuantConnect's implied volatility and Greeks; the
 * first row is the underlying's. A day's file is known at its session's close.
 *
 * Columns are found by their names in the header. Read with care: of the files
 * that come with LEAN some have zeros in every column, some rows of before a
 * split, and the underlying's row need not be of the same moment as the others.
 */
import { Option, Result } from "effect"
import type { OptionRight } from "../../domain/OptionContract.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { BadRow } from "../MarketData.ts"
import { sessionDateOf } from "./LeanDate.ts"
import { type TextRow, textRows } from "./TextRows.ts"

/** QuantConnect's own, as they stand in the file: their units, their signs. */
export interface PublishedGreeks {
  readonly impliedVolatility: number
  readonly delta: number
  readonly gamma: number
  readonly vega: number
  readonly theta: number
  readonly rho: number
}

export interface UniverseRow {
  readonly expiry: SessionDate
  readonly strike: number
  readonly right: OptionRight
  readonly close: number
  readonly volume: number | undefined
  readonly openInterest: number | undefined
  readonly greeks: PublishedGreeks
}

export interface Universe {
  /** The close in the underlying's own row; undefined where there is none. */
  readonly underlying: number | undefined
  readonly rows: ReadonlyArray<UniverseRow>
  readonly bad: ReadonlyArray<BadRow>
}

const columns = [
  "expiry",
  "strike",
  "right",
  "close",
  "volume",
  "open_interest",
  "implied_volatility",
  "delta",
  "gamma",
  "vega",
  "theta",
  "rho"
] as const
type Column = (typeof columns)[number]

type Field = (column: Column) => string

const decimal = /^-?\d{1,15}(?:\.\d{1,15})?(?:[eE][-+]?\d{1,3})?$/u

const number = (field: Field, column: Column): Result.Result<number, string> => {
  const text = field(column)
  return decimal.test(text) && Number.isFinite(Number(text))
    ? Result.succeed(Number(text))
    : Result.fail(`expected ${column} as a number, got "${text.slice(0, 40)}"`)
}

const price = (field: Field, column: Column): Result.Result<number, string> =>
  Result.flatMap(number(field, column), (value) =>
    value >= 0 ? Result.succeed(value) : Result.fail(`expected ${column} zero or more, got ${value}`)
  )

const orBlank = (field: Field, column: Column): Result.Result<number | undefined, string> =>
  field(column) === "" ? Result.succeed(undefined) : price(field, column)

const rightOf = (text: string): Result.Result<OptionRight, string> => {
  if (text === "C") return Result.succeed("CALL")
  return text === "P"
    ? Result.succeed("PUT")
    : Result.fail(`expected right as C or P, got "${text.slice(0, 40)}"`)
}

const expiryOf = (text: string): Result.Result<SessionDate, string> =>
  Option.match(sessionDateOf(text), {
    onNone: () => Result.fail(`expected expiry as YYYYMMDD, got "${text.slice(0, 40)}"`),
    onSome: (date) => Result.succeed(date)
  })

const contractRow = (field: Field): Result.Result<UniverseRow, string> =>
  Result.gen(function* () {
    const strike = yield* price(field, "strike")
    if (strike === 0) return yield* Result.fail("expected strike above zero")
    return {
      expiry: yield* expiryOf(field("expiry")),
      strike,
      right: yield* rightOf(field("right")),
      close: yield* price(field, "close"),
      volume: yield* orBlank(field, "volume"),
      openInterest: yield* orBlank(field, "open_interest"),
      greeks: {
        impliedVolatility: yield* number(field, "implied_volatility"),
        delta: yield* number(field, "delta"),
        gamma: yield* number(field, "gamma"),
        vega: yield* number(field, "vega"),
        theta: yield* number(field, "theta"),
        rho: yield* number(field, "rho")
      }
    }
  })

/** Where each column stands, or the first that is missing. */
const placesOf = (header: TextRow | undefined): Result.Result<ReadonlyMap<Column, number>, string> => {
  const names = (header?.fields ?? []).map((name) => name.replace(/^#/u, "").toLowerCase())
  const missing = columns.find((column) => !names.includes(column))
  return missing === undefined
    ? Result.succeed(new Map(columns.map((column) => [column, names.indexOf(column)])))
    : Result.fail(`expected a header with the column ${missing}`)
}

/** The rows that can be used and those that cannot. */
export const decodeUniverse = (file: string, text: string): Universe => {
  const [header, ...lines] = textRows(text)
  const places = placesOf(header)
  if (Result.isFailure(places)) {
    return { underlying: undefined, rows: [], bad: [new BadRow({ file, row: 1, problem: places.failure })] }
  }
  const rows: Array<UniverseRow> = []
  const bad: Array<BadRow> = []
  let underlying: number | undefined
  for (const { fields, row } of lines) {
    const field: Field = (column) => fields[places.success.get(column) ?? -1] ?? ""
    const width = header?.fields.length ?? 0
    const isUnderlying = field("expiry") === "" && field("strike") === ""
    const read: Result.Result<UniverseRow | number, string> =
      fields.length === width
        ? isUnderlying
          ? price(field, "close")
          : contractRow(field)
        : Result.fail(`expected ${width} columns, got ${fields.length}`)
    if (Result.isFailure(read)) bad.push(new BadRow({ file, row, problem: read.failure }))
    else if (typeof read.success === "number") underlying = read.success
    else rows.push(read.success)
  }
  return { underlying, rows, bad }
}
