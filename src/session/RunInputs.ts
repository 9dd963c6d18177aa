/** Everything a run's result depends on; kept with the run, so that it can be resumed and done again. */
import { Schema } from "effect"
import { Money, Price } from "../domain/Money.ts"
import { SessionDate } from "../domain/Timestamp.ts"
import { FeeModel } from "../execution/paper/FeeModel.ts"
import { FillModel } from "../execution/paper/FillModel.ts"
import { SlippageModel } from "../execution/paper/SlippageModel.ts"
import { LimitsProfile } from "../risk/LimitsProfile.ts"
import { ResumePolicy } from "../risk/ResumePolicy.ts"
import { StrategyParameters } from "./Strategy.ts"

export const RunInputs = Schema.Struct({
  /** Names of the strategies; each has a book of its own, the first is the run's result. */
  strategies: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** What each of them was begun with, by name: all its parameters, and what names its code. */
  algorithms: Schema.optionalKey(
    Schema.Record(
      Schema.String,
      Schema.Struct({
        codeHash: Schema.NonEmptyString,
        parameters: StrategyParameters,
        /** The first day its language model knows nothing of; absent where it asks none. */
        knowledgeCutoff: Schema.optionalKey(SessionDate)
      })
    )
  ),
  symbols: Schema.NonEmptyArray(Schema.NonEmptyString),
  from: SessionDate,
  to: SessionDate,
  /** Of each book. */
  cash: Money,
  profile: LimitsProfile,
  resumePolicy: ResumePolicy,
  seed: Schema.Int,
  models: Schema.Struct({
    fill: FillModel,
    fee: FeeModel,
    slippage: SlippageModel,
    exerciseThreshold: Schema.optionalKey(Price)
  })
})
export type RunInputs = typeof RunInputs.Type
