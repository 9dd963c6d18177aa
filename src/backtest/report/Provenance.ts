/** What a backtest was made from: assumptions in words, and everything to make it again. */
import { formatResumePolicy } from "../../risk/ResumePolicy.ts"
import { count, counted, dollars, percent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { feeModelWords, fillModelWords, slippageModelWords } from "../../session/report/ModelWords.ts"
import { input } from "../../session/report/Reproduction.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import type { BacktestView } from "./BacktestView.ts"
import { priceText, ranAtText, tookText } from "./Words.ts"

const named = ({ description, name }: { readonly name: string; readonly description: string }): string =>
  `${name}: ${description}`

const yearly = (basisPoints: number): string => `${percent(basisPoints / 10_000, 2)} a year`

const borrowWords = (borrow: BacktestModels["borrow"]): string =>
  borrow === undefined || borrow._tag === "None"
    ? "shares that are sold short are lent for nothing"
    : `shares that are sold short cost ${yearly(borrow.basisPoints)} of their market value`

const marginWords = (margin: BacktestModels["margin"]): string =>
  margin === undefined || margin._tag === "None"
    ? "a cash account"
    : `Regulation T: ${percent(margin.initial, 0)} of what is opened, then ${percent(margin.maintenanceLong, 0)} of what is long and ${percent(margin.maintenanceShort, 0)} of what is short; money that is owed costs ${yearly(margin.interestBasisPoints)}`

/** Every assumption by name, in words. */
export const modelLines = (models: BacktestModels): ReadonlyArray<readonly [name: string, words: string]> => [
  ["Fills", named(fillModelWords(models.fill))],
  ["Fees", named(feeModelWords(models.fee))],
  ["Slippage", named(slippageModelWords(models.slippage))],
  [
    "Bid and ask",
    models.quotes === "last"
      ? "both are the last price: nothing is paid for crossing a spread"
      : "modelled around the last price where none are published"
  ],
  ["Lots", models.lots === "whole" ? "whole shares" : "shares to the millionth"],
  ["Short sales", borrowWords(models.borrow)],
  ["Margin", marginWords(models.margin)],
  ...(models.exerciseThreshold === undefined
    ? []
    : [["Exercise", `from $${priceText(models.exerciseThreshold)} a share in the money on`] as const])
]

export const assumptions = ({ result }: BacktestView): Html =>
  html`<dl class="inputs">
    ${modelLines(result.inputs.models).map(([name, words]) => input(name, words))}
    ${input("After a drawdown trip", formatResumePolicy(result.inputs.resumePolicy))}
  </dl>`

const code = (text: string): Html => html`<code>${text}</code>`

const codeWords = ({ result }: BacktestView): Html =>
  result.inputs.algorithm.kind === "built-in"
    ? html`${code(result.inputs.algorithm.codeHash)} (built in)`
    : code(result.inputs.algorithm.codeHash)

export const provenance = (view: BacktestView): Html => {
  const { command, id, inputs, outcome, ranAt, wallMillis } = view.result
  const { algorithm, data, engine } = inputs
  return html`<p>
      ${
        engine.name === "lean"
          ? "What LEAN made of its own inputs; the hashes tell this result from others."
          : "The same inputs give the same result, bit for bit, and the same id."
      }
    </p>
    <dl class="inputs">
      ${command === "" ? "" : input("Command", code(`plimsoll ${command}`))} ${input("Backtest", code(id))}
      ${input("Hash of the result", code(outcome.hash))} ${input("Hash of the code", codeWords(view))}
      ${input("Hash of the data", code(data.dataHash))}
      ${input("Data", `${data.source}: ${data.symbols.join(", ")}, ${data.resolution}, ${data.from} to ${data.to}`)}
      ${input("Data set", code(data.dataset))} ${input("Engine", `${engine.name} ${engine.version}`)}
      ${input("Algorithm", `${algorithm.name} (${algorithm.kind})`)} ${input("Cash", dollars(inputs.cash))}
      ${input("Seed", code(String(inputs.seed)))}
      ${input("Limits", `${inputs.profile.name}: ${inputs.profile.label}`)}
      ${view.content.bars > 0 ? input("Played", `${counted(view.content.bars, "bar")} in ${tookText(wallMillis)}${wallMillis > 0 ? `, ${count((view.content.bars / wallMillis) * 1000)} a second` : ""}`) : ""}
      ${input("Run", ranAtText(ranAt))}
    </dl>`
}
