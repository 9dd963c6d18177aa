/** Files that commands write where they are told to. */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { basename, dirname, join, sep } from "node:path"
import { Effect, Schema } from "effect"
import type { DeskFolder } from "../DeskFolder.ts"

/** A file cannot be written. */
export class OutputFailed extends Schema.TaggedError<OutputFailed>()("OutputFailed", {
  file: Schema.String,
  message: Schema.String
}) {}

/** Work on a file; what goes wrong says that it cannot be `what`. */
export const trying = (file: string, what: string, work: () => void): Effect.Effect<void, OutputFailed> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new OutputFailed({
        file,
        message: `${file} cannot be ${what}: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

/** Where a path leads, as far as it exists. */
export const realPath = (path: string): string => {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : join(realPath(parent), basename(path))
}

/** The desk's own files are not written over, and only a file is: a device would be replaced by one. */
export const checkReplaceable = Effect.fnUntraced(function* (file: string, desk: DeskFolder) {
  const refuse = (problem: string) => new OutputFailed({ file, message: `${file} ${problem}` })
  const { found, isDangling, real } = yield* Effect.try({
    try: () => {
      const found = statSync(file, { throwIfNoEntry: false })
      const isDangling = found === undefined && lstatSync(file, { throwIfNoEntry: false }) !== undefined
      return { found, isDangling, real: realPath(file) }
    },
    catch: (cause) => refuse(`cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  const { audit, config, crashLog, database, home, lastConfig, statusSnapshot } = desk
  const own = [
    config,
    database,
    `${database}-wal`,
    `${database}-shm`,
    lastConfig,
    crashLog,
    audit,
    dirname(statusSnapshot),
    join(home, "runs"),
    join(home, "backtests")
  ].map(realPath)
  if (own.some((path) => real === path || real.startsWith(`${path}${sep}`))) {
    return yield* refuse("belongs to the desk: name a file outside of it")
  }
  if (isDangling) {
    return yield* refuse("is a link to nothing, and would be replaced: name a file")
  }
  if (found !== undefined && !found.isFile()) {
    return yield* refuse("is no regular file: name a file, or one that does not exist yet")
  }
})

/** A file that is written into a folder that is there, and may be written to. */
export const checkTarget = Effect.fnUntraced(function* (file: string, desk: DeskFolder) {
  yield* checkReplaceable(file, desk)
  const parent = dirname(file)
  const refuse = (problem: string) =>
    new OutputFailed({ file, message: `${file} cannot be written: ${problem}, or name another place` })
  const found = statSync(parent, { throwIfNoEntry: false })
  if (found === undefined) return yield* refuse(`there is no folder ${parent}. Make it`)
  if (!found.isDirectory()) return yield* refuse(`${parent} is no folder. Move it`)
  yield* Effect.try({
    try: () => accessSync(parent, constants.W_OK),
    catch: () => refuse(`the folder ${parent} may not be written to. Allow it`)
  })
})

/** A text file, whole or not at all: written beside its place and moved there. */
export const writeWhole = Effect.fnUntraced(function* (file: string, text: string, desk: DeskFolder) {
  yield* checkTarget(file, desk)
  const beside = `${file}.${process.pid}.new`
  yield* trying(file, "written", () => {
    writeFileSync(beside, text, { flag: "wx" })
    try {
      renameSync(beside, file)
    } catch (cause) {
      rmSync(beside, { force: true })
      throw cause
    }
  })
})
