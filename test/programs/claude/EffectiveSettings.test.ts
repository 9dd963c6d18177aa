/** Which hook stands before an order, whatever the settings files say and in whichever state they are. */
import { describe, expect, it } from "@effect/vitest"
import { guardOf, handlersFor } from "../../../src/programs/claude/EffectiveSettings.ts"
import { COMMAND, guarded, PLACE, settingsOf } from "./Settings.ts"

const why = (files: Parameters<typeof settingsOf>[0], tool = PLACE): string => {
  const guard = guardOf(settingsOf(files), "risk-validator", tool)
  return guard._tag === "NoGuard" ? guard.why : "there is one"
}

describe("the guard before an order", () => {
  it("is the command of the settings, with its file, timeout and what a failure of it does", () => {
    const guard = guardOf(settingsOf({ project: guarded() }), "risk-validator", PLACE)
    expect(guard).toMatchObject({
      _tag: "Guard",
      handler: { command: COMMAND, args: [], file: "/project.json", timeoutSeconds: 10, onFailure: "block" }
    })
  })

  it.each(["managed", "user", "local"] as const)("is found in the %s settings too", (scope) => {
    expect(why({ [scope]: guarded() })).toBe("there is one")
  })

  it("of two is the one that can stop a call", () => {
    const files = { user: guarded({ handler: { async: true } }), project: guarded() }
    expect(guardOf(settingsOf(files), "risk-validator", PLACE)).toMatchObject({
      handler: { file: "/project.json" }
    })
  })

  it.each<[what: string, files: Parameters<typeof settingsOf>[0], why: RegExp]>([
    ["no file at all", {}, /^no settings file has the hook risk-validator$/u],
    ["emptied settings", { project: "{}" }, /no settings file has the hook/u],
    ["an empty file", { project: "" }, /no settings file has the hook/u],
    [
      "settings that are not JSON",
      { project: '{"hooks": {' },
      /drops \/project\.json: it is not valid JSON/u
    ],
    ["settings that are a list", { project: "[]" }, /drops \/project\.json/u],
    [
      "a bad onFailure",
      { project: guarded({ handler: { onFailure: "deny" } }) },
      /drops the hooks of PreToolUse in \/project\.json: hooks\.PreToolUse\.0\.hooks\.0\.onFailure/u
    ],
    ["a timeout in words", { project: guarded({ handler: { timeout: "10s" } }) }, /drops .*timeout/u],
    [
      "a command without one",
      { project: guarded({ handler: { command: undefined } }) },
      /expected a command/u
    ],
    [
      "a bad value elsewhere in the file",
      { project: guarded({ settings: { permissions: { deny: "all" } } }) },
      /drops .*permissions\.deny/u
    ],
    [
      "a matcher that is a server's name",
      { project: guarded({ matcher: "mcp__broker" }) },
      /does not match/u
    ],
    [
      "another server's tool",
      { project: guarded({ matcher: "^mcp__toy__" }) },
      /does not match mcp__broker/u
    ],
    ["another event", { project: guarded({ event: "PostToolUse" }) }, /is for PostToolUse/u],
    ["a hook nobody waits for", { project: guarded({ handler: { async: true } }) }, /async/u],
    ["a hook that runs once", { project: guarded({ handler: { once: true } }) }, /once/u],
    ["a hook with a condition", { project: guarded({ handler: { if: "Bash(ls)" } }) }, /has an if \(Bash/u],
    [
      "a prompt in its place",
      { project: guarded({ handler: { type: "prompt", args: ["risk-validator"] } }) },
      /of the type prompt/u
    ],
    [
      "hooks turned off in the project",
      { project: guarded({ settings: { disableAllHooks: true } }) },
      /turned off: disableAllHooks is true in \/project\.json/u
    ],
    [
      "hooks turned off in the local settings, over the project's false",
      { project: guarded({ settings: { disableAllHooks: false } }), local: { disableAllHooks: true } },
      /disableAllHooks is true in \/local\.json/u
    ],
    [
      "hooks turned off by the user",
      { user: { disableAllHooks: true }, project: guarded() },
      /disableAllHooks is true in \/user\.json/u
    ],
    [
      "managed hooks only",
      { managed: { allowManagedHooksOnly: true }, project: guarded() },
      /allowManagedHooksOnly is true in \/managed\.json/u
    ],
    [
      "hooks turned off by an administrator",
      { managed: { ...guarded(), disableAllHooks: true } },
      /disableAllHooks is true in \/managed\.json/u
    ]
  ])("is missing with %s, and it is said why", (_, files, expected) => {
    expect(why(files)).toMatch(expected)
  })

  it("holds where the project's false is over the user's true", () => {
    const files = {
      user: { disableAllHooks: true },
      project: guarded({ settings: { disableAllHooks: false } })
    }
    expect(why(files)).toBe("there is one")
  })

  it("of an administrator is not turned off by others", () => {
    expect(why({ managed: guarded(), local: { disableAllHooks: true } })).toBe("there is one")
  })

  it("stands though another file is broken, and that file is told", () => {
    const settings = settingsOf({ project: guarded(), local: "{" })
    expect(guardOf(settings, "risk-validator", PLACE)._tag).toBe("Guard")
    expect(settings.dropped).toMatchObject([{ path: "/local.json" }])
  })

  it("is not another program whose name has the guard's in it", () => {
    const files = { project: guarded({ handler: { command: "/bin/my-risk-validator-2" } }) }
    expect(why(files)).toMatch(/no settings file has/u)
  })
})

describe("settings", () => {
  it.each<[what: string, more: object]>([
    ["a model that is a number", { model: 3 }],
    ["a status line in words", { statusLine: "x" }],
    ["a mode that there is not", { permissions: { defaultMode: "ask" } }],
    ["hooks in a list", { hooks: [] }],
    ["a variable list that is none", { env: "A=B" }]
  ])("with %s are dropped whole", (_, more) => {
    const { dropped, handlers } = settingsOf({ project: { ...guarded(), ...more } })
    expect(dropped).toMatchObject([{ path: "/project.json", event: undefined }])
    expect(handlers).toEqual([])
  })

  it("with one bad hook lose all of its event, and keep those of others", () => {
    const { hooks } = JSON.parse(JSON.stringify(guarded()))
    const bad = { hooks: [{ type: "command", command: "true", onFailure: "deny" }] }
    const other = settingsOf({ project: { hooks: { ...hooks, Stop: [bad] } } })
    expect(other.dropped).toMatchObject([{ event: "Stop" }])
    expect(guardOf(other, "risk-validator", PLACE)._tag).toBe("Guard")
    const same = settingsOf({ project: { hooks: { PreToolUse: [...hooks.PreToolUse, bad] } } })
    expect(same.dropped).toMatchObject([{ event: "PreToolUse" }])
    expect(same.handlers).toEqual([])
  })

  it("may have variables that are numbers, and rules that are none", () => {
    const { dropped, environment } = settingsOf({
      project: { env: { A: 1, B: true, C: {} }, permissions: { allow: [3] }, disabledMcpjsonServers: "x" }
    })
    expect(dropped).toEqual([])
    expect(environment).toEqual({ A: "1", B: "true" })
  })

  it("of all files count together, and the later value of a variable wins", () => {
    const settings = settingsOf({
      user: { env: { A: "1", B: "1" }, ...guarded() },
      local: { env: { B: "2" }, disabledMcpjsonServers: ["broker"], ...guarded() }
    })
    expect(settings.environment).toEqual({ A: "1", B: "2" })
    expect(settings.disabledServers).toEqual(new Set(["broker"]))
    expect(handlersFor(settings, "PreToolUse", PLACE).map(({ scope }) => scope)).toEqual(["user", "local"])
  })

  it("that Plimsoll knows nothing of are no fault", () => {
    const settings = settingsOf({ project: { ...guarded(), model: "m", fooBar: 3, effortLevel: 7 } })
    expect(settings.dropped).toEqual([])
  })
})
