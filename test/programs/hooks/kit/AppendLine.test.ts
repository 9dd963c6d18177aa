import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { appendLine } from "../../../../src/programs/hooks/kit/AppendLine.ts"
import { race, startChild } from "../../../support/Children.ts"

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "append-"))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe("a line", () => {
  it("of each of many processes is whole, and none is lost", async () => {
    const path = join(root, "trades", "log.jsonl")
    const children = [..."abcdefgh"].map((who) =>
      startChild(new URL("appendLines.ts", import.meta.url), [path, who, "100"])
    )
    for (const { code, output } of await race(children))
      expect({ code, output }).toEqual({ code: 0, output: "" })
    const lines = readFileSync(path, "utf8").trimEnd().split("\n")
    const seen = new Map<string, number>()
    for (const line of lines) {
      const { who, n, text } = JSON.parse(line)
      expect(text).toBe(String(who).repeat(n % 10 === 0 ? 60_000 : n))
      // Those of one process are in its order.
      expect(n).toBe(seen.get(who) ?? 0)
      seen.set(who, n + 1)
    }
    expect([...seen.values()]).toEqual(Array.from({ length: 8 }, () => 100))
  })

  it("is for its owner only, and so is its folder", () => {
    const path = join(root, "desk", "trades", "log.jsonl")
    appendLine(path, { a: 1 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(root, "desk", "trades")).mode & 0o777).toBe(0o700)
  })

  it("stands behind those before it", () => {
    const path = join(root, "log.jsonl")
    appendLine(path, { a: 1 })
    appendLine(path, "line\nbreak")
    expect(readFileSync(path, "utf8")).toBe('{"a":1}\n"line\\nbreak"\n')
  })

  it("that cannot be written is an error: a file where the folder should be", () => {
    writeFileSync(join(root, "trades"), "")
    expect(() => appendLine(join(root, "trades", "log.jsonl"), {})).toThrow("ENOTDIR")
  })

  it("is not written through a link, nor into a folder", () => {
    writeFileSync(join(root, "other"), "")
    symlinkSync(join(root, "other"), join(root, "log.jsonl"))
    expect(() => appendLine(join(root, "log.jsonl"), {})).toThrow("ELOOP")
    mkdirSync(join(root, "folder.jsonl"))
    expect(() => appendLine(join(root, "folder.jsonl"), {})).toThrow("EISDIR")
    expect(readFileSync(join(root, "other"), "utf8")).toBe("")
  })
})
