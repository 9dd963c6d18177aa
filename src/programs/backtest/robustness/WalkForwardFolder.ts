/**
 * A walk-forward's own folder: what it was asked with, and its segments as they
 * come, those of one task a line. One that is begun anew begins with none; one
 * that is gone on with keeps those that are there. A line that was being written
 * when the process ended is dropped, and segments that failed are not kept.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Result, Schema } from "effect"
import type { PlayedSegment } from "../../../backtest/SegmentPlayer.ts"
import { placeWhole } from "../PlaceWhole.ts"
import { NothingToResume, SweepFolderFailed, trying } from "../SweepFolder.ts"
import { WalkForwardFile } from "./WalkForwardFile.ts"

/** Segments of one point. */
export interface KeptSegments {
  readonly index: number
  readonly segments: ReadonlyArray<PlayedSegment>
}

export interface WalkForwardFolder {
  readonly path: string
  /** What is there already. */
  readonly kept: ReadonlyArray<KeptSegments>
  /** Adds these, behind the others. */
  readonly add: (more: ReadonlyArray<KeptSegments>) => Effect.Effect<void, SweepFolderFailed>
}

/** In a row, for there are many: from, until, engine, total return, entries, exits, Sharpe ratio, maximum drawdown, objective, returns. */
const SegmentRow = Schema.Tuple([
  Schema.Int,
  Schema.Int,
  Schema.Literals(["vector", "event"]),
  Schema.Finite,
  Schema.Int,
  Schema.Int,
  Schema.NullOr(Schema.Finite),
  Schema.Finite,
  Schema.NullOr(Schema.Finite),
  Schema.NullOr(Schema.Array(Schema.Finite))
])
type SegmentRow = typeof SegmentRow.Type

const Line = Schema.Struct({ index: Schema.Int, segments: Schema.Array(SegmentRow) })

const decodeLine = Schema.decodeUnknownResult(Schema.fromJsonString(Line), { onExcessProperty: "error" })
const encodeFile = Schema.encodeSync(Schema.fromJsonString(WalkForwardFile))

const rowOf = ({ engine, figures, from, returns, score, until }: PlayedSegment): SegmentRow => [
  from,
  until,
  engine,
  figures.totalReturn,
  figures.entries,
  figures.exits,
  figures.sharpe,
  figures.maxDrawdown,
  score,
  returns === undefined ? null : Array.from(returns)
]

const segmentOf = (row: SegmentRow): PlayedSegment => {
  const [from, until, engine, totalReturn, entries, exits, sharpe, maxDrawdown, score, returns] = row
  return {
    from,
    until,
    engine,
    figures: { totalReturn, entries, exits, sharpe, maxDrawdown },
    score,
    returns: returns === null ? undefined : Float64Array.from(returns)
  }
}

const linesOf = (kept: ReadonlyArray<KeptSegments>): string =>
  kept.map(({ index, segments }) => `${JSON.stringify({ index, segments: segments.map(rowOf) })}\n`).join("")

/** One of each session, where they are kept. */
const hasItsReturns = ([from, until, , , , , , , , returns]: SegmentRow): boolean =>
  returns === null || returns.length === until - from

/** The segments of a file's text: whole lines; what follows the last newline was being written. */
const keptOfText = Effect.fnUntraced(function* (file: string, text: string) {
  const kept: Array<KeptSegments> = []
  for (const [at, line] of text.split("\n").slice(0, -1).entries()) {
    const found = decodeLine(line)
    if (Result.isFailure(found) || !found.success.segments.every(hasItsReturns)) {
      return yield* new SweepFolderFailed({
        file,
        message: `${file} line ${at + 1} is no line of segments: begin the walk-forward anew, without --resume`
      })
    }
    const { index, segments } = found.success
    kept.push({ index, segments: segments.map(segmentOf) })
  }
  return kept
})

const opened = (
  path: string,
  file: WalkForwardFile,
  kept: ReadonlyArray<KeptSegments>
): Effect.Effect<WalkForwardFolder, SweepFolderFailed> => {
  const lines = join(path, "segments.jsonl")
  return trying(path, "written", () => {
    mkdirSync(path, { recursive: true })
    placeWhole(join(path, "walk-forward.json"), `${encodeFile(file)}\n`)
    placeWhole(lines, linesOf(kept))
    return {
      path,
      kept,
      add: (more: ReadonlyArray<KeptSegments>) =>
        trying(lines, "written", () => appendFileSync(lines, linesOf(more)))
    }
  })
}

/** The folder `id` under `folder`, without a segment. */
export const begin = (folder: string, id: string, file: WalkForwardFile) => opened(join(folder, id), file, [])

/** The folder `id` under `folder` with its segments. */
export const resume = Effect.fnUntraced(function* (folder: string, id: string, file: WalkForwardFile) {
  const path = join(folder, id)
  const lines = join(path, "segments.jsonl")
  const text = yield* trying(lines, "read", () =>
    existsSync(lines) ? Option.some(readFileSync(lines, "utf8")) : Option.none()
  )
  if (Option.isNone(text)) {
    return yield* new NothingToResume({
      message: `there is no walk-forward ${id} in ${folder} to go on with: nothing was begun with this algorithm, this grid, these windows, these inputs and these prices. Leave --resume out`
    })
  }
  return yield* opened(path, file, yield* keptOfText(lines, text.value))
})
