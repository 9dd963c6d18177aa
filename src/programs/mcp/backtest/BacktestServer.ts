/** The server of backtests: strategies on this program's own engine, LEAN projects by LEAN; what was run stays. */
import { surroundings } from "../../cli/Surroundings.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import type { ServerDefinition } from "../kit/McpServer.ts"
import { makeBacktests } from "./Backtests.ts"
import { compareBacktests } from "./CompareTool.ts"
import { listBacktests } from "./ListTool.ts"
import { runMonteCarloTool } from "./MonteCarloTool.ts"
import { getBacktestResults } from "./ResultsTool.ts"
import { runBacktest } from "./RunTool.ts"
import { runSensitivity } from "./SensitivityTool.ts"
import { runWalkForwardTool } from "./WalkForwardTool.ts"

/** The server whose backtests are in the folder of a desk. */
export const backtestServerIn = (folder: () => DeskFolder): ServerDefinition => {
  const backtests = makeBacktests(folder)
  return {
    name: "backtest",
    title: "Plimsoll backtests",
    instructions:
      "Backtests of strategies under the desk's own risk rules, and of LEAN projects. run_backtest plays one and answers with its results; they stay, for get_backtest_results and compare_backtests. run_sensitivity plays a grid of parameters, run_walk_forward chooses on one stretch and tries on the next, run_monte_carlo resamples a backtest's returns. Every one is counted as a trial of its data: the more were tried, the less the best is worth. Results are of the past, under a profile of limits that they name; those under research limits are not promotable.",
    tools: [
      runBacktest(backtests),
      getBacktestResults(backtests),
      compareBacktests(backtests),
      listBacktests(backtests),
      runSensitivity(backtests),
      runWalkForwardTool(backtests),
      runMonteCarloTool(backtests)
    ],
    resources: []
  }
}

export const backtestServer: ServerDefinition = backtestServerIn(() => surroundings().folder)
