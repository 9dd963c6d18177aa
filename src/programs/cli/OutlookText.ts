/** What an order for options would make of what is held, for a person to look over. */
import type { PositionPicture } from "../../execution/options/OrderEffect.ts"
import type { Extreme } from "../../options/Payoff.ts"
import type { WorstCase } from "../../risk/options/WorstCase.ts"
import type { OutlookAnswer } from "../OrderOutlook.ts"
import { dollarsText, signedUsd, table } from "./Format.ts"

const extremeText = (one: Extreme | undefined): string => {
  if (one === undefined) return ""
  return one._tag === "Unlimited" ? "unlimited" : dollarsText(one.profit)
}

const worstText = (worst: WorstCase | undefined): string => {
  if (worst === undefined) return ""
  if (Number.isNaN(worst.loss)) return "not known"
  return worst.loss === Number.POSITIVE_INFINITY ? "unlimited" : signedUsd(-worst.loss)
}

const number = (value: number, digits: number): string => {
  const text = value.toFixed(digits)
  return Number(text) === 0 ? "0" : text
}

const column = (
  { greeks, outcome, structures }: PositionPicture,
  worst: WorstCase | undefined
): ReadonlyArray<string> =>
  structures.length === 0
    ? []
    : [
        extremeText(outcome?.maxGain),
        extremeText(outcome?.maxLoss),
        (outcome?.breakEvens ?? []).map((price) => price.toFixed(2)).join(", "),
        worstText(worst),
        number(greeks.delta, 1),
        dollarsText(greeks.vega),
        dollarsText(greeks.theta)
      ]

const LABELS = [
  "most to gain",
  "most to lose",
  "break-even",
  "worst case",
  "delta, shares",
  "vega a point",
  "theta a day"
]

/** What is held before and after, a structure a row. */
export const heldRows = (
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>
): ReadonlyArray<ReadonlyArray<string>> => {
  const rows = Array.from({ length: Math.max(1, before.length, after.length) }, (_, at) => at)
  const told = (structures: ReadonlyArray<string>, at: number): string =>
    structures[at] ?? (at === 0 ? "nothing" : "")
  return rows.map((at) => [at === 0 ? "held" : "", told(before, at), told(after, at)])
}

/** Before and after, side by side; nothing for an order without options. */
export const outlookLines = (outlook: OutlookAnswer): ReadonlyArray<string> => {
  if (outlook === undefined) return []
  if ("unknown" in outlook) return [`  what it makes of the position is not known: ${outlook.unknown}`]
  const { effect, worstAfter, worstBefore } = outlook
  const before = column(effect.before, worstBefore)
  const after = column(effect.after, worstAfter)
  return table(
    [
      ["", "before", "after, filled now"],
      ...heldRows(effect.before.structures, effect.after.structures),
      ...LABELS.map((label, at) => [label, before[at] ?? "", after[at] ?? ""])
    ],
    { indent: "  " }
  )
}
