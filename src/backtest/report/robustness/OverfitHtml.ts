/** The overfitting guard as one page that needs nothing else; the same figures give the same bytes. */
import { DAYS_PER_YEAR, type Statistic } from "../../../portfolio/Performance.ts"
import { figure, section } from "../../../session/report/Figure.ts"
import { count, counted, decimal, percent, signedPercent } from "../../../session/report/Format.ts"
import { type Html, html } from "../../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../../session/report/Page.ts"
import { input } from "../../../session/report/Reproduction.ts"
import { numberHeads, table, wordHeads } from "../../../session/report/Table.ts"
import { tile, tileRow } from "../../../session/report/Tiles.ts"
import type { Criterion } from "../../robustness/overfitting/Criteria.ts"
import type { Guarded } from "../../robustness/overfitting/Guard.ts"
import type { CutSharpe } from "../../robustness/overfitting/Haircut.ts"
import { pageStyles } from "../PageStyles.ts"
import { foldChart, logitChart, splitChart, trialChart } from "./OverfitCharts.ts"

export interface OverfitReport {
  /** What was judged. */
  readonly title: string
  /** What it was tested on, in words; undefined of a file of returns. */
  readonly tested: string | undefined
  readonly guarded: Guarded
  readonly notes: ReadonlyArray<string>
  /** The command line that gives it again. */
  readonly command: string
  readonly generatedBy: string
}

const yearly = (sharpe: number): number => sharpe * Math.sqrt(DAYS_PER_YEAR)

const chance = (statistic: Statistic): string =>
  statistic._tag === "Value" ? decimal(statistic.value, 3) : "–"

const verdictWords = {
  reject: "Reject",
  "paper-trade": "Paper-trade",
  promote: "Promote"
} as const

const keyFigures = ({ guarded }: OverfitReport): Html => {
  const { effective, haircut, luck, minimumTrackRecord, probability, sharpe, verdict } = guarded
  return html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      tile("Recommendation", verdictWords[verdict.recommendation]),
      tile(
        "Sharpe ratio a year",
        html`${decimal(yearly(sharpe), 2)} <small>${decimal(sharpe, 4)} a return</small>`
      ),
      tile(
        "Probability of overfitting",
        html`${percent(probability.pbo)} <small>${counted(probability.logits.length, "split")}</small>`
      ),
      tile("Deflated Sharpe ratio", chance(guarded.deflatedSharpe)),
      tile("Probabilistic Sharpe ratio", chance(guarded.probabilisticSharpe)),
      tile("Trials", html`${count(guarded.trials)} <small>${count(effective.total)} in effect</small>`),
      tile(
        "By luck alone, a year",
        html`${decimal(yearly(luck), 2)} <small>expected of the best trial</small>`
      ),
      tile(
        "Minimum track record",
        minimumTrackRecord._tag === "Value"
          ? html`${count(Math.ceil(minimumTrackRecord.value))}
              <small>of ${counted(guarded.returns, "return")}</small>`
          : "–"
      ),
      tile(
        "Haircut (BHY)",
        haircut === undefined
          ? "–"
          : html`${percent(haircut.bhy.haircut)}
              <small
                >${decimal(yearly(haircut.bhy.sharpe), 2)} a year is left, at p
                ${decimal(haircut.bhy.p, 3)}</small
              >`
      )
    ])}
  </section>`
}

const metText = ({ passed }: Criterion): string =>
  passed === null ? "cannot be told" : passed ? "yes" : "no"

const flagText = (value: number): string => (value === 1 ? "yes" : "no")

const wantedText = ({ bound, isFlag, threshold }: Criterion): string =>
  isFlag ? flagText(threshold) : `at ${bound} ${decimal(threshold, Number.isInteger(threshold) ? 0 : 2)}`

const criterionRow = (criterion: Criterion): Html => {
  const { isFlag, passed, stops, value, what } = criterion
  const digits = value !== null && Math.abs(value) >= 10 ? 0 : 3
  return html`<tr>
    <th scope="row" class="wrap">${what}</th>
    <td>${value === null ? "–" : isFlag ? flagText(value) : decimal(value, digits)}</td>
    <td>${wantedText(criterion)}</td>
    <td class="text">${stops === "reject" ? "not to be rejected" : "to be promoted"}</td>
    <td class="text ${passed === true ? "up" : passed === null ? "" : "down"}">${metText(criterion)}</td>
  </tr>`
}

const criteria = ({ guarded: { criteria: all, verdict } }: OverfitReport): Html =>
  html`<p><strong>${verdictWords[verdict.recommendation]}.</strong></p>
    <ul>
      ${verdict.reasons.map((reason) => html`<li>${reason}</li>`)}
    </ul>
    ${table({
      id: "criteria",
      caption: "Criteria",
      heads: [wordHeads("What"), numberHeads("Value", "Wanted"), wordHeads("For", "Met")],
      rows: all.map(criterionRow)
    })}`

const probabilitySection = ({ guarded }: OverfitReport): Html => {
  const { probability } = guarded
  const { blocks, degradation, inSample, leftOut, logits, outOfSample, pbo, returnsPerBlock } = probability
  const slope =
    degradation === undefined
      ? ""
      : ` The line has a slope of ${decimal(degradation.slope, 2)} (R² ${decimal(degradation.rSquared, 2)}).`
  return html`${figure(
      "probability",
      (place) => logitChart(logits, place),
      html`<ul class="legend">
        <li><span class="line bg-s1"></span>in the middle or below: ${percent(pbo)} of the splits</li>
        <li><span class="line bg-s0"></span>above the middle</li>
      </ul>`,
      `The best of ${counted(guarded.contest.length, "trial")} in one half of ${counted(blocks, "block")} of ${counted(returnsPerBlock, "return")}, by its rank in the other half; all ${counted(logits.length, "split")}.${leftOut === 0 ? "" : ` The oldest ${counted(leftOut, "return")} left out, so that blocks have one length.`}`
    )}
    <h3 id="splits">In-sample and out-of-sample</h3>
    ${figure(
      "splits",
      (place) =>
        splitChart(
          {
            inSample: [...inSample].map(yearly),
            outOfSample: [...outOfSample].map(yearly),
            line:
              degradation === undefined
                ? undefined
                : { slope: degradation.slope, intercept: yearly(degradation.intercept) }
          },
          place
        ),
      html`<ul class="legend">
        <li><span class="mark bg-s0"></span>gained outside</li>
        <li>
          <span class="mark bg-s1"></span>lost outside: ${percent(probability.probabilityOfLoss)} of the
          splits
        </li>
      </ul>`,
      `Sharpe ratio of the chosen trial in the half that chose it and in the other, a dot a split.${slope}`
    )}`
}

const foldSection = ({ guarded }: OverfitReport): Html => {
  const { contest, dates, folds } = guarded
  const told = (sharpe: number | undefined): string =>
    sharpe === undefined ? "–" : decimal(yearly(sharpe), 2)
  return html`${figure(
    "windows",
    (place) =>
      foldChart(
        folds.folds.map(({ chosenOutOfSample, sharpe }) => ({
          sharpe: sharpe === undefined ? undefined : yearly(sharpe),
          chosen: chosenOutOfSample === undefined ? undefined : yearly(chosenOutOfSample)
        })),
        place
      ),
    html`<ul class="legend">
      <li><span class="line bg-s0"></span>the judged trial</li>
      <li><span class="mark hollow"></span>the trial that the other folds choose</li>
    </ul>`,
    `Folds of neighbouring returns; the ${counted(folds.embargo, "return")} after a fold do not choose. The judged trial gained in ${percent(folds.gained)} of the folds.`
  )}${table({
    id: "fold",
    caption: "Folds",
    note: "Sharpe ratios a year",
    heads: [
      numberHeads("Fold"),
      wordHeads("Sessions"),
      numberHeads("Return", "Sharpe ratio"),
      wordHeads("Chosen by the others"),
      numberHeads("In-sample", "Out-of-sample")
    ],
    rows: folds.folds.map(
      (fold, i) =>
        html`<tr>
          <th scope="row" class="number">${i + 1}</th>
          <td class="text">
            ${
              dates === undefined
                ? `returns ${count(fold.from + 1)} to ${count(fold.to)}`
                : `${dates[fold.from] ?? ""} to ${dates[fold.to - 1] ?? ""}`
            }
          </td>
          <td>${signedPercent(fold.totalReturn)}</td>
          <td>${told(fold.sharpe)}</td>
          <td class="text wrap">${contest[fold.chosen] ?? ""}</td>
          <td>${told(fold.chosenInSample)}</td>
          <td>${told(fold.chosenOutOfSample)}</td>
        </tr>`
    )
  })}`
}

const cutRow = (name: string, { haircut, p, sharpe }: CutSharpe): Html =>
  html`<tr>
    <th scope="row">${name}</th>
    <td>${decimal(p, 4)}</td>
    <td>${decimal(yearly(sharpe), 2)}</td>
    <td>${percent(haircut)}</td>
  </tr>`

const trialSection = ({ guarded }: OverfitReport): Html => {
  const { effective, haircut, luck, sharpe, sharpes } = guarded
  const clusters =
    effective.silhouette === undefined
      ? ""
      : ` Clusters by their returns: ${count(effective.count)}, mean silhouette ${decimal(effective.silhouette, 2)}.`
  return html`${figure(
    "luck",
    (place) =>
      trialChart({ sharpes: sharpes.map(yearly), judged: yearly(sharpe), luck: yearly(luck) }, place),
    html`<ul class="legend">
      <li><span class="line bg-s0"></span>trials</li>
      <li>
        <span class="line bg-ink"></span>the judged one
        <span class="lede">${decimal(yearly(sharpe), 2)}</span>
      </li>
      <li>
        <span class="line dash"></span>the best by luck <span class="lede">${decimal(yearly(luck), 2)}</span>
      </li>
    </ul>`,
    `Sharpe ratios a year of ${counted(sharpes.length, "different trial")}.${clusters}`
  )}
  ${
    haircut === undefined
      ? html`<p>The Sharpe ratio is not above zero: there is nothing to cut.</p>`
      : table({
          id: "haircut",
          caption: "Haircut",
          note: `${counted(haircut.tests, "test")}; alone the p-value is ${decimal(haircut.p, 4)}`,
          heads: [wordHeads("Adjustment"), numberHeads("p-value", "Sharpe ratio a year left", "Haircut")],
          rows: [
            cutRow("Bonferroni", haircut.bonferroni),
            cutRow("Holm", haircut.holm),
            cutRow("Benjamini, Hochberg, Yekutieli", haircut.bhy)
          ]
        })
  }`
}

const limitsOfIt = ({ guarded, notes }: OverfitReport): ReadonlyArray<string> => [
  ...notes,
  "Only trials that the ledger knows are counted. What was tried elsewhere, or in one's head, makes every figure here too good.",
  "Splits of one past are no new data: what held through all of it may end tomorrow.",
  ...(guarded.contest.length < 8
    ? [
        `Among ${counted(guarded.contest.length, "trial")} ranks are coarse: the probability of overfitting says little.`
      ]
    : [])
]

const provenance = ({ command, generatedBy }: OverfitReport): Html =>
  html`<p>
      The same command on the same data gives the same figures, as long as no other trial on the data is
      entered.
    </p>
    <dl class="inputs">
      ${input("Command", html`<code>${command}</code>`)} ${input("Made by", generatedBy)}
    </dl>`

/** The whole page, as UTF-8 text. */
export const overfitHtml = (report: OverfitReport): string => {
  const parts = [
    ["criteria-part", "Recommendation", criteria(report)],
    ["probability", "Does the choice hold outside?", probabilitySection(report)],
    ["windows", "Performance by fold", foldSection(report)],
    ["luck", "Trials and luck", trialSection(report)],
    ["reproduce", "Reproduce", provenance(report)]
  ] as const
  return pageText({
    title: `${report.title}: overfitting`,
    styles: `${pageStyles}.bg-ink{background:var(--ink)}.mark.hollow{background:none;border:2px solid var(--ink);border-radius:50%;width:8px;height:8px}`,
    header: html`<header>
      ${overline("Plimsoll, the overfitting guard. No order left this computer.")}
      <h1>${report.title}</h1>
      ${facts([...(report.tested === undefined ? [] : [report.tested]), counted(report.guarded.returns, "return")])}
      ${sectionLinks(parts.map(([id, name]) => [id, name]))}
    </header>`,
    main: html`${keyFigures(report)} ${notice("What this cannot tell", limitsOfIt(report))}
    ${parts.map(([id, name, content]) => section(id, name, content))}`,
    footer: `${report.generatedBy}. Past prices and models; not advice.`
  })
}
