/** A walk-forward as its page takes it. */
import { costsText } from "../../../backtest/CostsPreset.ts"
import type { WalkForwardReport } from "../../../backtest/report/robustness/WalkForwardReport.ts"
import { resolutionWords } from "../../../backtest/report/Words.ts"
import { contaminationOf, contaminationWords } from "../../../backtest/robustness/Contaminated.ts"
import { objectiveWords } from "../../../backtest/robustness/walkforward/Objectives.ts"
import type { WindowLengths } from "../../../backtest/robustness/walkforward/Windows.ts"
import { version } from "../../Version.ts"
import type { PreparedWalkForward } from "./WalkForwardPrepare.ts"
import type { FinishedWalkForward } from "./WalkForwardRun.ts"

/** "train 504 sessions, test 126, embargo 5, anchored". */
export const windowingWords = ({ anchored, embargo, test, train }: WindowLengths): string =>
  [
    `train ${train} sessions`,
    ...(embargo === 0 ? [] : [`embargo ${embargo}`]),
    `test ${test}`,
    anchored ? "anchored" : "rolling"
  ].join(", ")

/** `command` is the whole line that gives it again. */
export const walkForwardReport = (
  { file, sweep }: PreparedWalkForward,
  { benchmark, failed, hindsight, plan, trials, walk }: FinishedWalkForward,
  command: string
): WalkForwardReport => {
  const { algorithm, data, profile } = file.sweep.inputs
  return {
    algorithm: algorithm.name,
    data: `${data.source}: ${data.symbols.join(", ")}, ${resolutionWords[data.resolution]}, ${data.from} to ${data.to}`,
    limits: profile.label,
    promotable: profile.promotable,
    contaminated: contaminationWords(contaminationOf(file.sweep.inputs)),
    costs: `${sweep.costs}: ${costsText[sweep.costs]}`,
    caveats: sweep.caveats,
    windowing: windowingWords(file.windows),
    objective: objectiveWords[plan.objective],
    points: plan.points.length,
    walk,
    sessions: sweep.tape.sessions.map(({ date }) => date),
    benchmark,
    hindsight,
    failed: failed.length,
    trials,
    command,
    generatedBy: `plimsoll ${version}`
  }
}
