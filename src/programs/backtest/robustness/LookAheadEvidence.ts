/** What the look-ahead detector found, as evidence for a promotion. */
import { idOf } from "../../../backtest/BacktestId.ts"
import { verdictOf } from "../../../backtest/robustness/lookahead/Detect.ts"
import { type Evidence, EVIDENCE_VERSION, subjectOf } from "../../../backtest/robustness/Evidence.ts"
import { leaked, type LookAhead, lookAheadCommand } from "./LookAheadRun.ts"

/** Decisions that a longer warm-up than the declared one changes. */
export const warmUpChanged = ({ warmUps }: LookAhead): number =>
  warmUps.reduce((sum, { steps: [declared] }) => sum + (declared?.changed ?? 0), 0)

export const lookAheadEvidence = (found: LookAhead, foundAt: number): Evidence => {
  const subject = subjectOf(found.prepared.file.inputs)
  const command = lookAheadCommand(found)
  return {
    version: EVIDENCE_VERSION,
    id: idOf(subject.algorithm, { method: "look-ahead", subject, command }),
    subject,
    finding: {
      _tag: "LookAhead",
      cuts: found.options.cuts,
      // What nothing was told of has shown nothing, however much of it was compared; and the rule does not speak for the engine.
      compared: Math.min(...found.detected.map((one) => (verdictOf(one) === "untold" ? 0 : one.compared))),
      changed: leaked(found),
      warmUpChanged: warmUpChanged(found)
    },
    command,
    foundAt
  }
}
