/**
 * Runs the benchmarks, each bench/NAME.bench.ts in a process of its own, one after the other so that none
 * disturbs the next. `npm run bench -- NAME …` runs some of them. With `--json` each prints one JSON value,
 * and this prints them as one array.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

const folder = join(import.meta.dirname, "../bench")
const suffix = ".bench.ts"

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("-"))
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"))
const json = flags.includes("--json")

const known = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => name.endsWith(suffix))
  .map((name) => name.slice(0, -suffix.length))
  .toSorted()

const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`bench: no such benchmark: ${unknown.join(", ")}. There are: ${known.join(", ")}\n`)
  process.exit(64)
}

const results: Array<unknown> = []
let failed = false
for (const name of wanted.length > 0 ? wanted : known) {
  process.stderr.write(`bench: ${name}\n`)
  // expose-gc lets a benchmark of memory measure what is kept, not what is yet to be collected.
  const result = spawnSync(process.execPath, ["--expose-gc", join(folder, `${name}${suffix}`), ...flags], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", json ? "pipe" : "inherit", "inherit"]
  })
  if (result.status !== 0) {
    process.stderr.write(`bench: ${name} failed (${result.signal ?? result.status})\n`)
    failed = true
  } else if (json) {
    const value: unknown = JSON.parse(result.stdout)
    results.push(value)
  }
}
if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
if (failed) process.exit(1)
