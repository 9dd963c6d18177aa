/** Writes docs/mcp.md and docs/hooks.md from the definitions of tools and hooks. */
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { writtenDocs } from "./docs/WrittenDocs.ts"

const root = resolve(import.meta.dirname, "..")
for (const [path, text] of await writtenDocs(root)) {
  writeFileSync(join(root, path), text)
  process.stdout.write(`wrote ${path}\n`)
}
