/**
 * What LEAN left of a run: the result, its order events, the log, the code.
 *
 * A path may name the result itself (`<id>.json`), the folder it lies in, or a
 * project, of which the newest run is meant.
 */
import { Effect, FileSystem, Path, type PlatformError, Result, Schema } from "effect"
import type { BacktestInputs } from "../../backtest/BacktestInputs.ts"
import type { BacktestContent } from "../../backtest/BacktestResult.ts"
import { leanBacktest, type LeanFiles } from "../../backtest/lean/LeanBacktest.ts"
import type { LeanResult } from "../../backtest/lean/LeanResult.ts"
import { LeanResultError } from "../../backtest/lean/LeanResultError.ts"
import { contentOf } from "../../backtest/ResultOf.ts"
import { SessionDate } from "../../domain/Timestamp.ts"
import { type NotReadable, readRegularFile } from "../../market/RegularFile.ts"
import { projectHash } from "./CodeFiles.ts"

/** A result of a thousand orders a year over twenty years is a third of it. */
const MAX_RESULT_BYTES = 67_108_864
/** More of a log is left unread; what is looked for is at its beginning. */
const MAX_LOG_BYTES = 67_108_864

const runPattern = /^\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}/u

const decoder = new TextDecoder()

const failed = (reason: LeanResultError["reason"], path: string, message: string): LeanResultError =>
  new LeanResultError({ reason, path, message })

/** What is in the folder that is no result: order events, reports, configurations. */
const isOther = (name: string): boolean =>
  !name.endsWith(".json") ||
  /-order-events\.json$|^data-monitor-report|^config\.json$|^lean\.json$/u.test(name)

const isSummary = (name: string): boolean => name.endsWith("-summary.json")

/** The files that LEAN asked its data folder for, and those that were not there. */
export interface DataRequests {
  readonly asked: number
  readonly failed: number
}

export interface LeanOutput extends LeanFiles {
  readonly requests?: DataRequests
}

/** Of its counts these two are read. */
const Report = Schema.Struct({
  "total-data-requests-count": Schema.Int,
  "failed-data-requests-count": Schema.Int
})
const decodeReport = Schema.decodeUnknownEffect(Schema.fromJsonString(Report))

/** Of a project's config.json one setting is read here. */
const decodeConfig = Schema.decodeUnknownEffect(
  Schema.fromJsonString(Schema.Struct({ "knowledge-cutoff": Schema.optionalKey(SessionDate) }))
)

const requestNotes = (requests: DataRequests | undefined): ReadonlyArray<string> =>
  requests === undefined || requests.failed === 0
    ? []
    : [`LEAN did not find ${requests.failed} of the ${requests.asked} data files it asked for`]

const make = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path

  const names = (folder: string): Effect.Effect<ReadonlyArray<string>> =>
    Effect.orElseSucceed(fs.readDirectory(folder), () => [])

  const modifiedMillis = (file: string): Effect.Effect<number> =>
    fs.stat(file).pipe(
      Effect.map(({ mtime }) => (mtime._tag === "Some" ? mtime.value.getTime() : 0)),
      Effect.orElseSucceed(() => 0)
    )

  /** The newest of the whole results, else of the summaries. */
  const resultIn = Effect.fnUntraced(function* (folder: string) {
    const candidates = (yield* names(folder)).filter((name) => !isOther(name))
    const whole = candidates.filter((name) => !isSummary(name))
    const dated = yield* Effect.forEach(whole.length > 0 ? whole : candidates, (name) =>
      Effect.map(modifiedMillis(paths.join(folder, name)), (at) => ({ at, name }))
    )
    const [newest] = dated.toSorted((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1))
    return newest === undefined ? undefined : paths.join(folder, newest.name)
  })

  const found = Effect.fnUntraced(function* (path: string): Effect.fn.Return<string, LeanResultError> {
    const info = yield* Effect.mapError(fs.stat(path), () =>
      failed(
        "not-found",
        path,
        `there is nothing at ${path}: expected a LEAN result, <id>.json, or the folder it is in`
      )
    )
    if (info.type === "File") return path
    const own = yield* resultIn(path)
    if (own !== undefined) return own
    const runs = (yield* names(paths.join(path, "backtests")))
      .filter((name) => runPattern.test(name))
      .toSorted()
    const newest = runs.at(-1)
    const inside = newest === undefined ? undefined : yield* resultIn(paths.join(path, "backtests", newest))
    if (inside !== undefined) return inside
    const looked = newest === undefined ? path : paths.join(path, "backtests", newest)
    return yield* failed(
      "no-result",
      looked,
      `${looked} holds no LEAN result: looked for <id>.json and <id>-summary.json${newest === undefined ? ", and for runs in backtests/" : ""}`
    )
  })

  const text = (file: string, maxBytes: number) =>
    Effect.map(readRegularFile(file, maxBytes), (bytes) => decoder.decode(bytes))

  const unreadable =
    (file: string) =>
    (error: PlatformError.PlatformError | NotReadable): LeanResultError =>
      failed(
        error._tag === "NotReadable" && error.message.includes("more than") ? "too-large" : "unreadable",
        file,
        `${file} cannot be read: ${error.message}`
      )

  const beside = Effect.fnUntraced(function* (file: string) {
    return (yield* Effect.orElseSucceed(fs.exists(file), () => false))
      ? yield* Effect.mapError(text(file, MAX_RESULT_BYTES), unreadable(file))
      : undefined
  })

  const codeHash = Effect.fnUntraced(function* (folder: string) {
    if (!(yield* Effect.orElseSucceed(fs.exists(folder), () => false))) return undefined
    return yield* Effect.try({
      try: () => projectHash(folder),
      catch: (cause) =>
        failed(
          "unreadable",
          folder,
          `${folder} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
        )
    })
  })

  /** LEAN's report on the files it asked its data folder for. */
  const dataRequests = Effect.fnUntraced(function* (folder: string) {
    const name = (yield* names(folder)).find((one) => /^data-monitor-report.*\.json$/u.test(one))
    if (name === undefined) return undefined
    const file = paths.join(folder, name)
    return yield* text(file, MAX_RESULT_BYTES).pipe(
      Effect.flatMap((json) => decodeReport(json)),
      Effect.map((report) => ({
        asked: report["total-data-requests-count"],
        failed: report["failed-data-requests-count"]
      })),
      // It only adds a note.
      Effect.orElseSucceed(() => undefined)
    )
  })

  /** "PROJECT/backtests/2026-11-27_10-20-30" is of PROJECT. */
  const projectOf = (folder: string): string | undefined => {
    const runs = paths.dirname(folder)
    return paths.basename(runs) === "backtests" ? paths.basename(paths.dirname(runs)) : undefined
  }

  /** By the config.json of a project, or of the copy of it that a run keeps. */
  const cutoffIn = Effect.fnUntraced(function* (folder: string) {
    const file = paths.join(folder, "config.json")
    const json = yield* beside(file)
    if (json === undefined) return undefined
    const config = yield* Effect.mapError(decodeConfig(json), ({ message }) =>
      failed("unreadable", file, `${file} cannot be read: ${message.replaceAll(/\s+/gu, " ")}`)
    )
    return config["knowledge-cutoff"]
  })

  /** The later one of the code that ran and of the project as it is now. */
  const knowledgeCutoff = Effect.fnUntraced(function* (folder: string) {
    const ran = yield* cutoffIn(paths.join(folder, "code"))
    const isOfProject = projectOf(folder) !== undefined
    const now = isOfProject ? yield* cutoffIn(paths.dirname(paths.dirname(folder))) : undefined
    return ran === undefined || (now !== undefined && now > ran) ? now : ran
  })

  const read = Effect.fnUntraced(function* (
    given: string
  ): Effect.fn.Return<LeanOutput, LeanResultError, FileSystem.FileSystem> {
    const path = yield* found(paths.resolve(given))
    const folder = paths.dirname(path)
    const requests = yield* dataRequests(folder)
    const cutoff = yield* knowledgeCutoff(folder)
    const id = paths.basename(path).replace(/(?:-summary)?\.json$/u, "")
    return {
      path,
      result: yield* Effect.mapError(text(path, MAX_RESULT_BYTES), unreadable(path)),
      events: yield* beside(paths.join(folder, `${id}-order-events.json`)),
      // The log only tells LEAN's version; a run without it is read all the same.
      log: yield* Effect.orElseSucceed(text(paths.join(folder, "log.txt"), MAX_LOG_BYTES), () => undefined),
      codeHash: yield* codeHash(paths.join(folder, "code")),
      name: projectOf(folder),
      notes: requestNotes(requests),
      ...(cutoff === undefined ? {} : { knowledgeCutoff: cutoff }),
      ...(requests === undefined ? {} : { requests })
    }
  })

  return { read }
})

/** The files of the run at a path. */
export const readLeanOutput = (
  path: string
): Effect.Effect<LeanOutput, LeanResultError, FileSystem.FileSystem | Path.Path> =>
  Effect.flatMap(make, ({ read }) => read(path))

/** A LEAN run as a backtest. */
export interface ImportedLean {
  readonly inputs: BacktestInputs
  readonly content: BacktestContent
  /** What was left out, and what to mind. */
  readonly notes: ReadonlyArray<string>
  /** The result's path. */
  readonly path: string
}

/** What is in the files, with this program's statistics of its curve. */
export const importedLean = (
  output: LeanOutput
): Result.Result<ImportedLean & { readonly result: LeanResult }, LeanResultError> =>
  Result.map(leanBacktest(output), (backtest) => ({
    inputs: backtest.inputs,
    content: contentOf(backtest),
    notes: backtest.notes,
    path: output.path,
    result: backtest.result
  }))

/** The run at a path: a result, the folder it lies in, or a project. */
export const importLean = (
  path: string
): Effect.Effect<ImportedLean, LeanResultError, FileSystem.FileSystem | Path.Path> =>
  Effect.flatMap(readLeanOutput(path), (output) => Effect.fromResult(importedLean(output)))
