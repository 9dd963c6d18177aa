/** Regimes of a market as one page that needs nothing else; the same report gives the same bytes. */
import { Result } from "effect"
import { figure, section } from "../../../session/report/Figure.ts"
import { count, counted, decimal, percent, signedPercent } from "../../../session/report/Format.ts"
import { type Html, html } from "../../../session/report/Html.ts"
import { facts, notice, overline, pageText, sectionLinks } from "../../../session/report/Page.ts"
import type { ColorName } from "../../../session/report/Palette.ts"
import { input } from "../../../session/report/Reproduction.ts"
import { tile, tileRow } from "../../../session/report/Tiles.ts"
import type { Verdict } from "../../robustness/regimes/hmm/FitHmm.ts"
import { expectedSessions } from "../../robustness/regimes/hmm/GaussianHmm.ts"
import { ahead, firstKnown, switchesOf } from "../../robustness/regimes/Known.ts"
import type {
  CusumPart,
  HmmPart,
  RegimeReport,
  RulesPart,
  Told
} from "../../robustness/regimes/MarketRegimes.ts"
import type { RegimeError } from "../../robustness/regimes/RegimeError.ts"
import { closesOf, type Trend, type Volatility } from "../../robustness/regimes/RuleRegimes.ts"
import { legendItem } from "../CurveSections.ts"
import { pageStyles } from "../PageStyles.ts"
import type { Label } from "../../robustness/Contaminated.ts"
import { stamp } from "../TearSheetHeader.ts"
import { type Ribbon, ribbonChart, type RibbonLine } from "./RegimeRibbon.ts"
import { alarmTable, regimeTable, sharpeText } from "./RegimeTables.ts"

export interface RegimesPage {
  readonly report: RegimeReport
  readonly title: string
  /** The command that gives it again, with the program's name. */
  readonly command: string
  readonly generatedBy: string
  /** Of a backtest. */
  readonly limits: Label | undefined
}

const trendColors: Readonly<Record<Trend, ColorName | undefined>> = {
  bull: "p1",
  sideways: undefined,
  bear: "n1"
}
const volatilityColors: Readonly<Record<Volatility, ColorName | undefined>> = {
  calm: undefined,
  turbulent: "n1"
}

const isAlone = ({ market, strategy }: RegimeReport): boolean => market === strategy

const sessionName =
  ({ market }: RegimeReport) =>
  (at: number): string =>
    market.dates?.[at] ?? `session ${count(at + 1)}`

const growthLines = (report: RegimeReport): ReadonlyArray<RibbonLine> => [
  ...(isAlone(report)
    ? []
    : [{ values: closesOf(report.market.returns).subarray(1), color: "bench", width: 1.2 } as const]),
  { values: closesOf(report.strategy.returns).subarray(1), color: "s0", width: 1.5 }
]

const growthLegend = (report: RegimeReport, more: Html): Html => {
  const last = (returns: Float64Array): string => `${decimal(closesOf(returns).at(-1) ?? 0, 2)}×`
  return html`<ul class="legend">
    ${legendItem("s0", report.strategy.name, last(report.strategy.returns))}${
      isAlone(report) ? "" : legendItem("bench", report.market.name, last(report.market.returns))
    }${more}
  </ul>`
}

const swatch = (color: ColorName, name: string): Html =>
  html`<li><span class="swatch ${color}"></span>${name}</li>`

const alarmsOf = ({ cusum }: RegimeReport): ReadonlyArray<number> =>
  cusum === undefined || Result.isFailure(cusum)
    ? []
    : cusum.success.alarms.flatMap(([first]) => (first === undefined ? [] : [first.at]))

const alarmKey = (report: RegimeReport): Html | string =>
  alarmsOf(report).length === 0 ? "" : html`<li><span class="line limit"></span>alarm of a CUSUM chart</li>`

/** The curve with the bands of labels that were known before each session. */
const ribbonOf = <Label extends string>(
  report: RegimeReport,
  { known }: Told<Label>,
  colors: Readonly<Record<Label, ColorName | undefined>>
): Ribbon => ({
  dates: report.market.dates,
  lines: growthLines(report),
  bands: ahead(known).labels.map((label) => (label === undefined ? undefined : colors[label])),
  alarms: alarmsOf(report),
  scale: "growth"
})

const GROWTH = "What a dollar became at each close."

/** "198 switches; before 2000-11-10 nothing could be told." */
const switchesText = (report: RegimeReport, { known }: Told<string>): string => {
  const first = firstKnown(known)
  const before =
    first === undefined ? "" : `; before the close of ${sessionName(report)(first)} nothing could be told`
  return `${counted(switchesOf(known), "switch", "switches")}${before}.`
}

const rulesSection = (report: RegimeReport, { trend, volatility }: RulesPart): Html =>
  html`<h3 id="trend">Trend</h3>
    ${figure(
      "trend",
      (place) => ribbonChart(ribbonOf(report, trend, trendColors), place),
      growthLegend(report, html`${swatch("p1", "bull")}${swatch("n1", "bear")}${alarmKey(report)}`),
      `${GROWTH} Bull: the market's close is above its 200-session mean by more than a band, and that mean rises; bear: below, and it falls; neither is sideways, without a colour. The colour of a session was known at the close before it.`
    )}
    ${regimeTable("trends", "By trend", trend.rows, isAlone(report))}
    <p class="fine">${switchesText(report, trend)}</p>
    <h3>Volatility</h3>
    ${regimeTable("volatilities", "By volatility", volatility.rows, isAlone(report))}
    <p class="fine">
      Turbulent: the deviation of the last 63 returns is above the median of all so far.
      ${switchesText(report, volatility)}
    </p>`

const verdictWords: Readonly<Record<Verdict, string>> = {
  "two-regimes": "Two regimes describe these returns better than fat tails or one Gaussian do.",
  "fat-tails":
    "Fat tails describe these returns as well: which state a session is of says nothing of the next. These are no regimes.",
  "one-gaussian": "One Gaussian describes these returns as well: there is no evidence of two regimes."
}

const fitTiles = ({ fit }: HmmPart): Html => {
  const { criteria, parameters, verdict } = fit
  const state = (name: string, { mean, variance }: { mean: number; variance: number }, stays: number): Html =>
    tile(
      name,
      html`${percent(Math.sqrt(variance * 252))} a year
        <small
          >${signedPercent(mean, 2)} a session,
          ${stays < 1 ? `${count(expectedSessions(stays))} sessions at a time` : "never left"}</small
        >`
    )
  const bic = (name: string, value: number | undefined): Html =>
    tile(name, value === undefined ? "–" : decimal(value, 0))
  return html`${tileRow([
      state("Calm, volatility", parameters.calm, parameters.staysCalm),
      state("Turbulent, volatility", parameters.turbulent, parameters.staysTurbulent),
      bic("BIC, two regimes", criteria.hmm.bic),
      bic("BIC, fat tails", criteria.mixture?.bic),
      bic("BIC, one Gaussian", criteria.gaussian.bic)
    ])}
    <p>
      ${verdictWords[verdict]} The lower BIC is the better; ten less is asked for. These figures are fitted on
      all returns.
    </p>`
}

const probabilityFigure = (report: RegimeReport, part: HmmPart, filtered: Float64Array): Html =>
  html`<h3 id="turbulent">Probability of turbulence</h3>
    ${figure(
      "turbulent",
      (place) =>
        ribbonChart(
          {
            dates: report.market.dates,
            lines: [
              { values: part.smoothed.turbulent, color: "bench", width: 0.9, dash: [3, 2] },
              { values: filtered, color: "s1", width: 1, filled: true }
            ],
            bands: report.market.returns.length === 0 ? [] : Array.from(filtered, () => undefined),
            alarms: [],
            scale: "probability"
          },
          place
        ),
      html`<ul class="legend">
        ${legendItem("s1", "filtered", "known at each close, parameters of returns up to then")}
        ${legendItem("bench", "smoothed", "in hindsight, of all returns: nobody knew it")}
      </ul>`,
      "Of the turbulent state. Labels are made of the filtered probability alone, which is above one half or not."
    )}`

const hmmSection = (report: RegimeReport, part: HmmPart): Html =>
  html`${fitTiles(part)}${Result.match(part.causal, {
    onFailure: ({ message }) => html`<p>Nothing was known at the time: ${message}.</p>`,
    onSuccess: (walked) =>
      html`<h3 id="states">States, as they were known</h3>
        ${figure(
          "states",
          (place) => ribbonChart(ribbonOf(report, walked, volatilityColors), place),
          growthLegend(report, html`${swatch("n1", "turbulent")}${alarmKey(report)}`),
          `${GROWTH} A coloured session was more probably turbulent than calm at the close before it, by parameters fitted on returns up to then, anew ${counted(walked.fits, "time")}${walked.degenerate > 0 ? `, ${count(walked.degenerate)} of them without two states` : ""}.`
        )}
        ${probabilityFigure(report, part, walked.filtered.turbulent)}
        ${regimeTable("hidden", "By hidden state", walked.rows, isAlone(report))}
        <p class="fine">
          ${switchesText(report, walked)} In hindsight ${percent(walked.differs)} of these sessions are of the
          other state.
        </p>`
  })}`

const cusumSection = (report: RegimeReport, part: CusumPart): Html => {
  const { options, watched } = part.result
  return html`<h3 id="alarms">Alarms</h3>
    ${figure(
      "alarms",
      (place) =>
        ribbonChart(
          {
            dates: report.market.dates,
            lines: growthLines(report),
            bands: Array.from(report.market.returns, () => undefined),
            alarms: alarmsOf(report),
            scale: "growth"
          },
          place
        ),
      growthLegend(report, html`${alarmKey(report)}`),
      `${GROWTH} A dashed line stands at the close that told of a change of the market's mean or volatility.`
    )}
    ${alarmTable(part, sessionName(report), isAlone(report))}
    <p class="fine">
      ${counted(watched, "session was", "sessions were")} watched; after an alarm a new level is learned for
      ${count(options.calibration)} sessions first. While nothing changes, each of the two charts alarms every
      ${count(options.averageRunLength)} sessions on average:
      ${decimal((2 * watched) / options.averageRunLength, 1)} alarms in as many would be chance.
    </p>`
}

const orWhy = <Part>(part: Result.Result<Part, RegimeError>, draw: (part: Part) => Html): Html =>
  Result.match(part, {
    onFailure: ({ message }) => html`<p>Cannot be told: ${message}.</p>`,
    onSuccess: draw
  })

const sectionsOf = (
  report: RegimeReport
): ReadonlyArray<readonly [id: string, name: string, content: Html]> => {
  const { cusum, hmm, rules } = report
  return [
    ...(rules === undefined
      ? []
      : [["rules", "By rules", orWhy(rules, (part) => rulesSection(report, part))] as const]),
    ...(hmm === undefined
      ? []
      : [["hmm", "Two hidden states", orWhy(hmm, (part) => hmmSection(report, part))] as const]),
    ...(cusum === undefined
      ? []
      : [["cusum", "Changes", orWhy(cusum, (part) => cusumSection(report, part))] as const])
  ]
}

const notes: ReadonlyArray<string> = [
  "Regimes are few. A strategy that did well in turbulent markets has been seen in a handful of them, and its standard error counts sessions as if each were news.",
  "Sessions of one regime are strung together: no account had their return or drawdown.",
  "Labels are those known at the close before each session. Curves of smoothed probabilities look better and could not have been traded.",
  "Two Gaussians fit whatever has fat tails or clustered volatility. The two states are a description, not two causes."
]

const keyFigures = (report: RegimeReport): Html => {
  const { market, strategy } = report.whole
  return html`<section class="headline" aria-labelledby="results">
    <h2 id="results" class="unseen">Results</h2>
    ${tileRow([
      tile("Sessions", count(report.market.returns.length)),
      tile("Sharpe ratio, all sessions", sharpeText(strategy)),
      ...(isAlone(report) ? [] : [tile("Market's", sharpeText(market))]),
      tile("Alarms of a change", count(alarmsOf(report).length))
    ])}
  </section>`
}

/** The whole page, as UTF-8 text. */
export const regimesHtml = ({ command, generatedBy, limits, report, title }: RegimesPage): string => {
  const parts = sectionsOf(report)
  const nameOf = sessionName(report)
  const provenance = html`<p>The same command on the same data gives the same figures.</p>
    <dl class="inputs">
      ${input("Command", html`<code>${command}</code>`)} ${input("Market", report.market.name)}
      ${input("Made by", generatedBy)}
    </dl>`
  return pageText({
    title,
    styles: pageStyles,
    header: html`<header>
      ${overline("Plimsoll, regimes of a market. No order left this computer.")}
      <h1>${title}</h1>
      ${facts([
        report.strategy.name,
        isAlone(report) ? "its own returns as the market" : `market: ${report.market.name}`,
        `${nameOf(0)} to ${nameOf(report.market.returns.length - 1)}`
      ])}
      ${limits === undefined ? "" : stamp(limits)}
      ${sectionLinks([...parts.map(([id, name]) => [id, name] as const), ["reproduce", "Reproduce"]])}
    </header>`,
    main: html`${keyFigures(report)} ${notice("What this cannot tell", notes)}
    ${parts.map(([id, name, content]) => section(id, name, content))}
    ${section("reproduce", "Reproduce", provenance)}`,
    footer: `${generatedBy}. Past prices and models; not advice.`
  })
}
