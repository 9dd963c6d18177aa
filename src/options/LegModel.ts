/** How the legs of a position are valued: each by the model that is chosen for it. */
import { Result } from "effect"
import type { OptionStyle } from "../domain/OptionContract.ts"
import { europeanGreeks, europeanPrice } from "./BlackScholes.ts"
import { type Accuracy, selectModel } from "./ModelSelection.ts"
import { type OptionInputs, signOf } from "./OptionInputs.ts"
import { priceBy, value, type ValueRequest } from "./OptionModel.ts"
import type { LegModel } from "./Position.ts"

const exercise: Readonly<Record<OptionStyle, ValueRequest["style"]>> = {
  AMERICAN: "american",
  EUROPEAN: "european"
}

const numbersOf = ({ dividendYield, rate, right, spot, strike, volatility, years }: OptionInputs) =>
  [signOf(right), spot, strike, years, rate, dividendYield, volatility] as const

/**
 * Values and Greeks by `selectModel`'s choice for each leg, price and time, without cash dividends. Inputs that no
 * model takes, which `checkLegs` keeps out, are valued as European.
 */
export const legModel = (accuracy: Accuracy): LegModel => ({
  price: (inputs, style) => {
    const { model } = selectModel({ accuracy, dividends: [], inputs, style: exercise[style] })
    return Result.getOrElse(priceBy(model, inputs, [], exercise[style]), () =>
      europeanPrice(...numbersOf(inputs))
    )
  },
  greeks: (inputs, style) =>
    Result.match(value({ accuracy, inputs, style: exercise[style] }), {
      onFailure: () => europeanGreeks(...numbersOf(inputs)),
      onSuccess: ({ greeks }) => greeks
    })
})
