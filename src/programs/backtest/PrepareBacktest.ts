/** From what somebody asks for to a backtest that can be played: its inputs, checked against what the sources have. */
import type { Option } from "effect"
import type { CostsPreset } from "../../backtest/CostsPreset.ts"
import type { Money } from "../../domain/Money.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { BarSource } from "../../market/BarSource.ts"
import type { ResumePolicy } from "../../risk/ResumePolicy.ts"
import type { ParameterValue } from "../../session/Parameters.ts"
import type { MarketConfig } from "../DeskConfig.ts"
import type { AskedWords } from "../RunSetup.ts"
import type { BacktestFile } from "./BacktestFile.ts"

/** A backtest as it is asked for; what is left out gets its default. */
export interface AskedBacktest {
  readonly algorithm: string
  readonly parameters: { readonly [name: string]: ParameterValue }
  readonly market: MarketConfig
  /** In capitals; the default ones of the source when empty. */
  readonly symbols: ReadonlyArray<string>
  readonly from: Option.Option<SessionDate>
  readonly to: Option.Option<SessionDate>
  readonly cash: Option.Option<Money>
  readonly costs: Option.Option<CostsPreset>
  /** Name of a limits profile. */
  readonly limits: Option.Option<string>
  readonly resumePolicy: Option.Option<ResumePolicy>
  readonly seed: Option.Option<number>
  readonly words: AskedWords
}

export interface PreparedBacktest {
  readonly id: string
  readonly file: BacktestFile
  readonly sources: ReadonlyArray<BarSource>
  /** How a person's own files were read, and what to mind. */
  readonly notes: ReadonlyArray<string>
}
