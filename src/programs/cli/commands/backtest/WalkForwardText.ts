/** A walk-forward as a terminal shows it. */
import { contaminationLines } from "../../../../backtest/robustness/Contaminated.ts"
import { costsText } from "../../../../backtest/CostsPreset.ts"
import { objectiveWords } from "../../../../backtest/robustness/walkforward/Objectives.ts"
import type { ParameterStability } from "../../../../backtest/robustness/walkforward/Stability.ts"
import { isChosen, type WalkedWindow } from "../../../../backtest/robustness/walkforward/WalkForward.ts"
import type { PreparedWalkForward } from "../../../backtest/robustness/WalkForwardPrepare.ts"
import type { FinishedWalkForward } from "../../../backtest/robustness/WalkForwardRun.ts"
import { counted, percent, plainNumber, signedPercent, type Style, table } from "../../Format.ts"
import { valuesText } from "./SensitivityText.ts"

/** Windows in the table; of more the last ones. */
const LISTED_WINDOWS = 60
/** Reasons that are listed for windows without a choice and for segments that failed. */
const LISTED_REASONS = 5

const ratio = (value: number | null): string => (value === null ? "none" : plainNumber(value, 2))

const rowOf = (
  window: WalkedWindow,
  names: ReadonlyArray<string>,
  dateAt: (session: number) => string
): ReadonlyArray<string> => {
  const dates = [dateAt(window.test.from), dateAt(window.test.until - 1)]
  if (!isChosen(window)) return [...dates, ...names.map(() => "-"), "", "", "", "", "", "cash"]
  const { rank, tested, trained, values } = window
  return [
    ...dates,
    ...names.map((name) => String(values[name])),
    ratio(trained.sharpe),
    ratio(tested.sharpe),
    signedPercent(tested.totalReturn),
    percent(tested.maxDrawdown),
    String(tested.entries),
    rank === undefined ? "" : `${rank.rank} of ${rank.of}`
  ]
}

const tableLines = (
  { plan, walk }: FinishedWalkForward,
  dateAt: (session: number) => string,
  style: Style
): ReadonlyArray<string> => {
  const names = plan.grid.map(({ parameter }) => parameter)
  const shown = walk.windows.slice(-LISTED_WINDOWS)
  const header = [
    "test from",
    "to",
    ...names,
    "Sharpe in",
    "out",
    "return out",
    "drawdown",
    "entries",
    "rank out"
  ].map(style.dim)
  const right = Array.from({ length: names.length + 6 }, (_, i) => i + 2)
  const left = walk.windows.length - shown.length
  return [
    ...table([header, ...shown.map((window) => rowOf(window, names, dateAt))], { right, indent: "  " }),
    ...(left > 0
      ? [`  the last ${shown.length} of ${walk.windows.length} windows; all of them: --json, or --html FILE`]
      : [])
  ]
}

const stabilityText = ({ changes, mostOften, parameter, values }: ParameterStability): string => {
  const most = values.reduce((a, b) => (b.windows > a.windows ? b : a), { value: "", windows: -1 })
  return `${parameter}: ${String(most.value)} in ${percent(mostOften)} of the windows, changed ${counted(changes, "time")}`
}

const emptyLines = ({ walk }: FinishedWalkForward): ReadonlyArray<string> => {
  const empty = walk.windows.filter((window) => !isChosen(window))
  const reasons = new Map<string, number>()
  for (const window of empty) {
    if (window._tag === "NoPoint") reasons.set(window.reason, (reasons.get(window.reason) ?? 0) + 1)
  }
  return [...reasons]
    .slice(0, LISTED_REASONS)
    .map(([reason, count]) => `${counted(count, "window")} in cash: ${reason}`)
}

/** Segments that could not be played, and points that the strategy does not take: each reason once. */
export const missingWalkLines = (
  { sweep }: PreparedWalkForward,
  { failed }: FinishedWalkForward
): ReadonlyArray<string> => {
  const reasons = new Map<string, number>()
  const add = (reason: string): void => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  for (const { reason } of sweep.refused) add(`point not played: ${reason}`)
  for (const { failure } of failed) add(`segment failed: ${failure.message}`)
  return [...reasons].slice(0, LISTED_REASONS).map(([reason, count]) => `${count} × ${reason}`)
}

const efficiencyText = ({ walk }: FinishedWalkForward): string =>
  walk.efficiency === null
    ? "walk-forward efficiency: none, for the chosen points made nothing in-sample"
    : `walk-forward efficiency ${percent(walk.efficiency)}: ${signedPercent(walk.returnYearly)} a year out-of-sample, ${signedPercent(walk.inSampleReturnYearly ?? 0)} in-sample`

const growth = (returns: Float64Array): number => returns.reduce((equity, change) => equity * (1 + change), 1)

const besideLines = ({ benchmark, hindsight }: FinishedWalkForward): ReadonlyArray<string> => [
  `the symbols bought and held over the same sessions: ${signedPercent(growth(benchmark) - 1)}`,
  ...(hindsight === undefined
    ? []
    : [
        `the best point in hindsight (${valuesText(hindsight.values)}) over the same sessions: ${signedPercent(hindsight.figures.totalReturn)}, Sharpe ratio ${ratio(hindsight.figures.sharpe)}; nobody could have known it`
      ])
]

const engineText = ({ whyEngine }: FinishedWalkForward, hasRule: boolean): string =>
  whyEngine === undefined && hasRule
    ? "on the vectorised path, which gives what the event engine gives"
    : `on the event engine${whyEngine === undefined ? "" : `: ${whyEngine}`}`

export interface WalkForwardText {
  readonly prepared: PreparedWalkForward
  readonly finished: FinishedWalkForward
  readonly seconds: number
  /** Where the segments are kept. */
  readonly folder: string
}

/** The lines of a finished walk-forward. */
export const walkForwardLines = (
  { finished, folder, prepared, seconds }: WalkForwardText,
  style: Style
): ReadonlyArray<string> => {
  const { file, sweep } = prepared
  const { algorithm, data, profile } = file.sweep.inputs
  const { anchored, embargo, test, train } = file.windows
  const { plan, resumed, trials, walk } = finished
  const dateAt = (session: number): string => sweep.tape.sessions[session]?.date ?? ""
  const fixed = Object.keys(algorithm.parameters).length > 0 ? `, ${valuesText(algorithm.parameters)}` : ""
  return [
    `${style.bold(algorithm.name)}${fixed} on ${data.symbols.join(", ")} (${data.source}), ${data.from} to ${data.to}`,
    `costs ${sweep.costs}: ${costsText[sweep.costs]}; ${profile.label}`,
    ...contaminationLines(file.sweep.inputs).map(style.yellow),
    `${counted(walk.windows.length, "window")}: ${anchored ? "all sessions from the first on, at least" : ""}${anchored ? " " : ""}${train} sessions to choose the best ${objectiveWords[plan.objective]} of ${counted(plan.points.length, "point")}, ${embargo === 0 ? "" : `${embargo} left out, `}then ${test} to try it`,
    "",
    ...tableLines(finished, dateAt, style),
    "",
    `${style.bold("out-of-sample")}: return ${signedPercent(walk.totalReturn)}, Sharpe ratio ${ratio(walk.sharpe)} a year, maximum drawdown ${percent(walk.maxDrawdown)}; ${walk.profitable} of ${counted(walk.windows.length, "window")} made money`,
    efficiencyText(finished),
    ...(walk.degradation === null
      ? []
      : [
          `the Sharpe ratio a year was ${ratio(Math.abs(walk.degradation))} ${walk.degradation < 0 ? "higher" : "lower"} out-of-sample than in-sample, on average`
        ]),
    ...(walk.meanRank === null
      ? []
      : [
          `the chosen point came out better than ${percent(1 - walk.meanRank)} of the others on average, equal ones counted half: a choice by chance is at 50%`
        ]),
    ...walk.stability.map(stabilityText),
    ...besideLines(finished),
    ...emptyLines(finished),
    ...missingWalkLines(prepared, finished),
    `${plainNumber(seconds, 1)} s, ${engineText(finished, sweep.algorithm.definition.signal !== undefined)}${resumed > 0 ? `; ${counted(resumed, "segment")} were there from an earlier try` : ""}`,
    style.yellow(
      `${counted(trials, "trial")} on this data set so far, this walk-forward among them: trying windows and grids until one looks good is a search too.`
    ),
    style.dim(`segments kept in ${folder}`)
  ]
}
