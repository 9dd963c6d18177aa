import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { effectiveSettings } from "../../../../src/programs/claude/EffectiveSettings.ts"
import { settingsFile } from "../../../../src/programs/claude/SettingsFile.ts"
import { refusedChange } from "../../../../src/programs/hooks/algo-change-guard/SettingsChange.ts"

const shipped = readFileSync(
  fileURLToPath(new URL("../../../../.claude/settings.json", import.meta.url)),
  "utf8"
)

interface Files {
  readonly project: string | undefined
  readonly local: string | undefined
  readonly user: string | undefined
}

const settingsOf = (files: Files) =>
  effectiveSettings(
    (["user", "project", "local"] as const).map((scope) => {
      const text = files[scope]
      return settingsFile(
        `/${scope}/settings.json`,
        scope,
        text === undefined ? { _tag: "Absent" } : { _tag: "Text", text }
      )
    })
  )

const change = { source: "project_settings", file: "/desk/.claude/settings.json" }
const asShipped: Files = { project: shipped, local: undefined, user: undefined }
const refused = (files: Partial<Files>, source = "project_settings") =>
  refusedChange({ ...change, source }, settingsOf({ ...asShipped, ...files }), false)

/** The shipped settings with one text in them replaced. */
const changed = (from: string | RegExp, to: string): string => {
  const text = shipped.replaceAll(from, to)
  expect(text).not.toBe(shipped)
  expect(() => JSON.parse(text)).not.toThrow()
  return text
}

describe("a change of settings", () => {
  it("is taken over while the guards stand as shipped", () => {
    expect(refused({})).toBeUndefined()
    expect(
      refused({ local: '{"permissions":{"allow":["Bash(ls:*)"]}}', user: '{"model":"x"}' })
    ).toBeUndefined()
    expect(refused({ project: changed('"timeout": 10', '"timeout": 12') })).toBeUndefined()
  })

  it.each([
    ["emptied", "{}"],
    ["no text at all", ""],
    ["no JSON", '{"hooks":'],
    ["a list", "[]"],
    ["without hooks", '{"hooks":{}}'],
    ["hooks of another form", '{"hooks":[]}']
  ])("is refused where the project's are %s", (_, project) => {
    expect(refused({ project })).toContain("/desk/.claude/settings.json is not taken over")
  })

  it("is refused where the project's are gone", () => {
    expect(refused({ project: undefined })).toContain("without the hook risk-validator")
  })

  it.each([
    [
      "a matcher of the bare name, which never fires",
      "^mcp__(plugin_plimsoll_)?broker__(place_order|replace_order|close_position)$",
      "place_order"
    ],
    ["a matcher without the plugin's name", "(plugin_plimsoll_)?broker__(place", "broker__(place"],
    ["a matcher that leaves one tool out", "|close_position", ""],
    ["a validator that is not the shipped one", ".claude/hooks/risk-validator.sh", "risk-validator.sh"],
    [
      "a command that goes on after it",
      ".claude/hooks/risk-validator.sh",
      ".claude/hooks/risk-validator.sh || true"
    ],
    ["another hook's script", "risk-validator.sh", "load-context.sh"],
    ["no block on failure", /"onFailure": "block"/gu, '"onFailure": "continue"'],
    [
      "a word the client does not know, for which it drops them",
      /"onFailure": "block"/gu,
      '"onFailure": "allow"'
    ],
    ["a hook that is not waited for", /"onFailure": "block"/gu, '"onFailure": "block", "async": true'],
    ["a hook that runs once", /"onFailure": "block"/gu, '"onFailure": "block", "once": true'],
    ["a hook with a condition", /"onFailure": "block"/gu, '"onFailure": "block", "if": "Bash(x)"'],
    ["another kind of hook", '"type": "command"', '"type": "prompt"'],
    ["a guard of files that leaves Bash out", "|Bash|", "|"],
    ["a guard of files that leaves Monitor out, which runs commands too", "|Monitor|", "|"],
    ["no guard of settings", '"ConfigChange"', '"ConfigChanged"'],
    ["all hooks disabled", '"disableAllHooks": false', '"disableAllHooks": true']
  ])("is refused with %s", (_, from, to) => {
    expect(refused({ project: changed(from, to) })).toContain("is not taken over")
  })

  it("is refused where the local ones turn all hooks off", () => {
    expect(refused({ local: '{"disableAllHooks":true}' }, "local_settings")).toContain("turned off")
  })

  it("of the person's own that the client overrules or drops is no danger to the guards of the project", () => {
    expect(refused({ user: '{"disableAllHooks":true}' }, "user_settings")).toBeUndefined()
    expect(refused({ user: "{" }, "user_settings")).toBeUndefined()
  })

  it("is refused from a source that is not known, when it leaves no guard", () => {
    expect(refused({ project: "{}" }, "new_settings")).toBeDefined()
  })

  it("of what this guard has no say in is taken over", () => {
    expect(refused({ project: "{}" }, "policy_settings")).toBeUndefined()
    expect(refused({ project: "{}" }, "skills")).toBeUndefined()
  })

  it("leaves the guards of a plugin where they are, unless it disables all hooks", () => {
    const none: Files = { project: "{}", local: undefined, user: undefined }
    expect(refusedChange(change, settingsOf(none), true)).toBeUndefined()
    expect(
      refusedChange(change, settingsOf({ ...none, local: '{"disableAllHooks":true}' }), true)
    ).toBeDefined()
  })
})
