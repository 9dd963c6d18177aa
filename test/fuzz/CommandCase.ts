/** One command line on a sandbox desk, and everything that must be true of how it ended. */
import { runProgram } from "../e2e/Program.ts"
import { plimsoll, type Ran } from "../programs/cli/InProcess.ts"
import type { CommandLine } from "./CommandLines.ts"
import type { SandboxDesk } from "./SandboxDesk.ts"

/** Far above what any case takes: what reaches it hangs. */
const LONGEST_MILLIS = 30_000
/** Of standard error: an order's preview names every rule; anything else that is wrong is told in fewer. */
const MOST_LINES = 40
const LONGEST_LINE = 1100

/** What a command that stays is given before its Ctrl-C; as a process it has to start first. */
const STAY_MILLIS = 300
const STAY_AS_PROCESS_MILLIS = 5000

/** Commands that end only when they are told to. */
const stays = ({ args }: CommandLine): boolean => args.includes("watch")

/** Runs it in this process; a command that stays is interrupted. */
const inProcess = (line: CommandLine): Promise<Ran> =>
  plimsoll(line.args, line.typed, stays(line) ? AbortSignal.timeout(STAY_MILLIS) : undefined)

/** Runs it as a process of its own; one that does not end is killed, so that none is left behind. */
export const asProcess =
  (folder: string) =>
  async (line: CommandLine): Promise<Ran> => {
    const { code, err, out } = await runProgram(folder, line.args, {
      end: stays(line)
        ? { afterMillis: STAY_AS_PROCESS_MILLIS, signal: "SIGINT" }
        : { afterMillis: LONGEST_MILLIS, signal: "SIGKILL" }
    })
    return { code: code ?? -1, err, out }
  }

const stackTrace = /^\s+at .*[:(]\d+|\bnode:internal|\[object Object\]|\bat file:\/\//mu
const rawControl = /(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069\u2028\u2029]|\p{Cs}/u

const shown = (text: string): string => JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text)

/** What is wrong with what was written. */
export const badOutput = (line: CommandLine, { code, err, out }: Ran): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const lines = err.split("\n")
  const typed = line.args.join(" ")
  if (![0, 1, 2, 64].includes(code) && !(code === 130 && stays(line))) problems.push(`exit code ${code}`)
  if (err.includes("this is a bug in plimsoll")) problems.push(`a defect: ${shown(err)}`)
  if (stackTrace.test(err.replaceAll(/"[^"\n]*"/gu, "")) && !stackTrace.test(typed)) {
    problems.push(`a stack trace on standard error: ${shown(err)}`)
  }
  // What is quoted is somebody else's.
  if (
    /\bundefined\b|\bNaN\b/u.test((out + err).replaceAll(/"[^"]*"?/gu, "")) &&
    !/undefined|NaN/u.test(typed)
  ) {
    problems.push(`"undefined" or "NaN" in what a person reads: ${shown(err || out)}`)
  }
  if (lines.length > MOST_LINES) problems.push(`${lines.length} lines on standard error`)
  if (lines.some((line) => line.length > LONGEST_LINE)) problems.push("a line without end on standard error")
  if (rawControl.test(out) || rawControl.test(err)) {
    problems.push(`a control character on a terminal: ${shown(rawControl.test(out) ? out : err)}`)
  }
  if ((code === 1 || code === 64) && err === "" && out === "") problems.push("failed without a word")
  return problems
}

/** `--json` was taken as what it is: nothing before it that could have swallowed it, and no help asked for. */
const asksForJson = (args: ReadonlyArray<string>): boolean => {
  const end = args.indexOf("--")
  const options = end === -1 ? args : args.slice(0, end)
  return (
    options.at(-1) === "--json" &&
    !options.some((option) =>
      /^(?:--no-json|--help|-h|--version|-v|--completions.*|--json=.*)$/u.test(option)
    )
  )
}

const badJson = ({ args }: CommandLine, { code, out }: Ran): ReadonlyArray<string> => {
  if (code !== 0 || !asksForJson(args)) return []
  try {
    JSON.parse(out)
    return []
  } catch {
    return [`--json printed what is not JSON: ${shown(out)}`]
  }
}

/**
 * A refused order that was sent is journaled, as it has to be, and so is a change that the venue did not make; nothing
 * else that is refused may change anything.
 */
const mayChange = ({ args }: CommandLine, { code }: Ran): boolean =>
  code === 0 ||
  code === 130 ||
  (code === 2 && args.includes("order")) ||
  (code === 1 && args.includes("order") && args.includes("replace")) ||
  (code === 1 && (args.includes("run") || args.includes("halt")))

/** What it ends with; undefined for what does not end. */
export const withinBounds = async (run: () => Promise<Ran>): Promise<Ran | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const bound = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), LONGEST_MILLIS)
  })
  try {
    return await Promise.race([run(), bound])
  } finally {
    clearTimeout(timer)
  }
}

/** Failures of the process that no command sees: promises nobody waits for, warnings. */
const listening = () => {
  const heard: Array<string> = []
  const rejection = (reason: unknown) => heard.push(`an unhandled rejection: ${String(reason)}`)
  const warning = (what: Error) => {
    if (what.name !== "ExperimentalWarning") heard.push(`a warning: ${what.name}: ${what.message}`)
  }
  process.on("unhandledRejection", rejection)
  process.on("warning", warning)
  return () => {
    process.off("unhandledRejection", rejection)
    process.off("warning", warning)
    return heard
  }
}

/** Runs it; everything that was not as it has to be, in words. The desk is as it was made afterwards. */
export const runCommandLine = async (
  desk: SandboxDesk,
  line: CommandLine,
  run: (line: CommandLine) => Promise<Ran> = inProcess
): Promise<{ readonly problems: ReadonlyArray<string>; readonly code: number | undefined }> => {
  // An id is known only when the desk has been made.
  const args = line.args.map((arg) =>
    arg === "o-working" ? desk.working : arg === "o-filled" ? desk.filled : arg
  )
  const before = desk.fingerprint()
  const heard = listening()
  const ran = await withinBounds(() => run({ ...line, args }))
  const unheard = heard()
  if (ran === undefined) return { problems: ["it did not end", ...unheard], code: undefined }
  const after = desk.fingerprint()
  const problems = [...badOutput(line, ran), ...badJson(line, ran), ...unheard]
  if (before !== after) {
    const gone = before.split("\n").filter((entry) => entry.endsWith(" (link)") && !after.includes(entry))
    if (gone.length > 0) problems.push(`${gone.join(", ")} was replaced`)
    if (!mayChange(line, ran))
      problems.push(`exit code ${ran.code}, and the desk is changed: ${changes(before, after)}`)
    desk.restore()
  }
  return { problems, code: ran.code }
}

const changes = (before: string, after: string): string => {
  const was = new Set(before.split("\n"))
  const is = new Set(after.split("\n"))
  return [
    ...[...was].filter((entry) => !is.has(entry)).map((entry) => `- ${entry}`),
    ...[...is].filter((entry) => !was.has(entry)).map((entry) => `+ ${entry}`)
  ]
    .slice(0, 6)
    .join(" ")
}
