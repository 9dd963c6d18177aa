/** One more line in a file that many processes write. */
import { closeSync, constants, mkdirSync, openSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { makeFolder } from "../../MakeFolder.ts"

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants

const makeOwnFolder = (folder: string): void => {
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (cause) {
    // It mostly is there; when it is not, opening the file says why.
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause
  }
}

/**
 * Appends `value` as a line of JSON, in one write: lines of several processes do not mix. File and folder are for
 * their owner only. Throws what the file system says, also when only a part of the line found room; that part is
 * a line of its own, which holds no JSON.
 */
export const appendLine = (path: string, value: unknown): void => {
  makeOwnFolder(dirname(path))
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`, "utf8")
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
  try {
    const written = writeSync(file, bytes)
    if (written < bytes.length) {
      writeSync(file, "\n")
      throw new Error(`only ${written} of ${bytes.length} bytes could be written`)
    }
  } finally {
    closeSync(file)
  }
}
