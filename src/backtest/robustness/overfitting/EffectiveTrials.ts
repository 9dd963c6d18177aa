/**
 * How many trials there are in effect: those whose returns go together are one
 * idea tried with other numbers. Marcos López de Prado and Michael Lewis,
 * "Detection of False Investment Strategies Using Unsupervised Learning Methods"
 * (2018), cluster trials by the distance √((1 − ρ)/2) of their returns and choose
 * the number of clusters by silhouettes (Peter Rousseeuw, 1987). Theirs begin at
 * random; here clusters are merged by the mean distance between them (Robert
 * Sokal and Charles Michener, 1958), so that the same trials give the same answer.
 *
 * Where no number of clusters reaches a mean silhouette of 0.25, which Leonard
 * Kaufman and Peter Rousseeuw (1990, table 4) call no substantial structure, every
 * trial stands for itself: N = number of trials. A cluster that does not reach it
 * is clustered by itself: a trial alone has the silhouette zero, two that have
 * nothing in common a little more, and beside one tight cluster all others would
 * be merged.
 */
import { mean } from "../../../portfolio/Performance.ts"
import { sampleVariance } from "../../statistics/Moments.ts"
import { sharpePerReturn, type TrialMatrix } from "./TrialMatrix.ts"

/** Of a larger field so many, spread over all, are clustered and stand for the others: the time grows with the square. */
export const MOST_CLUSTERED = 512

/** Kaufman and Rousseeuw (1990). */
export const LEAST_STRUCTURE = 0.25

export interface EffectiveTrials {
  /** In effect. */
  readonly count: number
  /** Numbers of the clustered trials, in the order of their first ones; each alone where there is no structure. */
  readonly clusters: ReadonlyArray<ReadonlyArray<number>>
  /** Sharpe ratio, per return, of each cluster's trials together, at the same risk each. */
  readonly sharpes: ReadonlyArray<number>
  /** Of the number of clusters that was best; undefined where none could be told. */
  readonly silhouette: number | undefined
  /** Trials that were clustered: all, or those that stand for all. */
  readonly clustered: number
  /** Mean of all pairs of them. */
  readonly correlation: number
}

/** Scaled to a length of one about a mean of zero: products are correlations. */
const scaled = (column: Float64Array): Float64Array => {
  const centre = mean(column)
  const about = column.map((value) => value - centre)
  const length = Math.sqrt(about.reduce((sum, value) => sum + value * value, 0))
  return about.map((value) => value / length)
}

interface Distances {
  /** Row by row. */
  readonly distances: Float64Array
  readonly correlation: number
}

const none = new Float64Array()

/** Four products of one series with others, in one pass over it. */
const products = (a: Float64Array, others: ReadonlyArray<Float64Array>, from: number) => {
  const [b, c, d, e] = [0, 1, 2, 3].map((k) => others[from + k] ?? none)
  const sums: [number, number, number, number] = [0, 0, 0, 0]
  if (b === undefined || c === undefined || d === undefined || e === undefined) return sums
  let [p, q, r, s] = sums
  for (let t = 0; t < a.length; t++) {
    const value = a[t] ?? 0
    p += value * (b[t] ?? 0)
    q += value * (c[t] ?? 0)
    r += value * (d[t] ?? 0)
    s += value * (e[t] ?? 0)
  }
  sums[0] = p
  sums[1] = q
  sums[2] = r
  sums[3] = s
  return sums
}

const distancesOf = (columns: ReadonlyArray<Float64Array>): Distances => {
  const n = columns.length
  const units = columns.map(scaled)
  const { length } = units[0] ?? none
  // As many as fours need, so that no series is read beyond its end.
  const padded = [...units, ...Array.from({ length: 3 }, () => new Float64Array(length))]
  const distances = new Float64Array(n * n)
  let total = 0
  for (const [i, a] of units.entries()) {
    for (let from = i + 1; from < n; from += 4) {
      for (const [k, product] of products(a, padded, from).entries()) {
        const j = from + k
        if (j >= n) break
        total += product
        const distance = Math.sqrt(Math.max(0, (1 - product) / 2))
        distances[i * n + j] = distance
        distances[j * n + i] = distance
      }
    }
  }
  return { distances, correlation: total / ((n * (n - 1)) / 2) }
}

/** Clusters as they are merged, each under the number of its first trial. */
interface Merging {
  readonly n: number
  /** Cluster by cluster: the sum of its distances from every trial. */
  readonly sums: Float64Array
  readonly sizes: Array<number>
  /** The cluster of each trial. */
  readonly cluster: Array<number>
  /** Clusters that are left, ascending. */
  alive: Array<number>
}

/** Each trial's silhouette; of one that is alone in its cluster it is zero. */
const silhouettesOf = ({ alive, cluster, n, sizes, sums }: Merging): Float64Array => {
  const nearest = new Float64Array(n).fill(Infinity)
  for (const c of alive) {
    const size = sizes[c] ?? 1
    for (let i = 0; i < n; i++) {
      if (cluster[i] === c) continue
      const distance = (sums[c * n + i] ?? 0) / size
      if (distance < (nearest[i] ?? 0)) nearest[i] = distance
    }
  }
  const silhouettes = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const own = cluster[i] ?? 0
    const size = sizes[own] ?? 1
    if (size === 1) continue
    const within = (sums[own * n + i] ?? 0) / (size - 1)
    const other = nearest[i] ?? 0
    const larger = Math.max(within, other)
    if (larger > 0) silhouettes[i] = (other - within) / larger
  }
  return silhouettes
}

/** Mean distances between clusters, and the nearest of each. */
const neighbours = (distances: Float64Array, n: number) => {
  const between = distances.slice()
  const nearest = Array.from({ length: n }, () => 0)
  const look = (a: number, alive: ReadonlyArray<number>): void => {
    let best = -1
    for (const b of alive) {
      if (b === a) continue
      if (best < 0 || (between[a * n + b] ?? 0) < (between[a * n + best] ?? 0)) best = b
    }
    nearest[a] = best
  }
  return { between, nearest, look }
}

const clustersOf = (cluster: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> => {
  const found = new Map<number, Array<number>>()
  for (const [trial, of] of cluster.entries()) {
    const members = found.get(of)
    if (members === undefined) found.set(of, [trial])
    else members.push(trial)
  }
  return [...found.values()]
}

interface Clustered {
  /** The mean of all trials. */
  readonly silhouette: number
  readonly silhouettes: Float64Array
  /** Of each trial. */
  readonly cluster: ReadonlyArray<number>
}

/** Merges the two nearest clusters until two are left, and keeps the number of them with the highest mean silhouette. */
const bestClusters = (distances: Float64Array, n: number) => {
  const merging: Merging = {
    n,
    sums: distances.slice(),
    sizes: Array.from({ length: n }, () => 1),
    cluster: Array.from({ length: n }, (_, i) => i),
    alive: Array.from({ length: n }, (_, i) => i)
  }
  const { cluster, sizes, sums } = merging
  const { between, look, nearest } = neighbours(distances, n)
  for (const a of merging.alive) look(a, merging.alive)
  let best: Clustered = { silhouette: -Infinity, silhouettes: new Float64Array(n), cluster: [...cluster] }
  while (merging.alive.length > 2) {
    let from = merging.alive[0] ?? 0
    for (const a of merging.alive) {
      const gap = between[a * n + (nearest[a] ?? 0)] ?? Infinity
      if (gap < (between[from * n + (nearest[from] ?? 0)] ?? Infinity)) from = a
    }
    const [a, b] = [from, nearest[from] ?? 0].toSorted((x, y) => x - y)
    if (a === undefined || b === undefined) break
    merging.alive = merging.alive.filter((c) => c !== b)
    for (let i = 0; i < n; i++) {
      sums[a * n + i] = (sums[a * n + i] ?? 0) + (sums[b * n + i] ?? 0)
      if (cluster[i] === b) cluster[i] = a
    }
    const [sizeA, sizeB] = [sizes[a] ?? 1, sizes[b] ?? 1]
    sizes[a] = sizeA + sizeB
    for (const c of merging.alive) {
      if (c === a) continue
      const distance =
        (sizeA * (between[a * n + c] ?? 0) + sizeB * (between[b * n + c] ?? 0)) / (sizeA + sizeB)
      between[a * n + c] = distance
      between[c * n + a] = distance
    }
    for (const c of merging.alive) {
      const near = nearest[c]
      if (c === a || near === a || near === b) look(c, merging.alive)
      else if ((between[c * n + a] ?? 0) < (between[c * n + (near ?? 0)] ?? 0)) nearest[c] = a
    }
    const silhouettes = silhouettesOf(merging)
    const silhouette = mean(silhouettes)
    if (silhouette > best.silhouette) best = { silhouette, silhouettes, cluster: [...cluster] }
  }
  return best
}

/** (√5 − 1) ÷ 2: the parts of its multiples after the point are spread without a period, which grids have. */
const GOLDEN = 0.6180339887498949

/** So many of them, spread over all, the first among them; in order. */
const sampleOf = (n: number): ReadonlyArray<number> =>
  Array.from({ length: n }, (_, i) => ({ i, at: (i * GOLDEN) % 1 }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, MOST_CLUSTERED)
    .map(({ i }) => i)
    .toSorted((a, b) => a - b)

/** The distances of these among each other. */
const among = (distances: Float64Array, n: number, members: ReadonlyArray<number>): Float64Array =>
  Float64Array.from(members.flatMap((a) => members.map((b) => distances[a * n + b] ?? 0)))

interface Grouped {
  readonly groups: ReadonlyArray<ReadonlyArray<number>>
  /** Of the number of clusters that was best; undefined of fewer than three. */
  readonly silhouette: number | undefined
}

/** The clusters of these trials; one that is not tight is clustered by itself, and where it has no clusters each is alone. */
const groupsOf = (distances: Float64Array, n: number, members: ReadonlyArray<number>): Grouped => {
  const single = members.map((at) => [at])
  if (members.length < 3) return { groups: single, silhouette: undefined }
  const { cluster, silhouette, silhouettes } = bestClusters(among(distances, n, members), members.length)
  if (silhouette < LEAST_STRUCTURE) return { groups: single, silhouette }
  const isTight = (places: ReadonlyArray<number>): boolean =>
    places.reduce((sum, place) => sum + (silhouettes[place] ?? 0), 0) >= LEAST_STRUCTURE * places.length
  const groups = clustersOf(cluster).flatMap((places) => {
    const inside = places.map((place) => members[place] ?? 0)
    return isTight(places) ? [inside] : groupsOf(distances, n, inside).groups
  })
  return { groups, silhouette }
}

/** Of trials at the same risk each. */
const sharpeTogether = (units: ReadonlyArray<Float64Array>): number => {
  const [first = none] = units
  return sharpePerReturn(first.map((_, t) => units.reduce((sum, unit) => sum + (unit[t] ?? 0), 0)))
}

/** Divided by its deviation, but for a factor that all have. */
const atOneRisk = (column: Float64Array): Float64Array => {
  const deviation = Math.sqrt(sampleVariance(column))
  return column.map((value) => value / deviation)
}

/** Of different trials over the same periods. */
export const effectiveTrials = ({ columns }: TrialMatrix): EffectiveTrials => {
  const sample = sampleOf(columns.length)
  const sampled = sample.flatMap((trial) => columns.slice(trial, trial + 1))
  const { correlation, distances } = distancesOf(sampled)
  /** Trials by their place in the sample. */
  const told = (
    groups: ReadonlyArray<ReadonlyArray<number>>,
    silhouette: number | undefined
  ): EffectiveTrials => {
    const alone = groups.filter(({ length }) => length === 1).length
    return {
      clustered: sample.length,
      correlation,
      silhouette,
      // Of those alone the sample has its part; of a cluster, whatever it has.
      count: groups.length - alone + Math.round((alone * columns.length) / sample.length),
      clusters: groups.map((members) => members.map((at) => sample[at] ?? 0)),
      sharpes: groups.map((members) =>
        sharpeTogether(members.flatMap((at) => sampled.slice(at, at + 1).map(atOneRisk)))
      )
    }
  }
  const { groups, silhouette } = groupsOf(
    distances,
    sample.length,
    sample.map((_, at) => at)
  )
  return told(
    groups.toSorted(([a = 0], [b = 0]) => a - b),
    silhouette
  )
}
