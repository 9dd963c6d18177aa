/**
 * Which trials of a ledger are trials on one stretch of data, and their returns
 * over the sessions they have in common.
 *
 * Trials on the same data set whose dates overlap (or that hang together by others
 * that do) searched the same data. A trial's returns are of the sessions of its
 * dates; where there are more or fewer of them than the calendar has sessions, only
 * trials with the very same dates and as many returns can be laid beside it.
 * The same code with the same parameters on another part of the data is one trial:
 * of its windows the one that has most in common with the judged one's counts.
 */
import type { SessionDate } from "../../../domain/Timestamp.ts"
import { sessionsBetween } from "../../../market/TradingCalendar.ts"
import { coversDate } from "../../../market/TradingDays.ts"
import type { ParameterValue } from "../../../session/Parameters.ts"

/** What is needed of a trial of the ledger. */
export interface WindowedTrial {
  readonly id: string
  readonly from: SessionDate
  readonly to: SessionDate
  readonly algorithm: string
  readonly codeHash: string
  readonly profile: string
  readonly engine: string
  readonly parameters: { readonly [name: string]: ParameterValue }
  readonly returns: Float64Array
}

/** Of the judged trial's sessions the field has to keep at least this part. */
export const LEAST_COMMON = 0.5

export interface Field<T extends WindowedTrial> {
  /** The judged one first, then in the ledger's order; cut to the common sessions. */
  readonly trials: ReadonlyArray<{ readonly trial: T; readonly returns: Float64Array }>
  /** The common sessions, one a return; undefined where nobody knows. */
  readonly dates: ReadonlyArray<SessionDate> | undefined
  /** Trials on this data that could not be laid beside the judged one: too little in common. */
  readonly apart: number
  /** Trials left out, and why. */
  readonly notes: ReadonlyArray<string>
}

interface Span {
  readonly from: SessionDate
  readonly to: SessionDate
}

const overlaps = (a: Span, b: Span): boolean => a.from <= b.to && b.from <= a.to

/** Those whose dates hang together with the judged one's. */
const sameData = <T extends WindowedTrial>(trials: ReadonlyArray<T>, judged: T): ReadonlyArray<T> => {
  let span: Span = judged
  while (true) {
    const inside = trials.filter((trial) => overlaps(trial, span))
    const from = inside.reduce((least, trial) => (trial.from < least ? trial.from : least), span.from)
    const to = inside.reduce((most, trial) => (trial.to > most ? trial.to : most), span.to)
    if (from === span.from && to === span.to) return inside
    span = { from, to }
  }
}

const familyOf = ({ algorithm, codeHash, engine, parameters, profile }: WindowedTrial): string =>
  JSON.stringify([
    algorithm,
    codeHash,
    engine,
    profile,
    Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))
  ])

/** None where the calendar does not reach. */
const sessionsIn = ({ from, to }: Span): ReadonlyArray<SessionDate> =>
  coversDate(from) && coversDate(to) ? sessionsBetween(from, to).map(({ date }) => date) : []

const shared = (a: Span, b: Span): Span => ({
  from: a.from > b.from ? a.from : b.from,
  to: a.to < b.to ? a.to : b.to
})

const countIn = ({ from, to }: Span): number =>
  coversDate(from) && coversDate(to) ? sessionsBetween(from, to).length : 0

const daysIn = (a: Span, b: Span): number => (overlaps(a, b) ? countIn(shared(a, b)) : 0)

/** Of each family the trials on one window. */
const oneWindowEach = <T extends WindowedTrial>(
  trials: ReadonlyArray<T>,
  judged: T
): { readonly kept: ReadonlyArray<T>; readonly others: number } => {
  const best = new Map<string, { readonly trial: T; readonly days: number }>()
  const isBetter = (trial: T, days: number, known: { readonly trial: T; readonly days: number }): boolean =>
    trial.id === judged.id || (known.trial.id !== judged.id && days > known.days)
  for (const trial of trials) {
    const family = familyOf(trial)
    const days = daysIn(trial, judged)
    const known = best.get(family)
    if (known === undefined || isBetter(trial, days, known)) best.set(family, { trial, days })
  }
  const kept = trials.filter((trial) => {
    const chosen = best.get(familyOf(trial))?.trial
    return chosen !== undefined && chosen.from === trial.from && chosen.to === trial.to
  })
  return { kept, others: trials.length - kept.length }
}

const isWindow = (a: WindowedTrial, b: WindowedTrial): boolean =>
  a.from === b.from && a.to === b.to && a.returns.length === b.returns.length

/** Whether there is one return of each session of its dates. */
const isDated = (trial: WindowedTrial): boolean => countIn(trial) === trial.returns.length

/** Those that share enough with the judged one, and what all of them share. */
const laidOut = <T extends WindowedTrial>(trials: ReadonlyArray<T>, judged: T) => {
  const dated = isDated(judged)
  const least = Math.ceil(judged.returns.length * LEAST_COMMON)
  let common: Span = { from: judged.from, to: judged.to }
  const kept = new Set<T>([judged])
  const unknown = new Set<T>()
  const byDays = trials
    .map((trial) => ({ trial, days: daysIn(trial, judged) }))
    .toSorted((a, b) => b.days - a.days)
  for (const { trial } of byDays) {
    if (trial === judged) continue
    if (isWindow(trial, judged)) {
      kept.add(trial)
      continue
    }
    if (!dated || !isDated(trial)) {
      unknown.add(trial)
      continue
    }
    if (daysIn(trial, common) < least) continue
    common = shared(common, trial)
    kept.add(trial)
  }
  return { dated, common, kept, unknown }
}

const cut = (trial: WindowedTrial, common: Span, isWhole: boolean): Float64Array => {
  if (isWhole) return trial.returns
  const before = sessionsIn(trial).findIndex((date) => date >= common.from)
  return trial.returns.subarray(before, before + countIn(common))
}

const were = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${many}`

/** The trials that searched the data of the judged one, which has to be among them. */
export const fieldOf = <T extends WindowedTrial>(trials: ReadonlyArray<T>, judged: T): Field<T> => {
  const { kept: families, others } = oneWindowEach(sameData(trials, judged), judged)
  const { common, dated, kept, unknown } = laidOut(families, judged)
  const isWhole =
    common.from === judged.from &&
    common.to === judged.to &&
    [...kept].every((trial) => isWindow(trial, judged))
  const ordered = [judged, ...families.filter((trial) => trial !== judged && kept.has(trial))]
  const laid = ordered.map((trial) => ({ trial, returns: cut(trial, common, isWhole) }))
  const apart = families.length - kept.size - unknown.size
  return {
    trials: laid,
    dates: dated ? sessionsIn(common) : undefined,
    apart,
    notes: [
      ...(others > 0
        ? [
            `${were(others, "trial is", "trials are")} the same code and parameters on another part of the data: counted once`
          ]
        : []),
      ...(apart > 0
        ? [
            `${were(apart, "trial has", "trials have")} too few sessions in common with the judged one: counted, not compared`
          ]
        : []),
      ...(unknown.size > 0
        ? [
            `${were(unknown.size, "trial has", "trials have")} other dates, and not one return a session of the calendar: nobody knows which returns belong together, so they are left out`
          ]
        : [])
    ]
  }
}
