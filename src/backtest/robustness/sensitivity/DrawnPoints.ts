/**
 * Numbers drawn without replacement, by Floyd's algorithm (Bentley and Floyd
 * 1987, "A sample of brilliance"): as many draws as numbers, whatever they are
 * drawn from. Random search finds as good points as a grid of many more where
 * few parameters matter (Bergstra and Bengio 2012).
 */
import { Stream, streamKeys } from "../montecarlo/Stream.ts"

/** `count` different numbers from 0 to `size` − 1, ascending; the same of the same seed. */
export const drawnIndices = (size: number, count: number, seed: number): ReadonlyArray<number> => {
  const stream = new Stream(streamKeys(Math.abs(seed)), seed < 0 ? 1 : 0)
  /** 53 bits, as a ratio below 1. */
  const uniform = (): number => ((stream.draw() >>> 5) * 2 ** 26 + (stream.draw() >>> 6)) / 2 ** 53
  const drawn = new Set<number>()
  for (let last = size - count; last < size; last++) {
    const one = Math.floor(uniform() * (last + 1))
    drawn.add(drawn.has(one) ? last : one)
  }
  return [...drawn].toSorted((a, b) => a - b)
}
