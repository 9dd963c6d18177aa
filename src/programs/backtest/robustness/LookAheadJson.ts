/** What the look-ahead detector found, for scripts. */
import { type Detected, untoldOf, verdictOf } from "../../../backtest/robustness/lookahead/Detect.ts"
import type { LookAheadFinding } from "../../../backtest/robustness/lookahead/Findings.ts"
import { timestamp, toIso } from "../../../domain/Timestamp.ts"
import { leaked, type LookAhead, lookAheadCommand } from "./LookAheadRun.ts"

const time = (micros: number): string => toIso(timestamp(micros))

const findingJson = ({ at, cut, perturbation, ...rest }: LookAheadFinding) => ({
  ...rest,
  at: time(at),
  cut: cut === undefined ? null : time(cut),
  perturbation: perturbation ?? null
})

const detectedJson = (detected: Detected) => {
  const { cuts, failedPlays, findings, subject, ...rest } = detected
  return {
    subject,
    cuts: cuts.length,
    cuts_planned: rest.planned,
    plays: rest.plays,
    failed_plays: failedPlays,
    verdict: verdictOf(detected),
    why_untold: untoldOf(detected) ?? null,
    compared: rest.compared,
    changed: rest.changed,
    findings: findings.map(findingJson)
  }
}

export const lookAheadJson = (found: LookAhead) => ({
  algorithm: found.prepared.algorithm.definition.name,
  clean: !found.isPartial && found.detected.every((one) => verdictOf(one) === "clean"),
  partial: found.isPartial,
  changed: leaked(found),
  subjects: found.detected.map(detectedJson),
  warm_up: found.warmUps.map(({ steps, ...rest }) => ({
    ...rest,
    steps: steps.map(({ changed, first, warmUp }) => ({ warm_up: warmUp, changed, first: first ?? null }))
  })),
  command: lookAheadCommand(found)
})
