/** What one rule says of one order. */
import { Schema } from "effect"

/**
 * The rules, in the order they are evaluated and reported (design, "An order, end to end"). Those named after
 * options speak of orders for options, and of orders for shares that options are on.
 */
export const ruleNames = [
  "permit",
  "trading-state",
  "reconciliation",
  "market-hours",
  "quote-freshness",
  "instrument",
  "duplicate",
  "order-size",
  "price-collar",
  "option-coverage",
  "position-limit",
  "gross-exposure",
  "option-greeks",
  "daily-loss",
  "drawdown",
  "buying-power",
  "open-orders",
  "message-rate",
  "self-trade"
] as const
export const RuleName = Schema.Literals(ruleNames)
export type RuleName = typeof RuleName.Type

/** exempt: the rule would have refused, but the order reduces risk (design, principle 6). */
export const verdictOutcomes = ["pass", "deny", "exempt"] as const
export const verdictUnits = ["ratio", "usd", "count", "seconds", "shares", "none"] as const

export const Verdict = Schema.Struct({
  rule: RuleName,
  outcome: Schema.Literals(verdictOutcomes),
  /** What the order would bring the measured quantity to, and the most it may be; absent where the rule has no number. */
  value: Schema.optionalKey(Schema.Finite),
  limit: Schema.optionalKey(Schema.Finite),
  unit: Schema.Literals(verdictUnits),
  /** One sentence for a person, and for a refusal what to do about it. */
  message: Schema.String
})
export type Verdict = typeof Verdict.Type
