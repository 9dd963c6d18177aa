/** The canary on real desks with real child processes: a guard that does not hold halts trading. */
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { StorageBusy } from "../../../src/domain/StorageError.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { DeskView } from "../../../src/execution/DeskView.ts"
import { KillSwitch } from "../../../src/execution/KillSwitch.ts"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { QuoteUnavailable } from "../../../src/market/MarketData.ts"
import { MarketClockControl } from "../../../src/market/MarketClockControl.ts"
import { runCanary, tryCanary } from "../../../src/programs/claude/Canary.ts"
import { turnCrank } from "../../../src/programs/DeskProgram.ts"
import { type ClaudeDesk, claudeDesk, GOOD_HOOK, hookSays, VALIDATOR } from "./ClaudeDesk.ts"
import { guarded } from "./Settings.ts"

const desks: Array<ClaudeDesk> = []
const desk = (options?: Parameters<typeof claudeDesk>[0]): ClaudeDesk => {
  const made = claudeDesk(options)
  desks.push(made)
  return made
}
afterEach(() => {
  for (const made of desks.splice(0)) made.remove()
})

/** What the hook is given besides what the settings say. */
const environment = { PATH: process.env["PATH"], GIVEN: "by the client" }

const send = ({ claude, onDesk }: ClaudeDesk) => onDesk(runCanary({ claude: claude(), environment }))

const standing = (on: ClaudeDesk) =>
  on.onDesk(
    Effect.gen(function* () {
      const { tradingState } = yield* DeskView.use((view) => view.status)
      const change = yield* OrderJournal.use((journal) => journal.latest("TradingStateChanged"))
      return {
        tradingState,
        by: Option.map(change, ({ actor }) => `${actor.kind}:${actor.name}`),
        reason: Option.match(change, {
          onNone: () => "",
          onSome: ({ event }) => (event._tag === "TradingStateChanged" ? event.reason : "")
        })
      }
    })
  )

const lines = (...texts: ReadonlyArray<string>): string => texts.join("\n")

describe("a guard that holds", () => {
  it("leaves trading as it was, and the journal too", async () => {
    const on = desk()
    const before = await on.head()
    expect(await send(on)).toMatchObject({
      result: { _tag: "Denied", rule: "order-size" },
      consequence: undefined
    })
    expect(await on.head()).toBe(before)
    expect(await standing(on)).toMatchObject({ tradingState: "Active" })
  })

  it("gets the event that the client would send, its environment and the project's folder", async () => {
    const on = desk({
      hook: lines(
        `cat > event.json; echo "$CLAUDE_PROJECT_DIR $GIVEN $FROM_SETTINGS" > environment`,
        GOOD_HOOK
      ),
      settings: guarded({ settings: { env: { FROM_SETTINGS: "by the settings" } } })
    })
    expect((await send(on)).result._tag).toBe("Denied")
    expect(JSON.parse(readFileSync(join(on.project, "event.json"), "utf8"))).toMatchObject({
      hook_event_name: "PreToolUse",
      tool_name: "mcp__broker__place_order",
      cwd: on.project,
      tool_input: { symbol: "SPX-REPLAY", side: "BUY", quote_id: expect.stringMatching(/^q-/u) }
    })
    expect(readFileSync(join(on.project, "environment"), "utf8")).toBe(
      `${on.project} by the client by the settings\n`
    )
  })

  it("may be a command for a shell", async () => {
    const on = desk({
      settings: guarded({
        handler: { command: `"$CLAUDE_PROJECT_DIR"/${VALIDATOR} | cat`, args: undefined }
      }),
      hook: GOOD_HOOK
    })
    // A pipe's exit code is its last command's: the denial is lost, as it would be in the client.
    expect((await send(on)).result).toMatchObject({ problem: expect.stringContaining("exit code 0") })
    const other = desk({
      settings: guarded({ handler: { command: `"$CLAUDE_PROJECT_DIR"/${VALIDATOR}`, args: undefined } })
    })
    expect((await send(other)).result._tag).toBe("Denied")
  })

  it("may name the rule that comes first when the market is closed or trading is halted", async () => {
    const on = desk({ hook: `cat >/dev/null; echo "denied by the rule market-hours" >&2; exit 2` })
    await on.onDesk(
      Effect.gen(function* () {
        yield* MarketClockControl.use((clock) => clock.step({ _tag: "ToClose" }))
        yield* turnCrank
      })
    )
    expect((await send(on)).result).toMatchObject({ _tag: "Denied", rule: "order-size" })
    await on.onDesk(
      KillSwitch.use((killSwitch) => killSwitch.halt("a test", { kind: "person", name: "test" }))
    )
    hookSays(on.project, `cat >/dev/null; echo "denied by the rule trading-state" >&2; exit 2`)
    expect((await send(on)).result).toMatchObject({ _tag: "Denied", rule: "order-size" })
  })

  it("may name the age of the quote where the market has none to give", async () => {
    const on = desk({ hook: `cat >/dev/null; echo "denied by the rule quote-freshness" >&2; exit 2` })
    const run = await on.onDesk(
      Effect.gen(function* () {
        const broker = yield* Broker
        const priceless = Broker.of({
          ...broker,
          quote: (id) => Effect.fail(new QuoteUnavailable({ instrumentId: id, message: "no price" }))
        })
        return yield* Effect.provideService(
          runCanary({ claude: on.claude(), environment }),
          Broker,
          priceless
        )
      })
    )
    expect(run.result).toMatchObject({ _tag: "Denied", rule: "quote-freshness" })
  })

  it("that a busy machine kept past its deadline is given another try", async () => {
    const on = desk({
      hook: lines(
        `cat >/dev/null; if [ ! -e tried ]; then touch tried; echo "risk-validator: it took longer than 2 seconds" >&2; exit 2; fi`,
        GOOD_HOOK
      )
    })
    expect((await send(on)).result._tag).toBe("Denied")
  })
})

describe("trading is halted, with the reason, by a hook that", () => {
  it.each<[what: string, hook: string, handler: object, reason: RegExp]>([
    [
      "ends with 1",
      "cat >/dev/null; echo broken >&2; exit 1",
      {},
      /exit code 1, and only 2 stops a call: broken/u
    ],
    [
      "denies only what looks like a canary",
      lines("if grep -qi canary; then", GOOD_HOOK, "fi; exit 0"),
      {},
      /exit code 0/u
    ],
    ["lets through", "cat >/dev/null; exit 0", {}, /exit code 0/u],
    ["prints what the client does not read", `cat >/dev/null; echo "no, no"; exit 0`, {}, /exit code 0/u],
    [
      "prints beside its denial",
      lines("echo hello", GOOD_HOOK),
      {},
      /it wrote to standard output beside its denial: hello/u
    ],
    ["hangs", "exec sleep 100", { timeout: 0.3 }, /it took longer than 0\.3 s/u],
    ["is killed", "kill -9 $$", {}, /it was killed \(SIGKILL\)/u],
    [
      "denies by another rule",
      `cat >/dev/null; echo "denied by the rule market-hours" >&2; exit 2`,
      {},
      /did not name the rule order-size: denied by the rule market-hours/u
    ],
    [
      "denies without a reason",
      "cat >/dev/null; exit 2",
      {},
      /did not name the rule order-size: it gave no reason/u
    ],
    [
      "is not there",
      GOOD_HOOK,
      { command: "${CLAUDE_PROJECT_DIR}/no/risk-validator.sh" },
      /could not be started/u
    ]
  ])("%s", async (_, hook, handler, reason) => {
    const on = desk({ hook, settings: guarded({ handler }) })
    expect(await send(on)).toMatchObject({
      result: { _tag: "Failed", problem: expect.stringMatching(reason) },
      consequence: { _tag: "Halted" }
    })
    const { by, reason: said, tradingState } = await standing(on)
    expect({ by, tradingState }).toEqual({ by: Option.some("desk:canary"), tradingState: "Halted" })
    expect(said).toMatch(/^canary: the hook risk-validator /u)
  })

  it("was deleted", async () => {
    const on = desk()
    rmSync(join(on.project, VALIDATOR))
    expect(await send(on)).toMatchObject({
      result: { problem: expect.stringContaining("ENOENT") },
      consequence: { _tag: "Halted" }
    })
  })

  it("is not configured any more", async () => {
    const on = desk({ settings: {} })
    expect(await send(on)).toMatchObject({
      result: { problem: "no settings file has the hook risk-validator" },
      consequence: { _tag: "Halted" }
    })
  })

  it("hangs, and nothing of it is left running", async () => {
    const on = desk({ hook: "exec 3> held; sleep 100", settings: guarded({ handler: { timeout: 0.5 } }) })
    const pipe = join(on.project, "held")
    execFileSync("mkfifo", [pipe])
    // Read to its end when all who have it open for writing are gone.
    const released = readFile(pipe)
    await send(on)
    expect(await released).toHaveLength(0)
  })

  it("leaves a child behind that holds its output", async () => {
    const on = desk({ hook: "sleep 100 & cat >/dev/null; exit 0" })
    expect(await send(on)).toMatchObject({ result: { problem: expect.stringContaining("exit code 0") } })
  })
})

describe("a broker that", () => {
  it("cannot say what it would do halts trading too: what is not proven does not hold", async () => {
    const on = desk()
    const run = await on.onDesk(
      Effect.gen(function* () {
        const broker = yield* Broker
        const silent = Broker.of({
          ...broker,
          preview: () => Effect.fail(new StorageBusy({ operation: "read", message: "the database is busy" }))
        })
        return yield* Effect.provideService(runCanary({ claude: on.claude(), environment }), Broker, silent)
      })
    )
    expect(run).toMatchObject({
      result: { problem: "the broker could not say what it would do (the database is busy)" },
      consequence: { _tag: "Halted" }
    })
  })

  it("would let the order pass halts trading", async () => {
    const on = desk()
    const run = await on.onDesk(
      Effect.gen(function* () {
        const broker = yield* Broker
        const lax = Broker.of({
          ...broker,
          preview: (request, by) =>
            Effect.map(broker.preview(request, by), (seen) => ({
              ...seen,
              denied: undefined,
              verdicts: seen.verdicts.map((verdict) => ({ ...verdict, outcome: "pass" as const }))
            }))
        })
        return yield* Effect.provideService(runCanary({ claude: on.claude(), environment }), Broker, lax)
      })
    )
    expect(run).toMatchObject({
      result: {
        _tag: "Failed",
        problem: expect.stringContaining("lets an absurd order pass its rule order-size")
      },
      consequence: { _tag: "Halted" }
    })
    expect(await standing(on)).toMatchObject({ tradingState: "Halted" })
  })
})

describe("a canary", () => {
  it("that fails on a halted desk halts it no second time", async () => {
    const on = desk({ hook: "exit 0" })
    await on.onDesk(
      KillSwitch.use((killSwitch) => killSwitch.halt("before", { kind: "person", name: "test" }))
    )
    const before = await on.head()
    expect(await send(on)).toMatchObject({ consequence: { _tag: "HaltedBefore" } })
    expect(await on.head()).toBe(before)
    expect(await standing(on)).toMatchObject({ reason: "before" })
  })

  it("that is only tried halts nothing", async () => {
    const on = desk({ hook: "exit 0" })
    const result = await on.onDesk(tryCanary({ claude: on.claude(), environment }))
    expect(result).toMatchObject({ _tag: "Failed" })
    expect(await standing(on)).toMatchObject({ tradingState: "Active" })
  })

  it("tries the order tool by the name that .mcp.json gives the broker", async () => {
    const on = desk()
    const claude = on.claude()
    const entry = {
      key: "desk",
      server: "broker",
      command: "plimsoll",
      args: ["mcp", "broker"],
      environment: {},
      requiresPermit: false
    } as const
    const result = await on.onDesk(
      tryCanary({ claude: { ...claude, mcp: { ...claude.mcp, entries: [entry] } }, environment })
    )
    expect(result).toMatchObject({
      problem: expect.stringContaining("does not match mcp__desk__place_order")
    })
  })
})
