/** Zips and LEAN folders made for tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { strToU8, zipSync } from "fflate"

export const zipOf = (name: string, text: string): Uint8Array =>
  zipSync({ [name]: strToU8(text) }, { mtime: "2020-01-01T00:00:00Z" })

export const zipOfMany = (texts: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, strToU8(text)])), {
    mtime: "2020-01-01T00:00:00Z"
  })

/** Writes files below `below` of a new folder, runs `body` on its path, and removes it. */
export const withLeanFolder = async (
  files: Readonly<Record<string, Uint8Array | string>>,
  body: (path: string) => Promise<void>,
  below = "equity/usa"
): Promise<void> => {
  const path = mkdtempSync(join(tmpdir(), "plimsoll-lean-"))
  try {
    for (const [file, content] of Object.entries(files)) {
      const target = join(path, below, file)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, content)
    }
    await body(path)
  } finally {
    rmSync(path, { recursive: true })
  }
}
