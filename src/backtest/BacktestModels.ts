/** What a backtest assumes of a market and its venue: plain values, part of its inputs. */
import { Schema } from "effect"
import { Price } from "../domain/Money.ts"
import { BorrowModel } from "../execution/paper/BorrowModel.ts"
import { FeeModel } from "../execution/paper/FeeModel.ts"
import { FillModel } from "../execution/paper/FillModel.ts"
import { MarginModel } from "../execution/paper/MarginModel.ts"
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
  lots: Schema.Literals(["whole", "fractional"]),
  /** What shares that are sold short cost by the night; nothing unless given. */
  borrow: Schema.optionalKey(BorrowModel),
  /** How much of a position is one's own money; all of it, a cash account, unless given. */
  margin: Schema.optionalKey(MarginModel)
})
export type BacktestModels = typeof BacktestModels.Type
