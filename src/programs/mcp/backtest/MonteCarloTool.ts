/** `run_monte_carlo`. */
import { Effect, Option, Schema } from "effect"
import type { Distribution, MonteCarlo } from "../../../backtest/robustness/montecarlo/MonteCarlo.ts"
import {
  defaultOptions,
  LEAST_PATHS,
  planMonteCarlo
} from "../../../backtest/robustness/montecarlo/MonteCarloPlan.ts"
import type { ProbabilityEstimate } from "../../../backtest/robustness/montecarlo/Quantiles.ts"
import { monteCarloReturns } from "../../backtest/robustness/MonteCarloReturns.ts"
import { type MonteCarloProgress, runMonteCarlo } from "../../backtest/robustness/MonteCarloRun.ts"
import { contaminationLines } from "../../../backtest/robustness/Contaminated.ts"
import { notKept } from "../../backtest/robustness/Unfinished.ts"
import { blockWords, monteCarloCaveats } from "../../backtest/robustness/MonteCarloWords.ts"
import { type Call, tool } from "../kit/Tool.ts"
import { type Backtests, inTurn, storeOf } from "./Backtests.ts"
import { rounded, short } from "./Figures.ts"
import { found as storedBacktest, foundSteps } from "./Found.ts"
import { AskedId } from "./ResultsTool.ts"

/** What a call may ask for: seconds, at the most. */
const MAX_TOOL_PATHS = 100_000
/** A call hears of its progress so many times. */
const PROGRESS_STEPS = 50

/** P5, P50, P95, then P50's and P95's 95% intervals. */
const Row = Schema.Struct({
  figure: Schema.String,
  values: Schema.Array(Schema.NullOr(Schema.Finite))
})

const Output = Schema.Struct({
  backtestId: Schema.String,
  returns: Schema.Int,
  rows: Schema.Array(Row),
  /** Each with the ends of its 95% interval. */
  ruin: Schema.Array(Schema.Finite),
  loss: Schema.Array(Schema.Finite),
  notes: Schema.Array(Schema.String)
})
type Output = typeof Output.Type

const rowOf = (figure: string, distribution: Distribution, actual: number | undefined) => {
  const [low, middle, high] = [0.05, 0.5, 0.95].map((one) =>
    distribution.quantiles.find(({ probability }) => probability === one)
  )
  const values = [
    low?.value,
    middle?.value,
    high?.value,
    middle?.low,
    middle?.high,
    high?.low,
    high?.high,
    actual
  ]
  return { figure, values: values.map((value) => (value === undefined ? null : rounded(value))) }
}

const part = ({ high, low, value }: ProbabilityEstimate): ReadonlyArray<number> =>
  [value, low, high].map(rounded)

const rowsOf = (carlo: MonteCarlo, of: "returns" | "trades"): Output["rows"] => {
  const { actual, maxDrawdown, sharpe, totalReturn, underWater } = carlo
  return [
    rowOf("max_drawdown", maxDrawdown, actual.maxDrawdown),
    rowOf("total_return", totalReturn, actual.totalReturn),
    rowOf("longest_under_water", underWater, actual.underWater),
    ...(sharpe === undefined || of === "trades" ? [] : [rowOf("sharpe_yearly", sharpe, actual.sharpe)])
  ]
}

const progressTo = (call: Call) => {
  let told = 0
  return ({ done, paths }: MonteCarloProgress) => {
    const isDue = done - told >= paths / PROGRESS_STEPS || done === paths
    if (isDue) told = done
    return isDue ? call.progress(done, paths, `${done} of ${paths} paths`) : Effect.void
  }
}

const percentText = (value: number): string => `${(100 * value).toFixed(1)}%`

export const runMonteCarloTool = (backtests: Backtests) =>
  tool({
    name: "run_monte_carlo",
    title: "Run Monte Carlo on a backtest",
    description:
      "How else a backtest's returns might have come: resampled one by one (iid), in blocks of neighbours, or shuffled. rows: P5, P50, P95, the 95% intervals of P50 and of P95, the backtest's own. Drawdowns are magnitudes, P95 the worse.",
    annotations: { readOnly: true },
    input: Schema.Struct({
      backtestId: AskedId,
      method: Schema.optionalKey(Schema.Literals(["iid", "block", "shuffle"])),
      of: Schema.optionalKey(Schema.Literals(["returns", "trades"])),
      paths: Schema.optionalKey(
        Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: LEAST_PATHS, maximum: MAX_TOOL_PATHS })))
      ),
      seed: Schema.optionalKey(Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))),
      ruin: Schema.optionalKey(Schema.Finite)
    }),
    output: Output,
    next: {
      ...foundSteps,
      BadRequest: "call it again with what would do.",
      TooFewObservations: "run a longer backtest, or resample its returns instead of its trades.",
      ConstantReturns: "choose another backtest: this one never traded.",
      BadReturn: "choose another backtest: this one lost more than it had.",
      BacktestsBusy: "wait for those to end (list_backtests), then call again."
    },
    handle: ({ backtestId, method, of = "returns", paths, ruin, seed }, call) =>
      Effect.gen(function* () {
        const { result } = yield* storedBacktest(backtestId, backtests.running)
        const found = yield* monteCarloReturns(
          { backtest: Option.some(result.id), file: Option.none(), column: Option.none() },
          of,
          backtests.folder().project
          // No file was asked for.
        ).pipe(Effect.catchTag("ReturnsFileInvalid", Effect.die))
        const plan = yield* Effect.fromResult(
          planMonteCarlo(found.series, {
            ...defaultOptions,
            method: method ?? defaultOptions.method,
            paths: paths ?? defaultOptions.paths,
            seed: seed ?? defaultOptions.seed,
            ruin: ruin ?? defaultOptions.ruin
          })
        )
        const work = runMonteCarlo(plan, {
          workers: undefined,
          onProgress: progressTo(call),
          unfinished: notKept
        })
        const carlo = yield* inTurn(backtests, `monte-carlo ${result.id}`, work)
        const block = blockWords(carlo)
        const output: Output = {
          backtestId: result.id,
          returns: plan.series.returns.length,
          rows: rowsOf(carlo, of),
          ruin: part(carlo.ruin),
          loss: part(carlo.loss),
          notes: [
            ...contaminationLines(result.inputs),
            ...monteCarloCaveats(found, carlo),
            ...(block === undefined ? [] : [block])
          ].map((note) => short(note))
        }
        return output
      }).pipe(Effect.provide(storeOf(backtests))),
    text: ({ backtestId, loss, notes, rows }) => {
      const [p5 = 0, p50 = 0, p95 = 0] = rows[0]?.values.map((value) => value ?? 0) ?? []
      return [
        `${backtestId}: maximum drawdown ${percentText(p50)} in the middle, ${percentText(p5)} to ${percentText(p95)} in nine of ten paths; a loss in ${percentText(loss[0] ?? 0)}`,
        ...notes
      ].join("\n")
    }
  })
