/** A sweep as a terminal shows it. */
import { contaminationLines } from "../../../../backtest/robustness/Contaminated.ts"
import { costsText, type CostsPreset } from "../../../../backtest/CostsPreset.ts"
import { type GridValues, sizeOf } from "../../../../backtest/Grid.ts"
import {
  bestOf,
  type DonePoint,
  donePoints,
  type Sweep,
  type SweepPoint
} from "../../../../backtest/Sweep.ts"
import type { Decomposition } from "../../../../backtest/robustness/sensitivity/VarianceDecomposition.ts"
import type { Plateau } from "../../../../backtest/robustness/sensitivity/Plateau.ts"
import { sweepSensitivity } from "../../../../backtest/robustness/sensitivity/SweepSensitivity.ts"
import type { FinishedSweep } from "../../../backtest/RunSweep.ts"
import { counted, percent, plainNumber, signedPercent, type Style, table } from "../../Format.ts"

/** Points in the table; of a larger grid those with the highest Sharpe ratios. */
const LISTED_POINTS = 40
/** Reasons that are listed for points that were not played. */
const LISTED_REASONS = 5

const sharpeText = (sharpe: number | null): string => (sharpe === null ? "none" : plainNumber(sharpe, 2))

const bySharpe = (a: DonePoint, b: DonePoint): number =>
  (b.figures.sharpe ?? -Infinity) - (a.figures.sharpe ?? -Infinity) || a.index - b.index

/** "fast=5 slow=60". */
export const valuesText = (values: GridValues): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ")

const rowOf = (names: ReadonlyArray<string>, { figures, values }: DonePoint): ReadonlyArray<string> => [
  ...names.map((name) => String(values[name])),
  signedPercent(figures.totalReturn),
  sharpeText(figures.sharpe),
  percent(figures.maxDrawdown),
  String(figures.entries)
]

const tableLines = (sweep: Sweep, style: Style): ReadonlyArray<string> => {
  const names = sweep.grid.map(({ parameter }) => parameter)
  const done = donePoints(sweep.points)
  const best = bestOf(sweep.points)
  const isLong = done.length > LISTED_POINTS
  const rows = isLong ? done.toSorted(bySharpe).slice(0, LISTED_POINTS) : done
  const header = [...names, "return", "Sharpe", "max drawdown", "entries", ""].map(style.dim)
  const body = rows.map((point) => {
    const cells = rowOf(names, point)
    return point === best ? [...cells.map(style.bold), style.bold("<- best")] : [...cells, ""]
  })
  const right = Array.from({ length: names.length + 4 }, (_, i) => i)
  return [
    ...table([header, ...body], { right, indent: "  " }),
    ...(isLong
      ? [
          `  the ${LISTED_POINTS} highest Sharpe ratios of ${done.length}; all of them: --json, or --html FILE`
        ]
      : [])
  ]
}

/** Points by why they have no figures, each reason once. */
const reasonLines = (points: ReadonlyArray<SweepPoint>): ReadonlyArray<string> => {
  const reasons = new Map<string, { count: number; readonly example: GridValues }>()
  for (const point of points) {
    if (point._tag === "Done") continue
    const why = point._tag === "Refused" ? `not played: ${point.reason}` : `failed: ${point.failure.message}`
    const known = reasons.get(why)
    if (known === undefined) reasons.set(why, { count: 1, example: point.values })
    else known.count += 1
  }
  const lines = [...reasons].map(
    ([why, { count, example }]) =>
      `${counted(count, "point")} ${why} (${count === 1 ? "" : "such as "}${valuesText(example)})`
  )
  return lines.length > LISTED_REASONS
    ? [...lines.slice(0, LISTED_REASONS), `and ${lines.length - LISTED_REASONS} other reasons`]
    : lines
}

/** What stands beside a machine's rows, on standard error: points that are not among them. */
export const missingLines = reasonLines

const engineText = ({ sweep, whyEngine }: FinishedSweep): string => {
  const done = donePoints(sweep.points)
  const vector = done.filter(({ engine }) => engine === "vector").length
  const why = whyEngine === undefined ? "" : `: ${whyEngine}`
  if (vector === done.length) return "on the vectorised path, which gives what the event engine gives"
  return vector === 0
    ? `on the event engine${why}`
    : `${vector} on the vectorised path, ${done.length - vector} on the event engine${why}`
}

/** Pairs that are named, the largest. */
const NAMED_PAIRS = 3

const missingText = ({ groups, isFull, pairs }: Decomposition): string =>
  isFull
    ? ""
    : ` (points are missing: what each explains beyond the others${groups === undefined ? "" : `, its values in ${groups} groups`}${pairs === undefined ? ", too few to tell pairs" : ""})`

/** "fast 62.00%, slow 21.00%, fast with slow 12.00%, the rest 5.00%". */
const decompositionLine = (made: Decomposition): string => {
  const { isFull, main, pairs = [], rest } = made
  const parts = [
    ...main.map(({ parameter, share }) => `${parameter} ${percent(share)}`),
    ...pairs
      .slice(0, NAMED_PAIRS)
      .map(({ parameters, share }) => `${parameters.join(" with ")} ${percent(share)}`),
    ...(pairs.length > NAMED_PAIRS ? [`${counted(pairs.length - NAMED_PAIRS, "smaller pair")}`] : []),
    `${isFull ? "the rest" : "not told apart"} ${percent(rest)}`
  ]
  return `variance of the Sharpe ratio${missingText(made)}: ${parts.join(", ")}`
}

const steadiestText = ({ best, steadiest }: Plateau): string | undefined =>
  steadiest === undefined
    ? undefined
    : steadiest.values === best.values
      ? "the best point is the steadiest too, by its mean with its neighbours"
      : `the steadiest point: ${valuesText(steadiest.values)}, ${plainNumber(steadiest.figure, 2)} itself, ${plainNumber(steadiest.mean, 2)} with its ${counted(steadiest.neighbours, "neighbour")}`

const plateauLines = (plateau: Plateau): ReadonlyArray<string> => {
  const { box, near, score, smoothness } = plateau
  return [
    box === undefined
      ? "no point beside the best was played: nothing is known of its neighbours"
      : `around the best: ${counted(box.points, "point")} one step away, ${plainNumber(box.mean, 2)} on average, ${plainNumber(box.lowest, 2)} at the lowest${score === undefined ? "" : `; plateau score ${plainNumber(score, 2)} of 1`}`,
    steadiestText(plateau),
    near === undefined
      ? undefined
      : `${percent(near)} of the points are within a tenth of the best${smoothness === undefined ? "" : `; smoothness of the grid ${plainNumber(smoothness, 2)} of 1`}`
  ].filter((line) => line !== undefined)
}

/** What hangs on which parameter; nothing of a single point. */
const robustnessLines = ({ grid, points }: Sweep): ReadonlyArray<string> => {
  if (points.length < 2) return []
  const { decomposition, plateau, problem } = sweepSensitivity(grid, points)
  return [
    decomposition === undefined
      ? `the variance is not decomposed: ${problem}`
      : decompositionLine(decomposition),
    ...(plateau === undefined ? [] : plateauLines(plateau))
  ]
}

export interface SensitivityText {
  readonly finished: FinishedSweep
  readonly costs: CostsPreset
  readonly seconds: number
  /** Where the points are kept. */
  readonly folder: string
}

/** The lines of a finished sweep. */
export const sensitivityLines = (
  { costs, finished, folder, seconds }: SensitivityText,
  style: Style
): ReadonlyArray<string> => {
  const { resumed, sweep } = finished
  const { algorithm, data, profile } = sweep.inputs
  const done = donePoints(sweep.points)
  const fixed = Object.keys(algorithm.parameters).length > 0 ? `, ${valuesText(algorithm.parameters)}` : ""
  const best = bestOf(sweep.points)
  return [
    `${style.bold(algorithm.name)}${fixed} on ${data.symbols.join(", ")} (${data.source}), ${data.from} to ${data.to}`,
    `costs ${costs}: ${costsText[costs]}; ${profile.label}`,
    ...contaminationLines(sweep.inputs).map(style.yellow),
    "",
    ...(done.length === 0 ? [] : [...tableLines(sweep, style), ""]),
    ...(best === undefined
      ? []
      : [
          `highest Sharpe ratio: ${valuesText(best.values)}, ${sharpeText(best.figures.sharpe)} a year, return ${signedPercent(best.figures.totalReturn)}`
        ]),
    ...robustnessLines(sweep),
    ...reasonLines(sweep.points),
    `${counted(done.length, "point")} in ${plainNumber(seconds, 1)} s, ${engineText(finished)}`,
    ...(sweep.sample === undefined
      ? []
      : [
          `${counted(sweep.sample, "point")} drawn at random from a grid of ${counted(sizeOf(sweep.grid), "point")}, seed ${sweep.inputs.seed}`
        ]),
    ...(resumed > 0 ? [`${counted(resumed, "point")} of them were there from an earlier try`] : []),
    style.yellow(
      `${counted(sweep.trials, "trial")} on this data set so far. The best of many is no edge: among enough parameters some look good on any prices, by chance.`
    ),
    style.dim(`points kept in ${folder}`)
  ]
}
