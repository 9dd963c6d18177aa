/** Backtests side by side as one page that needs nothing else; the same results give the same bytes. */
import { Option } from "effect"
import { statisticDefinitions, type StatisticName } from "../../portfolio/Performance.ts"
import { drawdownSeries, type EquityCurve } from "../../portfolio/EquityCurve.ts"
import { drawdownChart } from "../../session/report/DrawdownChart.ts"
import { equityChart, hasLogAxis } from "../../session/report/EquityChart.ts"
import { figure, section } from "../../session/report/Figure.ts"
import { count, counted, decimal, dollars, percent } from "../../session/report/Format.ts"
import { type Html, html } from "../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../session/report/Page.ts"
import { bookColor } from "../../session/report/Palette.ts"
import { numberHeads, table, wordHeads } from "../../session/report/Table.ts"
import { contaminationOf, contaminationWords } from "../robustness/Contaminated.ts"
import { modelledCaveat } from "../../session/RunReportData.ts"
import type { FinishedBacktest } from "../BacktestResult.ts"
import { type BacktestView, viewOf } from "./BacktestView.ts"
import {
  correlation,
  incomparable,
  type InputLine,
  inputLines,
  mixed,
  rebased,
  returnsByDate
} from "./Comparison.ts"
import { pageStyles } from "./PageStyles.ts"
import { ownText } from "./StatisticsSection.ts"

/** Runs compared, the first: so many lines are told apart by colour and dash. */
export const MOST_RUNS = 12

interface ComparedRun {
  /** "A" */
  readonly letter: string
  /** What tells it from the others. */
  readonly label: string
  readonly view: BacktestView
  /** Begins with 100. */
  readonly curve: Option.Option<EquityCurve>
}

/** The name; of runs of one algorithm with the parameters that differ among them, and where none do with the end of the id. */
const labelsOf = (results: ReadonlyArray<FinishedBacktest>): ReadonlyArray<string> => {
  const labels = results.map((result) => {
    const { name, parameters } = result.inputs.algorithm
    const alike = results.filter(({ inputs }) => inputs.algorithm.name === name)
    const told = inputLines(alike).filter(({ differs, kind }) => differs && kind === "parameter")
    return [name, ...told.map((line) => `${line.name} ${String(parameters[line.name] ?? "–")}`)].join(", ")
  })
  return labels.map((label, i) =>
    labels.indexOf(label) === labels.lastIndexOf(label)
      ? label
      : `${label}, ${results[i]?.id.slice(-6) ?? ""}`
  )
}

const runsOf = (results: ReadonlyArray<FinishedBacktest>): ReadonlyArray<ComparedRun> => {
  const labels = labelsOf(results)
  return results.map((result, i) => {
    const view = viewOf(result)
    return {
      letter: String.fromCharCode(65 + i),
      label: labels[i] ?? view.name,
      view,
      curve: Option.flatMap(view.curve, rebased)
    }
  })
}

/** The whole page, as UTF-8 text. */
export const compareHtml = (results: ReadonlyArray<FinishedBacktest>): string => {
  const compared = results.slice(0, MOST_RUNS)
  const runs = runsOf(compared)
  const refused = incomparable(compared)
  const parts = [
    ["curves", "Curves", curveSection(runs)],
    ["drawdowns", "Drawdowns", drawdownSection(runs)],
    ["statistics", "Statistics", statisticsSection(runs, refused.length === 0)],
    ["differences", "What differs", differenceSection(runs)],
    ["correlation", "Correlation", correlationSection(runs)]
  ] as const
  return pageText({
    title: `${counted(runs.length, "backtest")} compared`,
    styles: pageStyles,
    header: html`<header>
      ${overline("Plimsoll, backtests side by side. No order left this computer.")}
      <h1>${counted(runs.length, "backtest")} compared</h1>
      ${facts([...new Set(compared.map(({ inputs }) => inputs.data.symbols.join(", ")))].slice(0, 6))}
      ${sectionLinks(parts.map(([id, name]) => [id, name]))}
    </header>`,
    main: html`${runList(runs)}
    ${notice(refused.length === 0 ? "What to know before comparing" : "These results are not comparable", [
      ...refused,
      ...mixed(compared),
      ...runs.flatMap(({ letter, view }) => {
        const words = contaminationWords(contaminationOf(view.result.inputs, view.content.dates))
        return words === undefined ? [] : [`${letter}: ${words}`]
      }),
      ...runs.flatMap(({ letter, view }) => {
        const caveat = modelledCaveat(view.content.optionOrders)
        return caveat === undefined ? [] : [`${letter}: ${caveat}`]
      }),
      ...runs.flatMap(({ letter, view }) =>
        view.result.inputs.profile.promotable
          ? []
          : [
              `${letter} was run under ${view.result.inputs.profile.label}: nothing of it may be carried over to a desk.`
            ]
      ),
      ...(results.length > MOST_RUNS
        ? [`Of ${count(results.length)} backtests the first ${MOST_RUNS} are compared here.`]
        : []),
      "The best of several is partly luck, the more so the more were tried."
    ])}
    ${parts.map(([id, name, content]) => section(id, name, content))}`,
    footer: `Backtests ${compared.map(({ id }) => id).join(", ")}. Past prices and models; not advice.`
  })
}

/** Solid, dashed or dotted as the line is. */
const lineStyles = ["solid", "dashed", "dotted"] as const

const swatch = (i: number): Html => {
  const style = lineStyles[Math.floor(i / 4)] ?? "dotted"
  return html`<span
    class="line ${style === "solid" ? `bg-${bookColor(i)}` : `${style} in-${bookColor(i)}`}"
  ></span>`
}

const runList = (runs: ReadonlyArray<ComparedRun>): Html =>
  html`<section aria-labelledby="runs">
    <h2 id="runs" class="unseen">Backtests</h2>
    ${table({
      id: "runs",
      caption: "Backtests",
      heads: [
        wordHeads("", "Backtest", "Data", "Period", "Engine"),
        numberHeads("Total return", "Sharpe", "Drawdown")
      ],
      rows: runs.map(
        ({ label, letter, view }, i) =>
          html`<tr>
            <td class="text key-cell">${swatch(i)}${letter}</td>
            <th scope="row" class="wrap">${label} <small class="lede">${view.result.id}</small></th>
            <td class="text">
              ${view.result.inputs.data.symbols.slice(0, 4).join(", ")}, ${view.result.inputs.data.resolution}
            </td>
            <td class="text">${view.content.dates[0] ?? "–"} to ${view.content.dates.at(-1) ?? "–"}</td>
            <td class="text">${view.result.inputs.engine.name} ${view.result.inputs.engine.version}</td>
            <td>${ownText(view.content, "totalReturn")}</td>
            <td>${ownText(view.content, "sharpe")}</td>
            <td>${ownText(view.content, "maxDrawdown")}</td>
          </tr>`
      )
    })}
  </section>`

interface DrawnRun extends ComparedRun {
  readonly drawn: EquityCurve
}

/** Those with a curve; their places are their colours. */
const drawnRuns = (runs: ReadonlyArray<ComparedRun>): ReadonlyArray<DrawnRun> =>
  runs.flatMap((run) =>
    Option.toArray(run.curve).flatMap((drawn) => (drawn.dates.length > 1 ? [{ ...run, drawn }] : []))
  )

const legend = (runs: ReadonlyArray<DrawnRun>, note: (curve: EquityCurve) => string): Html =>
  html`<ul class="legend">
    ${runs.map(
      ({ drawn, label, letter }, i) =>
        html`<li>
          ${swatch(i)}<span
            >${letter} <span class="wrap">${label}</span> <span class="lede">${note(drawn)}</span></span
          >
        </li>`
    )}
  </ul>`

const nothingDrawn = html`<p>None of these results holds a curve that can be drawn.</p>`

/** Runs without a curve would shift the colours of those after them: they are named instead. */
const undrawn = (runs: ReadonlyArray<ComparedRun>, drawn: ReadonlyArray<DrawnRun>): Html => {
  const without = runs.filter(({ letter }) => drawn.every((run) => run.letter !== letter))
  return without.length === 0
    ? html``
    : html`<p class="fine">Without a curve: ${without.map(({ letter }) => letter).join(", ")}.</p>`
}

const curveSection = (runs: ReadonlyArray<ComparedRun>): Html => {
  const drawn = drawnRuns(runs)
  if (drawn.length === 0) return nothingDrawn
  const picture = {
    books: drawn.map(({ drawn: curve }) => ({ curve, breakerEvents: [], options: { events: [] } }))
  }
  const look = { label: (value: number) => decimal(value, Number.isInteger(value) ? 0 : 1) }
  return html`${figure(
    "curves",
    (place) => equityChart(picture, place, look),
    legend(drawn, ({ equities }) => decimal(equities.at(-1) ?? Number.NaN, 1)),
    `Equity at each close, every curve beginning with 100${hasLogAxis(picture) ? ", on a logarithmic axis: equal heights are equal ratios" : ""}.`
  )}${undrawn(runs, drawn)}`
}

const drawdownSection = (runs: ReadonlyArray<ComparedRun>): Html => {
  const drawn = drawnRuns(runs)
  if (drawn.length === 0) return nothingDrawn
  return figure(
    "drawdowns",
    (place) => drawdownChart({ books: drawn.map(({ drawn: curve }) => ({ curve })) }, place),
    legend(drawn, (curve) => `${percent(drawdownSeries(curve).reduce((a, b) => Math.min(a, b)))} at worst`),
    "Equity at each close against its highest value since the start."
  )
}

/** Statistics of which more is better; a drawdown is below zero. */
const better: ReadonlySet<StatisticName> = new Set([
  "totalReturn",
  "cagr",
  "cagr252",
  "sharpe",
  "sortino",
  "maxDrawdown",
  "calmar"
])

/** Places of the best value; none where fewer than two have one, or all have the same. */
export const bestPlaces = (values: ReadonlyArray<number | null | undefined>): ReadonlySet<number> => {
  const told = values.filter((value) => typeof value === "number")
  const top = Math.max(...told)
  return told.length < 2 || told.every((value) => value === top)
    ? new Set()
    : new Set(values.flatMap((value, i) => (value === top ? [i] : [])))
}

const letterHeads = (runs: ReadonlyArray<ComparedRun>): Html =>
  html`${runs.map(({ label, letter }, i) => html`<th scope="col" class="number" title="${label}">${swatch(i)} ${letter}</th>`)}`

const statisticsSection = (runs: ReadonlyArray<ComparedRun>, comparable: boolean): Html => {
  const cells = (values: ReadonlyArray<string>, best: ReadonlySet<number> = new Set()): Html =>
    html`${values.map((value, i) => html`<td class="${best.has(i) ? "best" : ""}">${value}</td>`)}`
  const line = (name: string, values: Html): Html =>
    html`<tr>
      <th scope="row">${name}</th>
      ${values}
    </tr>`
  const contents = runs.map(({ view }) => view.content)
  const leanNames = [...new Set(contents.flatMap(({ statistics }) => Object.keys(statistics.lean)))]
  return html`${table({
    id: "statistics",
    caption: "Plimsoll's statistics",
    note: comparable
      ? "the best of those of which more is better is ticked"
      : "nothing is ticked: these are not comparable",
    look: "dense",
    heads: [wordHeads("Statistic"), letterHeads(runs)],
    rows: [
      ...statisticDefinitions.map(({ key, name }) =>
        line(
          name,
          cells(
            contents.map((content) => ownText(content, key)),
            comparable && better.has(key)
              ? bestPlaces(contents.map(({ statistics }) => statistics.own[key]))
              : new Set()
          )
        )
      ),
      line("Trades", cells(contents.map(({ trades }) => count(trades.length)))),
      line(
        "Orders denied",
        cells(contents.map(({ denials }) => count(denials.reduce((sum, one) => sum + one.count, 0))))
      ),
      line("Fees", cells(contents.map(({ fees }) => dollars(fees))))
    ]
  })}
  ${
    leanNames.length === 0
      ? ""
      : html`<details>
          <summary>LEAN's statistics</summary>
          ${table({
            id: "lean-statistics",
            caption: "LEAN's statistics",
            note: "by LEAN's definitions, computed here",
            look: "dense",
            heads: [wordHeads("Statistic"), letterHeads(runs)],
            rows: leanNames.map((name) =>
              line(name, cells(contents.map(({ statistics }) => statistics.lean[name] ?? "–")))
            )
          })}
        </details>`
  }`
}

const isHash = (text: string): boolean => /^[0-9a-f]{40,}$/u.test(text)

/** A hash is told by its beginning; the whole is on its own page. */
const valueText = (text: string): Html | string =>
  isHash(text) ? html`<code>${text.slice(0, 12)}</code>` : text

const inputTable = (
  id: string,
  caption: string,
  runs: ReadonlyArray<ComparedRun>,
  lines: ReadonlyArray<InputLine>
): Html =>
  table({
    id,
    caption,
    heads: [
      wordHeads("Input", "Of"),
      runs.map(({ label, letter }, i) => html`<th scope="col" title="${label}">${swatch(i)} ${letter}</th>`)
    ],
    rows: lines.map(
      ({ differs, kind, name, values }) =>
        html`<tr class="${differs ? "differs" : ""}">
          <th scope="row">${name}</th>
          <td class="text">${kind}</td>
          ${values.map((value) => html`<td class="value">${valueText(value)}</td>`)}
        </tr>`
    )
  })

const differenceSection = (runs: ReadonlyArray<ComparedRun>): Html => {
  const lines = inputLines(runs.map(({ view }) => view.result))
  const differing = lines.filter(({ differs, kind }) => differs && kind !== "single limit")
  const single = lines.filter(({ differs, kind }) => differs && kind === "single limit")
  const same = lines.filter(({ differs }) => !differs)
  return html`${
    differing.length === 0
      ? html`<p>
          Nothing differs in what these were made
          from${
            new Set(runs.map(({ view }) => view.result.outcome.hash)).size > 1
              ? ", and yet their results do: something is wrong with one of them."
              : ", nor in what came of it."
          }
        </p>`
      : inputTable("differing", "Inputs that differ", runs, differing)
  }
  ${
    single.length === 0
      ? ""
      : html`<details>
          <summary>${counted(single.length, "limit")} that differ</summary>
          ${inputTable("differing-limits", "Limits that differ", runs, single)}
        </details>`
  }
  ${
    same.length === 0
      ? ""
      : html`<details>
          <summary>${counted(same.length, "input")} that are the same</summary>
          ${inputTable("same", "Inputs that are the same", runs, same)}
        </details>`
  }`
}

/** Seven steps from −1 over 0 to 1. */
const stepOf = (value: number): string => {
  const size = Math.abs(value)
  const step = size < 0.1 ? 0 : size < 0.4 ? 1 : size < 0.7 ? 2 : 3
  return step === 0 ? "z0" : `${value < 0 ? "n" : "p"}${step}`
}

const correlationSection = (runs: ReadonlyArray<ComparedRun>): Html => {
  if (runs.length < 2) return html`<p>One run alone goes together with none.</p>`
  const returns = runs.map(({ view }) =>
    Option.match(view.curve, { onNone: () => new Map<string, number>(), onSome: returnsByDate })
  )
  const of = (i: number, j: number) => {
    const [a, b] = [returns[i], returns[j]]
    return a === undefined || b === undefined ? undefined : correlation(a, b)
  }
  const found = runs.flatMap((_, i) => runs.slice(0, i).map((_other, j) => of(i, j)?.sessions ?? 0))
  const [fewest, most] = [Math.min(...found), Math.max(...found)]
  return html`${table({
      id: "correlation",
      caption: "Correlation of daily returns",
      note:
        fewest === most
          ? `${counted(most, "common session")}`
          : `${count(fewest)} to ${count(most)} common sessions`,
      look: "heat pairs",
      heads: [
        wordHeads("Backtest"),
        runs.map(({ label, letter }) => html`<th scope="col" class="number" title="${label}">${letter}</th>`)
      ],
      rows: runs.map(
        ({ label, letter }, i) =>
          html`<tr>
            <th scope="row" class="wrap">${letter} <small class="lede">${label}</small></th>
            ${runs.map((_, j) => {
              if (j > i) return html`<td></td>`
              const one = i === j ? undefined : of(i, j)
              return i === j
                ? html`<td class="none">1</td>`
                : one === undefined
                  ? html`<td class="none">–</td>`
                  : html`<td class="${stepOf(one.value)}">${decimal(one.value, 2)}</td>`
            })}
          </tr>`
      )
    })}
    <p class="fine">
      Near 1 two runs are one bet; near 0 they spread it. A dash: fewer than twenty sessions in common, or
      returns that do not vary.
    </p>`
}
