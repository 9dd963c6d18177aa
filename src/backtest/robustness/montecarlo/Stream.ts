/**
 * A path's own stream of draws: xoroshiro64* (Blackman and Vigna 2018, "Scrambled linear pseudorandom number
 * generators"), begun at a place that is mixed from the seed and the path's number. A path is the same whoever walks
 * it, and whichever were walked before.
 *
 * All words are 32 bits, as signed integers. A number below `size` is the upper half of draw × size: of 2^32 draws
 * one value gets at most one more than another.
 */

const FIRST = 0x9e37_79b9 | 0
const SECOND = 0x85eb_ca6b | 0
export const STAR = 0x9e37_79bb | 0

/** The finalizer of MurmurHash3 (Appleby 2011): every bit of the word changes half of the others. */
const mixed = (word: number): number => {
  let h = word
  h ^= h >>> 16
  h = Math.imul(h, 0x85eb_ca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2_ae35)
  return h ^ (h >>> 16)
}

/** What a seed comes to, for the two words of a stream. */
export interface StreamKeys {
  readonly first: number
  readonly second: number
}

/** Of a whole number from 0 to 2^53 − 1. */
export const streamKeys = (seed: number): StreamKeys => {
  const low = seed | 0
  const high = Math.floor(seed / 2 ** 32) | 0
  const first = mixed(low ^ mixed((high + FIRST) | 0))
  return { first, second: mixed(first ^ mixed((low + Math.imul(high, SECOND) + SECOND) | 0)) }
}

export const firstWord = ({ first }: StreamKeys, path: number): number =>
  mixed((first + Math.imul(path, FIRST)) | 0)

/** Both words are never zero together. */
export const secondWord = ({ second }: StreamKeys, path: number, first: number): number => {
  const word = mixed((second + Math.imul(path, SECOND)) | 0)
  return (word | first) === 0 ? 1 : word
}

export class Stream {
  #first: number
  #second: number

  constructor(keys: StreamKeys, path: number) {
    this.#first = firstWord(keys, path)
    this.#second = secondWord(keys, path, this.#first)
  }

  /** 32 bits, without sign. */
  draw(): number {
    const drawn = Math.imul(this.#first, STAR)
    const other = this.#second ^ this.#first
    this.#first = ((this.#first << 26) | (this.#first >>> 6)) ^ other ^ (other << 9)
    this.#second = (other << 13) | (other >>> 19)
    return drawn >>> 0
  }

  /** A whole number from 0 to `size` − 1; `size` is at most 2^21. */
  below(size: number): number {
    return Math.floor((this.draw() * size) / 2 ** 32)
  }
}
