/** Whose returns a method looks at: a stored backtest's, or those of a file. */
import { Effect, Option, Result } from "effect"
import type { BacktestContent, FinishedBacktest } from "../../../backtest/BacktestResult.ts"
import { BacktestStore } from "../../../backtest/BacktestStore.ts"
import { checkReturns, type ReturnSeries } from "../../../backtest/robustness/ReturnSeries.ts"
import { BadRequest } from "../../../backtest/robustness/RobustnessError.ts"
import { returnsOf } from "../KeepBacktest.ts"
import { returnsOfFile } from "./ReturnsFile.ts"

export interface AskedReturns {
  /** A backtest's id, the beginning of one, or "latest". */
  readonly backtest: Option.Option<string>
  readonly file: Option.Option<string>
  /** Name of a column, where a file has several. */
  readonly column: Option.Option<string>
}

export interface FoundReturns {
  readonly series: ReturnSeries
  /** Where they are a backtest's. */
  readonly backtest: { readonly result: FinishedBacktest; readonly content: BacktestContent } | undefined
}

const MAX_NAMES = 12

const ofFile = Effect.fnUntraced(function* (file: string, column: Option.Option<string>, folder: string) {
  const all = yield* returnsOfFile(file, folder)
  const names = all.map(({ name }) => `"${name}"`)
  const listed = `${names.slice(0, MAX_NAMES).join(", ")}${names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ""}`
  const series = Option.match(column, {
    onNone: () => (all.length === 1 ? all[0] : undefined),
    onSome: (name) => all.find((one) => one.name === name)
  })
  if (series !== undefined) {
    const found: FoundReturns = { series, backtest: undefined }
    return found
  }
  return yield* new BadRequest({
    message: Option.match(column, {
      onNone: () => `${file} has ${all.length} columns of returns: choose one with --column, of ${listed}`,
      onSome: (name) => `${file} has no column "${name}" of returns: it has ${listed}`
    })
  })
})

const ofBacktest = Effect.fnUntraced(function* (name: string) {
  const store = yield* BacktestStore
  const result = yield* store.get(name)
  const { inputs, outcome } = result
  if (outcome._tag === "Failed") {
    return yield* new BadRequest({
      message: `backtest ${result.id} failed (${outcome.failure.message}): it has no returns`
    })
  }
  const { content } = outcome
  const series = yield* Effect.fromResult(
    Result.mapError(
      checkReturns({
        name: result.id,
        returns: returnsOf(content.equity, inputs.cash),
        dates: content.dates
      }),
      ({ message }) => new BadRequest({ message })
    )
  )
  const found: FoundReturns = { series, backtest: { result: { ...result, outcome }, content } }
  return found
})

/** The returns that were asked for; relative paths are relative to `folder`. */
export const foundReturns = Effect.fn("foundReturns")(function* (asked: AskedReturns, folder: string) {
  const { backtest, column, file } = asked
  if (Option.isSome(backtest) && Option.isSome(file)) {
    return yield* new BadRequest({
      message: "a backtest and a file of returns were given: leave one of them out"
    })
  }
  if (Option.isSome(file)) return yield* ofFile(file.value, column, folder)
  if (Option.isSome(column)) {
    return yield* new BadRequest({
      message: "a column is of a file of returns: name the file with --returns"
    })
  }
  if (Option.isSome(backtest)) return yield* ofBacktest(backtest.value)
  return yield* new BadRequest({
    message: "name a backtest (its id, or latest), or a file of returns with --returns FILE"
  })
})
