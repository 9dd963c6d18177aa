/** Where the future is cut off: half of the cuts evenly spread, half right after decisions. */
import type { Stamped } from "./Stamped.ts"

/** At most so many of them, evenly spread, first and last among them. */
const spread = <A>(values: ReadonlyArray<A>, most: number): ReadonlyArray<A> => {
  if (values.length <= most) return values
  if (most <= 1) return values.slice(0, most)
  const step = (values.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, i) => Math.round(i * step)).flatMap((at) =>
    values.slice(at, at + 1)
  )
}

/** What a decision is cut after: what was wanted, where it is not what was wanted before. */
const decisionsOf = (done: ReadonlyArray<Stamped>): ReadonlyArray<number> => {
  const times = new Set<number>()
  let last: string | undefined
  for (const { at, fill, gist, kind } of done) {
    if (fill !== undefined) continue
    if (kind === "signal" && gist === last) continue
    if (kind === "signal") last = gist
    times.add(at)
  }
  return [...times]
}

/** The last of these times that is not after `at`: of a decision inside a bar its open. */
const before = (times: ReadonlyArray<number>, at: number): ReadonlyArray<number> => {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return times.slice(Math.max(0, low - 1), low)
}

/** Ascending, no time twice; never the last time, after which nothing is left to be changed. */
export const cutsOf = (
  times: ReadonlyArray<number>,
  done: ReadonlyArray<Stamped>,
  most: number
): ReadonlyArray<number> => {
  const able = times.slice(0, -1)
  const decisions = [...new Set(decisionsOf(done).flatMap((at) => before(able, at)))]
  const after = spread(decisions, Math.ceil(most / 2))
  const chosen = new Set(after)
  // Opens and closes take turns: an odd step through times of which every second is an open.
  const rest = able.filter((at) => !chosen.has(at))
  for (const at of spread(rest, most - after.length)) chosen.add(at)
  return [...chosen].toSorted((a, b) => a - b)
}
