/**
 * The probability of backtest overfitting, by combinatorially symmetric
 * cross-validation: David Bailey, Jonathan Borwein, Marcos López de Prado and
 * Qiji Jim Zhu, "The Probability of Backtest Overfitting" (2014; Journal of
 * Computational Finance 20, 2017), section 3.
 *
 * The returns are cut into S blocks of one length. For each of the C(S, S/2) ways
 * to take half of them, the trial with the highest Sharpe ratio in that half is
 * looked for in the other: its rank r there (1 the worst of N) is the logit
 * ln(r ÷ (N + 1 − r)). The share of logits at or below zero is how often the best
 * trial fell to the middle of the field or below it, outside what chose it.
 *
 * A half's Sharpe ratio comes of its blocks' sums of returns and of squares, and
 * those of any set of blocks of two table rows: no return is looked at twice. A
 * half in which a trial did not vary has the Sharpe ratio zero: nothing was risked.
 * Of equally good trials in the choosing half the first is chosen; in the other
 * half equals share the mean of their ranks, and the split counts by the part of
 * these that is in the middle or below, as if chance had put them in order. Ratios
 * that differ by rounding alone are equal.
 */
import { Result } from "effect"
import { BadRequest, type RobustnessError, tooFew } from "../RobustnessError.ts"
import { ROUNDING, type TrialMatrix } from "./TrialMatrix.ts"

export const USUAL_BLOCKS = 16
export const FEWEST_BLOCKS = 4
/** 184,756 splits. */
export const MOST_BLOCKS = 20
/** The table of block sums of so many takes 134 MB at twenty blocks. */
export const MOST_TRIALS = 4096

export interface OverfittingProbability {
  readonly blocks: number
  readonly returnsPerBlock: number
  /** The oldest returns, left out so that blocks have one length. */
  readonly leftOut: number
  /** Share of the logits at or below zero; of equals as many as chance would put there. */
  readonly pbo: number
  /** Share of the splits in which the chosen trial's Sharpe ratio was below zero outside. */
  readonly probabilityOfLoss: number
  /** Regression of the chosen trial's Sharpe ratio outside on that inside; undefined where inside never differs. */
  readonly degradation:
    | { readonly slope: number; readonly intercept: number; readonly rSquared: number }
    | undefined
  /** One a split. */
  readonly logits: Float64Array
  /** The chosen trial's Sharpe ratios, per return: in the half that chose it, and in the other. */
  readonly inSample: Float64Array
  readonly outOfSample: Float64Array
  /** How often each trial was chosen. */
  readonly chosen: ReadonlyArray<number>
}

/** Sums over any set of half of the blocks: row `set` has one a trial. */
interface SumTable {
  readonly sums: Float64Array
  readonly squares: Float64Array
}

/** A sum of squares about the mean below this part of the squares is rounding. */
const LEAST_SPREAD = 1e-12

/** Of blocks `from` to `from + half`. */
const sumTable = (
  { columns }: TrialMatrix,
  {
    from,
    half,
    first,
    size
  }: { readonly from: number; readonly half: number; readonly first: number; readonly size: number }
): SumTable => {
  const n = columns.length
  const rows = 2 ** half
  const sums = new Float64Array(rows * n)
  const squares = new Float64Array(rows * n)
  for (let block = 0; block < half; block++) {
    const begin = first + (from + block) * size
    const row = 2 ** block
    for (const [trial, column] of columns.entries()) {
      let sum = 0
      let square = 0
      for (let i = begin; i < begin + size; i++) {
        const value = column[i] ?? 0
        sum += value
        square += value * value
      }
      sums[row * n + trial] = sum
      squares[row * n + trial] = square
    }
    // The sets in which this block is the highest: those of lower blocks, and it.
    for (let set = 1; set < row; set++) {
      for (let trial = 0; trial < n; trial++) {
        const at = (row + set) * n + trial
        sums[at] = (sums[set * n + trial] ?? 0) + (sums[row * n + trial] ?? 0)
        squares[at] = (squares[set * n + trial] ?? 0) + (squares[row * n + trial] ?? 0)
      }
    }
  }
  return { sums, squares }
}

const bitsOf = (set: number): number => {
  let bits = 0
  for (let rest = set; rest > 0; rest &= rest - 1) bits += 1
  return bits
}

/** Sharpe ratios of the blocks in two sets together, into `ratios`. */
const ratiosOf = (
  ratios: Float64Array,
  low: SumTable,
  high: SumTable,
  sets: { readonly low: number; readonly high: number },
  count: number
): void => {
  const n = ratios.length
  const [lowRow, highRow] = [sets.low * n, sets.high * n]
  for (let trial = 0; trial < n; trial++) {
    const sum = (low.sums[lowRow + trial] ?? 0) + (high.sums[highRow + trial] ?? 0)
    const square = (low.squares[lowRow + trial] ?? 0) + (high.squares[highRow + trial] ?? 0)
    const mean = sum / count
    const spread = square - sum * mean
    ratios[trial] = spread > LEAST_SPREAD * square ? mean / Math.sqrt(spread / (count - 1)) : 0
  }
}

const bestOf = (ratios: Float64Array): number => {
  let best = 0
  for (let trial = 1; trial < ratios.length; trial++) {
    const [ratio, highest] = [ratios[trial] ?? 0, ratios[best] ?? 0]
    if (ratio - highest > ROUNDING * Math.abs(highest)) best = trial
  }
  return best
}

interface Place {
  /** 1 of the lowest; equals share the mean of theirs. */
  readonly rank: number
  /** Of the ranks that it shares, the part in the middle of the field or below. */
  readonly low: number
}

const placeOf = (ratios: Float64Array, trial: number): Place => {
  const own = ratios[trial] ?? 0
  const near = ROUNDING * Math.abs(own)
  let below = 0
  let equal = 0
  for (const ratio of ratios) {
    if (own - ratio > near) below += 1
    else if (ratio - own <= near) equal += 1
  }
  const middle = Math.floor((ratios.length + 1) / 2)
  return {
    rank: below + (equal + 1) / 2,
    low: Math.min(equal, Math.max(0, middle - below)) / equal
  }
}

const regression = (xs: Float64Array, ys: Float64Array): OverfittingProbability["degradation"] => {
  const n = xs.length
  const [meanX, meanY] = [xs, ys].map((values) => values.reduce((sum, value) => sum + value, 0) / n)
  let [xx, xy, yy] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [(xs[i] ?? 0) - (meanX ?? 0), (ys[i] ?? 0) - (meanY ?? 0)]
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  if (!(xx > 0)) return undefined
  const slope = xy / xx
  return {
    slope,
    intercept: (meanY ?? 0) - slope * (meanX ?? 0),
    rSquared: yy > 0 ? (xy * xy) / (xx * yy) : 1
  }
}

const method = "the probability of backtest overfitting"

/** What is known before a trial is played: whether so many returns of so many trials can be judged in so many blocks. */
export const checkShape = (
  shape: { readonly trials: number; readonly returns: number },
  blocks: number
): Result.Result<void, RobustnessError> => {
  if (!Number.isInteger(blocks) || blocks % 2 !== 0 || blocks < FEWEST_BLOCKS || blocks > MOST_BLOCKS) {
    return Result.fail(
      new BadRequest({
        message: `${method} needs an even number of blocks from ${FEWEST_BLOCKS} to ${MOST_BLOCKS}, not ${blocks}: half of them choose, the others judge`
      })
    )
  }
  if (shape.trials > MOST_TRIALS) {
    return Result.fail(
      new BadRequest({
        message: `${method} takes ${MOST_TRIALS} trials at most, and there are ${shape.trials}`
      })
    )
  }
  return shape.returns < 2 * blocks
    ? Result.fail(
        tooFew(`${method} with ${blocks} blocks`, "returns of each trial", 2 * blocks, shape.returns)
      )
    : Result.void
}

export const overfittingProbability = (
  matrix: TrialMatrix,
  blocks: number
): Result.Result<OverfittingProbability, RobustnessError> => {
  const shape = checkShape({ trials: matrix.columns.length, returns: matrix.length }, blocks)
  if (Result.isFailure(shape)) return Result.fail(shape.failure)
  const n = matrix.columns.length
  const half = blocks / 2
  const size = Math.floor(matrix.length / blocks)
  const first = matrix.length - size * blocks
  const low = sumTable(matrix, { from: 0, half, first, size })
  const high = sumTable(matrix, { from: half, half, first, size })
  const rows = 2 ** half
  const bits = Array.from({ length: rows }, (_, set) => bitsOf(set))
  const logits: Array<number> = []
  const inSample: Array<number> = []
  const outOfSample: Array<number> = []
  const chosen = Array.from({ length: n }, () => 0)
  let fallen = 0
  const choose = (inside: Float64Array, outside: Float64Array): void => {
    const best = bestOf(inside)
    const { low: isLow, rank } = placeOf(outside, best)
    fallen += isLow
    logits.push(Math.log(rank / (n + 1 - rank)))
    inSample.push(inside[best] ?? 0)
    outOfSample.push(outside[best] ?? 0)
    chosen[best] = (chosen[best] ?? 0) + 1
  }
  const [one, other] = [new Float64Array(n), new Float64Array(n)]
  // Sets without the last block, each with what it leaves: two splits of one look.
  for (let highSet = 0; highSet < rows / 2; highSet++) {
    for (let lowSet = 0; lowSet < rows; lowSet++) {
      if ((bits[highSet] ?? 0) + (bits[lowSet] ?? 0) !== half) continue
      ratiosOf(one, low, high, { low: lowSet, high: highSet }, size * half)
      ratiosOf(other, low, high, { low: rows - 1 - lowSet, high: rows - 1 - highSet }, size * half)
      choose(one, other)
      choose(other, one)
    }
  }
  const splits = logits.length
  const [inside, outside] = [Float64Array.from(inSample), Float64Array.from(outOfSample)]
  return Result.succeed({
    blocks,
    returnsPerBlock: size,
    leftOut: first,
    pbo: fallen / splits,
    probabilityOfLoss: outside.filter((ratio) => ratio < 0).length / splits,
    degradation: regression(inside, outside),
    logits: Float64Array.from(logits),
    inSample: inside,
    outOfSample: outside,
    chosen
  })
}
