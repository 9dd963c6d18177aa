/**
 * Reads a small text file of the desk's or of the user's. What is no file (a
 * folder, a pipe nobody writes to, a device without an end) is refused at once
 * instead of being waited for, and so is one that is larger than such a file
 * ever is.
 *
 * Loaded by the commands that have to start at once: imports nothing of Effect.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs"

/** A configuration of every symbol there is would be a tenth of it. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024

/** Throws what `node:fs` throws, and an `Error` in words for what is not read at all. */
export const readTextFile = (path: string): string => {
  // Opening a pipe does not wait for its other end then.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(file)
    if (found.isDirectory()) throw new Error("it is a folder")
    if (!found.isFile()) throw new Error("it is no regular file")
    if (found.size > MAX_TEXT_BYTES) {
      throw new Error(`it has ${found.size} bytes, more than the ${MAX_TEXT_BYTES} that are read`)
    }
    return readFileSync(file, "utf8")
  } finally {
    closeSync(file)
  }
}
