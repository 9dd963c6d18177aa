/**
 * How deep paths fall and what they come to: the reference of kernels/assembly/bootstrap.ts, which gives the same bits.
 *
 * Equity is reflected at its peak (u = 1 − fall, as a part of the highest value so far, the start among them):
 * u' = min(1, u·(1 + r)), so that no peak is kept and nothing divided. Kept is f = 2(1 − u): with h = (1 + r)/2,
 * d = 1 − (2 − f)·h and f' = d + |d|, which no processor has to guess a branch for. The steps are exact but for the
 * rounding of (2 − f)·h.
 */
import { firstWord, secondWord, STAR, Stream, type StreamKeys } from "./Stream.ts"

export type PathMethod = "iid" | "block" | "shuffle"

/** What paths are made of. */
export interface PathSource {
  readonly method: PathMethod
  /** (1 + r)/2 of each return; at most 65,536. */
  readonly halves: Float64Array
  /** Steps of a path; of shuffles as many as there are returns. */
  readonly length: number
  /** Of blocks: a new one begins where a draw of 32 bits is below this, 2^32 ÷ its mean length. */
  readonly restart: number
  readonly keys: StreamKeys
}

/** A path each: the deepest fall from a peak, as a part of it, and the end as a multiple of the start. */
export interface PathColumns {
  readonly falls: Float64Array
  readonly growths: Float64Array
}

/** Of one path what is read of the returns, in the order it is read: `length` of them into `places`. */
export const pathPlaces = (source: PathSource, path: number, places: Uint16Array): void => {
  const { halves, length, method, restart } = source
  const size = halves.length
  const stream = new Stream(source.keys, path)
  switch (method) {
    case "iid":
      for (let step = 0; step < length; step++) places[step] = stream.below(size)
      return
    case "block": {
      let at = stream.below(size)
      places[0] = at
      for (let step = 1; step < length; step++) {
        if (stream.draw() < restart) at = stream.below(size)
        else at = at + 1 === size ? 0 : at + 1
        places[step] = at
      }
      return
    }
    case "shuffle":
      // Fisher and Yates, as Durstenfeld (1964) has it.
      for (let i = 0; i < size; i++) places[i] = i
      for (let left = size; left > 1; left--) {
        const other = stream.below(left)
        const kept = places[left - 1] ?? 0
        places[left - 1] = places[other] ?? 0
        places[other] = kept
      }
  }
}

/** One path along given places. */
const walkPlaces = (
  halves: Float64Array,
  places: Uint16Array,
  length: number,
  { falls, growths }: PathColumns,
  row: number
): void => {
  let [growth, fall, worst] = [1, 0, 0]
  for (let step = 0; step < length; step++) {
    const half = halves[places[step] ?? 0] ?? 0
    growth *= half + half
    const low = 1 - (2 - fall) * half
    fall = low + Math.abs(low)
    if (fall > worst) worst = fall
  }
  falls[row] = 0.5 * worst
  growths[row] = growth
}

/**
 * Four paths at once, written out: each waits for its own products, and the processor has work meanwhile. The place of
 * a draw is the upper half of draw × size in two products of 16 bits, which is why there are at most 2^16 returns.
 * Math.max on what seldom changes is a fifth faster than a branch.
 */
const walkFour = (
  { halves, keys, length }: PathSource,
  path: number,
  { falls, growths }: PathColumns,
  row: number
): void => {
  const size = halves.length
  let a0 = firstWord(keys, path)
  let a1 = secondWord(keys, path, a0)
  let b0 = firstWord(keys, path + 1)
  let b1 = secondWord(keys, path + 1, b0)
  let c0 = firstWord(keys, path + 2)
  let c1 = secondWord(keys, path + 2, c0)
  let d0 = firstWord(keys, path + 3)
  let d1 = secondWord(keys, path + 3, d0)
  let [growthA, growthB, growthC, growthD] = [1, 1, 1, 1]
  let [fallA, fallB, fallC, fallD] = [0, 0, 0, 0]
  let [worstA, worstB, worstC, worstD] = [0, 0, 0, 0]
  for (let step = 0; step < length; step++) {
    const a = Math.imul(a0, STAR)
    const b = Math.imul(b0, STAR)
    const c = Math.imul(c0, STAR)
    const d = Math.imul(d0, STAR)
    a1 ^= a0
    b1 ^= b0
    c1 ^= c0
    d1 ^= d0
    a0 = ((a0 << 26) | (a0 >>> 6)) ^ a1 ^ (a1 << 9)
    b0 = ((b0 << 26) | (b0 >>> 6)) ^ b1 ^ (b1 << 9)
    c0 = ((c0 << 26) | (c0 >>> 6)) ^ c1 ^ (c1 << 9)
    d0 = ((d0 << 26) | (d0 >>> 6)) ^ d1 ^ (d1 << 9)
    a1 = (a1 << 13) | (a1 >>> 19)
    b1 = (b1 << 13) | (b1 >>> 19)
    c1 = (c1 << 13) | (c1 >>> 19)
    d1 = (d1 << 13) | (d1 >>> 19)
    const halfA = halves[(Math.imul(a >>> 16, size) + (Math.imul(a & 65_535, size) >>> 16)) >>> 16] ?? 0
    const halfB = halves[(Math.imul(b >>> 16, size) + (Math.imul(b & 65_535, size) >>> 16)) >>> 16] ?? 0
    const halfC = halves[(Math.imul(c >>> 16, size) + (Math.imul(c & 65_535, size) >>> 16)) >>> 16] ?? 0
    const halfD = halves[(Math.imul(d >>> 16, size) + (Math.imul(d & 65_535, size) >>> 16)) >>> 16] ?? 0
    growthA *= halfA + halfA
    growthB *= halfB + halfB
    growthC *= halfC + halfC
    growthD *= halfD + halfD
    const lowA = 1 - (2 - fallA) * halfA
    const lowB = 1 - (2 - fallB) * halfB
    const lowC = 1 - (2 - fallC) * halfC
    const lowD = 1 - (2 - fallD) * halfD
    fallA = lowA + Math.abs(lowA)
    fallB = lowB + Math.abs(lowB)
    fallC = lowC + Math.abs(lowC)
    fallD = lowD + Math.abs(lowD)
    worstA = Math.max(worstA, fallA)
    worstB = Math.max(worstB, fallB)
    worstC = Math.max(worstC, fallC)
    worstD = Math.max(worstD, fallD)
  }
  falls[row] = 0.5 * worstA
  falls[row + 1] = 0.5 * worstB
  falls[row + 2] = 0.5 * worstC
  falls[row + 3] = 0.5 * worstD
  growths[row] = growthA
  growths[row + 1] = growthB
  growths[row + 2] = growthC
  growths[row + 3] = growthD
}

/** Paths from `first` on, as many as the columns have rows. */
export const walkPaths = (source: PathSource, first: number, columns: PathColumns): void => {
  const paths = columns.falls.length
  let done = 0
  if (source.method === "iid") {
    for (; done + 4 <= paths; done += 4) walkFour(source, first + done, columns, done)
  }
  const places = new Uint16Array(source.length)
  for (; done < paths; done++) {
    pathPlaces(source, first + done, places)
    walkPlaces(source.halves, places, source.length, columns, done)
  }
}
