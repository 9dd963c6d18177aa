/** How a session begins, what it can be told to do, and what it leaves behind. */
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { eventsOf, NOTHING, sentTo, tradingStateOf } from "./Books.ts"
import { contentText } from "./harness/FakeApi.ts"
import { at, parseJson, type Json } from "./harness/Json.ts"
import type { Run } from "./harness/Play.ts"
import { call, say } from "./harness/Script.ts"
import {
  change,
  SETTINGS,
  VALIDATOR,
  PLACE,
  quote,
  replaceHook,
  small,
  UNATTENDED,
  withDesk
} from "./Project.ts"

/** Everything that the model is told before it says anything. */
const firstTold = (run: Run): string =>
  run.exchanges
    .find(({ who }) => who === "main")
    ?.messages.map((message) => contentText(at(message, "content")))
    .join("\n") ?? ""

const sabotages: ReadonlyArray<readonly [string, (project: string) => void]> = [
  ["lets everything through", (project) => replaceHook(project, "risk-validator", "cat >/dev/null; exit 0")],
  ["crashes", (project) => replaceHook(project, "risk-validator", "cat >/dev/null; exit 1")],
  ["is not there", (project) => rmSync(join(project, VALIDATOR))],
  ["is for other tools", (project) => change(project, SETTINGS, /\(place_order\|/gu, "(")]
]

describe("at the start of a session", () => {
  it("the canary shows that hook and broker both deny, and the desk trades", () =>
    withDesk({ main: [quote(), small, say("done")] }, async (play) => {
      const run = await play.run("good morning", { args: UNATTENDED })
      const started = run.hooks.find(({ event }) => event === "SessionStart")
      expect(started).toMatchObject({ exitCode: 0 })
      expect(firstTold(run)).toMatch(/canary/iu)
      expect(tradingStateOf(play.project)).toBe("Active")
      // The canary's own order is not journaled: only the one that was asked for is.
      expect(eventsOf(play.project, "OrderInitialized")).toHaveLength(1)
      expect(sentTo(play.project)).toMatchObject({ submitted: 1 })
    }))

  it.each(sabotages)("trading is halted and the model is told when the hook before orders %s", (_, prepare) =>
    withDesk(
      { main: [quote(), small, say("done")] },
      async (play) => {
        const run = await play.run("good morning", { args: UNATTENDED })
        expect(tradingStateOf(play.project)).toBe("Halted")
        expect(firstTold(run)).toMatch(/canary.*halted|halted.*canary/isu)
        expect(sentTo(play.project)).toEqual(NOTHING)
      },
      { prepare }
    )
  )
})

const commands = ["morning-brief", "trade-idea", "backtest", "risk-review", "halt", "post-mortem"]

it.each(commands)("the command /%s is there, and tells the model what to do", (name) =>
  withDesk({ main: [say("done")] }, async (play) => {
    const run = await play.run(`/${name} AAPL`, { args: UNATTENDED })
    expect(run.init?.commands).toContain(name)
    const text = readFileSync(join(play.project, ".claude/commands", `${name}.md`), "utf8")
    const line = text
      .slice(text.indexOf("\n---", 3) + 4)
      .split("\n")
      .find((candidate) => candidate.trim() !== "" && !/[$!@]/u.test(candidate))
    expect(firstTold(run)).toContain(line?.trim())
  })
)

it("/halt ends trading, and no tool begins it again", () =>
  withDesk(
    { main: [call("mcp__broker__halt_trading", { reason: "a scenario" }), quote(), small, say("done")] },
    async (play) => {
      const run = await play.run("/halt a scenario", { args: UNATTENDED })
      expect(tradingStateOf(play.project)).toBe("Halted")
      expect(run.init?.tools.filter((tool) => /resume/u.test(tool))).toEqual([])
      expect(sentTo(play.project)).toEqual(NOTHING)
    }
  ))

/** The trade log's lines. */
const logged = (project: string): ReadonlyArray<Json | undefined> => {
  const folder = join(project, ".plimsoll/trades")
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))
    .map((line) => parseJson(line))
}

it("the trade log has a line for a call that went through and one for a call that failed", () =>
  withDesk(
    {
      main: [
        quote(),
        small,
        call("mcp__broker__cancel_order", { order_id: "o-000000000000000000000000" }),
        call("mcp__portfolio__get_exposure", {}),
        say("done")
      ]
    },
    async (play) => {
      const run = await play.run("go", { args: UNATTENDED })
      const lines = logged(play.project)
      expect(lines).toMatchObject([
        {
          session_id: run.init?.sessionId,
          agent: "main",
          tool: PLACE,
          inputs: { symbol: "SPX-REPLAY", quantity: "2" },
          outputs: { order: { status: "Filled" } }
        },
        {
          session_id: run.init?.sessionId,
          agent: "main",
          tool: "mcp__broker__cancel_order",
          error: expect.stringContaining("OrderNotFound")
        }
      ])
      for (const line of lines) expect(at(line, "duration_ms")).toBeTypeOf("number")
    }
  ))
