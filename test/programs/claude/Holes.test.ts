/** The shipped settings leave nothing open, and what somebody changes in them is told. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { type ClaudeProject, readClaudeProject } from "../../../src/programs/claude/ClaudeProject.ts"
import { effectiveSettings } from "../../../src/programs/claude/EffectiveSettings.ts"
import { hookViews, isConfigured, orderHoles, serverViews } from "../../../src/programs/claude/Holes.ts"
import { mcpConfig } from "../../../src/programs/claude/McpConfig.ts"
import { settingsFile } from "../../../src/programs/claude/SettingsFile.ts"

const repository = resolve(import.meta.dirname, "../../..")
const shipped = readFileSync(join(repository, ".claude/settings.json"), "utf8")
const shippedServers = readFileSync(join(repository, ".mcp.json"), "utf8")

/** The shipped files, with a change to their texts. */
const project = (
  change: (settings: string) => string = (text) => text,
  changeServers: (servers: string) => string = (text) => text
): ClaudeProject => {
  const text = (content: string) => ({ _tag: "Text", text: content }) as const
  return {
    project: "/p",
    settings: effectiveSettings([settingsFile("/p/.claude/settings.json", "project", text(change(shipped)))]),
    mcp: mcpConfig("/p/.mcp.json", text(changeServers(shippedServers)))
  }
}

const holesOf = (claude: ClaudeProject): ReadonlyArray<string> => [
  ...hookViews(claude).flatMap(({ holes, name }) => holes.map(({ problem }) => `${name}: ${problem}`)),
  ...serverViews(claude).flatMap(({ holes, name }) => holes.map(({ problem }) => `${name}: ${problem}`))
]

const empty = mkdtempSync(join(tmpdir(), "plimsoll-claude-"))
afterAll(() => rmSync(empty, { recursive: true, force: true }))

describe("a project", () => {
  it("as it is shipped leaves nothing open", () => {
    expect(holesOf(project())).toEqual([])
    expect(orderHoles(project())).toEqual([])
    expect(isConfigured(project())).toBe(true)
  })

  it("with nothing of Claude Code is not configured, and that is no fault", () => {
    const claude = readClaudeProject({ project: empty, userFolder: empty, managedFolder: empty })
    expect(isConfigured(claude)).toBe(false)
  })

  it.each<[what: string, claude: ClaudeProject, hole: RegExp]>([
    ["emptied settings", project(() => "{}"), /^risk-validator: not configured for PreToolUse$/mu],
    ["settings cut off", project((text) => text.slice(0, 200)), /^risk-validator: not configured/mu],
    [
      "hooks turned off",
      project((text) => text.replace('"disableAllHooks": false', '"disableAllHooks": true')),
      /^algo-change-guard: hooks are turned off/mu
    ],
    [
      "a matcher of one order tool",
      project((text) => text.replace("(place_order|replace_order|close_position)$", "place_order$")),
      /^risk-validator: the matcher .* does not match mcp__broker__replace_order$/mu
    ],
    [
      "a matcher that is a server's name",
      project((text) => text.replaceAll('^mcp__(plugin_plimsoll_)?broker__"', 'mcp__broker"')),
      /^log-trade: the matcher "mcp__broker" does not match/mu
    ],
    [
      "a broken matcher",
      project((text) => text.replace("^(Write|Edit", "^((Write|Edit")),
      /^algo-change-guard: its matcher is no regular expression/mu
    ],
    [
      "guards that let through what crashes",
      project((text) => text.replaceAll('"onFailure": "block"', '"onFailure": "continue"')),
      /^risk-validator: at PreToolUse its onFailure is not "block"/mu
    ],
    [
      "nobody before a change of settings",
      project((text) => text.replace('"ConfigChange"', '"PreCompact"')),
      /^algo-change-guard: not configured for ConfigChange$/mu
    ],
    [
      "no log of what failed",
      project((text) => text.replace('"PostToolUseFailure"', '"Stop"')),
      /^log-trade: not configured for PostToolUseFailure$/mu
    ],
    [
      "a broker that asks for no permit",
      project(undefined, (text) => text.replace(', "--require-permit"', "")),
      /^broker: started without --require-permit/mu
    ],
    [
      "a broker under another name, which the matchers do not know",
      project(undefined, (text) => text.replace('"broker": {', '"desk": {')),
      /^risk-validator: the matcher .* does not match mcp__desk__place_order$/mu
    ],
    ["no servers", project(undefined, () => '{"mcpServers": {}}'), /^broker: not in \.mcp\.json$/mu],
    [
      "a server that is turned off",
      project((text) =>
        text.replace(
          '"enabledMcpjsonServers": [',
          '"disabledMcpjsonServers": ["broker"], "enabledMcpjsonServers": ['
        )
      ),
      /^broker: turned off by disabledMcpjsonServers$/mu
    ]
  ])("with %s is told of it", (_, claude, hole) => {
    expect(holesOf(claude).join("\n")).toMatch(hole)
  })

  it("whose order tools are unguarded hears of it when a session begins", () => {
    const claude = project(
      (text) => text.slice(0, -5),
      (text) => text.replace(', "--require-permit"', "")
    )
    expect(orderHoles(claude).join("\n")).toMatch(
      /the client drops without a word \/p\/\.claude\/settings\.json[^]*without --require-permit[^]*risk-validator: not configured/u
    )
  })
})

describe("a settings file", () => {
  it("that cannot be read is told, and one that is missing is not", () => {
    const user = join(empty, "user")
    mkdirSync(join(user, "settings.json"), { recursive: true })
    const claude = readClaudeProject({ project: empty, userFolder: user, managedFolder: empty })
    expect(claude.settings.dropped).toMatchObject([
      { path: join(user, "settings.json"), problem: "it cannot be read (it is a folder)" }
    ])
  })

  it("of an administrator may be in parts", () => {
    const managed = join(empty, "managed")
    mkdirSync(join(managed, "managed-settings.d"), { recursive: true })
    writeFileSync(join(managed, "managed-settings.d/20-hooks.json"), '{"allowManagedHooksOnly": true}')
    const claude = readClaudeProject({ project: repository, userFolder: empty, managedFolder: managed })
    expect(claude.settings.silenced?.why).toContain("20-hooks.json")
    expect(claude.settings.handlers).toEqual([])
  })
})
