import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { vi } from "vitest"
import { shares } from "../../../../src/domain/Money.ts"
import { argumentsHashOf } from "../../../../src/execution/ArgumentsHash.ts"
import { Broker } from "../../../../src/execution/Broker.ts"
import { KillSwitch } from "../../../../src/execution/KillSwitch.ts"
import { PermitStore } from "../../../../src/execution/PermitStore.ts"
import { agent, limitAt, person } from "../../../execution/TestDesk.ts"
import { scopedSchema, urlOf } from "../../../support/Postgres.ts"
import { describeWithPostgres } from "../../../support/WithPostgres.ts"
import type { Ended } from "../HookProcess.ts"
import {
  ACME,
  askHook,
  BOLT,
  bought,
  hookDesk,
  newProject,
  onDesk,
  permitsIn,
  platform,
  quoteOf,
  spoil,
  stepBy,
  toNextOpen,
  writeLimits
} from "./HookDesk.ts"

// Each test opens a desk and starts a process or two.
vi.setConfig({ testTimeout: 60_000 })

const order = (quote: string, more: Readonly<Record<string, unknown>> = {}) => ({
  symbol: "ACME",
  side: "BUY",
  quantity: "10",
  quote_id: quote,
  rationale: "it looks cheap",
  ...more
})

/** The first line of a denial, the exit code being the one that blocks. */
const deniedBy = ({ code, stderr, stdout }: Ended): string => {
  expect({ code, stdout }).toStrictEqual({ code: 2, stdout: "" })
  return stderr.split("\n")[0] ?? ""
}

const allowed = { code: 0, signal: null, stdout: "", stderr: "" }

const test = <E>(name: string, body: () => Effect.Effect<void, E, Layer>) =>
  it.live(name, () => body().pipe(Effect.scoped, Effect.provide(platform)))
type Layer = Effect.Services<ReturnType<typeof hookDesk>>

describe("risk-validator on a real desk", () => {
  test("allows what passes every rule, and leaves one permit bound to the arguments, whatever their order", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const input = order(quoteId)
      expect(yield* ask({ input, event: { agent_type: "strategy-dev" } })).toStrictEqual(allowed)
      const turned = Object.fromEntries(Object.entries(input).toReversed())
      expect(permitsIn(folder)).toStrictEqual([
        {
          callId: "toolu_1",
          tool: "place_order",
          argumentsHash: argumentsHashOf("place_order", turned),
          quoteId,
          agent: "strategy-dev",
          sessionId: "session-1",
          steadyAt: expect.any(Number)
        }
      ])
    }))

  test("the permit is what the broker asks for: it lets this call order, once", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const input = order(quoteId)
      yield* ask({ input })
      const again = yield* onDesk(
        folder,
        Effect.gen(function* () {
          const broker = yield* Broker
          const permits = yield* PermitStore
          const claim = {
            callId: "toolu_1",
            tool: "place_order",
            argumentsHash: argumentsHashOf("place_order", input)
          } as const
          const submitted = yield* broker.submit(
            {
              instrumentId: ACME,
              side: "BUY",
              type: { _tag: "Market" },
              size: { _tag: "Quantity", quantity: shares(10) },
              timeInForce: "DAY",
              quoteId
            },
            { actor: agent, permit: claim }
          )
          expect(submitted.order.status).toBe("Filled")
          return yield* permits.find("toolu_1")
        })
      )
      expect(again).toEqual(Option.none())
    }))

  test("denies what is over a limit, with every rule that is against it, and leaves no permit", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const said = yield* ask({ input: order(quoteId, { quantity: "260" }) })
      expect(deniedBy(said)).toMatch(/^denied by the rule order-size \(27\.\d\d% of 10\.00%\): /u)
      expect(said.stderr).toMatch(/^- and by position-limit \(27\.\d\d% of 25\.00%\): /mu)
      expect(permitsIn(folder)).toStrictEqual([])
    }))

  test("values an order at the market at its instrument's own price", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const acme = yield* quoteOf(folder, ACME)
      const bolt = yield* quoteOf(folder, BOLT)
      expect(deniedBy(yield* ask({ input: order(acme.quoteId, { quantity: "120" }) }))).toMatch(/order-size/u)
      const half = order(bolt.quoteId, { symbol: "BOLT", quantity: "120" })
      expect(yield* ask({ input: half })).toStrictEqual(allowed)
    }))

  test("denies new risk once the day has lost three percent, and lets a position be closed", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      yield* bought(folder, ACME, 90)
      yield* toNextOpen(folder)
      const { quoteId } = yield* quoteOf(folder, ACME)
      const said = yield* ask({ input: order(quoteId, { quantity: "1" }) })
      expect(deniedBy(said)).toMatch(/^denied by the rule trading-state: Trading is reducing/u)
      expect(said.stderr).toMatch(/^- and by daily-loss \(-3\.60% of -3\.00%\): /mu)
      const close = { symbol: "acme", rationale: "out" }
      expect(yield* ask({ tool: "mcp__broker__close_position", input: close })).toStrictEqual(allowed)
      expect(permitsIn(folder)).toHaveLength(1)
    }))

  test("denies a quote that is too old, and one that the desk never gave", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      yield* stepBy(folder, 60)
      expect(deniedBy(yield* ask({ input: order(quoteId) }))).toMatch(
        /^denied by the rule quote-freshness \(60 s of 15 s\): /u
      )
      expect(deniedBy(yield* ask({ input: order("q-0123456789abcdef") }))).toMatch(
        /^denied by the rule quote-freshness: .*the desk gave no such quote/u
      )
    }))

  test("names the instruments that are nearest to one that nobody knows", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const said = yield* ask({ input: order(quoteId, { symbol: "ACNE" }) })
      expect(deniedBy(said)).toBe(
        'no instrument "ACNE" in this desk\'s market data; nearest: ACME, BOLT. search_instruments shows what there is.'
      )
    }))

  test("takes no trading mode from the input: it is a field nobody knows", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const said = yield* ask({ input: order(quoteId, { mode: "live" }) })
      expect(deniedBy(said)).toBe("place_order was not called: its arguments are not what it takes.")
      expect(said.stderr).toContain("- mode: no such argument")
      expect(permitsIn(folder)).toStrictEqual([])
    }))

  test("says why arguments that are each sound do not make an order", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const said = yield* ask({ input: order(quoteId, { notional: "100" }) })
      expect(deniedBy(said)).toMatch(/^quantity and notional are two ways to say how much/u)
    }))

  test("lets nothing through while trading is halted", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      yield* bought(folder, ACME, 10)
      const { quoteId } = yield* quoteOf(folder, ACME)
      yield* onDesk(
        folder,
        KillSwitch.use((killSwitch) => killSwitch.halt("a test", agent))
      )
      for (const asked of [
        { input: order(quoteId, { quantity: "5" }) },
        { tool: "mcp__broker__close_position", input: { symbol: "ACME", rationale: "out" } }
      ]) {
        expect(deniedBy(yield* ask(asked))).toMatch(/^denied by the rule trading-state: Trading is halted/u)
      }
    }))

  test("holds a replacement against the rules as the order of its new terms, without the one it replaces", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const placed = yield* onDesk(
        folder,
        Effect.gen(function* () {
          const broker = yield* Broker
          const { quoteId } = yield* broker.quote(ACME)
          return yield* broker.submit(
            {
              instrumentId: ACME,
              side: "BUY",
              type: limitAt(90),
              size: { _tag: "Quantity", quantity: shares(80) },
              timeInForce: "DAY",
              quoteId
            },
            { actor: agent }
          )
        })
      )
      const { quoteId } = yield* quoteOf(folder, ACME)
      const change = (quantity: string, id: string = placed.order.clientOrderId) =>
        ask({
          tool: "mcp__plugin_plimsoll_broker__replace_order",
          input: { order_id: id, quote_id: quoteId, quantity, rationale: "more" }
        })
      expect(yield* change("100")).toStrictEqual(allowed)
      expect(permitsIn(folder)).toMatchObject([{ tool: "replace_order", quoteId }])
      expect(deniedBy(yield* change("200"))).toMatch(/^denied by the rule order-size /u)
      expect(deniedBy(yield* change("10", "o-nobody"))).toMatch(/^no order o-nobody that can still change/u)
    }))

  test("has nothing to close where nothing is held", () =>
    Effect.gen(function* () {
      const { ask } = yield* hookDesk()
      const said = yield* ask({
        tool: "mcp__broker__close_position",
        input: { symbol: "ACME", rationale: "out" }
      })
      expect(deniedBy(said)).toMatch(/^there is no position in ACME\.\w+ to close/u)
    }))

  test("lets the same order through again, which the broker answers as before, and gives it no permit", () =>
    Effect.gen(function* () {
      const { ask, folder, project } = yield* hookDesk()
      writeLimits(project, {})
      const { quoteId } = yield* quoteOf(folder, ACME)
      yield* onDesk(
        folder,
        Effect.gen(function* () {
          const broker = yield* Broker
          yield* broker.submit(
            {
              instrumentId: ACME,
              side: "BUY",
              type: { _tag: "Market" },
              size: { _tag: "Quantity", quantity: shares(10) },
              timeInForce: "DAY",
              quoteId
            },
            { actor: agent }
          )
        })
      )
      expect(yield* ask({ input: order(quoteId) })).toStrictEqual(allowed)
      expect(permitsIn(folder)).toStrictEqual([])
      expect(deniedBy(yield* ask({ input: order(quoteId, { side: "SELL", quantity: "20" }) }))).toMatch(
        /rule/u
      )
    }))
})

describe("an order that was denied before", () => {
  test("is held against every rule again, and passes once nothing is against it", () =>
    Effect.gen(function* () {
      const { ask, folder, project } = yield* hookDesk()
      writeLimits(project, {})
      const { quoteId } = yield* quoteOf(folder, ACME)
      const asked = Effect.gen(function* () {
        const broker = yield* Broker
        return yield* broker.submit(
          {
            instrumentId: ACME,
            side: "BUY",
            type: { _tag: "Market" },
            size: { _tag: "Quantity", quantity: shares(10) },
            timeInForce: "DAY",
            quoteId
          },
          { actor: agent }
        )
      })
      yield* onDesk(
        folder,
        Effect.andThen(
          KillSwitch.use((kill) => kill.halt("a look", agent)),
          Effect.flip(asked)
        )
      )
      expect(deniedBy(yield* ask({ input: order(quoteId) }))).toMatch(/trading-state/u)
      yield* onDesk(
        folder,
        KillSwitch.use((kill) => kill.resume("seen", { kind: "person", name: "test" }))
      )
      expect(yield* ask({ input: order(quoteId) })).toStrictEqual(allowed)
      expect(permitsIn(folder)).toHaveLength(1)
    }))
})

describe("what risk-validator cannot read it denies", () => {
  const notJudged = /^risk-validator cannot judge this order: /u
  const quote = "q-0123456789abcdef"

  test("no desk, and one whose database is gone", () =>
    Effect.gen(function* () {
      const project = yield* newProject
      expect(deniedBy(yield* askHook(project, { input: order(quote) }))).toMatch(/there is no desk in /u)
      const { ask, folder } = yield* hookDesk()
      for (const file of ["", "-wal", "-shm"]) rmSync(`${folder.database}${file}`, { force: true })
      expect(deniedBy(yield* ask({ input: order(quote) }))).toMatch(/there is no desk in /u)
    }))

  test("a desk that has moved to a server, and one whose place is not legible", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      writeFileSync(
        folder.place,
        JSON.stringify({ kind: "postgres", where: "the schema desk on db", deskId: "d" })
      )
      expect(deniedBy(yield* ask({ input: order(quote) }))).toMatch(/is in the schema desk on db/u)
      writeFileSync(folder.place, "{")
      expect(deniedBy(yield* ask({ input: order(quote) }))).toMatch(/place\.json cannot be read/u)
    }))

  test("a database of another version, a line that is missing, a row that was changed", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const after = (statement: string) => {
        spoil(folder, statement)
        return Effect.map(ask({ input: order(quoteId) }), deniedBy)
      }
      expect(yield* after("UPDATE checkpoint SET body = replace(body, 'desk', 'dusk')")).toMatch(
        /checkpoint row 1 does not match its checksum/u
      )
      expect(yield* after("DELETE FROM checkpoint; DELETE FROM journal WHERE sequence = 2")).toMatch(
        /journal line 2 is missing/u
      )
      expect(yield* after("DELETE FROM journal")).toMatch(/has no account yet|lines were lost/u)
      const newest = "(SELECT max(migration_id) FROM plimsoll_migrations)"
      expect(
        yield* after(`UPDATE plimsoll_migrations SET migration_id = 99 WHERE migration_id = ${newest}`)
      ).toMatch(/written by a newer plimsoll/u)
      expect(yield* after("DELETE FROM plimsoll_migrations WHERE migration_id = 99")).toMatch(
        /last opened by an older plimsoll/u
      )
    }))

  test("a call whose id, agent or session no permit could be kept under", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      for (const event of [
        { tool_use_id: "toolu 01" },
        { tool_use_id: "t".repeat(201) },
        { agent_type: "a".repeat(201) },
        { agent_type: "\uD800" },
        { agent_type: "a\0b" },
        { session_id: "s".repeat(201) }
      ]) {
        expect(deniedBy(yield* ask({ input: order(quoteId), event }))).toMatch(
          /no permit can be kept for it/u
        )
      }
    }))

  test("a quote whose row was changed", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      spoil(folder, "UPDATE cited_quotes SET ts_event = ts_event + 1")
      expect(deniedBy(yield* ask({ input: order(quoteId) }))).toMatch(
        /cited_quotes row q-\w+ does not match its checksum/u
      )
    }))

  test("a file that is no database", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      for (const file of ["-wal", "-shm"]) rmSync(`${folder.database}${file}`, { force: true })
      writeFileSync(folder.database, "x".repeat(5000))
      expect(deniedBy(yield* ask({ input: order(quote) }))).toMatch(notJudged)
    }))

  test("a database that another process keeps locked: in time, and it says so", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const other = new DatabaseSync(folder.database)
      try {
        other.exec("BEGIN IMMEDIATE")
        expect(deniedBy(yield* ask({ input: order(quoteId) }))).toMatch(
          /the permit for this call could not be written: another process holds the desk's database locked/u
        )
        other.exec("ROLLBACK; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM permits")
        const said = yield* ask({ input: order(quoteId) })
        expect(deniedBy(said)).toMatch(/another process holds the desk's database locked/u)
        // Not by its own deadline of two seconds, which would say that it took too long.
        expect(said.stderr).not.toMatch(/took longer/u)
      } finally {
        other.close()
      }
    }))

  test("a machine that was started since the desk was opened", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const { steadyClock } = yield* Effect.promise(() => import("../../../../src/storage/Tables.ts"))
      const body = JSON.stringify({ boot: "another start", epoch: 0, wallLead: 0 })
      const { checksum } = steadyClock.seal({ id: 1, body })
      spoil(folder, `UPDATE steady_clock SET body = '${body}', checksum = ${checksum}`)
      expect(deniedBy(yield* ask({ input: order(quoteId) }))).toMatch(
        /the desk has not been opened since the machine started/u
      )
    }))

  test("a plimsoll.json that is not legible: every rule that needs limits denies, and the file's error is told", () =>
    Effect.gen(function* () {
      const { ask, folder, project } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      writeFileSync(join(project, "plimsoll.json"), '{"limits": {"positionRatio": "much"}}')
      const said = yield* ask({ input: order(quoteId) })
      expect(deniedBy(said)).toMatch(/^denied by the rule quote-freshness: The limits are missing/u)
      expect(said.stderr).toContain("plimsoll.json: limits.positionRatio: expected")
      expect(permitsIn(folder)).toStrictEqual([])
    }))

  test("limits that were changed in the database since they were accepted", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const { limits } = yield* Effect.promise(() => import("../../../../src/storage/Tables.ts"))
      const { defaultLimits } = yield* Effect.promise(() => import("../../../../src/risk/RiskLimits.ts"))
      const body = JSON.stringify({
        profile: "desk",
        limits: { ...defaultLimits, positionRatio: 1 },
        hash: "0",
        acceptedBy: person,
        tsEvent: 1
      })
      const { checksum } = limits.seal({ version: 1, body })
      spoil(folder, `INSERT INTO limits (version, body, checksum) VALUES (1, '${body}', ${checksum})`)
      const said = yield* ask({ input: order(quoteId) })
      expect(deniedBy(said)).toMatch(/The limits are missing/u)
      expect(said.stderr).toContain("do not match the hash they were accepted with")
    }))

  test("another tool, another event, a call without its id, a server whose name is not right", () =>
    Effect.gen(function* () {
      const { ask, folder } = yield* hookDesk()
      const { quoteId } = yield* quoteOf(folder, ACME)
      const input = order(quoteId)
      const blocked = /Blocked, because the guard could not do its work/u
      for (const asked of [
        { input, tool: "mcp__broker__cancel_order" },
        { input, tool: "mcp__portfolio__place_order" },
        { input, tool: "place_order" },
        { input, tool: "mcp__plugin_other_broker__place_order" },
        { input, event: { hook_event_name: "PostToolUse" } },
        { input, event: { tool_use_id: undefined } },
        { input: null }
      ]) {
        expect(deniedBy(yield* ask(asked))).toMatch(blocked)
      }
      const said = yield* ask({ input, environment: { PLIMSOLL_DATABASE_URL: "mysql://x" } })
      expect(deniedBy(said)).toMatch(notJudged)
      expect(permitsIn(folder)).toStrictEqual([])
    }))
})

describeWithPostgres("risk-validator with a server", () => {
  test("allows what passes and leaves a permit there, denies what does not, and a desk that is elsewhere", () =>
    Effect.gen(function* () {
      const url = urlOf(yield* scopedSchema)
      const { ask, folder } = yield* hookDesk(url)
      const { quoteId } = yield* quoteOf(folder, ACME)
      const input = order(quoteId)
      expect(yield* ask({ input })).toStrictEqual(allowed)
      const permit = yield* onDesk(
        folder,
        PermitStore.use((permits) => permits.find("toolu_1"))
      )
      expect(Option.getOrThrow(permit)).toMatchObject({
        argumentsHash: argumentsHashOf("place_order", input),
        quoteId
      })
      expect(deniedBy(yield* ask({ input: order(quoteId, { quantity: "260" }) }))).toMatch(
        /^denied by the rule order-size /u
      )
      expect(deniedBy(yield* ask({ input, environment: { PLIMSOLL_DATABASE_URL: "" } }))).toMatch(
        /PLIMSOLL_DATABASE_URL has to be set/u
      )
      const other = yield* hookDesk()
      const elsewhere = yield* other.ask({ input, environment: { PLIMSOLL_DATABASE_URL: url } })
      expect(deniedBy(elsewhere)).toMatch(/names a server: unset it/u)
    }))
})
