/**
 * Orders a second through the whole guarded path: rules, journal, audit log on
 * disk, paper venue, fill, books; one submitter, and eight whose orders share
 * transactions. Beside each, in the same run, what the disk alone takes: bare
 * inserts of as many rows of the same size, in as many commits, with as many
 * appends brought to disk. With PLIMSOLL_TEST_POSTGRES_URL the desk is on that
 * server; what it stands beside stays the same.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Layer } from "effect"
import { AuditLog } from "../src/audit/AuditLog.ts"
import { accountId } from "../src/domain/Identifiers.ts"
import { dollars } from "../src/domain/Money.ts"
import { Account } from "../src/execution/Account.ts"
import { Broker } from "../src/execution/Broker.ts"
import * as EmbeddedReplay from "../src/market/replay/EmbeddedReplay.ts"
import { actor, benchDesk, databaseKind, removeDesk, requestFor } from "./BenchDesk.ts"

const ORDERS = 1000

/** The real audit log, counting how often it is brought to disk: once a batch of orders. */
let flushes = 0
const counted = (folder: string) =>
  Layer.effect(
    AuditLog,
    Effect.map(AuditLog, (audit) =>
      AuditLog.of({
        ...audit,
        flush: Effect.andThen(
          Effect.sync(() => void (flushes += 1)),
          audit.flush
        )
      })
    )
  ).pipe(Layer.provide(AuditLog.layer({ folder })))

interface Outcome {
  readonly perSecond: number
  readonly batches: number
}

const guarded = (submitters: number): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
  return Effect.gen(function* () {
    const account = yield* Account
    const broker = yield* Broker
    yield* account.open({ accountId: accountId("bench"), cash: dollars(100_000_000), actor })
    const quote = yield* broker.quote(EmbeddedReplay.aaplId)
    const submit = (n: number) =>
      broker.submit(requestFor(quote, { name: `b-${submitters}-${n}`, side: "BUY", quantity: 1 }), { actor })
    yield* Effect.forEach(range(-200, 0), submit, { concurrency: submitters })
    flushes = 0
    const begun = process.hrtime.bigint()
    yield* Effect.forEach(range(0, ORDERS), submit, { concurrency: submitters })
    const seconds = Number(process.hrtime.bigint() - begun) / 1e9
    return { perSecond: ORDERS / seconds, batches: flushes }
  }).pipe(
    Effect.provide(benchDesk({ folder, audit: counted(join(folder, "audit")) })),
    Effect.scoped,
    Effect.ensuring(Effect.promise(() => removeDesk(folder))),
    Effect.runPromise
  )
}

const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from }, (_, i) => from + i)

/** A row as the journal's are. */
const body = "x".repeat(1200)

/** Bare: per batch three commits of one row an order, and one append brought to disk. */
const bare = (batches: number): Outcome => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
  const db = new DatabaseSync(join(folder, "bare.db"))
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT) STRICT"
  )
  const insert = db.prepare("INSERT INTO t (body) VALUES (?)")
  const log = openSync(join(folder, "log"), "a")
  const perBatch = ORDERS / batches
  const commit = (rows: number) => {
    db.exec("BEGIN IMMEDIATE")
    for (let i = 0; i < rows; i++) insert.run(body)
    db.exec("COMMIT")
  }
  const begun = process.hrtime.bigint()
  let done = 0
  for (let batch = 1; batch <= batches; batch++) {
    const rows = Math.round(batch * perBatch) - done
    done += rows
    commit(rows)
    writeSync(log, body.repeat(rows))
    fdatasyncSync(log)
    commit(rows)
    commit(rows)
  }
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  closeSync(log)
  db.close()
  rmSync(folder, { recursive: true })
  return { perSecond: ORDERS / seconds, batches }
}

const middle = <A extends Outcome>(outcomes: ReadonlyArray<A>): A | undefined =>
  outcomes.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(outcomes.length / 2)]

const measure = async (submitters: number) => {
  const ours: Array<Outcome> = []
  const baselines: Array<Outcome> = []
  for (let round = 0; round < 3; round++) {
    const outcome = await guarded(submitters)
    ours.push(outcome)
    baselines.push(bare(outcome.batches))
  }
  const value = middle(ours)
  const baseline = middle(baselines)
  if (value === undefined || baseline === undefined) throw new Error("no rounds")
  return {
    submitters,
    value: Math.round(value.perSecond),
    baseline: Math.round(baseline.perSecond),
    ratio: Number((value.perSecond / baseline.perSecond).toFixed(2)),
    orders: ORDERS,
    batches: value.batches
  }
}

const results = [await measure(1), await measure(8)]
if (process.argv.includes("--json")) {
  process.stdout.write(
    `${JSON.stringify({ name: "orders", unit: "orders/s", database: databaseKind, results })}\n`
  )
} else {
  process.stdout.write("submitters   guarded (1/s)      bare (1/s)   ratio   orders   batches\n")
  for (const { baseline, batches, orders, ratio, submitters, value } of results) {
    process.stdout.write(
      `${String(submitters).padStart(10)}${[value, baseline].map((n) => n.toLocaleString("en-US").padStart(16)).join("")}` +
        `${String(ratio).padStart(8)}${[orders, batches].map((n) => n.toLocaleString("en-US").padStart(9)).join("")}\n`
    )
  }
}
