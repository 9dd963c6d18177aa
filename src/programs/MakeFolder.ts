/** Makes a folder and those above it. */
import { existsSync, mkdirSync } from "node:fs"
import { dirname } from "node:path"

/**
 * Throws as `mkdirSync` does. Node's own way of making them all never ends in
 * places where folders cannot be made at all, such as below /proc.
 */
export const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) makeFolder(parent)
  try {
    mkdirSync(folder)
  } catch (cause) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw cause
  }
}
