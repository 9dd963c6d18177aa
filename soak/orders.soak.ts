/**
 * A million orders in one desk: what it takes stays flat.
 *
 * Orders go through the whole guarded path, many at once: a third fill, a third
 * rest until they are canceled, a third are denied. Market time moves through
 * four years of sessions. Every tenth of the run is measured: latency of an
 * order and of a look at the desk, what the process keeps in memory, descriptors,
 * the log that waits to be moved into the database. The last tenth is held
 * against the second, the first being warm-up. At the end the books must
 * balance and the audit log must verify and be as long as the journal.
 */
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { Effect, Result } from "effect"
import { actor, benchDesk, removeDesk, requestFor } from "../bench/BenchDesk.ts"
import { generator, quantile } from "../bench/Sampling.ts"
import { AuditLog } from "../src/audit/AuditLog.ts"
import { accountId, clientOrderId } from "../src/domain/Identifiers.ts"
import { dollars, price } from "../src/domain/Money.ts"
import type { QuoteTick } from "../src/domain/Quote.ts"
import { sessionDate, timestamp } from "../src/domain/Timestamp.ts"
import { Account } from "../src/execution/Account.ts"
import { Broker } from "../src/execution/Broker.ts"
import { DeskView } from "../src/execution/DeskView.ts"
import { OrderJournal } from "../src/execution/OrderJournal.ts"
import { aaplId } from "../src/market/replay/EmbeddedReplay.ts"
import { SteppedClock } from "../src/market/SteppedClock.ts"
import { sessionsBetween } from "../src/market/TradingCalendar.ts"
import * as Ledger from "../src/portfolio/Ledger.ts"
import { makeProgress, report, soakFlags } from "./Soak.ts"
import { collected, descriptors, deskBytes } from "./Usage.ts"

const { counts, folder: base, json, seed } = soakFlags([["orders", { short: 2000, full: 1_000_000 }]])
const ORDERS = counts.get("orders") ?? 0
/** Orders under way at once, and orders at one moment of the market. */
const SUBMITTERS = 64
const ROUND = 200
/** Resting orders of a round that are canceled one by one; the others go together. */
const CANCELED_SINGLY = 4
const TENTHS = 10

/** Times are the machine's as well: a short run tells them and holds nobody to them. */
const isTimed = ORDERS >= 100_000
/** How much the last tenth may be of the second. */
const bounds = {
  heap: 1.3,
  rss: 1.5,
  processor: isTimed ? 1.3 : Infinity,
  p50: isTimed ? 1.5 : Infinity,
  p99: isTimed ? 4 : Infinity,
  look: isTimed ? 2 : Infinity
}
/** SQLite moves its log into the database at 1000 pages of 4 kB; a commit under way may go beyond. */
const MOST_WAL_MB = 32

const random = generator(seed)
const progress = makeProgress("orders")
const failures: Array<string> = []
const again = `npm run soak -- orders --orders=${ORDERS} --seed=${seed}`

const sessions = sessionsBetween(sessionDate("2014-06-09"), sessionDate("2018-05-10"))
const rounds = Math.ceil(ORDERS / ROUND)

/** Five rounds a session, more where there are more rounds than the sessions have room for. */
const roundsPerSession = Math.max(5, rounds / sessions.length)

/** Moments through the sessions, in order. */
const momentOf = (round: number) => {
  const place = round / roundsPerSession
  const session = sessions[Math.floor(place)]
  if (session === undefined) throw new Error("a round past the last session")
  return timestamp(session.open + 3_600_000_000 + Math.floor((place % 1) * 3600) * 1_000_000)
}

type Kind = "fills" | "rests" | "denied"

const outcomes: Readonly<Record<Kind, string>> = { fills: "Filled", rests: "Accepted", denied: "OrderDenied" }

/** In turn an order that fills, one that rests below the market, one whose price is beyond the collar. */
const kinds: ReadonlyArray<Kind> = ["fills", "rests", "denied"]

/** The orders of a round. What one round buys the next sells, so the position stays small. */
const roundOf = (round: number, quote: QuoteTick) =>
  Array.from({ length: Math.min(ROUND, ORDERS - round * ROUND) }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? "fills"
    const name = `s-${seed}-${round * ROUND + i}`
    // All of one side: orders of ours must not meet each other.
    const side = round % 2 === 0 ? "BUY" : "SELL"
    if (kind === "fills") return { kind, request: requestFor(quote, { name, side, quantity: 1 }) }
    const away = kind === "rests" ? 0.1 + random() * 0.2 : -0.6
    const share = side === "BUY" ? 1 - away : 1 + away
    const limitPrice = price(Math.floor((quote.last * share) / 10_000) * 10_000)
    return { kind, request: requestFor(quote, { name, side, quantity: 1, limitPrice }) }
  })

const millisSince = (begun: bigint): number => Number(process.hrtime.bigint() - begun) / 1e6

interface Tenth {
  readonly perSecond: number
  /** Milliseconds of processor time an order: neighbours on the machine do not change them. */
  readonly processor: number
  readonly p50: number
  readonly p99: number
  /** Of `status` and a page of the newest orders together. */
  readonly look: number
  readonly heapMb: number
  readonly rssMb: number
  readonly descriptors: number
  readonly walMb: number
  readonly databaseMb: number
  readonly auditMb: number
}

/** A run that is ended early has told this much. */
const tell = (tenths: ReadonlyArray<Tenth>): void => {
  const shown = Object.entries(tenths.at(-1) ?? {}).map(([name, value]) => `${name} ${value.toFixed(1)}`)
  process.stderr.write(`  ${tenths.length}/${TENTHS}: ${shown.join(", ")}\n`)
}

const soak = (folder: string) =>
  Effect.gen(function* () {
    const account = yield* Account
    const broker = yield* Broker
    const view = yield* DeskView
    const clock = yield* SteppedClock
    yield* account.open({ accountId: accountId("soak"), cash: dollars(100_000_000), actor })
    const tally = { filled: 0, working: 0, denied: 0, canceled: 0 }
    const tenths: Array<Tenth> = []
    let latencies: Array<number> = []
    let looks: Array<number> = []
    let walMb = 0
    let begun = process.hrtime.bigint()
    let cpu = process.cpuUsage()
    let since = 0

    const submit = Effect.fnUntraced(function* ({ kind, request }: ReturnType<typeof roundOf>[number]) {
      const started = process.hrtime.bigint()
      const outcome = yield* Effect.result(broker.submit(request, { actor }))
      latencies.push(millisSince(started))
      const status = Result.isSuccess(outcome) ? outcome.success.order.status : outcome.failure._tag
      const expected = outcomes[kind]
      if (status !== expected) {
        const why = Result.isFailure(outcome) ? outcome.failure.message : ""
        failures.push(`${request.clientOrderId} came out as ${status}, not ${expected} (${why}): ${again}`)
      } else if (kind === "fills") tally.filled += 1
      else if (kind === "rests") tally.working += 1
      else tally.denied += 1
    })

    const look = Effect.gen(function* () {
      const started = process.hrtime.bigint()
      yield* view.status
      yield* broker.orders({ limit: 20 })
      yield* broker.orders({ working: true, limit: 20 })
      looks.push(millisSince(started))
    })

    let done = 0
    for (let round = 0; round < rounds; round++) {
      yield* clock.set(momentOf(round))
      const quote = yield* broker.quote(aaplId)
      const orders = roundOf(round, quote)
      yield* Effect.forEach(orders, submit, { concurrency: SUBMITTERS, discard: true })
      done += orders.length
      yield* look
      for (const { clientOrderId: id } of yield* broker.orders({
        working: true,
        limit: CANCELED_SINGLY
      })) {
        yield* broker.cancel(id, { actor })
        tally.canceled += 1
      }
      tally.canceled += (yield* broker.cancelAll({ actor })).length
      walMb = Math.max(walMb, deskBytes(folder).walMb)
      if (round + 1 >= ((tenths.length + 1) * rounds) / TENTHS) {
        const seconds = millisSince(begun) / 1000
        const used = process.cpuUsage(cpu)
        tenths.push({
          perSecond: (done - since) / seconds,
          processor: (used.user + used.system) / 1000 / (done - since),
          p50: quantile(latencies, 0.5),
          p99: quantile(latencies, 0.99),
          look: quantile(looks, 0.5),
          descriptors: descriptors(),
          ...deskBytes(folder),
          walMb,
          ...collected()
        })
        tell(tenths)
        latencies = []
        looks = []
        since = done
        begun = process.hrtime.bigint()
        cpu = process.cpuUsage()
      }
      const last = tenths.at(-1)
      progress(
        done,
        ORDERS,
        last === undefined
          ? ""
          : `${last.perSecond.toFixed(0)}/s, p50 ${last.p50.toFixed(1)} ms, heap ${last.heapMb.toFixed(0)} MB`
      )
    }

    const { trialBalance } = Ledger
    const ledger = yield* view.ledger
    const journal = yield* OrderJournal
    const audit = yield* AuditLog
    const head = yield* journal.head
    if (trialBalance(ledger) !== 0) failures.push(`debits and credits differ: ${again}`)
    yield* audit.flush
    const verified = process.hrtime.bigint()
    const intact = yield* audit.verify
    if (intact.entries !== head) {
      failures.push(`the audit log has ${intact.entries} entries and the journal ${head} lines: ${again}`)
    }
    if (tally.canceled !== tally.working) {
      failures.push(`${tally.working} orders rested and ${tally.canceled} were canceled: ${again}`)
    }
    const oldest = yield* broker.order(clientOrderId(`s-${seed}-0`))
    if (oldest._tag === "None") failures.push(`the first order is not found any more: ${again}`)
    return { tenths, tally, lines: head, verifySeconds: millisSince(verified) / 1000 }
  }).pipe(
    Effect.provide(benchDesk({ folder, start: momentOf(0), limits: { shortSales: true } })),
    Effect.scoped
  )

const holds = (what: string, early: number, late: number, bound: number): number => {
  const ratio = late / early
  if (!(ratio <= bound)) {
    failures.push(
      `${what}: ${late.toFixed(2)} in the last tenth, ${early.toFixed(2)} in the second, more than ${bound} times: ${again}`
    )
  }
  return Number(ratio.toFixed(2))
}

const rounded = (value: number): number => Number(value.toFixed(2))

const folder = mkdtempSync(join(base, "plimsoll-soak-"))
const begun = process.hrtime.bigint()
try {
  const { lines, tally, tenths, verifySeconds } = await Effect.runPromise(soak(folder))
  const early = tenths[1]
  const late = tenths.at(-1)
  if (early === undefined || late === undefined) throw new Error("too few orders for ten tenths")
  const kilobytes = (mb: number) => rounded((mb * 1024) / ORDERS)
  if (late.descriptors !== early.descriptors) {
    failures.push(`${late.descriptors} open descriptors at the end, ${early.descriptors} early: ${again}`)
  }
  if (late.walMb > MOST_WAL_MB) failures.push(`the write-ahead log came to ${late.walMb} MB: ${again}`)
  report(
    {
      name: "orders",
      seed,
      done: { orders: ORDERS, ...tally, lines },
      failures,
      figures: {
        seconds: rounded(millisSince(begun) / 1000),
        orders_per_second: rounded(late.perSecond),
        processor_ms_per_order: rounded(late.processor),
        processor_ratio: holds(
          "processor time (ms an order)",
          early.processor,
          late.processor,
          bounds.processor
        ),
        p50_ms_early: rounded(early.p50),
        p50_ms_late: rounded(late.p50),
        p50_ratio: holds("latency p50 (ms)", early.p50, late.p50, bounds.p50),
        p99_ms_late: rounded(late.p99),
        p99_ratio: holds("latency p99 (ms)", early.p99, late.p99, bounds.p99),
        look_ms_late: rounded(late.look),
        look_ratio: holds("a look at the desk (ms)", early.look, late.look, bounds.look),
        heap_mb_late: rounded(late.heapMb),
        heap_ratio: holds("heap (MB)", early.heapMb, late.heapMb, bounds.heap),
        rss_mb_late: rounded(late.rssMb),
        rss_ratio: holds("resident memory (MB)", early.rssMb, late.rssMb, bounds.rss),
        descriptors: late.descriptors,
        wal_mb_most: rounded(late.walMb),
        database_kb_per_order: kilobytes(late.databaseMb),
        audit_kb_per_order: kilobytes(late.auditMb),
        audit_verify_s: rounded(verifySeconds)
      }
    },
    json
  )
} finally {
  await removeDesk(folder)
}
