/** What a command ends with when it does not end well: one or two lines on standard error, and an exit code. */
import { appendFileSync, existsSync } from "node:fs"
import { Cause, Clock, Effect, Exit, Predicate, Result, Schema } from "effect"
import { fromMillis, toIso } from "../../domain/Timestamp.ts"
import type { DeskFolder } from "../DeskFolder.ts"
import { printable } from "./Terminal.ts"

export const exitCodes = {
  done: 0,
  failed: 1,
  /** By a rule, or because only a person may do it. */
  refused: 2,
  badUsage: 64,
  interrupted: 130
} as const

/** The command was not asked for in a way it understands. */
export class BadUsage extends Schema.TaggedError<BadUsage>()("BadUsage", {
  message: Schema.String
}) {}

export const badUsage = (message: string): BadUsage => new BadUsage({ message })

/** What was typed, as it was read; what cannot be read is bad usage. */
export const misused = <A>(read: Result.Result<A, string>): Effect.Effect<A, BadUsage> =>
  Effect.fromResult(Result.mapError(read, badUsage))

/** Something that has been told in the result already: nothing more is said, and the exit code tells it. */
export class Told extends Schema.TaggedError<Told>()("Told", {
  exitCode: Schema.Int
}) {}

const refusals: ReadonlySet<string> = new Set([
  "OrderDenied",
  "ResumeRefused",
  "LimitsNotAccepted",
  "RecoveryRefused",
  "NotAPerson"
])

/** What was typed names something that is not there, or that does not fit. */
const misuses: ReadonlySet<string> = new Set([
  "RunRefused",
  "UnknownStrategy",
  "UnknownAlgorithm",
  "BadParameter",
  "BadGrid",
  "BadRequest",
  "CannotPerturb",
  "TooFewBars",
  "TooFewObservations",
  "ConstantReturns",
  "DegenerateRegimes",
  "BadReturn",
  "ReturnsFileInvalid",
  "BacktestNotFound",
  "NothingToResume"
])

export interface Ending {
  readonly exitCode: number
  /** For standard error. */
  readonly lines: ReadonlyArray<string>
}

const messageOf = (error: unknown): string | undefined =>
  Predicate.hasProperty(error, "message") && typeof error.message === "string" && error.message !== ""
    ? error.message
    : undefined

/** A message may repeat what was typed, or have a line for each thing that is wrong with a file. */
const MAX_LINE_LENGTH = 1000
const MAX_LINES = 12

const lineOf = (text: string): string => {
  const line = printable(text)
  return line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)} …` : line
}

/** A message as standard error gets it: who says it, nothing a terminal acts on, and not without end. */
export const prefixed = (message: string): ReadonlyArray<string> => {
  const [first = "", ...rest] = message.split("\n").map(lineOf)
  const more = rest.length - MAX_LINES + 1
  return [
    `plimsoll: ${first}`,
    ...(more > 1 ? rest.slice(0, -more) : rest).map((line) => `  ${line.trim()}`),
    ...(more > 1 ? [`  … and ${more} lines more`] : [])
  ]
}

/** The ending of a typed failure. */
export const endingOf = (error: unknown): Ending => {
  if (error instanceof Told) return { exitCode: error.exitCode, lines: [] }
  // The command-line library has shown help, or said what was wrong, already.
  if (Predicate.isTagged(error, "ShowHelp") && Predicate.hasProperty(error, "errors")) {
    const wrong = Array.isArray(error.errors) && error.errors.length > 0
    return { exitCode: wrong ? exitCodes.badUsage : exitCodes.done, lines: [] }
  }
  const message = messageOf(error) ?? String(error)
  if (error instanceof BadUsage || (Predicate.hasProperty(error, "_tag") && misuses.has(String(error._tag))))
    return { exitCode: exitCodes.badUsage, lines: prefixed(message) }
  if (Predicate.isTagged(error, "OrderDenied") && Predicate.hasProperty(error, "rule")) {
    return {
      exitCode: exitCodes.refused,
      lines: prefixed(`denied by the rule ${String(error.rule)}: ${message}`)
    }
  }
  const refused = Predicate.hasProperty(error, "_tag") && refusals.has(String(error._tag))
  return { exitCode: refused ? exitCodes.refused : exitCodes.failed, lines: prefixed(message) }
}

/** A defect goes to the desk's crash log, where there is a desk; never to the terminal. */
export const reportBug = (
  cause: Cause.Cause<unknown>,
  folder: DeskFolder | undefined,
  at: string
): Ending => {
  const text = Cause.pretty(cause)
  const first = text.split("\n")[0] ?? text
  let where = first
  if (folder !== undefined && existsSync(folder.home)) {
    try {
      appendFileSync(folder.crashLog, `${at}\n${text}\n\n`)
      where = `${first.slice(0, 200)} (whole in ${folder.crashLog})`
    } catch {
      // The terminal gets the first line at least.
    }
  }
  return { exitCode: exitCodes.failed, lines: prefixed(`this is a bug in plimsoll: ${where}`) }
}

/** Whatever an exit is, as an ending. */
export const endingOfExit = <A, E>(
  exit: Exit.Exit<A, E>,
  folder: DeskFolder | undefined
): Effect.Effect<Ending> =>
  Effect.map(Clock.currentTimeMillis, (millis) => {
    if (Exit.isSuccess(exit)) return { exitCode: exitCodes.done, lines: [] }
    const { cause } = exit
    const failure = cause.reasons.find(Cause.isFailReason)
    if (failure !== undefined) return endingOf(failure.error)
    return Cause.hasInterruptsOnly(cause)
      ? { exitCode: exitCodes.interrupted, lines: [] }
      : reportBug(cause, folder, toIso(fromMillis(millis)))
  })
