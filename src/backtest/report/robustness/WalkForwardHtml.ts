/** A walk-forward as one page that needs nothing else; the same walk-forward gives the same bytes. */
import { equityChart, hasLogAxis } from "../../../session/report/EquityChart.ts"
import { figure, section } from "../../../session/report/Figure.ts"
import {
  count,
  counted,
  decimal,
  percent,
  plainPercent,
  signedPercent
} from "../../../session/report/Format.ts"
import { type Html, html } from "../../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../../session/report/Page.ts"
import { input } from "../../../session/report/Reproduction.ts"
import { numberHeads, table, wordHeads } from "../../../session/report/Table.ts"
import { tile, tileRow } from "../../../session/report/Tiles.ts"
import type { GridValues } from "../../Grid.ts"
import type { ParameterStability } from "../../robustness/walkforward/Stability.ts"
import { degradationOf, isChosen, type WalkedWindow } from "../../robustness/walkforward/WalkForward.ts"
import { legendItem } from "../CurveSections.ts"
import { pageStyles } from "../PageStyles.ts"
import { sortableTable } from "../SortableTable.ts"
import { tableScript } from "../TableScript.ts"
import { stamp } from "../TearSheetHeader.ts"
import { chosenChart, type Pair, pairChart, walkCurves } from "./WalkForwardCharts.ts"
import type { WalkForwardReport } from "./WalkForwardReport.ts"

/** Windows in the table, the first. */
export const MOST_WINDOWS = 1000

/** The whole page, as UTF-8 text. */
export const walkForwardHtml = (report: WalkForwardReport): string => {
  const parts = [
    ["curve", "Out-of-sample", curveSection(report)],
    ["pairs", "In-sample and out-of-sample", pairSection(report)],
    ["chosen", "Chosen parameters", chosenSection(report)],
    ["windows", "All windows", windowSection(report)],
    ["reproduce", "Reproduce", provenance(report)]
  ] as const
  return pageText({
    title: `${report.algorithm}: walk-forward`,
    styles: pageStyles,
    script: tableScript,
    header: html`<header>
      ${overline("Plimsoll, a walk-forward. No order left this computer.")}
      <h1>${report.algorithm}: walk-forward</h1>
      ${facts([report.data, report.windowing, report.costs, ...(report.promotable ? [report.limits] : [])])}
      ${stamp({ ...report, label: report.limits })} ${sectionLinks(parts.map(([id, name]) => [id, name]))}
    </header>`,
    main: html`${keyFigures(report)} ${notice("What this cannot tell", notes(report))}
    ${parts.map(([id, name, content]) => section(id, name, content))}`,
    footer: `${report.generatedBy}. Past prices and models; not advice.`
  })
}

const ratio = (value: number | null): string => (value === null ? "–" : decimal(value, 2))

const valuesText = (values: GridValues): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ")

const keyFigures = ({ trials, walk }: WalkForwardReport): Html =>
  html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      tile(
        "Return out-of-sample",
        html`${signedPercent(walk.totalReturn)} <small>${signedPercent(walk.returnYearly)} a year</small>`
      ),
      tile("Sharpe ratio out-of-sample", html`${ratio(walk.sharpe)} <small>a year</small>`),
      tile("Maximum drawdown", percent(walk.maxDrawdown)),
      tile(
        "Walk-forward efficiency",
        walk.efficiency === null
          ? html`– <small>nothing was made in-sample</small>`
          : html`${percent(walk.efficiency)}
              <small>of ${signedPercent(walk.inSampleReturnYearly ?? 0)} a year in-sample</small>`
      ),
      tile(
        "Windows that made money",
        html`${count(walk.profitable)} <small>of ${count(walk.windows.length)}</small>`
      ),
      tile(
        "Sharpe ratio lost",
        html`${ratio(walk.degradation)} <small>a year, in-sample less out-of-sample, on average</small>`
      ),
      ...(walk.meanRank === null
        ? []
        : [
            tile(
              "Better than",
              html`${percent(1 - walk.meanRank)}
                <small>of the other points out-of-sample, equal ones counted half; 50% by chance</small>`
            )
          ]),
      tile("Trials on this data set", html`${count(trials)} <small>these among them</small>`)
    ])}
  </section>`

const notes = (report: WalkForwardReport): ReadonlyArray<string> => [
  ...report.caveats,
  ...(report.failed > 0
    ? [
        `${counted(report.failed, "segment")} could not be played: a point that failed in a window was not chosen in it.`
      ]
    : []),
  `${counted(report.trials, "backtest was", "backtests were")} run on this data set so far, these among them. Trying lengths of windows, objectives and grids until the curve looks good is a search too, and makes these sessions in-sample.`,
  "Each test window begins in cash and is marked at its last close without an exit: where parameters change, a position that both want is bought anew, and its costs are those of one purchase.",
  "The point in hindsight was chosen on the very sessions it is shown on: no one could have traded it.",
  "Fills, fees and slippage are models. One past is one sample."
]

const curveSection = (report: WalkForwardReport): Html => {
  const { held, hindsight, walked } = walkCurves(report)
  if (walked === undefined) return html`<p>There is no curve to draw: the account was worth nothing.</p>`
  const book = (curve: typeof walked) => ({ curve, breakerEvents: [], options: { events: [] } })
  const picture = {
    books: [book(walked), ...(hindsight === undefined ? [] : [book(hindsight)])],
    benchmark: held === undefined ? undefined : { curve: held }
  }
  const end = ({ equities }: typeof walked): string => decimal(equities.at(-1) ?? Number.NaN, 1)
  const look = { label: (value: number) => decimal(value, Number.isInteger(value) ? 0 : 1) }
  return figure(
    "curve",
    (place) => equityChart(picture, place, look),
    html`<ul class="legend">
      ${legendItem("s0", "out-of-sample, all windows", end(walked))}
      ${
        hindsight === undefined || report.hindsight === undefined
          ? ""
          : legendItem(
              "s1",
              `best point in hindsight: ${valuesText(report.hindsight.values)}`,
              end(hindsight)
            )
      }
      ${held === undefined ? "" : legendItem("bench", "bought and held", end(held))}
    </ul>`,
    `Value at each close of 100 before the first session out-of-sample${hasLogAxis(picture, look) ? ", on a logarithmic axis: equal heights are equal ratios" : ""}.`
  )
}

const pairsOf = (
  { walk }: WalkForwardReport,
  of: (window: Extract<WalkedWindow, { readonly _tag: "Chosen" }>) => readonly [number | null, number | null]
): ReadonlyArray<Pair> =>
  walk.windows.map((window) => {
    if (!isChosen(window)) return { inSample: undefined, outOfSample: undefined }
    const [inSample, outOfSample] = of(window)
    return { inSample: inSample ?? undefined, outOfSample: outOfSample ?? undefined }
  })

const pairLegend = html`<ul class="legend">
  ${legendItem("bench", "in-sample, where it was chosen")}${legendItem("s0", "out-of-sample, right after")}
</ul>`

const yearly = (change: number, sessions: number): number => Math.max(0, 1 + change) ** (252 / sessions) - 1

const pairSection = (report: WalkForwardReport): Html => {
  const sharpes = pairsOf(report, ({ tested, trained }) => [trained.sharpe, tested.sharpe])
  const returns = pairsOf(report, ({ test, tested, train, trained }) => [
    yearly(trained.totalReturn, train.until - train.from),
    yearly(tested.totalReturn, test.until - test.from)
  ])
  return html`<h3 id="pair-sharpe">Sharpe ratio a year</h3>
    ${figure(
      "pair-sharpe",
      (place) => pairChart(sharpes, { name: "", label: (value) => decimal(value, 1) }, place),
      pairLegend,
      "The chosen point of each window. A choice that works keeps part of what it had: out-of-sample bars are above zero about as often as in-sample ones."
    )}
    <h3 id="pair-return">Return a year</h3>
    ${figure(
      "pair-return",
      (place) => pairChart(returns, { name: "", label: plainPercent }, place),
      pairLegend,
      "Annualised: a short test window swings more than a long train window does."
    )}`
}

const stabilityRow = ({ changes, mostOften, parameter, spread, values }: ParameterStability): Html => {
  const most = values.reduce((a, b) => (b.windows > a.windows ? b : a), { value: "", windows: -1 })
  const used = values.filter(({ windows }) => windows > 0)
  return html`<tr>
    <th scope="row">${parameter}</th>
    <td class="text">${String(most.value)}</td>
    <td>${percent(mostOften)}</td>
    <td>${count(used.length)} of ${count(values.length)}</td>
    <td>${spread === null ? "–" : percent(spread)}</td>
    <td>${count(changes)}</td>
  </tr>`
}

const chosenSection = (report: WalkForwardReport): Html => {
  const { stability, windows } = report.walk
  return html`${table({
    id: "stability",
    caption: "How steady the choice was",
    heads: [
      wordHeads("Parameter", "Most often"),
      numberHeads("In windows", "Values chosen", "Part of the axis", "Changes")
    ],
    rows: stability.map(stabilityRow)
  })}
  ${stability.map(
    ({ parameter, values }, i) =>
      html`<h3 id="chosen-${i + 1}">${parameter}</h3>
        ${figure(
          `chosen-${i + 1}`,
          (place) => chosenChart(windows, { parameter, values: values.map(({ value }) => value) }, place),
          html``,
          `The value of ${parameter} chosen in each window. One that jumps from end to end was chosen by noise.`
        )}`
  )}`
}

const dateAt = ({ sessions }: WalkForwardReport, at: number): string => sessions[at] ?? "–"

const windowRow = (report: WalkForwardReport, window: WalkedWindow, i: number): Html => {
  const names = report.walk.stability.map(({ parameter }) => parameter)
  const { test, train } = window
  const spans = html`<th scope="row" class="number">${i + 1}</th>
    <td class="text"><time>${dateAt(report, train.from)}</time></td>
    <td class="text"><time>${dateAt(report, test.from)}</time></td>
    <td class="text"><time>${dateAt(report, test.until - 1)}</time></td>`
  if (!isChosen(window)) {
    return html`<tr>
      ${spans} ${names.map(() => html`<td>–</td>`)}
      <td>–</td>
      <td>–</td>
      <td>–</td>
      <td>–</td>
      <td>–</td>
      <td>–</td>
      <td class="text wide-text">cash: ${window.reason}</td>
    </tr>`
  }
  const { rank, tested, trained, values } = window
  return html`<tr>
    ${spans} ${names.map((name) => html`<td>${String(values[name])}</td>`)}
    <td>${ratio(trained.sharpe)}</td>
    <td>${ratio(tested.sharpe)}</td>
    <td>${ratio(degradationOf(window))}</td>
    <td>${signedPercent(tested.totalReturn, 2)}</td>
    <td>${percent(tested.maxDrawdown, 2)}</td>
    <td>${count(tested.entries)}</td>
    <td class="text">${rank === undefined ? "–" : `${rank.rank} of ${rank.of}`}</td>
  </tr>`
}

const windowSection = (report: WalkForwardReport): Html => {
  const { stability, windows } = report.walk
  const rows = windows.slice(0, MOST_WINDOWS)
  const left = windows.length - rows.length
  return html`${sortableTable({
    id: "windows",
    caption: "Windows",
    note: `chosen by the ${report.objective}`,
    filters: "windows",
    hint: "a date, a value",
    look: "dense",
    heads: [
      numberHeads("Window"),
      wordHeads("Train from", "Test from", "to"),
      numberHeads(
        ...stability.map(({ parameter }) => parameter),
        "Sharpe in",
        "Sharpe out",
        "Lost",
        "Return out",
        "Drawdown",
        "Entries"
      ),
      wordHeads("Rank out")
    ],
    rows: rows.map((window, i) => windowRow(report, window, i))
  })}
  ${left > 0 ? html`<p class="fine">The first ${count(rows.length)} of ${counted(windows.length, "window")}; the same command with --json prints all.</p>` : ""}`
}

const provenance = (report: WalkForwardReport): Html =>
  html`<p>The same command on the same data gives the same figures, on any number of cores.</p>
    <dl class="inputs">
      ${input("Command", html`<code>${report.command}</code>`)} ${input("Algorithm", report.algorithm)}
      ${input("Data", report.data)} ${input("Windows", report.windowing)}
      ${input("Objective", report.objective)} ${input("Points", count(report.points))}
      ${input("Limits", report.limits)} ${input("Costs", report.costs)}
      ${input("Made by", report.generatedBy)}
    </dl>`
