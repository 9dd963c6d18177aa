/**
 * Prices and five Greeks of European options, two rows at a time: src/options/kernels/BlackKernel.ts says what it
 * computes, and is the reference.
 */
import { constant, exp2, log2, mills2 } from "./vector"

const NUMBERS: usize = memory.data<f64>([
  0.3989422804014327, 0.5, 1.0,
  // Bounds of an ordinary row.
  37.0, 4e-3, 1e-100, 1e100, 1e-4
], 16)

/**
 * Rows [from, to) of columns that begin `stride` bytes after each other at `base`: sign, spot, strike, years, rate,
 * dividendYield, volatility; price, delta, gamma, vega, theta, rho; then a byte a row, 1 where the row is done and 0
 * where it is not ordinary and the scalar functions have to do it. `from` is even; an odd `to` writes one row more.
 * Returns how many rows are not done.
 */
export function blackScholes(base: usize, stride: usize, from: usize, to: usize): usize {
  const half = constant(NUMBERS, 1)
  const one = constant(NUMBERS, 2)
  const last = base + (to << 3)
  let done: usize = 0
  let mark = base + 13 * stride + from
  for (let at = base + (from << 3); at < last; at += 16) {
    let column = at
    const sign = v128.load(column)
    const spot = v128.load((column += stride))
    const strike = v128.load((column += stride))
    const years = v128.load((column += stride))
    const rate = v128.load((column += stride))
    const dividendYield = v128.load((column += stride))
    const volatility = v128.load((column += stride))

    const rootYears = f64x2.sqrt(years)
    const deviation = f64x2.mul(volatility, rootYears)
    const carryRate = f64x2.mul(rate, years)
    const carryYield = f64x2.mul(dividendYield, years)
    // One division for 1/(S·σ√T) and 1/(σ√T).
    const inverseProduct = f64x2.div(one, f64x2.mul(spot, deviation))
    const inverse = f64x2.mul(spot, inverseProduct)
    const moneyness = f64x2.add(log2(f64x2.div(spot, strike)), f64x2.sub(carryRate, carryYield))
    const d1 = f64x2.add(f64x2.mul(moneyness, inverse), f64x2.mul(half, deviation))
    const d2 = f64x2.sub(d1, deviation)
    const abs1 = f64x2.abs(d1)

    const size = f64x2.add(
      f64x2.add(f64x2.add(abs1, deviation), f64x2.add(f64x2.abs(carryRate), f64x2.abs(carryYield))),
      f64x2.add(f64x2.abs(rate), f64x2.abs(dividendYield))
    )
    const ordinary = v128.and(
      v128.and(
        v128.and(f64x2.lt(size, constant(NUMBERS, 3)), f64x2.gt(deviation, constant(NUMBERS, 4))),
        v128.and(f64x2.gt(spot, constant(NUMBERS, 5)), f64x2.gt(strike, constant(NUMBERS, 5)))
      ),
      v128.and(
        v128.and(f64x2.lt(f64x2.mul(spot, strike), constant(NUMBERS, 6)), f64x2.gt(years, constant(NUMBERS, 7))),
        f64x2.eq(f64x2.mul(sign, sign), one)
      )
    )
    const bits = i64x2.bitmask(ordinary)
    done += (bits & 1) + (bits >> 1)
    store<u16>(mark, <u16>((bits & 1) | ((bits & 2) << 7)))
    mark += 2

    const shareDiscount = exp2(f64x2.neg(carryYield))
    const b = f64x2.mul(strike, exp2(f64x2.neg(carryRate)))
    const phi = f64x2.mul(constant(NUMBERS, 0), exp2(f64x2.mul(f64x2.neg(half), f64x2.mul(d1, d1))))
    const a = f64x2.mul(spot, shareDiscount)
    const peak = f64x2.mul(a, phi)
    const tail1 = f64x2.mul(phi, mills2(abs1))
    const tail2 = f64x2.mul(peak, mills2(f64x2.abs(d2)))
    const zero = f64x2.splat(0)
    const probability = v128.bitselect(f64x2.sub(one, tail1), tail1, f64x2.gt(f64x2.mul(sign, d1), zero))
    const cash = v128.bitselect(f64x2.sub(b, tail2), tail2, f64x2.gt(f64x2.mul(sign, d2), zero))
    const share = f64x2.mul(a, probability)

    v128.store((column += stride), f64x2.pmax(f64x2.mul(sign, f64x2.sub(share, cash)), zero))
    v128.store((column += stride), f64x2.mul(f64x2.mul(sign, shareDiscount), probability))
    v128.store((column += stride), f64x2.mul(f64x2.mul(shareDiscount, phi), inverseProduct))
    v128.store((column += stride), f64x2.mul(peak, rootYears))
    v128.store(
      (column += stride),
      f64x2.sub(
        f64x2.mul(sign, f64x2.sub(f64x2.mul(dividendYield, share), f64x2.mul(rate, cash))),
        f64x2.mul(
          f64x2.mul(f64x2.mul(f64x2.mul(half, peak), volatility), volatility),
          inverse
        )
      )
    )
    v128.store((column += stride), f64x2.mul(f64x2.mul(sign, years), cash))
  }
  return ((to - from + 1) & ~1) - done
}
