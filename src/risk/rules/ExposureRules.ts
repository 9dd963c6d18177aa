/** How much the account may come to hold: one position, everything together, and what its cash covers. */
import { formatMicros } from "../../domain/Money.ts"
import type { Verdict } from "../../domain/Verdict.ts"
import { floorShare, partsPerMillion } from "../ExactRatio.ts"
import type { OnOrder } from "../OpenRisk.ts"
import { type OrderFacts, shrinks } from "../OrderFacts.ts"
import { deny, denyUnlessReducing, isMissing, pass, percent, type Rule, usd } from "./Ruling.ts"

interface Ceiling {
  readonly rule: "position-limit" | "gross-exposure"
  readonly what: string
  /** Micros of a dollar it would come to. */
  readonly value: number
  readonly limit: number
}

const underCeiling = (facts: OrderFacts, { limit, rule, value, what }: Ceiling): Verdict => {
  const measured = { rule, unit: "ratio", limit } as const
  const { openRisk, snapshot } = facts
  if (openRisk.missing !== undefined)
    return denyUnlessReducing(facts, measured, `${what} cannot be told: ${openRisk.missing}.`)
  if (isMissing(value))
    return denyUnlessReducing(facts, measured, `${what} cannot be told: a value is missing or too large.`)
  if (isMissing(snapshot.equity))
    return denyUnlessReducing(facts, measured, "The account's equity is missing.")
  const most = floorShare(snapshot.equity, partsPerMillion(limit))
  const counted = { ...measured, value: value / snapshot.equity }
  return value <= most
    ? pass(counted, `${what} stays within its limit.`)
    : denyUnlessReducing(
        facts,
        counted,
        `${what} would come to ${usd(value)}, working orders counted as filled: more than ${percent(limit)} of equity, ${usd(most)}.`
      )
}

/** Whether all of a sale is of what is held; no sale is when that cannot be told. */
const isHeld = (own: OnOrder | undefined): boolean => own !== undefined && shrinks(own, "SELL")

/** A sale of shares must not go beyond what is held and not yet on sale, unless short sales are allowed. */
const shortSale = (facts: OrderFacts): Verdict | undefined => {
  const { limits, openRisk, order, reducing } = facts
  if (reducing || limits?.shortSales === true) return undefined
  const measured = { rule: "position-limit", unit: "shares" } as const
  const at = facts.legs.findIndex(
    ({ contract, side }, leg) => side === "SELL" && contract === undefined && !isHeld(openRisk.legs[leg])
  )
  if (at === -1) return undefined
  const own = openRisk.legs[at]
  if (openRisk.missing !== undefined || own === undefined || Number.isNaN(own.held)) {
    return deny(measured, `What is held cannot be told: ${openRisk.missing ?? "a quantity is missing"}.`)
  }
  const free = Math.max(0, own.held - own.ahead)
  const wanted = own.aheadWithOrder - own.ahead
  return deny(
    { ...measured, value: wanted / 1_000_000, limit: free / 1_000_000 },
    `Short sales are not allowed: the sale may come to ${formatMicros(wanted)}, and ${formatMicros(free)} is held and not yet on sale.` +
      (order.content.size._tag === "Notional" ? " Sell by quantity to sell all of it." : "")
  )
}

/**
 * The order's instrument, position and working orders counted as filled, against
 * its share of equity; with options on it all of the underlying, by delta times
 * price or by the worst case, whichever is more.
 */
export const positionLimit: Rule = (facts) => {
  const { limits, openRisk, order } = facts
  if (limits === undefined) return deny({ rule: "position-limit", unit: "ratio" }, "The limits are missing.")
  return (
    shortSale(facts) ??
    underCeiling(facts, {
      rule: "position-limit",
      what: `The position in ${openRisk.own?.underlying ?? order.content.instrumentId}`,
      value: openRisk.instrument,
      limit: limits.positionRatio
    })
  )
}

/** Long and short together, working orders counted as filled, against its share of equity. */
export const grossExposure: Rule = (facts) =>
  facts.limits === undefined
    ? deny({ rule: "gross-exposure", unit: "ratio" }, "The limits are missing.")
    : underCeiling(facts, {
        rule: "gross-exposure",
        what: "The gross exposure",
        value: facts.openRisk.gross,
        limit: facts.limits.grossExposureRatio
      })

/** Of a margin account: what is tied up beyond the cash, and the equity, are the initial margin of all it would hold. */
const marginCovered = ({ openRisk, snapshot: { equity } }: OrderFacts, cash: number): Verdict => {
  const measured = { rule: "buying-power", unit: "usd" } as const
  if (isMissing(equity)) return deny(measured, "The account's equity is missing.")
  const initial = openRisk.tiedUp - cash + equity
  const counted = { ...measured, value: initial / 1_000_000, limit: equity / 1_000_000 }
  return initial <= equity
    ? pass(counted, "The equity covers the initial margin.")
    : deny(
        counted,
        `The order brings the initial margin to ${usd(initial)}, more than the equity of ${usd(equity)}: send a smaller one.`
      )
}

/**
 * A cash account: the cash covers all working buys and this one; a short
 * position ties up its proceeds and as much again. With options an underlying
 * ties up what it can cost at the worst: a bought option its price, a vertical
 * its width, a condor one side's, a cash-secured put its strike, a covered call
 * nothing. An order that reduces a position frees more than it takes. A margin
 * account (in backtests) pays a part of its shares with its own money, and
 * that part of all it comes to has to be covered by its equity.
 */
export const buyingPower: Rule = (facts) => {
  const { openRisk, reducing, snapshot } = facts
  const measured = { rule: "buying-power", unit: "usd" } as const
  if (reducing) return pass(measured, "The order frees buying power.")
  if (openRisk.missing !== undefined)
    return deny(measured, `What is tied up cannot be told: ${openRisk.missing}.`)
  if (isMissing(openRisk.tiedUp))
    return deny(measured, "What is tied up cannot be told: a value is missing or too large.")
  if (isMissing(snapshot.cash)) return deny(measured, "The account's cash is missing.")
  if (snapshot.margin !== undefined) return marginCovered(facts, snapshot.cash)
  const counted = { ...measured, value: openRisk.tiedUp / 1_000_000, limit: snapshot.cash / 1_000_000 }
  return openRisk.tiedUp <= snapshot.cash
    ? pass(counted, "Cash covers the order.")
    : deny(
        counted,
        `The order brings what is tied up to ${usd(openRisk.tiedUp)}, more than the cash of ${usd(snapshot.cash)}: send a smaller one.`
      )
}
