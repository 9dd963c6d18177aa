/**
 * The look-ahead detector: plays a subject again with the future changed after
 * each of many cuts. What it did at or before the cut may not have changed.
 *
 * A decision that changes knew the future: there is no other way for what comes
 * later to reach it. That none changes proves nothing about bars no cut was
 * near; cuts right after decisions are where a leak shows best.
 */
import { Result } from "effect"
import { BadRequest } from "../RobustnessError.ts"
import { cutsOf } from "./Cuts.ts"
import {
  comparable,
  differences,
  findingOf,
  insideBar,
  isSame,
  knownPriceFills,
  type LookAheadFinding,
  sameBarFills
} from "./Findings.ts"
import type { Subject } from "./Stamped.ts"

export interface Detected {
  readonly subject: string
  /** UTC microseconds; those that were looked at. */
  readonly cuts: ReadonlyArray<number>
  /** Cuts that were asked for: more than `cuts` after an interruption. */
  readonly planned: number
  readonly plays: number
  /** Plays that could not be compared: the strategy failed on the changed data. */
  readonly failedPlays: number
  /**
   * Plays that came out otherwise after their cut. Of none, the subject does not look at the prices it is given: it
   * always wants the same, or reads others elsewhere, and that nothing changed before a cut shows nothing.
   */
  readonly moved: number
  /** Orders, fills, denials or signals at or before the last cut. */
  readonly compared: number
  /** Of them those that are a finding. */
  readonly changed: number
  /** Oldest first, at most `KEPT_FINDINGS`. */
  readonly findings: ReadonlyArray<LookAheadFinding>
}

export interface DetectOptions {
  readonly cuts: number
  readonly seed: number
}

/** How far a subject was looked at: what it takes to go on from there. */
export interface Looked {
  /** Cuts; the next one is looked at next. */
  readonly cuts: number
  readonly plays: number
  readonly failedPlays: number
  readonly moved: number
  /** All of them, oldest first. */
  readonly findings: ReadonlyArray<LookAheadFinding>
}

/** Two plays on the data as they are come before the first cut. */
const nothingLooked: Looked = { cuts: 0, plays: 2, failedPlays: 0, moved: 0, findings: [] }

export interface DetectProgress {
  readonly subject: string
  /** Cuts looked at. */
  readonly done: number
  readonly of: number
  /** What there is so far. */
  readonly soFar: () => Detected
  readonly looked: () => Looked
}

/** Findings that are told; the others are counted. */
export const KEPT_FINDINGS = 200

/** Distinct findings: the first cut that shows one tells it. */
class Collected {
  readonly #all = new Map<string, LookAheadFinding>()

  add(findings: ReadonlyArray<LookAheadFinding>): void {
    for (const one of findings) {
      const key = `${one.kind}|${one.at}|${one.what}|${one.order}`
      if (!this.#all.has(key)) this.#all.set(key, one)
    }
  }

  get all(): ReadonlyArray<LookAheadFinding> {
    return [...this.#all.values()].toSorted((a, b) => a.at - b.at)
  }
}

/**
 * Steps between which others may run; a failure where the subject fails on the data as they are. `left` is of the same
 * subject and options.
 */
export function* detect<D>(
  subject: Subject<D>,
  options: DetectOptions,
  left = nothingLooked
): Generator<DetectProgress, Result.Result<Detected, BadRequest>> {
  const { data, kinds, name, perturb, play, times } = subject
  const end = times.at(-1) ?? 0
  const first = play(data, end)
  const { done: base, failure } = first
  if (failure !== undefined) {
    const message = `${name} cannot be looked at, it fails on the data as they are: ${failure.message}`
    return Result.fail(new BadRequest({ message }))
  }
  const again = play(data, end)
  const cuts = cutsOf(times, base, options.cuts)
  // Of a strategy that is not the same twice the cuts may be others: all of them are looked at then.
  const from = left.cuts <= cuts.length ? left : nothingLooked
  const found = new Collected()
  found.add(from.findings)
  found.add(differences(base, again.done, end).map((one) => findingOf("unrepeatable", one)))
  found.add(sameBarFills(base))
  let { cuts: done, failedPlays, moved, plays } = from
  const soFar = (): Detected => {
    const last = cuts[done - 1] ?? -Infinity
    const all = found.all
    return {
      subject: name,
      cuts: cuts.slice(0, done),
      planned: cuts.length,
      plays,
      failedPlays,
      moved,
      compared: base.reduce((sum, { at }) => sum + (at <= last ? 1 : 0), 0),
      changed: all.length,
      findings: all.slice(0, KEPT_FINDINGS)
    }
  }
  /** As it is now, whenever it is asked: a cut that is left in the middle is looked at again. */
  const here = (): (() => Looked) => {
    const counts = { cuts: done, plays, failedPlays, moved }
    return () => ({ ...counts, findings: found.all })
  }
  yield { subject: name, done, of: cuts.length, soFar, looked: here() }
  for (const cut of cuts.slice(done)) {
    // A market order from right before the cut fills in the bar after it.
    const until = times[Math.min(times.length - 1, times.indexOf(cut) + 2)] ?? cut
    for (const [i, kind] of kinds.entries()) {
      const other = play(perturb(data, { kind, cut, seed: options.seed + 101 * i }), until)
      plays += 1
      // Where there is no future, or none was come to, what was done in it is missing.
      if (kind !== "ended" && other.failure === undefined && !isSame(base, other.done, until)) moved += 1
      const upTo = comparable(other, cut)
      if (upTo === undefined) {
        failedPlays += 1
        continue
      }
      found.add(differences(base, other.done, upTo).map((one) => findingOf("future", one, { cut, kind })))
      found.add(knownPriceFills(base, other.done, { cut, kind }))
      const end = subject.modelledUntil?.(cut)
      if (end === undefined || kind === "volume" || other.failure !== undefined) continue
      const inside = insideBar(first, other, { from: cut, until: end })
      if (inside !== undefined) found.add([findingOf("inside-bar", inside, { cut, kind })])
    }
    done += 1
    yield { subject: name, done, of: cuts.length, soFar, looked: here() }
  }
  return Result.succeed(soFar())
}

/** Of the plays on changed data; a strategy that fails on more of them is not looked at where it matters. */
export const MOST_FAILED = 0.05

/**
 * Why nothing is told where nothing changed: it did nothing up to the last cut; it never came out otherwise, so that it
 * does not look at the prices it is given; or it failed on too many of the changed ones.
 */
export type Untold = "nothing-done" | "unmoved" | "failed"

export type Verdict = "clean" | "leak" | "untold"

export const untoldOf = ({ changed, compared, failedPlays, moved, plays }: Detected): Untold | undefined => {
  if (changed > 0) return undefined
  if (compared === 0) return "nothing-done"
  if (failedPlays > MOST_FAILED * (plays - 2)) return "failed"
  return plays > 2 && moved === 0 ? "unmoved" : undefined
}

export const verdictOf = (detected: Detected): Verdict =>
  detected.changed > 0 ? "leak" : untoldOf(detected) === undefined ? "clean" : "untold"
