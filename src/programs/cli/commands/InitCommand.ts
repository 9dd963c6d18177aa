/** `plimsoll init`. */
import { dirname } from "node:path"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { formatMicros } from "../../../domain/Money.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import { deskFolderAt } from "../../DeskFolder.ts"
import { initDesk } from "../../InitDesk.ts"
import { amountFlag, answer, documented, jsonFlag, optional } from "../CommandKit.ts"
import { writeProjectFiles, type WrittenFiles } from "../../claude/ProjectFiles.ts"
import { BadUsage } from "../Failures.ts"
import { counted, usd } from "../Format.ts"
import { Person } from "../Person.ts"
import { holder, surroundings } from "../Surroundings.ts"

const SHOWN_SYMBOLS = 10

const shown = (symbols: ReadonlyArray<string>): string =>
  symbols.length > SHOWN_SYMBOLS
    ? `${symbols.slice(0, SHOWN_SYMBOLS).join(", ")} and ${symbols.length - SHOWN_SYMBOLS} more`
    : symbols.join(", ")

/** Where this program is installed: the folder of its launcher's folder. */
const installation = Effect.suspend(() => {
  const { PLIMSOLL_LAUNCHER: launcher } = process.env
  return launcher === undefined
    ? Effect.fail(
        new BadUsage({
          message: "--claude: start plimsoll by its launcher, bin/plimsoll, whose path is written"
        })
      )
    : Effect.succeed(dirname(dirname(launcher)))
})

const filesLines = (files: WrittenFiles | undefined): ReadonlyArray<string> =>
  files === undefined
    ? []
    : [
        files.written.length === 0
          ? "Claude Code has its files already."
          : `Wrote ${counted(files.written.length, "file")} for Claude Code: .mcp.json, .claude/, CLAUDE.md as far as they were missing.`,
        ...(files.left.length === 0
          ? []
          : [
              `Left as they are, for they hold something else: ${files.left.join(", ")}. plimsoll doctor tells what is missing in them.`
            ])
      ]

export const initCommand = Command.make(
  "init",
  {
    cash: optional(amountFlag("cash"), "dollars in the new account; what plimsoll.json says, or 100000"),
    claude: Flag.Boolean("claude").pipe(
      Flag.withDescription("write what Claude Code needs too: servers, hooks, agents, commands"),
      Flag.withDefault(false)
    ),
    json: jsonFlag
  },
  Effect.fn("InitCommand")(function* ({ cash, claude, json }) {
    const { cwd, plimsollHome, server } = surroundings()
    const folder = deskFolderAt(cwd, plimsollHome, server)
    const { actor } = yield* Person
    // Asked before anything is made.
    const installed = claude ? yield* installation : undefined
    const made = yield* initDesk({ folder, cash: Option.getOrUndefined(cash), actor, holder: holder() })
    const files = installed === undefined ? undefined : yield* writeProjectFiles(installed, folder.project)
    const { openedAccount, status, symbols, wroteConfig } = made
    const equity = Option.match(status.equity, { onNone: () => "unknown equity", onSome: usd })
    const account = openedAccount
      ? `Opened the paper account "${status.accountId}" with ${usd(status.cash)}.`
      : `The paper account "${status.accountId}" (${equity}) is left as it is${Option.isSome(cash) ? "; plimsoll account reset begins a new one" : ""}.`
    const [first] = symbols
    yield* answer(
      json,
      {
        project: folder.project,
        home: folder.home,
        wrote_config: wroteConfig,
        opened_account: openedAccount,
        account_id: status.accountId,
        cash: formatMicros(status.cash),
        market_time: toIso(status.now),
        exchange_time: toExchangeTime(status.now),
        symbols,
        ...(files === undefined ? {} : { claude: files })
      },
      [
        wroteConfig ? `Wrote ${folder.config}.` : `${folder.config} is left as it is.`,
        account,
        `The market clock stands at ${toExchangeTime(status.now)}. Symbols: ${shown(symbols)}.`,
        ...filesLines(files),
        "",
        "Next:",
        ...(files === undefined ? [] : ["  claude"]),
        "  plimsoll status",
        ...(first === undefined ? [] : [`  plimsoll order buy ${first} 1`]),
        "  plimsoll clock step --to close"
      ]
    )
  })
).pipe(
  documented(
    "Make a paper desk in this folder: plimsoll.json, the account, and a market clock at the open of a past session. Done again it changes nothing.",
    ["init", "a desk with $100,000"],
    ["init --cash 25000", "a desk with $25,000"],
    ["init --claude", "and what Claude Code needs to trade it"]
  )
)
