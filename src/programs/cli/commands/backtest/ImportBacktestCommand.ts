/** `plimsoll backtest import`: a result of LEAN among this program's own. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { backtestServices } from "../../../backtest/BacktestServices.ts"
import { importBacktest } from "../../../backtest/ImportLean.ts"
import { documented, jsonFlag } from "../../CommandKit.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { tell, writePage } from "./Telling.ts"

const take = Effect.fn("backtest import")(function* (path: string, json: boolean) {
  const { cwd, folder } = surroundings()
  const { notes, result } = yield* importBacktest(path, cwd)
  for (const note of notes) err(printable(`mind: ${note}`))
  const tearSheet = yield* writePage(result, Option.none(), folder)
  yield* tell(result, { json, tearSheet, folder })
})

export const importBacktestCommand = Command.make(
  "import",
  {
    path: Argument.String("path").pipe(
      Argument.withDescription("a LEAN result (<id>.json), the folder it lies in, or a project")
    ),
    json: jsonFlag
  },
  ({ json, path }) =>
    Effect.suspend(() => Effect.provide(take(path, json), backtestServices(surroundings().folder)))
).pipe(
  documented(
    "Take a result of QuantConnect's LEAN in: it is listed, shown and compared as those of this program's own engine.",
    ["backtest import ~/lean/my-project/backtests/2026-11-27_10-20-30", "a result folder"],
    ["backtest import ~/lean/my-project --json", "a project's newest run"]
  )
)
