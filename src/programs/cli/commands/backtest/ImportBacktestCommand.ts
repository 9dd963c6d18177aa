/** `plimsoll backtest import`: a result of LEAN among this program's own. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { backtestServices } from "../../../backtest/BacktestServices.ts"
import { importBacktest } from "../../../backtest/ImportLean.ts"
import { documented, jsonFlag } from "../../CommandKit.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { knowledgeCutoffFlag } from "./BacktestFlags.ts"
import { tell, writePage } from "./Telling.ts"

const flags = {
  path: Argument.String("path").pipe(
    Argument.withDescription("a LEAN result (<id>.json), the folder it lies in, or a project")
  ),
  knowledgeCutoff: knowledgeCutoffFlag,
  json: jsonFlag
}
type ImportFlags = Command.Command.Config.Infer<typeof flags>

const take = Effect.fn("backtest import")(function* ({ json, knowledgeCutoff, path }: ImportFlags) {
  const { cwd, folder } = surroundings()
  const { notes, result } = yield* importBacktest(path, cwd, Option.getOrUndefined(knowledgeCutoff))
  for (const note of notes) err(printable(`mind: ${note}`))
  const tearSheet = yield* writePage(result, Option.none(), folder)
  yield* tell(result, { json, tearSheet, folder })
})

export const importBacktestCommand = Command.make("import", flags, (asked) =>
  Effect.suspend(() => Effect.provide(take(asked), backtestServices(surroundings().folder)))
).pipe(
  documented(
    "Take a result of QuantConnect's LEAN in: it is listed, shown and compared as those of this program's own engine.",
    ["backtest import ~/lean/my-project/backtests/2026-11-27_10-20-30", "a result folder"],
    ["backtest import ~/lean/my-project --json", "a project's newest run"]
  )
)
