/**
 * A sweep's own folder: what it was asked with, and its points as they come,
 * one a line. A sweep that is begun anew begins with none; one that is gone on
 * with keeps those that are there. A line that was being written when the
 * process ended is dropped.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Result, Schema } from "effect"
import { SweepFile, SweepPoint } from "../../backtest/Sweep.ts"
import { placeWhole } from "./PlaceWhole.ts"

/** The files of a sweep cannot be read or written. */
export class SweepFolderFailed extends Schema.TaggedError<SweepFolderFailed>()("SweepFolderFailed", {
  file: Schema.String,
  message: Schema.String
}) {}

/** There is nothing of this sweep to go on with. */
export class NothingToResume extends Schema.TaggedError<NothingToResume>()("NothingToResume", {
  message: Schema.String
}) {}

export interface SweepFolder {
  readonly path: string
  /** The points that are there already. */
  readonly points: ReadonlyArray<SweepPoint>
  /** Adds these, behind the others. */
  readonly add: (points: ReadonlyArray<SweepPoint>) => Effect.Effect<void, SweepFolderFailed>
}

const causeText = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** What goes wrong with a file of a sweep, as a failure that names it. */
export const trying = <A>(file: string, what: string, work: () => A): Effect.Effect<A, SweepFolderFailed> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new SweepFolderFailed({ file, message: `${file} cannot be ${what}: ${causeText(cause)}` })
  })

const decodePoint = Schema.decodeUnknownResult(Schema.fromJsonString(SweepPoint), {
  onExcessProperty: "error"
})
const encodePoint = Schema.encodeSync(Schema.fromJsonString(SweepPoint))
const encodeFile = Schema.encodeSync(Schema.fromJsonString(SweepFile))

/** The points of a file's text: whole lines; what follows the last newline was being written. */
export const pointsOfText = (file: string, text: string) =>
  Effect.gen(function* () {
    const points: Array<SweepPoint> = []
    for (const [at, line] of text.split("\n").slice(0, -1).entries()) {
      const point = decodePoint(line)
      if (Result.isFailure(point)) {
        return yield* new SweepFolderFailed({
          file,
          message: `${file} line ${at + 1} is no point of a sweep: begin the sweep anew, without --resume`
        })
      }
      points.push(point.success)
    }
    return points
  })

const linesOf = (points: ReadonlyArray<SweepPoint>): string =>
  points.map((point) => `${encodePoint(point)}\n`).join("")

const opened = (
  path: string,
  file: SweepFile,
  points: ReadonlyArray<SweepPoint>
): Effect.Effect<SweepFolder, SweepFolderFailed> => {
  const lines = join(path, "points.jsonl")
  return trying(path, "written", () => {
    mkdirSync(path, { recursive: true })
    placeWhole(join(path, "sweep.json"), `${encodeFile(file)}\n`)
    placeWhole(lines, linesOf(points))
    return {
      path,
      points,
      add: (more: ReadonlyArray<SweepPoint>) =>
        trying(lines, "written", () => appendFileSync(lines, linesOf(more)))
    }
  })
}

/** The folder `id` under `sweeps`, without a point. */
export const begin = (sweeps: string, id: string, file: SweepFile) => opened(join(sweeps, id), file, [])

/** The folder `id` under `sweeps` with its points, those that failed left out: they are tried once more. */
export const resume = Effect.fnUntraced(function* (sweeps: string, id: string, file: SweepFile) {
  const path = join(sweeps, id)
  const lines = join(path, "points.jsonl")
  const text = yield* trying(lines, "read", () =>
    existsSync(lines) ? Option.some(readFileSync(lines, "utf8")) : Option.none()
  )
  if (Option.isNone(text)) {
    return yield* new NothingToResume({
      message: `there is no sweep ${id} in ${sweeps} to go on with: nothing was begun with this algorithm, this grid, these inputs and these prices. Leave --resume out`
    })
  }
  const points = yield* pointsOfText(lines, text.value)
  return yield* opened(
    path,
    file,
    points.filter(({ _tag }) => _tag !== "Failed")
  )
})
