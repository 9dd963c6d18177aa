/**
 * Stands in for QuantConnect's `lean`: takes the arguments of `lean backtest`, writes what LEAN writes and where,
 * and fails as LEAN does. What it is to do is in LEAN_STAND_IN.
 */
import { spawn } from "node:child_process"
import { appendFileSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { currentEvents, currentResult, dataReport, oldEvents, oldResult, summary } from "./LeanRunFiles.ts"

const mode = process.env["LEAN_STAND_IN"] ?? "current"
const acts = process.env["LEAN_STAND_IN_ACTS"]

const act = (line: string): void => {
  if (acts !== undefined) appendFileSync(acts, `${line}\n`)
}

const say = (...lines: ReadonlyArray<string>): void => void process.stdout.write(`${lines.join("\n")}\n`)

const fail = (message: string): never => {
  process.stderr.write(`Error: ${message}\n`)
  process.exit(1)
}

if (process.argv[2] !== "backtest") fail(`No such command '${process.argv[2]}'.`)
// `--parameter NAME VALUE` has two values, which parseArgs does not know.
const given: Record<string, string> = {}
const rest: Array<string> = []
const args = process.argv.slice(3)
while (args.length > 0) {
  const word = args.shift() ?? ""
  if (word !== "--parameter") rest.push(word)
  else if (mode === "old-lean") fail("No such option: --parameter")
  else given[args.shift() ?? ""] = args.shift() ?? ""
}
const { positionals, values } = parseArgs({
  args: rest,
  allowPositionals: true,
  options: { output: { type: "string" }, "lean-config": { type: "string" } }
})
const [project = "."] = positionals
const output = values.output ?? join(project, "backtests", "2026-11-27_10-20-30")
if (mode === "no-docker") {
  fail(
    "Please make sure Docker is installed and running\n\nVisit https://www.lean.io/docs/v2/lean-cli/key-concepts/troubleshooting#02-Common-Errors for more information"
  )
}
if (mode === "no-lean-config") {
  fail(
    "This command requires a Lean configuration file, run `lean init` in an empty directory to create one, or specify the file to use with --lean-config"
  )
}

mkdirSync(join(output, "code"), { recursive: true })
for (const file of ["main.py", "Main.cs"]) {
  if (existsSync(join(project, file))) copyFileSync(join(project, file), join(output, "code", file))
}
const container = "lean_cli_0123456789abcdef"
writeFileSync(
  join(output, "config"),
  JSON.stringify({ id: 1_234_567_890, container, "backtest-name": "a name" })
)

const trace = (text: string): string => `2026-11-27T10:20:31.1234567Z TRACE:: ${text}`

say(
  trace("Engine.Main(): LEAN ALGORITHMIC TRADING ENGINE v2.5.0.0 Mode: DEBUG (64bit) Host: here"),
  trace(
    "Dates: Start: 01/02/2024 End: 01/10/2024 Cash: ¤100,000.00 MaximumRuntime: 100.00:00:00 MaxOrders: 2147483647"
  ),
  trace(
    "AlgorithmManager.Run(): Begin DataStream - Start: 1/2/2024 12:00:00 AM Stop: 1/10/2024 11:59:59 PM Time: 1/2/2024 12:00:00 AM Warmup: False"
  )
)

/** Stays until it is ended, with a child that does not mind signals and a grandchild in a group of its own. */
const hang = (): void => {
  const deaf = `for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {}); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["-e", deaf], { stdio: "inherit" })
  const away = spawn(process.execPath, ["-e", deaf], { stdio: "ignore", detached: true })
  process.on("SIGINT", () => {
    act("SIGINT")
    // LEAN kills its container and goes; its children may stay.
    if (mode === "hang") process.exit(1)
  })
  if (mode === "deaf") process.on("SIGTERM", () => act("SIGTERM"))
  // Once they listen.
  setTimeout(() => say(`PIDS ${process.pid} ${child.pid} ${away.pid}`), 300)
  setInterval(() => {}, 1000)
}

const id = "1234567890"
const write = (name: string, value: unknown): void => writeFileSync(join(output, name), JSON.stringify(value))

const writeAll = (): void => {
  const isOld = mode === "old"
  const result = isOld ? oldResult() : { ...currentResult, ...changedResult() }
  const text = JSON.stringify(result, null, 2)
  writeFileSync(join(output, `${id}.json`), mode === "truncated" ? text.slice(0, text.length / 2) : text)
  if (!isOld) write(`${id}-summary.json`, summary())
  write(`${id}-order-events.json`, isOld ? oldEvents() : currentEvents)
  writeFileSync(join(output, `${id}-log.txt`), "2024-01-02 00:00:00 Launching analysis\n")
  write("data-monitor-report-20261127102031.json", dataReport(9, mode === "no-data" ? 9 : 1))
}

const changedResult = (): object => ({
  algorithmConfiguration: {
    ...currentResult.algorithmConfiguration,
    ...(Object.keys(given).length === 0 ? {} : { parameters: given })
  },
  ...(mode === "algorithm-error"
    ? {
        state: {
          Status: "RuntimeError",
          RuntimeError: "'NoneType' object has no attribute 'close'",
          StackTrace: "at on_data"
        }
      }
    : {})
})

const play = (): void => {
  say(trace("Log: 2024-01-04 the fast average is above"), trace("Debug: 2024-01-09 sold"))
  if (mode === "exit") {
    process.stdout.write("2026-11-27T10:20:32Z ERROR:: Engine.Run(): System.OutOfMemoryException\n")
    fail(
      `Something went wrong while running 'p' in the 'backtesting' environment, the output is stored in '${output}'`
    )
  }
  say(trace("AlgorithmManager.Run(): Firing On End Of Algorithm..."), "STATISTICS:: Total Orders 4")
  if (mode !== "no-result") writeAll()
  writeFileSync(
    join(output, "log.txt"),
    `${trace("Engine.Main(): LEAN ALGORITHMIC TRADING ENGINE v2.5.0.0 Mode: DEBUG (64bit) Host: here")}\n`
  )
  // Without the end of its line.
  process.stdout.write(
    `Successfully ran 'p' in the 'backtesting' environment and stored the output in '${output}'`
  )
  process.exitCode = mode === "algorithm-error" ? 1 : 0
}

act(`started with ${JSON.stringify(process.argv.slice(2))}`)
if (mode === "hang" || mode === "deaf") hang()
else play()
