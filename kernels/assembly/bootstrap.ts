/**
 * Falls and returns of resampled paths: src/backtest/robustness/montecarlo/PathKernel.ts says what they compute, and
 * is the reference, bit for bit. A module of its own.
 *
 * The table holds (1 + r)/2 of each return r. Results are f64 columns of a path each: `falls` and `growths`.
 */

const FIRST: u32 = 0x9e3779b9
const SECOND: u32 = 0x85ebca6b
const STAR: u32 = 0x9e3779bb

// @ts-ignore: decorator
@inline
function mixed(word: u32): u32 {
  let h = word
  h ^= h >> 16
  h *= 0x85ebca6b
  h ^= h >> 13
  h *= 0xc2b2ae35
  return h ^ (h >> 16)
}

// @ts-ignore: decorator
@inline
function firstWord(key: u32, path: u32): u32 {
  return mixed(key + path * FIRST)
}

// @ts-ignore: decorator
@inline
function secondWord(key: u32, path: u32, first: u32): u32 {
  const word = mixed(key + path * SECOND)
  return (word | first) == 0 ? 1 : word
}

// @ts-ignore: decorator
@inline
function two(table: usize, a: u32, b: u32, size: u64): v128 {
  const one = v128.load64_zero(table + <usize>((<u64>(a * STAR) * size) >> 32 << 3))
  return v128.load_lane<u64>(table + <usize>((<u64>(b * STAR) * size) >> 32 << 3), one, 1)
}

// @ts-ignore: decorator
@inline
function fallen(before: v128, half: v128): v128 {
  const low = f64x2.sub(f64x2.splat(1), f64x2.mul(f64x2.sub(f64x2.splat(2), before), half))
  return f64x2.add(low, f64x2.abs(low))
}

/** Resampled with replacement: so many paths from the first on, four at a time; their number is a multiple of four. */
export function iid(
  table: usize, size: u32, length: u32, key0: u32, key1: u32, first: u32, paths: u32, falls: usize, growths: usize
): void {
  const unit = f64x2.splat(1)
  const half = f64x2.splat(0.5)
  const wide = <u64>size
  for (let done: u32 = 0; done < paths; done += 4) {
    const path = first + done
    let a0 = firstWord(key0, path)
    let a1 = secondWord(key1, path, a0)
    let b0 = firstWord(key0, path + 1)
    let b1 = secondWord(key1, path + 1, b0)
    let c0 = firstWord(key0, path + 2)
    let c1 = secondWord(key1, path + 2, c0)
    let d0 = firstWord(key0, path + 3)
    let d1 = secondWord(key1, path + 3, d0)
    let growthA = unit
    let fallA = f64x2.splat(0)
    let worstA = f64x2.splat(0)
    let growthB = unit
    let fallB = f64x2.splat(0)
    let worstB = f64x2.splat(0)
    for (let step: u32 = 0; step < length; step++) {
      const halfA = two(table, a0, b0, wide)
      const halfB = two(table, c0, d0, wide)
      a1 ^= a0
      b1 ^= b0
      c1 ^= c0
      d1 ^= d0
      a0 = rotl(a0, 26) ^ a1 ^ (a1 << 9)
      b0 = rotl(b0, 26) ^ b1 ^ (b1 << 9)
      c0 = rotl(c0, 26) ^ c1 ^ (c1 << 9)
      d0 = rotl(d0, 26) ^ d1 ^ (d1 << 9)
      a1 = rotl(a1, 13)
      b1 = rotl(b1, 13)
      c1 = rotl(c1, 13)
      d1 = rotl(d1, 13)
      growthA = f64x2.mul(growthA, f64x2.add(halfA, halfA))
      growthB = f64x2.mul(growthB, f64x2.add(halfB, halfB))
      fallA = fallen(fallA, halfA)
      fallB = fallen(fallB, halfB)
      worstA = f64x2.pmax(worstA, fallA)
      worstB = f64x2.pmax(worstB, fallB)
    }
    const fallTo = falls + (<usize>done << 3)
    const growthTo = growths + (<usize>done << 3)
    v128.store(fallTo, f64x2.mul(half, worstA))
    v128.store(growthTo, growthA)
    v128.store(fallTo, f64x2.mul(half, worstB), 16)
    v128.store(growthTo, growthB, 16)
  }
}

// @ts-ignore: decorator
@inline
function below(drawn: u32, size: u32): u32 {
  return <u32>((<u64>drawn * size) >> 32)
}

/** Runs of neighbours, the last followed by the first: a new one begins where a draw is below `restart`, of 2^32. */
export function block(
  table: usize, size: u32, length: u32, key0: u32, key1: u32, first: u32, paths: u32, falls: usize, growths: usize,
  restart: f64
): void {
  for (let done: u32 = 0; done < paths; done++) {
    let s0 = firstWord(key0, first + done)
    let s1 = secondWord(key1, first + done, s0)
    let at: u32 = 0
    let growth: f64 = 1
    let fall: f64 = 0
    let worst: f64 = 0
    for (let step: u32 = 0; step < length; step++) {
      let isNew = step == 0
      if (!isNew) {
        isNew = <f64>(s0 * STAR) < restart
        s1 ^= s0
        s0 = rotl(s0, 26) ^ s1 ^ (s1 << 9)
        s1 = rotl(s1, 13)
      }
      if (isNew) {
        at = below(s0 * STAR, size)
        s1 ^= s0
        s0 = rotl(s0, 26) ^ s1 ^ (s1 << 9)
        s1 = rotl(s1, 13)
      } else {
        at = at + 1 == size ? 0 : at + 1
      }
      const half = load<f64>(table + (<usize>at << 3))
      growth *= half + half
      const low = 1 - (2 - fall) * half
      fall = low + abs(low)
      worst = max(worst, fall)
    }
    const to = <usize>done << 3
    store<f64>(falls + to, 0.5 * worst)
    store<f64>(growths + to, growth)
  }
}

/** Every return once, in another order; `scratch` has room for the table. */
export function shuffle(
  table: usize, size: u32, key0: u32, key1: u32, first: u32, paths: u32, falls: usize, growths: usize, scratch: usize
): void {
  for (let done: u32 = 0; done < paths; done++) {
    let s0 = firstWord(key0, first + done)
    let s1 = secondWord(key1, first + done, s0)
    memory.copy(scratch, table, <usize>size << 3)
    for (let left = size; left > 1; left--) {
      const a = scratch + (<usize>(left - 1) << 3)
      const b = scratch + (<usize>below(s0 * STAR, left) << 3)
      s1 ^= s0
      s0 = rotl(s0, 26) ^ s1 ^ (s1 << 9)
      s1 = rotl(s1, 13)
      const kept = load<f64>(a)
      store<f64>(a, load<f64>(b))
      store<f64>(b, kept)
    }
    let growth: f64 = 1
    let fall: f64 = 0
    let worst: f64 = 0
    for (let step: u32 = 0; step < size; step++) {
      const half = load<f64>(scratch + (<usize>step << 3))
      growth *= half + half
      const low = 1 - (2 - fall) * half
      fall = low + abs(low)
      worst = max(worst, fall)
    }
    const to = <usize>done << 3
    store<f64>(falls + to, 0.5 * worst)
    store<f64>(growths + to, growth)
  }
}
