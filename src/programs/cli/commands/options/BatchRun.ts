/** A batch as the commands run it: its files, its progress, and what it tells at the end. */
import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { answer, optional } from "../../CommandKit.ts"
import { BadUsage, exitCodes, Told } from "../../Failures.ts"
import { counted } from "../../Format.ts"
import { surroundings } from "../../Surroundings.ts"
import { err, printable } from "../../Terminal.ts"
import { terminalBar } from "../../TerminalBar.ts"
import type { Computation } from "./Batch.ts"
import { type BadBatchRow, type BatchProgress, runBatch } from "./BatchFile.ts"

const path = (name: string) => Flag.String(name).pipe(Flag.withMetavar("path"))

export const batchFlags = {
  input: optional(path("input"), "a CSV with a row an option; columns are found by their names"),
  output: optional(path("output"), "where the same rows go with the results appended")
}

/** Without a terminal, a line so often. */
const LINE_EVERY_MILLIS = 10_000

interface Shown {
  readonly update: (progress: BatchProgress, elapsedMillis: number) => void
  readonly stop: () => void
}

const barOnTerminal = (): Shown => {
  const bar = terminalBar("{rows} rows  {rate} a second")
  return {
    update: ({ bytes, ofBytes, rows }, elapsedMillis) => {
      const payload = { rows, rate: Math.round((1000 * rows) / elapsedMillis) }
      bar.update(bytes, ofBytes, payload, elapsedMillis)
    },
    stop: bar.stop
  }
}

const linesWithoutTerminal = (): Shown => {
  let told = 0
  return {
    update: ({ bytes, ofBytes, rows }, elapsedMillis) => {
      if (elapsedMillis - told < LINE_EVERY_MILLIS) return
      told = elapsedMillis
      err(`${counted(rows, "row")}, ${Math.floor((100 * bytes) / Math.max(1, ofBytes))}% of the file`)
    },
    stop: () => undefined
  }
}

/** Bad rows told in words; of further ones the numbers. */
const LISTED_BAD = 20
const LISTED_NUMBERS = 100

const badLines = (bad: ReadonlyArray<BadBatchRow>, total: number): ReadonlyArray<string> => {
  const listed = bad
    .slice(0, LISTED_BAD)
    .map(({ line, problem, row }) => `row ${row} (line ${line}): ${problem}`)
  const numbers = bad.slice(LISTED_BAD, LISTED_BAD + LISTED_NUMBERS).map(({ row }) => row)
  const more = total - listed.length - numbers.length
  return [
    ...listed,
    ...(numbers.length === 0
      ? []
      : [
          `further rows: ${numbers.join(", ")}${more > 0 ? ` and ${more} more` : ""}; status "invalid" marks each`
        ])
  ]
}

/** How a batch is asked for; none when there is no --input and no --output. */
export const batchFiles = Effect.fnUntraced(function* (asked: {
  readonly input: Option.Option<string>
  readonly output: Option.Option<string>
}) {
  if (Option.isNone(asked.input) && Option.isNone(asked.output)) return Option.none()
  if (Option.isNone(asked.input)) {
    return yield* new BadUsage({ message: "--output is for the rows of --input FILE.csv: name that too" })
  }
  if (Option.isNone(asked.output)) {
    return yield* new BadUsage({ message: "where to? Name the file for the results by --output FILE.csv" })
  }
  const { cwd } = surroundings()
  return Option.some({
    input: resolve(cwd, asked.input.value),
    output: resolve(cwd, asked.output.value)
  })
})

/** Runs a batch and tells what came of it; exit code 1 when a row could not be computed. */
export const tellBatch = Effect.fnUntraced(function* (
  files: { readonly input: string; readonly output: string },
  computation: Computation,
  json: boolean
) {
  const shown = process.stderr.isTTY ? barOnTerminal() : linesWithoutTerminal()
  const done = yield* runBatch(
    {
      ...files,
      computation,
      onProgress: (progress, elapsed) => Effect.sync(() => shown.update(progress, elapsed))
    },
    surroundings().folder
  ).pipe(Effect.ensuring(Effect.sync(shown.stop)))
  for (const line of badLines(done.bad, done.badRows)) err(printable(line))
  const { model } = computation
  yield* answer(
    json,
    {
      rows: done.rows,
      model,
      bad_rows: done.badRows,
      bad: done.bad,
      results: done.results,
      replaced: done.replaced,
      output: files.output
    },
    [
      `${counted(done.rows - done.badRows, "row")} done by ${model}${done.badRows > 0 ? `, ${done.badRows} not` : ""}: ${printable(files.output)}`,
      ...(done.replaced.length > 0
        ? [`The input's own ${done.replaced.map(printable).join(", ")} gave way to ours.`]
        : [])
    ]
  )
  if (done.badRows > 0) return yield* new Told({ exitCode: exitCodes.failed })
})
