import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"

const repository = resolve(import.meta.dirname, "../..")

let folder = ""

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-skips-"))
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"))
  writeFileSync(join(folder, "package.json"), `{"type": "module"}`)
  writeFileSync(
    join(folder, "some.test.ts"),
    `import { it } from "vitest"
     it("streams", (context) => context.skip("no Redis"))
     it("lists", (context) => context.skip("no Redis"))
     it.skip("prices agree [skipped: no ../shared]", () => {})
     it("passes", () => {})`
  )
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const run = (ci: string, ...args: ReadonlyArray<string>) => {
  const vitest = join(repository, "node_modules/vitest/vitest.mjs")
  const reporter = join(repository, "test/support/SkipReporter.ts")
  const result = spawnSync(process.execPath, [vitest, "run", `--reporter=${reporter}`, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, CI: ci }
  })
  return {
    status: result.status,
    lines: result.stdout.split("\n").filter((line) => line.startsWith("skipped"))
  }
}

it("a run says once for each reason why tests were skipped", () => {
  expect(run("")).toEqual({
    status: 0,
    lines: ["skipped: no Redis (2 tests)", "skipped: no ../shared (1 test)"]
  })
})

it("a skipped test fails a run in CI", () => {
  expect(run("true").status).toBe(1)
})

it("tests left out by name are not skipped tests", () => {
  expect(run("true", "-t", "passes")).toEqual({ status: 0, lines: [] })
})
