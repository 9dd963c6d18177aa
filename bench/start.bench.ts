/**
 * How long `plimsoll status` and `statusline` take from the shell, against
 * `node -e 0` of the same Node, the three in turn.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const ROUNDS = 30
const launcher = join(import.meta.dirname, "../bin/plimsoll")
const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))

const time = (command: string, args: ReadonlyArray<string>): number => {
  const begun = process.hrtime.bigint()
  const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" })
  const millis = Number(process.hrtime.bigint() - begun) / 1e6
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}`)
  return millis
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

time(launcher, ["init"])
const commands = {
  "node -e 0": [process.execPath, ["-e", "0"]],
  status: [launcher, ["status"]],
  statusline: [launcher, ["statusline"]]
} as const
const times: Record<keyof typeof commands, Array<number>> = { "node -e 0": [], status: [], statusline: [] }
for (let round = -2; round < ROUNDS; round++) {
  for (const name of ["node -e 0", "status", "statusline"] as const) {
    const [command, args] = commands[name]
    const millis = time(command, args)
    if (round >= 0) times[name].push(millis)
  }
}
rmSync(folder, { recursive: true })

const baseline = median(times["node -e 0"])
const results = (["status", "statusline"] as const).map((command) => {
  const value = median(times[command])
  return {
    command,
    value: Number(value.toFixed(1)),
    baseline: Number(baseline.toFixed(1)),
    ratio: Number((value / baseline).toFixed(2))
  }
})
if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ name: "start", unit: "ms", results })}\n`)
} else {
  for (const { command, ratio, value } of results) {
    process.stdout.write(
      `${command.padEnd(12)}${value} ms, node -e 0 ${baseline.toFixed(1)} ms, ratio ${ratio}\n`
    )
  }
}
