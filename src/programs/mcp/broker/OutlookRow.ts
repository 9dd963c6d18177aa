/** An order's outlook as `preview_order` tells it. */
import { Schema } from "effect"
import type { PositionPicture } from "../../../execution/options/OrderEffect.ts"
import type { Extreme } from "../../../options/Payoff.ts"
import type { WorstCase } from "../../../risk/options/WorstCase.ts"
import type { Outlook } from "../../OrderOutlook.ts"
import { symbolOf } from "../../cli/LegWords.ts"
import { sixDigits } from "../market-data/OptionWire.ts"
import { cents } from "../portfolio/Figures.ts"
import { worstCaseText } from "../portfolio/OptionRows.ts"

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

const extreme = (one: Extreme | undefined): string | null => {
  if (one === undefined) return null
  return one._tag === "Unlimited" ? "unlimited" : cents(one.profit)
}

const pictureOf = (
  { greeks, outcome, probability, structures }: PositionPicture,
  worst: WorstCase | undefined
): typeof Picture.Type => ({
  structures,
  maxProfit: extreme(outcome?.maxGain),
  maxLoss: extreme(outcome?.maxLoss),
  breakEvens: (outcome?.breakEvens ?? []).map(sixDigits),
  probabilityOfProfit: probability === undefined ? null : sixDigits(probability),
  worstCase: worstCaseText(worst),
  deltaShares: sixDigits(greeks.delta),
  gamma: sixDigits(greeks.gamma),
  vegaPerPoint: sixDigits(greeks.vega),
  thetaPerDay: sixDigits(greeks.theta)
})

export const outlookRow = ({ effect, worstAfter, worstBefore }: Outlook): typeof OutlookRow.Type => ({
  underlying: symbolOf(effect.underlying),
  before: pictureOf(effect.before, worstBefore),
  after: pictureOf(effect.after, worstAfter)
})
