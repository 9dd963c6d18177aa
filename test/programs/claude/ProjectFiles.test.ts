/** `plimsoll init --claude`: a folder becomes a project for Claude Code. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterEach, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { placedAt, projectFiles, writeProjectFiles } from "../../../src/programs/claude/ProjectFiles.ts"

const installation = resolve(import.meta.dirname, "../../..")

const folders: Array<string> = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll claude-"))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const write = (folder: string) => Effect.runPromise(writeProjectFiles(installation, folder))

describe("the files for Claude Code", () => {
  it.each([
    ["${CLAUDE_PROJECT_DIR:-.}/bin/plimsoll", "/opt/p/bin/plimsoll"],
    ['"${CLAUDE_PROJECT_DIR:-.}"/bin/plimsoll statusline', '"/opt/p"/bin/plimsoll statusline'],
    ["${CLAUDE_PROJECT_DIR}/.claude/hooks/log-trade.sh", "/opt/p/.claude/hooks/log-trade.sh"],
    ["Edit(/dist/**)", "Edit(//opt/p/dist/**)"],
    ["Edit(/.claude/hooks/**)", "Edit(//opt/p/.claude/hooks/**)"],
    ["Edit(/plimsoll.json)", "Edit(/plimsoll.json)"]
  ])("have the installation's paths in place of the project's: %s", (before, after) => {
    expect(placedAt("/opt/p")(before)).toBe(after)
  })

  it("name nothing of the project's folder that only the installation has", async () => {
    const files = await Effect.runPromise(projectFiles(installation))
    const settings = files.filter(({ path }) => path.endsWith(".json"))
    expect(settings).toHaveLength(2)
    for (const { text } of settings) {
      expect(text).not.toContain("CLAUDE_PROJECT_DIR")
      for (const [path] of text.matchAll(/\/[^"() ]*\.sh/gu)) expect(existsSync(path), path).toBe(true)
    }
    expect(files.find(({ path }) => path === "CLAUDE.md")?.text).not.toContain("npm test")
  })

  it("are written where they are missing, and the same again changes nothing", async () => {
    const folder = newFolder()
    const first = await write(folder)
    expect(first.left).toEqual([])
    expect(first.written).toEqual(
      expect.arrayContaining([
        ".mcp.json",
        ".claude/settings.json",
        ".claude/agents/risk-reviewer.md",
        "CLAUDE.md"
      ])
    )
    expect(await write(folder)).toEqual({ written: [], left: [] })
  })

  it("leave what a person has there already, and name it", async () => {
    const folder = newFolder()
    mkdirSync(join(folder, ".claude"))
    writeFileSync(join(folder, ".claude/settings.json"), "{}")
    writeFileSync(join(folder, "CLAUDE.md"), "mine")
    const { left } = await write(folder)
    expect(left).toEqual([".claude/settings.json", "CLAUDE.md"])
    expect(readFileSync(join(folder, "CLAUDE.md"), "utf8")).toBe("mine")
  })

  it("that are not in the installation are a failure that says so", async () => {
    const failure = await Effect.runPromise(Effect.flip(writeProjectFiles(newFolder(), newFolder())))
    expect(failure.message).toContain("cannot be read from")
  })
})
