/**
 * A chain's surface, smiles, term structure and skew as one page that needs
 * nothing else: no network, no script. The same analysis gives the same bytes.
 */
import type { CleanChain } from "../../../../../options/chain/OptionChain.ts"
import type { SkewReport } from "../../../../../options/surface/Skew.ts"
import { surfaceMatrix } from "../../../../../options/surface/SurfaceMatrix.ts"
import type { TermStructure } from "../../../../../options/surface/TermStructure.ts"
import type { VolatilitySurface } from "../../../../../options/surface/VolatilitySurface.ts"
import { figure, section } from "../../../../../session/report/Figure.ts"
import { count, counted, decimal, percent } from "../../../../../session/report/Format.ts"
import { type Html, html } from "../../../../../session/report/Html.ts"
import { notice } from "../../../../../session/report/Page.ts"
import { numberHeads, table, wordHeads } from "../../../../../session/report/Table.ts"
import { analysisPage } from "./AnalysisPage.ts"
import { matrixTable, pictureGrid } from "./MatrixTable.ts"
import { skewChart, skewLegend, skewTable } from "./SkewChart.ts"
import { smileCharts } from "./SmileCharts.ts"
import { surfaceChart } from "./SurfaceChart.ts"
import { termCaption, termChart, termLegend } from "./TermChart.ts"

/** What the page shows. */
export interface OptionsAnalysis {
  readonly chain: CleanChain
  /** Where the quotes are from: "LEAN folder data, AAPL 2014-06-09". */
  readonly source: string
  /** Undefined where the chain has too few quotes; `why` says it. */
  readonly surface: VolatilitySurface | undefined
  readonly why: string | undefined
  readonly term: TermStructure | undefined
  readonly skew: SkewReport | undefined
  /** What stands out, by what it was compared with: a heading and its sentences. */
  readonly comparisons: ReadonlyArray<{ readonly heading: string; readonly lines: ReadonlyArray<string> }>
  /** What a reader has to know: modelled quotes, a rate taken from elsewhere. */
  readonly notes: ReadonlyArray<string>
  /** "Plimsoll 0.1.0" */
  readonly generatedBy: string
}

const ownStyles = `
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:20px 28px;margin-top:14px}
.small svg{display:block;width:100%;height:auto}
.small h3{margin:0}
.small .fine{font-size:.8125rem;margin-top:2px}
.matrix td,.matrix th{padding:4px 7px}
.matrix tbody th{white-space:nowrap}
.matrix td.none{color:var(--muted)}
.compared{margin:20px 0 0}
.signals{margin:4px 0 0;padding-left:1.25em;font-size:.875rem;overflow-wrap:anywhere}
.signals li{margin-top:4px}
.mark.ring{border-color:var(--s1)}
`

const none = html``

const modelNames: Readonly<Record<VolatilitySurface["model"], string>> = {
  ssvi: "SSVI",
  svi: "SVI",
  multiquadric: "multiquadric radial basis",
  inverse: "inverse multiquadric radial basis",
  gaussian: "Gaussian radial basis",
  linear: "linear radial basis",
  cubic: "cubic radial basis",
  "thin-plate": "thin-plate spline"
}

const arbitrageWords = ({ after, before }: VolatilitySurface): string =>
  `Quotes: ${counted(before.butterfly.length, "butterfly arbitrage", "butterfly arbitrages")} and ${counted(before.calendar.length, "calendar arbitrage", "calendar arbitrages")} between mids; ` +
  `fitted: ${count(after.butterfly.length)} and ${count(after.calendar.length)}.`

const surfaceSection = (surface: VolatilitySurface): Html => {
  const grid = pictureGrid(surface)
  const fit = `${modelNames[surface.model]}, ${percent(surface.rmsError, 2)} rms error of volatility over ${counted(surface.slices.length, "expiry", "expiries")}. ${arbitrageWords(surface)}`
  const drawn =
    surface.slices.length < 2 ||
    surfaceChart(grid, { labelledBy: "surface", describedBy: "surface-caption", screen: "wide" }) ===
      undefined
      ? none
      : figure(
          "surface",
          (place) => surfaceChart(grid, place) ?? none,
          none,
          `Strikes as a share of the forward to the right, time to the back, implied volatility up. ${fit}`
        )
  return html`${drawn}${matrixTable(surfaceMatrix(surface))}${
    surface.slices.length < 2
      ? html`<p class="fine">One expiry: there is no surface to draw. ${fit}</p>`
      : none
  }`
}

const forwardsTable = (chain: CleanChain, surface: VolatilitySurface | undefined): Html =>
  table({
    id: "forwards",
    caption: "Forwards and fit",
    note: "forward and dividend yield from put–call parity",
    heads: [
      wordHeads("Expiry"),
      numberHeads("Days", "Forward", "± error", "Rate", "Dividend yield"),
      wordHeads("From"),
      numberHeads("Pairs", "Strikes", "Fit, rms", "Largest", "Inside spread")
    ],
    rows: chain.smiles.map((smile) => {
      const slice = surface?.slices.find(({ expiry }) => expiry === smile.expiry)
      return html`<tr>
        <th scope="row">${smile.expiry}</th>
        <td>${decimal(365 * smile.years, 0)}</td>
        <td>${decimal(smile.forward, 3)}</td>
        <td>${smile.standardError === undefined ? "–" : decimal(smile.standardError, 3)}</td>
        <td>${percent(smile.rate, 2)}</td>
        <td>${percent(smile.dividendYield, 2)}</td>
        <td class="text">${smile.source}</td>
        <td>${count(smile.pairs)}</td>
        <td>${count(smile.points.length)}</td>
        <td>${slice === undefined ? "–" : percent(slice.rmsError, 2)}</td>
        <td>${slice === undefined ? "–" : percent(slice.maxError, 2)}</td>
        <td>${slice === undefined ? "–" : percent(slice.insideSpread, 0)}</td>
      </tr>`
    })
  })

const quotesTable = ({ drops, kept, quotes }: CleanChain): Html =>
  table({
    id: "quotes",
    caption: `What was left out of ${count(quotes)} quotes`,
    heads: [wordHeads("Reason"), numberHeads("Quotes")],
    rows: html`${drops.map(
        ({ count: dropped, reason }) =>
          html`<tr>
            <th scope="row">${reason}</th>
            <td>${count(dropped)}</td>
          </tr>`
      )}
      <tr>
        <th scope="row">kept</th>
        <td>${count(kept)}</td>
      </tr>`
  })

const comparisonList = ({ comparisons }: OptionsAnalysis): Html =>
  html`${comparisons.map(
    ({ heading, lines }) =>
      html`<p class="compared">${heading}</p>
        ${
          lines.length === 0
            ? none
            : html`<ul class="signals">
                ${lines.map((line) => html`<li>${line}</li>`)}
              </ul>`
        }`
  )}`

/** The whole page, as UTF-8 text. */
export const optionsPage = (analysis: OptionsAnalysis): string => {
  const { chain, generatedBy, notes, skew, source, surface, term, why } = analysis
  return analysisPage({
    title: `${chain.symbol} options, ${chain.asOf.slice(0, 10)}`,
    styles: ownStyles,
    heading: `${chain.symbol} options`,
    facts: [
      `${chain.asOf.slice(0, 16).replace("T", " ")} UTC`,
      `spot ${decimal(chain.spot, 2)}`,
      `${counted(chain.smiles.length, "expiry", "expiries")}, ${count(chain.kept)} of ${count(chain.quotes)} quotes used`,
      source
    ],
    main: html`${notice("What to know about these numbers", [...(why === undefined ? [] : [why]), ...notes])}
    ${surface === undefined ? none : section("surface", "Volatility surface", surfaceSection(surface))}
    ${
      chain.smiles.length === 0
        ? none
        : section(
            "smiles",
            "Smiles",
            html`<ul class="legend">
                <li><span class="line bg-bench"></span>bid to ask</li>
                <li><span class="line bg-s1"></span>mid</li>
                ${surface === undefined ? none : html`<li><span class="line bg-s0"></span>fitted</li>`}
              </ul>
              ${smileCharts(chain, surface)}`
          )
    }
    ${
      term === undefined || term.atm.length < 2
        ? none
        : section(
            "term",
            "Term structure",
            figure("term", (place) => termChart(term, place), termLegend, termCaption(term))
          )
    }
    ${
      skew === undefined || skew.expiries.length === 0
        ? none
        : section(
            "skew",
            "Skew",
            html`${
              skew.expiries.filter(({ measures }) => measures !== undefined).length < 2
                ? none
                : figure(
                    "skew",
                    (place) => skewChart(skew, place),
                    skewLegend(skew),
                    "Below zero puts cost more than calls as far from the forward."
                  )
            }${skewTable(skew)}${comparisonList(analysis)}`
          )
    }
    ${section("quotes", "Quotes and forwards", html`${forwardsTable(chain, surface)}${quotesTable(chain)}`)}`,
    generatedBy
  })
}
