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

/** The exponent of the first of `POWERS_OF_TWO`, a subnormal double. */
const LEAST_EXPONENT = -1024
const GREATEST_EXPONENT = 1023

/** 2^(LEAST_EXPONENT + i). */
const POWERS_OF_TWO = Float64Array.from(
  { length: GREATEST_EXPONENT - LEAST_EXPONENT + 1 },
  (_, i) => 2 ** (LEAST_EXPONENT + i)
)

/** 64/ln 2. */
const PER_STEP = 92.33248261689366

/** ln 2/64 in two parts. The first has 33 bits, so that its product with a step number is exact. */
const STEP_HIGH = 0.6931471803691238 / 64
const STEP_LOW = 1.9082149292705877e-10 / 64

/** Adding it leaves the nearest whole number in the low bits of a double (1.5·2⁵²). */
const ROUNDER = 6_755_399_441_055_744

const [E0, E1, E2, E3] = [0.4999999999998501, 0.16666666666664526, 0.041666707476689775, 0.00833333916333604]

/** Beyond these the result is no double, or zero. */
const OVERFLOWS = 709.782712893384
const UNDERFLOWS = -745.1332191019412

/** Within it 2^k is a normal double. */
const PLAIN = 708

/** eˣ, to an ulp; 0 and Infinity where the result is no double; NaN of NaN. */
export const exp = (x: number): number => {
  if (!(x >= UNDERFLOWS)) return x < UNDERFLOWS ? 0 : x
  if (x > OVERFLOWS) return Infinity
  const steps = x * PER_STEP + ROUNDER - ROUNDER
  const r = x - steps * STEP_HIGH - steps * STEP_LOW
  const n = steps | 0
  const power = POWERS_OF_64TH[n & 63] ?? 0
  const r2 = r * r
  const rest = r + r2 * (E0 + r * E1 + r2 * (E2 + r * E3))
  const mantissa = power + power * rest
  const k = n >> 6
  if (x > PLAIN || x < -PLAIN) {
    const half = k >> 1
    return mantissa * 2 ** half * 2 ** (k - half)
  }
  return mantissa * (POWERS_OF_TWO[k - LEAST_EXPONENT] ?? 0)
}

const [L0, L1, L2, L3, L4, L5, L6, L7] = [
  0.6666666666666666, 0.40000000000009056, 0.2857142856677866, 0.22222223130372643, 0.18181731249994468,
  0.1538912011623722, 0.13204792516297395, 0.13646429045612224
]

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/** The high half of √½ as a double. */
const SQRT_HALF_HIGH = 0x3fe6a09e

const LEAST_NORMAL = 2.2250738585072014e-308

const scratch = new Float64Array(1)
const scratchHalves = new Int32Array(scratch.buffer)
/** Which half of a double holds its exponent, on this machine. */
const HIGH = new Int32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 1

/** ln x, to an ulp; −Infinity of 0, NaN below it and of NaN. */
export const log = (x: number): number => {
  if (!(x >= LEAST_NORMAL && x < Infinity)) {
    // Subnormal: none of the exponent's bits say how small it is.
    return x > 0 && x < LEAST_NORMAL ? log(x * 2 ** 54) - 54 * Math.LN2 : Math.log(x)
  }
  scratch[0] = x
  const k = ((scratchHalves[HIGH] ?? 0) - SQRT_HALF_HIGH) >> 20
  const m = x * (POWERS_OF_TWO[-k - LEAST_EXPONENT] ?? 0)
  const s = (m - 1) / (m + 1)
  const z = s * s
  const z2 = z * z
  const even = L0 + z2 * (L2 + z2 * (L4 + z2 * L6))
  const odd = L1 + z2 * (L3 + z2 * (L5 + z2 * L7))
  return k * LN2_HIGH + (2 * s + (s * z * (even + z * odd) + k * LN2_LOW))
}
