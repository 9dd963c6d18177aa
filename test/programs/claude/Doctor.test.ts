/** The doctor in a copy of the repository's own project for Claude Code: what works, and what each hole is called. */
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@effect/vitest"
import { buildIfStale } from "../../e2e/Program.ts"
import { plimsoll } from "../cli/InProcess.ts"
import { shipped, VALIDATOR } from "./ClaudeDesk.ts"

const before = process.cwd()
const SETTINGS = ".claude/settings.json"

const folders: Array<string> = []

/** A project as somebody finds it who cloned the repository and built it. */
const project = ({ claude = true } = {}): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-doctor-")))
  folders.push(folder)
  writeFileSync(join(folder, "plimsoll.json"), JSON.stringify({ market: { source: "embedded" } }))
  if (claude) shipped(folder)
  return folder
}

interface Found {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  readonly remedy: string
  readonly latency_ms?: number
}

const isFound = (value: unknown): value is Found =>
  typeof value === "object" && value !== null && "check" in value && "ok" in value

/** Makes the desk unless it is to be without, and asks the doctor. */
const examined = async (folder: string, { desk = true } = {}) => {
  process.chdir(folder)
  if (desk) await plimsoll(["init"])
  const { code, out } = await plimsoll(["doctor", "--json"])
  const answer: unknown = JSON.parse(out)
  const list: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, "findings") : []
  const findings = Array.isArray(list) ? list.filter(isFound) : []
  const of = (check: string): Found | undefined => findings.find((finding) => finding.check === check)
  return { code, findings, of, bad: findings.filter(({ ok }) => !ok) }
}

const change = (folder: string, path: string, from: string | RegExp, to: string): void => {
  const text = readFileSync(join(folder, path), "utf8")
  const changed = text.replaceAll(from, to)
  if (changed === text) throw new Error(`${path} has nothing like ${String(from)}`)
  writeFileSync(join(folder, path), changed)
}

beforeAll(() => {
  buildIfStale()
  process.env["CLAUDE_CONFIG_DIR"] = join(tmpdir(), "plimsoll-no-such-folder")
})
afterEach(() => {
  process.chdir(before)
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
afterAll(() => {
  delete process.env["CLAUDE_CONFIG_DIR"]
})

describe("the doctor", () => {
  it("finds every hook and server of the shipped project reachable, with how fast, and the canary denied", async () => {
    const { bad, code, findings, of } = await examined(project())
    expect(bad).toEqual([])
    expect(code).toBe(0)
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        ...["risk-validator", "log-trade", "load-context", "parse-backtest", "algo-change-guard"].map(
          (name) => `hook ${name}`
        ),
        ...["market-data", "broker", "portfolio", "backtest"].map((name) => `server ${name}`)
      ])
    )
    expect(of("hook risk-validator")?.detail).toMatch(
      /^\d+ ms; canary denied by order-size; PreToolUse \^mcp__.* in \.claude\/settings\.json$/u
    )
    expect(of("hook risk-validator")?.latency_ms).toBeGreaterThan(0)
    expect(of("server broker")).toMatchObject({
      detail: expect.stringMatching(/^\d+ ms; 13 tools; .*bin\/plimsoll mcp broker --require-permit$/u),
      latency_ms: expect.any(Number)
    })
  })

  it("of a project without Claude Code says so in one line, and that is no failure", async () => {
    const { code, findings } = await examined(project({ claude: false }))
    expect(code).toBe(0)
    expect(findings.filter(({ check }) => /^(?:hook|server|Claude)/u.test(check))).toMatchObject([
      { check: "Claude Code", ok: true, detail: "not configured in this project" }
    ])
  })

  it("makes no desk where there is none, and starts no server that would", async () => {
    const { bad, of } = await examined(project(), { desk: false })
    expect(bad).toMatchObject([{ check: "desk", remedy: "run plimsoll init" }])
    expect(of("server broker")?.detail).toContain("not started, for there is no desk yet")
  })

  it.each<[what: string, spoil: (folder: string) => void, check: string, told: RegExp]>([
    [
      "a hook that was taken out",
      (folder) => change(folder, SETTINGS, "risk-validator.sh", "other.sh"),
      "hook risk-validator",
      /not configured for PreToolUse/u
    ],
    [
      "a matcher that matches no tool",
      (folder) =>
        change(
          folder,
          SETTINGS,
          "^mcp__(plugin_plimsoll_)?broker__(place_order|",
          "^mcp__brokr__(place_order|"
        ),
      "hook risk-validator",
      /does not match mcp__broker__place_order/u
    ],
    [
      "guards without onFailure",
      (folder) => change(folder, SETTINGS, /,\s*"onFailure": "block"/gu, ""),
      "hook algo-change-guard",
      /its onFailure is not "block"/u
    ],
    [
      "settings that are not JSON",
      (folder) => writeFileSync(join(folder, SETTINGS), "{"),
      "settings",
      /drops without a word .*settings\.json: it is not valid JSON/u
    ],
    [
      "hooks turned off",
      (folder) => writeFileSync(join(folder, ".claude/settings.local.json"), '{"disableAllHooks": true}'),
      "hook risk-validator",
      /hooks are turned off: disableAllHooks is true in .*settings\.local\.json/u
    ],
    [
      "a broker that asks for no permit",
      (folder) => change(folder, ".mcp.json", ', "--require-permit"', ""),
      "server broker",
      /without --require-permit/u
    ],
    [
      "a server whose program is not there",
      (folder) => change(folder, ".mcp.json", "bin/plimsoll", "bin/plimsol"),
      "server portfolio",
      /does not answer: .*ENOENT/u
    ],
    [
      "a launcher that is no program",
      (folder) => chmodSync(join(folder, VALIDATOR), 0o644),
      "hook risk-validator",
      /could not be started \(.*EACCES/u
    ],
    [
      "nothing built",
      (folder) => rmSync(join(folder, "dist")),
      "hook log-trade",
      /log-trade: it is not built/u
    ],
    [
      "a guard that lets through",
      (folder) => writeFileSync(join(folder, VALIDATOR), "#!/bin/sh\nexit 0\n", { mode: 0o755 }),
      "hook risk-validator",
      /canary: the hook risk-validator .* does not hold: it ended with exit code 0/u
    ]
  ])("finds %s, says what to do, and halts nothing", async (_, spoil, check, told) => {
    const folder = project()
    spoil(folder)
    const { code, of } = await examined(folder)
    expect(code).toBe(1)
    expect(of(check)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(told),
      remedy: expect.stringMatching(/.{10}/u)
    })
    expect((await plimsoll(["statusline"])).out).toContain("ACTIVE")
  })

  it("says it to people too", async () => {
    const folder = project()
    change(folder, ".mcp.json", ', "--require-permit"', "")
    process.chdir(folder)
    await plimsoll(["init"])
    const { out } = await plimsoll(["doctor"])
    expect(out).toMatch(/^failed +server broker +started without --require-permit/mu)
    expect(out).toMatch(/^ +to do: add "--require-permit" to its args/mu)
  })
})
