/** Puts a text into every place of a backtest's result that takes one. */
import type { FinishedBacktest } from "../../../src/backtest/BacktestResult.ts"

/** The same result with each free text replaced: by `text`, or by what it makes of the place's name. */
export const withTexts = (
  result: FinishedBacktest,
  text: string | ((field: string) => string)
): FinishedBacktest => {
  const as = (field: string): string => (typeof text === "string" ? text : text(field))
  const { content } = result.outcome
  const { inputs } = result
  return {
    ...result,
    id: as("id"),
    command: as("command"),
    inputs: {
      ...inputs,
      engine: { ...inputs.engine, version: as("engine-version") },
      algorithm: {
        ...inputs.algorithm,
        name: as("name"),
        codeHash: as("code-hash"),
        parameters: { [as("parameter")]: as("value"), plain: 1 }
      },
      data: {
        ...inputs.data,
        source: as("source"),
        symbols: [as("symbol"), "SPY"],
        dataset: as("dataset"),
        dataHash: as("data-hash")
      },
      profile: { ...inputs.profile, name: as("profile-name"), label: as("profile-label") }
    },
    outcome: {
      _tag: "Finished",
      hash: as("result-hash"),
      content: {
        ...content,
        orders: content.orders.map((order, i) => ({
          ...order,
          rule: as(`rule-${i}`),
          reason: as(`reason-${i}`)
        })),
        denials: [{ rule: as("denial-rule"), count: 3, example: as("denial-example") }],
        states: content.states.map((state, i) => ({
          ...state,
          reason: state.cause === "session-open" ? state.reason : as(`state-${i}`)
        })),
        options: content.options.map((option, i) => ({
          ...option,
          symbol: as(`option-${i}`),
          note: as(`note-${i}`)
        })),
        statistics: {
          ...content.statistics,
          lean: { "Sharpe Ratio": as("lean-value"), [as("lean-name")]: "1" },
          trade: { tradeFigure: as("trade-value") }
        },
        reported: { "Sharpe Ratio": as("reported-value"), [as("reported-name")]: "2" }
      }
    }
  }
}
