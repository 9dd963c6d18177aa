/**
 * Value at risk: what a portfolio may lose in one session, from a series of
 * its daily results.
 *
 * Results are profits (positive) and losses (negative) in any one unit,
 * dollars or returns; so are the answers, which are zero or below: a quantile
 * that is a profit is no loss. Floats, for analytics.
 */

/** Percent of the days that are to be no worse. */
export type Confidence = 95 | 99
export const confidences: ReadonlyArray<Confidence> = [95, 99]

/** historical: the quantile of what was. parametric: a normal distribution with the same mean and deviation. */
export type TailMethod = "historical" | "parametric"
export const tailMethods: ReadonlyArray<TailMethod> = ["historical", "parametric"]

/** So many daily results are the least that say something of the tail: five of them, or two and a half, lie in it. */
export const observationsNeeded: { readonly [C in Confidence]: number } = { 95: 100, 99: 250 }

/** The loss of a bad day, and how far there is to an answer where there is none. */
export type TailLoss =
  | {
      readonly _tag: "Value"
      /** The loss that so many percent of the days stay above; zero or below. */
      readonly var: number
      /** The mean loss of the days at or beyond it (expected shortfall); zero or below. */
      readonly cvar: number
    }
  | { readonly _tag: "NotEnough"; readonly observations: number; readonly needed: number }

/** `sorted[i]` where `i` is known to be inside. */
const at = (sorted: Float64Array, i: number): number => sorted[i] ?? Number.NaN

/**
 * The quantile at `percent` of ascending values, interpolated between order
 * statistics (type 7 of Hyndman and Fan, "Sample Quantiles in Statistical
 * Packages", 1996: the place is (n − 1)·p). NaN of nothing.
 */
export const quantile = (sorted: Float64Array, percent: number): number => {
  // Multiplied first: a place that is a whole number comes out as one.
  const place = ((sorted.length - 1) * percent) / 100
  const below = Math.floor(place)
  const low = at(sorted, below)
  return place === below ? low : low + (at(sorted, below + 1) - low) * (place - below)
}

/**
 * Standard normal quantile at 1 − confidence, and the density there, to the
 * last digit of a double: Φ(−1.6448…) = 0.05, Φ(−2.3263…) = 0.01.
 */
export const standardNormal: { readonly [C in Confidence]: number } = {
  95: -1.6448536269514722,
  99: -2.3263478740408408
}

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)

/** A profit is no loss; the sum turns a negative zero into zero. */
const loss = (result: number): number => Math.min(result, 0) + 0

const historical = (results: Float64Array, confidence: Confidence) => {
  const sorted = results.toSorted()
  const cut = quantile(sorted, 100 - confidence)
  let sum = 0
  let count = 0
  for (const result of sorted) {
    if (result > cut) break
    sum += result
    count += 1
  }
  return { var: loss(cut), cvar: loss(sum / count) }
}

const mean = (results: Float64Array): number => results.reduce((sum, x) => sum + x, 0) / results.length

const parametric = (results: Float64Array, confidence: Confidence) => {
  const centre = mean(results)
  const deviation = Math.sqrt(results.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (results.length - 1))
  const z = standardNormal[confidence]
  return {
    var: loss(centre + z * deviation),
    cvar: loss(centre - (density(z) / ((100 - confidence) / 100)) * deviation)
  }
}

/**
 * VaR and CVaR of daily results, in their unit.
 *
 * historical: the type 7 quantile, and the mean of all results at or below it.
 * parametric: μ + z·σ and μ − σ·φ(z) ÷ (1 − confidence), σ with n − 1 in the
 * denominator. Fewer results than `observationsNeeded` give no number.
 */
export const tailLoss = (
  results: Float64Array,
  { confidence, method }: { readonly confidence: Confidence; readonly method: TailMethod }
): TailLoss => {
  const needed = observationsNeeded[confidence]
  if (results.length < needed) return { _tag: "NotEnough", observations: results.length, needed }
  const found = method === "historical" ? historical(results, confidence) : parametric(results, confidence)
  return { _tag: "Value", ...found }
}
