/** How a stored backtest is told, by whichever command: its files, the count of trials, what to type next. */
import { existsSync } from "node:fs"
import { Effect, Option } from "effect"
import type { BacktestResult, FinishedBacktest } from "../../../../backtest/BacktestResult.ts"
import { BacktestStore } from "../../../../backtest/BacktestStore.ts"
import { trialCounts } from "../../../backtest/BacktestServices.ts"
import { pageOf } from "../../../backtest/KeepBacktest.ts"
import type { DeskFolder } from "../../../DeskFolder.ts"
import { answer, style } from "../../CommandKit.ts"
import { badUsage } from "../../Failures.ts"
import { invocation } from "../../Invocation.ts"
import { writeWhole } from "../../OutputFile.ts"
import { backtestJson } from "./BacktestJson.ts"
import { resultLines } from "./BacktestText.ts"

/** A finished one; of one that failed there is no page and nothing to compare. */
export const finishedOf = (result: BacktestResult) => {
  const { id, outcome } = result
  return outcome._tag === "Finished"
    ? Effect.succeed<FinishedBacktest>({ ...result, outcome })
    : Effect.fail(badUsage(`${id} failed and has no figures: ${outcome.failure.message}`))
}

/** The page is written anew, beside the result, or into the file that was named; where it is then. */
export const writePage = Effect.fnUntraced(function* (
  result: BacktestResult,
  html: Option.Option<string>,
  folder: DeskFolder
) {
  const store = yield* BacktestStore
  const { tearSheet } = store.folderOf(result.id)
  if (Option.isNone(html)) return existsSync(tearSheet) ? tearSheet : undefined
  const page = yield* Effect.flatMap(finishedOf(result), pageOf)
  if (html.value === "") {
    yield* store.putTearSheet(result.id, page)
    return tearSheet
  }
  yield* writeWhole(html.value, page, folder)
  return html.value
})

const nextSteps = ({ id, inputs }: BacktestResult) => {
  const name = invocation()
  return [
    { command: `${name} backtest show ${id} --trades`, purpose: "its trades; --orders, --denied, --json" },
    ...(inputs.engine.name === "lean"
      ? []
      : [
          {
            command: `${name} backtest sensitivity ${inputs.algorithm.name} --help`,
            purpose: "how much of it is chance"
          }
        ])
  ]
}

/** Prints it: figures for people, or JSON with where its files are. */
export const tell = Effect.fnUntraced(function* (
  result: BacktestResult,
  options: {
    readonly json: boolean
    readonly tearSheet: string | undefined
    readonly folder: DeskFolder
  }
) {
  const { folder, json, tearSheet } = options
  const store = yield* BacktestStore
  const files = store.folderOf(result.id)
  const path = result.outcome._tag === "Finished" ? files.result : files.failure
  const counts = yield* trialCounts(folder)
  const counted = counts.find(({ dataset }) => dataset === result.inputs.data.dataset)
  const where = { result: path, tearSheet, trials: counted?.trials, next: nextSteps(result) }
  yield* answer(
    json,
    {
      ...backtestJson(result, { result: path, tearSheet: tearSheet ?? null }),
      trials: counted?.trials ?? null
    },
    resultLines(result, where, style())
  )
})
