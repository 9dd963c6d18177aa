/** What a walk-forward enters in the ledger of trials, and what it leaves as evidence. */
import { idOf } from "../../../backtest/BacktestId.ts"
import { type Evidence, EVIDENCE_VERSION, subjectOf } from "../../../backtest/robustness/Evidence.ts"
import type { WalkForward } from "../../../backtest/robustness/walkforward/WalkForward.ts"
import type { NewTrial } from "../../../backtest/TrialLedger.ts"
import type { StrategyParameters } from "../../../session/Strategy.ts"
import type { PreparedWalkForward } from "./WalkForwardPrepare.ts"

/** As the ledger calls what walk-forwards entered first. */
export const walkForwardSource = "walk-forward"

/** The windows, and the axes as they are typed. */
const parametersOf = ({ file, objective, sweep }: PreparedWalkForward): StrategyParameters => ({
  ...file.sweep.inputs.algorithm.parameters,
  ...Object.fromEntries(sweep.grid.map(({ parameter, values }) => [parameter, values.join(",")])),
  ...file.windows,
  objective
})

/** The stitched curve is a trial too: who tries many walk-forwards searches as well. */
export const stitchedTrial = (
  prepared: PreparedWalkForward,
  { first, returns }: WalkForward,
  ranAt: number
): NewTrial => {
  const { algorithm, data, engine, profile } = prepared.file.sweep.inputs
  return {
    id: idOf(algorithm.name, prepared.file),
    dataset: data.dataset,
    dataHash: data.dataHash,
    from: prepared.sweep.tape.sessions[first]?.date ?? data.from,
    to: data.to,
    algorithm: algorithm.name,
    codeHash: algorithm.codeHash,
    parameters: parametersOf(prepared),
    profile: profile.name,
    engine: engine.name,
    source: walkForwardSource,
    ranAt,
    returns
  }
}

export const walkForwardEvidence = (
  { command, file, id, objective, sweep }: PreparedWalkForward,
  walk: WalkForward,
  foundAt: number
): Evidence => ({
  version: EVIDENCE_VERSION,
  id,
  subject: subjectOf(file.sweep.inputs),
  finding: {
    _tag: "WalkForward",
    axes: Object.fromEntries(sweep.grid.map(({ parameter, values }) => [parameter, values])),
    windows: walk.windows.length,
    ...file.windows,
    objective,
    outOfSampleReturn: walk.totalReturn,
    outOfSampleSharpeYearly: walk.sharpe,
    outOfSampleMaxDrawdown: walk.maxDrawdown,
    efficiency: walk.efficiency,
    profitableWindows: walk.profitable
  },
  command,
  foundAt
})
