/** The desk's agents: each can be called, has the tools its file names, and is guarded as the main loop is. */
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { eventsOf, FILLED, NOTHING, sentTo } from "./Books.ts"
import { at } from "./harness/Json.ts"
import { call, first, say } from "./harness/Script.ts"
import {
  agentMarker,
  BYPASSING,
  PLACE,
  quote,
  small,
  tooLarge,
  UNATTENDED,
  VALIDATOR,
  withDesk
} from "./Project.ts"

const agent = (name: string) =>
  call("Agent", { description: name, prompt: "Do your work.", subagent_type: name, run_in_background: false })

const playing = (name: string, ...steps: ReadonlyArray<Parameters<typeof first>[1]>) => ({
  main: [agent(name), say("done")],
  agents: { [name]: { marker: agentMarker(name), steps: [...steps, say("my findings")] } }
})

describe("an agent that may trade", () => {
  it("has its order checked by the hook as anybody, and is named in the journal", () =>
    withDesk(playing("strategy-dev", quote(), small), async (play) => {
      const run = await play.run("go", { args: UNATTENDED })
      expect(sentTo(play.project)).toEqual(FILLED)
      // Who asked is in the journal.
      expect(eventsOf(play.project, "OrderInitialized").map(({ body }) => at(body, "caller"))).toEqual([
        { agent: "strategy-dev", sessionId: run.init?.sessionId, callId: "toolu_scripted_0003" }
      ])
    }))

  it("is stopped by the hook when its order is over the limits", () =>
    withDesk(playing("strategy-dev", quote(), tooLarge), async (play) => {
      const run = await play.run("go", { args: UNATTENDED })
      expect(run.hooks.find(({ name }) => name === `PreToolUse:${PLACE}`)).toMatchObject({ exitCode: 2 })
      expect(eventsOf(play.project, "OrderInitialized")).toEqual([])
      expect(sentTo(play.project)).toEqual(NOTHING)
    }))

  it("is stopped by the broker when the hook is gone", () =>
    withDesk(
      (project) => {
        const gone = first(() => rmSync(join(project(), VALIDATOR)), small)
        return playing("strategy-dev", quote(), gone)
      },
      async (play) => {
        await play.run("go", { args: UNATTENDED })
        expect(sentTo(play.project)).toEqual(NOTHING)
      }
    ))
})

const READS = ["Read", "Grep", "Glob"]

/** The tools a request of the agent's offers. The client leaves out Grep and Glob where it offers Bash. */
const offered = {
  "risk-reviewer": READS,
  "code-reviewer": READS,
  "senior-engineer": ["Read", "Write", "Edit", "Bash"],
  researcher: ["Read", "Grep", "WebSearch", "WebFetch"]
}

describe("each agent is called by its name, and hands back what it found", () => {
  it.each(Object.entries(offered))("%s has its tools and no other", (name, tools) =>
    withDesk(playing(name), async (play) => {
      const run = await play.run("go", { args: UNATTENDED })
      expect(run.init?.agents).toContain(name)
      const own = run.exchanges.filter(({ who }) => who === name)
      expect(own).toHaveLength(1)
      expect(own[0]?.tools.toSorted()).toEqual(tools.toSorted())
      expect(run.exchanges.at(-1)?.results.at(-1)?.text).toContain("my findings")
    })
  )

  it.each(["strategy-dev", "qa-engineer"])("%s has every tool", (name) =>
    withDesk(playing(name), async (play) => {
      const run = await play.run("go", { args: UNATTENDED })
      const own = run.exchanges.filter(({ who }) => who === name)
      for (const tool of ["Read", "Write", "Edit", "Bash", PLACE]) expect(own[0]?.tools).toContain(tool)
      expect(run.exchanges.at(-1)?.results.at(-1)?.text).toContain("my findings")
    })
  )

  it("backtest-analyst has the backtest server, and of Bash what runs LEAN", () =>
    withDesk(
      playing(
        "backtest-analyst",
        call("mcp__backtest__list_backtests", {}),
        call("Bash", { command: "lean --version", description: "a command" }),
        call("Bash", { command: "echo x > note.txt", description: "a command" }),
        call("Bash", { command: "lean --version; echo x > note.txt", description: "a command" }),
        call(PLACE, {})
      ),
      async (play) => {
        const run = await play.run("go", { args: BYPASSING })
        const own = run.exchanges.filter(({ who }) => who === "backtest-analyst")
        const tools = own[0]?.tools ?? []
        expect(tools).toContain("mcp__backtest__run_backtest")
        expect(tools.filter((tool) => !tool.startsWith("mcp__backtest__")).toSorted()).toEqual(
          expect.arrayContaining(["Bash", "Read"])
        )
        for (const tool of ["Write", "Edit", PLACE]) expect(tools).not.toContain(tool)
        const [listed, lean, other, hidden, placed] = own.at(-1)?.results ?? []
        expect(listed).toMatchObject({ isError: false })
        // It was run, wherever LEAN is or is not installed.
        expect(lean?.text).not.toContain("backtest-analyst")
        expect([other, hidden, placed].map((result) => result?.isError)).toEqual([true, true, true])
        expect(existsSync(join(play.project, "note.txt"))).toBe(false)
      }
    ))
})
