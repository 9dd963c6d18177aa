/**
 * Plays the scenarios of test/claude through the real Claude Code client, offline. The client is fetched on demand;
 * where it cannot be had, this says so in one line and is content, except under `CI=true`.
 * Arguments go to vitest: `npm run test:claude -- -t "subagents"`. Counts for machines: coverage/claude.json.
 */
import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { findClient } from "../test/claude/harness/Client.ts"

const root = join(import.meta.dirname, "..")

const run = (script: string, ...args: ReadonlyArray<string>): number =>
  spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" }).status ?? 1

/** Counts of an earlier run must not pass for this one's. */
rmSync(join(root, "coverage/claude.json"), { force: true })

const client = findClient({ fetch: true })
if (!client.found) {
  process.stderr.write(`test:claude: not run: ${client.reason}\n`)
  process.exit(process.env["CI"] === "true" ? 1 : 0)
}
const built = run("scripts/build.ts", "--if-stale")
process.exit(
  built === 0
    ? run(
        "node_modules/vitest/vitest.mjs",
        "run",
        "--config",
        "test/claude/vitest.config.ts",
        ...process.argv.slice(2)
      )
    : built
)
