/** The venue's models in words. */
import { formatMicros } from "../../domain/Money.ts"
import { type FeeModel, usualPerContract } from "../../execution/paper/FeeModel.ts"
import type { FillModel } from "../../execution/paper/FillModel.ts"
import type { SlippageModel } from "../../execution/paper/SlippageModel.ts"
import type { NamedModel } from "./RunReport.ts"

export const fillModelWords = (model: FillModel): NamedModel =>
  model._tag === "Immediate"
    ? { name: "Immediate", description: "an order fills whole, whatever traded" }
    : {
        name: "Volume share",
        description: `all orders together take at most ${model.shareBasisPoints / 100}% of what trades${
          model.unlimitedWhenNoVolume ? "; prints without a volume fill whole" : ""
        }`
      }

export const feeModelWords = (model: FeeModel): NamedModel => {
  switch (model._tag) {
    case "Zero":
      return { name: "Zero", description: "no fees" }
    case "Ratio":
      return { name: "Ratio", description: `${model.basisPoints / 100}% of the value traded` }
    case "PerShare":
      return {
        name: "Per share",
        description: `$${formatMicros(model.perShare)} a share, at least $${formatMicros(model.minimum, 2)} an order, at most ${model.maximumBasisPoints / 100}% of its value; options $${formatMicros(model.perContract ?? usualPerContract, 2)} a contract`
      }
  }
}

export const slippageModelWords = (model: SlippageModel): NamedModel => {
  switch (model._tag) {
    case "None":
      return { name: "None", description: "orders that take the quote fill at it" }
    case "BasisPoints":
      return {
        name: "Basis points",
        description: `orders that take the quote fill ${model.basisPoints} basis points worse`
      }
    case "SpreadShare":
      return {
        name: "Share of the spread",
        description: `orders that take the quote fill ${model.basisPoints / 100}% of the spread worse`
      }
  }
}
