/** How much of the market an account holds, in money and against its equity. */
import { Option, Result } from "effect"
import { type Money, money } from "../domain/Money.ts"
import {
  equity,
  type LedgerState,
  markOf,
  type Marks,
  type MissingMark,
  positions,
  positionValue
} from "./Ledger.ts"
import { exactMoney } from "./Position.ts"

/** Long ≥ 0, short ≤ 0, gross = long − short, net = long + short. */
export interface Exposure {
  readonly long: Money
  readonly short: Money
  readonly gross: Money
  readonly net: Money
  readonly equity: Money
  /** Each divided by equity (1 = 100%); none when equity is zero or below, for then no ratio says anything. */
  readonly ratios: Option.Option<ExposureRatios>
}

export interface ExposureRatios {
  readonly long: number
  readonly short: number
  readonly gross: number
  readonly net: number
}

/** Exposure at market value: quantity × mark × multiplier, an option's at its own price. */
export const exposure = (state: LedgerState, marks: Marks): Result.Result<Exposure, MissingMark> =>
  Result.map(equity(state, marks), (total) => {
    let long = 0
    let short = 0
    for (const position of positions(state)) {
      const mark = markOf(marks, position.instrumentId)
      // `equity` has made sure of every mark.
      if (mark === undefined) continue
      const value = positionValue(position, mark)
      if (value > 0) long += value
      else short += value
    }
    const gross = exactMoney(long - short, "gross exposure")
    const net = exactMoney(long + short, "net exposure")
    const ratios = { long: long / total, short: short / total, gross: gross / total, net: net / total }
    return {
      long: money(long),
      short: money(short),
      gross,
      net,
      equity: total,
      ratios: total > 0 ? Option.some(ratios) : Option.none()
    }
  })
