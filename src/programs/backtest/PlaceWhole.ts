/** Files of backtests that are there whole or not at all, for whoever looks meanwhile. */
import { renameSync, rmSync, writeFileSync } from "node:fs"

/** Written beside its place, on disk when it is moved there; throws what the file system throws, and leaves nothing then. */
export const placeWhole = (file: string, text: string | Uint8Array): void => {
  const beside = `${file}.${process.pid}.new`
  try {
    writeFileSync(beside, text, { flush: true })
    renameSync(beside, file)
  } catch (cause) {
    rmSync(beside, { force: true })
    throw cause
  }
}
