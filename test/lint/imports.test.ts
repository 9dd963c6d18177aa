/** The linter's own rules, held to examples: each forbidden import is reported by its rule, others are not. */
import { spawnSync } from "node:child_process"
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const repository = resolve(import.meta.dirname, "../..")

interface Example {
  readonly says: string
  readonly file: string
  readonly text: string
}

const imports = (says: string, file: string, specifier: string): Example => ({
  says,
  file,
  text: `import { x } from "${specifier}"\nexport const y = x\n`
})

const forbiddenImports: ReadonlyArray<Example> = [
  imports("the venue from an agent", "src/agents/a.ts", "../execution/Venue.ts"),
  imports("the venue from a program", "src/programs/mcp/a.ts", "../../execution/Venue.ts"),
  imports("the paper venue from the backtest", "src/backtest/a.ts", "../execution/paper/PaperVenue.ts"),
  imports("the paper venue from a session", "src/session/a.ts", "../execution/paper/PaperVenue.ts"),
  imports("the venue from a compliance report", "src/compliance/a.ts", "../execution/Venue.ts"),
  imports("execution from risk", "src/risk/a.ts", "../execution/Broker.ts"),
  imports("storage from a session", "src/session/b.ts", "../storage/SqliteClient.ts"),
  imports("redis from an agent", "src/agents/b.ts", "../redis/RedisClient.ts"),
  imports("programs from storage", "src/storage/a.ts", "../programs/cli/main.ts"),
  imports("a higher tier from domain", "src/domain/a.ts", "../market/MarketData.ts"),
  imports("a higher tier from a nested folder", "src/market/replay/a.ts", "../../portfolio/Ledger.ts"),
  imports("telemetry from audit, its sibling", "src/audit/a.ts", "../telemetry/Metrics.ts"),
  imports(
    "the live authority from a program",
    "src/programs/cli/a.ts",
    "../../execution/LiveTradingAuthority.ts"
  ),
  imports("the venue from the live program", "src/programs/live/a.ts", "../../execution/Venue.ts"),
  imports("a barrel file", "src/risk/b.ts", "./rules/index.ts"),
  imports("a test from the program", "src/risk/c.ts", "../../test/support/Shared.ts"),
  {
    says: "a higher tier by a dynamic import",
    file: "src/options/a.ts",
    text: `export const load = () => import("../session/Session.ts")\n`
  },
  {
    says: "a higher tier by a re-export",
    file: "src/portfolio/a.ts",
    text: `export { x } from "../risk/RiskEngine.ts"\n`
  },
  {
    says: "a higher tier by its type alone",
    file: "src/portfolio/b.ts",
    text: `import type { X } from "../risk/RiskEngine.ts"\nexport const y = (x: X): X => x\n`
  }
]

const allowedImports: ReadonlyArray<Example> = [
  imports("a lower tier", "src/risk/d.ts", "../domain/Order.ts"),
  imports("its own tier", "src/risk/rules/e.ts", "../RiskLimits.ts"),
  imports("the venue from its own folder", "src/execution/paper/a.ts", "../Venue.ts"),
  imports("the matching core from the backtest", "src/backtest/b.ts", "../execution/paper/MatchingCore.ts"),
  imports("the desk from a program", "src/programs/cli/b.ts", "../../execution/Desk.ts"),
  imports("storage from a program", "src/programs/cli/c.ts", "../../storage/SqliteClient.ts"),
  imports("a capability from the storage that serves it", "src/storage/b.ts", "../execution/OrderJournal.ts"),
  imports(
    "the live authority from the live program",
    "src/programs/live/b.ts",
    "../../execution/LiveTradingAuthority.ts"
  ),
  imports("a package's module of a tier's name", "src/market/b.ts", "effect/sql"),
  {
    says: "the live authority's type",
    file: "src/session/c.ts",
    text: `import type { X } from "../execution/LiveTradingAuthority.ts"\nexport const y = (x: X): X => x\n`
  }
]

const forbiddenCode: ReadonlyArray<Example & { readonly rule: string }> = [
  {
    says: "any",
    file: "src/domain/b.ts",
    text: "export const f = (x: any): unknown => x\n",
    rule: "typescript(no-explicit-any)"
  },
  {
    says: "a cast",
    file: "src/domain/c.ts",
    text: "export const f = (x: unknown) => x as string\n",
    rule: "typescript(consistent-type-assertions)"
  },
  {
    says: "a non-null assertion",
    file: "src/domain/d.ts",
    text: "export const f = (x: string | undefined): string => x!\n",
    rule: "typescript(no-non-null-assertion)"
  },
  {
    says: "a silenced compiler",
    file: "src/domain/e.ts",
    text: "// @ts-ignore\nexport const x: string = 1\n",
    rule: "typescript(ban-ts-comment)"
  },
  {
    says: "the environment",
    file: "src/market/c.ts",
    text: "export const x = process.env\n",
    rule: "eslint(no-restricted-properties)"
  },
  {
    says: "the computer's time",
    file: "src/market/d.ts",
    text: "export const x = Date.now()\n",
    rule: "eslint(no-restricted-properties)"
  },
  {
    says: "unseeded randomness",
    file: "src/market/e.ts",
    text: "export const x = Math.random()\n",
    rule: "eslint(no-restricted-properties)"
  },
  {
    says: "the bare network",
    file: "src/market/f.ts",
    text: `export const x = fetch("/")\n`,
    rule: "eslint(no-restricted-globals)"
  },
  {
    says: "a cycle",
    file: "src/risk/f.ts",
    text: `import { y } from "./g.ts"\nexport const x = () => y\n`,
    rule: "import(no-cycle)"
  },
  {
    says: "the other half of a cycle",
    file: "src/risk/g.ts",
    text: `import { x } from "./f.ts"\nexport const y = () => x\n`,
    rule: "import(no-cycle)"
  }
]

const allowedCode: ReadonlyArray<Example> = [
  { says: "a constant's literal type", file: "src/domain/f.ts", text: "export const x = [1, 2] as const\n" },
  {
    says: "the environment in a program",
    file: "src/programs/cli/d.ts",
    text: "export const x = process.env\n"
  }
]

const Report = Schema.fromJsonString(
  Schema.Struct({
    diagnostics: Schema.Array(Schema.Struct({ code: Schema.String, filename: Schema.String }))
  })
)

let folder = ""
const reported = new Map<string, ReadonlyArray<string>>()

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-lint-")))
  copyFileSync(join(repository, "oxlint.config.ts"), join(folder, "oxlint.config.ts"))
  writeFileSync(join(folder, "package.json"), `{"type": "module"}`)
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"))
  for (const example of [...forbiddenImports, ...allowedImports, ...forbiddenCode, ...allowedCode]) {
    mkdirSync(dirname(join(folder, example.file)), { recursive: true })
    writeFileSync(join(folder, example.file), example.text)
  }
  const oxlint = join(repository, "node_modules/oxlint/bin/oxlint")
  const result = spawnSync(process.execPath, [oxlint, "--format", "json"], { cwd: folder, encoding: "utf8" })
  for (const { code, filename } of Schema.decodeSync(Report)(result.stdout).diagnostics) {
    reported.set(filename, [...(reported.get(filename) ?? []), code])
  }
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe("the linter reports", () => {
  it.each(forbiddenImports)("importing $says", ({ file }) => {
    expect(reported.get(file)).toEqual(["eslint(no-restricted-imports)"])
  })
  it.each(forbiddenCode)("$says", ({ file, rule }) => {
    expect(reported.get(file)).toEqual([rule])
  })
})

describe("the linter allows", () => {
  it.each(allowedImports)("importing $says", ({ file }) => {
    expect(reported.get(file)).toBeUndefined()
  })
  it.each(allowedCode)("$says", ({ file }) => {
    expect(reported.get(file)).toBeUndefined()
  })
})
