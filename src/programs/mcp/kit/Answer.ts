/** What a tool answers: bounded, and a failure says what to do next. */
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js"

/** No answer is longer, in characters of JSON, whatever was asked. */
export const MAX_ANSWER = 20_000
/** What a list may take of it: the rest of an answer is small. */
export const MAX_LIST = 12_000

/** A failure with a tag and words; every error of the desk is one. */
export interface Failure {
  readonly _tag: string
  readonly message: string
}

const lengthOf = (result: CallToolResult): number => JSON.stringify(result).length

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)} …` : text)

/**
 * A failure as an answer: what went wrong and what to do next for the model to
 * read, then the details as JSON.
 */
export const failed = (failure: Failure, next: string, details: unknown): CallToolResult => {
  const text = `${failure._tag}: ${cut(failure.message, 4000)}${next === "" ? "" : `\nNext: ${next}`}`
  const short: CallToolResult = { isError: true, content: [{ type: "text", text }] }
  if (details === undefined) return short
  const whole: CallToolResult = {
    isError: true,
    content: [
      { type: "text", text },
      { type: "text", text: JSON.stringify(details) }
    ]
  }
  return lengthOf(whole) <= MAX_ANSWER ? whole : short
}

/** A success: the value for programs, and a short text for people. One that is too long is a failure that says so. */
export const answered = (tool: string, value: unknown, text: string): CallToolResult => {
  const result: CallToolResult = {
    content: [{ type: "text", text: cut(text, 2000) }],
    structuredContent: value && typeof value === "object" ? { ...value } : {}
  }
  const length = lengthOf(result)
  return length <= MAX_ANSWER
    ? result
    : failed(
        {
          _tag: "AnswerTooLong",
          message: `${tool} would have answered with ${length} characters, more than ${MAX_ANSWER}`
        },
        "ask for less: a shorter period, fewer symbols, or a smaller limit.",
        undefined
      )
}
