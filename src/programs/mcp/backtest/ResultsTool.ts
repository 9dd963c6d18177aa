/** `get_backtest_results`. */
import { Effect, Schema } from "effect"
import { cursorSteps } from "../kit/NextSteps.ts"
import { tool } from "../kit/Tool.ts"
import { type Backtests, storeOf } from "./Backtests.ts"
import { found, foundSteps } from "./Found.ts"
import { Results, resultsOf, resultsText } from "./Results.ts"
import { MAX_ROWS, type SectionName, sectionNames, USUAL_ROWS } from "./Sections.ts"

export const AskedId = Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(64)))

const usualSections: ReadonlyArray<SectionName> = ["summary", "curve"]

export const getBacktestResults = (backtests: Backtests) =>
  tool({
    name: "get_backtest_results",
    title: "Backtest results",
    description:
      "A stored backtest: summary and equity curve (at most 60 points), or the sections asked for. Lists come in pages: ask for one list alone with its next_cursor.",
    annotations: { readOnly: true },
    evenWithoutMarket: true,
    input: Schema.Struct({
      backtestId: AskedId,
      sections: Schema.optionalKey(
        Schema.Array(Schema.Literals(sectionNames)).pipe(
          Schema.check(Schema.isMinLength(1), Schema.isMaxLength(sectionNames.length))
        )
      ),
      limit: Schema.optionalKey(
        Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: MAX_ROWS })))
      ),
      cursor: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200))))
    }),
    output: Results,
    next: { ...foundSteps, ...cursorSteps },
    handle: ({ backtestId, cursor, limit = USUAL_ROWS, sections = usualSections }) =>
      Effect.gen(function* () {
        const one = yield* found(backtestId, backtests.running)
        return yield* resultsOf(backtests, one, { sections, limit, cursor }, { reused: false, notes: [] })
      }).pipe(Effect.provide(storeOf(backtests))),
    text: resultsText
  })
