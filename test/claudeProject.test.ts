/** The files through which Claude Code knows this project name tools, hooks and launchers that are there. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { PermitTool } from "../src/execution/Permit.ts"
import { hookNames } from "../src/programs/hooks/HookNames.ts"
import { guardedTools } from "../src/programs/hooks/GuardedTools.ts"
import { DEADLINE_MILLIS } from "../src/programs/hooks/kit/Hook.ts"
import { serverNames } from "../src/programs/mcp/ServerNames.ts"
import { serverNamed } from "../src/programs/mcp/Servers.ts"

const root = resolve(import.meta.dirname, "..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")

const definitions = await Promise.all(
  serverNames.map((name) => Effect.runPromise(serverNamed(name, { requirePermit: true })))
)

/** Every tool as the client names it, and whether it only reads. */
const tools = new Map<string, boolean>(
  definitions.flatMap(({ name, tools: own }) => [
    ...own.map((tool) => [`mcp__${name}__${tool.name}`, tool.annotations.readOnlyHint === true] as const),
    [`mcp__${name}__health_check`, true] as const
  ])
)
const toolNames = [...tools.keys()]
const bareNames = new Set(toolNames.map((name) => name.split("__")[2] ?? ""))
const orderTools = PermitTool.literals.map((name) => `mcp__broker__${name}`)

/** Tools of the client itself that the project's files name. */
const clientTools = ["Read", "Grep", "Glob", "Write", "Edit", "Bash", "WebSearch", "WebFetch", "Agent"]

/** Whether a permission or a tool list's entry means anything. */
const exists = (entry: string): boolean => {
  if (!entry.startsWith("mcp__")) return clientTools.includes(entry.replace(/\(.*\)$/u, ""))
  const whole = entry.replace(/__\*$/u, "")
  return tools.has(entry) || serverNames.some((name) => whole === `mcp__${name}`)
}

/** The tools of the desk that an entry stands for. */
const meantBy = (entry: string): ReadonlyArray<string> => {
  const whole = entry.replace(/__\*$/u, "")
  return toolNames.filter((name) => name === entry || name.startsWith(`${whole}__`))
}

interface Page {
  readonly name: string
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
}

/** A file with a head of `key: value` lines between two rules. */
const pageAt = (folder: string, file: string): Page => {
  const match = /^---\n(?<head>[\s\S]*?)\n---\n(?<body>[\s\S]*)$/u.exec(read(join(folder, file)))
  const { body = "", head = "" } = match?.groups ?? {}
  const fields = head.split("\n").map((line) => {
    const at = line.indexOf(":")
    return [line.slice(0, at), line.slice(at + 1).trim()] as const
  })
  return { name: basename(file, ".md"), fields: Object.fromEntries(fields), body }
}

const pagesIn = (folder: string): ReadonlyArray<Page> =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => pageAt(folder, file))

const entriesOf = (list: string | undefined): ReadonlyArray<string> =>
  list === undefined || list === "" ? [] : list.split(",").map((entry) => entry.trim())

const agents = pagesIn(".claude/agents")
const commands = pagesIn(".claude/commands")

/** Names in backquotes that look like tools' and are none. */
const unknownTools = (text: string): ReadonlyArray<string> => [
  ...[...text.matchAll(/mcp__[a-z-]+__[a-z_]+/gu)].map(([name]) => name).filter((name) => !tools.has(name)),
  ...[
    ...text.matchAll(
      /`(?<name>(?:get|place|preview|replace|close|cancel|explain|halt|run|compare|list|search|health)_[a-z_]+)`/gu
    )
  ]
    .map(({ groups }) => groups?.["name"] ?? "")
    .filter((name) => !bareNames.has(name))
]

const Handler = Schema.Struct({
  type: Schema.Literal("command"),
  command: Schema.String,
  args: Schema.optionalKey(Schema.Array(Schema.String)),
  timeout: Schema.Finite,
  onFailure: Schema.optionalKey(Schema.Literal("block"))
})
const Settings = Schema.Struct({
  disableAllHooks: Schema.Literal(false),
  enabledMcpjsonServers: Schema.Array(Schema.String),
  permissions: Schema.Record(Schema.String, Schema.Array(Schema.String)),
  hooks: Schema.Record(
    Schema.String,
    Schema.Array(Schema.Struct({ matcher: Schema.optionalKey(Schema.String), hooks: Schema.Array(Handler) }))
  ),
  statusLine: Schema.Struct({ type: Schema.Literal("command"), command: Schema.String })
})
const settings = Schema.decodeUnknownSync(Settings)(JSON.parse(read(".claude/settings.json")), {
  onExcessProperty: "error"
})

/** Every handler, with its event and matcher. */
const handlers = Object.entries(settings.hooks).flatMap(([event, groups]) =>
  groups.flatMap(({ hooks, matcher }) =>
    hooks.map((handler) => ({ event, matcher, handler, hook: basename(handler.command, ".sh") }))
  )
)

/** Which of the names a matcher fits, as the client reads it. */
const fitting = (matcher: string | undefined, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (matcher === undefined || matcher === "" || matcher === "*") return names
  if (/^[\w\-, |]+$/u.test(matcher)) {
    const exact = matcher.split(/[,|]/u).map((name) => name.trim())
    return names.filter((name) => exact.includes(name))
  }
  return names.filter((name) => new RegExp(matcher, "u").test(name))
}

const asPlugin = (name: string): string => name.replace("mcp__", "mcp__plugin_plimsoll_")
const everyName = [
  ...clientTools,
  "MultiEdit",
  "NotebookEdit",
  "Monitor",
  "PowerShell",
  ...toolNames,
  ...toolNames.map(asPlugin)
]

const fittingHook = (hook: string, event: string): ReadonlyArray<string> =>
  handlers
    .filter((one) => one.hook === hook && one.event === event)
    .flatMap(({ matcher }) => fitting(matcher, everyName))

describe("the agents", () => {
  const reading = "Read, Grep, Glob"

  it("are seven, each with the tools its name promises", () => {
    expect(Object.fromEntries(agents.map(({ fields, name }) => [name, fields["tools"]]))).toEqual({
      "senior-engineer": `${reading}, Write, Edit, Bash`,
      "risk-reviewer": reading,
      "code-reviewer": reading,
      researcher: "Read, Grep, WebSearch, WebFetch",
      "backtest-analyst": `${reading}, Bash(lean:*), mcp__backtest__*`,
      // Everything there is.
      "strategy-dev": undefined,
      "qa-engineer": undefined
    })
  })

  it.each(agents)("$name is called as its file, and its tools exist", ({ body, fields, name }) => {
    expect(fields["name"]).toBe(name)
    expect(fields["description"]?.length).toBeGreaterThan(40)
    expect(entriesOf(fields["tools"]).filter((entry) => !exists(entry))).toEqual([])
    expect(unknownTools(body)).toEqual([])
    expect(body).toMatch(/Never/u)
    expect(body).toContain("Hand back exactly this")
  })

  it("begin with a line that no other begins with", () => {
    const firsts = agents.map(({ body }) => body.split("\n").find((line) => line.trim() !== ""))
    expect(new Set(firsts).size).toBe(agents.length)
  })
})

describe("the commands", () => {
  it("are six", () => {
    expect(commands.map(({ name }) => name).toSorted()).toEqual(
      ["morning-brief", "trade-idea", "backtest", "risk-review", "halt", "post-mortem"].toSorted()
    )
  })

  it.each(commands)("/$name is described, and its tools exist", ({ body, fields }) => {
    expect(fields["description"]?.length).toBeGreaterThan(20)
    const allowed = entriesOf(fields["allowed-tools"])
    expect(allowed.length).toBeGreaterThan(0)
    expect(allowed.filter((entry) => !exists(entry))).toEqual([])
    expect(unknownTools(body)).toEqual([])
    expect(body.includes("$ARGUMENTS")).toBe(fields["argument-hint"] !== undefined)
  })

  it("allow nothing that changes the desk, but for the halt and a backtest", () => {
    const changing = commands.flatMap(({ fields, name }) =>
      entriesOf(fields["allowed-tools"])
        .flatMap(meantBy)
        .filter((tool) => tools.get(tool) === false)
        .map((tool) => `${name} ${tool}`)
    )
    expect(changing.toSorted()).toEqual([
      "backtest mcp__backtest__run_backtest",
      "backtest mcp__backtest__run_sensitivity",
      "backtest mcp__backtest__run_walk_forward",
      "halt mcp__broker__halt_trading",
      "trade-idea mcp__backtest__run_backtest"
    ])
  })

  it("name no tool of the desk in their steps that they do not allow", () => {
    for (const { body, fields, name } of commands) {
      const allowed = new Set(entriesOf(fields["allowed-tools"]).flatMap(meantBy))
      const named = [...body.matchAll(/mcp__[a-z-]+__[a-z_]+/gu)].map(([tool]) => tool)
      expect(
        named.filter((tool) => !allowed.has(tool)),
        name
      ).toEqual([])
    }
  })
})

describe("the settings", () => {
  it("start each hook through a launcher that is there and may be run", () => {
    expect(new Set(handlers.map(({ hook }) => hook))).toEqual(new Set<string>(hookNames))
    for (const { handler, hook } of handlers) {
      expect(handler.command).toBe(`\${CLAUDE_PROJECT_DIR}/.claude/hooks/${hook}.sh`)
      expect(() => accessSync(join(root, ".claude/hooks", `${hook}.sh`), constants.X_OK)).not.toThrow()
    }
  })

  it("run the validator before every tool that orders, plain or in a plugin, and before no other", () => {
    expect(fittingHook("risk-validator", "PreToolUse").toSorted()).toEqual(
      [...orderTools, ...orderTools.map(asPlugin)].toSorted()
    )
  })

  it("log every broker tool, whether it went well or not", () => {
    const broker = toolNames.filter((name) => name.startsWith("mcp__broker__"))
    for (const event of ["PostToolUse", "PostToolUseFailure"]) {
      expect(fittingHook("log-trade", event).toSorted()).toEqual(
        [...broker, ...broker.map(asPlugin)].toSorted()
      )
    }
  })

  it("guard every tool that writes files or runs a shell, and changes of themselves", () => {
    expect(fittingHook("algo-change-guard", "PreToolUse").toSorted()).toEqual(guardedTools.toSorted())
    const [change] = handlers.filter(({ event }) => event === "ConfigChange")
    expect(change).toMatchObject({ hook: "algo-change-guard" })
    expect(change?.matcher).toBeUndefined()
  })

  it("block when a guard fails, and wait for longer than the guard's own deadline", () => {
    const guards = handlers.filter(({ hook }) => hook === "risk-validator" || hook === "algo-change-guard")
    expect(guards.length).toBeGreaterThanOrEqual(3)
    for (const { handler } of guards) {
      expect(handler.onFailure).toBe("block")
      expect(handler.timeout * 1000).toBeGreaterThan(DEADLINE_MILLIS)
    }
  })

  it("allow and deny what is there, and neither allow nor ask for what orders", () => {
    const { allow = [], ask = [], deny = [], ...others } = settings.permissions
    expect(others).toEqual({})
    expect(allow.filter((entry) => !exists(entry))).toEqual([])
    // Asked for by rule, an unattended order would be impossible in every mode.
    expect(ask).toEqual([])
    expect(allow.flatMap(meantBy).filter((tool) => orderTools.includes(tool))).toEqual([])
    for (const file of [".claude/settings.json", ".mcp.json", "plimsoll.json"]) {
      expect(deny).toContain(`Edit(/${file})`)
      expect(existsSync(join(root, file))).toBe(true)
    }
  })

  it("start the four servers, the broker with permits", () => {
    const { mcpServers } = Schema.decodeUnknownSync(
      Schema.Struct({
        mcpServers: Schema.Record(
          Schema.String,
          Schema.Struct({ command: Schema.String, args: Schema.Array(Schema.String) })
        )
      })
    )(JSON.parse(read(".mcp.json")))
    expect(Object.keys(mcpServers)).toEqual([...serverNames])
    expect(settings.enabledMcpjsonServers).toEqual([...serverNames])
    for (const [name, { args, command }] of Object.entries(mcpServers)) {
      expect(args).toEqual(["mcp", name, ...(name === "broker" ? ["--require-permit"] : [])])
      expect(command).toBe("${CLAUDE_PROJECT_DIR:-.}/bin/plimsoll")
    }
    expect(settings.statusLine.command).toContain("bin/plimsoll statusline")
  })
})

describe("CLAUDE.md", () => {
  const text = read("CLAUDE.md")

  it("is short, since every session reads it", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(150)
  })

  it("names every tool of every server in the server's row, and no other", () => {
    for (const server of serverNames) {
      const row = text.split("\n").find((line) => line.startsWith(`| ${server} `)) ?? ""
      const named = [...row.matchAll(/`(?<name>[a-z_]+)`/gu)].map(({ groups }) => groups?.["name"] ?? "")
      const own = toolNames.filter((name) => name.startsWith(`mcp__${server}__`))
      expect(named.toSorted(), server).toEqual(own.map((name) => name.split("__")[2]).toSorted())
    }
    expect(unknownTools(text)).toEqual([])
  })

  it("names every agent, every command and every page it points to", () => {
    for (const { name } of agents) expect(text).toContain(`| ${name} `)
    for (const { name } of commands) expect(text).toContain(`\`/${name}`)
    const pages = [...text.matchAll(/`(?<page>docs\/[a-zA-Z_-]+\.md)`/gu)].map(
      ({ groups }) => groups?.["page"] ?? ""
    )
    expect(pages.length).toBeGreaterThan(2)
    for (const page of pages) expect(existsSync(join(root, page)), page).toBe(true)
  })
})
