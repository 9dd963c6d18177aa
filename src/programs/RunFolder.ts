/** A run's own folder: its inputs, a desk for each strategy, its result and report. */
import { Clock, Effect, FileSystem, Option, Path, Schema } from "effect"
import { readRegularFile } from "../market/RegularFile.ts"
import { RunInputs } from "../session/RunInputs.ts"
import { MarketConfig } from "./DeskConfig.ts"
import { MAX_TEXT_BYTES } from "./ReadTextFile.ts"
import { RunRefused } from "./RunSetup.ts"

/** What is written before the first session, and read to resume. */
export const RunFile = Schema.Struct({
  version: Schema.Literal(1),
  inputs: RunInputs,
  market: MarketConfig,
  /** What a CSV's or LEAN folder's relative paths are relative to. */
  folder: Schema.String,
  /** Whose `algorithms/` its strategies are in; of runs of before there were any it is `folder`. */
  project: Schema.optionalKey(Schema.String),
  /** The arguments that give this run again, from the command's name on. */
  command: Schema.String
})
export type RunFile = typeof RunFile.Type

const codec = Schema.fromJsonString(RunFile)
const decode = Schema.decodeUnknownEffect(codec, { onExcessProperty: "error" })

const INPUTS = "run.json"
/** The inputs on their way to be written. */
const UNREADY = "run.json.new"
const RESULT = "result.json"

export interface RunFolder {
  readonly id: string
  readonly path: string
  readonly report: string
}

/** "20261122-154500", by the computer's clock in UTC. */
const idAt = (millis: number): string => {
  const iso = new Date(millis).toISOString()
  return `${iso.slice(0, 10).replaceAll("-", "")}-${iso.slice(11, 19).replaceAll(":", "")}`
}

const folderOf = (path: Path.Path, runs: string, id: string): RunFolder => ({
  id,
  path: path.join(runs, id),
  report: path.join(runs, id, "report.html")
})

/** The first free one of ID, ID-2, ID-3, …; whoever makes the folder has the id. */
const claim = Effect.fnUntraced(function* (runs: string, stem: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* fs.makeDirectory(runs, { recursive: true })
  for (let n = 1; ; n++) {
    const id = n === 1 ? stem : `${stem}-${n}`
    const isMine = yield* fs.makeDirectory(path.join(runs, id)).pipe(
      Effect.as(true),
      Effect.catchIf(
        ({ reason }) => reason._tag === "AlreadyExists",
        () => Effect.succeed(false)
      )
    )
    if (isMine) return folderOf(path, runs, id)
  }
})

/** A new folder under `runs`, holding the inputs. */
export const create = Effect.fnUntraced(function* (runs: string, file: RunFile) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* claim(runs, idAt(yield* Clock.currentTimeMillis))
  const unready = path.join(folder.path, UNREADY)
  yield* fs.writeFileString(unready, `${JSON.stringify(file, null, 2)}\n`)
  // Whole or not there, for whoever looks meanwhile.
  yield* fs.rename(unready, path.join(folder.path, INPUTS))
  return folder
})

/** The ids of all runs, in order of the alphabet, which is that of their beginnings to the second. */
export const list = Effect.fnUntraced(function* (runs: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* fs.exists(runs)) ? (yield* fs.readDirectory(runs)).toSorted() : []
})

/** A folder that was made for a run and has nothing of it yet. */
export const isUnbegun = Effect.fnUntraced(function* ({ path }: RunFolder) {
  const fs = yield* FileSystem.FileSystem
  return (yield* fs.readDirectory(path)).every((name) => name === UNREADY)
})

/** The folder of a run of that id, whether it is there or not. `id` has to be a name, and no path. */
export const named = (runs: string, id: string) => Effect.map(Path.Path, (path) => folderOf(path, runs, id))

/** What a run was begun with. */
export const read = Effect.fnUntraced(function* (folder: RunFolder) {
  const path = yield* Path.Path
  const inputs = path.join(folder.path, INPUTS)
  return yield* readRegularFile(inputs, MAX_TEXT_BYTES).pipe(
    Effect.flatMap((bytes) => decode(new TextDecoder().decode(bytes))),
    Effect.mapError((error) => new RunRefused({ message: `${inputs} cannot be read: ${error.message}` }))
  )
})

/** Whether it is a run, and not something else in that place. */
export const isRun = Effect.fnUntraced(function* (folder: RunFolder) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  // Below a file there is nothing: that is no failure here.
  return yield* Effect.orElseSucceed(fs.exists(path.join(folder.path, INPUTS)), () => false)
})

/** The text of what a finished run left as its result; none while it has not finished. */
export const result = Effect.fnUntraced(function* (folder: RunFolder) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder.path, RESULT)
  if (!(yield* fs.exists(file))) return Option.none<string>()
  return yield* readRegularFile(file, MAX_TEXT_BYTES).pipe(
    Effect.map((bytes) => Option.some(new TextDecoder().decode(bytes))),
    Effect.mapError((error) => new RunRefused({ message: `${file} cannot be read: ${error.message}` }))
  )
})

/** The run named, or the latest that did not finish, with its inputs. */
export const reopen = Effect.fnUntraced(function* (runs: string, id: Option.Option<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const present = yield* list(runs)
  const candidates = Option.isSome(id) ? present.filter((name) => name === id.value) : present.toReversed()
  for (const name of candidates) {
    const folder = folderOf(path, runs, name)
    if (!(yield* fs.exists(path.join(folder.path, INPUTS)))) continue
    if (Option.isNone(id) && (yield* fs.exists(path.join(folder.path, RESULT)))) continue
    return { folder, file: yield* read(folder) }
  }
  return yield* new RunRefused({
    message: Option.match(id, {
      onNone: () => `there is no unfinished run in ${runs} to resume`,
      onSome: (name) =>
        `there is no run ${name} in ${runs}${present.length === 0 ? "" : `; there are ${present.join(", ")}`}`
    })
  })
})

/** Marks the run as finished. */
export const finish = Effect.fnUntraced(function* (folder: RunFolder, result: unknown) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* fs.writeFileString(path.join(folder.path, RESULT), `${JSON.stringify(result, null, 2)}\n`)
})

/** Where each book of a run keeps its desk; "latest" is the run that was begun last. */
export const bookFolders = Effect.fnUntraced(function* (runs: string, id: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const present = (yield* fs.exists(runs)) ? (yield* fs.readDirectory(runs)).toSorted() : []
  const name = id === "latest" ? present.at(-1) : present.find((run) => run === id)
  if (name === undefined) {
    return yield* new RunRefused({
      message: `there is no run ${id} in ${runs}${present.length === 0 ? "" : `; there are ${present.join(", ")}`}`
    })
  }
  const folder = path.join(runs, name)
  const entries = (yield* fs.readDirectory(folder)).toSorted()
  const folders = yield* Effect.filter(entries, (entry) =>
    Effect.map(fs.stat(path.join(folder, entry)), ({ type }) => type === "Directory")
  )
  const found = yield* Effect.filter(folders, (book) => fs.exists(path.join(folder, book, "desk.db")))
  return found.map((book) => ({
    name: `${name}/${book}`,
    database: path.join(folder, book, "desk.db"),
    audit: path.join(folder, book, "audit")
  }))
})
