/**
 * A leg of an order as it is typed: "SELL 1 AAPL 140613P00090000", "BUY 100 AAPL", "SELL 2 AAPL 2014-06-13 90 P"; or,
 * of an underlying named beside it, as a leg of a scenario: "-1 P 90 2014-06-13", "+1 C 95 30d", "+100 shares".
 */
import { Option, Result } from "effect"
import type { OptionRight } from "../../../domain/OptionContract.ts"
import { parseOcc, printOcc } from "../../../domain/OccSymbol.ts"
import type { OrderSide } from "../../../domain/Order.ts"
import { MAX_LEG_RATIO } from "../../../domain/OrderLeg.ts"
import type { SessionDate } from "../../../domain/Timestamp.ts"
import { parseContract } from "../../../market/ContractText.ts"
import { type LegEnd, readLeg } from "./options/LegText.ts"

/** What a leg is of. */
export type LegOf =
  /** A share, or a contract by its OCC symbol. */
  | { readonly _tag: "Symbol"; readonly symbol: string }
  /** A contract by its terms, of an underlying that is named in the leg or beside it. */
  | {
      readonly _tag: "Terms"
      readonly underlying: string | undefined
      readonly right: OptionRight
      /** Dollars a share. */
      readonly strike: number
      readonly end: LegEnd
    }
  /** Shares of the underlying named beside it. */
  | { readonly _tag: "Shares" }

export interface TypedOrderLeg {
  readonly side: OrderSide
  /** Contracts or shares a unit. */
  readonly ratio: number
  readonly of: LegOf
  /** As it was typed. */
  readonly text: string
}

export const orderLegExample = '"SELL 1 AAPL 140613P00090000", "BUY 100 AAPL" or "-1 P 90 2014-06-13"'

/** Characters of it that a message repeats. */
const MAX_SHOWN = 60

const fail = (text: string, problem: string): Result.Result<never, string> =>
  Result.fail(`--leg "${text.slice(0, MAX_SHOWN)}": ${problem}; expected such as ${orderLegExample}`)

/** "SELL 2 AAPL …", "SELL AAPL …", "-2 AAPL …", taken apart. */
const sided =
  /^(?:(?<word>BUY|SELL)(?: (?<count>[+-]?[\d.]+))?|(?<sign>[+-]?)(?<signed>[\d.]+)) (?<rest>.+)$/iu

const isDay = (expiry: SessionDate): LegEnd => ({ _tag: "Day", expiry })

/** What stands behind the count. */
const readOf = (rest: string): Result.Result<LegOf, string> => {
  const occ = parseOcc(rest)
  if (Option.isSome(occ)) return Result.succeed({ _tag: "Symbol", symbol: printOcc(occ.value) })
  const words = rest.split(" ")
  if (words.length === 4) {
    return Result.match(parseContract(rest), {
      onFailure: () => Result.fail(`"${rest.slice(0, MAX_SHOWN)}" is no contract`),
      onSuccess: ({ expiry, right, strike, underlying }): Result.Result<LegOf, string> =>
        Result.succeed({ _tag: "Terms", underlying, right, strike, end: isDay(expiry) })
    })
  }
  if (/^shares?$/iu.test(rest)) return Result.succeed({ _tag: "Shares" })
  if (words.length === 1) return Result.succeed({ _tag: "Symbol", symbol: rest })
  const leg = readLeg(`1 ${rest}`)
  if (Result.isFailure(leg) || leg.success._tag !== "Option")
    return Result.fail(
      `"${rest.slice(0, MAX_SHOWN)}" is no contract, no symbol, and no strike with an expiry`
    )
  const { end, right, strike } = leg.success
  return Result.succeed({ _tag: "Terms", underlying: undefined, right, strike, end })
}

/** Reads a leg; or says what of it cannot be read. */
export const readOrderLeg = (typed: string): Result.Result<TypedOrderLeg, string> => {
  const text = typed.trim().replaceAll(/\s+/gu, " ")
  if (text.includes("@")) return fail(text, "a leg takes no price: --limit is the net price of all of them")
  const found = sided.exec(text)?.groups
  if (found === undefined) return fail(text, "it does not say BUY or SELL, how many, and of what")
  const { count, rest = "", sign, signed, word } = found
  const ratio = Number(count ?? signed ?? "1")
  if (!Number.isSafeInteger(ratio) || ratio < 1 || ratio > MAX_LEG_RATIO)
    return fail(text, `how many of it are in one unit is a whole number from 1 to ${MAX_LEG_RATIO}`)
  const side =
    word === undefined ? (sign === "-" ? "SELL" : "BUY") : word.toUpperCase() === "BUY" ? "BUY" : "SELL"
  return Result.match(readOf(rest), {
    onFailure: (problem) => fail(text, problem),
    onSuccess: (of): Result.Result<TypedOrderLeg, string> => Result.succeed({ side, ratio, of, text })
  })
}
