/** What a backtest assumes of costs, by name: `--costs NAME`. */
import { Schema } from "effect"
import { dollars } from "../domain/Money.ts"
import { defaultFeeModel } from "../execution/paper/FeeModel.ts"
import { defaultFillModel } from "../execution/paper/FillModel.ts"
import type { BacktestModels } from "./BacktestModels.ts"

export const CostsPreset = Schema.Literals(["none", "paper", "lean"])
export type CostsPreset = typeof CostsPreset.Type

export const defaultCosts: CostsPreset = "paper"

const presets: Readonly<Record<CostsPreset, BacktestModels>> = {
  /** A market without friction: every order fills whole at the last price, and shares are divisible. */
  none: {
    fill: { _tag: "Immediate" },
    fee: { _tag: "Zero" },
    slippage: { _tag: "None" },
    quotes: "last",
    lots: "fractional"
  },
  /** What the desk's paper venue assumes unless it is configured otherwise. */
  paper: {
    fill: defaultFillModel,
    fee: defaultFeeModel,
    slippage: { _tag: "None" },
    quotes: "modelled",
    lots: "whole"
  },
  /**
   * What LEAN assumes of US equities: EquityFillModel, NullSlippageModel and
   * InteractiveBrokersFeeModel (half a cent a share, at least a dollar, at most
   * 1%; half a percent in versions before the tiered model came). Of an order
   * below $100 LEAN's minimum wins over its maximum, ours the other way round.
   */
  lean: {
    fill: { _tag: "Immediate" },
    fee: { _tag: "PerShare", perShare: dollars(0.005), minimum: dollars(1), maximumBasisPoints: 100 },
    slippage: { _tag: "None" },
    quotes: "last",
    lots: "whole"
  }
}

export const costsOf = (name: CostsPreset): BacktestModels => presets[name]

/** What each assumes, in a line. */
export const costsText: Readonly<Record<CostsPreset, string>> = {
  none: "no fees, no spread, no slippage, orders fill whole, shares to the millionth",
  paper: "the desk's paper venue: a broker's usual fee, a modelled spread, a tenth of the volume fills",
  lean: "LEAN's defaults for US equities: Interactive Brokers' fee, no spread, no slippage, orders fill whole"
}
