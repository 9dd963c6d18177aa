/**
 * American and European options on a share that pays cash dividends.
 *
 * The share falls by the cash on each ex-date and moves between them as in
 * Black and Scholes, with the volatility of the share itself (the "spot drop"
 * or piecewise lognormal model). The other common treatment, escrowed
 * dividends (the spot less the present value of the cash, which
 * Roll–Geske–Whaley's formula and many trees use), is not used: it gives the
 * same share another volatility for each expiry, lets a call before an
 * ex-date be worth more than one that ends after it, and can be arbitraged
 * (E. G. Haug, J. Haug and A. Lewis, "Back to basics: a new approach to the
 * discrete dividend problem", Wilmott, September 2003). A dividend greater
 * than the price takes all of it (M. H. Vellekoop and J. W. Nieuwenhuis,
 * "Efficient pricing of derivatives on assets with discrete dividends",
 * Applied Mathematical Finance 13, 2006, who also give the way over an
 * ex-date: interpolation on the nodes after it).
 *
 * Between ex-dates the tree is that of D. P. J. Leisen and M. Reimer,
 * "Binomial models for option valuation: examining and improving
 * convergence", Applied Mathematical Finance 3, 1996, with the second
 * inversion of Peizer and Pratt: its nodes lie symmetrically about the price
 * where the value at its end has its kink, the strike at expiry, and before
 * an ex-date the price from which on a call is exercised. Each ex-date is the
 * end of such a tree, never a moment between two of its steps.
 */

import { bySpot, centred, exercisedGreeks } from "./DifferenceGreeks.ts"
import type { Greeks } from "./Greeks.ts"
import {
  type CashDividend,
  certainGreeks,
  certainValue,
  type ExerciseStyle,
  scheduled
} from "./CertainExercise.ts"

/** What a tree is asked: unchecked. */
export interface TreeInputs {
  readonly style: ExerciseStyle
  readonly sign: 1 | -1
  readonly spot: number
  readonly strike: number
  readonly years: number
  readonly rate: number
  readonly dividendYield: number
  readonly volatility: number
  readonly dividends: ReadonlyArray<CashDividend>
}

/** The option's value at any price of the share, at one time. */
type ValueAt = (spot: number) => number

/** Nodes a constant factor apart, and the option's values there. */
interface Nodes {
  readonly lowest: number
  readonly logRatio: number
  readonly values: Float64Array
  /** The value is never above it. */
  readonly ceiling: number
}

/** Peizer and Pratt's second inversion: the probability whose n-step binomial stands for N(z). */
const inversion = (z: number, n: number): number => {
  const scaled = z / (n + 1 / 3 + 0.1 / (n + 1))
  return 0.5 + Math.sign(z) * Math.sqrt(-0.25 * Math.expm1(-scaled * scaled * (n + 1 / 6)))
}

/** Steps over the option's life in the coarser of the two trees; the finer one has twice as many. */
const STEPS = 251

/** A tree between two ex-dates has at least so many. */
const LEAST_STEPS = 25

/** The most nodes on either side of a tree's middle at its start. */
const MAX_NODES = 4096

/** Deviations to each side that are covered by nodes: what is beyond has 2e-9 of the probability. */
const REACH = 6

/** A deviation σ√T below this is none: the share has one path. */
const LEAST_DEVIATION = 1e-5

/** A deviation σ√T above this changes no value that a tree can tell. */
const GREATEST_DEVIATION = 12

/**
 * d₁ and d₂ of a kink up to so many roots of the number of steps: further out
 * the tree would lean to one side. It is then centred on the forward price,
 * for a kink so far away is not felt.
 */
const FARTHEST = 0.25

/** Steps of one length, with the same two moves. */
interface Lattice {
  readonly steps: number
  readonly down: number
  readonly logRatio: number
  /** Discounted probabilities. */
  readonly upWeight: number
  readonly downWeight: number
}

/** The tree over `years` for a kink at the forward price times e^−`logForward`. */
const lattice = (input: TreeInputs, years: number, steps: number, logForward: number): Lattice => {
  const { dividendYield, rate, volatility } = input
  const deviation = volatility * Math.sqrt(years)
  const middle = logForward / deviation
  const share = inversion(middle + deviation / 2, steps)
  const probability = inversion(middle - deviation / 2, steps)
  const growth = Math.exp(((rate - dividendYield) * years) / steps)
  const discount = Math.exp((-rate * years) / steps)
  const [up, down] = [share / probability, (1 - share) / (1 - probability)]
  return {
    steps,
    down: growth * down,
    logRatio: Math.log(up / down),
    upWeight: discount * probability,
    downWeight: discount * (1 - probability)
  }
}

/** Values at the start of a tree, on `count` nodes from `lowest` up, from those at its end. */
const rollBack = (
  { sign, strike, style }: TreeInputs,
  { down, downWeight, logRatio, steps, upWeight }: Lattice,
  lowest: number,
  count: number,
  atEnd: ValueAt
): Float64Array => {
  const size = count + steps
  const powers = Float64Array.from({ length: size }, (_, i) => Math.exp(i * logRatio))
  const end = lowest * down ** steps
  const values = powers.map((power) => atEnd(end * power))
  for (let step = steps - 1; step >= 0; step--) {
    const nodes = count + step
    for (let i = 0; i < nodes; i++) {
      values[i] = upWeight * (values[i + 1] ?? 0) + downWeight * (values[i] ?? 0)
    }
    if (style === "european") continue
    const unit = sign * lowest * down ** step
    const paid = sign * strike
    for (let i = 0; i < nodes; i++) {
      values[i] = Math.max(values[i] ?? 0, unit * (powers[i] ?? 0) - paid)
    }
  }
  return values.subarray(0, count)
}

/**
 * Values between nodes: a cubic in the logarithm through the four nearest.
 * Beyond the nodes the line through the last two: out there values are
 * straight, up to what a worthless share gives.
 */
const interpolated = ({ ceiling, logRatio, lowest, values }: Nodes): ValueAt => {
  const last = values.length - 1
  const at = (i: number): number => values[i] ?? 0
  const highest = lowest * Math.exp(last * logRatio)
  const lowSlope = (at(1) - at(0)) / (lowest * Math.expm1(logRatio))
  const highSlope = (at(last) - at(last - 1)) / (-highest * Math.expm1(-logRatio))
  return (spot) => {
    if (spot <= lowest) return Math.max(0, Math.min(ceiling, at(0) + lowSlope * (spot - lowest)))
    if (spot >= highest) return Math.max(0, at(last) + highSlope * (spot - highest))
    const place = Math.log(spot / lowest) / logRatio
    const start = Math.min(last - 3, Math.max(0, Math.floor(place) - 1))
    const t = place - start
    const [a, b, c] = [t - 1, t - 2, t - 3]
    const cubic =
      (-at(start) * a * b * c) / 6 +
      (at(start + 1) * t * b * c) / 2 -
      (at(start + 2) * t * a * c) / 2 +
      (at(start + 3) * t * a * b) / 6
    return Math.max(0, cubic)
  }
}

/** Halvings that find a price to a billionth of its bracket. */
const HALVINGS = 30

/** The price from which on an American call is exercised rather than held over an ex-date; undefined where it never is. */
const exercisePrice = (after: ValueAt, strike: number, cash: number, nodes: Nodes): number | undefined => {
  const gain = (spot: number) => spot - strike - after(Math.max(0, spot - cash))
  let low = strike
  let high = Infinity
  for (let i = 0; i < nodes.values.length && high === Infinity; i++) {
    const spot = nodes.lowest * Math.exp(i * nodes.logRatio) + cash
    if (spot <= low) continue
    if (gain(spot) > 0) high = spot
    else low = spot
  }
  if (high === Infinity) return undefined
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (gain(middle) > 0) high = middle
    else low = middle
  }
  return high
}

/** An odd number of steps in proportion to the time; twice it and one in the finer tree. */
const stepsFor = ({ years }: TreeInputs, time: number, fine: boolean): number => {
  const coarse = 2 * Math.floor(Math.max(LEAST_STEPS, STEPS * (time / years)) / 2) + 1
  return fine ? 2 * coarse + 1 : coarse
}

/** Just before an ex-date: hold and see the price fall, or exercise. */
const overExDate = ({ sign, strike, style }: TreeInputs, after: ValueAt, cash: number): ValueAt =>
  style === "american"
    ? (spot) => Math.max(sign * (spot - strike), after(Math.max(0, spot - cash)))
    : (spot) => after(Math.max(0, spot - cash))

/** Where the nodes after ex-date `index` begin and end, in moves from `centre`. */
const extent = (
  { dividendYield, rate, spot, strike, volatility, years }: TreeInputs,
  paid: ReadonlyArray<CashDividend>,
  index: number,
  centre: number,
  logRatio: number
): readonly [low: number, high: number] => {
  const start = paid[index]?.years ?? 0
  const growth = Math.abs(rate - dividendYield - volatility ** 2 / 2)
  const sum = (some: ReadonlyArray<CashDividend>) => some.reduce((total, { amount }) => total + amount, 0)
  const earlier = sum(paid.slice(0, index + 1))
  const later = sum(paid.slice(index))
  // How far the share gets until then, and how far from the strike values are not straight after it.
  const reach = REACH * volatility * Math.sqrt(start) + growth * start
  const spread = REACH * volatility * Math.sqrt(years - start) + growth * (years - start)
  const lowest = Math.max(
    Math.min(strike, later) * Math.exp(-spread),
    spot * Math.exp(-reach) - earlier * Math.exp(growth * start)
  )
  const highest = Math.min((strike + later) * Math.exp(spread), spot * Math.exp(reach))
  return [
    Math.max(-MAX_NODES, Math.floor(Math.log(Math.min(1, lowest / centre)) / logRatio) - 2),
    Math.min(MAX_NODES, Math.ceil(Math.log(Math.max(1, highest / centre)) / logRatio) + 2)
  ]
}

/** Values at spot·ratioⁱ for i = −2 … 2. */
interface Root {
  readonly values: Float64Array
  readonly logRatio: number
}

/** The value at the end of a tree, and where it has its kink. */
interface Ending {
  readonly atEnd: ValueAt
  readonly kink: number
}

/** From after the tree that follows ex-date `index` to just before that date. */
const beforeExDate = (
  input: TreeInputs,
  paid: ReadonlyArray<CashDividend>,
  index: number,
  end: number,
  { atEnd, kink }: Ending,
  fine: boolean
): Ending => {
  const { dividendYield, rate, sign, strike, style, years } = input
  const { amount, years: start } = paid[index] ?? { amount: 0, years: 0 }
  const exercised = style === "american" && sign > 0
  const time = end - start
  if (time <= 0) {
    return { atEnd: overExDate(input, atEnd, amount), kink: exercised ? strike : strike + amount }
  }
  const tree = lattice(input, time, stepsFor(input, time, fine), 0)
  // Every node is a whole number of moves from the kink's own tree, so at its end the kink lies between two of them.
  const centre = kink * Math.exp((dividendYield - rate) * time)
  const [low, high] = extent(input, paid, index, centre, tree.logRatio)
  const lowest = centre * Math.exp(low * tree.logRatio)
  const discounted = strike * Math.exp(-rate * (years - start))
  const ceiling = sign > 0 ? Infinity : style === "american" ? Math.max(strike, discounted) : discounted
  const values = rollBack(input, tree, lowest, high - low + 1, atEnd)
  const nodes = { lowest, logRatio: tree.logRatio, values, ceiling }
  const after = interpolated(nodes)
  return {
    atEnd: overExDate(input, after, amount),
    kink: (exercised ? exercisePrice(after, strike, amount, nodes) : undefined) ?? strike + amount
  }
}

/** The whole tree. */
const grow = (input: TreeInputs, paid: ReadonlyArray<CashDividend>, fine: boolean): Root => {
  const { dividendYield, rate, sign, spot, strike, volatility, years } = input
  let end = years
  let ending: Ending = { atEnd: (price) => Math.max(0, sign * (price - strike)), kink: strike }
  for (let i = paid.length - 1; i >= 0; i--) {
    ending = beforeExDate(input, paid, i, end, ending, fine)
    end = paid[i]?.years ?? 0
  }
  const steps = stepsFor(input, end, fine)
  const logForward = Math.log(spot / ending.kink) + (rate - dividendYield) * end
  // Decided alike for both trees.
  const limit = FARTHEST * volatility * Math.sqrt(end * stepsFor(input, end, false))
  const far = Math.abs(logForward) > limit
  const tree = lattice(input, end, steps, far ? 0 : logForward)
  const lowest = spot * Math.exp(-2 * tree.logRatio)
  return { values: rollBack(input, tree, lowest, 5, ending.atEnd), logRatio: tree.logRatio }
}

/** Value and derivatives to the spot, from the nodes about the root. */
interface AtRoot {
  readonly price: number
  readonly delta: number
  readonly gamma: number
  readonly speed: number
}

const atRoot = ({ logRatio, values }: Root, spot: number): AtRoot => {
  const [a = 0, b = 0, price = 0, c = 0, d = 0] = values
  return { price, ...bySpot(centred(logRatio, [a, b, price, c, d]), spot) }
}

/** Both trees, their errors in 1/steps taken out (Richardson). */
const extrapolated = (input: TreeInputs, paid: ReadonlyArray<CashDividend>): AtRoot => {
  const [coarse, fine] = [grow(input, paid, false), grow(input, paid, true)].map((root) =>
    atRoot(root, input.spot)
  )
  const of = (key: keyof AtRoot) => 2 * (fine?.[key] ?? 0) - (coarse?.[key] ?? 0)
  return { price: of("price"), delta: of("delta"), gamma: of("gamma"), speed: of("speed") }
}

const tooCertain = ({ volatility, years }: TreeInputs): boolean =>
  !(volatility * Math.sqrt(years) > LEAST_DEVIATION)

/** Inputs whose deviation a tree can follow, and the dividends that count. */
const prepared = (input: TreeInputs) => ({
  input: {
    ...input,
    volatility: Math.min(input.volatility, GREATEST_DEVIATION / Math.sqrt(input.years))
  },
  paid: scheduled(input.dividends, input.years)
})

/** What rounding leaves of an exercised value's distance from intrinsic, as a share of the spot and the strike. */
const ROUNDING = 1e-11

const isExercised = ({ sign, spot, strike, style }: TreeInputs, price: number): boolean =>
  style === "american" &&
  sign * (spot - strike) > 0 &&
  price <= sign * (spot - strike) + ROUNDING * (spot + strike)

/** The value in dollars a share; an American one is never below intrinsic. */
export const leisenReimerPrice = (inputs: TreeInputs): number => {
  const { dividendYield, rate, sign, spot, strike, style, years } = inputs
  if (tooCertain(inputs)) {
    const paid = scheduled(inputs.dividends, years)
    return certainValue(style, sign, spot, strike, years, rate, dividendYield, paid).value
  }
  const { input, paid } = prepared(inputs)
  const { price } = extrapolated(input, paid)
  return isExercised(inputs, price) ? sign * (spot - strike) : Math.max(0, price)
}

/** Step of the differences by volatility, a share of it: wide, for a tree is smooth to some 1e-6 only. */
const VOLATILITY_STEP = 0.05
/** By rate: short, for beside the rate at which exercise stops being worth anything the value bends within 1e-3. */
const RATE_STEP = 0.0002

/**
 * The Greeks of a tree. Delta, gamma and speed are those of the nodes about
 * the root; vega, volga, vanna and rho are differences of trees; theta and
 * charm are what Black and Scholes' equation makes of delta, gamma and speed,
 * for it holds wherever the option is held. Ex-dates come nearer with expiry.
 */
export const leisenReimerGreeks = (inputs: TreeInputs): Greeks => {
  const { dividendYield, rate, sign, spot, strike } = inputs
  if (tooCertain(inputs)) return certainGreeks(inputs)
  const { input, paid } = prepared(inputs)
  const here = extrapolated(input, paid)
  const { delta, gamma, speed } = here
  const price = Math.max(0, here.price)
  if (isExercised(inputs, price)) return exercisedGreeks(sign, spot, strike)
  const h = VOLATILITY_STEP * input.volatility
  const at = (volatility: number) => extrapolated({ ...input, volatility }, paid)
  const [a, b, c, d] = [
    at(input.volatility - 2 * h),
    at(input.volatility - h),
    at(input.volatility + h),
    at(input.volatility + 2 * h)
  ]
  const values = centred(h, [a.price, b.price, here.price, c.price, d.price])
  const deltas = centred(h, [a.delta, b.delta, here.delta, c.delta, d.delta])
  const [lower, upper] = [rate - RATE_STEP, rate + RATE_STEP].map(
    (other) => extrapolated({ ...input, rate: other }, paid).price
  )
  const carry = rate - dividendYield
  const variance = input.volatility ** 2
  return {
    price,
    delta,
    gamma,
    speed,
    vega: values.first,
    volga: values.second,
    vanna: deltas.first,
    rho: ((upper ?? 0) - (lower ?? 0)) / (2 * RATE_STEP),
    theta: rate * price - carry * spot * delta - 0.5 * variance * spot ** 2 * gamma,
    charm: rate * delta - carry * (delta + spot * gamma) - variance * (spot * gamma + 0.5 * spot ** 2 * speed)
  }
}
