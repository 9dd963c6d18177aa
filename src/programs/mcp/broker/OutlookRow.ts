/** An order's outlook as `preview_order` tells it. */
import { Schema } from "effect"
import type { PositionPicture } from "../../../execution/options/OrderEffect.ts"
import type { Extreme } from "../../../options/Payoff.ts"
import type { WorstCase } from "../../../risk/options/WorstCase.ts"
import type { Outlook } from "../../OrderOutlook.ts"
import { symbolOf } from "../../cli/LegWords.ts"

/** Dollars as decimal text; "unlimited" where there is no end; null where nothing is held. */
const Amount = Schema.NullOr(Schema.String)

const Picture = Schema.Struct({
  structures: Schema.Array(Schema.String),
  /** Of all of it, from what was paid, as its first expiry comes; a loss is below zero. */
  maxProfit: Amount,
  maxLoss: Amount,
  /** Prices of the underlying. */
  breakEvens: Schema.Array(Schema.Finite),
  probabilityOfProfit: Schema.NullOr(Schema.Finite),
  /** The worst at any expiry and price, from the marks now; below zero. */
  worstCase: Amount,
  /** Shares, and how many of them it gains a dollar the underlying rises. */
  deltaShares: Schema.Finite,
  gamma: Schema.Finite,
  /** Dollars. */
  vegaPerPoint: Schema.Finite,
  thetaPerDay: Schema.Finite
})

export const OutlookRow = Schema.Struct({
  underlying: Schema.String,
  before: Picture,
  after: Picture
})

const dollars = (amount: number): string => (Math.round(amount * 100) / 100 || 0).toFixed(2)

const extreme = (one: Extreme | undefined): string | null => {
  if (one === undefined) return null
  return one._tag === "Unlimited" ? "unlimited" : dollars(one.profit)
}

export const worstText = (worst: WorstCase | undefined): string | null => {
  if (worst === undefined || Number.isNaN(worst.loss)) return null
  return worst.loss === Number.POSITIVE_INFINITY ? "unlimited" : dollars(-worst.loss / 1_000_000)
}

const rounded = (value: number): number => Number(value.toPrecision(6))

const pictureOf = (
  { greeks, outcome, probability, structures }: PositionPicture,
  worst: WorstCase | undefined
): typeof Picture.Type => ({
  structures,
  maxProfit: extreme(outcome?.maxGain),
  maxLoss: extreme(outcome?.maxLoss),
  breakEvens: (outcome?.breakEvens ?? []).map(rounded),
  probabilityOfProfit: probability === undefined ? null : rounded(probability),
  worstCase: worstText(worst),
  deltaShares: rounded(greeks.delta),
  gamma: rounded(greeks.gamma),
  vegaPerPoint: rounded(greeks.vega),
  thetaPerDay: rounded(greeks.theta)
})

export const outlookRow = ({ effect, worstAfter, worstBefore }: Outlook): typeof OutlookRow.Type => ({
  underlying: symbolOf(effect.underlying),
  before: pictureOf(effect.before, worstBefore),
  after: pictureOf(effect.after, worstAfter)
})
