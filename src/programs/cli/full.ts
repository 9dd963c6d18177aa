/** Every command, by way of the command-line library. */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { CliConfig, type CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import { version } from "../Version.ts"
import { accountCommand } from "./commands/AccountCommand.ts"
import { auditCommand } from "./commands/AuditCommand.ts"
import { backtestCommand } from "./commands/BacktestCommand.ts"
import { clockCommand } from "./commands/ClockCommand.ts"
import { doctorCommand } from "./commands/DoctorCommand.ts"
import { exportCommand } from "./commands/ExportCommand.ts"
import { haltCommand, resumeCommand } from "./commands/HaltCommand.ts"
import { initCommand } from "./commands/InitCommand.ts"
import { limitsCommand } from "./commands/LimitsCommand.ts"
import { hookCommand, mcpCommand } from "./commands/McpCommand.ts"
import { optionsCommand } from "./commands/OptionsCommand.ts"
import { orderCommand } from "./commands/OrderCommand.ts"
import { positionCommand } from "./commands/PositionCommand.ts"
import { recoverCommand } from "./commands/RecoverCommand.ts"
import { statusCommand, statuslineCommand } from "./commands/StatusCommand.ts"
import { storageCommand } from "./commands/StorageCommand.ts"
import { watchCommand } from "./commands/WatchCommand.ts"
import { whyCommand } from "./commands/WhyCommand.ts"
import { documented } from "./CommandKit.ts"
import { endingOfExit, exitCodes, prefixed } from "./Failures.ts"
import { Person } from "./Person.ts"
import { runCommand } from "./RunCommand.ts"
import { surroundings } from "./Surroundings.ts"
import { err, ignoreClosedPipes, out } from "./Terminal.ts"
import * as Warnings from "./Warnings.ts"

export const plimsoll = Command.make("plimsoll").pipe(
  documented(
    "An autonomous paper trading desk with limits it keeps, books that balance, and a log that proves both.",
    ["run", "watch two strategies trade twenty years of the S&P 500"],
    ["init", "make a desk in this folder"],
    ["status", "how it stands"],
    ["order buy SPX-REPLAY 2", "buy, after a look at what the rules say"],
    ["clock step --to close", "play the session to its end"]
  ),
  Command.withSubcommands([
    runCommand,
    initCommand,
    statusCommand,
    statuslineCommand,
    watchCommand,
    doctorCommand,
    clockCommand,
    orderCommand,
    positionCommand,
    optionsCommand,
    backtestCommand,
    whyCommand,
    haltCommand,
    resumeCommand,
    limitsCommand,
    accountCommand,
    exportCommand,
    auditCommand,
    recoverCommand,
    storageCommand,
    mcpCommand,
    hookCommand
  ])
)

/** One line of a library's error, its suggestions included. */
const oneLine = (error: CliError.CliError): string => {
  const [head = "", ...rest] = error.message.split("\n").map((line) => line.trim())
  const suggested = "suggestions" in error ? error.suggestions : []
  return suggested.length > 0
    ? `${head}; did you mean ${suggested.join(" or ")}?`
    : [head, ...rest]
        .filter((line) => line !== "")
        .join(" ")
        // The library's own words around a schema's.
        .replace(/Expected: (?:Schema validation failed: |(?=expected))/u, "")
}

/** Help goes to standard output, what was wrong to standard error: two lines, and where help is. */
const presenter = (colour: boolean): CliOutput.Presenter => {
  const formatter = CliOutput.defaultFormatter({ colors: colour })
  return {
    present: (event) =>
      Effect.sync(() => {
        switch (event._tag) {
          case "Help":
            return out(formatter.formatHelpDoc(event.helpDoc))
          case "Version":
            return out(event.version)
          case "InvalidInvocation": {
            const [first] = event.errors
            const wrong = first === undefined ? "that is no command" : oneLine(first)
            for (const line of prefixed(wrong)) err(line)
            return err(`  ${event.commandPath.join(" ")} --help shows how it is used`)
          }
        }
      })
  }
}

/** `--html` of a backtest without a file as `--html=`: its page is where its result is. */
const withHtml = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args[0] === "backtest"
    ? args.map((arg, i) => {
        const next = args[i + 1]
        return arg === "--html" && (next === undefined || next.startsWith("--")) ? "--html=" : arg
      })
    : args

const program = Command.runWith(plimsoll, { version })

/** Flags of `options scenario`, `position` and orders with legs whose value may begin with a minus and yet be no number. */
const signed = new Set(["--leg", "--spot", "--spots", "--vols", "--days"])

/** `--leg "-1 P 90 30d"` as `--leg=-1 P 90 30d`: the library would take the value for short flags. */
const withSignedValues = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.flatMap((arg, i) => {
    const before = args[i - 1]
    const next = args[i + 1]
    const isSigned = (text: string | undefined) => text !== undefined && /^-[\d.]/u.test(text)
    if (signed.has(arg) && isSigned(next)) return [`${arg}=${next}`]
    return before !== undefined && signed.has(before) && isSigned(arg) ? [] : [arg]
  })

/** Parses the arguments and runs the command; the exit code. `person` is whoever sits at the terminal. */
export const runCommandLine = Effect.fn("CommandLine.run")(function* (
  args: ReadonlyArray<string>,
  person: Layer.Layer<Person> = Person.layer
) {
  const { colour, folder } = surroundings()
  const platform = Layer.mergeAll(
    NodeServices.layer,
    person,
    Layer.succeed(CliOutput.Presenter, presenter(colour)),
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
    Warnings.layer
  )
  const exit = yield* Effect.exit(program(withHtml(withSignedValues(args))).pipe(Effect.provide(platform)))
  const ending = yield* endingOfExit(exit, folder)
  for (const line of ending.lines) err(line)
  return ending.exitCode
})

export const run = (args: ReadonlyArray<string>): void => {
  ignoreClosedPipes()
  const interrupt = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort())
  let isOver = false
  // Somebody's own code may end the process, and no answer must not pass for a good one.
  process.once("exit", (code) => {
    if (isOver || code !== exitCodes.done) return
    err("plimsoll: the process ended before there was an answer: the code of a strategy may have ended it")
    process.exitCode = exitCodes.failed
  })
  void Effect.runPromise(runCommandLine(args), { signal: interrupt.signal }).then(
    (code) => {
      isOver = true
      process.exitCode = code
    },
    () => {
      isOver = true
      process.exitCode = exitCodes.interrupted
    }
  )
}
