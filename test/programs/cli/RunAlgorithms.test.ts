/** `plimsoll run` with strategies of one's own. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { plimsoll } from "./InProcess.ts"

const before = process.cwd()
let project = ""

const code = (name: string, fails: string): string => `
import { defineStrategy, flag, sma, whole } from "plimsoll/strategy"
const mean = sma(3)
export default defineStrategy({
  name: "${name}",
  title: "Mine",
  summary: "A strategy of this test.",
  instruments: { least: 1, most: 1 },
  parameters: {
    percent: whole({ default: 10, minimum: 1, maximum: 90, meaning: "of equity" }),
    loud: flag({ default: false, meaning: "says so" })
  },
  make: ({ loud, percent }) => ({
    indicators: [mean],
    onBar: ({ date, instruments }) => {
      ${fails}
      return instruments.map(({ id }) => ({
        instrumentId: id, weight: percent / 100, reason: loud ? "LOUD" : "quiet"
      }))
    }
  })
})
`

const write = (name: string, fails = ""): void =>
  writeFileSync(join(project, "algorithms", `${name}.ts`), code(name, fails))

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "plimsoll-run-algorithms-"))
  mkdirSync(join(project, "algorithms"))
  writeFileSync(join(project, "plimsoll.json"), "{}")
  process.chdir(project)
  write("mine")
})
afterAll(() => {
  process.chdir(before)
  rmSync(project, { recursive: true, force: true })
})

const span = ["--from", "2010-01-04", "--to", "2010-01-29"]

const runs = (): ReadonlyArray<string> => readdirSync(join(project, ".plimsoll/runs")).toSorted()

const inputsOf = (id: string): unknown =>
  JSON.parse(readFileSync(join(project, ".plimsoll/runs", id, "run.json"), "utf8"))

it("one in algorithms/ is played with its parameters, which the run keeps with its code's hash", async () => {
  const args = [
    "run",
    "--strategy",
    "mine",
    "--param",
    "percent=20",
    "--param",
    "loud=true",
    ...span,
    "--json"
  ]
  const ran = await plimsoll(args)
  expect(ran.code).toBe(0)
  const result: unknown = JSON.parse(ran.out)
  expect(result).toMatchObject({ sessions: 19, books: [{ strategy: "mine" }] })
  const [id = ""] = runs()
  expect(inputsOf(id)).toMatchObject({
    project,
    inputs: {
      strategies: ["mine"],
      algorithms: {
        mine: { parameters: { percent: 20, loud: true }, codeHash: expect.stringMatching(/^[0-9a-f]{64}$/u) }
      }
    },
    command: expect.stringContaining("--param percent=20 --param loud=true")
  })
  const report = readFileSync(join(project, ".plimsoll/runs", id, "report.html"), "utf8")
  expect(report).toContain("percent")
  const again: unknown = JSON.parse((await plimsoll(args)).out)
  expect(again).toMatchObject({ journal_hash: JSON.parse(ran.out).journal_hash })
})

it("one that throws ends the run in one line, and it is not resumed with other code", async () => {
  write("thrower", `if (date > "2010-01-12") throw new Error("no more")`)
  const ran = await plimsoll(["run", "--strategy", "thrower", ...span])
  expect(ran.code).toBe(1)
  expect(ran.out).toBe("")
  expect(ran.err).toMatch(
    /strategy thrower failed in the session of 2010-01-13, at 2010-01-13T21:00:00\.000000Z: no more \(thrower\.ts:\d+\)\n$/u
  )
  const id = runs().at(-1) ?? ""
  expect(readdirSync(join(project, ".plimsoll/runs", id)).toSorted()).toEqual(["run.json", "thrower"])
  const whole = code("thrower", `if (date > "2010-01-12") throw new Error("no more")`)
  write("thrower")
  expect(await plimsoll(["run", "--resume"])).toMatchObject({
    code: 64,
    err: "plimsoll: the code of the strategy thrower is not what the run was begun with: put it back as it was, or begin a new run\n"
  })
  // As it was it goes on to where it fails.
  writeFileSync(join(project, "algorithms/thrower.ts"), whole)
  expect((await plimsoll(["run", "--resume"])).err).toContain("session of 2010-01-13")
})

const refused: ReadonlyArray<readonly [args: ReadonlyArray<string>, says: string]> = [
  [["--strategy", "mine", "--param", "percents=5"], 'has no parameter "percents": did you mean percent?'],
  [["--strategy", "mine", "--param", "percent=95"], "expected a whole number from 1 to 90"],
  [["--strategy", "mine", "--param", "loud=perhaps"], "expected true or false"],
  [["--strategy", "mine", "--param", "percent"], "--param takes NAME=VALUE"],
  [["--strategy", "mine", "--param", "percent=5", "--param", "percent=6"], "given twice"],
  [["--strategy", "mine,trend", "--param", "percent=5"], "parameters are those of one strategy"],
  [["--strategy", "mina"], "The nearest is mine."],
  [["--resume", "--param", "percent=5"], "leave the other options out"]
]
it.each(refused)("%j is refused", async (args, says) => {
  const before = runs()
  const ran = await plimsoll(["run", ...args])
  expect(ran.code).toBe(64)
  expect(ran.err).toContain(says)
  expect(runs()).toEqual(before)
})
