import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"

const script = resolve(import.meta.dirname, "../scripts/check-docs.ts")

let folder = ""

const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

const check = () => {
  const result = spawnSync(process.execPath, [script, "--root", folder], { encoding: "utf8" })
  return { status: result.status, faults: result.stderr.split("\n").filter((line) => line !== "") }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-docs-"))
  write(
    "package.json",
    JSON.stringify({ dependencies: { effect: "1.0.0" }, devDependencies: { vitest: "1.0.0" } })
  )
  write("src/risk/RiskEngine.ts", "")
  write(
    "docs/architecture.md",
    "# Architecture\n\n## One order's way\n\nThe folder `risk/` holds the rules.\n"
  )
  write("docs/dependencies.md", "| package | why |\n|---|---|\n| `effect` | all |\n| `vitest` | tests |\n")
  write(
    "README.md",
    "See [the way](docs/architecture.md#one-orders-way), [more](https://example.com), `[no](link)`.\n"
  )
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it("documentation that agrees with the tree passes", () => {
  expect(check()).toEqual({ status: 0, faults: [] })
})

it("a link that leads nowhere is named with its file", () => {
  write("docs/glossary.md", "[one](./nothing.md) [two](architecture.md#nowhere)\n\n[three]: ../LICENSE\n")
  expect(check()).toEqual({
    status: 1,
    faults: [
      "docs: docs/glossary.md: the link ./nothing.md leads nowhere",
      "docs: docs/glossary.md: the link architecture.md#nowhere names no heading",
      "docs: docs/glossary.md: the link ../LICENSE leads nowhere"
    ]
  })
})

it("a folder the architecture does not name is a fault", () => {
  write("src/audit/AuditLog.ts", "")
  expect(check().faults).toEqual(["docs: docs/architecture.md does not name src/audit/"])
})

it("the packages installed and the packages explained are the same", () => {
  write("docs/dependencies.md", "| package | why |\n|---|---|\n| `effect`, `left-pad` | all |\n")
  expect(check().faults).toEqual([
    "docs: docs/dependencies.md does not list vitest",
    "docs: docs/dependencies.md lists left-pad, not in package.json"
  ])
})

it("a missing page is a fault", () => {
  rmSync(join(folder, "docs"), { recursive: true })
  write("README.md", "")
  expect(check().faults).toEqual([
    "docs: docs/architecture.md is missing",
    "docs: docs/dependencies.md is missing"
  ])
})
