/** Reading a LEAN data folder's files; every failure says which file and what was expected. */
import { Effect, FileSystem, Option, Path, type PlatformError, Result } from "effect"
import { BadRow, MarketSourceError } from "../MarketData.ts"
import { type NotReadable, readRegularFile } from "../RegularFile.ts"
import type { ZippedText } from "./LeanBars.ts"
import { MAX_ENTRY_BYTES, onlyCsvOf } from "./ZipFile.ts"

/** Files below one folder. */
export interface FolderFiles {
  /** Names in a folder below it; none of them when there is no such folder. */
  readonly names: (folder: string) => Effect.Effect<ReadonlyArray<string>, MarketSourceError>
  /** A small text file below it; none when there is no such file. */
  readonly text: (file: string) => Effect.Effect<Option.Option<string>, MarketSourceError>
  /** A file of at most so many bytes; none when there is no such file. */
  readonly bytes: (
    file: string,
    maxBytes: number
  ) => Effect.Effect<Option.Option<Uint8Array>, MarketSourceError>
}

/** Those below `equity/usa`. */
export interface LeanFiles extends FolderFiles {
  /** The CSV inside a zip below `equity/usa`, or the bad row (row 0: the file) that stands for a damaged zip. */
  readonly zipped: (file: string) => Effect.Effect<Result.Result<ZippedText, BadRow>, MarketSourceError>
}

/** A zip is smaller than what it holds; map and factor files are some kB. */
const MAX_ZIP_BYTES = MAX_ENTRY_BYTES
const MAX_TEXT_BYTES = 1024 * 1024

/** Where US equities lie in a LEAN data folder. */
const EQUITIES = ["equity", "usa"] as const

type ReadError = PlatformError.PlatformError | NotReadable

const isMissing = (error: ReadError): boolean =>
  error._tag === "PlatformError" && error.reason._tag === "NotFound"

/** How messages call the folder. */
export const sourceName = (path: string): string => `LEAN folder ${path}`

const notAFolder = (path: string, problem: string): MarketSourceError =>
  new MarketSourceError({
    source: sourceName(path),
    message: `${path} ${problem}: expected a LEAN data folder, the one that holds equity/usa (for example ${path}/equity/usa/daily/spy.zip)`
  })

const unreadable = (path: string, file: string) => (error: ReadError) =>
  Effect.fail(
    new MarketSourceError({ source: sourceName(path), message: `${file} cannot be read: ${error.message}` })
  )

/** The files of the LEAN folder `path` below its folder `base`; whether that is there is not asked. */
export const filesBelow = Effect.fnUntraced(function* (
  path: string,
  ...below: ReadonlyArray<string>
): Effect.fn.Return<FolderFiles, never, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const base = paths.join(path, ...below)
  const bytes: FolderFiles["bytes"] = (file, maxBytes) =>
    readRegularFile(paths.join(base, file), maxBytes).pipe(
      Effect.map(Option.some),
      Effect.catch((error) =>
        isMissing(error)
          ? Effect.succeed(Option.none<Uint8Array>())
          : unreadable(path, paths.join(base, file))(error)
      ),
      Effect.provideService(FileSystem.FileSystem, fs)
    )
  return {
    names: (folder) =>
      fs
        .readDirectory(paths.join(base, folder))
        .pipe(
          Effect.catchTag("PlatformError", (error) =>
            isMissing(error) ? Effect.succeed([]) : unreadable(path, paths.join(base, folder))(error)
          )
        ),
    text: (file) =>
      Effect.map(
        bytes(file, MAX_TEXT_BYTES),
        Option.map((read) => new TextDecoder().decode(read))
      ),
    bytes
  }
})

/** Opens the folder; fails when it is not there or is not one of LEAN's. */
export const openLeanFiles = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<LeanFiles, MarketSourceError, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const isThere = (file: string) =>
    fs.exists(file).pipe(Effect.catchTag("PlatformError", unreadable(path, file)))
  const base = paths.join(path, ...EQUITIES)
  if (!(yield* isThere(path))) return yield* notAFolder(path, "does not exist")
  if (!(yield* isThere(base))) return yield* notAFolder(path, "has no folder equity/usa")
  return {
    ...(yield* filesBelow(path, ...EQUITIES)),
    zipped: (file) =>
      readRegularFile(paths.join(base, file), MAX_ZIP_BYTES).pipe(
        Effect.catch(unreadable(path, paths.join(base, file))),
        Effect.provideService(FileSystem.FileSystem, fs),
        Effect.map((bytes) =>
          onlyCsvOf(bytes).pipe(
            Result.map((entry) => ({
              file: `${file}/${entry.name}`,
              text: new TextDecoder("latin1").decode(entry.bytes)
            })),
            Result.mapError((problem) => new BadRow({ file, row: 0, problem }))
          )
        )
      )
  }
})
