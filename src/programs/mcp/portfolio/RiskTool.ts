/** `get_risk_metrics`: what the holdings may lose, and how the account has done. */
import { Effect, Option, Schema } from "effect"
import { toFloat } from "../../../domain/Money.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { DeskHistory } from "../../../execution/DeskHistory.ts"
import { type HoldingsRisk, holdingsRisk, type TailEstimate } from "../../../execution/HoldingsRisk.ts"
import type { DeskStatus } from "../../../execution/DeskView.ts"
import { optionDesk, risksOf } from "../../../execution/options/OptionDesk.ts"
import { accountCurve } from "../../../portfolio/AccountCurve.ts"
import { deepestDrawdown, type EquityCurve } from "../../../portfolio/EquityCurve.ts"
import * as Performance from "../../../portfolio/Performance.ts"
import { observationsNeeded } from "../../../portfolio/ValueAtRisk.ts"
import type { AccountDays } from "../../../execution/AccountDays.ts"
import type { RiskLimits } from "../../../risk/RiskLimits.ts"
import { symbolOf } from "../../cli/OrderWords.ts"
import { brokerSteps } from "../kit/NextSteps.ts"
import { tool } from "../kit/Tool.ts"
import { Amount, amount, cents, MAX_NAMES, percent, Ratio, ratio, rounded } from "./Figures.ts"
import { dollarRow, DollarGreeksRow, limitsNow, lossText } from "./OptionRows.ts"

/** Two years of sessions. */
const DEFAULT_LOOKBACK = 504
/** Ten. */
const MAX_LOOKBACK = 2520

const TailRow = Schema.Struct({
  /** 0.95: nineteen of twenty days lose less. */
  confidence: Schema.Finite,
  method: Schema.Literals(["historical", "parametric"]),
  /** Loss in dollars, zero or below; null with too little history. */
  var: Amount,
  varRatio: Ratio,
  /** Mean loss of the days at or beyond it. */
  cvar: Amount,
  cvarRatio: Ratio,
  observationsNeeded: Schema.Int,
  /** Why there is no number. */
  reason: Schema.NullOr(Schema.String)
})

/** A number, or null and the reason. */
const Figure = Schema.Struct({ value: Schema.NullOr(Schema.Finite), reason: Schema.NullOr(Schema.String) })

const tailRow =
  (equity: Option.Option<number>, held: boolean) =>
  ({ confidence, loss, method }: TailEstimate): typeof TailRow.Type => {
    const shared = {
      confidence: confidence / 100,
      method,
      observationsNeeded: observationsNeeded[confidence]
    }
    if (loss._tag === "NotEnough") {
      return {
        ...shared,
        var: null,
        varRatio: null,
        cvar: null,
        cvarRatio: null,
        reason: held
          ? `not enough history: ${loss.observations} common days, needs ${loss.needed}`
          : "nothing with a price and a history is held"
      }
    }
    return {
      ...shared,
      var: cents(loss.var),
      varRatio: ratio(Option.some(loss.var), equity),
      cvar: cents(loss.cvar),
      cvarRatio: ratio(Option.some(loss.cvar), equity),
      reason: null
    }
  }

const figure = (statistic: Performance.Statistic): typeof Figure.Type =>
  statistic._tag === "Value"
    ? { value: rounded(statistic.value), reason: null }
    : { value: null, reason: statistic.reason }

const Account = Schema.Struct({
  /** Sessions the account has closed. */
  closes: Schema.Int,
  from: Schema.NullOr(Schema.String),
  to: Schema.NullOr(Schema.String),
  totalReturn: Figure,
  volatility: Figure,
  sharpe: Figure,
  sharpeStandardError: Figure,
  sortino: Figure,
  calmar: Figure,
  maxDrawdown: Figure,
  /** Of the deepest drawdown; null when equity was never below a peak. No recovery: it still is. */
  drawdownPeak: Schema.NullOr(Schema.String),
  drawdownTrough: Schema.NullOr(Schema.String),
  drawdownRecovery: Schema.NullOr(Schema.String)
})

const accountOf = ({ closes }: AccountDays): typeof Account.Type => {
  const curve = accountCurve(closes)
  const of = (statistic: (known: EquityCurve) => Performance.Statistic) =>
    Option.match(curve, {
      onNone: () => ({ value: null, reason: "the account has not closed a session yet" }),
      onSome: (known) => figure(statistic(known))
    })
  const fall = Option.flatMap(curve, deepestDrawdown)
  return {
    closes: closes.length,
    from: closes[0]?.date ?? null,
    to: closes.at(-1)?.date ?? null,
    totalReturn: of(Performance.totalReturn),
    volatility: of(Performance.volatility),
    sharpe: of(Performance.sharpe),
    sharpeStandardError: of(Performance.sharpeStandardError),
    sortino: of(Performance.sortino),
    calmar: of(Performance.calmar),
    maxDrawdown: of(Performance.maxDrawdown),
    drawdownPeak: Option.match(fall, { onNone: () => null, onSome: ({ peak }) => peak }),
    drawdownTrough: Option.match(fall, { onNone: () => null, onSome: ({ trough }) => trough }),
    drawdownRecovery: Option.getOrNull(Option.flatMap(fall, ({ recovery }) => recovery))
  }
}

const Holdings = Schema.Struct({
  /** Positions in the figures. */
  count: Schema.Int,
  /** Of these, options, which count as dollars of their underlying by delta: gamma and volatility are not in it. */
  byDelta: Schema.Int,
  /** Days on which all of them have a return. */
  observations: Schema.Int,
  from: Schema.NullOr(Schema.String),
  to: Schema.NullOr(Schema.String),
  /** The symbol whose history is the shortest, where it is shorter than the lookback. */
  limitedBy: Schema.NullOr(Schema.String),
  /** Part of gross exposure in the figures; null where that is not known, or nothing is held. */
  covered: Ratio,
  /** Positions in no figure: so many, and the first of them. */
  leftOutCount: Schema.Int,
  leftOut: Schema.Array(
    Schema.Struct({ symbol: Schema.String, reason: Schema.Literals(["no price now", "no history"]) })
  )
})

const holdingsOf = (risk: HoldingsRisk): typeof Holdings.Type => ({
  count: risk.holdings,
  byDelta: risk.byDelta,
  observations: risk.observations,
  from: Option.match(risk.window, { onNone: () => null, onSome: ({ from }) => from }),
  to: Option.match(risk.window, { onNone: () => null, onSome: ({ to }) => to }),
  limitedBy: risk.limitedBy === undefined ? null : symbolOf(risk.limitedBy),
  covered: Option.match(risk.covered, { onNone: () => null, onSome: rounded }),
  leftOutCount: risk.leftOut.length,
  leftOut: risk.leftOut
    .slice(0, MAX_NAMES)
    .map(({ instrumentId, reason }) => ({ symbol: symbolOf(instrumentId), reason }))
})

const LimitRow = Schema.Struct({
  greek: Schema.Literals(["vega", "gamma", "theta"]),
  /** An underlying, the nearest to its limit, or "all". */
  of: Schema.String,
  /** Dollars without signs, of equity: vega a point, gamma per 1% of the underlying, theta a day. */
  ratio: Ratio,
  limit: Schema.Finite
})

const OptionsRisk = Schema.Struct({
  ...DollarGreeksRow.fields,
  /** Of all underlyings together: zero or below, "unlimited", or null. */
  worstCase: Schema.NullOr(Schema.String),
  /** What the limits on Greeks leave, orders that work counted as filled. */
  limits: Schema.Array(LimitRow)
})

const optionsRisk = (status: DeskStatus, limits: RiskLimits): typeof OptionsRisk.Type | null => {
  const risks = risksOf(status, limits)
  if (risks.length === 0) return null
  const { options } = limits
  const rows = (
    [
      ["vega", options.vegaRatio, options.totalVegaRatio],
      ["gamma", options.gammaRatio, options.totalGammaRatio],
      ["theta", options.thetaRatio, options.totalThetaRatio]
    ] as const
  ).flatMap(([greek, limit, totalLimit]) => {
    const [most] = risks.toSorted((a, b) => b.greeks[greek] - a.greeks[greek])
    const sum = risks.reduce((all, { greeks }) => all + greeks[greek], 0)
    return [
      ...(most === undefined
        ? []
        : [{ greek, of: symbolOf(most.underlying), used: most.greeks[greek], limit }]),
      { greek, of: "all", used: sum, limit: totalLimit }
    ]
  })
  const loss = risks.reduce((sum, { after }) => sum + after.loss, 0)
  return {
    ...dollarRow(optionDesk(status).greeks.total),
    worstCase: lossText(loss),
    limits: rows.map(({ greek, limit, of, used }) => ({
      greek,
      of,
      ratio: Number.isFinite(used) ? ratio(Option.some(used), status.equity) : null,
      limit
    }))
  }
}

export const getRiskMetrics = tool({
  name: "get_risk_metrics",
  title: "Risk metrics",
  description:
    "One-day VaR and CVaR (95%, 99%) of today's holdings revalued through history; volatility, Sharpe, Sortino, Calmar and drawdown of the account itself; of options the worst case and Greeks against their limits.",
  annotations: { readOnly: true },
  input: Schema.Struct({
    lookback: Schema.optionalKey(
      Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_LOOKBACK }))).annotate({
        description: "sessions of history, default 504"
      })
    )
  }),
  output: Schema.Struct({
    asOf: Schema.String,
    equity: Amount,
    /** Value today × each past day's return (adjusted closes), summed; cash does not move. */
    holdings: Holdings,
    valueAtRisk: Schema.Array(TailRow),
    /** From its session closes, deposits and withdrawals taken out; yearly figures of 252 days. */
    account: Account,
    /** Null without options. */
    options: Schema.NullOr(OptionsRisk)
  }),
  next: brokerSteps,
  handle: Effect.fnUntraced(function* ({ lookback = DEFAULT_LOOKBACK }) {
    const { days, status } = yield* DeskHistory.use((history) => history.past)
    const risk = yield* holdingsRisk(status, { lookback })
    const equity = Option.map(status.equity, toFloat)
    return {
      asOf: toIso(status.now),
      equity: amount(status.equity),
      holdings: holdingsOf(risk),
      valueAtRisk: risk.estimates.map(tailRow(equity, risk.holdings > 0)),
      account: accountOf(days),
      options: optionsRisk(status, yield* limitsNow)
    }
  }),
  text: ({ account, holdings, options, valueAtRisk }) =>
    [
      `${holdings.count} holdings over ${holdings.observations} common days` +
        `${holdings.limitedBy === null ? "" : `, limited by ${holdings.limitedBy}`}` +
        `${holdings.leftOutCount === 0 ? "." : `; left out: ${holdings.leftOut.map(({ reason, symbol }) => `${symbol} (${reason})`).join(", ")}.`}`,
      ...valueAtRisk.map(
        (row) =>
          `${row.confidence * 100}% ${row.method}: ` +
          (row.var === null
            ? (row.reason ?? "")
            : `VaR ${row.var} (${percent(row.varRatio)}), CVaR ${row.cvar} (${percent(row.cvarRatio)})`)
      ),
      `Account over ${account.closes} closes: max drawdown ${percent(account.maxDrawdown.value)}, Sharpe ${account.sharpe.value ?? account.sharpe.reason}.`,
      ...(options === null
        ? []
        : [
            `Options: worst case ${options.worstCase ?? "unknown"}, vega ${options.vegaPerPoint} a point, theta ${options.thetaPerDay} a day; in the VaR by their delta.`
          ])
    ].join("\n")
})
