/** The harness against a broker of a few lines: what it is told of the client is what the client does. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, it, vi } from "vitest"
import { textAt } from "./Json.ts"
import { withPlay, writeInto, type PlayOptions } from "./Play.ts"
import { call, first, say, type Script } from "./Script.ts"

afterEach(() => {
  vi.unstubAllEnvs()
})

const PLACE = "mcp__broker__place_order"
const ALLOWED = { args: ["--allowedTools", "mcp__broker"] }

const guard = (lines: string): string => `#!/bin/sh\ncat >/dev/null\n${lines}\n`

/** A project with the toy as its server "broker", and `hook` before every order. */
const toy = (script: Script, hook?: string): PlayOptions => ({
  script,
  prepare: (project) => {
    writeInto(project, ".mcp.json", {
      mcpServers: {
        broker: {
          command: process.execPath,
          args: [join(import.meta.dirname, "ToyServer.ts")],
          alwaysLoad: true
        }
      }
    })
    if (hook === undefined) return
    writeInto(project, "guard.sh", hook, 0o755)
    const command = { type: "command", command: "${CLAUDE_PROJECT_DIR}/guard.sh", args: [], timeout: 10 }
    writeInto(project, ".claude/settings.json", {
      hooks: { PreToolUse: [{ matcher: `^${PLACE}$`, hooks: [command] }] }
    })
  }
})

const order = call(PLACE, (seen) => ({ symbol: "SPY", quote_id: seen.field("quote_id") }))
const quote = call("mcp__broker__get_quote", { symbol: "SPY" })

it("a scripted call reaches the server, with a field of the result before it and the client's call id", () =>
  withPlay(toy({ main: [quote, order, say("done")] }), async (play) => {
    const run = await play.run("buy", ALLOWED)
    expect(run.code).toBe(0)
    expect(run.init?.version).toMatch(/^2\.1\./u)
    expect(run.init?.tools).toContain(PLACE)
    expect(run.init?.servers).toContainEqual({ name: "broker", status: "connected" })
    expect(play.notes.map((note) => note.body)).toEqual([
      { arguments: { symbol: "SPY", quote_id: "q-1" }, callId: "toolu_scripted_0002" }
    ])
    expect(run.exchanges.at(-1)?.results.at(-1)).toEqual({
      callId: "toolu_scripted_0002",
      isError: false,
      text: "order placed"
    })
    expect(run.result?.text).toBe("done")
  }))

it("a tool that nobody allowed is not called", () =>
  withPlay(toy({ main: [call(PLACE, { symbol: "SPY" }), say("done")] }), async (play) => {
    const run = await play.run("buy")
    expect(run.result?.denied).toEqual([PLACE])
    expect(play.notes).toEqual([])
  }))

it("a hook that ends with 2 keeps the call from the server, and its reason reaches the model", () =>
  withPlay(
    toy({ main: [quote, order, say("done")] }, guard("echo over the limit >&2; exit 2")),
    async (play) => {
      const run = await play.run("buy", ALLOWED)
      expect(play.notes).toEqual([])
      expect(run.hooks).toMatchObject([{ event: "PreToolUse", name: `PreToolUse:${PLACE}`, exitCode: 2 }])
      expect(run.exchanges.at(-1)?.results.at(-1)).toMatchObject({ isError: true })
      expect(run.exchanges.at(-1)?.results.at(-1)?.text).toContain("over the limit")
    }
  ))

it("a hook that crashes lets the call through, which is why a server must not rely on hooks", () =>
  withPlay(toy({ main: [quote, order, say("done")] }, guard("exit 1")), async (play) => {
    const run = await play.run("buy", ALLOWED)
    expect(run.hooks).toMatchObject([{ exitCode: 1 }])
    expect(play.notes).toHaveLength(1)
  }))

it("what the script does between two turns is seen by the client at once", () => {
  let project = ""
  const deleted = first(() => rmSync(join(project, "guard.sh")), order)
  return withPlay(toy({ main: [quote, order, deleted, say("done")] }, guard("exit 2")), async (play) => {
    project = play.project
    await play.run("buy", ALLOWED)
    expect(play.notes).toHaveLength(1)
  })
})

it("a subagent is known by its system prompt and plays its own turns", () => {
  const script: Script = {
    main: [
      call("Agent", { description: "d", prompt: "buy it", subagent_type: "buyer", run_in_background: false }),
      say("done")
    ],
    agents: { buyer: { marker: "You buy things.", steps: [quote, order, say("bought")] } }
  }
  const options = toy(script, guard("exit 2"))
  const prepare = async (project: string, home: string): Promise<void> => {
    await options.prepare(project, home)
    writeInto(
      project,
      ".claude/agents/buyer.md",
      "---\nname: buyer\ndescription: buys\n---\nYou buy things.\n"
    )
  }
  return withPlay({ ...options, prepare }, async (play) => {
    const run = await play.run("buy", ALLOWED)
    expect(run.init?.agents).toContain("buyer")
    expect(run.exchanges.filter(({ who }) => who === "buyer")).toHaveLength(3)
    // The project's hook fires inside it too.
    expect(run.hooks.map(({ exitCode }) => exitCode)).toEqual([2])
    expect(play.notes).toEqual([])
  })
})

it("the client can be killed while a server works on its call, and the run is resumed", () => {
  const script = {
    main: [call(PLACE, { symbol: "SPY", slow: true }), say("what happened?"), say("done")]
  }
  return withPlay(toy(script), async (play) => {
    const killed = await play.run("buy", { ...ALLOWED, killAt: { note: "order", tool: PLACE } })
    expect(killed).toMatchObject({ code: null, signal: "SIGKILL", result: undefined })
    const resumed = await play.run("and?", ALLOWED)
    expect(resumed.result?.text).toBe("what happened?")
    expect(textAt(resumed.events.at(0), "session_id")).toBe(killed.init?.sessionId)
    expect(play.notes).toHaveLength(1)
  })
})

it("a model that fails is tried again, and the run goes on", () => {
  const failure = { status: 529, type: "overloaded_error", message: "busy" }
  const script = { main: [{ blocks: [], failure }, say("done")] }
  return withPlay(toy(script), async (play) => {
    const run = await play.run("hello")
    expect(run.result).toMatchObject({ isError: false, text: "done" })
  })
})

it("a script that asks for a field nobody gave fails the play", () =>
  withPlay(toy({ main: [order, say("done")] }), async (play) => {
    await expect(play.run("buy", ALLOWED)).rejects.toThrow("no tool result so far has the field quote_id")
  }))

it("nothing of the caller's environment is handed down", () =>
  withPlay(
    toy({ main: [call("Bash", { command: "env | cut -d= -f1 | sort | tr '\\n' ' '" }), say("done")] }),
    async (play) => {
      vi.stubEnv("PLAY_SECRET", "x")
      const run = await play.run("hello", { args: ["--allowedTools", "Bash"] })
      const names = run.exchanges.at(-1)?.results.at(-1)?.text.trim().split(" ") ?? []
      expect(names).toContain("HOME")
      expect(names).not.toContain("PLAY_SECRET")
    }
  ))
