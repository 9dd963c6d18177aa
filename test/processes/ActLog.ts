/**
 * What a process that may die at any moment says it is about to do, and what came of it.
 *
 * Lines in a file of their own, which outlives the process: an intent before each act, an answer after it.
 */
import { existsSync, openSync, readFileSync, writeSync } from "node:fs"
import { Result, Schema } from "effect"
import { Money } from "../../src/domain/Money.ts"
import { OrderStatus } from "../../src/domain/Order.ts"

export const ActKind = Schema.Literals([
  "submit",
  "fill",
  "cancel",
  "replace",
  "cancel-all",
  "drain",
  "cash",
  "halt",
  "open"
])
export type ActKind = typeof ActKind.Type

const Intent = Schema.Struct({
  n: Schema.Int,
  kind: ActKind,
  /** The ClientOrderId of a submit. */
  order: Schema.optionalKey(Schema.String),
  /** Of a cash act: above zero a deposit, below a withdrawal; no two acts have the same. */
  amount: Schema.optionalKey(Money)
})
export type Intent = typeof Intent.Type

const Answer = Schema.Struct({
  n: Schema.Int,
  /** "done", or the tag of the error. */
  outcome: Schema.String,
  /** The rule that denied. */
  rule: Schema.optionalKey(Schema.String),
  /** The name that an order was given. */
  order: Schema.optionalKey(Schema.String),
  status: Schema.optionalKey(OrderStatus),
  filled: Schema.optionalKey(Schema.Int),
  /** How often it could have died in this act. */
  calls: Schema.Int
})
export type Answer = typeof Answer.Type

const Line = Schema.Union([Schema.Struct({ intent: Intent }), Schema.Struct({ answer: Answer })])
const decodeLine = Schema.decodeUnknownResult(Schema.fromJsonString(Line))

// Kept before anything counts calls: the log is no part of the desk.
const write = writeSync

export const openLog = (path: string) => {
  const fd = openSync(path, "a")
  return (line: typeof Line.Type): void => {
    write(fd, `${JSON.stringify(line)}\n`)
  }
}

/** An act that was begun; without an answer its process died in it. */
export interface Act {
  readonly intent: Intent
  readonly answer: Answer | undefined
}

/** The acts of a log, in the order they were begun. A line cut short by the death is left out, and one who died before all acts left no log. */
export const readLog = (path: string): ReadonlyArray<Act> => {
  if (!existsSync(path)) return []
  const intents: Array<Intent> = []
  const answers = new Map<number, Answer>()
  for (const text of readFileSync(path, "utf8").split("\n")) {
    const line = decodeLine(text)
    if (Result.isFailure(line)) continue
    if ("intent" in line.success) intents.push(line.success.intent)
    if ("answer" in line.success) answers.set(line.success.answer.n, line.success.answer)
  }
  return intents.map((intent) => ({ intent, answer: answers.get(intent.n) }))
}
