/**
 * A script of the test tree as one file: it starts in a sixth of the time, which is what a test or a soak that
 * starts hundreds of processes spends most of.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { rolldown } from "rolldown"

/** Inside the project, so that what is not bundled is found from there. */
const folder = fileURLToPath(new URL("../../node_modules/.cache/plimsoll-test/", import.meta.url))

const made = new Map<string, Promise<URL>>()

const bundle = async (script: string): Promise<URL> => {
  const built = await rolldown({
    input: script,
    platform: "node",
    external: [/^node:/u, "vega-datasets", "@observablehq/sample-datasets"],
    // Its paths lead to declarations, not to code.
    tsconfig: false
  })
  const { output } = await built.generate({ format: "esm", codeSplitting: false })
  await built.close()
  const { code } = output[0]
  const name = `${basename(script, ".ts")}-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.mjs`
  const path = join(folder, name)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    // Several test files may make the same one at once.
    writeFileSync(`${path}.${process.pid}`, code)
    renameSync(`${path}.${process.pid}`, path)
  }
  return pathToFileURL(path)
}

/** `script` is a URL made with `new URL("…", import.meta.url)`; made once for each process that asks. */
export const bundled = (script: URL): Promise<URL> => {
  const path = fileURLToPath(script)
  const known = made.get(path)
  if (known !== undefined) return known
  const making = bundle(path)
  made.set(path, making)
  return making
}
