/** A backtest as it is typed: the command line that gives it again. */
import type { BacktestInputs } from "../../backtest/BacktestInputs.ts"
import type { BacktestModels } from "../../backtest/BacktestModels.ts"
import type { CostsPreset } from "../../backtest/CostsPreset.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { formatMicros } from "../../domain/Money.ts"
import { formatResumePolicy } from "../../risk/ResumePolicy.ts"
import type { MarketConfig } from "../DeskConfig.ts"
import { quoted } from "../../session/ShellWord.ts"
import { marketWords } from "../RunPreparation.ts"

const borrowWords = ({ borrow }: BacktestModels): ReadonlyArray<string> =>
  borrow?._tag === "Yearly" ? ["--borrow", String(borrow.basisPoints)] : []

const marginWords = ({ margin }: BacktestModels): ReadonlyArray<string> =>
  margin?._tag === "RegulationT"
    ? ["--margin", "reg-t", "--margin-rate", String(margin.interestBasisPoints)]
    : []

/** Of what the code declares nothing is said. */
export const cutoffWords = (asked: SessionDate | undefined): string =>
  asked === undefined ? "" : ` --knowledge-cutoff ${asked}`

/** Every input said, from the command's name on. */
export const commandOf = (inputs: BacktestInputs, costs: CostsPreset, market: MarketConfig): string => {
  const { algorithm, cash, data, models, profile, resumePolicy, seed } = inputs
  const parameters = Object.entries(algorithm.parameters).flatMap(([name, value]) => [
    "--param",
    `${name}=${String(value)}`
  ])
  const words = [
    algorithm.name,
    ...parameters,
    ...marketWords(market),
    "--symbols",
    data.symbols.join(","),
    "--from",
    data.from,
    "--to",
    data.to,
    "--cash",
    formatMicros(cash),
    "--costs",
    costs,
    ...borrowWords(models),
    ...marginWords(models),
    "--limits",
    profile.name,
    "--resume-policy",
    formatResumePolicy(resumePolicy),
    "--seed",
    String(seed)
  ]
  return `backtest run ${words.map(quoted).join(" ")}`
}
