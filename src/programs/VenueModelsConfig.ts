/** What the paper venue assumes, from a configuration. */
import { money } from "../domain/Money.ts"
import { defaultFeeModel, type FeeModel } from "../execution/paper/FeeModel.ts"
import { defaultFillModel } from "../execution/paper/FillModel.ts"
import type { VenueModels } from "../execution/paper/VenueMemory.ts"
import type { PaperConfig } from "./DeskConfig.ts"

const feeOf = (fee: NonNullable<PaperConfig["fee"]>): FeeModel => {
  switch (fee.model) {
    case "zero":
      return { _tag: "Zero" }
    case "per-share":
      return {
        _tag: "PerShare",
        perShare: money(fee.perShare),
        minimum: money(fee.minimum),
        maximumBasisPoints: fee.maximumBasisPoints,
        ...(fee.perContract === undefined ? {} : { perContract: money(fee.perContract) })
      }
    case "ratio":
      return { _tag: "Ratio", basisPoints: fee.basisPoints }
  }
}

const fillOf = (fill: NonNullable<PaperConfig["fill"]>): VenueModels["fill"] =>
  fill.model === "immediate"
    ? { _tag: "Immediate" }
    : {
        _tag: "VolumeShare",
        shareBasisPoints: fill.shareBasisPoints,
        unlimitedWhenNoVolume: fill.unlimitedWhenNoVolume
      }

const slippageOf = (slippage: NonNullable<PaperConfig["slippage"]>): VenueModels["slippage"] => {
  switch (slippage.model) {
    case "none":
      return { _tag: "None" }
    case "basis-points":
      return { _tag: "BasisPoints", basisPoints: slippage.basisPoints }
    case "spread-share":
      return { _tag: "SpreadShare", basisPoints: slippage.basisPoints }
  }
}

/** By default a tenth of the volume fills, a broker's usual fee is charged, and the spread is the only slippage. */
export const venueModelsOf = (paper: PaperConfig | undefined): VenueModels => ({
  fill: paper?.fill === undefined ? defaultFillModel : fillOf(paper.fill),
  fee: paper?.fee === undefined ? defaultFeeModel : feeOf(paper.fee),
  slippage: paper?.slippage === undefined ? { _tag: "None" } : slippageOf(paper.slippage),
  // Left out where nobody asked for another, so that a run's inputs are what they were.
  ...(paper?.exerciseThreshold === undefined ? {} : { exerciseThreshold: paper.exerciseThreshold })
})
