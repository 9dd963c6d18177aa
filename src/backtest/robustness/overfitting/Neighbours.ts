/**
 * The trials next to the judged one: the same code, one parameter the next value
 * up or down that was tried, all others the same (of a flag or a choice, each other
 * value). An edge that is there at one point of a grid and gone at the next was
 * fitted to noise.
 */
import type { ParameterValue } from "../../../session/Parameters.ts"
import { sampleVariance } from "../../statistics/Moments.ts"

export interface PlacedTrial {
  /** What has to be the same: the code, the limits. */
  readonly family: string
  readonly parameters: { readonly [name: string]: ParameterValue }
  /** Per return. */
  readonly sharpe: number
}

export interface Neighbours {
  /** Numbers among the trials. */
  readonly trials: ReadonlyArray<number>
  /** Mean of their Sharpe ratios, per return, and the lowest of them. */
  readonly mean: number
  readonly least: number
  /** Of theirs and the judged one's, n − 1. */
  readonly deviation: number
  /** Mean ÷ the judged one's own; undefined where that is not above zero. */
  readonly kept: number | undefined
}

/** The one parameter in which they differ. */
const onlyDifference = (a: PlacedTrial, b: PlacedTrial): string | undefined => {
  if (a.family !== b.family) return undefined
  const names = new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)])
  const differing = [...names].filter((name) => a.parameters[name] !== b.parameters[name])
  return differing.length === 1 ? differing[0] : undefined
}

/** Undefined where none of the trials is next to it. */
export const neighboursOf = (trials: ReadonlyArray<PlacedTrial>, judged: number): Neighbours | undefined => {
  const own = trials[judged]
  if (own === undefined) return undefined
  const next = new Map<string, { readonly trial: number; readonly step: number }>()
  for (const [trial, other] of trials.entries()) {
    if (trial === judged) continue
    const name = onlyDifference(own, other)
    if (name === undefined) continue
    const [here, there] = [own.parameters[name], other.parameters[name]]
    const isOrdered = typeof here === "number" && typeof there === "number"
    const step = isOrdered ? Math.abs(there - here) : 0
    const side = isOrdered ? `${name} ${there > here ? "up" : "down"}` : `${name} ${String(there)}`
    const known = next.get(side)
    if (known === undefined || step < known.step) next.set(side, { trial, step })
  }
  const found = [...next.values()].map(({ trial }) => trial).toSorted((a, b) => a - b)
  const sharpes = found.map((trial) => trials[trial]?.sharpe ?? 0)
  if (sharpes.length === 0) return undefined
  const mean = sharpes.reduce((sum, sharpe) => sum + sharpe, 0) / sharpes.length
  return {
    trials: found,
    mean,
    least: sharpes.reduce((least, sharpe) => Math.min(least, sharpe)),
    deviation: Math.sqrt(sampleVariance(Float64Array.of(own.sharpe, ...sharpes))),
    kept: own.sharpe > 0 ? mean / own.sharpe : undefined
  }
}

/** Parameters of the judged trial's code that were tried at more than one value. */
export const freeParameters = (trials: ReadonlyArray<PlacedTrial>, judged: number): number => {
  const own = trials[judged]
  if (own === undefined) return 0
  const family = trials.filter((trial) => trial.family === own.family)
  return Object.keys(own.parameters).filter(
    (name) => new Set(family.map(({ parameters }) => parameters[name])).size > 1
  ).length
}
