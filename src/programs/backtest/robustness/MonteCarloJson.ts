/** Monte Carlo as `--json` prints it: names in snake_case, ratios as floats, drawdowns as magnitudes. */
import {
  type Distribution,
  type MonteCarlo,
  quantileAt
} from "../../../backtest/robustness/montecarlo/MonteCarlo.ts"
import type { ProbabilityEstimate } from "../../../backtest/robustness/montecarlo/Quantiles.ts"
import { contaminationLines } from "../../../backtest/robustness/Contaminated.ts"
import { monteCarloCaveats } from "./MonteCarloWords.ts"
import type { MonteCarloReturns } from "./MonteCarloReturns.ts"

const three = (distribution: Distribution) => {
  const at = (probability: 0.05 | 0.5 | 0.95): number | null =>
    quantileAt(distribution, probability)?.value ?? null
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95) }
}

const whole = ({ mean, paths, quantiles }: Distribution) => ({
  paths,
  mean,
  quantiles: quantiles.map(({ high, low, probability, standardError, value }) => ({
    probability,
    value,
    low: low ?? null,
    high: high ?? null,
    standard_error: standardError ?? null
  }))
})

const probability = ({ high, low, value }: ProbabilityEstimate) => ({ value, low, high })

const exactJson = ({ exact }: MonteCarlo) =>
  exact === undefined
    ? null
    : {
        paths: exact.paths,
        max_drawdown: exact.maxDrawdown,
        total_return: exact.totalReturn,
        mean_max_drawdown: exact.meanMaxDrawdown,
        mean_total_return: exact.meanTotalReturn,
        probability_of_ruin: exact.ruin,
        probability_of_loss: exact.loss
      }

export const monteCarloJson = (found: MonteCarloReturns, carlo: MonteCarlo) => {
  const { actual, plan, sharpe } = carlo
  return {
    max_drawdown: three(carlo.maxDrawdown),
    total_return: three(carlo.totalReturn),
    time_under_water: three(carlo.underWater),
    sharpe_yearly: sharpe === undefined || found.of === "trades" ? null : three(sharpe),
    probability_of_ruin: { level: plan.ruin, ...probability(carlo.ruin) },
    probability_of_loss: probability(carlo.loss),
    probability_of_actual_drawdown: probability(carlo.asDeep),
    numbers: "sampled",
    exact: exactJson(carlo),
    method: plan.method,
    of: found.of,
    series: plan.series.name,
    backtest_id: found.result?.id ?? null,
    returns: plan.series.returns.length,
    paths: plan.paths,
    length: plan.length,
    seed: plan.seed,
    block_length: plan.block?.length ?? null,
    block_length_chosen: plan.block?.isChosen ?? null,
    total_return_fixed: carlo.isTotalFixed,
    actual: {
      max_drawdown: actual.maxDrawdown,
      total_return: actual.totalReturn,
      time_under_water: actual.underWater,
      sharpe_yearly: found.of === "trades" ? null : (actual.sharpe ?? null)
    },
    distributions: {
      max_drawdown: whole(carlo.maxDrawdown),
      total_return: whole(carlo.totalReturn),
      time_under_water: whole(carlo.underWater),
      sharpe_yearly: sharpe === undefined || found.of === "trades" ? null : whole(sharpe)
    },
    drawdown_histogram: carlo.histogram,
    contaminated: contaminationLines(found.result?.inputs)[0] ?? null,
    caveats: monteCarloCaveats(found, carlo)
  }
}
