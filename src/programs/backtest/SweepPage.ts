/** A sweep as the page of its map takes it. */
import { costsText, type CostsPreset } from "../../backtest/CostsPreset.ts"
import type { SweepReport, SweptPoint } from "../../backtest/report/SweepReport.ts"
import { contaminationOf, contaminationWords } from "../../backtest/robustness/Contaminated.ts"
import { sweepSensitivity } from "../../backtest/robustness/sensitivity/SweepSensitivity.ts"
import { resolutionWords } from "../../backtest/report/Words.ts"
import type { Sweep, SweepPoint } from "../../backtest/Sweep.ts"
import { version } from "../Version.ts"

const pointOf = (point: SweepPoint, names: ReadonlyArray<string>): SweptPoint => {
  const values = names.map((name) => point.values[name] ?? "")
  switch (point._tag) {
    case "Done": {
      const { entries, maxDrawdown, sharpe, totalReturn } = point.figures
      return { _tag: "Played", values, totalReturn, sharpe, maxDrawdown, entries }
    }
    case "Refused":
      return { _tag: "Refused", values, reason: point.reason }
    case "Failed":
      return { _tag: "Refused", values, reason: point.failure.message }
  }
}

/** `command` is the whole line that gives it again. */
export const sweepReport = (
  { grid, inputs, points, trials }: Sweep,
  {
    caveats,
    command,
    costs
  }: {
    readonly caveats: ReadonlyArray<string>
    readonly command: string
    readonly costs: CostsPreset
  }
): SweepReport => {
  const { algorithm, data, profile } = inputs
  const names = grid.map(({ parameter }) => parameter)
  return {
    title: `${algorithm.name}: ${names.join(" and ")}`,
    algorithm: algorithm.name,
    data: `${data.source}: ${data.symbols.join(", ")}, ${resolutionWords[data.resolution]}, ${data.from} to ${data.to}`,
    limits: profile.label,
    promotable: profile.promotable,
    contaminated: contaminationWords(contaminationOf(inputs)),
    costs: `${costs}: ${costsText[costs]}`,
    caveats,
    parameters: grid.map(({ parameter, values }) => ({ name: parameter, values })),
    points: points.map((point) => pointOf(point, names)),
    sensitivity: sweepSensitivity(grid, points),
    trials,
    command,
    generatedBy: `plimsoll ${version}`
  }
}
