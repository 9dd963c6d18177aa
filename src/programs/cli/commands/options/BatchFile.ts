/**
 * A CSV computed row by row into another, of any length in little memory.
 *
 * The output is written beside its place and moved there when it is whole: until then, and after a failure, what stood
 * there stays.
 */
import { closeSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { Clock, Effect, Result, Schema } from "effect"
import type { DeskFolder } from "../../../DeskFolder.ts"
import { checkTarget, realPath, trying } from "../../OutputFile.ts"
import { type Batch, batchFor, type Computation } from "./Batch.ts"
import { csvReader, type CsvRecord } from "./CsvRecords.ts"

/** The input is not what it must be. */
export class BatchRefused extends Schema.TaggedError<BatchRefused>()("BatchRefused", {
  file: Schema.String,
  message: Schema.String
}) {}

/** A row that could not be computed. */
export interface BadBatchRow {
  /** From 1, the header not counted. */
  readonly row: number
  /** As an editor numbers it. */
  readonly line: number
  readonly problem: string
}

export interface BatchProgress {
  readonly rows: number
  readonly bytes: number
  readonly ofBytes: number
}

export interface BatchDone {
  readonly rows: number
  /** Their number; the first of them are in `bad`. */
  readonly badRows: number
  readonly bad: ReadonlyArray<BadBatchRow>
  readonly results: ReadonlyArray<string>
  readonly replaced: ReadonlyArray<string>
}

const CHUNK_BYTES = 1_048_576
/** Rows between two looks at whether the command is to end. */
const ROWS_AT_ONCE = 256
/** Bad rows that are told one by one. */
const MAX_BAD_KEPT = 10_000

interface Files {
  readonly input: string
  readonly output: string
  readonly computation: Computation
  readonly onProgress: (progress: BatchProgress, elapsedMillis: number) => Effect.Effect<void>
}

const refused = (file: string, problem: string) => new BatchRefused({ file, message: `${file}: ${problem}` })

/** Opens a regular file; what else has the name is not opened: a pipe would be waited for. */
const openInput = Effect.fnUntraced(function* (file: string) {
  const stats = yield* Effect.try({
    try: () => statSync(file, { throwIfNoEntry: false }),
    catch: (cause) =>
      refused(file, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  if (stats === undefined) return yield* refused(file, "there is no such file")
  if (!stats.isFile()) return yield* refused(file, "is no regular file: name a CSV file")
  const handle = yield* Effect.acquireRelease(
    Effect.try({
      try: () => openSync(file, "r"),
      catch: (cause) =>
        refused(file, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
    }),
    (opened) => Effect.sync(() => closeSync(opened))
  )
  return { handle, size: stats.size }
})

/** A file beside the output's place, there only as long as the scope. */
const openBeside = Effect.fnUntraced(function* (output: string) {
  const beside = `${output}.${process.pid}.new`
  const handle = yield* Effect.acquireRelease(
    Effect.suspend(() => {
      let opened = -1
      return Effect.map(
        trying(output, "written", () => {
          opened = openSync(beside, "wx")
        }),
        () => opened
      )
    }),
    (opened) =>
      Effect.sync(() => {
        closeSync(opened)
        rmSync(beside, { force: true })
      })
  )
  return { beside, handle }
})

/** The pieces of a file as text. */
const pieces = (handle: number, file: string) => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const buffer = new Uint8Array(CHUNK_BYTES)
  return Effect.try({
    try: () => {
      const count = readSync(handle, buffer)
      return { count, text: decoder.decode(buffer.subarray(0, count), { stream: count > 0 }) }
    },
    catch: (cause) =>
      refused(
        file,
        cause instanceof TypeError
          ? "is not UTF-8 text: export it as CSV (UTF-8)"
          : `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
      )
  })
}

const firstRecord = (file: string, { fields, text }: CsvRecord, computation: Computation) =>
  Result.mapError(batchFor(fields, computation), (problem) =>
    refused(
      file,
      fields.length === 1 && /[;\t]/u.test(text)
        ? `its first line has no commas ("${text.slice(0, 60)}"): fields have to be separated by commas`
        : problem
    )
  )

/**
 * Computes every row of `input` into `output`. A row that cannot be computed has empty results and the status
 * "invalid". Fails with `BatchRefused` when the input is no such CSV, and with `OutputFailed` when the output cannot
 * be written; the output is then as it was.
 */
export const runBatch = Effect.fn("Batch.run")(function* (files: Files, desk: DeskFolder) {
  const { computation, input, output } = files
  yield* checkTarget(output, desk)
  if (realPath(input) === realPath(output)) {
    return yield* refused(output, "is the input itself, whose columns would be lost: name another --output")
  }
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const source = yield* openInput(input)
      const target = yield* openBeside(output)
      const next = pieces(source.handle, input)
      const begun = yield* Clock.currentTimeMillis
      const reader = csvReader()
      const bad: Array<BadBatchRow> = []
      let batch: Batch | undefined
      let [rows, badRows, bytes] = [0, 0, 0]

      const compute = (records: ReadonlyArray<CsvRecord>, using: Batch): string => {
        let text = ""
        for (const record of records) {
          rows += 1
          const done = using.row(record)
          text += `${done.text}\n`
          if (done.problem === undefined) continue
          badRows += 1
          if (bad.length < MAX_BAD_KEPT) bad.push({ row: rows, line: record.line, problem: done.problem })
        }
        return text
      }

      for (let isFirst = true, count = 1; count > 0; isFirst = false) {
        const piece = yield* next
        count = piece.count
        bytes += count
        const text = isFirst ? piece.text.replace(/^\uFEFF/u, "") : piece.text
        const read = count > 0 ? reader.push(text) : reader.end()
        let records = yield* Effect.fromResult(Result.mapError(read, (problem) => refused(input, problem)))
        const [header] = records
        if (batch === undefined && header !== undefined) {
          batch = yield* Effect.fromResult(firstRecord(input, header, computation))
          const line = `${batch.header}\n`
          yield* trying(output, "written", () => writeFileSync(target.handle, line))
          records = records.slice(1)
        }
        if (batch === undefined) continue
        for (let from = 0; from < records.length; from += ROWS_AT_ONCE) {
          const done = compute(records.slice(from, from + ROWS_AT_ONCE), batch)
          yield* trying(output, "written", () => writeFileSync(target.handle, done))
          yield* Effect.yieldNow
          const now = yield* Clock.currentTimeMillis
          yield* files.onProgress({ rows, bytes, ofBytes: source.size }, now - begun)
        }
      }
      if (batch === undefined) return yield* refused(input, "the file is empty")
      yield* trying(output, "written", () => renameSync(target.beside, output))
      const done: BatchDone = { rows, badRows, bad, results: batch.results, replaced: batch.replaced }
      return done
    })
  )
})
