/**
 * Probabilities of the turbulent state, each kind a type of its own.
 *
 * Three things go by the name of regime probability, and only one of them could
 * have been acted on. `Smoothed` looks at all returns, later ones too.
 * `FilteredInHindsight` looks back alone, with parameters that were fitted on
 * all returns: a look-ahead too, if a smaller one. `Filtered` looks back with
 * parameters fitted on what was there then (`WalkForwardFilter`). Labels to
 * count returns by are made of `Filtered` alone.
 */
import { type KnownAtClose, knownAtClose } from "../Known.ts"
import type { Volatility } from "../RuleRegimes.ts"
import { backwardPass, forwardPass, type HmmParameters, partOf, passesFor } from "./GaussianHmm.ts"

/** P(turbulent at t | returns up to t), parameters of returns up to t: causal. */
export interface Filtered {
  readonly _tag: "Filtered"
  /** One a session; NaN before there was a fit. */
  readonly turbulent: Float64Array
}

/** P(turbulent at t | returns up to t), parameters of all returns: not known at t. */
export interface FilteredInHindsight {
  readonly _tag: "FilteredInHindsight"
  readonly turbulent: Float64Array
}

/** P(turbulent at t | all returns): known at the end alone. */
export interface Smoothed {
  readonly _tag: "Smoothed"
  readonly turbulent: Float64Array
}

const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN

/** Given parameters, what each return and those before it say of the turbulent state. */
export const filterWith = (returns: Float64Array, parameters: HmmParameters): Float64Array => {
  const passes = passesFor(returns.length)
  forwardPass(returns, parameters, passes)
  return passes.odds.map((odds) => partOf(-odds))
}

export const filteredInHindsight = (
  returns: Float64Array,
  parameters: HmmParameters
): FilteredInHindsight => ({ _tag: "FilteredInHindsight", turbulent: filterWith(returns, parameters) })

export const smoothed = (returns: Float64Array, parameters: HmmParameters): Smoothed => {
  const passes = passesFor(returns.length)
  forwardPass(returns, parameters, passes)
  backwardPass(passes)
  return { _tag: "Smoothed", turbulent: passes.calm.map((calm) => Math.max(0, 1 - calm)) }
}

const HALF = 0.5

/** The state that was more probable at each close. */
export const filteredLabels = ({ turbulent }: Filtered): KnownAtClose<Volatility> =>
  knownAtClose(
    Array.from(turbulent, (probability) =>
      Number.isNaN(probability) ? undefined : probability > HALF ? "turbulent" : "calm"
    )
  )

/** Part of the sessions with both on which hindsight names another state than was known then. */
export const hindsightDiffers = (known: Filtered, later: Smoothed): number => {
  let [both, differ] = [0, 0]
  for (let t = 0; t < known.turbulent.length; t++) {
    const probability = at(known.turbulent, t)
    if (Number.isNaN(probability)) continue
    both += 1
    if (probability > HALF !== at(later.turbulent, t) > HALF) differ += 1
  }
  return both === 0 ? 0 : differ / both
}
