/**
 * How long one guarded submit takes, from the call to the filled order: p50 and p99, alone, and while eight
 * other processes submit to the same desk without a pause. Beside it, in the same run and in the same two
 * settings, a bare transaction of as many bytes with as many commits and syncs: three commits and one append
 * brought to disk. `--folder=PATH`: where the desk is, a folder for temporary files unless given.
 */
import { type ChildProcess, fork } from "node:child_process"
import { closeSync, fdatasyncSync, mkdtempSync, openSync, statSync, writeSync } from "node:fs"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { accountId } from "../src/domain/Identifiers.ts"
import { dollars } from "../src/domain/Money.ts"
import { Account } from "../src/execution/Account.ts"
import { Broker } from "../src/execution/Broker.ts"
import * as EmbeddedReplay from "../src/market/replay/EmbeddedReplay.ts"
import { actor, benchDesk, databaseKind, removeDesk, requestFor, schemaOf } from "./BenchDesk.ts"
import { quantile } from "./Sampling.ts"
import { clientOf, hasPostgres, onServer } from "../test/support/Postgres.ts"

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "1000" },
    folder: { type: "string", default: tmpdir() },
    json: { type: "boolean", default: false },
    neighbour: { type: "string" },
    of: { type: "string" }
  },
  strict: false
})
const ORDERS = Number(values.orders)
const WARM_UP = 100
const NEIGHBOURS = 8

/** Orders of this process that were closed unsent: the machine held it up for longer than an order may be on its way. */
let heldUp = 0

/** Calls `act` one after the other; milliseconds each took. */
const timed = async (
  count: number,
  act: (n: number) => Promise<void> | void
): Promise<ReadonlyArray<number>> => {
  const millis: Array<number> = []
  for (let n = -WARM_UP; n < count; n++) {
    const begun = process.hrtime.bigint()
    await act(n)
    if (n >= 0) millis.push(Number(process.hrtime.bigint() - begun) / 1e6)
  }
  return millis
}

type Kind = "guarded" | "bare"

/** Submits `count` orders, one after the other, on the desk in a folder; as many as there are turns where none is said. */
const guarded = (folder: string, holder: string, count: number): Promise<ReadonlyArray<number>> =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const quote = yield* broker.quote(EmbeddedReplay.aaplId)
    const context = yield* Effect.context<Broker>()
    const submit = (n: number) =>
      Effect.runPromiseWith(context)(
        broker
          .submit(requestFor(quote, { name: `${holder}-${n}`, side: "BUY", quantity: 1 }), { actor })
          .pipe(
            Effect.catchTag("OrderDenied", () => Effect.sync(() => void (heldUp += 1))),
            Effect.asVoid
          )
      )
    return yield* Effect.promise(() => timed(count, submit))
  }).pipe(Effect.provide(benchDesk({ folder, holder })), Effect.scoped, Effect.runPromise)

const openAccount = (folder: string): Promise<void> =>
  Effect.flatMap(Account, (account) =>
    account.open({ accountId: accountId("bench"), cash: dollars(1_000_000_000), actor })
  ).pipe(Effect.provide(benchDesk({ folder })), Effect.scoped, Effect.runPromise)

/** A row as the journal's are. */
const body = "x".repeat(3000)

const bare = async (folder: string, holder: string, count: number): Promise<ReadonlyArray<number>> => {
  const db = new DatabaseSync(join(folder, "bare.db"), { timeout: 30_000 })
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, body TEXT) STRICT"
  )
  const insert = db.prepare("INSERT INTO t (body) VALUES (?)")
  const log = openSync(join(folder, `${holder}.log`), "a")
  const commit = () => {
    db.exec("BEGIN IMMEDIATE")
    insert.run(body)
    db.exec("COMMIT")
  }
  const millis = await timed(count, async () => {
    commit()
    writeSync(log, body)
    fdatasyncSync(log)
    commit()
    commit()
    // Its own messages are heard between two turns, as the desk's are.
    await new Promise((resolve) => setImmediate(resolve))
  })
  closeSync(log)
  db.close()
  return millis
}

/** The same on a server, through its driver. */
const bareOnServer = (folder: string, holder: string, count: number): Promise<ReadonlyArray<number>> =>
  Effect.gen(function* () {
    const sql = yield* clientOf()
    const table = `${schemaOf(folder)}.t`
    const log = openSync(join(folder, `${holder}.log`), "a")
    const commit = () =>
      Effect.runPromise(sql.withTransaction(sql`INSERT INTO ${sql(table)} (body) VALUES (${body})`))
    const millis = yield* Effect.promise(() =>
      timed(count, async () => {
        await commit()
        writeSync(log, body)
        fdatasyncSync(log)
        await commit()
        await commit()
      })
    )
    closeSync(log)
    return millis
  }).pipe(Effect.scoped, Effect.runPromise)

/** What the bare transactions need before anybody begins. */
const makeTable = async (folder: string): Promise<void> => {
  if (!hasPostgres) return
  const schema = schemaOf(folder)
  await Effect.runPromise(onServer(`CREATE SCHEMA ${schema}`))
  await Effect.runPromise(
    onServer(`CREATE TABLE ${schema}.t (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT)`)
  )
}

const works: Readonly<Record<Kind, typeof guarded>> = { guarded, bare: hasPostgres ? bareOnServer : bare }

/** A neighbour: says when it is at work, and works until it is killed. */
const neighbour = async (kind: Kind, folder: string): Promise<void> => {
  // Whoever started it has ended, however that came about.
  process.once("disconnect", () => process.exit())
  process.send?.("at work")
  await works[kind](folder, `n${process.pid}`, Number.MAX_SAFE_INTEGER)
}

const withNeighbours = async <A>(kind: Kind, folder: string, work: () => Promise<A>): Promise<A> => {
  const children: ReadonlyArray<ChildProcess> = Array.from({ length: NEIGHBOURS }, () =>
    fork(import.meta.filename, [`--neighbour=${folder}`, `--of=${kind}`], { execArgv: [], stdio: "inherit" })
  )
  try {
    await Promise.all(children.map((child) => once(child, "message")))
    return await work()
  } finally {
    for (const child of children) {
      const gone = once(child, "exit")
      child.kill("SIGKILL")
      await gone
    }
  }
}

const sizeMb = (path: string): number => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 1024 / 1024

const measure = async (kind: Kind, neighbours: boolean) => {
  const folder = mkdtempSync(join(String(values.folder), "plimsoll-bench-"))
  try {
    await (kind === "guarded" ? openAccount(folder) : makeTable(folder))
    const work = () => works[kind](folder, "me", ORDERS)
    heldUp = 0
    const millis = neighbours ? await withNeighbours(kind, folder, work) : await work()
    return {
      p50: quantile(millis, 0.5),
      p99: quantile(millis, 0.99),
      heldUp,
      walMb: sizeMb(join(folder, kind === "guarded" ? "desk.db-wal" : "bare.db-wal"))
    }
  } finally {
    await removeDesk(folder)
  }
}

const report = async (): Promise<void> => {
  const results = []
  for (const neighbours of [false, true]) {
    const ours = await measure("guarded", neighbours)
    const base = await measure("bare", neighbours)
    for (const at of ["p50", "p99"] as const) {
      results.push({
        neighbours: neighbours ? NEIGHBOURS : 0,
        at,
        value: Number(ours[at].toFixed(2)),
        baseline: Number(base[at].toFixed(2)),
        ratio: Number((ours[at] / base[at]).toFixed(2)),
        heldUp: ours.heldUp,
        walMb: Number(ours.walMb.toFixed(1))
      })
    }
  }
  if (values.json === true) {
    process.stdout.write(
      `${JSON.stringify({ name: "submit", unit: "ms", database: databaseKind, results })}\n`
    )
    return
  }
  process.stdout.write("neighbours        guarded (ms)   bare (ms)       ratio     held up   log left (MB)\n")
  for (const { at, baseline, heldUp: unsent, neighbours, ratio, value, walMb } of results) {
    process.stdout.write(
      `${String(neighbours).padStart(10)}   ${at}${[value, baseline, ratio, unsent, walMb].map((n) => String(n).padStart(12)).join("")}\n`
    )
  }
}

if (typeof values.neighbour === "string")
  await neighbour(values.of === "bare" ? "bare" : "guarded", values.neighbour)
else await report()
