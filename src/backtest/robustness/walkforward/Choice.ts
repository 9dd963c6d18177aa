/** Which point of a window is chosen, and where it came out afterwards. Pure. */

/** A point's number in the grid and its score; null where it has none. */
export interface Scored {
  readonly index: number
  readonly score: number | null
}

/** The highest score, the first in the grid's order of equal ones; undefined where none has one. */
export const bestScored = (points: ReadonlyArray<Scored>): Scored | undefined => {
  let best: Scored | undefined
  let highest = -Infinity
  for (const point of points) {
    const { score } = point
    if (score === null || !(score > highest)) continue
    best = point
    highest = score
  }
  return best
}

/** A place among others, 1 being the best; equal ones share it. */
export interface Rank {
  readonly rank: number
  /** How many have a score. */
  readonly of: number
  /** How many others have the same. */
  readonly equal: number
}

/** One more than the number of points with a higher score; undefined where the point has none. */
export const rankOf = (points: ReadonlyArray<Scored>, index: number): Rank | undefined => {
  const own = points.find((point) => point.index === index)?.score
  if (own === undefined || own === null) return undefined
  const scores = points.flatMap(({ score }) => score ?? [])
  return {
    rank: 1 + scores.filter((score) => score > own).length,
    of: scores.length,
    equal: scores.filter((score) => score === own).length - 1
  }
}

/**
 * 0 the best, 1 the worst. Equal ones share the middle of their places, so that a choice by chance is at a half however
 * many are equal; undefined of one point alone.
 */
export const relativeRank = ({ equal, of, rank }: Rank): number | undefined =>
  of < 2 ? undefined : (rank - 1 + equal / 2) / (of - 1)
