/** A stored backtest by its id, or why there is none to tell of. */
import { Effect, Option, Schema } from "effect"
import type {
  BacktestContent,
  BacktestFailure,
  BacktestResult,
  FinishedBacktest
} from "../../../backtest/BacktestResult.ts"
import { BacktestStore } from "../../../backtest/BacktestStore.ts"
import { short } from "./Figures.ts"

/** The backtest did not come to its end; it is stored as failed. */
export class BacktestFailed extends Schema.TaggedError<BacktestFailed>()("BacktestFailed", {
  backtestId: Schema.String,
  /** What failed: "threw", "time-limit", "bad-data", "lean". */
  kind: Schema.String,
  /** Decision point on the exchange's clock, the bar's number from 1, and the last order before. */
  at: Schema.NullOr(Schema.String),
  bar: Schema.NullOr(Schema.Int),
  order: Schema.NullOr(Schema.String),
  stack: Schema.NullOr(Schema.String),
  message: Schema.String
}) {}

/** The backtest was begun and has no result yet. */
export class BacktestUnfinished extends Schema.TaggedError<BacktestUnfinished>()("BacktestUnfinished", {
  backtestId: Schema.String,
  message: Schema.String
}) {}

/** Characters of a stack, and of a failure's words. */
const MAX_STACK = 2000
const MAX_MESSAGE = 1500

export const failedBacktest = (id: string, failure: BacktestFailure): BacktestFailed => {
  const { at, bar, kind, message, order, stack } = failure
  const where = [
    ...(bar === undefined ? [] : [`at bar ${bar}`]),
    ...(at === undefined ? [] : [at]),
    ...(order === undefined ? [] : [`after order ${order}`])
  ].join(", ")
  return new BacktestFailed({
    backtestId: id,
    kind,
    at: at ?? null,
    bar: bar ?? null,
    order: order ?? null,
    stack: stack === undefined ? null : short(stack, MAX_STACK),
    message: `backtest ${id} failed (${kind})${where === "" ? "" : ` ${where}`}: ${short(message, MAX_MESSAGE)}`
  })
}

export interface Finished {
  readonly result: FinishedBacktest
  readonly content: BacktestContent
  readonly hash: string
}

/** A result that came to its end; else how it failed. */
export const finishedOf = (result: BacktestResult): Effect.Effect<Finished, BacktestFailed> => {
  const { outcome } = result
  if (outcome._tag === "Failed") return Effect.fail(failedBacktest(result.id, outcome.failure))
  const { content, hash } = outcome
  return Effect.succeed({ result: { ...result, outcome }, content, hash })
}

/** The result of that id, which may be the beginning of one, or "latest". */
export const found = Effect.fnUntraced(function* (id: string, running: ReadonlySet<string>) {
  const store = yield* BacktestStore
  const isRunning = (): boolean => running.has(id)
  const result = yield* store.get(id).pipe(
    Effect.catchTag("BacktestNotFound", (missing) =>
      Effect.gen(function* () {
        if (isRunning()) {
          return yield* new BacktestUnfinished({
            backtestId: id,
            message: `backtest ${id} is still running`
          })
        }
        const checkpoint = id === "latest" ? Option.none() : yield* Effect.option(store.checkpoint(id))
        if (Option.isNone(checkpoint)) return yield* missing
        const { done, of } = checkpoint.value
        return yield* new BacktestUnfinished({
          backtestId: checkpoint.value.id,
          message: `backtest ${checkpoint.value.id} was interrupted after ${done} of ${of} sessions`
        })
      })
    )
  )
  return yield* finishedOf(result)
})

/** What to do when a backtest cannot be told of. */
export const foundSteps = {
  BacktestNotFound: "use an id that list_backtests gives.",
  BacktestUnfinished:
    "wait for it, or run it again with the same arguments; a person can go on with it: `plimsoll backtest run --resume ID`.",
  BacktestDamaged: "run it again; the other backtests are as they were.",
  BacktestFailed: "read what it says: the algorithm, its parameters or the data have to change.",
  BacktestStoreFailed: "tell a person: the folder of the backtests cannot be read or written."
} as const
