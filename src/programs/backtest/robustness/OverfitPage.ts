/** The page of the overfitting guard. */
import { overfitHtml } from "../../../backtest/report/robustness/OverfitHtml.ts"
import { version } from "../../Version.ts"
import type { Overfit } from "./OverfitRun.ts"

/** `command` is the whole line that gives it again. */
export const overfitPage = ({ guarded, notes, tested, title }: Overfit, command: string): string =>
  overfitHtml({ title, tested, guarded, notes, command, generatedBy: `plimsoll ${version}` })
