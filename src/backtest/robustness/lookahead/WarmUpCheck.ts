/**
 * The recursive-indicator check: the same sessions with the declared warm-up
 * and with longer ones. A value that is made of the one before it (an
 * exponential mean, a cumulative sum) hangs on where it began; a strategy whose
 * decisions change with the warm-up has declared too little of it, or has
 * indicators that never settle.
 */
import type { Difference } from "./Findings.ts"
import { differences } from "./Findings.ts"
import type { Outcome } from "./Stamped.ts"

export interface WarmUpSubject {
  readonly name: string
  /** Bars. */
  readonly declared: number
  /** Bars there are before the first session that is compared. */
  readonly available: number
  readonly play: (warmUp: number) => Outcome
}

export interface WarmUpStep {
  readonly warmUp: number
  /** Decisions that differ from those with the longest one. */
  readonly changed: number
  /** The first of them. */
  readonly first:
    | { readonly bar: number; readonly date: string; readonly before: string; readonly after: string }
    | undefined
}

export interface WarmUpChecked {
  readonly subject: string
  readonly declared: number
  readonly longest: number
  /** Shortest first, without the longest. Empty where there is nothing longer to compare with. */
  readonly steps: ReadonlyArray<WarmUpStep>
  /** Shortest from which on nothing changes; null where the longest but one still differs, or none was compared. */
  readonly recommended: number | null
}

/** Bars of the first step of a strategy that declares none. */
const LEAST_WARM_UP = 20

/** Declared, twice that, four times, …, and as much as there is. */
export const warmUpsOf = (declared: number, available: number): ReadonlyArray<number> => {
  if (available <= declared) return [declared]
  const all = [declared]
  for (let next = declared === 0 ? LEAST_WARM_UP : 2 * declared; next < available; next *= 2) all.push(next)
  return [...all, available]
}

const gistOf = ({ gist }: { readonly gist: string }): string => gist

const firstOf = ([found]: ReadonlyArray<Difference>): WarmUpStep["first"] =>
  found && { bar: found.one.bar, date: found.one.date, before: found.before, after: found.after }

/** What was wanted is compared, not how much of it: a size changes with all that was earned before. */
const wanted = ({ done }: Outcome): Outcome["done"] =>
  done.filter(({ kind }) => kind === "order" || kind === "signal").map((one) => ({ ...one, order: "" }))

export const checkWarmUp = ({ available, declared, name, play }: WarmUpSubject): WarmUpChecked => {
  const lengths = warmUpsOf(declared, available)
  const longest = lengths.at(-1) ?? declared
  if (lengths.length === 1) {
    return { subject: name, declared, longest, steps: [], recommended: null }
  }
  const most = wanted(play(longest))
  const steps = lengths.slice(0, -1).map((warmUp): WarmUpStep => {
    const changed = differences(wanted(play(warmUp)), most, Infinity, gistOf)
    return { warmUp, changed: changed.length, first: firstOf(changed) }
  })
  const last = steps.findLastIndex(({ changed }) => changed > 0)
  return { subject: name, declared, longest, steps, recommended: steps[last + 1]?.warmUp ?? null }
}
