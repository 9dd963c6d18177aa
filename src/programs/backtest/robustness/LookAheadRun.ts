/**
 * The look-ahead detector on a prepared backtest: its strategy on the event
 * engine, its signal rule where it has one, and whether a longer warm-up changes
 * what they want. Everything is played in this thread, a play at a time; how far
 * it has come is kept as it goes.
 */
import { Clock, Effect, Ref, Result, Schema } from "effect"
import type { TapeColumns, Tape } from "../../../backtest/engine/Tape.ts"
import {
  detect,
  type Detected,
  type DetectOptions,
  type DetectProgress,
  type Looked
} from "../../../backtest/robustness/lookahead/Detect.ts"
import {
  engineSubject,
  type EngineSubjectOptions
} from "../../../backtest/robustness/lookahead/EngineSubject.ts"
import { ruleSubject } from "../../../backtest/robustness/lookahead/RuleSubject.ts"
import type { Subject } from "../../../backtest/robustness/lookahead/Stamped.ts"
import {
  checkWarmUp,
  type WarmUpChecked,
  type WarmUpSubject
} from "../../../backtest/robustness/lookahead/WarmUpCheck.ts"
import { engineWarmUp, ruleWarmUp } from "../../../backtest/robustness/lookahead/WarmUpSubjects.ts"
import { LEAST_CUTS } from "../../../backtest/robustness/promotion/Promotion.ts"
import { warmUpOf } from "../BacktestTape.ts"
import type { PreparedBacktest } from "../PrepareBacktest.ts"
import { makeBreakable } from "./Breakable.ts"
import type { LookedAt } from "./LookAheadFile.ts"
import type { Unfinished } from "./Unfinished.ts"

/** What cannot be played again with another future. */
export class CannotPerturb extends Schema.TaggedError<CannotPerturb>()("CannotPerturb", {
  algorithm: Schema.String,
  message: Schema.String
}) {}

/** Cuts unless it is said how many: those that a promotion takes. */
export const USUAL_CUTS = LEAST_CUTS
/** A rule is one pass over the closes: it is cut so many times as often. */
const RULE_CUTS = 10

export interface LookAhead {
  readonly prepared: PreparedBacktest
  readonly options: DetectOptions
  /** The event engine's, then the signal rule's. */
  readonly detected: ReadonlyArray<Detected>
  readonly warmUps: ReadonlyArray<WarmUpChecked>
  /** Not all cuts were looked at, or not all checks made. */
  readonly isPartial: boolean
}

export interface LookAheadHooks {
  readonly unfinished: Unfinished<LookedAt>
  readonly onProgress: (progress: DetectProgress, elapsedMillis: number) => void
  /** What there is when it is interrupted. */
  readonly onPartial: (partial: LookAhead) => Effect.Effect<void>
}

/** The plays of one cut together may take so long. */
const LONGEST_STEP_MILLIS = 600_000

/** Made anew for every play: what one remembers is nothing to the next. */
const optionsOf = ({ algorithm, file, strategy, tape }: PreparedBacktest): EngineSubjectOptions => {
  const { cash, models, profile, resumePolicy, seed } = file.inputs
  const strategyOf = () => Result.getOrElse(algorithm.definition.bind(strategy.parameters), () => strategy)
  return { tape, strategyOf, cash, profile, resumePolicy, seed, models }
}

/** Its options market is made from the price source itself, which no change of the tape reaches. */
const checkPerturbable = ({ algorithm, strategy }: PreparedBacktest): Effect.Effect<void, CannotPerturb> =>
  strategy.options === undefined
    ? Effect.void
    : Effect.fail(
        new CannotPerturb({
          algorithm: algorithm.definition.name,
          message: `${algorithm.definition.name} trades options: their chains and quotes come from the price source itself, not from the bars that are played, so their future cannot be changed. Whether it looks ahead cannot be told by replaying it`
        })
      )

const onBars = ({ algorithm, strategy, tape }: PreparedBacktest): Subject<TapeColumns> | undefined => {
  const { signal } = algorithm.definition
  const [track, ...others] = tape.tracks
  return signal === undefined || track === undefined || others.length > 0 || tape.resolution !== "1d"
    ? undefined
    : ruleSubject(signal, strategy.parameters, track)
}

const warmUpSubjects = (prepared: PreparedBacktest): ReadonlyArray<WarmUpSubject> => {
  const { algorithm, strategy, tape } = prepared
  const declared = warmUpOf(strategy)
  const { signal } = algorithm.definition
  return [
    engineWarmUp(optionsOf(prepared), declared),
    ...(signal === undefined || onBars(prepared) === undefined
      ? []
      : [ruleWarmUp(signal, strategy.parameters, { declared, tape })])
  ]
}

interface Known {
  readonly detected: ReadonlyArray<Detected>
  /** Of each subject that was begun, how far it was looked at. */
  readonly looked: ReadonlyMap<string, () => Looked>
  /** Of the subject in hand. */
  readonly now: (() => Detected) | undefined
  readonly warmUps: ReadonlyArray<WarmUpChecked>
}

const lookedAt = ({ detected, now }: Known): ReadonlyArray<Detected> =>
  now === undefined ? detected : [...detected, now()]

/** Plays it as often as it takes; interrupted, it hands over what it has found. */
export const lookAhead = Effect.fn("lookAhead")(function* (
  prepared: PreparedBacktest,
  options: DetectOptions,
  { onPartial, onProgress, unfinished }: LookAheadHooks
) {
  yield* checkPerturbable(prepared)
  const begun = yield* Clock.currentTimeMillis
  const known = yield* Ref.make<Known>({
    detected: [],
    looked: new Map(),
    now: undefined,
    warmUps: []
  })
  const resultOf = (from: Known, isPartial: boolean): LookAhead => ({
    prepared,
    options,
    detected: lookedAt(from),
    warmUps: from.warmUps,
    isPartial
  })

  const from: LookedAt = unfinished.from ?? new Map()
  const breakable = makeBreakable(LONGEST_STEP_MILLIS)

  const run = Effect.fnUntraced(function* <D>(subject: Subject<D>, cuts: number) {
    const steps = detect(subject, { ...options, cuts }, from.get(subject.name))
    for (;;) {
      const step = yield* breakable(() => steps.next())
      if (step.done === true) {
        const value = yield* Effect.fromResult(step.value)
        yield* Ref.update(known, (one) => ({ ...one, detected: [...one.detected, value], now: undefined }))
        return
      }
      const { looked, soFar } = step.value
      const { looked: all } = yield* Ref.updateAndGet(known, (one) => ({
        ...one,
        now: soFar,
        looked: new Map([...one.looked, [subject.name, looked]])
      }))
      onProgress(step.value, (yield* Clock.currentTimeMillis) - begun)
      yield* unfinished.reached(
        () => new Map([...from, ...[...all].map(([name, one]) => [name, one()] as const)])
      )
      // Signals of the system are heard between two turns of the event loop.
      yield* Effect.sleep(0)
    }
  })

  return yield* Effect.gen(function* () {
    yield* run<Tape>(engineSubject(optionsOf(prepared)), options.cuts)
    const rule = onBars(prepared)
    if (rule !== undefined) yield* run(rule, options.cuts * RULE_CUTS)
    for (const subject of warmUpSubjects(prepared)) {
      const checked = yield* breakable(() => checkWarmUp(subject))
      yield* Ref.update(known, (one) => ({ ...one, warmUps: [...one.warmUps, checked] }))
      yield* Effect.sleep(0)
    }
    return resultOf(yield* Ref.get(known), false)
  }).pipe(Effect.onInterrupt(() => Effect.flatMap(Ref.get(known), (one) => onPartial(resultOf(one, true)))))
})

export const leaked = ({ detected }: LookAhead): number =>
  detected.reduce((sum, { changed }) => sum + changed, 0)

/** The command that gives it again, from "backtest" on; its seed is the backtest's. */
export const lookAheadCommand = ({
  options: { cuts },
  prepared
}: Pick<LookAhead, "options" | "prepared">): string =>
  `${prepared.file.command.replace(/^backtest run/u, "backtest lookahead")}${cuts === USUAL_CUTS ? "" : ` --cuts ${cuts}`}`
