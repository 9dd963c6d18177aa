/** Monte Carlo as a terminal shows it. */
import {
  type Distribution,
  type MonteCarlo,
  quantileAt
} from "../../../../backtest/robustness/montecarlo/MonteCarlo.ts"
import type { ProbabilityEstimate } from "../../../../backtest/robustness/montecarlo/Quantiles.ts"
import type { MonteCarloReturns } from "../../../backtest/robustness/MonteCarloReturns.ts"
import { contaminationLines } from "../../../../backtest/robustness/Contaminated.ts"
import { blockWords, methodWords, monteCarloCaveats } from "../../../backtest/robustness/MonteCarloWords.ts"
import { counted, percent, plainNumber, signedPercent, type Style, table } from "../../Format.ts"

type Write = (value: number) => string

const grouped = (value: number): string => value.toLocaleString("en-US")

const columns = [0.05, 0.5, 0.95] as const

const rowOf = (
  name: string,
  distribution: Distribution | undefined,
  actual: number | undefined,
  write: Write
): ReadonlyArray<string> => [
  name,
  ...columns.map((probability) => {
    const found = distribution === undefined ? undefined : quantileAt(distribution, probability)
    return found === undefined ? "-" : write(found.value)
  }),
  actual === undefined ? "-" : write(actual)
]

/** "P95 is 16.42% to 16.71%": how exact the paths tell a quantile. */
const exactness = (distribution: Distribution, probability: 0.5 | 0.95, write: Write): string => {
  const found = quantileAt(distribution, probability)
  return found?.low === undefined || found.high === undefined
    ? "too few paths to tell"
    : `${write(found.low)} to ${write(found.high)}`
}

const tableLines = ({ of }: MonteCarloReturns, carlo: MonteCarlo, style: Style): ReadonlyArray<string> => {
  const { actual } = carlo
  const steps: Write = (value) => grouped(value)
  const header = ["", "P5", "P50", "P95", "as it came"].map(style.dim)
  return table(
    [
      header,
      rowOf("max drawdown", carlo.maxDrawdown, actual.maxDrawdown, percent),
      rowOf("total return", carlo.totalReturn, actual.totalReturn, signedPercent),
      rowOf(`longest under water, ${of}`, carlo.underWater, actual.underWater, steps),
      ...(of === "trades"
        ? []
        : [rowOf("Sharpe ratio a year", carlo.sharpe, actual.sharpe, (value) => plainNumber(value, 2))])
    ],
    { right: [1, 2, 3, 4], indent: "  " }
  )
}

const part = ({ high, low, value }: ProbabilityEstimate): string =>
  `${percent(value)} of the paths (${percent(low)} to ${percent(high)})`

const exactLine = ({ exact }: MonteCarlo): ReadonlyArray<string> => {
  if (exact === undefined) return []
  const { maxDrawdown, paths, totalReturn } = exact
  return [
    `exact, by all ${grouped(paths)} paths: drawdown ${percent(maxDrawdown.p5)}, ${percent(maxDrawdown.p50)}, ${percent(maxDrawdown.p95)}; return ${signedPercent(totalReturn.p5)}, ${signedPercent(totalReturn.p50)}, ${signedPercent(totalReturn.p95)}; loss ${percent(exact.loss)}, ruin ${percent(exact.ruin)}`
  ]
}

/** The lines of a finished simulation. */
export const monteCarloLines = (
  found: MonteCarloReturns,
  carlo: MonteCarlo,
  style: Style
): ReadonlyArray<string> => {
  const { plan } = carlo
  const block = blockWords(carlo)
  const depth = quantileAt(carlo.maxDrawdown, 0.95)
  return [
    ...contaminationLines(found.result?.inputs).map(style.yellow),
    `${style.bold(plan.series.name)}: ${grouped(plan.paths)} paths of ${counted(plan.length, found.of === "trades" ? "trade" : "return")}, ${methodWords[plan.method]}`,
    style.dim(`${block === undefined ? "" : `${block}; `}sampled, seed ${plan.seed}`),
    "",
    ...tableLines(found, carlo, style),
    "",
    ...(depth === undefined
      ? []
      : [
          `be ready for a fall of ${style.bold(percent(depth.value))}: at most one path in twenty falls deeper (P50 is ${exactness(carlo.maxDrawdown, 0.5, percent)}, P95 ${exactness(carlo.maxDrawdown, 0.95, percent)}, by 95% intervals)`
        ]),
    `ruin, a fall of ${percent(plan.ruin)} or more: ${part(carlo.ruin)}`,
    carlo.isTotalFixed
      ? "the total return is that of the returns on every path: shuffles do not change it"
      : `a loss at the end: ${part(carlo.loss)}`,
    `as deep as it came, ${percent(carlo.actual.maxDrawdown)} or more: ${part(carlo.asDeep)}`,
    ...exactLine(carlo),
    ...(carlo.underWater.paths < plan.paths
      ? [`time under water and Sharpe ratio of the first ${grouped(carlo.underWater.paths)} paths`]
      : []),
    ...monteCarloCaveats(found, carlo).map(style.yellow)
  ]
}
