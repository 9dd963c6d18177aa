/**
 * The bivariate normal distribution to machine precision.
 *
 * Source: A. Genz, "Numerical computation of rectangular bivariate and
 * trivariate normal and t probabilities", Statistics and Computing 14, 2004,
 * section 2.3 and 2.4: Plackett's integral over the angle by Gauss–Legendre
 * where the correlation is moderate, and his expansion about a correlation of
 * one (after Drezner and Wesolowsky, 1990) where it is not.
 */
import { normal } from "./kernels/Mills.ts"

/** Gauss–Legendre on [−1, 1]: the nodes below zero and their weights; the others are their mirror image. */
type Rule = readonly [nodes: ReadonlyArray<number>, weights: ReadonlyArray<number>]

const sixPoints: Rule = [
  [-0.932469514203152, -0.6612093864662645, -0.2386191860831969],
  [0.17132449237917036, 0.3607615730481386, 0.46791393457269104]
]

const twelvePoints: Rule = [
  [
    -0.9815606342467192, -0.9041172563704749, -0.7699026741943047, -0.5873179542866175, -0.3678314989981802,
    -0.1252334085114689
  ],
  [
    0.04717533638651183, 0.10693932599531843, 0.16007832854334622, 0.20316742672306592, 0.2334925365383548,
    0.24914704581340277
  ]
]

const twentyPoints: Rule = [
  [
    -0.9931285991850949, -0.9639719272779138, -0.912234428251326, -0.8391169718222188, -0.7463319064601508,
    -0.636053680726515, -0.5108670019508271, -0.37370608871541955, -0.22778585114164507, -0.07652652113349734
  ],
  [
    0.017614007139152118, 0.04060142980038694, 0.06267204833410907, 0.08327674157670475, 0.10193011981724044,
    0.11819453196151841, 0.13168863844917664, 0.14209610931838204, 0.14917298647260374, 0.15275338713072584
  ]
]

/** Both halves of a rule: [node, weight]. */
const wholeRule = ([nodes, weights]: Rule): ReadonlyArray<readonly [node: number, weight: number]> =>
  nodes.flatMap((node, i) => {
    const weight = weights[i] ?? 0
    return [[node, weight] as const, [-node, weight] as const]
  })

const six = wholeRule(sixPoints)
/** Twelve points: [node, weight] on [−1, 1]. */
export const twelve = wholeRule(twelvePoints)
const twenty = wholeRule(twentyPoints)

/** Genz's choice of points: the integrand bends more as the correlation grows. */
const ruleFor = (correlation: number) => {
  const size = Math.abs(correlation)
  return size < 0.3 ? six : size < 0.75 ? twelve : twenty
}

/** Below this exponent a term is nothing beside a probability's last digit. */
const NEGLIGIBLE_EXPONENT = -100

/** From here on the expansion about one is better than the angle. */
const NEAR_ONE = 0.925

/** Genz's equation 3: Φ(−h)·Φ(−k) and the integral of the density over the correlation, with r = sin θ. */
const byAngle = (h: number, k: number, correlation: number): number => {
  const halfSquares = (h * h + k * k) / 2
  const angle = Math.asin(correlation)
  let sum = 0
  for (const [node, weight] of ruleFor(correlation)) {
    const sine = Math.sin((angle * (node + 1)) / 2)
    sum += weight * Math.exp((sine * h * k - halfSquares) / (1 - sine * sine))
  }
  return (sum * angle) / (4 * Math.PI) + normal(-h) * normal(-k)
}

/**
 * What the probability lacks of its limit at a correlation of one: Genz's
 * equation 6, the part of the integrand that is singular there taken out and
 * integrated by hand, the rest by the rule.
 */
const shortOfOne = (h: number, k: number, correlation: number): number => {
  const product = h * k
  const square = (1 - correlation) * (1 + correlation)
  const width = Math.sqrt(square)
  const distance = (h - k) ** 2
  const c = (4 - product) / 8
  const d = (12 - product) / 16
  let sum = 0
  const edge = -(distance / square + product) / 2
  if (edge > NEGLIGIBLE_EXPONENT) {
    sum =
      width *
      Math.exp(edge) *
      (1 - (c * (distance - square) * (1 - (d * distance) / 5)) / 3 + (c * d * square * square) / 5)
  }
  if (-product < -NEGLIGIBLE_EXPONENT) {
    const apart = Math.sqrt(distance)
    sum -=
      Math.exp(-product / 2) *
      Math.sqrt(2 * Math.PI) *
      normal(-apart / width) *
      apart *
      (1 - (c * distance * (1 - (d * distance) / 5)) / 3)
  }
  for (const [node, weight] of twenty) {
    const x = ((width / 2) * (node + 1)) ** 2
    const exponent = -(distance / x + product) / 2
    if (!(exponent > NEGLIGIBLE_EXPONENT)) continue
    const root = Math.sqrt(1 - x)
    const exact = Math.exp((-product * x) / (2 * (1 + root) ** 2)) / root
    sum += (width / 2) * weight * Math.exp(exponent) * (exact - (1 + c * x * (1 + d * x)))
  }
  return -sum / (2 * Math.PI)
}

/** Both above h and k, the correlation near one or minus one. */
const nearOne = (h: number, k: number, correlation: number): number => {
  if (correlation > 0) {
    const limit = normal(-Math.max(h, k))
    return correlation < 1 ? shortOfOne(h, k, correlation) + limit : limit
  }
  const missing = correlation > -1 ? shortOfOne(h, -k, correlation) : 0
  // P(h < X < −k), from the tail where both are small.
  const limit = -k <= h ? 0 : h < 0 ? normal(-k) - normal(h) : normal(-h) - normal(k)
  return limit - missing
}

/**
 * The probability that two standard normal variables of a correlation are
 * below `x` and below `y`. Infinite bounds are allowed; a correlation is in
 * [−1, 1]. Absolute error below 5e-16.
 */
export const bivariateNormal = (x: number, y: number, correlation: number): number => {
  if (x === -Infinity || y === -Infinity) return 0
  if (x === Infinity) return normal(y)
  if (y === Infinity) return normal(x)
  const found = Math.abs(correlation) < NEAR_ONE ? byAngle(-x, -y, correlation) : nearOne(-x, -y, correlation)
  return Math.min(1, Math.max(0, found))
}
