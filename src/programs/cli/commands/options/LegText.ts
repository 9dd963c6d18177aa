/**
 * A leg of a position as it is typed: "+1 C 95 2014-07-19 @2.10", "-2 P 90 30d", "+1 AAPL 140719C00095000",
 * "+100 shares @93.70".
 */
import { Option, Result } from "effect"
import { type OccContract, parseOcc } from "../../../../domain/OccSymbol.ts"
import { dateOfDay, dayOfDate, SessionDate } from "../../../../domain/Timestamp.ts"
import { readNumber } from "./NumberText.ts"

/** When a leg ends: a day, or so many days from now. */
export type LegEnd =
  | { readonly _tag: "Day"; readonly expiry: SessionDate }
  | { readonly _tag: "Days"; readonly days: number }

export type TypedLeg =
  | {
      readonly _tag: "Option"
      readonly quantity: number
      readonly right: "CALL" | "PUT"
      readonly strike: number
      readonly end: LegEnd
      /** Dollars a share; undefined where it is to be the market's. */
      readonly entryPrice: number | undefined
      /** As it was typed. */
      readonly text: string
    }
  | {
      readonly _tag: "Shares"
      readonly quantity: number
      readonly entryPrice: number | undefined
      readonly text: string
    }

export const legExample = '"+1 C 95 2014-07-19 @2.10", "-1 P 90 30d" or "+100 shares @93.70"'

/** Characters of it that a message repeats. */
const MAX_SHOWN = 60

const fail = (text: string, problem: string): Result.Result<never, string> =>
  Result.fail(`--leg "${text.slice(0, MAX_SHOWN)}": ${problem}; expected such as ${legExample}`)

/** "30d" or "2014-07-19"; undefined for anything else. */
export const readLegEnd = (text: string): LegEnd | undefined => {
  const days = /^(?<days>\d{1,6}(?:\.\d+)?)d$/u.exec(text)?.groups?.["days"]
  if (days !== undefined) return { _tag: "Days", days: Number(days) }
  if (!/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/u.test(text)) return undefined
  const expiry = SessionDate.make(text)
  return dateOfDay(dayOfDate(expiry)) === expiry ? { _tag: "Day", expiry } : undefined
}

const rights: Readonly<Record<string, "CALL" | "PUT">> = { C: "CALL", CALL: "CALL", P: "PUT", PUT: "PUT" }

const ofContract = (contract: OccContract) => ({
  _tag: "Option" as const,
  right: contract.right,
  strike: contract.strike,
  end: { _tag: "Day" as const, expiry: contract.expiry }
})

/** Reads a leg; or says what of it cannot be read. */
export const readLeg = (typed: string): Result.Result<TypedLeg, string> => {
  const text = typed.trim().replaceAll(/\s+/gu, " ")
  const [body = "", price, more] = text.split("@").map((part) => part.trim())
  if (more !== undefined) return fail(text, "it has two prices")
  const paid = price === undefined ? undefined : readNumber(price)
  if (paid !== undefined && Result.isFailure(paid)) return fail(text, `the price ${paid.failure}`)
  const entryPrice = paid === undefined ? undefined : paid.success
  if (entryPrice !== undefined && entryPrice < 0) return fail(text, "a price is zero or more")
  const [count = "", first = "", second, third, fourth] = body.split(" ")
  const quantity = readNumber(count)
  if (Result.isFailure(quantity)) return fail(text, `the quantity ${quantity.failure}`)
  if (quantity.success === 0) return fail(text, "a quantity of zero is no leg")
  const common = { quantity: quantity.success, entryPrice, text }
  if (/^shares?$/iu.test(first) && second === undefined) return Result.succeed({ _tag: "Shares", ...common })
  const occ = parseOcc([first, ...(second === undefined ? [] : [second])].join(" "))
  if (Option.isSome(occ) && third === undefined)
    return Result.succeed({ ...ofContract(occ.value), ...common })
  const right = Object.hasOwn(rights, first.toUpperCase()) ? rights[first.toUpperCase()] : undefined
  if (right === undefined) return fail(text, `"${first.slice(0, 20)}" is neither C, P, shares nor a contract`)
  const strike = readNumber(second ?? "")
  if (Result.isFailure(strike)) return fail(text, `the strike ${strike.failure}`)
  if (!(strike.success > 0)) return fail(text, "a strike is above zero")
  const end = readLegEnd(third ?? "")
  if (end === undefined) return fail(text, `"${(third ?? "").slice(0, 20)}" is no day of expiry`)
  if (fourth !== undefined) return fail(text, `"${fourth.slice(0, 20)}" is too much`)
  return Result.succeed({ _tag: "Option", right, strike: strike.success, end, ...common })
}
