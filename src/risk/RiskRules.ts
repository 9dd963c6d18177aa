/**
 * The gate: every order, wherever it comes from, is held against every rule.
 *
 * Pure and total: nothing is read, nothing is thrown, and what is missing is
 * denied. All verdicts are kept, not only the first refusal.
 *
 * An order for several instruments at once is looked at leg by leg, and what
 * the account can come to underlying by underlying.
 */
import { MAX_PRICE_MICROS, netPrice, type NetPrice, type Price, price } from "../domain/Money.ts"
import type { Verdict } from "../domain/Verdict.ts"
import { orderFacts } from "./OrderFacts.ts"
import type { ProposedOrder, RiskSnapshot } from "./RiskSnapshot.ts"
import { buyingPower, grossExposure, positionLimit } from "./rules/ExposureRules.ts"
import { duplicate, messageRate, openOrders, selfTrade } from "./rules/FlowRules.ts"
import { marketHours, reconciliation, tradingState } from "./rules/GateRules.ts"
import { dailyLoss, drawdown } from "./rules/LossRules.ts"
import { permit } from "./rules/PermitRule.ts"
import { optionCoverage, optionGreeks } from "./rules/OptionRules.ts"
import { priceCollar, quoteFreshness } from "./rules/QuoteRules.ts"
import type { Rule } from "./rules/Ruling.ts"
import { instrument, orderSize } from "./rules/SizeRules.ts"

/** In the order of `RuleName`. */
const rules: ReadonlyArray<Rule> = [
  permit,
  tradingState,
  reconciliation,
  marketHours,
  quoteFreshness,
  instrument,
  duplicate,
  orderSize,
  priceCollar,
  optionCoverage,
  positionLimit,
  grossExposure,
  optionGreeks,
  dailyLoss,
  drawdown,
  buyingPower,
  openOrders,
  messageRate,
  selfTrade
]

/** Those that concern an order which has nothing to do with options. */
const rulesOfShares = rules.filter((rule) => rule !== optionCoverage && rule !== optionGreeks)

export interface Evaluation {
  /** One per rule that concerns it, in the order of `RuleName`: without options the rules of options are left out. */
  readonly verdicts: ReadonlyArray<Verdict>
  /** The first refusal; undefined when the order may be sent. */
  readonly denied: Verdict | undefined
  /** True when the order can only make its position smaller. */
  readonly reducing: boolean
  /** What the journal keeps to count the order by until it fills; undefined only when it is denied. */
  readonly valuePrice: Price | undefined
  /** Of a combo: the net price it is counted at until it fills; undefined only when it is denied. */
  readonly netValue: NetPrice | undefined
}

/** Holds one order against all rules. Costs a few microseconds; with options tens of them. */
export const evaluate = (snapshot: RiskSnapshot, order: ProposedOrder): Evaluation => {
  const facts = orderFacts(snapshot, order)
  const verdicts: Array<Verdict> = []
  let denied: Verdict | undefined = undefined
  for (const rule of facts.concernsOptions ? rules : rulesOfShares) {
    const verdict = rule(facts)
    verdicts.push(verdict)
    if (verdict.outcome === "deny") denied ??= verdict
  }
  const { net } = facts
  const known =
    Number.isSafeInteger(facts.valuePrice) && facts.valuePrice > 0 && facts.valuePrice <= MAX_PRICE_MICROS
  return {
    verdicts,
    denied,
    reducing: facts.reducing,
    valuePrice: known ? price(facts.valuePrice) : undefined,
    netValue: net !== undefined && Math.abs(net.value) <= MAX_PRICE_MICROS ? netPrice(net.value) : undefined
  }
}
