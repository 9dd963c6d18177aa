/** Reading a file whose name came from outside. */
import { Effect, FileSystem, type PlatformError, Schema } from "effect"

/** What has this name is not read: a folder, a pipe, a device, or more bytes than are expected. */
export class NotReadable extends Schema.TaggedError<NotReadable>()("NotReadable", {
  message: Schema.String
}) {}

/**
 * The bytes of a regular file of at most `maxBytes`. Whatever else has that
 * name is refused without being opened: a pipe would be waited for, and a
 * device need not end.
 */
export const readRegularFile = Effect.fnUntraced(function* (
  file: string,
  maxBytes: number
): Effect.fn.Return<Uint8Array, NotReadable | PlatformError.PlatformError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const { size, type } = yield* fs.stat(file)
  if (type === "Directory") return yield* new NotReadable({ message: "it is a folder" })
  if (type !== "File") return yield* new NotReadable({ message: "it is no regular file" })
  if (size > maxBytes) {
    return yield* new NotReadable({
      message: `it has ${size} bytes, more than the ${maxBytes} that are read`
    })
  }
  return yield* fs.readFile(file)
})
