/** A contract as people write it: an OCC symbol, or its parts in any order that is plain. */
import { Option, Result, Schema } from "effect"
import type { OptionRight } from "../domain/OptionContract.ts"
import { parseOcc } from "../domain/OccSymbol.ts"
import { dateOfDay, dayOfDate, SessionDate } from "../domain/Timestamp.ts"

/** A contract whose underlying is named by its root or by its symbol. */
export interface AskedContract {
  readonly underlying: string
  readonly expiry: SessionDate
  readonly right: OptionRight
  /** Dollars a share, to a thousandth. */
  readonly strike: number
}

/** The text is no contract; the message says what is wrong with it and what would do. */
export class InvalidContract extends Schema.TaggedError<InvalidContract>()("InvalidContract", {
  contract: Schema.String,
  message: Schema.String
}) {}

const FORMS = '"AAPL 140613C00090000" (OCC), "AAPL 2014-06-13 90 C" or "AAPL 2014-06-13 put 92.50"'

const MAX_TOLD = 60

const isDate = Schema.is(SessionDate)

/** A date that a calendar has. */
export const civilDate = (text: string): SessionDate | undefined =>
  isDate(text) && dateOfDay(dayOfDate(text)) === text ? text : undefined

/** Above zero, in whole thousandths, and short enough for an OCC symbol. */
export const strikeOf = (text: string): number | undefined => {
  if (!/^\$?\d{1,5}(?:\.\d{1,3})?$/u.test(text)) return undefined
  const strike = Number(text.replace("$", ""))
  return strike > 0 ? strike : undefined
}

const rights: ReadonlyMap<string, OptionRight> = new Map([
  ["C", "CALL"],
  ["CALL", "CALL"],
  ["CALLS", "CALL"],
  ["P", "PUT"],
  ["PUT", "PUT"],
  ["PUTS", "PUT"]
])

/** "C", "call", "P", "put". */
export const rightOf = (text: string): OptionRight | undefined => rights.get(text.toUpperCase())

const fromWords = (text: string): Result.Result<AskedContract, string> => {
  const [underlying, ...rest] = text.toUpperCase().split(/[\s,]+/u)
  if (underlying === undefined || rest.length !== 3) return Result.fail("it is no contract")
  const found = rest.map((word) => ({
    expiry: civilDate(word),
    right: rightOf(word),
    strike: strikeOf(word)
  }))
  const expiry = found.find((one) => one.expiry !== undefined)?.expiry
  const right = found.find((one) => one.right !== undefined)?.right
  const strike = found.find((one) => one.strike !== undefined)?.strike
  if (expiry === undefined) return Result.fail("it has no expiry as a date (YYYY-MM-DD)")
  if (right === undefined) return Result.fail("it does not say C or P")
  if (strike === undefined) return Result.fail("it has no strike in dollars, such as 92.50")
  return Result.succeed({ underlying, expiry, right, strike })
}

export const parseContract = (text: string): Result.Result<AskedContract, InvalidContract> => {
  const trimmed = text.trim()
  const occ = parseOcc(trimmed)
  if (Option.isSome(occ)) {
    const { root, ...rest } = occ.value
    return Result.succeed({ underlying: root, ...rest })
  }
  return Result.mapError(
    fromWords(trimmed),
    (problem) =>
      new InvalidContract({
        contract: text.slice(0, MAX_TOLD),
        message: `"${trimmed.length > MAX_TOLD ? `${trimmed.slice(0, MAX_TOLD)}…` : trimmed}": ${problem}; expected ${FORMS}`
      })
  )
}
