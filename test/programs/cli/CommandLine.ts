/** The command line in this process, in a folder of its own. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { plimsoll, type Typed } from "./InProcess.ts"

export { plimsoll, type Ran, type Typed } from "./InProcess.ts"

/** The JSON a command prints. */
export const plimsollJson = async (args: ReadonlyArray<string>, typed?: Typed): Promise<unknown> => {
  const ran = await plimsoll([...args, "--json"], typed)
  return JSON.parse(ran.out)
}

/** Every test of the file runs in one new folder, which is the current one. */
export const inNewFolder = (): { readonly folder: () => string } => {
  const before = process.cwd()
  let folder = ""
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-cli-")))
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder: () => folder }
}
