/** `run_backtest`. */
import { Effect, Option, Schema } from "effect"
import type { BacktestProgress } from "../../../backtest/engine/PlayBacktest.ts"
import { BacktestStore } from "../../../backtest/BacktestStore.ts"
import { toFloat } from "../../../domain/Money.ts"
import { findAlgorithm, type LeanAlgorithm } from "../../backtest/Algorithms.ts"
import { runLeanBacktest } from "../../backtest/ImportLean.ts"
import type { LeanProgress } from "../../backtest/LeanLog.ts"
import { prepareBacktest, type PreparedBacktest } from "../../backtest/PrepareBacktest.ts"
import { runBacktest as runPrepared } from "../../backtest/RunBacktest.ts"
import { RunRefused } from "../../RunSetup.ts"
import { cursorSteps } from "../kit/NextSteps.ts"
import { type Call, tool } from "../kit/Tool.ts"
import { type Asked, askedBacktest, askedFields, placeOf, typedOf } from "./Asked.ts"
import { type Backtests, inTurn, servicesOf } from "./Backtests.ts"
import { finishedOf, foundSteps } from "./Found.ts"
import { Results, resultsOf, resultsText } from "./Results.ts"
import { playSteps, runSteps } from "./RunSteps.ts"

/** A call hears of its progress so many times. */
const PROGRESS_STEPS = 100
/** Of a LEAN run, in such parts. */
const LEAN_STEPS = 1000
/** What a backtest may take unless it is said, and at most. */
const USUAL_SECONDS = 600
const MAX_SECONDS = 3600

const sections = ["summary", "curve"] as const

/** Tells the client now and then. */
const progressTo = (call: Call) => {
  let told = 0
  return ({ date, equity, session, sessions }: BacktestProgress) => {
    const step = Math.max(1, Math.floor(sessions / PROGRESS_STEPS))
    if (session - told < step && session !== sessions) return Effect.void
    told = session
    return call.progress(session, sessions, `${date}: equity ${toFloat(equity).toFixed(2)}`)
  }
}

const answered = Effect.fnUntraced(function* (
  backtests: Backtests,
  result: Parameters<typeof finishedOf>[0],
  more: { readonly reused: boolean; readonly notes: ReadonlyArray<string> }
) {
  const finished = yield* finishedOf(result)
  return yield* resultsOf(backtests, finished, { sections, limit: 1, cursor: undefined }, more)
})

/** The stored result of these inputs, where there is a finished one. */
const stored = (id: string) =>
  Effect.flatMap(BacktestStore, (store) => store.get(id)).pipe(
    Effect.map((result) =>
      result.id === id && result.outcome._tag === "Finished" ? Option.some(result) : Option.none()
    ),
    Effect.catchTag(["BacktestNotFound", "BacktestDamaged"], () => Effect.succeedNone)
  )

/** Where the same backtest was stopped, to go on from there. */
const stopped = (id: string) =>
  Effect.flatMap(BacktestStore, (store) => store.checkpoint(id)).pipe(
    Effect.map((checkpoint) => (checkpoint.id === id ? { resume: checkpoint } : {})),
    Effect.catchTag(["BacktestNotFound", "BacktestDamaged"], () => Effect.succeed({}))
  )

const playOwn = Effect.fnUntraced(function* (
  backtests: Backtests,
  prepared: PreparedBacktest,
  { call, reuse, seconds }: { readonly call: Call; readonly reuse: boolean; readonly seconds: number }
) {
  const { id, notes } = prepared
  if (reuse) {
    const known = yield* stored(id)
    if (Option.isSome(known)) return yield* answered(backtests, known.value, { reused: true, notes })
  }
  const work = Effect.gen(function* () {
    const from = reuse ? yield* stopped(id) : {}
    return yield* runPrepared(prepared, {
      ...from,
      timeLimitMillis: seconds * 1000,
      onProgress: progressTo(call)
    })
  })
  const result = yield* inTurn(backtests, id, work)
  return yield* answered(backtests, result, { reused: false, notes })
})

/** What a LEAN project says in its own code. */
const leanSays = [
  "symbols",
  "cash",
  "profile",
  "costs",
  "borrowBasisPoints",
  "margin",
  "marginRateBasisPoints"
] as const

const playLean = Effect.fnUntraced(function* (
  backtests: Backtests,
  algorithm: LeanAlgorithm,
  asked: Asked,
  { call, seconds }: { readonly call: Call; readonly seconds: number }
) {
  const given = leanSays.filter((name) => asked[name] !== undefined)
  if (given.length > 0) {
    return yield* new RunRefused({
      message: `${algorithm.name} is a LEAN project, and its own code says what it is tested on: leave everything but parameters out`
    })
  }
  const parameters = yield* typedOf(asked.parameters ?? [])
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const onProgress = ({ date, phase, ratio }: LeanProgress): void => {
    fork(call.progress(Math.round((ratio ?? 0) * LEAN_STEPS), LEAN_STEPS, `LEAN: ${date ?? phase}`))
  }
  const work = runLeanBacktest(algorithm, parameters, { timeLimitMillis: seconds * 1000, onProgress })
  const { notes, result } = yield* inTurn(backtests, algorithm.name, work)
  const { from, to } = result.inputs.data
  const isOther = (asked.startDate ?? from) !== from || (asked.endDate ?? to) !== to
  return yield* answered(backtests, result, {
    reused: false,
    notes: [...(isOther ? [`the project's code says which dates it plays: ${from} to ${to}`] : []), ...notes]
  })
})

export const runBacktest = (backtests: Backtests) =>
  tool({
    name: "run_backtest",
    title: "Run a backtest",
    description:
      "Plays an algorithm (built-in, or of algorithms/; a LEAN project by LEAN, which takes only parameters) on the desk's market history under the risk rules, apart from the desk's books. parameters: \"fast=10\". profile: limits; single-index for one index, else desk, by default. costs: paper by default. The same inputs give the same id and result; reuse gives the stored one, or goes on where a canceled one stopped.",
    annotations: { readOnly: false, idempotent: true },
    input: Schema.Struct({
      ...askedFields,
      timeLimitSeconds: Schema.optionalKey(
        Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_SECONDS })))
      )
    }),
    output: Results,
    next: { ...playSteps, ...runSteps, ...foundSteps, ...cursorSteps },
    handle: ({ timeLimitSeconds: seconds = USUAL_SECONDS, ...asked }, call) =>
      Effect.gen(function* () {
        const folder = backtests.folder()
        const algorithm = yield* findAlgorithm(asked.algorithm, folder.project)
        if (algorithm._tag === "Lean") return yield* playLean(backtests, algorithm, asked, { call, seconds })
        const prepared = yield* prepareBacktest(yield* askedBacktest(asked, folder), placeOf(folder))
        return yield* playOwn(backtests, prepared, { call, seconds, reuse: asked.reuse === true })
      }).pipe(Effect.provide(servicesOf(backtests))),
    text: resultsText
  })
