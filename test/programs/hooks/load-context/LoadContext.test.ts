/** What a session is told of a desk, in whichever state the desk is. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { DeskView } from "../../../../src/execution/DeskView.ts"
import { KillSwitch } from "../../../../src/execution/KillSwitch.ts"
import { MarketClockControl } from "../../../../src/market/MarketClockControl.ts"
import { turnCrank } from "../../../../src/programs/DeskProgram.ts"
import { buildIfStale } from "../../../e2e/Program.ts"
import { dropSchema, newSchema, urlOf } from "../../../support/Postgres.ts"
import { describeWithPostgres } from "../../../support/WithPostgres.ts"
import { type ClaudeDesk, claudeDesk, hookSays, shipped, writeInto } from "../../claude/ClaudeDesk.ts"
import { beginSession } from "./Session.ts"

const LONGEST = 2_000

const desks: Array<ClaudeDesk> = []
const desk = (options?: Parameters<typeof claudeDesk>[0]): ClaudeDesk => {
  const made = claudeDesk(options)
  desks.push(made)
  return made
}
beforeAll(buildIfStale)
afterEach(() => {
  for (const made of desks.splice(0)) made.remove()
})

const stateOf = ({ onDesk }: ClaudeDesk) =>
  onDesk(
    Effect.map(
      DeskView.use((view) => view.status),
      ({ tradingState }) => tradingState
    )
  )

const halt = ({ onDesk }: ClaudeDesk, reason: string) =>
  onDesk(KillSwitch.use((killSwitch) => killSwitch.halt(reason, { kind: "person", name: "test" })))

describe("the start of a session", () => {
  it("in a folder with a plimsoll.json and no desk makes one, and tells how it stands", async () => {
    const on = desk()
    const { banner, code, context, err, out } = await beginSession(on.project)
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(JSON.parse(out)).toMatchObject({ hookSpecificOutput: { hookEventName: "SessionStart" } })
    expect(existsSync(join(on.project, ".plimsoll/desk.db"))).toBe(true)
    expect(banner).toContain("PAPER  $100,000.00  day +0.00%  ACTIVE")
    expect(banner).toContain("denied by the hook risk-validator and by the broker (order-size)")
    for (const told of [
      "mode PAPER",
      "Trading ACTIVE",
      "Value $100,000.00, cash $100,000.00, day +$0.00",
      "No positions",
      "no orders yet",
      "clock paused",
      "open until 16:00 EST",
      "position 0.00% of 25.00%",
      "canary:",
      "get_quote",
      "never work around it"
    ]) {
      expect(context).toContain(told)
    }
    expect(context.length).toBeLessThanOrEqual(LONGEST)
  })

  it.each(["startup", "resume", "clear", "compact", "fork", "something new"])(
    "by %s is told the same",
    async (source) => {
      const { code, context } = await beginSession(desk().project, { source })
      expect({ code, context }).toMatchObject({ code: 0, context: expect.stringContaining("Trading ACTIVE") })
    }
  )

  it("finds the desk where the client does not name the project's folder, and in PLIMSOLL_HOME", async () => {
    const on = desk()
    const home = join(on.project, "elsewhere")
    const { context } = await beginSession(on.project, {}, { CLAUDE_PROJECT_DIR: "", PLIMSOLL_HOME: home })
    expect(context).toContain("Trading ACTIVE")
    expect(readdirSync(home)).toContain("desk.db")
  })

  it("on a halted desk says why, by whom, and who resumes; nothing in the reason reaches a terminal", async () => {
    const on = desk()
    await halt(on, `\u001B[2J"fire"\nin the ${"hold ".repeat(90)}`)
    const { banner, context } = await beginSession(on.project)
    expect(context).toMatch(/^Trading HALTED \(kill switch\): "\\u001b\[2J"fire" in the hold/mu)
    expect(context).toContain("a person resumes")
    expect(banner).toContain("HALTED")
    expect(`${banner}${context}`).not.toContain("\u001B")
    expect(context.length).toBeLessThanOrEqual(LONGEST)
  })

  it("with a guard that lets through halts trading and says so, and the next one that it was halted", async () => {
    const on = desk({ hook: "exit 0" })
    const first = await beginSession(on.project)
    expect(first.banner).toMatch(/CANARY FAILED, trading is halted: the hook risk-validator/u)
    expect(first.context).toContain("Trading HALTED")
    expect(await stateOf(on)).toBe("Halted")
    const second = await beginSession(on.project)
    expect(second.context).toContain("CANARY FAILED, trading was halted already")
  })

  it("hears of settings that the client drops, and of guards that are open", async () => {
    const on = desk()
    writeInto(on.project, ".claude/settings.local.json", `{"hooks": {`)
    const { banner, context } = await beginSession(on.project)
    expect(context).toMatch(
      /^GUARDS OPEN: the client drops without a word .*settings\.local\.json: it is not valid JSON.*plimsoll doctor/mu
    )
    expect(banner).toContain("GUARDS OPEN")
  })
})

/** On the clock of a desk that is open. */
const stepped = (to: "open" | "close") =>
  Effect.gen(function* () {
    const clock = yield* MarketClockControl
    yield* clock.step({ _tag: to === "open" ? "ToOpen" : "ToClose" })
    yield* turnCrank
  })

describe("the shipped hook before orders holds", () => {
  it.each<[what: string, prepare: (on: ClaudeDesk) => Promise<unknown>]>([
    ["in a session", ({ onDesk }) => onDesk(turnCrank)],
    ["after the close", ({ onDesk }) => onDesk(stepped("close"))],
    ["on a halted desk", (on) => halt(on, "a test")],
    [
      "while the clock runs fast",
      ({ onDesk }) =>
        onDesk(
          Effect.gen(function* () {
            const clock = yield* MarketClockControl
            yield* clock.setSpeed(600)
            yield* clock.start
          })
        )
    ],
    [
      "without limits",
      async ({ head, project }) => {
        await head()
        writeFileSync(join(project, "plimsoll.json"), `{"limits": {"positionRatio": "much"}}`)
      }
    ]
  ])("%s", async (_, prepare) => {
    const on = desk()
    shipped(on.project)
    await prepare(on)
    const { banner, context } = await beginSession(on.project)
    expect(banner).toContain("was denied by the hook risk-validator and by the broker")
    expect(context).not.toContain("GUARDS OPEN")
  })
})

describe("a desk that cannot be used", () => {
  it("for its plimsoll.json is told as one that takes no order, and nothing is made", async () => {
    const on = desk()
    writeFileSync(join(on.project, "plimsoll.json"), `{"market": `)
    const { banner, code, context } = await beginSession(on.project)
    expect(code).toBe(0)
    expect(banner).toContain("NO DESK, NO ORDERS")
    expect(context).toMatch(/cannot be used, and no order passes while that is so: plimsoll\.json/u)
    expect(context).toContain("canary: not run")
    expect(existsSync(join(on.project, ".plimsoll/desk.db"))).toBe(false)
  })

  it("for a plimsoll.json that was spoilt later has no limits, and is not halted for it", async () => {
    const on = desk()
    await on.head()
    writeFileSync(join(on.project, "plimsoll.json"), `{"market": `)
    const { banner, context } = await beginSession(on.project)
    expect(banner).toContain("NO LIMITS, NO ORDERS")
    expect(context).toContain("NO LIMITS in force, no order passes: plimsoll.json")
    writeFileSync(join(on.project, "plimsoll.json"), "{}")
    expect(await stateOf(on)).toBe("Active")
  })

  it("for its database is told, with what to do", async () => {
    const on = desk()
    await on.head()
    for (const name of readdirSync(join(on.project, ".plimsoll")).filter((file) =>
      file.startsWith("desk.db")
    ))
      rmSync(join(on.project, ".plimsoll", name))
    writeFileSync(join(on.project, ".plimsoll/desk.db"), "no database ".repeat(1_000))
    const { banner, code, context } = await beginSession(on.project)
    expect(code).toBe(0)
    expect(banner).toContain("NO DESK, NO ORDERS")
    expect(context).toContain("plimsoll doctor")
    expect(context.length).toBeLessThanOrEqual(LONGEST)
  })

  it("for there is no project gets no desk", async () => {
    const on = desk()
    rmSync(join(on.project, "plimsoll.json"))
    const { context } = await beginSession(on.project)
    expect(context).toContain("run plimsoll init")
    expect(existsSync(join(on.project, ".plimsoll"))).toBe(false)
  })
})

it("another event is answered with nothing, and changes nothing", async () => {
  const on = desk({ hook: "exit 0" })
  const { code, err, out } = await beginSession(on.project, { hook_event_name: "Stop" })
  expect({ code, out }).toEqual({ code: 0, out: "" })
  expect(err).toContain("it is for SessionStart, and the event is Stop")
  expect(existsSync(join(on.project, ".plimsoll"))).toBe(false)
})

describeWithPostgres("the start of a session on a desk that is on a server", () => {
  it("is told the same, and a guard that does not hold halts trading there", async () => {
    const schema = newSchema()
    const url = new URL(urlOf(schema))
    url.password = "very-secret"
    const on = desk()
    try {
      const server = { PLIMSOLL_DATABASE_URL: url.href }
      const { banner, context } = await beginSession(on.project, {}, server)
      expect(context).toContain("Trading ACTIVE")
      expect(context).toContain("by the broker (order-size)")
      hookSays(on.project, "exit 0")
      const broken = await beginSession(on.project, {}, server)
      expect(broken.context).toContain("Trading HALTED")
      expect(`${banner}${context}${broken.banner}${broken.context}`).not.toContain("very-secret")
    } finally {
      await Effect.runPromise(dropSchema(schema))
    }
  })
})
