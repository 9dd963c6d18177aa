/**
 * Lists in pages: as many rows as are asked for and fit. A cursor names the row
 * to go on after, and the question it belongs to.
 */
import { hash } from "node:crypto"
import { Effect, Schema } from "effect"
import { MAX_LIST } from "./Answer.ts"

/** The cursor is of another question, or none that was given out. */
export class CursorInvalid extends Schema.TaggedError<CursorInvalid>()("CursorInvalid", {
  message: Schema.String
}) {}

const questionOf = (question: unknown): string => hash("sha256", JSON.stringify(question), "hex").slice(0, 8)

/** A cursor to go on from `position`, for this question only. */
export const cursorOf = (question: unknown, position: string): string =>
  Buffer.from(`${questionOf(question)}:${position}`, "utf8").toString("base64url")

/** Where a cursor goes on; undefined without one. */
export const positionOf = (
  question: unknown,
  cursor: string | undefined
): Effect.Effect<string | undefined, CursorInvalid> => {
  if (cursor === undefined) return Effect.succeed(undefined)
  const text = Buffer.from(cursor, "base64url").toString("utf8")
  const prefix = `${questionOf(question)}:`
  return text.startsWith(prefix)
    ? Effect.succeed(text.slice(prefix.length))
    : Effect.fail(
        new CursorInvalid({
          message:
            "the cursor belongs to another question: repeat the arguments it was given for, or leave it out"
        })
      )
}

/** The first rows that fit into an answer; at least one where there is any. */
export const fitting = <Row>(rows: ReadonlyArray<Row>, most = MAX_LIST): ReadonlyArray<Row> => {
  let length = 0
  const kept: Array<Row> = []
  for (const row of rows) {
    length += JSON.stringify(row).length + 1
    if (kept.length > 0 && length > most) break
    kept.push(row)
  }
  return kept
}

/** How many rows come before a page that starts at a numbered position; refuses what is no number. */
export const offsetOf = (
  question: unknown,
  cursor: string | undefined
): Effect.Effect<number, CursorInvalid> =>
  Effect.flatMap(positionOf(question, cursor), (position) => {
    const offset = Number(position ?? 0)
    return Number.isSafeInteger(offset) && offset >= 0
      ? Effect.succeed(offset)
      : Effect.fail(new CursorInvalid({ message: "the cursor is damaged: leave it out to start anew" }))
  })

/** A page of a list that is at hand whole: its rows, and the cursor of the next page while there is one. */
export const pageOf = <Row>(
  rows: ReadonlyArray<Row>,
  page: {
    readonly question: unknown
    readonly offset: number
    readonly limit: number
    /** Characters of JSON that something beside it takes of the answer. */
    readonly beside?: number
  }
): { readonly rows: ReadonlyArray<Row>; readonly nextCursor: string | null } => {
  const kept = fitting(
    rows.slice(page.offset, page.offset + page.limit),
    Math.max(0, MAX_LIST - (page.beside ?? 0))
  )
  const next = page.offset + kept.length
  return { rows: kept, nextCursor: next < rows.length ? cursorOf(page.question, String(next)) : null }
}
