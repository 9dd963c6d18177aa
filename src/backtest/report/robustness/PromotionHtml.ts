/** What a promotion would rest on as one page that needs nothing else; the same chain gives the same bytes. */
import { fromMillis, toIso } from "../../../domain/Timestamp.ts"
import { section } from "../../../session/report/Figure.ts"
import { count } from "../../../session/report/Format.ts"
import { type Html, html } from "../../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../../session/report/Page.ts"
import { input } from "../../../session/report/Reproduction.ts"
import { tile, tileRow } from "../../../session/report/Tiles.ts"
import type { BacktestInputs } from "../../BacktestInputs.ts"
import { labelOf } from "../../robustness/Contaminated.ts"
import {
  LEAST_PAPER_FILLS,
  LEAST_PAPER_SESSIONS,
  type Promotion,
  type Step,
  type StepState
} from "../../robustness/promotion/Promotion.ts"
import { pageStyles } from "../PageStyles.ts"
import { parameterChips, stamp, symbolsText } from "../TearSheetHeader.ts"
import { resolutionWords } from "../Words.ts"

export interface PromotionReport {
  /** The backtest's. */
  readonly id: string
  readonly inputs: BacktestInputs
  readonly promotion: Promotion
  /** How the program is called, before each step's command. */
  readonly program: string
  /** The command line that gives it again. */
  readonly command: string
  readonly generatedBy: string
}

const stateWords: Readonly<Record<StepState, string>> = {
  found: "Found",
  missing: "Missing",
  failed: "Failed",
  stale: "Stale"
}

const stepNames: Readonly<Record<Step["name"], string>> = {
  code: "Code",
  backtest: "Backtest",
  "walk-forward": "Walk-forward",
  overfitting: "Overfitting",
  "look-ahead": "Look-ahead",
  paper: "Paper sessions"
}

const dayOf = ({ foundAt }: Step): string | undefined =>
  foundAt === undefined ? undefined : toIso(fromMillis(foundAt)).slice(0, 10)

const stepItem = (step: Step, program: string): Html => {
  const day = dayOf(step)
  return html`<li class="${step.state}">
    <p class="step">
      <span class="box" aria-hidden="true">${step.state === "found" ? "✓" : "✕"}</span>
      <strong>${stepNames[step.name]}</strong> <span class="state">${stateWords[step.state]}</span>
      ${day === undefined ? "" : html`<span class="day">${day}</span>`}
    </p>
    ${step.says.map((line) => html`<p>${line}</p>`)}
    ${step.command === undefined ? "" : html`<p class="todo"><code>${program} ${step.command}</code></p>`}
  </li>`
}

const counts = ({ complete, steps }: Promotion): Html => {
  const of = (state: StepState): number => steps.filter((step) => step.state === state).length
  return html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      tile("Evidence", complete ? "Complete" : "Not complete"),
      tile("Found", html`${count(of("found"))} <small>of ${count(steps.length)}</small>`),
      tile("Missing", count(of("missing"))),
      tile("Failed or stale", count(of("failed") + of("stale")))
    ])}
  </section>`
}

const styles = `
.chain{list-style:none;padding:0;margin:0}
.chain li{border-left:3px solid var(--limit);padding:2px 0 2px 16px;margin-top:20px}
.chain li.found{border-color:var(--s0)}
.chain .step{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:baseline}
.chain .box,.chain .state{color:var(--limit)}
.chain .found .box,.chain .found .state{color:var(--s0)}
.chain .day{color:var(--muted);font-size:.875rem}
.chain p{margin:4px 0 0;overflow-wrap:anywhere}
.chain .todo{font-size:.875rem}`

/** The whole page, as UTF-8 text. */
export const promotionHtml = (report: PromotionReport): string => {
  const { command, generatedBy, id, inputs, program, promotion } = report
  const { algorithm, data, profile } = inputs
  const parts = [
    [
      "chain",
      "What it would rest on",
      html`<ol class="chain">
        ${promotion.steps.map((step) => stepItem(step, program))}
      </ol>`
    ],
    [
      "reproduce",
      "Reproduce",
      html`<dl class="inputs">
        ${input("Command", html`<code>${command}</code>`)} ${input("Backtest", html`<code>${id}</code>`)}
        ${input("Code", html`<code>${algorithm.codeHash}</code>`)} ${input("Limits", profile.label)}
        ${input("Made by", generatedBy)}
      </dl>`
    ]
  ] as const
  return pageText({
    title: `${algorithm.name}: promotion`,
    styles: `${pageStyles}${styles}`,
    header: html`<header>
      ${overline("Plimsoll, what a promotion would rest on. No order left this computer.")}
      <h1>${algorithm.name}: promotion</h1>
      ${facts([
        `${symbolsText(data)}, ${resolutionWords[data.resolution]}`,
        `${data.from} to ${data.to}`,
        data.source,
        ...(profile.promotable ? [profile.label] : [])
      ])}
      ${parameterChips(algorithm)}${stamp(labelOf(inputs))}
      ${sectionLinks(parts.map(([key, name]) => [key, name]))}
    </header>`,
    main: html`${counts(promotion)}
    ${notice("What this cannot tell", [
      "It collects what was found out and promotes nothing: there is no live trading yet.",
      "A complete chain is no promise: it says that nothing of what was looked at speaks against the strategy.",
      `Paper sessions are those of finished runs after the backtest's last session: at least ${LEAST_PAPER_SESSIONS} of them, with ${LEAST_PAPER_FILLS} fill or more.`
    ])}
    ${parts.map(([key, name, content]) => section(key, name, content))}`,
    footer: `${generatedBy}. Past prices and models; not advice.`
  })
}
