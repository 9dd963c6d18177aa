/** What stands out of a surface, in sentences. */
import type { SignalReport } from "../../../../options/surface/Signals.ts"
import { counted } from "../../Format.ts"
import { printable } from "../../Terminal.ts"
import type { History } from "./SkewHistory.ts"

/** What stands out of a surface, by what it was compared with. */
export interface Comparisons {
  readonly neighbours: SignalReport
  /** Where earlier days were asked for. */
  readonly history: (SignalReport & History) | undefined
}

/** Unusual measures, a sentence each. */
const LISTED_SIGNALS = 8

/** A heading and its sentences. */
interface ComparisonText {
  readonly heading: string
  readonly lines: ReadonlyArray<string>
}

const comparisonText = (
  heading: string,
  { signals, unjudged }: SignalReport,
  tooFew: string
): ComparisonText => {
  if (signals.length === 0) return { heading: tooFew, lines: [] }
  const unusual = signals.filter(({ reading }) => reading !== "usual")
  return {
    heading:
      unusual.length === 0
        ? `${heading}: ${counted(signals.length, "measure")} compared, none unusual${unjudged.length > 0 ? `; ${unjudged.length} had too few to compare with` : ""}.`
        : `${heading}:`,
    lines: [
      ...unusual.slice(0, LISTED_SIGNALS).map(({ text }) => text),
      ...(unusual.length > LISTED_SIGNALS
        ? [`and ${unusual.length - LISTED_SIGNALS} more: --json has all`]
        : [])
    ]
  }
}

const historyText = (history: SignalReport & History): ComparisonText => {
  const { leftOut, snapshots, unjudged } = history
  const days = counted(snapshots.length, "earlier day")
  const text = comparisonText(
    `Against ${days}`,
    history,
    `Against history there is nothing to say: ${days} with a surface, ${unjudged[0]?.needed ?? 0} needed.`
  )
  const [first] = leftOut
  return first === undefined
    ? text
    : {
        ...text,
        lines: [
          ...text.lines,
          `${counted(leftOut.length, "day")} left out: ${first.date} (${first.why})${leftOut.length > 1 ? " and others" : ""}`
        ]
      }
}

export const comparisonTexts = ({ history, neighbours }: Comparisons): ReadonlyArray<ComparisonText> => [
  ...(history === undefined ? [] : [historyText(history)]),
  comparisonText(
    "Against the expiries around each",
    neighbours,
    "There are too few expiries to compare any with those around it."
  )
]

export const comparisonLines = (comparisons: Comparisons): ReadonlyArray<string> =>
  comparisonTexts(comparisons).flatMap(({ heading, lines }) => [
    "",
    printable(heading),
    ...lines.map((line) => `  ${printable(line)}`)
  ])
