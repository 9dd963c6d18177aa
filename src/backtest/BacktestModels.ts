/** What a backtest assumes of a market and its venue: plain values, part of its inputs. */
import { Schema } from "effect"
import { Price } from "../domain/Money.ts"
import { FeeModel } from "../execution/paper/FeeModel.ts"
import { FillModel } from "../execution/paper/FillModel.ts"
import { SlippageModel } from "../execution/paper/SlippageModel.ts"

export const BacktestModels = Schema.Struct({
  fill: FillModel,
  fee: FeeModel,
  slippage: SlippageModel,
  /** Dollars a share in the money from which an expiring option is exercised or assigned; a cent unless given. */
  exerciseThreshold: Schema.optionalKey(Price),
  /** Bid and ask where none are published: modelled around the last price, or both the last price. */
  quotes: Schema.Literals(["modelled", "last"]),
  /** Shares are traded whole, or to the millionth. */
  lots: Schema.Literals(["whole", "fractional"])
})
export type BacktestModels = typeof BacktestModels.Type
