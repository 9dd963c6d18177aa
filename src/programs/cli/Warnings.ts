/** What the desk logs on the way, a line each on standard error: standard output is for results. */
import { Logger, LogLevel, Predicate } from "effect"
import { err, printable } from "./Terminal.ts"

const wordsOf = (part: unknown): string =>
  Predicate.hasProperty(part, "message") ? String(part.message) : String(part)

/** "canceling on a desk that is behind market time: the disk is full". */
export const warningOf = (message: unknown): string =>
  (Array.isArray(message) ? message.map(wordsOf).join(": ") : wordsOf(message)).replaceAll(/\s*\n\s*/gu, " ")

export const layer = Logger.layer([
  Logger.make(({ logLevel, message }) => {
    if (LogLevel.isGreaterThanOrEqualTo(logLevel, "Warn"))
      err(printable(`plimsoll: warning: ${warningOf(message)}`))
  })
])
