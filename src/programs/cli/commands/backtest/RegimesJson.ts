/** Regimes as `--json` prints them: names in snake_case, ratios as floats, null where a figure cannot be told. */
import { Result } from "effect"
import type { Statistic } from "../../../../portfolio/Performance.ts"
import type {
  CusumPart,
  HmmPart,
  RegimeReport,
  RulesPart,
  Told
} from "../../../../backtest/robustness/regimes/MarketRegimes.ts"
import type { Criteria } from "../../../../backtest/robustness/regimes/hmm/FitHmm.ts"
import {
  expectedSessions,
  type GaussianState
} from "../../../../backtest/robustness/regimes/hmm/GaussianHmm.ts"
import { firstKnown, switchesOf } from "../../../../backtest/robustness/regimes/Known.ts"
import type { RegimeFigures } from "../../../../backtest/robustness/regimes/RegimePerformance.ts"
import type { RegimeError } from "../../../../backtest/robustness/regimes/RegimeError.ts"

const figure = (statistic: Statistic): number | null => (statistic._tag === "Value" ? statistic.value : null)

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value

const figuresJson = (figures: RegimeFigures) => {
  const missing = Object.values(figures).find((one: Statistic) => one._tag === "None")
  return {
    total_return: figure(figures.totalReturn),
    mean: figure(figures.mean),
    volatility: figure(figures.volatilityYearly),
    sharpe: figure(figures.sharpeYearly),
    sharpe_standard_error: figure(figures.sharpeYearlyError),
    max_drawdown: figure(figures.maxDrawdown),
    why_null: missing?._tag === "None" ? missing.reason : null
  }
}

/** A session's date, or its number from 1 where a file has no dates. */
type SessionName = string | number

const namesOf =
  ({ market }: RegimeReport) =>
  (at: number): SessionName =>
    market.dates?.[at] ?? at + 1

const toldJson = ({ known, rows }: Told<string>, nameOf: (at: number) => SessionName) => {
  const first = firstKnown(known)
  return {
    known_from: first === undefined ? null : nameOf(first),
    now: known.labels.at(-1) ?? null,
    switches: switchesOf(known),
    by_regime: rows.map(({ market, part, regime, sessions, strategy }) => ({
      regime,
      sessions,
      part,
      strategy: figuresJson(strategy),
      market: figuresJson(market)
    }))
  }
}

const partJson = <Part>(
  part: Result.Result<Part, RegimeError> | undefined,
  json: (part: Part) => Record<string, unknown>
) =>
  part === undefined
    ? {}
    : Result.match(part, {
        onFailure: ({ _tag, message }): Record<string, unknown> => ({ why_null: message, error: _tag }),
        onSuccess: json
      })

const stateJson = ({ mean, variance }: GaussianState, stays: number) => ({
  mean,
  deviation: Math.sqrt(variance),
  stays,
  expected_sessions: finite(expectedSessions(stays))
})

const criteriaJson = (criteria: Criteria | undefined) =>
  criteria === undefined
    ? null
    : {
        parameters: criteria.parameters,
        log_likelihood: criteria.logLikelihood,
        aic: criteria.aic,
        bic: criteria.bic
      }

const hmmJson = ({ causal, fit }: HmmPart, nameOf: (at: number) => SessionName) => ({
  verdict: fit.verdict,
  whole_sample_fit: {
    calm: stateJson(fit.parameters.calm, fit.parameters.staysCalm),
    turbulent: stateJson(fit.parameters.turbulent, fit.parameters.staysTurbulent),
    converged: fit.converged,
    steps: fit.logLikelihoods.length - 1,
    starts: fit.starts.begun,
    sound_starts: fit.starts.sound,
    hmm: criteriaJson(fit.criteria.hmm),
    independent_mixture: criteriaJson(fit.criteria.mixture),
    one_gaussian: criteriaJson(fit.criteria.gaussian)
  },
  filtered: partJson(causal, (walked) => ({
    ...toldJson(walked, nameOf),
    turbulent_now: finite(walked.filtered.turbulent.at(-1)),
    fits: walked.fits,
    degenerate_fits: walked.degenerate,
    smoothed_differs: walked.differs
  }))
})

const cusumJson = ({ alarms, result, stretches }: CusumPart, nameOf: (at: number) => SessionName) => ({
  average_run_length: result.options.averageRunLength,
  thresholds: result.thresholds,
  watched: result.watched,
  alarms: alarms.flat().map(({ at, changed, chart, direction }) => ({
    chart,
    direction,
    alarm: nameOf(at),
    changed_from: nameOf(changed)
  })),
  between_alarms: stretches.rows.map(({ market, part, regime, sessions, strategy }) => ({
    alarms_before: Number(regime),
    sessions,
    part,
    strategy: figuresJson(strategy),
    market: figuresJson(market)
  }))
})

const rulesJson = ({ trend, volatility }: RulesPart, nameOf: (at: number) => SessionName) => ({
  trend: toldJson(trend, nameOf),
  volatility: toldJson(volatility, nameOf)
})

/** One entry a session of everything that was told of it. */
const dailyJson = (report: RegimeReport) => {
  const nameOf = namesOf(report)
  const rules = report.rules === undefined ? undefined : Result.getOrUndefined(report.rules)
  const hmm = report.hmm === undefined ? undefined : Result.getOrUndefined(report.hmm)
  const causal = hmm === undefined ? undefined : Result.getOrUndefined(hmm.causal)
  return Array.from(report.market.returns, (_, t) => ({
    session: nameOf(t),
    ...(rules === undefined
      ? {}
      : {
          trend: rules.trend.known.labels[t] ?? null,
          volatility: rules.volatility.known.labels[t] ?? null
        }),
    ...(hmm === undefined
      ? {}
      : {
          turbulent_filtered: finite(causal?.filtered.turbulent[t]),
          turbulent_filtered_in_hindsight: finite(hmm.hindsight.turbulent[t]),
          turbulent_smoothed: finite(hmm.smoothed.turbulent[t])
        })
  }))
}

export const regimesJson = (report: RegimeReport, { daily }: { readonly daily: boolean }) => {
  const nameOf = namesOf(report)
  const { cusum, hmm, market, rules, strategy, whole } = report
  return {
    strategy: strategy.name,
    market: market.name,
    sessions: market.returns.length,
    from: nameOf(0),
    to: nameOf(market.returns.length - 1),
    whole: { strategy: figuresJson(whole.strategy), market: figuresJson(whole.market) },
    ...(rules === undefined ? {} : { rules: partJson(rules, (part) => rulesJson(part, nameOf)) }),
    ...(hmm === undefined ? {} : { hmm: partJson(hmm, (part) => hmmJson(part, nameOf)) }),
    ...(cusum === undefined ? {} : { cusum: partJson(cusum, (part) => cusumJson(part, nameOf)) }),
    ...(daily ? { daily: dailyJson(report) } : {})
  }
}
