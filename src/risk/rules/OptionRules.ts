/** What only options can do: lose without end, and move with volatility, with time, and faster than their underlying. */
import { formatMicros } from "../../domain/Money.ts"
import type { Verdict } from "../../domain/Verdict.ts"
import { floorShare, partsPerMillion } from "../ExactRatio.ts"
import type { OrderFacts } from "../OrderFacts.ts"
import type { OptionLimits } from "../RiskLimits.ts"
import { deny, denyUnlessReducing, isMissing, pass, percent, type Rule, usd } from "./Ruling.ts"

const coverage = { rule: "option-coverage", unit: "shares" } as const

/** Puts that are written need the cash for their strikes, as far as nothing else covers them. */
const securedPuts = ({ openRisk, snapshot }: OrderFacts): Verdict => {
  const cash = snapshot.cash
  const measured = { rule: "option-coverage", unit: "usd" } as const
  if (isMissing(cash) || isMissing(openRisk.tiedUp))
    return deny(measured, "Whether cash secures the put is missing: the cash, or what is tied up.")
  const counted = { ...measured, value: openRisk.tiedUp / 1_000_000, limit: cash / 1_000_000 }
  return openRisk.tiedUp <= cash
    ? pass(counted, "Cash secures what is written.")
    : deny(
        counted,
        `The put would be uncovered: with it ${usd(openRisk.tiedUp)} is tied up, and the cash that has to secure it is ${usd(cash)}. Write fewer, or buy a lower put with it.`
      )
}

/**
 * No call is written that neither shares nor a bought call that lives as long
 * covers, and no put that cash does not secure; nor is sold what covers one. Unless
 * limits say that options may be uncovered.
 */
export const optionCoverage: Rule = (facts) => {
  const { limits, openRisk, reducing } = facts
  const { own } = openRisk
  if (limits === undefined) return deny(coverage, "The limits are missing.")
  if (limits.options.uncovered) return pass(coverage, "These limits let options be uncovered.")
  if (reducing) return pass(coverage, "The order uncovers nothing: it reduces.")
  if (openRisk.missing !== undefined || own === undefined)
    return deny(coverage, `What is covered cannot be told: ${openRisk.missing ?? "the position is missing"}.`)
  const { uncovered } = own.after
  if (isMissing(uncovered)) return deny(coverage, "What is covered cannot be told: a number is missing.")
  const counted = { ...coverage, value: uncovered / 1_000_000, limit: 0 }
  if (uncovered > 0 && own.canUncover) {
    return deny(
      counted,
      `Calls for ${formatMicros(uncovered)} shares of ${own.underlying} would be uncovered, and their loss without end: hold the shares, or buy calls that live as long.`
    )
  }
  if (own.writesPuts) return securedPuts(facts)
  return own.canUncover
    ? pass(counted, "Calls that are written are covered.")
    : pass(coverage, "The order writes nothing.")
}

interface Bound {
  readonly what: string
  readonly value: number
  readonly limit: number
}

const boundsOf = ({ openRisk }: OrderFacts, limits: OptionLimits): ReadonlyArray<Bound> => {
  const { greeks, own } = openRisk
  if (greeks === undefined || own === undefined) return []
  const of = (what: string, one: number, all: number, limit: number, totalLimit: number) => [
    { what: `${what} of ${own.underlying}`, value: one, limit },
    { what: `${what} of all options`, value: all, limit: totalLimit }
  ]
  return [
    ...of("Vega", own.greeks.vega, greeks.vega, limits.vegaRatio, limits.totalVegaRatio),
    ...of("Gamma", own.greeks.gamma, greeks.gamma, limits.gammaRatio, limits.totalGammaRatio),
    ...of("Theta", own.greeks.theta, greeks.theta, limits.thetaRatio, limits.totalThetaRatio)
  ]
}

const greeksRule = { rule: "option-greeks", unit: "ratio" } as const

/**
 * Dollars per point of volatility, dollars that delta times price changes by per
 * 1% of the underlying, dollars a day: of the underlying and of all options,
 * without signs, working orders counted as filled, against shares of equity.
 * Orders for shares have none of them.
 */
export const optionGreeks: Rule = (facts) => {
  const { limits, legs, openRisk, snapshot } = facts
  if (legs.every(({ contract }) => contract === undefined))
    return pass(greeksRule, "Shares have neither vega nor gamma nor theta.")
  if (limits === undefined) return deny(greeksRule, "The limits are missing.")
  const { equity } = snapshot
  const bounds = boundsOf(facts, limits.options)
  if (openRisk.missing !== undefined || bounds.length === 0)
    return denyUnlessReducing(
      facts,
      greeksRule,
      `The Greeks cannot be told: ${openRisk.missing ?? "the position is missing"}.`
    )
  if (isMissing(equity)) return denyUnlessReducing(facts, greeksRule, "The account's equity is missing.")
  let most = 0
  let nearest = pass(greeksRule, "The options have neither vega nor gamma nor theta.")
  for (const { limit, value, what } of bounds) {
    if (isMissing(value))
      return denyUnlessReducing(facts, greeksRule, `${what} cannot be told: a price is missing.`)
    const counted = { ...greeksRule, value: value / equity, limit }
    const bound = floorShare(equity, partsPerMillion(limit))
    if (value > bound)
      return denyUnlessReducing(
        facts,
        counted,
        `${what} would come to ${usd(value)}, working orders counted as filled: more than ${percent(limit)} of equity, ${usd(bound)}.`
      )
    if (value <= most * bound) continue
    most = value / bound
    nearest = pass(counted, `${what} is within its limit.`)
  }
  return nearest
}
