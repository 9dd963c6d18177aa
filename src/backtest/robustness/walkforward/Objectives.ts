/**
 * What the best point of a train window is chosen by: a small table of figures of
 * a stretch, each the better the higher. A stretch in which nothing was bought
 * or sold has none: doing nothing is no choice. Pure.
 */
import { Result, Schema } from "effect"
import { nearest } from "../../../domain/Nearest.ts"
import { DAYS_PER_YEAR, mean } from "../../../portfolio/Performance.ts"
import { probabilisticSharpe } from "../../statistics/ProbabilisticSharpe.ts"
import type { CourseFigures } from "../../Sweep.ts"
import { BadRequest } from "../RobustnessError.ts"

/** NaN and infinite where it cannot be told. */
type Measure = (course: CourseFigures) => number

const calmar: Measure = ({ figures: { maxDrawdown, totalReturn }, returns }) =>
  ((1 + totalReturn) ** (DAYS_PER_YEAR / returns.length) - 1) / -maxDrawdown

const sortino: Measure = ({ returns }) => {
  const downside = Math.sqrt(returns.reduce((sum, x) => sum + Math.min(x, 0) ** 2, 0) / returns.length)
  return (mean(returns) / downside) * Math.sqrt(DAYS_PER_YEAR)
}

const omega: Measure = ({ returns }) => {
  let [gained, lost] = [0, 0]
  for (const x of returns) {
    if (x > 0) gained += x
    else lost -= x
  }
  return gained / lost
}

const chanceOfEdge: Measure = ({ returns }) => {
  const found = probabilisticSharpe(returns, 0)
  return found._tag === "Value" ? found.value : Number.NaN
}

const measures = {
  sharpe: ({ figures }) => figures.sharpe ?? Number.NaN,
  sortino,
  total_return: ({ figures }) => figures.totalReturn,
  calmar,
  max_drawdown: ({ figures }) => figures.maxDrawdown,
  omega,
  psr: chanceOfEdge
} as const satisfies Readonly<Record<string, Measure>>

const objectiveNames = [
  "sharpe",
  "sortino",
  "total_return",
  "calmar",
  "max_drawdown",
  "omega",
  "psr"
] as const satisfies ReadonlyArray<keyof typeof measures>

export const Objective = Schema.Literals(objectiveNames)
export type Objective = typeof Objective.Type

/** What each is, in words. */
export const objectiveWords: Readonly<Record<Objective, string>> = {
  sharpe: "Sharpe ratio",
  sortino: "Sortino ratio",
  total_return: "total return",
  calmar: "Calmar ratio",
  max_drawdown: "maximum drawdown",
  omega: "omega ratio",
  psr: "probabilistic Sharpe ratio"
}

/** The objective of that name; of another one the nearest that there are. */
export const readObjective = (name: string): Result.Result<Objective, BadRequest> => {
  const known = objectiveNames.find((one) => one === name)
  if (known !== undefined) return Result.succeed(known)
  const [first = "sharpe"] = nearest(name, objectiveNames, 1)
  return Result.fail(
    new BadRequest({
      message: `there is no objective "${name}": did you mean ${first}? There are ${objectiveNames.join(", ")}`
    })
  )
}

/** A stretch's score; null where it has none: a gain without any loss to divide by was made in a handful of sessions. */
export const scoreOf = (objective: Objective, course: CourseFigures): number | null => {
  if (course.figures.entries === 0) return null
  const score = measures[objective](course)
  return Number.isFinite(score) ? score + 0 : null
}
