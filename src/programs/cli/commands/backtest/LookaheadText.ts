/** What the look-ahead detector found, as a terminal shows it. */
import { type Detected, untoldOf } from "../../../../backtest/robustness/lookahead/Detect.ts"
import type { LookAheadFinding } from "../../../../backtest/robustness/lookahead/Findings.ts"
import { kindWords, untoldWords } from "../../../../backtest/robustness/lookahead/LookAheadWords.ts"
import type { WarmUpChecked } from "../../../../backtest/robustness/lookahead/WarmUpCheck.ts"
import { timestamp, toIso } from "../../../../domain/Timestamp.ts"
import { leaked, type LookAhead } from "../../../backtest/robustness/LookAheadRun.ts"
import { counted, type Style, table } from "../../Format.ts"

/** Findings that a terminal gets. */
const MOST_SHOWN = 12
/** Characters of what was done. */
const MOST_TEXT = 60

const short = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)} …` : text)
const number = (value: number): string => value.toLocaleString("en-US")

const shownBy = ({ cut, perturbation }: LookAheadFinding): string =>
  cut === undefined || perturbation === undefined
    ? "–"
    : `${perturbation} after ${toIso(timestamp(cut)).slice(0, 16)}`

const findingLines = (findings: ReadonlyArray<LookAheadFinding>, style: Style): ReadonlyArray<string> =>
  table(
    [
      ["bar", "date", "what", "finding", "before", "after", "shown by", "order"].map(style.dim),
      ...findings
        .slice(0, MOST_SHOWN)
        .map((one) => [
          String(one.bar),
          one.date,
          one.what,
          kindWords[one.kind],
          short(one.before),
          short(one.after),
          shownBy(one),
          one.order
        ])
    ],
    { right: [0], indent: "  " }
  )

const cutsText = ({ cuts, planned }: Detected): string =>
  cuts.length === planned ? counted(planned, "cut") : `${cuts.length} of ${counted(planned, "cut")}`

const subjectLines = (detected: Detected, style: Style): ReadonlyArray<string> => {
  const { changed, compared, failedPlays, findings, subject } = detected
  const compare = `${cutsText(detected)}, ${number(compared)} ${compared === 1 ? "decision" : "decisions"} compared`
  const failed =
    failedPlays === 0
      ? []
      : [
          style.yellow(
            `  ${counted(failedPlays, "play")} failed on the changed data and could not be compared`
          )
        ]
  const untold = untoldOf(detected)
  if (untold !== undefined) {
    return [`${subject}: ${style.yellow("shows nothing")}: ${compare}. ${untoldWords[untold]}`, ...failed]
  }
  if (changed === 0) return [`${subject}: ${style.green("clean")}: ${compare}, none changed`, ...failed]
  return [
    `${subject}: ${style.red("it looks ahead")}: ${compare}, ${counted(changed, "finding")}`,
    ...findingLines(findings, style),
    ...(findings.some(({ kind }) => kind === "inside-bar")
      ? [
          "  Inside a bar prices are modelled from its high, low and close, which come later: decide at its end, or give it finer bars."
        ]
      : []),
    ...(changed > MOST_SHOWN
      ? [`  … and ${changed - MOST_SHOWN} more: --json has up to 200, --html draws them`]
      : []),
    ...failed
  ]
}

const warmUpLines = (
  { declared, longest, recommended, steps, subject }: WarmUpChecked,
  style: Style
): ReadonlyArray<string> => {
  const head = `warm-up of the ${subject}, ${counted(declared, "bar")} declared`
  if (steps.length === 0) {
    return [
      style.yellow(`${head}: there are no earlier bars to compare a longer one with; choose a later --from`)
    ]
  }
  const [first] = steps
  if (first?.changed === 0 && recommended === declared) {
    return [`${head}: ${style.green("enough")}; up to ${number(longest)} bars no decision changed`]
  }
  const advice =
    recommended === null
      ? style.red(`it does not settle: even the longest but one differs from ${number(longest)} bars`)
      : `declare ${number(recommended)} bars: from there on nothing changes up to ${number(longest)}`
  return [
    `${head}: ${style.yellow("too short")}: ${advice}`,
    ...table(
      [
        ["bars", "changed", "first at bar", "date", "with it", `with ${longest}`].map(style.dim),
        ...steps.map(({ changed, first: one, warmUp }) => [
          number(warmUp),
          number(changed),
          one === undefined ? "–" : String(one.bar),
          one?.date ?? "–",
          one?.before ?? "–",
          one?.after ?? "–"
        ])
      ],
      { right: [0, 1, 2], indent: "  " }
    )
  ]
}

export const lookaheadLines = (found: LookAhead, style: Style): ReadonlyArray<string> => {
  const { data } = found.prepared.file.inputs
  return [
    `${style.bold(found.prepared.algorithm.definition.name)} on ${data.dataset}, ${data.from} to ${data.to}`,
    ...found.detected.flatMap((one) => subjectLines(one, style)),
    ...found.warmUps.flatMap((one) => warmUpLines(one, style)),
    ...(found.isPartial ? [style.yellow("interrupted: the cuts that are left were not looked at")] : []),
    ...(leaked(found) === 0
      ? [style.dim("Not seen: files, the clock and module state that a strategy reads beside its context.")]
      : [])
  ]
}
