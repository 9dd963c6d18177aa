/** A desk's database with its end cut off or a bit flipped, anywhere: the same answers, or a typed refusal. */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, beforeAll, describe, expect, it, vi } from "@effect/vitest"
import canonicalize from "canonicalize"
import { Cause, Effect, Exit, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { clientOrderId } from "../../src/domain/Identifiers.ts"
import * as Book from "../../src/execution/Book.ts"
import { BookKeeper } from "../../src/execution/BookKeeper.ts"
import { DamagedDesk } from "../../src/execution/DamagedDesk.ts"
import { OrderJournal } from "../../src/execution/OrderJournal.ts"
import { PermitStore } from "../../src/execution/PermitStore.ts"
import * as Recovery from "../../src/execution/Recovery.ts"
import { survey } from "../../src/execution/RecoverySurvey.ts"
import * as DamagedDeskFile from "../../src/storage/DamagedDesk.ts"
import {
  buy,
  deskLayer,
  fileStorage,
  goTo,
  holdings,
  journalLines,
  limitAt,
  marketLayer,
  openAccount,
  person,
  sell
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, minute } from "./TestMarket.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let scratch = ""
/** A desk that was closed in order, and one as a killed process leaves it: its last transactions in the WAL only. */
let closed = ""
let killed = ""
let names: ReadonlyArray<string> = []

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
const draws = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const trade = Effect.gen(function* () {
  yield* openAccount()
  yield* goTo(minute(0, 5))
  yield* buy(ACME, 50, { id: "one" })
  yield* buy(BOLT, 10, { id: "two", type: limitAt(45), timeInForce: "GTC" })
  yield* goTo(closeOf(0))
  yield* goTo(minute(1, 5))
  yield* sell(ACME, 20, { id: "three", actor: person })
  yield* buy(BOLT, 4, { id: "four", bracket: { takeProfit: 60, stopLoss: 40 } })
})

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "plimsoll-damaged-"))
  closed = join(scratch, "closed")
  killed = join(scratch, "killed")
  mkdirSync(closed)
  const market = marketLayer().pipe(Layer.provideMerge(Layer.merge(NodeServices.layer, TestClock.layer())))
  await Effect.runPromise(
    Effect.gen(function* () {
      yield* trade
      yield* Effect.flatMap(AuditLog, (audit) => audit.flush)
      const lines = yield* journalLines
      names = [
        ...new Set(lines.flatMap(({ event }) => ("clientOrderId" in event ? [event.clientOrderId] : [])))
      ]
      cpSync(closed, killed, { recursive: true })
    }).pipe(
      Effect.provide(deskLayer().pipe(Layer.provideMerge(fileStorage(closed)), Layer.provideMerge(market))),
      Effect.scoped
    )
  )
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const storesAt = (folder: string) =>
  BookKeeper.layer.pipe(Layer.provideMerge(fileStorage(folder)), Layer.provideMerge(NodeServices.layer))

/** What a process that opens the desk learns of it. */
const answers = (folder: string) =>
  Effect.gen(function* () {
    const keeper = yield* BookKeeper
    const journal = yield* OrderJournal
    yield* keeper.intact
    const lines = yield* journal.read({ after: 0, limit: 10_000 })
    const book = yield* keeper.current
    const orders = yield* Effect.forEach(names, (name) => journal.order(clientOrderId(name)))
    return canonicalize({ lines, book, orders })
  }).pipe(Effect.provide(storesAt(folder)), Effect.scoped)

const told = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  Exit.isSuccess(exit)
    ? "answered"
    : (exit.cause.reasons.find(Cause.isFailReason)?.error._tag ?? `DEFECT ${Cause.pretty(exit.cause)}`)

/** Of a desk at rest; opening is with a clock of its own, so the finalizers write nothing. */
const copyOf = (folder: string, name: string): string => {
  const copy = join(scratch, name)
  rmSync(copy, { recursive: true, force: true })
  cpSync(folder, copy, { recursive: true })
  return copy
}

const typed = new Set(["StorageCorrupt", "StorageFailed", "StorageBusy", "JournalDisagrees"])

describe("one flipped bit in the database", () => {
  it("gives the same answers or a typed refusal, wherever it is", async () => {
    const seed = Number(process.env["PLIMSOLL_SEED"] ?? 20_240_304)
    const draw = draws(seed)
    const right = await Effect.runPromise(answers(copyOf(closed, "right")))
    const bytes = readFileSync(join(closed, "desk.db"))
    const copy = copyOf(closed, "flipped")
    const outcomes: Record<string, number> = {}
    const wrong: Array<string> = []
    // At least six in every page, its header among them.
    for (let page = 0; page < bytes.length / 4096; page++) {
      const places = [draw() * 8, 8 + draw() * 40, ...Array.from({ length: 4 }, () => draw() * 4096)]
      for (const place of places) {
        const at = page * 4096 + Math.floor(place)
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(draw() * 8))
        rmSync(join(copy, "desk.db-wal"), { force: true })
        rmSync(join(copy, "desk.db-shm"), { force: true })
        writeFileSync(join(copy, "desk.db"), flipped)
        const exit = await Effect.runPromiseExit(answers(copy))
        const said = told(exit)
        outcomes[said] = (outcomes[said] ?? 0) + 1
        if (Exit.isSuccess(exit) ? exit.value !== right : !typed.has(said)) {
          wrong.push(`byte ${at}: ${Exit.isSuccess(exit) ? "another desk" : said}`)
        }
      }
    }
    expect(wrong, `seed ${seed}; ${JSON.stringify(outcomes)}`).toEqual([])
    expect(outcomes["StorageCorrupt"]).toBeGreaterThan(0)
    expect(outcomes["answered"]).toBeGreaterThan(0)
  })
})

/** Rebuilds the desk in `folder` into another, as `plimsoll recover` does. */
const rebuiltFrom = (folder: string) =>
  Effect.gen(function* () {
    const found = yield* survey(`${folder}/audit`)
    const fresh = copyOf(folder, "rebuilt")
    for (const end of ["", "-wal", "-shm"]) rmSync(join(fresh, `desk.db${end}`), { force: true })
    return yield* Recovery.rebuild({
      survey: found,
      folder: `${folder}/audit`,
      actor: person,
      reason: "a test",
      retell: false
    }).pipe(Effect.provide(storesAt(fresh)), Effect.scoped)
  }).pipe(Effect.provide(Layer.merge(DamagedDeskFile.layer(join(folder, "desk.db")), NodeServices.layer)))

describe("permits that no order has taken", () => {
  const onStores = <A, E>(
    folder: string,
    body: Effect.Effect<A, E, Layer.Success<ReturnType<typeof storesAt>>>
  ) => Effect.provide(body, storesAt(folder)).pipe(Effect.scoped)
  const all = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT call_id FROM permits`)

  it("are not in the rebuilt desk, and a damaged one is told of", async () => {
    const folder = copyOf(closed, "permits")
    await Effect.runPromise(
      Effect.gen(function* () {
        const put = (callId: string) =>
          Effect.flatMap(PermitStore, (store) =>
            store.put({
              callId,
              tool: "place_order",
              argumentsHash: "a",
              agent: "main",
              sessionId: "s",
              steadyAt: 0
            })
          )
        yield* onStores(
          folder,
          Effect.gen(function* () {
            yield* put("toolu_1")
            yield* put("toolu_2")
            yield* Effect.flatMap(
              SqlClient.SqlClient,
              (sql) => sql`UPDATE permits SET steady_at = 1 WHERE call_id = 'toolu_2'`
            )
            expect(yield* all).toHaveLength(2)
          })
        )
        const old = yield* Effect.provide(DamagedDesk, DamagedDeskFile.layer(join(folder, "desk.db")))
        expect(old.lost).toEqual(new Map([["permits", 1]]))
        expect(yield* rebuiltFrom(folder)).toMatchObject({ limits: "none" })
        expect(yield* onStores(join(scratch, "rebuilt"), all)).toEqual([])
      })
    )
  })
})

describe("a WAL that lost its end", () => {
  it("is whole, or an earlier desk that the audit log gives away; all of it comes back", async () => {
    const wal = readFileSync(join(killed, "desk.db-wal"))
    expect(wal.length).toBeGreaterThan(50 * 4120)
    const right = await Effect.runPromise(answers(copyOf(killed, "right")))
    const whole = JSON.parse(right ?? "{}")
    const seed = Number(process.env["PLIMSOLL_SEED"] ?? 7)
    const draw = draws(seed)
    const frames = (wal.length - 32) / 4120
    const cuts = [
      0,
      31,
      ...Array.from({ length: Math.floor(frames) + 1 }, (_, i) => 32 + i * 4120),
      ...Array.from({ length: 100 }, () => Math.floor(draw() * wal.length))
    ]
    const outcomes: Record<string, number> = {}
    const copy = copyOf(killed, "cut")
    for (const [i, cut] of cuts.entries()) {
      copyFileSync(join(killed, "desk.db"), join(copy, "desk.db"))
      rmSync(join(copy, "desk.db-shm"), { force: true })
      writeFileSync(join(copy, "desk.db-wal"), wal.subarray(0, cut))
      const exit = await Effect.runPromiseExit(answers(copy))
      const said = told(exit)
      outcomes[said] = (outcomes[said] ?? 0) + 1
      expect(["answered", "JournalDisagrees"], `seed ${seed}, cut at ${cut}`).toContain(said)
      // Everything was flushed: what answers has forgotten nothing that was journaled.
      if (Exit.isSuccess(exit)) expect(JSON.parse(exit.value ?? "{}").lines).toEqual(whole.lines)
      else if (i % 10 === 0) {
        const { book } = await Effect.runPromise(rebuiltFrom(copy))
        const { orders: _, breaker: _breaker, sequence: _sequence, ...after } = book
        const { orders: __, breaker: __breaker, sequence: __sequence, ...before } = whole.book
        expect(JSON.parse(JSON.stringify(after))).toEqual(before)
      }
    }
    expect(outcomes["JournalDisagrees"]).toBeGreaterThan(20)
  })
})

describe("a database that is gone while it is open", () => {
  it("takes no order, and says so", async () => {
    const copy = copyOf(closed, "gone")
    const market = marketLayer().pipe(Layer.provideMerge(Layer.merge(NodeServices.layer, TestClock.layer())))
    const said = await Effect.runPromise(
      Effect.gen(function* () {
        yield* goTo(minute(1, 10))
        const before = yield* holdings
        rmSync(copy, { recursive: true, force: true })
        const refused = yield* Effect.flip(buy(ACME, 1))
        return { before, refused }
      }).pipe(
        Effect.provide(deskLayer().pipe(Layer.provideMerge(fileStorage(copy)), Layer.provideMerge(market))),
        Effect.scoped
      )
    )
    expect(said.refused).toMatchObject({ _tag: "StorageFailed" })
    expect(said.refused.message).toContain("removed while it was open")
  })
})

describe("what is salvaged of a database", () => {
  it("is everything, of one that is whole", async () => {
    const copy = copyOf(closed, "whole")
    const old = await Effect.runPromise(
      Effect.provide(
        Effect.map(DamagedDesk, (desk) => ({ ...desk, lines: desk.journal(1, 10_000) })),
        DamagedDeskFile.layer(join(copy, "desk.db"))
      )
    )
    expect(old).toMatchObject({ unreadable: undefined, damage: [], lost: new Map() })
    expect(Book.applyAll(Book.unopened, old.lines).sequence).toBe(old.journalEnd)
    expect(old.record.length).toBeGreaterThan(5)
  })
})
