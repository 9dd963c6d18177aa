/**
 * No new risk once too much is lost. The circuit breaker sets the trading state
 * for the same losses; these rules hold even where it has not yet looked.
 */
import type { Verdict } from "../../domain/Verdict.ts"
import {
  dailyLoss as measureDailyLoss,
  drawdown as measureDrawdown,
  type LossMeasure
} from "../LossMeasures.ts"
import type { OrderFacts } from "../OrderFacts.ts"
import { deny, denyUnlessReducing, isMissing, pass, percent, type Rule } from "./Ruling.ts"

const lossVerdict = (
  facts: OrderFacts,
  rule: "daily-loss" | "drawdown",
  { limit, reached, value }: LossMeasure,
  what: string
): Verdict => {
  const measured = { rule, unit: "ratio", value, limit } as const
  return reached
    ? denyUnlessReducing(
        facts,
        measured,
        `${what} is ${percent(value)}, at or beyond ${percent(limit)}: only reducing orders are taken.`
      )
    : pass(measured, `${what} is within its limit.`)
}

/** Clock: market (the prior close is a session's). At the limit is too much. */
export const dailyLoss: Rule = (facts) => {
  const { limits, snapshot } = facts
  const { equity, netFlows, priorCloseEquity } = snapshot
  const measured = { rule: "daily-loss", unit: "ratio" } as const
  if (limits === undefined) return deny(measured, "The limits are missing.")
  if (isMissing(equity)) return denyUnlessReducing(facts, measured, "The account's equity is missing.")
  if (isMissing(netFlows))
    return denyUnlessReducing(facts, measured, "The day's deposits and withdrawals are missing.")
  if (isMissing(priorCloseEquity) || priorCloseEquity <= 0) {
    return denyUnlessReducing(facts, measured, "The equity at the prior close is missing, or not above zero.")
  }
  return lossVerdict(
    facts,
    "daily-loss",
    measureDailyLoss(equity, priorCloseEquity, netFlows, limits.dailyLossRatio),
    "The day's result"
  )
}

/** Clock: none, equity only. At the limit is too much. */
export const drawdown: Rule = (facts) => {
  const { limits, snapshot } = facts
  const { equity, peakEquity } = snapshot
  const measured = { rule: "drawdown", unit: "ratio" } as const
  if (limits === undefined) return deny(measured, "The limits are missing.")
  if (isMissing(equity)) return denyUnlessReducing(facts, measured, "The account's equity is missing.")
  if (isMissing(peakEquity) || peakEquity <= 0) {
    return denyUnlessReducing(facts, measured, "The peak of equity is missing, or not above zero.")
  }
  return lossVerdict(
    facts,
    "drawdown",
    measureDrawdown(equity, peakEquity, limits.drawdownRatio),
    "The drawdown"
  )
}
