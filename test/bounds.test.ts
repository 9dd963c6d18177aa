/** docs/bounds.md says what the sources say, and all of it. */
import { readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"

const root = resolve(import.meta.dirname, "..")

/** Names that a bound goes by. */
const telling =
  /^(?:MAX_|MOST_|PATIENCE_|LEASE_|LOOK_AGAIN_|REMEMBERED|KEPT_|CHECKPOINT_|RECONCILE_EVERY_|IN_FLIGHT_|PERMIT_LIFE_|BUSY_TIMEOUT_|ROWS_A_|LONGEST_|LISTED_|IDLE_IN_|ANSWER_WITHIN_|SHOWN$|TOLD_|PAGE$|HISTORIES$)|SESSIONS$|_ROWS$|_TIMES$|^max[A-Z]/u

/** Names like that of what is no bound: the calendar's, a zip file's format, a time after which a bar is drawn. */
const others = new Set([
  "src/market/lean/ZipFile.ts MAX_COMMENT",
  "src/market/csv/CsvResolution.ts LONGEST_DAILY_STEP",
  "src/programs/cli/RunProgress.ts EVERY_SESSIONS",
  "src/programs/cli/commands/StorageCommand.ts TOLD_EVERY_MILLIS"
])

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/${name}`)

/** Every constant of a file that is a number or a product of some: name to text. */
const constantsOf = (file: string): ReadonlyMap<string, string> =>
  new Map(
    [
      ...readFileSync(join(root, file), "utf8").matchAll(
        /^(?:export )?const (?<name>\w+) = (?<value>[\d_][\w* ]*|[A-Z_]+)$/gmu
      )
    ].map((match) => [match.groups?.["name"] ?? "", match.groups?.["value"] ?? ""])
  )

const documented = [
  ...readFileSync(join(root, "docs/bounds.md"), "utf8").matchAll(
    /`(?<file>src\/[^`]+)` `(?<name>\w+)` = `(?<value>[^`]+)`/gu
  )
].map(({ groups }) => ({
  file: groups?.["file"] ?? "",
  name: groups?.["name"] ?? "",
  value: groups?.["value"] ?? ""
}))

it("every bound in the table has the value that its source has", () => {
  expect(documented.length).toBeGreaterThan(40)
  const wrong = documented.flatMap(({ file, name, value }) => {
    const found = sources.includes(file) ? constantsOf(file).get(name) : undefined
    return found === value
      ? []
      : [`${file} ${name}: the table says ${value}, the source ${found ?? "nothing"}`]
  })
  expect(wrong).toEqual([])
})

it("every bound in the sources is in the table", () => {
  const listed = new Set(documented.map(({ file, name }) => `${file} ${name}`))
  const missing = sources
    .flatMap((file) =>
      [...constantsOf(file)].map(([name, value]) => ({ at: `${file} ${name}`, name, value }))
    )
    // One that is another constant by its name is that one's bound.
    .filter(({ name, value }) => telling.test(name) && /\d/u.test(value))
    .map(({ at }) => at)
    .filter((at) => !listed.has(at) && !others.has(at))
  expect(missing).toEqual([])
})

it("every file in the table exists", () => {
  const named = readFileSync(join(root, "docs/bounds.md"), "utf8").matchAll(/`(?<file>src\/[^`]+\.ts)`/gu)
  const missing = [...named]
    .map(({ groups }) => groups?.["file"] ?? "")
    .filter((file) => !sources.includes(file))
  expect(missing).toEqual([])
})
