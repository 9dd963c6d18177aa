/** Monte Carlo as one page that needs nothing else; the same paths give the same bytes. */
import { figure, section } from "../../../session/report/Figure.ts"
import { count, decimal, percent, signedPercent } from "../../../session/report/Format.ts"
import { type Html, html } from "../../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../../session/report/Page.ts"
import { input } from "../../../session/report/Reproduction.ts"
import { numberHeads, table, wordHeads } from "../../../session/report/Table.ts"
import { tile, tileRow } from "../../../session/report/Tiles.ts"
import {
  type Distribution,
  type MonteCarlo,
  quantileAt,
  toldProbabilities
} from "../../robustness/montecarlo/MonteCarlo.ts"
import type { ProbabilityEstimate } from "../../robustness/montecarlo/Quantiles.ts"
import { legendItem } from "../CurveSections.ts"
import { pageStyles } from "../PageStyles.ts"
import type { Label } from "../../robustness/Contaminated.ts"
import { stamp } from "../TearSheetHeader.ts"
import { fallChart, fanChart, isFanLogarithmic } from "./MonteCarloCharts.ts"

export interface MonteCarloPage {
  readonly carlo: MonteCarlo
  readonly title: string
  /** How the paths were made, in words; of blocks also how long they are. */
  readonly facts: ReadonlyArray<string>
  /** "returns" or "trades". */
  readonly step: "returns" | "trades"
  /** What it cannot tell. */
  readonly caveats: ReadonlyArray<string>
  /** The command that gives it again, with the program's name. */
  readonly command: string
  readonly generatedBy: string
  /** Of a backtest. */
  readonly limits: Label | undefined
}

type Write = (value: number) => string

const at = (distribution: Distribution, probability: (typeof toldProbabilities)[number]): number =>
  quantileAt(distribution, probability)?.value ?? 0

const fall: Write = (value) => percent(value, 2)
const gain: Write = (value) => signedPercent(value, 2)
const ratio: Write = (value) => decimal(value, 2)

/** "0.12% to 0.31%". */
const range = ({ high, low }: ProbabilityEstimate): string => `${percent(low, 2)} to ${percent(high, 2)}`

const headline = ({ carlo, step }: MonteCarloPage): Html => {
  const { actual, asDeep, loss, maxDrawdown, plan, ruin, totalReturn, underWater } = carlo
  return html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      tile(
        "Maximum drawdown, P95",
        html`${fall(at(maxDrawdown, 0.95))} <small>at most one path in twenty falls deeper</small>`
      ),
      tile(
        "Maximum drawdown, median",
        html`${fall(at(maxDrawdown, 0.5))} <small>${fall(actual.maxDrawdown)} as it came</small>`
      ),
      tile(
        "Total return, P5 to P95",
        carlo.isTotalFixed
          ? html`${gain(actual.totalReturn)} <small>the same on every path</small>`
          : html`${gain(at(totalReturn, 0.05))} to ${gain(at(totalReturn, 0.95))}
              <small>${gain(actual.totalReturn)} as it came</small>`
      ),
      tile(
        `Longest under water, P95`,
        html`${count(at(underWater, 0.95))} ${step} <small>${count(actual.underWater)} as it came</small>`
      ),
      tile("Loss at the end", html`${percent(loss.value, 2)} <small>${range(loss)}</small>`),
      tile(
        `Ruin, a fall of ${percent(plan.ruin, 0)}`,
        html`${percent(ruin.value, 2)} <small>${range(ruin)}</small>`
      ),
      tile("As deep as it came", html`${percent(asDeep.value, 2)} <small>of the paths or deeper</small>`)
    ])}
  </section>`
}

const fanSection = ({ carlo, step }: MonteCarloPage): Html => {
  const { actual, fan, plan, totalReturn } = carlo
  const picture = { fan, actual: actual.equity, step }
  const looked = count(carlo.underWater.paths)
  return figure(
    "paths",
    (place) => fanChart(picture, place),
    html`<ul class="legend">
      ${
        actual.equity === undefined
          ? ""
          : legendItem("s1", "as it came", `${decimal(1 + actual.totalReturn, 2)}×`)
      }${legendItem("s0", "median of the paths", `${decimal(1 + at(totalReturn, 0.5), 2)}×`)}
      <li><span class="band half"></span>half of the paths</li>
      <li><span class="band"></span>nine in ten</li>
      ${legendItem("bench", `the first ${fan.paths.length} paths`)}
    </ul>`,
    `Equity as a multiple of the start; bands of the paths at each step${
      plan.paths > carlo.underWater.paths ? `, of the first ${looked}` : ""
    }: no path need stay in its band.${isFanLogarithmic(picture) ? " The axis is logarithmic." : ""}${
      carlo.isTotalFixed ? " Shuffles begin and end at the same points." : ""
    }`
  )
}

const fallSection = ({ carlo }: MonteCarloPage): Html => {
  const { actual, histogram, maxDrawdown, plan } = carlo
  const [p50, p95] = [at(maxDrawdown, 0.5), at(maxDrawdown, 0.95)]
  return figure(
    "drawdowns",
    (place) => fallChart({ histogram, p50, p95, actual: actual.maxDrawdown }, place),
    html`<ul class="legend">
      ${legendItem("s0", "paths")}
      <li><span class="line dots"></span>median <span class="lede">${fall(p50)}</span></li>
      <li><span class="line dash"></span>P95 <span class="lede">${fall(p95)}</span></li>
      ${legendItem("s1", "as it came", fall(actual.maxDrawdown))}
    </ul>`,
    `Deepest falls of ${count(plan.paths)} paths from their own peaks, the start among them, as a part of the peak, in bins of ${percent(histogram.step, 2)}; the deepest thousandth is in the last bin.`
  )
}

interface Told {
  readonly name: string
  readonly of: Distribution
  readonly actual: string
  readonly write: Write
}

const toldOf = ({ carlo, step }: MonteCarloPage): ReadonlyArray<Told> => {
  const { actual, sharpe } = carlo
  return [
    { name: "Maximum drawdown", of: carlo.maxDrawdown, actual: fall(actual.maxDrawdown), write: fall },
    { name: "Total return", of: carlo.totalReturn, actual: gain(actual.totalReturn), write: gain },
    {
      name: `Longest under water, ${step}`,
      of: carlo.underWater,
      actual: count(actual.underWater),
      write: (value) => decimal(value, Number.isInteger(value) ? 0 : 1)
    },
    ...(sharpe === undefined || step === "trades"
      ? []
      : [
          {
            name: "Sharpe ratio a year",
            of: sharpe,
            actual: actual.sharpe === undefined ? "–" : ratio(actual.sharpe),
            write: ratio
          }
        ])
  ]
}

const intervalText = ({ of, write }: Told, i: number): string => {
  const { high, low } = of.quantiles[i] ?? {}
  return `${low === undefined ? "…" : write(low)} to ${high === undefined ? "…" : write(high)}`
}

const quantileTable = (told: ReadonlyArray<Told>): Html =>
  table({
    id: "quantiles",
    caption: "Quantiles",
    note: "each with the interval that so many paths give it",
    look: "dense",
    heads: [wordHeads("Of the paths"), ...told.map(({ name }) => numberHeads(name, "95% interval"))],
    rows: [
      ...toldProbabilities.map(
        (probability, i) =>
          html`<tr>
            <th scope="row">P${Math.round(100 * probability)}</th>
            ${told.map(
              (one) =>
                html`<td>${one.write(one.of.quantiles[i]?.value ?? 0)}</td>
                  <td class="fine-cell">${intervalText(one, i)}</td>`
            )}
          </tr>`
      ),
      html`<tr>
        <th scope="row">Mean</th>
        ${told.map(
          ({ of, write }) =>
            html`<td>${write(of.mean)}</td>
              <td></td>`
        )}
      </tr>`,
      html`<tr>
        <th scope="row">As it came</th>
        ${told.map(
          ({ actual }) =>
            html`<td>${actual}</td>
              <td></td>`
        )}
      </tr>`
    ]
  })

const tableSection = (page: MonteCarloPage): Html => {
  const { carlo } = page
  const { exact } = carlo
  return html`${quantileTable(toldOf(page))}
    ${
      exact === undefined
        ? ""
        : html`<p>
            Exact, by all ${count(exact.paths)} paths: maximum drawdown ${fall(exact.maxDrawdown.p5)},
            ${fall(exact.maxDrawdown.p50)}, ${fall(exact.maxDrawdown.p95)} (P5, P50, P95); total return
            ${gain(exact.totalReturn.p5)}, ${gain(exact.totalReturn.p50)}, ${gain(exact.totalReturn.p95)};
            probability of a loss ${percent(exact.loss, 2)}, of ruin ${percent(exact.ruin, 2)}.
          </p>`
    }
    <p class="fine">
      A quantile is the smallest value that at least so many of the paths do not exceed. Its interval is of
      order statistics, by the binomial distribution: it tells how exact this many paths are, not how right
      the returns
      are.${
        carlo.underWater.paths < carlo.plan.paths
          ? ` Time under water and Sharpe ratio are of the first ${count(carlo.underWater.paths)} paths.`
          : ""
      }
    </p>`
}

const provenance = ({ carlo, command, generatedBy }: MonteCarloPage): Html => {
  const { plan } = carlo
  return html`<p>The same command gives the same paths, bit for bit, on any number of cores.</p>
    <dl class="inputs">
      ${input("Command", html`<code>${command}</code>`)} ${input("Returns", plan.series.name)}
      ${input("Method", plan.method)} ${input("Paths", `${count(plan.paths)} of ${count(plan.length)} steps`)}
      ${input("Seed", String(plan.seed))} ${input("Numbers", "sampled")} ${input("Made by", generatedBy)}
    </dl>`
}

const styles = `
.band{width:22px;height:12px;flex:none;background:var(--s0);opacity:.22}
.band.half{opacity:.45}
td.fine-cell{white-space:nowrap;color:var(--muted);font-size:.75rem}`

/** The whole page, as UTF-8 text. */
export const monteCarloHtml = (page: MonteCarloPage): string => {
  const parts = [
    ["paths", "Paths", fanSection(page)],
    ["drawdowns", "Drawdowns", fallSection(page)],
    ["figures", "Figures", tableSection(page)],
    ["reproduce", "Reproduce", provenance(page)]
  ] as const
  return pageText({
    title: page.title,
    styles: `${pageStyles}${styles}`,
    header: html`<header>
      ${overline("Plimsoll, resampled returns. No order left this computer.")}
      <h1>${page.title}</h1>
      ${facts(page.facts)} ${page.limits === undefined ? "" : stamp(page.limits)}
      ${sectionLinks(parts.map(([id, name]) => [id, name]))}
    </header>`,
    main: html`${headline(page)} ${notice("What this cannot tell", page.caveats)}
    ${parts.map(([id, name, content]) => section(id, name, content))}`,
    footer: `${page.generatedBy}. Past prices and models; not advice.`
  })
}
