/**
 * How a strategy and its market did while each regime was known.
 *
 * A session's regime is the one known at the close before it. Sessions of one
 * regime are strung together as if nothing lay between them: so are its return
 * and its drawdown, which no account had.
 */
import { Result } from "effect"
import { dateOfDay } from "../../../domain/Timestamp.ts"
import { equityCurve } from "../../../portfolio/EquityCurve.ts"
import {
  mapValue,
  maxDrawdown,
  mean,
  none,
  sharpe,
  sharpeStandardError,
  type Statistic,
  totalReturn,
  value,
  volatility
} from "../../../portfolio/Performance.ts"
import type { KnownBefore } from "./Known.ts"

/** A Sharpe ratio of fewer has a standard error of three and more. */
export const LEAST_REGIME_SESSIONS = 30

/** Ratios; Sharpe ratios and volatility a year. */
export interface RegimeFigures {
  readonly totalReturn: Statistic
  /** Mean return of a session. */
  readonly mean: Statistic
  readonly volatilityYearly: Statistic
  readonly sharpeYearly: Statistic
  /** Lo's (2002), for independent returns. */
  readonly sharpeYearlyError: Statistic
  /** Zero or negative. */
  readonly maxDrawdown: Statistic
}

export interface RegimeRow<Label extends string> {
  readonly regime: Label
  readonly sessions: number
  /** Of the sessions that have a regime. */
  readonly part: number
  readonly strategy: RegimeFigures
  readonly market: RegimeFigures
}

const without = (reason: string): RegimeFigures => ({
  totalReturn: none(reason),
  mean: none(reason),
  volatilityYearly: none(reason),
  sharpeYearly: none(reason),
  sharpeYearlyError: none(reason),
  maxDrawdown: none(reason)
})

/** Of returns strung together. */
export const figuresOf = (returns: Float64Array): RegimeFigures => {
  const n = returns.length
  if (n < LEAST_REGIME_SESSIONS) {
    return without(`needs ${LEAST_REGIME_SESSIONS} sessions, has ${n}`)
  }
  const equities = new Float64Array(n + 1)
  equities[0] = 1
  for (let i = 0; i < n; i++) equities[i + 1] = (equities[i] ?? Number.NaN) * (1 + (returns[i] ?? Number.NaN))
  // Nothing that is asked of this curve looks at its dates.
  const dates = Array.from(equities, (_, i) => dateOfDay(i))
  return Result.match(equityCurve(dates, equities), {
    onFailure: ({ message }) => without(message),
    onSuccess: (curve) => ({
      totalReturn: totalReturn(curve),
      mean: value(mean(returns)),
      volatilityYearly: volatility(curve),
      sharpeYearly: sharpe(curve),
      sharpeYearlyError: sharpeStandardError(curve),
      maxDrawdown: mapValue(maxDrawdown(curve), (depth) => Math.max(depth, -1))
    })
  })
}

/** A row a regime, in the order given, those without a session too; all returns are one a session. */
export const performanceByRegime = <Label extends string>(
  regimes: ReadonlyArray<Label>,
  { labels }: KnownBefore<Label>,
  returns: { readonly strategy: Float64Array; readonly market: Float64Array }
): ReadonlyArray<RegimeRow<Label>> => {
  const told = labels.filter((label) => label !== undefined).length
  return regimes.map((regime) => {
    const inside = (_: number, i: number): boolean => labels[i] === regime
    const strategy = returns.strategy.filter(inside)
    return {
      regime,
      sessions: strategy.length,
      part: told === 0 ? 0 : strategy.length / told,
      strategy: figuresOf(strategy),
      market: figuresOf(returns.market.filter(inside))
    }
  })
}
