/** The runs there are: begun by this server or by `plimsoll run`, finished or not, readable or not. */
import { Effect, FileSystem, Option, Schema } from "effect"
import { noOptions, type OptionSummary } from "../../../session/OptionTrail.ts"
import { strategies } from "../../../session/strategies/Strategies.ts"
import type { BookSummary } from "../../../session/RunSummary.ts"
import { resumeCommand } from "../../RunToReport.ts"
import * as RunFolder from "../../RunFolder.ts"
import * as RunProgram from "../../RunProgram.ts"

/** No run of this id is there. */
export class BacktestUnknown extends Schema.TaggedError<BacktestUnknown>()("BacktestUnknown", {
  message: Schema.String
}) {}

/** The run was begun and has no result yet. */
export class BacktestUnfinished extends Schema.TaggedError<BacktestUnfinished>()("BacktestUnfinished", {
  backtestId: Schema.String,
  message: Schema.String
}) {}

/** Something of the run is missing or is not what was written. */
export class BacktestDamaged extends Schema.TaggedError<BacktestDamaged>()("BacktestDamaged", {
  backtestId: Schema.String,
  message: Schema.String
}) {}

/** What is read of a run's own result. Statistics that cannot be told are null. */
const StoredResult = Schema.Struct({
  journal_hash: Schema.String,
  total_return: Schema.NullOr(Schema.Finite),
  max_drawdown: Schema.NullOr(Schema.Finite),
  sharpe: Schema.NullOr(Schema.Finite),
  books: Schema.NonEmptyArray(Schema.Struct({ strategy: Schema.String, journal_hash: Schema.String }))
})
export type StoredResult = typeof StoredResult.Type

const decodeResult = Schema.decodeUnknownEffect(Schema.fromJsonString(StoredResult))

/** A run as it stands. */
export type Shelved =
  | {
      readonly status: "finished"
      readonly folder: RunFolder.RunFolder
      readonly file: RunFolder.RunFile
      readonly result: StoredResult
    }
  | {
      readonly status: "unfinished"
      readonly folder: RunFolder.RunFolder
      readonly file: RunFolder.RunFile
    }
  | { readonly status: "damaged"; readonly folder: RunFolder.RunFolder; readonly problem: string }

/** Ids that are told when another was asked for. */
const NAMED_IDS = 5
/** Characters that are told of a problem. */
const MAX_PROBLEM = 300

const short = (text: string): string => (text.length > MAX_PROBLEM ? `${text.slice(0, MAX_PROBLEM)}…` : text)

/** A name as runs have them: no path leads out of the folder by it. */
const idPattern = /^[A-Za-z0-9][\w-]{0,63}$/u

const partsOf = (id: string): readonly [begun: string, n: number] => {
  const [, begun, n] = /^(\d{8}-\d{6})(?:-(\d{1,9}))?$/u.exec(id) ?? []
  return begun === undefined ? [id, 1] : [begun, Number(n ?? 1)]
}

/** Newest first: the tenth run of a second comes before its second. */
export const newestFirst = (a: string, b: string): number => {
  const [[begunA, nA], [begunB, nB]] = [partsOf(a), partsOf(b)]
  return begunA === begunB ? nB - nA : begunA > begunB ? -1 : 1
}

/** The ids of all runs, newest first; one that is being made at this moment is not there yet. */
export const backtestIds = Effect.fnUntraced(function* (runs: string) {
  const names = yield* RunFolder.list(runs)
  const ids = names.filter((name) => idPattern.test(name)).toSorted(newestFirst)
  const [newest] = ids
  if (newest === undefined) return ids
  const isUnbegun = yield* Effect.flatMap(RunFolder.named(runs, newest), RunFolder.isUnbegun)
  return isUnbegun ? ids.slice(1) : ids
})

/** A run of the shelf; `id` is one that is there. */
export const shelved = Effect.fnUntraced(function* (runs: string, id: string) {
  const folder = yield* RunFolder.named(runs, id)
  const read = Effect.gen(function* () {
    const file = yield* RunFolder.read(folder)
    const result = yield* RunFolder.result(folder)
    if (Option.isNone(result)) return { status: "unfinished" as const, folder, file }
    return { status: "finished" as const, folder, file, result: yield* decodeResult(result.value) }
  })
  return yield* Effect.catch(read, (error) =>
    Effect.succeed({ status: "damaged" as const, folder, problem: short(error.message) })
  ).pipe(Effect.map((found): Shelved => found))
})

/** A finished run; else why there is none. */
export const finished = Effect.fnUntraced(function* (runs: string, id: string, isRunning: boolean) {
  const ids = yield* backtestIds(runs)
  if (!ids.includes(id)) {
    const there = ids.length === 0 ? "there are none" : `the latest are ${ids.slice(0, NAMED_IDS).join(", ")}`
    return yield* new BacktestUnknown({ message: `there is no backtest "${id.slice(0, 64)}"; ${there}` })
  }
  const found = yield* shelved(runs, id)
  if (found.status === "damaged") {
    return yield* new BacktestDamaged({
      backtestId: id,
      message: `backtest ${id} is damaged: ${found.problem}`
    })
  }
  if (found.status === "unfinished") {
    return yield* new BacktestUnfinished({
      backtestId: id,
      message: isRunning
        ? `backtest ${id} is still running`
        : `backtest ${id} has not finished: it was interrupted, or another process is playing it; ${resumeCommand("plimsoll", id)} goes on with it`
    })
  }
  return found
})

export interface ReadBook {
  readonly strategy: string
  readonly summary: BookSummary
  readonly options: OptionSummary
}

/**
 * Each book of a finished run, told anew from its journal, which has to be the
 * one that the result was made of.
 */
export const readBooks = Effect.fnUntraced(function* ({
  file,
  folder,
  result
}: Extract<Shelved, { status: "finished" }>) {
  const fs = yield* FileSystem.FileSystem
  const damaged = (problem: string) =>
    new BacktestDamaged({
      backtestId: folder.id,
      message: `backtest ${folder.id} is damaged: ${short(problem)}`
    })
  return yield* Effect.forEach(file.inputs.strategies, (strategy) =>
    Effect.gen(function* () {
      const book = `${folder.path}/${strategy}`
      // Opening a database that is not there would make one.
      const isThere = yield* fs.exists(`${book}/desk.db`)
      if (!isThere) return yield* damaged(`the book of ${strategy} is missing`)
      const summary = yield* Effect.mapError(RunProgram.bookSummary(book), ({ message }) => damaged(message))
      const stored = result.books.find((one) => one.strategy === strategy)
      if (stored?.journal_hash !== summary.journalHash) {
        return yield* damaged(`the journal of ${strategy} is not the one its result was made of`)
      }
      const options =
        strategies.get(strategy)?.options === undefined
          ? noOptions
          : yield* Effect.mapError(RunProgram.bookOptions(book), ({ message }) => damaged(message))
      const read: ReadBook = { strategy, summary, options }
      return read
    })
  )
})
