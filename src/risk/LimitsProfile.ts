/** Named sets of limits: the same rules, other values. What was done under one carries its label. */
import { Schema } from "effect"
import { defaultLimits, RiskLimits } from "./RiskLimits.ts"

export const LimitsProfile = Schema.Struct({
  name: Schema.NonEmptyString,
  /** What results made under it are marked with. */
  label: Schema.NonEmptyString,
  /** False when nothing made under it may be carried over to a desk. */
  promotable: Schema.Boolean,
  limits: RiskLimits
})
export type LimitsProfile = typeof LimitsProfile.Type

export const deskProfile: LimitsProfile = {
  name: "desk",
  label: "desk limits",
  promotable: true,
  limits: defaultLimits
}

/**
 * For an account that is in one broad index or in cash: an order, a position
 * and the whole may be all of equity. All else is the desk's, the daily loss
 * and the drawdown included.
 */
export const singleIndexProfile: LimitsProfile = {
  name: "single-index",
  label: "single-index limits: one broad index may be all of the account",
  promotable: true,
  limits: { ...defaultLimits, positionRatio: 1, orderNotionalRatio: 1, grossExposureRatio: 1 }
}

/** For research: every rule stands, and almost none of them binds. */
export const researchProfile: LimitsProfile = {
  name: "research",
  label: "research limits: permissive, not for a desk",
  promotable: false,
  limits: {
    positionRatio: 10,
    orderNotionalRatio: 10,
    grossExposureRatio: 10,
    dailyLossRatio: 1,
    drawdownRatio: 1,
    priceCollarRatio: 0.5,
    ordersPerMinute: null,
    reservedForReducing: 0,
    openOrders: 10_000,
    duplicateWindowSeconds: 0,
    quoteStalenessSeconds: { equity: 86_400, index: 86_400, option: 86_400 },
    restricted: [],
    shortSales: true,
    options: {
      uncovered: true,
      spreadRatio: 2,
      vegaRatio: 10,
      totalVegaRatio: 10,
      gammaRatio: 10,
      totalGammaRatio: 10,
      thetaRatio: 10,
      totalThetaRatio: 10
    }
  }
}

/** The profiles a person can name, by name. */
export const profiles: ReadonlyMap<string, LimitsProfile> = new Map(
  [deskProfile, singleIndexProfile, researchProfile].map((profile) => [profile.name, profile])
)
