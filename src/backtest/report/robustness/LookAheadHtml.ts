/** The look-ahead detector as one page that needs nothing else; the same figures give the same bytes. */
import { timestamp, toIso } from "../../../domain/Timestamp.ts"
import { figure, section } from "../../../session/report/Figure.ts"
import { count, counted } from "../../../session/report/Format.ts"
import { type Html, html } from "../../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../../session/report/Page.ts"
import { input } from "../../../session/report/Reproduction.ts"
import { numberHeads, table, wordHeads } from "../../../session/report/Table.ts"
import { tile, tileRow } from "../../../session/report/Tiles.ts"
import { type Detected, untoldOf, verdictOf } from "../../robustness/lookahead/Detect.ts"
import type { LookAheadFinding } from "../../robustness/lookahead/Findings.ts"
import { kindWords, untoldWords } from "../../robustness/lookahead/LookAheadWords.ts"
import type { WarmUpChecked } from "../../robustness/lookahead/WarmUpCheck.ts"
import { pageStyles } from "../PageStyles.ts"
import { cutChart, type PriceCurve } from "./LookAheadChart.ts"

export interface LookAheadReport {
  readonly title: string
  /** What it was played on, in words. */
  readonly tested: string
  /** Of the first instrument. */
  readonly curve: PriceCurve
  readonly symbol: string
  readonly detected: ReadonlyArray<Detected>
  readonly warmUps: ReadonlyArray<WarmUpChecked>
  readonly isPartial: boolean
  /** The command line that gives it again. */
  readonly command: string
  readonly generatedBy: string
}

/** Rows of a table of findings. */
const MOST_ROWS = 100

const sum = ({ detected }: LookAheadReport, of: (one: Detected) => number): number =>
  detected.reduce((all, one) => all + of(one), 0)

const verdict = (report: LookAheadReport): Html => {
  if (sum(report, (one) => one.changed) > 0) return html`<span class="down">It looks ahead</span>`
  const isShown = report.detected.every((one) => verdictOf(one) === "clean")
  return isShown ? html`<span class="up">Clean</span>` : html`Shows nothing`
}

const warmUpTile = ({ warmUps }: LookAheadReport): Html | string => {
  const [first] = warmUps
  if (first === undefined || first.steps.length === 0) return "not compared"
  const worst = warmUps.find(({ declared, recommended }) => recommended !== declared)
  if (worst === undefined) return html`enough <small>${counted(first.declared, "bar")}</small>`
  return worst.recommended === null
    ? html`does not settle <small>${counted(worst.declared, "bar")} declared</small>`
    : html`too short <small>${counted(worst.recommended, "bar")} would do</small>`
}

const keyFigures = (report: LookAheadReport): Html =>
  html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      tile("Look-ahead", verdict(report)),
      tile("Findings", count(sum(report, ({ changed }) => changed))),
      tile("Cuts", count(sum(report, ({ cuts }) => cuts.length))),
      tile("Decisions compared", count(sum(report, ({ compared }) => compared))),
      tile("Plays", count(sum(report, ({ plays }) => plays))),
      tile("Warm-up", warmUpTile(report))
    ])}
  </section>`

const shownBy = ({ cut, perturbation }: LookAheadFinding): string =>
  cut === undefined || perturbation === undefined
    ? "–"
    : `${perturbation} after ${toIso(timestamp(cut)).slice(0, 16).replace("T", " ")}`

const findingRow = (one: LookAheadFinding): Html =>
  html`<tr>
    <th scope="row" class="number">${count(one.bar)}</th>
    <td class="text">${one.date}</td>
    <td class="text">${one.what}</td>
    <td class="text wrap">${kindWords[one.kind]}</td>
    <td class="text wrap">${one.before}</td>
    <td class="text wrap">${one.after}</td>
    <td class="text wrap">${shownBy(one)}</td>
    <td class="text wrap">${one.order === "" ? "–" : one.order}</td>
  </tr>`

const findingTable = ({ changed, findings, subject }: Detected, index: number): Html =>
  table({
    id: `findings-${index}`,
    caption: `Findings, ${subject}`,
    ...(changed > Math.min(MOST_ROWS, findings.length)
      ? { note: `the first ${Math.min(MOST_ROWS, findings.length)} of ${count(changed)}` }
      : {}),
    heads: [
      numberHeads("Bar"),
      wordHeads("Date", "What", "Finding", "Before", "With another future", "Shown by", "Order")
    ],
    rows: findings.slice(0, MOST_ROWS).map(findingRow)
  })

const timeline = (report: LookAheadReport, detected: Detected, index: number): Html => {
  const { changed, compared, cuts, findings, planned, subject } = detected
  const failed =
    detected.failedPlays === 0
      ? ""
      : ` ${counted(detected.failedPlays, "play")} failed on the changed data and could not be compared.`
  const untold = untoldOf(detected)
  const nothing = untold === undefined ? "" : ` ${untoldWords[untold]} So this shows nothing.`
  return html`<h3 id="timeline-${index}">${subject === "signal rule" ? "Signal rule" : "Event engine"}</h3>
    ${figure(
      `timeline-${index}`,
      (place) => cutChart(report.curve, { cuts, findings: findings.map(({ at }) => at) }, place),
      html`<ul class="legend">
        <li><span class="line bg-s0"></span>${report.symbol}</li>
        <li><span class="mark hollow"></span>cuts</li>
        ${changed === 0 ? "" : html`<li><span class="mark bg-s1"></span>findings</li>`}
      </ul>`,
      `${cuts.length === planned ? counted(planned, "cut") : `${cuts.length} of ${counted(planned, "cut")}`}, ${counted(compared, "decision")} compared, ${changed === 0 ? "none changed" : counted(changed, "finding")}${changed > findings.length ? `, the first ${count(findings.length)} drawn` : ""}.${nothing}${failed}`
    )}
    ${findings.length === 0 ? "" : findingTable(detected, index)}`
}

const warmUpTable = (checked: WarmUpChecked, index: number): Html => {
  const { declared, longest, recommended, steps, subject } = checked
  if (steps.length === 0) {
    return html`<p>
      There are no earlier bars to compare a longer warm-up of the ${subject} with: choose a later first
      session.
    </p>`
  }
  const advice =
    recommended === null
      ? "It does not settle on these data."
      : recommended === declared
        ? "The declared warm-up is enough."
        : `From ${counted(recommended, "bar")} on nothing changes.`
  return html`<p>${advice}</p>
    ${table({
      id: `warm-up-${index}`,
      caption: `Warm-up, ${subject}`,
      note: `${counted(declared, "bar")} declared, compared with ${count(longest)}`,
      heads: [
        numberHeads("Bars", "Decisions changed", "First at bar"),
        wordHeads("Date", "With it", "With the longest")
      ],
      rows: steps.map(
        ({ changed, first, warmUp }) =>
          html`<tr>
            <th scope="row" class="number">${count(warmUp)}</th>
            <td>${count(changed)}</td>
            <td>${first === undefined ? "–" : count(first.bar)}</td>
            <td class="text">${first?.date ?? "–"}</td>
            <td class="text">${first?.before ?? "–"}</td>
            <td class="text">${first?.after ?? "–"}</td>
          </tr>`
      )
    })}`
}

const cannotTell = ({ isPartial }: LookAheadReport): ReadonlyArray<string> => [
  ...(isPartial ? ["It was interrupted: the cuts that are left were not looked at."] : []),
  "Files, the clock and module state that a strategy reads beside its context stay as they are: what it knows from there is not seen.",
  "A leak that shows on few bars is missed where no cut lies near them. More cuts see more.",
  "Data that were revised after the fact, and symbols chosen because they did well, are look-ahead that no replay shows."
]

const provenance = ({ command, generatedBy }: LookAheadReport): Html =>
  html`<p>The same command on the same data gives the same findings.</p>
    <dl class="inputs">
      ${input("Command", html`<code>${command}</code>`)} ${input("Made by", generatedBy)}
    </dl>`

/** The whole page, as UTF-8 text. */
export const lookAheadHtml = (report: LookAheadReport): string => {
  const parts = [
    ["cuts", "Cuts and findings", html`${report.detected.map((one, i) => timeline(report, one, i))}`],
    ["warm-up", "Does a longer warm-up change it?", html`${report.warmUps.map(warmUpTable)}`],
    ["reproduce", "Reproduce", provenance(report)]
  ] as const
  return pageText({
    title: `${report.title}: look-ahead`,
    styles: `${pageStyles}.mark.hollow{background:none;border:2px solid var(--ink);border-radius:50%;width:8px;height:8px}`,
    header: html`<header>
      ${overline("Plimsoll, the look-ahead detector. No order left this computer.")}
      <h1>${report.title}</h1>
      ${facts([report.tested])} ${sectionLinks(parts.map(([id, name]) => [id, name]))}
    </header>`,
    main: html`${keyFigures(report)} ${notice("What this cannot tell", cannotTell(report))}
    ${parts.map(([id, name, content]) => section(id, name, content))}`,
    footer: `${report.generatedBy}. Past prices and models; not advice.`
  })
}
