/**
 * e to a power and the natural logarithm, as the kernels compute them: with plain arithmetic that the compiler can
 * inline, that gives the same bits on every machine, and that the WebAssembly kernels repeat.
 *
 * exp: x = (64k + j)·ln 2/64 + r with |r| ≤ ln 2/128, and 2^k · 2^(j/64) · (1 + r + r²·E(r)) (Tang, "Table-driven
 * implementation of the exponential function in IEEE floating-point arithmetic", 1989). E, of degree 3, is fitted
 * to 2·10⁻¹³ of r² at 60 digits.
 * log: x = 2^k · m, m in [√½, √2), s = (m − 1)/(m + 1), log m = 2s + s·z·L(z), z = s² (as in fdlibm). L, of degree 7,
 * is fitted at 60 digits.
 */

/** 2^(j/64), rounded once. */
const POWERS_OF_64TH = Float64Array.of(
  1.0,
  1.0108892860517005,
  1.0218971486541166,
  1.0330248790212284,
  1.0442737824274138,
  1.0556451783605572,
  1.0671404006768237,
  1.0787607977571199,
  1.0905077326652577,
  1.102382583307841,
  1.1143867425958924,
  1.1265216186082418,
  1.1387886347566916,
  1.1511892299529827,
  1.1637248587775775,
  1.1763969916502812,
  1.189207115002721,
  1.202156731452703,
  1.215247359980469,
  1.22848053610687,
  1.241857812073484,
  1.255380757024691,
  1.2690509571917332,
  1.2828700160787783,
  1.2968395546510096,
  1.3109612115247644,
  1.3252366431597413,
  1.339667524053303,
  1.3542555469368927,
  1.3690024229745905,
  1.383909881963832,
  1.3989796725383112,
  Math.SQRT2,
  1.42961333839197,
  1.4451808069770467,
  1.460917794180647,
  1.4768261459394993,
  1.4929077282912648,
  1.5091644275934228,
  1.5255981507445384,
  1.5422108254079407,
  1.559004400237837,
  1.5759808451078865,
  1.593142151342267,
  1.6104903319492543,
  1.6280274218573478,
  1.645755478153965,
  1.6636765803267364,
  1.681792830507429,
  1.7001063537185235,
  1.718619298122478,
  1.7373338352737062,
  1.7562521603732995,
  1.7753764925265212,
  1.7947090750031072,
  1.8142521755003989,
  1.8340080864093424,
  1.8539791250833855,
  1.8741676341103,
  1.8945759815869656,
  1.9152065613971474,
  1.9360617934922943,
  1.9571441241754002,
  1.978456026387951
)

/** 2^(i − 1024), up to the greatest that is a double. */
const POWERS_OF_TWO = Float64Array.from({ length: 2048 }, (_, i) => 2 ** (i - 1024))

/**
 * eˣ for |x| ≤ 708, unchecked: for the loops of kernels.
 *
 * Numbers stand in the formulas here and below, for a constant of a module costs a load and a check each time.
 */
export const expWithin = (x: number): number => {
  // Adding 1.5·2⁵² leaves the nearest whole number. ln 2/64 is in two parts, the first of 33 bits.
  const steps = x * 92.33248261689366 + 6_755_399_441_055_744 - 6_755_399_441_055_744
  const r = x - steps * 0.01083042469326756 - steps * 2.9815858269852933e-12
  const n = steps | 0
  const power = POWERS_OF_64TH[n & 63] ?? 0
  const r2 = r * r
  const low = 0.4999999999998501 + r * 0.16666666666664526
  const high = 0.041666707476689775 + r * 0.00833333916333604
  return (power + power * (r + r2 * (low + r2 * high))) * (POWERS_OF_TWO[((n >> 6) + 1024) & 2047] ?? 0)
}

/** eˣ, to an ulp (two for |x| > 708); 0 and Infinity where the result is no double; NaN of NaN. */
export const exp = (x: number): number =>
  x <= 708 && x >= -708 ? expWithin(x) : x > -746 && x < 710 ? ofHalf(x) : x > 0 ? Infinity : x < 0 ? 0 : x

/** Halved it is within, and its square rounds once. */
const ofHalf = (x: number): number => {
  const root = expWithin(x / 2)
  return root * root
}

const scratch = new Float64Array(1)
const halves = new Int32Array(scratch.buffer)
/** Which half of a double holds its exponent, on this machine. */
const HIGH = new Int32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 1

/** ln x of a normal double above zero, unchecked: for the loops of kernels. */
export const logNormal = (x: number): number => {
  scratch[0] = x
  // From the high half of √½: m is in [√½, √2).
  const k = ((halves[HIGH] ?? 0) - 0x3fe6a09e) >> 20
  const m = x * (POWERS_OF_TWO[(1024 - k) & 2047] ?? 0)
  const s = (m - 1) / (m + 1)
  const z = s * s
  const z2 = z * z
  const even =
    0.6666666666666666 + z2 * (0.2857142856677866 + z2 * (0.18181731249994468 + z2 * 0.13204792516297395))
  const odd =
    0.40000000000009056 + z2 * (0.22222223130372643 + z2 * (0.1538912011623722 + z2 * 0.13646429045612224))
  return k * 0.6931471803691238 + (2 * s + (s * z * (even + z * odd) + k * 1.9082149292705877e-10))
}

/** ln x, to an ulp; −Infinity of 0, NaN below it and of NaN. */
export const log = (x: number): number =>
  x >= 2.2250738585072014e-308 && x < Infinity
    ? logNormal(x)
    : // The exponent's bits of a subnormal do not say how small it is.
      x > 0 && x < 1
      ? logNormal(x * 2 ** 54) - 54 * Math.LN2
      : Math.log(x)

/** ln(x/y) of x, y > 0, the quotient a normal double: of near numbers by their difference, which is exact. */
export const logRatio = (x: number, y: number): number => {
  const ratio = x / y
  return ratio > 0.5 && ratio < 2 ? Math.log1p((x - y) / y) : log(ratio)
}
