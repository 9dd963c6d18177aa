/** Numbers that look random and are the same every time (Park and Miller, 1988). */
import { createHash } from "node:crypto"

/** Gives a whole number from 0 to below `below`. */
export type Draw = (below: number) => number

export const numbers = (seed: number): Draw => {
  let state = (Math.abs(seed) % 2_147_483_646) + 1
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** A seed of its own for each thing that is drawn by itself: `seedOf(7, "kill", 12)`. */
export const seedOf = (seed: number, ...names: ReadonlyArray<string | number>): number =>
  createHash("sha256")
    .update([seed, ...names].join("/"))
    .digest()
    .readUInt32BE(0) >>> 1

export const pick = <A>(draw: Draw, choices: readonly [A, ...ReadonlyArray<A>]): A =>
  choices[draw(choices.length)] ?? choices[0]
