/** The file system without waiting: what the audit log reads is read at once, so that no turn of a fiber depends on the disk. */
import { existsSync, fstatSync, openSync, closeSync, readdirSync, readFileSync, readSync } from "node:fs"
import { ByteSize, Effect, FileSystem, type Layer, Option, PlatformError } from "effect"

const failed = (method: string, path: string, cause: unknown): PlatformError.PlatformError =>
  PlatformError.systemError({
    _tag: cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "NotFound" : "Unknown",
    module: "FileSystem",
    method,
    pathOrDescriptor: path,
    cause
  })

const attempt = <A>(method: string, path: string, run: () => A) =>
  Effect.try({ try: run, catch: (cause) => failed(method, path, cause) })

const noWriting = Effect.die(new Error("the simulated file system is for reading"))

const fileOf = (path: string, fd: number): FileSystem.File => ({
  [FileSystem.FileTypeId]: FileSystem.FileTypeId,
  stat: attempt("stat", path, () => infoOf(fd)),
  seek: () => noWriting,
  sync: noWriting,
  read: () => noWriting,
  readAlloc: (size, options) =>
    attempt("readAlloc", path, () => {
      const { size: whole } = fstatSync(fd)
      const position = Number(options?.position ?? 0n)
      const bytes = Buffer.alloc(Math.max(0, Math.min(size, whole - position)))
      const length = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, position)
      return length === 0 ? Option.none() : Option.some(bytes.subarray(0, length))
    }),
  truncate: () => noWriting,
  write: () => noWriting,
  writeAll: () => noWriting
})

const infoOf = (fd: number): FileSystem.File.Info => {
  const { dev, ino, mode, size } = fstatSync(fd, { bigint: true })
  return {
    type: "File",
    mtime: Option.none(),
    atime: Option.none(),
    birthtime: Option.none(),
    dev,
    ino: Option.some(ino),
    mode: Number(mode),
    nlink: Option.none(),
    uid: Option.none(),
    gid: Option.none(),
    rdev: Option.none(),
    size: ByteSize.fromInputUnsafe(size),
    blksize: Option.none(),
    blocks: Option.none()
  }
}

export const layer: Layer.Layer<FileSystem.FileSystem> = FileSystem.layerNoop({
  readDirectory: (path) => attempt("readDirectory", path, () => readdirSync(path)),
  exists: (path) => Effect.sync(() => existsSync(path)),
  readFile: (path) => attempt("readFile", path, () => readFileSync(path)),
  open: (path) =>
    Effect.map(
      Effect.acquireRelease(
        attempt("open", path, () => openSync(path, "r")),
        (fd) => Effect.sync(() => closeSync(fd))
      ),
      (fd) => fileOf(path, fd)
    )
})
