/** `plimsoll init`. */
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { formatMicros } from "../../../domain/Money.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import { deskFolderAt } from "../../DeskFolder.ts"
import { initDesk } from "../../InitDesk.ts"
import { amountFlag, answer, documented, jsonFlag, optional } from "../CommandKit.ts"
import { usd } from "../Format.ts"
import { Person } from "../Person.ts"
import { holder, surroundings } from "../Surroundings.ts"

const SHOWN_SYMBOLS = 10

const shown = (symbols: ReadonlyArray<string>): string =>
  symbols.length > SHOWN_SYMBOLS
    ? `${symbols.slice(0, SHOWN_SYMBOLS).join(", ")} and ${symbols.length - SHOWN_SYMBOLS} more`
    : symbols.join(", ")

export const initCommand = Command.make(
  "init",
  {
    cash: optional(amountFlag("cash"), "dollars in the new account; what plimsoll.json says, or 100000"),
    json: jsonFlag
  },
  Effect.fn("InitCommand")(function* ({ cash, json }) {
    const { cwd, plimsollHome, server } = surroundings()
    const folder = deskFolderAt(cwd, plimsollHome, server)
    const { actor } = yield* Person
    const made = yield* initDesk({ folder, cash: Option.getOrUndefined(cash), actor, holder: holder() })
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
        symbols
      },
      [
        wroteConfig ? `Wrote ${folder.config}.` : `${folder.config} is left as it is.`,
        account,
        `The market clock stands at ${toExchangeTime(status.now)}. Symbols: ${shown(symbols)}.`,
        "",
        "Next:",
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
    ["init --cash 25000", "a desk with $25,000"]
  )
)
