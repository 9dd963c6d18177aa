/**
 * A book's last decision, in a file beside its desk.
 *
 * Whole or not there: written beside and moved in. Not forced to the disk, as
 * the desks of runs are not: what a killed process has written is there, and
 * after a power failure the run goes on from what the disk has of both.
 */
import { existsSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Schema } from "effect"
import { StorageCorrupt, StorageFailed } from "../domain/StorageError.ts"
import { type DecisionKeeping, DecisionRecord } from "../session/DecisionRecord.ts"
import { readTextFile } from "./ReadTextFile.ts"

const FILE = "decision.json"

const codec = Schema.fromJsonString(DecisionRecord)
const decode = Schema.decodeUnknownEffect(codec, { onExcessProperty: "error" })
const encode = Schema.encodeSync(codec)

const attempt = <A>(operation: string, file: string, act: () => A): Effect.Effect<A, StorageFailed> =>
  Effect.try({
    try: act,
    catch: (cause) =>
      new StorageFailed({
        operation,
        message: `${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause
      })
  })

/** The last decision of the book in `folder`. */
export const decisionFile = (folder: string): DecisionKeeping => {
  const file = join(folder, FILE)
  return {
    last: Effect.gen(function* () {
      const text = yield* attempt("read the last decision", file, () =>
        existsSync(file) ? readTextFile(file) : undefined
      )
      if (text === undefined) return Option.none()
      return Option.some(
        yield* decode(text).pipe(
          Effect.mapError(
            ({ message }) => new StorageCorrupt({ table: FILE, key: file, message: `${file}: ${message}` })
          )
        )
      )
    }),
    keep: (record) =>
      attempt("keep a decision", file, () => {
        const unready = `${file}.new`
        writeFileSync(unready, encode(record))
        renameSync(unready, file)
      })
  }
}
