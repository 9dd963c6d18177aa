import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { textAfter } from "../../../../src/programs/hooks/algo-change-guard/ChangeLog.ts"
import { runHookScript, toolEventOf } from "../HookProcess.ts"

const script = new URL("../../../../src/programs/hooks/algo-change-guard/main.ts", import.meta.url)
const shipped = readFileSync(
  fileURLToPath(new URL("../../../../.claude/settings.json", import.meta.url)),
  "utf8"
)

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

let project = ""
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "algo-guard-")))
  mkdirSync(join(project, "algorithms"))
  mkdirSync(join(project, ".claude"))
  writeFileSync(join(project, "plimsoll.json"), "{}")
  writeFileSync(join(project, "algorithms/main.py"), "a = 1\nb = 1\n")
  writeFileSync(join(project, ".claude/settings.json"), shipped)
})
afterEach(() => {
  rmSync(project, { recursive: true, force: true })
})

const run = (event: unknown, environment: Readonly<Record<string, string>> = {}) =>
  runHookScript(script, {
    stdin: typeof event === "string" ? event : JSON.stringify(event),
    environment: { CLAUDE_PROJECT_DIR: project, HOME: join(project, "nobody"), ...environment }
  })

const tool = (name: string, input: unknown, more: Readonly<Record<string, unknown>> = {}) =>
  toolEventOf("PreToolUse", name, input, { cwd: project, ...more })

const changes = (): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(join(project, ".plimsoll/trades/algorithm-changes.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

describe("before a file is changed", () => {
  it("what guards is denied: exit 2, the reason on standard error, nothing on standard output", async () => {
    const { code, stdout, stderr } = await run(
      tool("Write", { file_path: join(project, "plimsoll.json"), content: "{}" })
    )
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain("may not be changed by an agent")
    expect(stderr).toContain("plimsoll limits accept")
  })

  it("what trades is asked for, and written down with hashes of the text before and after", async () => {
    const { code, stdout, stderr } = await run(
      tool(
        "Edit",
        { file_path: join(project, "algorithms/main.py"), old_string: "a = 1", new_string: "a = 2" },
        { agent_id: "a1", agent_type: "strategy-dev", permission_mode: "bypassPermissions" }
      )
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(JSON.parse(stdout)).toMatchObject({
      hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision: "ask" }
    })
    const path = join(project, "algorithms/main.py")
    const before = sha256("a = 1\nb = 1\n")
    const after = sha256("a = 2\nb = 1\n")
    expect(changes()).toMatchObject([
      {
        session_id: "session-1",
        agent: "strategy-dev",
        agent_id: "a1",
        tool_use_id: "toolu_1",
        tool: "Edit",
        permission_mode: "bypassPermissions",
        files: [
          {
            path,
            sha256_before: before,
            sha256_after: after,
            diff_hash: sha256(JSON.stringify([path, before, after]))
          }
        ]
      }
    ])
  })

  it("a command's change of what trades is written down with the command", async () => {
    const { code, stdout } = await run(
      tool("Bash", { command: "API_TOKEN=hunter2 sed -i s/1/2/ algorithms/main.py" })
    )
    expect(code).toBe(0)
    expect(stdout).toContain('"permissionDecision":"ask"')
    expect(changes()).toMatchObject([
      {
        command: "API_TOKEN=[redacted] sed -i s/1/2/ algorithms/main.py",
        files: [{ sha256_before: sha256("a = 1\nb = 1\n"), sha256_after: null }]
      }
    ])
  })

  it("what trades is blocked when the change cannot be written down", async () => {
    writeFileSync(join(project, ".plimsoll"), "")
    const { code, stdout, stderr } = await run(
      tool("Write", { file_path: join(project, "algorithms/x.py"), content: "" })
    )
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain("written down first")
  })

  it("anything else is let through without a word, by a subagent too", async () => {
    const end = { code: 0, signal: null, stdout: "", stderr: "" }
    expect(await run(tool("Write", { file_path: join(project, "src/x.ts"), content: "" }))).toEqual(end)
    expect(
      await run(tool("Bash", { command: "npm ci" }, { agent_id: "a1", agent_type: "qa-engineer" }))
    ).toEqual(end)
  })

  it("a subagent is denied what the main agent is denied", async () => {
    const event = tool("Bash", { command: "plimsoll resume" }, { agent_id: "a1", agent_type: "qa-engineer" })
    expect((await run(event)).code).toBe(2)
  })

  it("PLIMSOLL_HOME is the desk's, wherever it is", async () => {
    const home = join(project, "elsewhere/desk")
    const event = tool("Bash", { command: `echo x > ${home}/desk.db` })
    expect((await run(event, { PLIMSOLL_HOME: home })).code).toBe(2)
    expect((await run(event)).code).toBe(0)
  })
})

describe("an event that is not understood", () => {
  it.each([
    ["empty standard input", ""],
    ["no JSON", "x"],
    ["half an event", '{"hook_event_name":"PreToolUse","tool_name":"Wri'],
    ["another event", JSON.stringify({ hook_event_name: "PostToolUse" })],
    ["a tool it does not know", JSON.stringify(tool("Delete", { file_path: "/x" }))],
    ["a tool without its file", JSON.stringify(tool("Write", { content: "x" }))],
    ["Bash without its command", JSON.stringify(tool("Bash", { cmd: "ls" }))],
    ["a change of settings without its source", JSON.stringify({ hook_event_name: "ConfigChange" })]
  ])("blocks: %s", async (_, stdin) => {
    const { code, stdout } = await run(stdin)
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
  })

  it("is a command of endless nesting: it blocks, and in time", async () => {
    expect((await run(tool("Bash", { command: `${"(".repeat(200_000)}` }))).code).toBe(2)
    const { code, stdout } = await run(tool("Bash", { command: `echo ${"{a,b}".repeat(60)} > .mcp.json` }))
    expect(code === 2 || stdout.includes("ask")).toBe(true)
  })
})

describe("a change of settings", () => {
  const event = (source: string) => ({
    session_id: "session-1",
    cwd: project,
    hook_event_name: "ConfigChange",
    source,
    file_path: join(project, ".claude/settings.json")
  })

  it("that leaves the guards is taken over", async () => {
    expect(await run(event("project_settings"))).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
  })

  it("that takes a guard away is refused, and the answer names the file", async () => {
    writeFileSync(join(project, ".claude/settings.json"), "{}")
    const { code, stdout, stderr } = await run(event("project_settings"))
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(join(project, ".claude/settings.json"))
  })

  it("of the person's own settings is looked at where the client keeps them", async () => {
    const configured = join(project, "client")
    mkdirSync(configured)
    writeFileSync(join(configured, "settings.json"), '{"disableAllHooks":true}')
    // The project's word counts more, as shipped; without it the person's holds.
    const silent = shipped.replace('"disableAllHooks": false,', "")
    expect((await run(event("user_settings"), { CLAUDE_CONFIG_DIR: configured })).code).toBe(0)
    writeFileSync(join(project, ".claude/settings.json"), silent)
    expect((await run(event("user_settings"), { CLAUDE_CONFIG_DIR: configured })).code).toBe(2)
    expect((await run(event("user_settings"))).code).toBe(0)
  })
})

describe("the text a file would have", () => {
  it.each([
    ["Write", { content: "new" }, "old", "new"],
    ["Edit", { old_string: "o", new_string: "$&", replace_all: true }, "oo", "$&$&"],
    ["Edit", { old_string: "o", new_string: "a" }, "oo", "ao"],
    ["Edit", { old_string: "x", new_string: "a" }, "oo", undefined],
    ["Edit", { old_string: "", new_string: "a" }, undefined, "a"],
    [
      "MultiEdit",
      {
        edits: [
          { old_string: "a", new_string: "b" },
          { old_string: "bb", new_string: "c" }
        ]
      },
      "ab",
      "c"
    ],
    ["MultiEdit", { edits: [1] }, "ab", undefined],
    ["NotebookEdit", { new_source: "x" }, "{}", undefined],
    ["Bash", { command: "x" }, "a", undefined]
  ])("is told from %s %j", (name, input, before, after) => {
    expect(textAfter(name, input, before)).toBe(after)
  })
})
