/** Regimes as a terminal shows them. */
import { Result } from "effect"
import type { CusumAlarm } from "../../../../backtest/robustness/regimes/Cusum.ts"
import type { HmmFit, Verdict } from "../../../../backtest/robustness/regimes/hmm/FitHmm.ts"
import {
  expectedSessions,
  type GaussianState
} from "../../../../backtest/robustness/regimes/hmm/GaussianHmm.ts"
import { firstKnown, switchesOf } from "../../../../backtest/robustness/regimes/Known.ts"
import type {
  CusumPart,
  HmmPart,
  RegimeReport,
  RulesPart,
  Told
} from "../../../../backtest/robustness/regimes/MarketRegimes.ts"
import {
  LEAST_REGIME_SESSIONS,
  type RegimeFigures
} from "../../../../backtest/robustness/regimes/RegimePerformance.ts"
import type { RegimeError } from "../../../../backtest/robustness/regimes/RegimeError.ts"
import type { Statistic } from "../../../../portfolio/Performance.ts"
import { counted, percent, plainNumber, signedPercent, type Style, table } from "../../Format.ts"

/** Alarms in the table, the last of them. */
const LISTED_ALARMS = 20

const text = (statistic: Statistic, write: (value: number) => string): string =>
  statistic._tag === "Value" ? write(statistic.value) : "-"

const sharpeText = ({ sharpeYearly, sharpeYearlyError }: RegimeFigures): string =>
  sharpeYearly._tag === "None"
    ? "-"
    : `${plainNumber(sharpeYearly.value, 2)} ± ${text(sharpeYearlyError, (error) => plainNumber(error, 2))}`

const figureCells = (figures: RegimeFigures): ReadonlyArray<string> => [
  text(figures.totalReturn, signedPercent),
  sharpeText(figures),
  text(figures.volatilityYearly, percent),
  text(figures.maxDrawdown, percent)
]

const heads = ["return", "Sharpe a year", "volatility", "max drawdown"]

interface Written {
  readonly name: string
  readonly sessions: number
  readonly part: number
  readonly strategy: RegimeFigures
  readonly market: RegimeFigures
}

/** The market's figures below the strategy's, but where the market is the series itself. */
const regimeTable = (
  rows: ReadonlyArray<Written>,
  { alone, style }: { readonly alone: boolean; readonly style: Style }
): ReadonlyArray<string> => {
  const head = ["", "sessions", "part", ...heads].map(style.dim)
  const body = rows.flatMap(({ market, name, part, sessions, strategy }) => [
    [name, String(sessions), percent(part), ...figureCells(strategy)],
    ...(alone ? [] : [["  market", "", "", ...figureCells(market)].map(style.dim)])
  ])
  return table([head, ...body], { right: head.map((_, i) => i).slice(1), indent: "  " })
}

interface Page {
  readonly report: RegimeReport
  readonly style: Style
  readonly sessionName: (at: number) => string
  readonly alone: boolean
}

const toldLines = (told: Told<string>, page: Page): ReadonlyArray<string> => [
  ...regimeTable(
    told.rows.map(({ regime, ...row }) => ({ name: regime, ...row })),
    page
  ),
  `  known from ${page.sessionName(firstKnown(told.known) ?? 0)}, ${counted(switchesOf(told.known), "switch", "switches")}, ${told.known.labels.at(-1) ?? "unknown"} at the end`
]

const rulesLines = ({ trend, volatility }: RulesPart, page: Page): ReadonlyArray<string> => [
  page.style.bold("Trend, by rules"),
  "  the close against its 200-session mean, with a band, and that mean's slope",
  ...toldLines(trend, page),
  "",
  page.style.bold("Volatility, by rules"),
  "  the deviation of 63 sessions against the median of all so far",
  ...toldLines(volatility, page)
]

const verdictText: Readonly<Record<Verdict, string>> = {
  "two-regimes": "two regimes describe these returns better than fat tails or one Gaussian do",
  "fat-tails":
    "fat tails describe these returns as well: which state a session is of says nothing of the next, so these are no regimes",
  "one-gaussian": "one Gaussian describes these returns as well: there is no evidence of two regimes"
}

const stateCells = (
  name: string,
  { mean, variance }: GaussianState,
  stays: number
): ReadonlyArray<string> => [
  name,
  signedPercent(mean),
  percent(Math.sqrt(variance)),
  percent(Math.sqrt(variance * 252)),
  stays < 1 ? plainNumber(expectedSessions(stays), 0) : "for good"
]

const fitLines = (
  { converged, criteria, parameters, verdict }: HmmFit,
  style: Style
): ReadonlyArray<string> => {
  const say = verdict === "two-regimes" ? style.green : style.yellow
  const others = [
    ["one Gaussian", criteria.gaussian] as const,
    ...(criteria.mixture === undefined ? [] : [["an independent mixture", criteria.mixture] as const])
  ]
  return [
    ...table(
      [
        ["fitted on all returns", "mean a session", "deviation", "a year", "sessions at a time"].map(
          style.dim
        ),
        stateCells("calm", parameters.calm, parameters.staysCalm),
        stateCells("turbulent", parameters.turbulent, parameters.staysTurbulent)
      ],
      { right: [1, 2, 3, 4], indent: "  " }
    ),
    `  ${say(verdictText[verdict])}`,
    `  BIC ${plainNumber(criteria.hmm.bic, 1)}, AIC ${plainNumber(criteria.hmm.aic, 1)}, log-likelihood ${plainNumber(criteria.hmm.logLikelihood, 1)}; ${others.map(([name, { aic, bic }]) => `${name}: BIC ${plainNumber(bic, 1)}, AIC ${plainNumber(aic, 1)}`).join("; ")}`,
    ...(converged ? [] : [style.yellow("  the fit had not settled when it was stopped")])
  ]
}

const hmmLines = ({ causal, fit }: HmmPart, page: Page): ReadonlyArray<string> => [
  page.style.bold("Two hidden states"),
  ...fitLines(fit, page.style),
  ...Result.match(causal, {
    onFailure: ({ message }) => [page.style.yellow(`  nothing was known at the time: ${message}`)],
    onSuccess: (walked) => [
      "  by what was known at the time: filtered, parameters fitted anew as returns came",
      ...toldLines(walked, page),
      `  ${counted(walked.fits, "fit")}${walked.degenerate > 0 ? `, ${walked.degenerate} without two states` : ""}; in hindsight (smoothed) ${percent(walked.differs)} of these sessions are of the other state`
    ]
  })
]

const chartText = ({ chart, direction }: CusumAlarm): string =>
  `${chart === "mean" ? "mean" : "volatility"} ${direction}`

const cusumLines = ({ alarms, result, stretches }: CusumPart, page: Page): ReadonlyArray<string> => {
  const listed = alarms.slice(-LISTED_ALARMS)
  const rows = stretches.rows.slice(alarms.length - listed.length)
  const nameOf = (k: number): string => {
    const first = listed[k - 1]
    if (first === undefined) return alarms.length > listed.length ? "before" : "before any alarm"
    const { at, changed } = first[0] ?? { at: 0, changed: 0 }
    return `${page.sessionName(at)} ${first.map(chartText).join(", ")} (since ${page.sessionName(changed)})`
  }
  return [
    page.style.bold("Changes, by CUSUM"),
    `  ${counted(alarms.length, "alarm")} in ${counted(result.watched, "watched session")}; while nothing changes each of two charts alarms every ${plainNumber(result.options.averageRunLength, 0)} sessions on average, ${plainNumber((2 * result.watched) / result.options.averageRunLength, 1)} in as many`,
    ...regimeTable(
      rows.map((row, k) => ({ ...row, name: nameOf(k) })),
      page
    ),
    ...(listed.length < alarms.length
      ? [`  the last ${listed.length} alarms; all of them: --json, or --html FILE`]
      : [])
  ]
}

const partLines = <Part>(
  name: string,
  part: Result.Result<Part, RegimeError> | undefined,
  lines: (part: Part) => ReadonlyArray<string>,
  style: Style
): ReadonlyArray<string> =>
  part === undefined
    ? []
    : [
        "",
        ...Result.match(part, {
          onFailure: ({ message }) => [style.bold(name), style.yellow(`  cannot be told: ${message}`)],
          onSuccess: lines
        })
      ]

export const regimesLines = (report: RegimeReport, style: Style): ReadonlyArray<string> => {
  const { cusum, hmm, market, rules, strategy, whole } = report
  const alone = strategy === market
  const sessionName = (at: number): string => market.dates?.[at] ?? `session ${at + 1}`
  const page: Page = { report, style, sessionName, alone }
  const n = market.returns.length
  return [
    `${style.bold(strategy.name)}${alone ? "" : `, regimes of ${market.name}`}, ${sessionName(0)} to ${sessionName(n - 1)}`,
    ...regimeTable([{ name: "all sessions", sessions: n, part: 1, ...whole }], page),
    ...partLines("By rules", rules, (part) => rulesLines(part, page), style),
    ...partLines("Two hidden states", hmm, (part) => hmmLines(part, page), style),
    ...partLines("Changes, by CUSUM", cusum, (part) => cusumLines(part, page), style),
    "",
    style.dim(
      `A session's regime is the one known at the close before it. A dash: fewer than ${LEAST_REGIME_SESSIONS} sessions, or nothing varied.`
    ),
    style.yellow(
      "Regimes are few: a strategy that did well in one has been seen in a handful of stretches, not in as many sessions."
    )
  ]
}
