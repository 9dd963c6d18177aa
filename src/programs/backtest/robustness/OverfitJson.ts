/** The guard's figures as `--json` prints them: Sharpe ratios per return, and a year where the name says so. */
import { DAYS_PER_YEAR, type Statistic } from "../../../portfolio/Performance.ts"
import type { CutSharpe } from "../../../backtest/robustness/overfitting/Haircut.ts"
import { contaminationLines } from "../../../backtest/robustness/Contaminated.ts"
import type { Overfit } from "./OverfitRun.ts"

const numberOf = (statistic: Statistic): number | null =>
  statistic._tag === "Value" ? statistic.value : null

const yearly = (sharpe: number): number => sharpe * Math.sqrt(DAYS_PER_YEAR)

const cutJson = ({ haircut, p, sharpe }: CutSharpe) => ({
  p,
  sharpe,
  sharpe_yearly: yearly(sharpe),
  haircut
})

/** Logits that are equal, with how many splits have each: there are no more of them than trials. */
const logitsJson = (logits: Float64Array) => {
  const counts = new Map<number, number>()
  for (const logit of logits) counts.set(logit + 0, (counts.get(logit + 0) ?? 0) + 1)
  return [...counts].toSorted(([a], [b]) => a - b).map(([logit, splits]) => ({ logit, splits }))
}

const probabilityJson = ({ guarded: { contest, probability } }: Overfit) => {
  const { blocks, chosen, degradation, leftOut, logits, pbo, probabilityOfLoss, returnsPerBlock } =
    probability
  return {
    pbo,
    blocks,
    splits: logits.length,
    returns_per_block: returnsPerBlock,
    returns_left_out: leftOut,
    trials: contest.length,
    probability_of_loss: probabilityOfLoss,
    degradation:
      degradation === undefined
        ? null
        : { slope: degradation.slope, intercept: degradation.intercept, r_squared: degradation.rSquared },
    logits: logitsJson(logits),
    most_chosen: contest
      .map((trial, i) => ({ trial, splits: chosen[i] ?? 0 }))
      .filter(({ splits }) => splits > 0)
      .toSorted((a, b) => b.splits - a.splits)
      .slice(0, 10)
  }
}

const foldsJson = ({ guarded: { contest, dates, folds } }: Overfit) => ({
  count: folds.folds.length,
  embargo: folds.embargo,
  gained: folds.gained,
  sharpe_deviation: folds.deviation ?? null,
  chosen_sharpe_mean: folds.chosenMean ?? null,
  folds: folds.folds.map((fold) => ({
    first_return: fold.from + 1,
    last_return: fold.to,
    from: dates?.[fold.from] ?? null,
    to: dates?.[fold.to - 1] ?? null,
    sharpe: fold.sharpe ?? null,
    total_return: fold.totalReturn,
    chosen: contest[fold.chosen] ?? null,
    chosen_sharpe_in_sample: fold.chosenInSample,
    chosen_sharpe_out_of_sample: fold.chosenOutOfSample ?? null
  }))
})

export const overfitJson = (overfit: Overfit) => {
  const { guarded, id, inputs, notes, tested, title } = overfit
  const { complexity, effective, haircut, minimumTrackRecord, neighbours, verdict } = guarded
  return {
    judged: title,
    backtest_id: id ?? null,
    contaminated: contaminationLines(inputs)[0] ?? null,
    tested: tested ?? null,
    recommendation: verdict.recommendation,
    reasons: verdict.reasons,
    returns: guarded.returns,
    sharpe: guarded.sharpe,
    sharpe_yearly: yearly(guarded.sharpe),
    trials: {
      different: guarded.trials,
      effective: effective.total,
      silhouette: effective.silhouette ?? null,
      clustered: effective.clustered,
      mean_correlation: effective.correlation,
      compared: guarded.sharpes.length,
      not_compared: guarded.apart,
      repeated: guarded.repeated,
      unusable: guarded.unusable,
      sharpe_variance: guarded.variance,
      expected_maximum_sharpe: guarded.luck,
      expected_maximum_sharpe_yearly: yearly(guarded.luck)
    },
    overfitting: probabilityJson(overfit),
    probabilistic_sharpe: numberOf(guarded.probabilisticSharpe),
    deflated_sharpe: numberOf(guarded.deflatedSharpe),
    minimum_track_record: numberOf(minimumTrackRecord),
    minimum_track_record_unknown: minimumTrackRecord._tag === "None" ? minimumTrackRecord.reason : null,
    haircut:
      haircut === undefined
        ? null
        : {
            tests: haircut.tests,
            p: haircut.p,
            bonferroni: cutJson(haircut.bonferroni),
            holm: cutJson(haircut.holm),
            bhy: cutJson(haircut.bhy)
          },
    folds: foldsJson(overfit),
    neighbours:
      neighbours === undefined
        ? null
        : {
            count: neighbours.trials.length,
            sharpe_mean: neighbours.mean,
            sharpe_least: neighbours.least,
            sharpe_deviation: neighbours.deviation,
            kept: neighbours.kept ?? null
          },
    complexity:
      complexity === undefined
        ? null
        : {
            free_parameters: complexity.freeParameters,
            likelihood_ratio: complexity.likelihoodRatio,
            aic_difference: complexity.aicDifference,
            bic_difference: complexity.bicDifference
          },
    criteria: guarded.criteria.map(({ bound, name, passed, stops, threshold, value, what }) => ({
      name,
      what,
      value,
      bound: `at ${bound}`,
      threshold,
      passed,
      stops
    })),
    notes
  }
}
