/**
 * What the recovery benchmark runs in processes of its own, bundled as the programs are.
 *
 * `trade FOLDER N`: makes the desk where there is none, places N orders, says so and goes on placing until killed.
 * `open FOLDER`: opens the desk, reconciles, places one order; says how long after the process began.
 * `bare FOLDER`: opens the database and reads the last 256 lines of the journal; says how long after as well.
 */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { accountId } from "../src/domain/Identifiers.ts"
import { dollars } from "../src/domain/Money.ts"
import { Account } from "../src/execution/Account.ts"
import { Broker } from "../src/execution/Broker.ts"
import { OrderJournal } from "../src/execution/OrderJournal.ts"
import * as EmbeddedReplay from "../src/market/replay/EmbeddedReplay.ts"
import { hasPostgres, onServer } from "../test/support/Postgres.ts"
import { actor, benchDesk, requestFor, schemaOf } from "./BenchDesk.ts"

const [mode = "", folder = "", count = "0"] = process.argv.slice(2)
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`)

/** Milliseconds of processor time so far, which neighbours on the machine do not change. */
const used = () => {
  const { system, user } = process.cpuUsage()
  return { processor: (system + user) / 1000 }
}

/** As many sells as buys, so that what is held stays small. */
const orderFor = Effect.fnUntraced(function* (name: string, n: number) {
  const broker = yield* Broker
  const quote = yield* broker.quote(EmbeddedReplay.aaplId)
  const side = n % 2 === 0 ? "BUY" : "SELL"
  return yield* broker.submit(requestFor(quote, { name, side, quantity: 1 }), { actor })
})

const trade = Effect.gen(function* () {
  const account = yield* Account
  const broker = yield* Broker
  yield* account
    .open({ accountId: accountId("bench"), cash: dollars(100_000_000), actor })
    .pipe(Effect.catchTag("AccountAlreadyOpen", () => Effect.void))
  const first = yield* (yield* OrderJournal).head
  const wanted = Number(count)
  const quote = yield* broker.quote(EmbeddedReplay.aaplId)
  for (let n = 0; ; n += 64) {
    // All of one side: orders of ours must not meet each other.
    const side = (n / 64) % 2 === 0 ? "BUY" : "SELL"
    yield* Effect.forEach(
      Array.from({ length: 64 }, (_, i) =>
        requestFor(quote, { name: `r-${first}-${n + i}`, side, quantity: 1 })
      ),
      (request) => broker.submit(request, { actor }),
      { concurrency: 64, discard: true }
    )
    if (n + 64 >= wanted && n < wanted) say({ orders: n + 64, lines: yield* (yield* OrderJournal).head })
    else if (n % 6400 === 0) process.stderr.write(`recovery: ${n} of ${wanted}\n`)
  }
})

const open = Effect.gen(function* () {
  const broker = yield* Broker
  const opened = performance.now()
  yield* broker.reconcile
  const reconciled = performance.now()
  const { order } = yield* orderFor(`open-${process.pid}-${Date.now()}`, 0)
  say({ opened, reconciled, ordered: performance.now(), status: order.status, ...used() })
})

const bareFile = (): number => {
  const db = new DatabaseSync(join(folder, "desk.db"))
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  const { length } = db.prepare("SELECT * FROM journal ORDER BY sequence DESC LIMIT 256").all()
  db.close()
  return length
}

const bareServer = Effect.map(
  onServer(`SELECT * FROM ${schemaOf(folder)}.journal ORDER BY sequence DESC LIMIT 256`),
  ({ length }) => length
)

const bare = Effect.gen(function* () {
  const lines = hasPostgres ? yield* bareServer : bareFile()
  say({ opened: performance.now(), lines, ...used() })
})

if (mode === "bare") void Effect.runPromise(bare)
else {
  const work = mode === "trade" ? trade : open
  void Effect.runPromise(
    Effect.scoped(Effect.provide(work, benchDesk({ folder, holder: `bench-${process.pid}` })))
  )
}
