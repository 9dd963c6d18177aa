/**
 * Two doubles at a time: exponential, logarithm and Mills' ratio, for the kernels of this folder.
 *
 * The formulas are those of src/options/kernels (Exponential.ts, Mills.ts), but for exp, which takes no table: x =
 * k·ln 2 + r, |r| ≤ ln 2/2, 2^k(1 + r + r²·E(r)) with E of degree 9. Numbers are read from memory: written into the
 * code they would be built anew at each use. Nothing is checked; out of range the result is some number or NaN.
 */

const EXP: usize = memory.data<f64>([
  1.4426950408889634, 6755399441055744.0, 0.6931471803691238, 1.9082149292705877e-10,
  0.5000000000000001, 0.16666666666666669, 0.041666666666623824, 0.008333333333330039,
  0.0013888888917367081, 0.00019841269863171557, 2.4801521057868204e-05, 2.7557268276905696e-06,
  2.7620201591031547e-07, 2.5100472505694996e-08,
  1.0
], 16)

const LOG: usize = memory.data<f64>([
  4503599627371519.0, 0.6931471803691238, 1.9082149292705877e-10, 1.0, 2.0,
  0.6666666666666666, 0.40000000000009056, 0.2857142856677866, 0.22222223130372643,
  0.18181731249994468, 0.1538912011623722, 0.13204792516297395, 0.13646429045612224
], 16)

const MILLS: usize = memory.data<f64>([
  357320.28916030045, 554459.4103606234, 425528.92473411845, 207469.65970612472,
  70128.3202441427, 16973.679134640013, 2941.4484837784594, 353.14012104574164,
  26.85559646475393, 0.9999999999975434,
  285100.3419826192, 669871.7642661487, 731453.1266548898, 490041.83327203046,
  223747.12365249268, 73016.05445917013, 17324.81936547698, 2968.3040774095607,
  354.14012109522383, 26.85559646423465
], 16)

/** The number at `index` of a table, in both lanes. */
@inline
export function constant(table: usize, index: usize): v128 {
  return v128.load64_splat(table + (index << 3))
}

@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c)
}

/** eˣ for |x| ≤ 708. */
@inline
export function exp2(x: v128): v128 {
  const rounder = constant(EXP, 1)
  const shifted = multiplyAdd(x, constant(EXP, 0), rounder)
  const k = f64x2.sub(shifted, rounder)
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, constant(EXP, 2))), f64x2.mul(k, constant(EXP, 3)))
  const r2 = f64x2.mul(r, r)
  const r4 = f64x2.mul(r2, r2)
  const e01 = multiplyAdd(r, constant(EXP, 5), constant(EXP, 4))
  const e23 = multiplyAdd(r, constant(EXP, 7), constant(EXP, 6))
  const e45 = multiplyAdd(r, constant(EXP, 9), constant(EXP, 8))
  const e67 = multiplyAdd(r, constant(EXP, 11), constant(EXP, 10))
  const e89 = multiplyAdd(r, constant(EXP, 13), constant(EXP, 12))
  const low = multiplyAdd(r2, e23, e01)
  const high = multiplyAdd(r4, e89, multiplyAdd(r2, e67, e45))
  const rest = multiplyAdd(r2, multiplyAdd(r4, high, low), r)
  // The low bits of `shifted` are k: added to the exponent's.
  return i64x2.add(f64x2.add(constant(EXP, 14), rest), i64x2.shl(shifted, 52))
}

/** ln x of normal doubles above zero. */
@inline
export function log2(x: v128): v128 {
  // From the high half of √½ on: m is in [√½, √2).
  const lifted = i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e00000000))
  const exponent = i64x2.shr_u(lifted, 52)
  const k = f64x2.sub(v128.or(exponent, i64x2.splat(0x4330000000000000)), constant(LOG, 0))
  const m = i64x2.sub(x, i64x2.sub(i64x2.shl(exponent, 52), i64x2.splat(0x3ff0000000000000)))
  const one = constant(LOG, 3)
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one))
  const z = f64x2.mul(s, s)
  const z2 = f64x2.mul(z, z)
  const even = multiplyAdd(
    z2,
    multiplyAdd(z2, multiplyAdd(z2, constant(LOG, 11), constant(LOG, 9)), constant(LOG, 7)),
    constant(LOG, 5)
  )
  const odd = multiplyAdd(
    z2,
    multiplyAdd(z2, multiplyAdd(z2, constant(LOG, 12), constant(LOG, 10)), constant(LOG, 8)),
    constant(LOG, 6)
  )
  const correction = multiplyAdd(
    k,
    constant(LOG, 2),
    f64x2.mul(f64x2.mul(s, z), multiplyAdd(z, odd, even))
  )
  return multiplyAdd(k, constant(LOG, 1), multiplyAdd(s, constant(LOG, 4), correction))
}

/** Mills' ratio of 0 ≤ x ≤ 39. */
@inline
export function mills2(x: v128): v128 {
  const y = f64x2.mul(x, x)
  const pEven = multiplyAdd(
    y,
    multiplyAdd(
      y,
      multiplyAdd(y, multiplyAdd(y, constant(MILLS, 8), constant(MILLS, 6)), constant(MILLS, 4)),
      constant(MILLS, 2)
    ),
    constant(MILLS, 0)
  )
  const pOdd = multiplyAdd(
    y,
    multiplyAdd(
      y,
      multiplyAdd(y, multiplyAdd(y, constant(MILLS, 9), constant(MILLS, 7)), constant(MILLS, 5)),
      constant(MILLS, 3)
    ),
    constant(MILLS, 1)
  )
  const qEven = multiplyAdd(
    y,
    multiplyAdd(
      y,
      multiplyAdd(
        y,
        multiplyAdd(y, f64x2.add(y, constant(MILLS, 18)), constant(MILLS, 16)),
        constant(MILLS, 14)
      ),
      constant(MILLS, 12)
    ),
    constant(MILLS, 10)
  )
  const qOdd = multiplyAdd(
    y,
    multiplyAdd(
      y,
      multiplyAdd(y, multiplyAdd(y, constant(MILLS, 19), constant(MILLS, 17)), constant(MILLS, 15)),
      constant(MILLS, 13)
    ),
    constant(MILLS, 11)
  )
  return f64x2.div(multiplyAdd(x, pOdd, pEven), multiplyAdd(x, qOdd, qEven))
}
