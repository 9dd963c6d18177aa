/**
 * The files of backtests: each is there whole or not at all. A new one is
 * written beside its place, brought to the disk, and moved there; a process
 * that is killed on the way leaves nothing that anybody reads.
 */
import { Clock, Effect, FileSystem, Option, Path, type PlatformError } from "effect"
import { readRegularFile } from "../market/RegularFile.ts"
import { isBacktestId } from "./BacktestId.ts"
import { BacktestStoreFailed } from "./BacktestStoreErrors.ts"

/** Folders in which a file is written before it is moved to its place. */
const UNREADY = ".new-"
/** A result of a hundred thousand orders is a fifth of it. */
const MAX_FILE_BYTES = 268_435_456
/** What a killed process left of a file it was writing is cleared away after that. */
const KEPT_UNREADY_MILLIS = 86_400_000

const isMissing = (error: PlatformError.PlatformError): boolean => error.reason._tag === "NotFound"
const isTaken = (error: PlatformError.PlatformError): boolean => error.reason._tag === "AlreadyExists"

export const failedAs =
  (file: string, what: string) =>
  ({ message }: { readonly message: string }): BacktestStoreFailed =>
    new BacktestStoreFailed({ file, message: `${file} cannot be ${what}: ${message}` })

/** The files below `root`, a folder for each backtest. */
export const makeFiles = Effect.fnUntraced(function* (root: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const folderOf = (id: string): string => path.join(root, id)
  const fileOf = (id: string, name: string): string => path.join(root, id, name)

  /** What processes left that were killed while they wrote. */
  const clearUnready = Effect.fnUntraced(
    function* (id: string) {
      const now = yield* Clock.currentTimeMillis
      for (const name of yield* fs.readDirectory(folderOf(id))) {
        if (!name.startsWith(UNREADY)) continue
        const left = path.join(folderOf(id), name)
        const { mtime } = yield* fs.stat(left)
        const since = Option.match(mtime, { onNone: () => now, onSome: (at) => at.getTime() })
        if (now - since > KEPT_UNREADY_MILLIS) yield* fs.remove(left, { recursive: true, force: true })
      }
    },
    (effect) => Effect.ignore(effect)
  )

  /** The text in a file of its own, on the disk; gone with the scope unless it was moved. */
  const unready = Effect.fnUntraced(function* (id: string, text: string) {
    yield* fs.makeDirectory(folderOf(id), { recursive: true })
    yield* clearUnready(id)
    const own = yield* fs.makeTempDirectoryScoped({ directory: folderOf(id), prefix: UNREADY })
    const file = path.join(own, "text")
    const write = Effect.gen(function* () {
      const opened = yield* fs.open(file, { flag: "wx" })
      yield* opened.writeAll(new TextEncoder().encode(text))
      yield* opened.sync
    })
    yield* Effect.scoped(write)
    return file
  })

  /** Writes a file, whatever was there before. */
  const replace = (id: string, name: string, text: string): Effect.Effect<void, BacktestStoreFailed> =>
    Effect.scoped(Effect.flatMap(unready(id, text), (file) => fs.rename(file, fileOf(id, name)))).pipe(
      Effect.mapError(failedAs(fileOf(id, name), "written"))
    )

  /** Writes a file that is not there yet; false, and nothing done, where it is. */
  const create = (id: string, name: string, text: string): Effect.Effect<boolean, BacktestStoreFailed> =>
    Effect.scoped(
      Effect.flatMap(unready(id, text), (file) =>
        fs.link(file, fileOf(id, name)).pipe(
          Effect.as(true),
          Effect.catchIf(isTaken, () => Effect.succeed(false))
        )
      )
    ).pipe(Effect.mapError(failedAs(fileOf(id, name), "written")))

  /** None where there is no such file. */
  const read = (id: string, name: string): Effect.Effect<Option.Option<string>, BacktestStoreFailed> =>
    readRegularFile(fileOf(id, name), MAX_FILE_BYTES).pipe(
      Effect.map((bytes) => Option.some(new TextDecoder().decode(bytes))),
      Effect.catchIf(
        (error) => error._tag === "PlatformError" && isMissing(error),
        () => Effect.succeedNone
      ),
      Effect.mapError(failedAs(fileOf(id, name), "read")),
      Effect.provideService(FileSystem.FileSystem, fs)
    )

  /** Another text when the file was written again; none where there is no such file. */
  const stamp = (id: string, name: string): Effect.Effect<Option.Option<string>, BacktestStoreFailed> =>
    fs.stat(fileOf(id, name)).pipe(
      Effect.map(({ ino, mtime, size }) => {
        const changed = Option.match(mtime, { onNone: () => 0, onSome: (at) => at.getTime() })
        return Option.some(`${size} ${changed} ${Option.getOrElse(ino, () => 0n)}`)
      }),
      Effect.catchIf(isMissing, () => Effect.succeedNone),
      Effect.mapError(failedAs(fileOf(id, name), "read"))
    )

  /** When the file was written last, milliseconds since 1970. */
  const changedAt = (id: string, name: string): Effect.Effect<number> =>
    fs.stat(fileOf(id, name)).pipe(
      Effect.map(({ mtime }) => Option.match(mtime, { onNone: () => 0, onSome: (at) => at.getTime() })),
      Effect.orElseSucceed(() => 0)
    )

  /** Nothing where somebody else has moved it already. */
  const move = (id: string, name: string, to: string): Effect.Effect<void, BacktestStoreFailed> =>
    fs.rename(fileOf(id, name), fileOf(id, to)).pipe(
      Effect.catchIf(isMissing, () => Effect.void),
      Effect.mapError(failedAs(fileOf(id, name), "moved"))
    )

  const drop = (id: string, name: string): Effect.Effect<void, BacktestStoreFailed> =>
    fs
      .remove(fileOf(id, name), { force: true })
      .pipe(Effect.mapError(failedAs(fileOf(id, name), "taken away")))

  /** The folder with everything in it, out of sight at once. */
  const dropFolder = (id: string): Effect.Effect<void, BacktestStoreFailed> =>
    Effect.gen(function* () {
      const gone = yield* fs.makeTempDirectory({ directory: root, prefix: ".gone-" })
      yield* fs.rename(folderOf(id), path.join(gone, id))
      yield* fs.remove(gone, { recursive: true, force: true })
    }).pipe(Effect.mapError(failedAs(folderOf(id), "taken away")))

  /** The names of the folders of backtests, in order of the alphabet. */
  const ids: Effect.Effect<ReadonlyArray<string>, BacktestStoreFailed> = Effect.gen(function* () {
    if (!(yield* fs.exists(root))) return []
    const names = (yield* fs.readDirectory(root)).filter(isBacktestId).toSorted()
    return yield* Effect.filter(names, (name) =>
      fs.stat(path.join(root, name)).pipe(
        Effect.map(({ type }) => type === "Directory"),
        // Taken away meanwhile.
        Effect.orElseSucceed(() => false)
      )
    )
  }).pipe(Effect.mapError(failedAs(root, "read")))

  return { folderOf, fileOf, replace, create, read, stamp, changedAt, move, drop, dropFolder, ids }
})
