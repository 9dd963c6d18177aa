/** Writes docs/mcp.md and docs/hooks.md from the definitions of tools and hooks. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { writtenDocs } from "./docs/WrittenDocs.ts"

const root = resolve(import.meta.dirname, "..")
// The hooks run as they are built.
const built = spawnSync("sh", [join(root, "scripts/build.sh"), "--if-stale"], { stdio: "inherit" })
if (built.status !== 0) process.exit(1)
for (const [path, text] of await writtenDocs(root)) {
  writeFileSync(join(root, path), text)
  process.stdout.write(`wrote ${path}\n`)
}
