/** Uniform numbers in [0, 1) by their place: the same of a seed and a place on every machine. */

/** The finalizer of MurmurHash3 (Austin Appleby). */
const mix = (word: number): number => {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export const uniform = (seed: number, place: number): number =>
  mix(mix(seed ^ 0x9e3779b9) ^ Math.imul(place + 1, 0x85ebca77)) / 0x1_0000_0000
