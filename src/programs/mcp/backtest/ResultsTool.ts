/** `get_backtest_results`. */
import { Effect, Schema } from "effect"
import { tool } from "../kit/Tool.ts"
import { onPlatform } from "./Platform.ts"
import { Results, resultsOf, resultsText } from "./Results.ts"
import { type Backtests, runsOf } from "./RunTool.ts"
import { finished } from "./Shelf.ts"

export const AskedId = Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64)))

/** What to do when a run cannot be read. */
export const shelfSteps = {
  BacktestUnknown: "use an id that list_backtests gives.",
  BacktestUnfinished: "wait for it, or resume it, or run it again.",
  BacktestDamaged: "run it again; the damaged run's folder is left as it is.",
  PlatformError: "tell a person: the runs' folder cannot be read."
} as const

export const getBacktestResults = (backtests: Backtests) =>
  tool({
    name: "get_backtest_results",
    title: "Backtest results",
    description:
      "Statistics, drawdown, denials by rule, breaker trips and at most 60 points of the equity curve of a finished run, told from its journal.",
    annotations: { readOnly: true },
    evenWithoutMarket: true,
    input: Schema.Struct({ backtestId: AskedId }),
    output: Results,
    next: shelfSteps,
    handle: ({ backtestId }) =>
      onPlatform(
        Effect.gen(function* () {
          const found = yield* finished(runsOf(backtests), backtestId, backtests.running.has(backtestId))
          return yield* resultsOf(found, false)
        })
      ),
    text: resultsText
  })
