/** What the overfitting guard found, as evidence for a promotion. */
import { type Evidence, EVIDENCE_VERSION, subjectOf } from "../../../backtest/robustness/Evidence.ts"
import { idOf } from "../../../backtest/BacktestId.ts"
import type { BacktestInputs } from "../../../backtest/BacktestInputs.ts"
import type { Guarded } from "../../../backtest/robustness/overfitting/Guard.ts"
import type { Statistic } from "../../../portfolio/Performance.ts"

const numberOf = (statistic: Statistic): number | null =>
  statistic._tag === "Value" ? statistic.value : null

export const overfitEvidence = (
  inputs: BacktestInputs,
  guarded: Guarded,
  { command, foundAt }: { readonly command: string; readonly foundAt: number }
): Evidence => {
  const subject = subjectOf(inputs)
  const { deflatedSharpe, effective, minimumTrackRecord, probability, probabilisticSharpe, trials, verdict } =
    guarded
  return {
    version: EVIDENCE_VERSION,
    id: idOf(subject.algorithm, { method: "overfit", subject, command }),
    subject,
    finding: {
      _tag: "Overfitting",
      trials,
      effectiveTrials: effective.total,
      pbo: probability.pbo,
      probabilisticSharpe: numberOf(probabilisticSharpe),
      deflatedSharpe: numberOf(deflatedSharpe),
      minimumTrackRecord: numberOf(minimumTrackRecord),
      recommendation: verdict.recommendation,
      reasons: verdict.reasons
    },
    command,
    foundAt
  }
}
