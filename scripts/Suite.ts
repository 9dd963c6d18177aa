/**
 * Runs the scripts of one folder, each FOLDER/NAME.SUFFIX.ts in a process of its own, one after the other so
 * that none disturbs the next. Names choose some of them; what begins with "-" goes to each. With `--json`
 * each prints one JSON value, and this prints them as one array.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

export interface Suite {
  /** How it calls itself: "bench". */
  readonly name: string
  readonly folder: string
  /** ".bench.ts" */
  readonly suffix: string
  /** What one script is called: "benchmark". */
  readonly what: string
  readonly nodeFlags: ReadonlyArray<string>
}

/** Standard output is for the JSON: what the programs under test log goes where people read. */
const QUIET = ["--import", "data:text/javascript,console.log=console.error"]

export const runSuite = ({ folder, name: suite, nodeFlags, suffix, what }: Suite): void => {
  const flags = process.argv.slice(2).filter((argument) => argument.startsWith("-"))
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"))
  const json = flags.includes("--json")
  const known = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .toSorted()

  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    process.stderr.write(
      `${suite}: no such ${what}: ${unknown.join(", ")}. There are: ${known.join(", ")}. ` +
        `A value is given as --flag=value.\n`
    )
    process.exit(64)
  }

  const results: Array<unknown> = []
  let failed = false
  for (const name of wanted.length > 0 ? wanted : known) {
    process.stderr.write(`${suite}: ${name}\n`)
    const result = spawnSync(
      process.execPath,
      [...nodeFlags, ...(json ? QUIET : []), join(folder, `${name}${suffix}`), ...flags],
      {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
        stdio: ["ignore", json ? "pipe" : "inherit", "inherit"]
      }
    )
    if (result.status !== 0) {
      process.stderr.write(`${suite}: ${name} failed (${result.signal ?? result.status})\n`)
      failed = true
    }
    if (json && result.stdout.trim() !== "") {
      const value: unknown = JSON.parse(result.stdout)
      results.push(value)
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  if (failed) process.exit(1)
}
