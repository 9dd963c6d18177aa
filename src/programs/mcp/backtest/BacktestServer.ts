/** The server of backtests: built-in strategies on the session engine, each run in a book of its own. */
import { Semaphore } from "effect"
import { surroundings } from "../../cli/Surroundings.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import type { ServerDefinition } from "../kit/McpServer.ts"
import { compareBacktests } from "./CompareTool.ts"
import { listBacktests } from "./ListTool.ts"
import { getBacktestResults } from "./ResultsTool.ts"
import { type Backtests, runBacktest } from "./RunTool.ts"

/** The server whose runs are in the folder of a desk. */
export const backtestServerIn = (folder: () => DeskFolder): ServerDefinition => {
  const backtests: Backtests = { folder, turn: Semaphore.makeUnsafe(1), running: new Set(), waiting: 0 }
  return {
    name: "backtest",
    title: "Plimsoll backtests",
    instructions:
      "Backtests of built-in strategies under the desk's own risk rules. run_backtest plays one and answers with its results; they stay, for get_backtest_results and compare_backtests. Results are of the past, on a profile of limits that they name.",
    tools: [
      runBacktest(backtests),
      getBacktestResults(backtests),
      compareBacktests(backtests),
      listBacktests(backtests)
    ],
    resources: []
  }
}

export const backtestServer: ServerDefinition = backtestServerIn(() => surroundings().folder)
