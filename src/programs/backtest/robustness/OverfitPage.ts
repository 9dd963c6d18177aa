/** The page of the overfitting guard. */
import { contaminationLines } from "../../../backtest/robustness/Contaminated.ts"
import { overfitHtml } from "../../../backtest/report/robustness/OverfitHtml.ts"
import { version } from "../../Version.ts"
import type { Overfit } from "./OverfitRun.ts"

/** `command` is the whole line that gives it again. */
export const overfitPage = ({ guarded, inputs, notes, tested, title }: Overfit, command: string): string =>
  overfitHtml({
    title,
    tested,
    guarded,
    notes: [...contaminationLines(inputs), ...notes],
    command,
    generatedBy: `plimsoll ${version}`
  })
