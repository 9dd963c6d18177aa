/** A denial in words, for the model that asked: which rule, its value and its limit, and what to do. */
import { formatMicros } from "../../../domain/Money.ts"
import type { Verdict } from "../../../domain/Verdict.ts"

const inUnit = (value: number, unit: Verdict["unit"]): string => {
  switch (unit) {
    case "ratio":
      return `${(value * 100).toFixed(2)}%`
    case "usd":
      return `$${formatMicros(Math.round(value * 100) * 10_000, 2)}`
    case "seconds":
      return `${Number(value.toFixed(2))} s`
    default:
      return String(Number(value.toFixed(6)))
  }
}

/** " (26.00% of 10.00%)"; empty for a rule without a number. */
const numbersOf = ({ limit, unit, value }: Verdict): string => {
  if (value === undefined) return limit === undefined ? "" : ` (limit ${inUnit(limit, unit)})`
  return limit === undefined
    ? ` (${inUnit(value, unit)})`
    : ` (${inUnit(value, unit)} of ${inUnit(limit, unit)})`
}

const told = (verdict: Verdict): string => `${verdict.rule}${numbersOf(verdict)}: ${verdict.message}`

/** `refusals` are all rules that deny, the first first; `problem` is why there are no limits, where that is so. */
export const denialOf = (refusals: ReadonlyArray<Verdict>, problem: string | undefined): string => {
  const [first, ...others] = refusals
  return [
    ...(first === undefined ? [] : [`denied by the rule ${told(first)}`]),
    ...(problem === undefined ? [] : [problem]),
    ...others.map((verdict) => `- and by ${told(verdict)}`),
    "Nothing was sent. Do what the rules say, or leave the order: a limit is not to be worked around."
  ].join("\n")
}
