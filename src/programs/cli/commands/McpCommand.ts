/** `plimsoll mcp` and `plimsoll hook`: what Claude Code starts. Here for their help; `main.ts` starts them without this library. */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { hookNames } from "../../hooks/HookNames.ts"
import { serverNames } from "../../mcp/ServerNames.ts"
import { documented } from "../CommandKit.ts"
import { BadUsage } from "../Failures.ts"

export const mcpCommand = Command.make(
  "mcp",
  {
    server: Argument.Literals("server", serverNames).pipe(Argument.withDescription(serverNames.join(", "))),
    requirePermit: Flag.Boolean("require-permit").pipe(
      Flag.withDescription(
        "orders need a permit that the hook risk-validator left for the very call; for the broker"
      ),
      Flag.withDefault(false)
    )
  },
  // A flag that takes a value could say that no permits are wanted, and look like the one that wants them.
  ({ server }) =>
    Effect.fail(
      new BadUsage({
        message: `plimsoll mcp ${server} is started as it is, or with --require-permit at its end and nothing after it`
      })
    )
).pipe(
  documented(
    "A server of the Model Context Protocol on standard input and output, for Claude Code and other clients.",
    ["mcp market-data", "quotes, history, instruments, market status"],
    ["mcp broker --require-permit", "orders, as .mcp.json starts it"],
    ["mcp portfolio", "value, exposure, daily P&L, risk"],
    ["mcp backtest", "runs of the built-in strategies"]
  )
)

export const hookCommand = Command.make(
  "hook",
  {
    name: Argument.Literals("name", hookNames).pipe(Argument.withDescription(hookNames.join(", ")))
  },
  ({ name }) =>
    Effect.fail(
      new BadUsage({ message: `plimsoll hook ${name} takes nothing but its event, on standard input` })
    )
).pipe(
  documented(
    "A hook of Claude Code: reads its event on standard input, and answers by its exit code.",
    ["hook risk-validator < event.json", "exit code 2 and the reason, when the order is denied"],
    ["hook load-context < event.json", "the desk's banner for a session"]
  )
)
