/** How the rules write their verdicts. */
import { formatMicros } from "../../domain/Money.ts"
import type { RuleName, Verdict } from "../../domain/Verdict.ts"
import type { OrderFacts } from "../OrderFacts.ts"

/** A rule: one order's facts in, one verdict out. */
export type Rule = (facts: OrderFacts) => Verdict

interface Measured {
  readonly rule: RuleName
  readonly unit: Verdict["unit"]
  readonly value?: number
  readonly limit?: number
}

const verdict = (outcome: Verdict["outcome"], measured: Measured, message: string): Verdict => {
  const { limit, rule, unit, value } = measured
  const hasValue = value !== undefined && Number.isFinite(value)
  const hasLimit = limit !== undefined && Number.isFinite(limit)
  if (hasValue && hasLimit) return { rule, outcome, value, limit, unit, message }
  if (hasValue) return { rule, outcome, value, unit, message }
  return hasLimit ? { rule, outcome, limit, unit, message } : { rule, outcome, unit, message }
}

export const pass = (measured: Measured, message: string): Verdict => verdict("pass", measured, message)
export const deny = (measured: Measured, message: string): Verdict => verdict("deny", measured, message)

/** For the rules a reducing order is exempt from (design, principle 6): it passes them whatever they measure. */
export const denyUnlessReducing = (facts: OrderFacts, measured: Measured, message: string): Verdict =>
  facts.reducing
    ? verdict("exempt", measured, `Exempt, because the order reduces its position. (${message})`)
    : verdict("deny", measured, message)

/** From a dollar up rounded to the cent: it is for reading. */
export const usd = (micros: number): string => {
  const shown = Math.abs(micros) < 1_000_000 ? micros : Math.round(micros / 10_000) * 10_000
  return shown < 0 ? `-$${formatMicros(-shown, 2)}` : `$${formatMicros(shown, 2)}`
}
export const percent = (ratio: number): string => `${(ratio * 100).toFixed(2)}%`

/** What cannot be measured is denied, and the sentence says what was missing. */
export const isMissing = (value: number | undefined): value is undefined =>
  value === undefined || !Number.isSafeInteger(value)
