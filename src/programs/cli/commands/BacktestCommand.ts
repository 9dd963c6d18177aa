/** `plimsoll backtest …`. */
import { Command } from "effect/cli"
import { documented } from "../CommandKit.ts"
import { compareBacktestsCommand } from "./backtest/CompareBacktestsCommand.ts"
import { importBacktestCommand } from "./backtest/ImportBacktestCommand.ts"
import { listBacktestsCommand, removeBacktestCommand } from "./backtest/ListBacktestsCommand.ts"
import { lookaheadCommand } from "./backtest/LookaheadCommand.ts"
import { monteCarloCommand } from "./backtest/MonteCarloCommand.ts"
import { overfitCommand } from "./backtest/OverfitCommand.ts"
import { promoteCommand } from "./backtest/PromoteCommand.ts"
import { regimesCommand } from "./backtest/RegimesCommand.ts"
import { runBacktestCommand } from "./backtest/RunBacktestCommand.ts"
import { sensitivityCommand } from "./backtest/SensitivityCommand.ts"
import { showBacktestCommand } from "./backtest/ShowBacktestCommand.ts"
import { walkForwardCommand } from "./backtest/WalkForwardCommand.ts"

export const backtestCommand = Command.make("backtest").pipe(
  documented(
    "Test strategies on history: by this program's engine, with the desk's rules and books, or by LEAN.",
    ["backtest run sma-cross", "a first one"],
    ["backtest list", "all there are"],
    ["backtest show latest --trades", "the trades of the last one"],
    ["backtest compare sma-cross-3f9 sma-cross-81c", "two side by side"],
    ["backtest sensitivity sma-cross --grid fast=5,8,10 --grid slow=50,60", "how much is chance"]
  ),
  Command.withSubcommands([
    runBacktestCommand,
    listBacktestsCommand,
    showBacktestCommand,
    compareBacktestsCommand,
    sensitivityCommand,
    walkForwardCommand,
    monteCarloCommand,
    regimesCommand,
    overfitCommand,
    lookaheadCommand,
    promoteCommand,
    importBacktestCommand,
    removeBacktestCommand
  ])
)
