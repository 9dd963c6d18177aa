/**
 * Implied volatilities of European options, two rows at a time: src/options/kernels/ImpliedDeviation.ts says what it
 * computes, and is the reference.
 */
import { constant, exp2, log2, mills2 } from "./vector"

/** Numbers of the formulas, then the bounds within which two steps are enough. */
const NUMBERS: usize = memory.data<f64>([
  0.5, 1.0, 2.0, 0.25, 3.0, 0.3989422804014327, 0.9189385332046728, 0.3333333333333333, 0.16666666666666666, 1e8,
  16.0, 1e-100, 1e100, 1e-305, 100.0, 1e-4, 1e-14
], 16)

/** The guess below the inflection, then above it: numerator, denominator. */
const GUESS: usize = memory.data<f64>([
  0.973833, -0.56889, 0.554035, 0.161494, -0.232451, -0.0351633,
  0.187302, 0.523879, 0.22196, -0.369345, -0.0278743,
  2.4975, -2.27518, 2.57609, 0.970978, -0.0893184, 0.141192,
  -0.315543, 1.22339, 0.824015, 0.462388, 0.0943398
], 16)

const COARSE_MILLS: usize = memory.data<f64>([
  453.6596491473697, 480.66798639473296, 245.64502309473048, 72.56955244369722, 12.3709431525351, 0.9999998949372833,
  361.9680299879754, 672.3262603460375, 551.451217177583, 258.0022723283478, 73.57009743180673, 12.370931305645076
], 16)

const COARSE_LOG: usize = memory.data<f64>([
  4503599627371519.0, 0.6931471805599453, 1.0, 2.0, 0.6666666666666666, 0.4, 0.2857142857142857, 0.2222222222222222
], 16)

/** Rows that go from pass to pass at once, and the columns these leave each other: m, side (its sign bit), 1/p, s. */
const BLOCK: usize = 256
const COLUMN: usize = BLOCK << 3
const PASSED: usize = memory.data(4 * 256 * 8, 16)

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c)
}

/** a where the mask is set, else b. */
// @ts-ignore: decorator
@inline
function choose(a: v128, b: v128, mask: v128): v128 {
  return v128.bitselect(a, b, mask)
}

/** Mills' ratio to nine digits. */
// @ts-ignore: decorator
@inline
function coarseMills2(x: v128): v128 {
  const y = f64x2.mul(x, x)
  const c = COARSE_MILLS
  const pEven = multiplyAdd(y, multiplyAdd(y, constant(c, 4), constant(c, 2)), constant(c, 0))
  const pOdd = multiplyAdd(y, multiplyAdd(y, constant(c, 5), constant(c, 3)), constant(c, 1))
  const qEven = multiplyAdd(y, multiplyAdd(y, f64x2.add(y, constant(c, 10)), constant(c, 8)), constant(c, 6))
  const qOdd = multiplyAdd(y, multiplyAdd(y, constant(c, 11), constant(c, 9)), constant(c, 7))
  return f64x2.div(multiplyAdd(x, pOdd, pEven), multiplyAdd(x, qOdd, qEven))
}

/** ln x of normal doubles above zero, to nine digits. */
// @ts-ignore: decorator
@inline
function coarseLog2(x: v128): v128 {
  const c = COARSE_LOG
  const lifted = i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e00000000))
  const exponent = i64x2.shr_u(lifted, 52)
  const k = f64x2.sub(v128.or(exponent, i64x2.splat(0x4330000000000000)), constant(c, 0))
  const m = i64x2.sub(x, i64x2.sub(i64x2.shl(exponent, 52), i64x2.splat(0x3ff0000000000000)))
  const one = constant(c, 2)
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one))
  const z = f64x2.mul(s, s)
  const series = multiplyAdd(
    z,
    multiplyAdd(z, multiplyAdd(z, multiplyAdd(z, constant(c, 7), constant(c, 6)), constant(c, 5)), constant(c, 4)),
    constant(c, 3)
  )
  return multiplyAdd(k, constant(c, 1), f64x2.mul(s, series))
}

/** Householder's step of the third order, to be taken off s. */
// @ts-ignore: decorator
@inline
function stepBy(signedFactor: v128, f: v128, h: v128, perS: v128, s: v128): v128 {
  const bend = f64x2.mul(f64x2.mul(h, h), perS)
  const curve = f64x2.sub(bend, f64x2.mul(constant(NUMBERS, 3), s))
  const k = f64x2.mul(signedFactor, curve)
  const inner = f64x2.sub(
    f64x2.sub(f64x2.mul(curve, curve), f64x2.mul(f64x2.mul(constant(NUMBERS, 4), bend), perS)),
    constant(NUMBERS, 3)
  )
  const j = f64x2.mul(f64x2.mul(signedFactor, signedFactor), inner)
  const one = constant(NUMBERS, 1)
  const half = constant(NUMBERS, 0)
  const e = f64x2.mul(f, f64x2.sub(one, k))
  const third = f64x2.add(
    f64x2.sub(constant(NUMBERS, 7), f64x2.mul(half, k)),
    f64x2.mul(constant(NUMBERS, 8), j)
  )
  return f64x2.div(
    f64x2.mul(f64x2.mul(signedFactor, f), f64x2.add(one, f64x2.mul(half, e))),
    f64x2.add(f64x2.add(one, e), f64x2.mul(f64x2.mul(f, f), third))
  )
}

/** A number of the guess, by the side each row is on. */
// @ts-ignore: decorator
@inline
function pick(index: usize, isAbove: v128): v128 {
  return choose(constant(GUESS, index + 11), constant(GUESS, index), isAbove)
}

/** The option out of the money with the same time value, and the guess of its s; m is NaN where it is not made for it. */
function guessBlock(first: usize, stride: usize, size: usize): void {
  const zero = f64x2.splat(0)
  const half = constant(NUMBERS, 0)
  const one = constant(NUMBERS, 1)
  for (let at: usize = 0; at < size; at += 16) {
    let column = first + at
    const sign = v128.load(column)
    const spot = v128.load((column += stride))
    const strike = v128.load((column += stride))
    const years = v128.load((column += stride))
    const rate = v128.load((column += stride))
    const dividendYield = v128.load((column += stride))
    const price = v128.load((column += stride))

    const a = f64x2.mul(spot, exp2(f64x2.neg(f64x2.mul(dividendYield, years))))
    const b = f64x2.mul(strike, exp2(f64x2.neg(f64x2.mul(rate, years))))
    const isCall = f64x2.gt(sign, zero)
    const upper = choose(a, b, isCall)
    const other = choose(b, a, isCall)
    const forward = f64x2.sub(upper, other)
    const isIn = f64x2.gt(forward, zero)
    const gap = f64x2.sub(upper, price)
    const rounding = f64x2.sub(f64x2.sub(upper, forward), other)
    const value = f64x2.sub(f64x2.sub(price, v128.and(forward, isIn)), v128.and(rounding, isIn))
    const lesser = choose(other, upper, isIn)
    const greater = choose(upper, other, isIn)
    const moneyness = f64x2.abs(
      f64x2.add(log2(f64x2.div(spot, strike)), f64x2.mul(f64x2.sub(rate, dividendYield), years))
    )

    const root = f64x2.sqrt(f64x2.mul(constant(NUMBERS, 2), moneyness))
    const peak = constant(NUMBERS, 5)
    const excess = f64x2.sub(
      value,
      f64x2.mul(lesser, f64x2.sub(half, f64x2.mul(peak, coarseMills2(root))))
    )
    const isAbove = f64x2.gt(excess, zero)
    const perUnit = f64x2.div(one, choose(gap, value, isAbove))
    const below = f64x2.mul(f64x2.mul(peak, moneyness), f64x2.sqrt(f64x2.mul(lesser, greater)))
    const g = f64x2.mul(choose(excess, below, isAbove), perUnit)
    const isFar = f64x2.gt(g, constant(NUMBERS, 9))
    const v = f64x2.sqrt(
      f64x2.mul(
        choose(constant(NUMBERS, 2), one, isFar),
        coarseLog2(choose(g, f64x2.add(one, f64x2.mul(g, g)), isFar))
      )
    )
    const p0 = multiplyAdd(v, multiplyAdd(v, pick(2, isAbove), pick(1, isAbove)), pick(0, isAbove))
    const p1 = multiplyAdd(v, multiplyAdd(v, pick(5, isAbove), pick(4, isAbove)), pick(3, isAbove))
    const q0 = multiplyAdd(v, multiplyAdd(v, pick(7, isAbove), pick(6, isAbove)), one)
    const q1 = multiplyAdd(v, multiplyAdd(v, pick(10, isAbove), pick(9, isAbove)), pick(8, isAbove))
    const p = f64x2.mul(v, multiplyAdd(root, p1, p0))
    const q = multiplyAdd(root, q1, q0)
    const quotient = f64x2.div(choose(p, f64x2.mul(moneyness, q), isAbove), choose(q, p, isAbove))

    // So near to a bound the last digits of A and B decide on the status, and these are the scalar function's to give.
    const near = f64x2.mul(constant(NUMBERS, 16), upper)
    const isInside = v128.and(f64x2.gt(gap, near), f64x2.gt(choose(value, upper, isIn), near))
    const least = constant(NUMBERS, 13)
    const carry = f64x2.mul(
      f64x2.add(f64x2.abs(rate), f64x2.abs(dividendYield)),
      f64x2.add(one, years)
    )
    const isGuessed = v128.and(
      v128.and(
        v128.and(f64x2.le(moneyness, constant(NUMBERS, 10)), f64x2.gt(lesser, constant(NUMBERS, 11))),
        v128.and(f64x2.lt(greater, constant(NUMBERS, 12)), f64x2.gt(value, least))
      ),
      v128.and(
        v128.and(f64x2.gt(value, f64x2.mul(least, lesser)), isInside),
        v128.and(
          v128.and(f64x2.gt(years, zero), f64x2.lt(carry, constant(NUMBERS, 14))),
          f64x2.eq(f64x2.mul(sign, sign), one)
        )
      )
    )
    const passed = PASSED + at
    v128.store(passed, v128.or(moneyness, v128.not(isGuessed)))
    v128.store(passed + COLUMN, v128.and(i64x2.splat(0x8000000000000000), isAbove))
    v128.store(passed + 2 * COLUMN, f64x2.mul(perUnit, lesser))
    v128.store(passed + 3 * COLUMN, f64x2.add(v128.and(root, isAbove), quotient))
  }
}

/** The first step. Numbers get the sign of the side: as they are below the inflection, negated above it. */
function firstStep(size: usize): void {
  const half = constant(NUMBERS, 0)
  const one = constant(NUMBERS, 1)
  for (let at: usize = 0; at < size; at += 16) {
    const passed = PASSED + at
    const flip = v128.load(passed + COLUMN)
    const s = v128.load(passed + 3 * COLUMN)
    const perS = f64x2.div(one, s)
    const h = f64x2.mul(v128.load(passed), perS)
    const halfS = f64x2.mul(half, s)
    const d1 = f64x2.sub(halfS, h)
    const factor = f64x2.sub(
      coarseMills2(v128.xor(f64x2.sub(h, halfS), flip)),
      v128.xor(coarseMills2(f64x2.add(halfS, h)), flip)
    )
    const f = f64x2.sub(
      f64x2.sub(coarseLog2(f64x2.mul(factor, v128.load(passed + 2 * COLUMN))), constant(NUMBERS, 6)),
      f64x2.mul(f64x2.mul(half, d1), d1)
    )
    v128.store(passed + 3 * COLUMN, f64x2.sub(s, stepBy(v128.xor(factor, flip), f, h, perS, s)))
  }
}

/** The second, with every digit. Writes volatilities to `result` and marks to `mark`; returns how many rows are done. */
function secondStep(years: usize, result: usize, mark: usize, size: usize): usize {
  const half = constant(NUMBERS, 0)
  const one = constant(NUMBERS, 1)
  let done: usize = 0
  for (let at: usize = 0; at < size; at += 16) {
    const passed = PASSED + at
    const flip = v128.load(passed + COLUMN)
    const first = v128.load(passed + 3 * COLUMN)
    const perS = f64x2.div(one, first)
    const h = f64x2.mul(v128.load(passed), perS)
    const halfS = f64x2.mul(half, first)
    const d1 = f64x2.sub(halfS, h)
    const factor = f64x2.sub(
      mills2(v128.xor(f64x2.sub(h, halfS), flip)),
      v128.xor(mills2(f64x2.add(halfS, h)), flip)
    )
    const f = f64x2.sub(
      f64x2.sub(log2(f64x2.mul(factor, v128.load(passed + 2 * COLUMN))), constant(NUMBERS, 6)),
      f64x2.mul(f64x2.mul(half, d1), d1)
    )
    const step = stepBy(v128.xor(factor, flip), f, h, perS, first)
    const s = f64x2.sub(first, step)
    v128.store(result + at, f64x2.div(s, f64x2.sqrt(v128.load(years + at))))
    const enough = constant(NUMBERS, 15)
    const isSolved = v128.and(
      f64x2.gt(s, enough),
      f64x2.lt(f64x2.abs(step), f64x2.mul(enough, s))
    )
    const bits = i64x2.bitmask(isSolved)
    done += (bits & 1) + (bits >> 1)
    store<u16>(mark + (at >> 3), <u16>((bits & 1) | ((bits & 2) << 7)))
  }
  return done
}

/**
 * Rows [from, to) of columns that begin `stride` bytes after each other at `base`: sign, spot, strike, years, rate,
 * dividendYield, price; volatility; then a byte a row, 1 where the row is done and 0 where the scalar function has
 * to do it. `from` is even; an odd `to` writes one row more. Returns how many rows are not done.
 */
export function impliedVolatility(base: usize, stride: usize, from: usize, to: usize): usize {
  let done: usize = 0
  for (let row = from; row < to; row += BLOCK) {
    const first = base + (row << 3)
    const size = min(BLOCK, to - row) << 3
    guessBlock(first, stride, size)
    firstStep(size)
    done += secondStep(first + 3 * stride, first + 7 * stride, base + 8 * stride + row, size)
  }
  return ((to - from + 1) & ~1) - done
}
