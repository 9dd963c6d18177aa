/**
 * Watches a simulation from outside: reads the journal's lines, the audit files
 * and the venue's truth for itself, and says what must never be.
 */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs"
import { join } from "node:path"
import canonicalize from "canonicalize"
import type { Actor } from "../../src/domain/Actor.ts"
import { accountId, type ClientOrderId, type InstrumentId } from "../../src/domain/Identifiers.ts"
import type { JournalEvent, JournalEventOf } from "../../src/domain/JournalEvent.ts"
import { isTerminal } from "../../src/domain/Order.ts"
import type { OrderLeg } from "../../src/domain/OrderLeg.ts"
import * as Book from "../../src/execution/Book.ts"
import { type JournalEntry, steadyTimeOf } from "../../src/execution/OrderJournal.ts"
import { tradedBy } from "../../src/execution/OrderLegs.ts"
import type { VenueOrder } from "../../src/execution/VenueOrder.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import type { RiskLimits } from "../../src/risk/RiskLimits.ts"
import * as Exposures from "./Exposures.ts"
import type { SimulatedDatabase } from "./SimulatedDatabase.ts"
import type { SimulatedMarket } from "./SimulatedMarket.ts"
import type { SimulatedProcess } from "./SimulatedProcess.ts"
import type { SimulatedVenue } from "./SimulatedVenue.ts"

/** A journal line from its row, as it was written: the observer trusts no reader of the desk's. */
const entryOf = (row: Record<string, unknown>): JournalEntry => {
  const actor: Actor = JSON.parse(String(row["actor"]))
  const event: JournalEvent = JSON.parse(String(row["body"]))
  return {
    sequence: Number(row["sequence"]),
    tsWall: Number(row["ts_wall"]),
    tsSteady: Number(row["ts_steady"]),
    accountId: accountId(String(row["account_id"])),
    actor,
    event
  }
}

/** What the observer looks at in a line of the audit log. */
interface AuditLine {
  readonly actor: Actor
  readonly action: string
  readonly resource: string
  readonly details: Omit<JournalEntry, "actor">
}

const MINUTE_MICROS = 60_000_000

export interface Watched {
  readonly database: SimulatedDatabase
  readonly market: SimulatedMarket
  readonly limits: RiskLimits
  readonly auditFolder: string
  readonly wallNow: () => number
  readonly say: (line: string) => void
  readonly fail: (problem: string) => void
}

export class Observer {
  private readonly watched: Watched
  venue: SimulatedVenue | undefined
  /** The book as the journal alone says it is. */
  book: Book.BookState = Book.unopened
  readonly lines: Array<JournalEntry> = []
  /** Sequence of each order's first OrderSubmitted line, and who asked for it. */
  readonly submitted = new Map<ClientOrderId, { readonly sequence: number; readonly byPerson: boolean }>()
  /** Orders that ended as denied. */
  readonly denied = new Set<ClientOrderId>()
  /** Orders handed to the line, however often. */
  readonly sent = new Set<ClientOrderId>()
  /** Orders that a person has taken it on to leave working, since the last halt. */
  readonly takenOn = new Set<ClientOrderId>()
  /** The legs of each order that has any. */
  readonly combos = new Map<ClientOrderId, ReadonlyArray<OrderLeg>>()
  readonly trades = new Map<string, JournalEventOf<"OrderFilled">>()
  /** Journal lines that correct the books. */
  readonly corrections: Array<JournalEvent> = []
  /** The audit files as far as they were read: their lines, and orders whose submission stands in them. */
  private readonly auditRead = new Map<string, number>()
  private readonly audited: Array<AuditLine> = []
  private readonly submittedOnDisk = new Set<string>()
  private haltedAt: number | undefined
  private flowed = 0
  private readonly sentAt: Array<{ readonly market: number; readonly steady: number }> = []

  constructor(watched: Watched) {
    this.watched = watched
  }

  /** Deposits less withdrawals, as journaled; the venue's account follows them. */
  get flows(): number {
    this.look()
    return this.flowed
  }

  /** Reads what was committed since the last look. */
  look(): void {
    const { database, fail, say } = this.watched
    if (database.owner !== undefined) return
    const rows = database.rows(
      "SELECT sequence, ts_wall, ts_steady, account_id, actor, body FROM journal WHERE sequence > ? ORDER BY sequence",
      [this.book.sequence]
    )
    if (rows.length === 0) return
    for (const row of rows) {
      const entry = entryOf(row)
      const { sequence } = entry
      say(`  journal ${sequence} ${String(row["body"])}`)
      this.lines.push(entry)
      try {
        const before = this.book
        this.book = Book.apply(before, entry).book
        this.check(before, entry)
      } catch (cause) {
        fail(`journal line ${sequence} cannot be applied: ${String(cause)}`)
        return
      }
    }
    if (Ledger.trialBalance(this.book.ledger) !== 0) fail("debits and credits of the books differ")
    const [head] = database.rows("SELECT count FROM audit_head", [])
    if (head?.["count"] !== this.book.sequence) {
      fail(`the audit log has ${String(head?.["count"])} entries and the journal ${this.book.sequence} lines`)
    }
  }

  private check(before: Book.BookState, entry: JournalEntry): void {
    const { event } = entry
    switch (event._tag) {
      case "CashDeposited":
        this.flowed += event.amount
        return
      case "CashWithdrawn":
        this.flowed -= event.amount
        return
      case "TradingStateChanged":
        if (event.cause === "kill-switch") this.takenOn.clear()
        this.haltedAt = this.book.breaker.causes.killSwitch ? (this.haltedAt ?? entry.sequence) : undefined
        return
      case "HaltVerified":
        if (before.haltSettled !== undefined)
          this.watched.fail(`a halt is verified that was ${before.haltSettled} before`)
        return
      case "HaltAcknowledged":
        for (const id of event.working) this.takenOn.add(id)
        return
      case "OrderInitialized":
        if (event.content.legs !== undefined) this.combos.set(event.clientOrderId, event.content.legs)
        return
      case "OrderDenied":
        this.denied.add(event.clientOrderId)
        if (this.sent.has(event.clientOrderId))
          this.watched.fail(`${event.clientOrderId} is denied after it was sent`)
        return
      case "OrderSubmitted":
        return this.checkSubmitted(before, entry, event.clientOrderId)
      case "OrderPendingUpdate":
        return this.checkRate(entry)
      case "OrderFilled":
        return this.checkFill(event)
      default:
        if (event._tag.endsWith("Corrected")) this.corrections.push(event)
    }
  }

  private checkFill(fill: JournalEventOf<"OrderFilled">): void {
    const { fail } = this.watched
    if (this.trades.has(fill.tradeId)) fail(`trade ${fill.tradeId} is journaled twice`)
    this.trades.set(fill.tradeId, fill)
    const told = this.venue?.record.some(
      ({ event }) => event._tag === "OrderFilled" && canonicalize(event) === canonicalize(fill)
    )
    if (told === false) fail(`trade ${fill.tradeId} is journaled and never happened at the venue`)
  }

  /** At its first journaling as sent, an order has to be within every limit and no gate may have been shut. */
  private checkSubmitted(before: Book.BookState, entry: JournalEntry, id: ClientOrderId): void {
    const { fail } = this.watched
    const live = Book.liveOrder(before, id)
    if (live === undefined) return fail(`${id} is submitted and was never asked for`)
    const first = this.submitted.get(id)
    if (first !== undefined) {
      // Taken over from a process that did not send it: the same order, once more on its way.
      const isTakenOver = entry.actor.name === "reconciliation" && live.order.venueOrderId === undefined
      if (!isTakenOver) fail(`${id} is journaled as submitted twice`)
      if (before.breaker.causes.killSwitch && !first.byPerson)
        fail(`${id} is sent again while trading is halted`)
      return
    }
    const byPerson = entry.actor.kind === "person"
    this.submitted.set(id, { sequence: entry.sequence, byPerson })
    if (live.order.role !== "ENTRY") return
    const traded = tradedBy(live.order.content)
    const marks = this.marksAt(before, entry.event.tsEvent)
    const problems = Exposures.problems({ book: before, order: live, limits: this.watched.limits, marks })
    for (const problem of problems.broken) fail(`${id} passed a limit: ${problem}`)
    if (before.breaker.causes.killSwitch && !(byPerson && problems.isReducing))
      fail(`${id} was let through while trading was halted`)
    if ((before.breaker.causes.dailyLoss || before.breaker.causes.drawdown) && !problems.isReducing)
      fail(`${id} was let through while trading was reducing`)
    for (const { order } of Object.values(before.orders)) {
      if (order.status === "Unknown" && tradedBy(order.content).some((one) => traded.includes(one)))
        fail(`${id} was let through while ${order.clientOrderId} is unknown`)
    }
    this.checkRate(entry)
  }

  private marksAt(book: Book.BookState, at: JournalEvent["tsEvent"]): ReadonlyMap<InstrumentId, number> {
    const marks = new Map<InstrumentId, number>()
    for (const { instrumentId } of Ledger.positions(book.ledger)) {
      const mark = this.watched.market.lastAt(instrumentId, at)
      if (mark !== undefined) marks.set(instrumentId, mark)
    }
    return marks
  }

  /** Neither clock may see more messages in a minute than the rate. */
  private checkRate(entry: JournalEntry): void {
    const { ordersPerMinute } = this.watched.limits
    const steady = steadyTimeOf(entry)
    this.sentAt.push({ market: entry.event.tsEvent, steady })
    if (ordersPerMinute === null) return
    for (const [clock, now] of [
      ["market", entry.event.tsEvent],
      ["steady", steady]
    ] as const) {
      const within = this.sentAt.filter((message) => message[clock] > now - MINUTE_MICROS).length
      if (within > ordersPerMinute)
        this.watched.fail(
          `${within} messages within a minute of the ${clock} clock, more than ${ordersPerMinute}`
        )
    }
  }

  /** A process hands these orders to the line, now. */
  onSend(process: SimulatedProcess, orders: ReadonlyArray<VenueOrder>): void {
    const { fail } = this.watched
    this.look()
    if (!process.hasAskedForWorking || !process.hasReadRecord)
      fail(`${process.name} sends an order before it was reconciled`)
    this.readAuditFiles()
    for (const { clientOrderId } of orders) {
      this.sent.add(clientOrderId)
      const journaled = this.submitted.get(clientOrderId)
      if (journaled === undefined) fail(`${clientOrderId} is sent and not journaled`)
      if (!this.submittedOnDisk.has(clientOrderId))
        fail(`${clientOrderId} is sent before its audit entry is on disk`)
      if (this.denied.has(clientOrderId)) fail(`${clientOrderId} was denied and is sent`)
      const isAfterHalt =
        this.haltedAt !== undefined && journaled !== undefined && journaled.sequence > this.haltedAt
      if (isAfterHalt && !journaled.byPerson) fail(`${clientOrderId} is sent after the halt`)
    }
  }

  /** Reads what was added to the audit files since the last time. */
  private readAuditFiles(): void {
    const { auditFolder } = this.watched
    if (!existsSync(auditFolder)) return
    for (const name of readdirSync(auditFolder).toSorted()) {
      const path = join(auditFolder, name)
      const from = this.auditRead.get(name) ?? 0
      const size = statSync(path).size
      if (size <= from) continue
      const bytes = Buffer.alloc(size - from)
      const fd = openSync(path, "r")
      readSync(fd, bytes, 0, bytes.length, from)
      closeSync(fd)
      const whole = bytes.lastIndexOf(10) + 1
      this.auditRead.set(name, from + whole)
      for (const text of bytes.subarray(0, whole).toString("utf8").split("\n")) {
        if (text === "") continue
        const line: AuditLine = JSON.parse(text)
        this.audited.push(line)
        if (line.action === "order.submitted") this.submittedOnDisk.add(line.resource.slice("order/".length))
      }
    }
  }

  /** The audit files tell the journal, line by line. */
  checkAuditFiles(): void {
    const { fail } = this.watched
    this.readAuditFiles()
    if (this.audited.length !== this.lines.length)
      fail(`the audit files have ${this.audited.length} entries and the journal ${this.lines.length} lines`)
    for (const [index, { actor, details }] of this.audited.entries()) {
      const line = this.lines[index]
      if (line === undefined || canonicalize({ ...details, actor }) !== canonicalize(line)) {
        fail(`audit entry ${index + 1} is not journal line ${index + 1}`)
        return
      }
    }
  }

  /** Orders that can still change. */
  get working(): ReadonlyArray<ClientOrderId> {
    return Object.values(this.book.orders)
      .filter(({ order }) => !isTerminal(order.status))
      .map(({ order }) => order.clientOrderId)
  }
}
