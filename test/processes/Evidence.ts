/**
 * What has to hold of a desk whatever happened to the processes that worked on it, worked out anew from what they
 * left: journal, audit log, the venue's own record, the orders as they stand. The arithmetic here is its own.
 */
import canonicalize from "canonicalize"
import { Effect, Option, Schema } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { isFillEvent, type JournalEvent, VenueEvent } from "../../src/domain/JournalEvent.ts"
import { isTerminal, type Order } from "../../src/domain/Order.ts"
import * as Book from "../../src/execution/Book.ts"
import { JournalEntry, OrderJournal } from "../../src/execution/OrderJournal.ts"
import { MatchingState } from "../../src/execution/paper/MatchingState.ts"
import { PaperVenueStore } from "../../src/execution/paper/PaperVenueStore.ts"

const MANY = 1_000_000

const decodeLines = Schema.decodeUnknownEffect(Schema.Array(JournalEntry), { onExcessProperty: "error" })
const decodeVenue = Schema.decodeUnknownEffect(
  Schema.fromJsonString(Schema.Struct({ matching: Schema.Struct({ working: MatchingState.fields.working }) }))
)

/** Everything a desk has on disk, read through its stores. */
export const gather = Effect.gen(function* () {
  const journal = yield* OrderJournal
  const audit = yield* AuditLog
  const venue = yield* PaperVenueStore
  const lines = yield* journal.read({ after: 0, limit: MANY })
  const intact = yield* audit.verify
  const entries = yield* audit.entries({ fromSequence: 1, limit: MANY })
  const audited = yield* decodeLines(entries.map(({ actor, details }) => ({ actor, ...Object(details) })))
  const record = yield* venue.record({ after: 0, limit: MANY })
  const stored = yield* venue.load
  const matching = Option.isNone(stored) ? undefined : (yield* decodeVenue(stored.value.body)).matching
  const accounts = [...new Set(lines.map(({ accountId }) => accountId))]
  const orders: Array<Order> = []
  for (const accountId of accounts) {
    for (const { order } of yield* journal.orders({ accountId, limit: MANY })) orders.push(order)
  }
  const checkpoint = yield* journal.checkpoint
  return {
    lines,
    audited,
    unwritten: intact.unwritten,
    record: record.map(({ event }) => event),
    working: (matching?.working ?? []).map(({ clientOrderId }) => clientOrderId),
    orders,
    checkpoint: Option.getOrUndefined(checkpoint),
    ingested: yield* journal.venuePosition
  }
})

export type Evidence = Effect.Success<typeof gather>

const isVenueEvent = Schema.is(VenueEvent)
const text = (value: unknown): string => canonicalize(value) ?? ""

/** What came from the venue: what the desk closed by itself says so. */
const fromVenue = ({ actor, event }: JournalEntry): boolean =>
  isVenueEvent(event) && actor.name !== "reconciliation" && actor.name !== "broker"

const repeated = (names: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i))
]

/** Fills of a journal or a record. */
export const fillsOf = (events: ReadonlyArray<JournalEvent>) =>
  events.flatMap((event) => (event._tag === "OrderFilled" ? [event] : []))

/** Millionths of a dollar that an event brings or takes. */
const cashOf = (event: JournalEvent): bigint => {
  switch (event._tag) {
    case "CashDeposited":
    case "DividendPaid":
      return BigInt(event.amount)
    case "CashWithdrawn":
      return -BigInt(event.amount)
    case "SplitApplied":
      return BigInt(event.cashInLieu)
    case "OptionExercised":
    case "OptionAssigned": {
      const { cash, delivery, fee } = event
      const paid = delivery?.side === "BUY" ? -BigInt(delivery.amount) : BigInt(delivery?.amount ?? 0)
      return paid + BigInt(cash ?? 0) - BigInt(fee)
    }
    case "OrderFilled": {
      const value = (BigInt(event.price) * BigInt(event.quantity) * BigInt(event.multiplier)) / 1_000_000n
      return (event.side === "BUY" ? -value : value) - BigInt(event.fee)
    }
    default:
      return 0n
  }
}

/** What comes (or goes: below zero) of each instrument by trades and by how options end, millionths. */
const movesOf = (event: JournalEvent): ReadonlyArray<readonly [id: string, change: bigint]> => {
  const signed = (side: "BUY" | "SELL", quantity: number) =>
    side === "BUY" ? BigInt(quantity) : -BigInt(quantity)
  switch (event._tag) {
    case "OrderFilled":
    case "OptionExpired":
      return [[event.instrumentId, signed(event.side, event.quantity)]]
    case "OptionExercised":
    case "OptionAssigned": {
      const { delivery, instrumentId, quantity } = event
      const gone = signed(event._tag === "OptionExercised" ? "SELL" : "BUY", quantity)
      return delivery === undefined
        ? [[instrumentId, gone]]
        : [
            [instrumentId, gone],
            [delivery.instrumentId, signed(delivery.side, delivery.quantity)]
          ]
    }
    default:
      return []
  }
}

/** Cash, shares and contracts, in millionths, after all lines of the account in force. */
export const countBooks = (lines: ReadonlyArray<JournalEntry>) => {
  let cash = 0n
  const held = new Map<string, bigint>()
  for (const { event } of lines) {
    if (event._tag === "AccountOpened") {
      cash = 0n
      held.clear()
    }
    cash += cashOf(event)
    for (const [id, change] of movesOf(event)) held.set(id, (held.get(id) ?? 0n) + change)
    if (event._tag === "OptionAdjusted") {
      const { denominator, instrumentId, numerator, to } = event
      const before = held.get(instrumentId) ?? 0n
      held.delete(instrumentId)
      held.set(to, (held.get(to) ?? 0n) + (before * BigInt(numerator)) / BigInt(denominator))
    }
    if (event._tag === "SplitApplied") {
      const before = held.get(event.instrumentId) ?? 0n
      const after = (before * BigInt(event.numerator)) / BigInt(event.denominator)
      held.set(event.instrumentId, after - (after % 1_000_000n))
    }
  }
  return { cash, held: new Map([...held].filter(([, quantity]) => quantity !== 0n)) }
}

/** A combo's fills are of every leg, for the same units, in one go. */
const comboProblems = ({ lines, orders }: Evidence): ReadonlyArray<string> =>
  orders.flatMap(({ clientOrderId, content }) => {
    const { legs } = content
    if (legs === undefined) return []
    const fills = fillsOf(lines.map(({ event }) => event)).filter(
      (fill) => fill.clientOrderId === clientOrderId
    )
    const whole = fills.reduce((sum, { units = 0 }) => sum + units, 0)
    const isWhole = legs.every(
      ({ instrumentId, ratio }) =>
        fills.reduce((sum, fill) => sum + (fill.instrumentId === instrumentId ? fill.quantity : 0), 0) ===
        whole * ratio
    )
    const isAtOnce = new Set(fills.map(({ tsEvent }) => tsEvent)).size <= 1
    return isWhole && isAtOnce ? [] : [`${clientOrderId} has legs that stand alone: ${text(fills)}`]
  })

const bookProblems = ({ checkpoint, lines, orders }: Evidence): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const book = Book.applyAll(Book.unopened, lines)
  const naive = countBooks(lines)
  if (BigInt(book.ledger.cash) !== naive.cash)
    problems.push(`cash is ${book.ledger.cash}, the fills say ${naive.cash}`)
  const held = Object.values(book.ledger.positions)
    .filter(({ quantity }) => quantity !== 0)
    .map(({ instrumentId, quantity }) => `${instrumentId} ${quantity}`)
  const counted = [...naive.held].map(([id, quantity]) => `${id} ${quantity}`)
  if (text(held.toSorted()) !== text(counted.toSorted())) {
    problems.push(`positions are ${held.join(", ")}; the fills say ${counted.join(", ")}`)
  }
  if (checkpoint !== undefined) {
    const at = Book.applyAll(Book.unopened, lines.slice(0, checkpoint.sequence))
    if (text(JSON.parse(checkpoint.body)) !== text(JSON.parse(Book.encode(at))))
      problems.push("the checkpoint is not the fold of its lines")
  }
  const filled = new Map<string, number>()
  const combos = new Set<string>(
    orders.flatMap(({ clientOrderId, content }) => (content.legs === undefined ? [] : [clientOrderId]))
  )
  for (const { clientOrderId, quantity, units } of fillsOf(lines.map(({ event }) => event))) {
    const counts = combos.has(clientOrderId) ? (units ?? 0) : quantity
    filled.set(clientOrderId, (filled.get(clientOrderId) ?? 0) + counts)
  }
  for (const order of orders) {
    const live = Book.liveOrder(book, order.clientOrderId)
    const journaled = filled.get(order.clientOrderId) ?? 0
    if (order.filledQuantity !== journaled) {
      problems.push(`${order.clientOrderId} is kept with ${order.filledQuantity} filled, not ${journaled}`)
    }
    if (live === undefined ? !isTerminal(order.status) : text(live.order) !== text(order)) {
      problems.push(
        `${order.clientOrderId} is kept as ${order.status}, the book says ${live?.order.status ?? "closed"}`
      )
    }
  }
  return problems
}

/** Each line of the venue's record stands in the journal once, in its order; all of them up to where it was read. */
const venueProblems = (
  { ingested, lines, record, working }: Evidence,
  settled: boolean
): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const journaled = lines.filter(fromVenue).map(({ event }) => text(event))
  const recorded = record.slice(0, settled ? undefined : ingested).map(text)
  const differs = recorded.findIndex((event, i) => event !== journaled[i])
  if (differs !== -1 || recorded.length !== journaled.length) {
    problems.push(
      `the venue's record (${recorded.length}) and the journal (${journaled.length}) differ at ${differs}: ${recorded[differs]} / ${journaled[differs]}`
    )
  }
  const accepted = record.flatMap(({ _tag, clientOrderId }) =>
    _tag === "OrderAccepted" ? [clientOrderId] : []
  )
  for (const id of repeated(accepted)) problems.push(`${id} was accepted twice`)
  const trades = lines.flatMap(({ event }) => (isFillEvent(event) ? [event.tradeId] : []))
  for (const id of repeated(trades)) problems.push(`fill ${id} was journaled twice`)
  for (const id of repeated(fillsOf(record).map(({ tradeId }) => tradeId)))
    problems.push(`fill ${id} was made twice`)
  if (settled) {
    const book = Book.applyAll(Book.unopened, lines)
    const open = Object.values(book.orders).map(({ order }) => order)
    for (const { clientOrderId, status } of open) {
      if (status !== "Accepted" && status !== "PartiallyFilled")
        problems.push(`${clientOrderId} stays ${status}`)
      if (!working.includes(clientOrderId))
        problems.push(`${clientOrderId} is ${status} and does not work at the venue`)
    }
    const names: ReadonlyArray<string> = open.map(({ clientOrderId }) => clientOrderId)
    for (const id of working)
      if (!names.includes(id)) problems.push(`${id} works at the venue and not in the book`)
  }
  return problems
}

/** What reconciliation had to put right: a death alone must not put the books and the venue at odds. */
const corrections = ({ lines }: Evidence): ReadonlyArray<string> =>
  lines.flatMap(({ event, sequence }) =>
    event._tag === "PositionCorrected" || event._tag === "CashCorrected"
      ? [`line ${sequence} corrects the books: ${event.reason}`]
      : []
  )

const auditProblems = ({ audited, lines }: Evidence): ReadonlyArray<string> =>
  text(audited) === text(lines)
    ? []
    : [`the audit log (${audited.length}) does not hold the journal (${lines.length})`]

/** What is wrong; `settled` when the desk has been reconciled and nobody works on it. */
export const problemsOf = (evidence: Evidence, settled: boolean): ReadonlyArray<string> => {
  const gap = evidence.lines.findIndex(({ sequence }, i) => sequence !== i + 1)
  if (gap !== -1) return [`line ${gap + 1} is missing from the journal`]
  return [
    ...bookProblems(evidence),
    ...comboProblems(evidence),
    ...venueProblems(evidence, settled),
    ...auditProblems(evidence),
    ...corrections(evidence),
    ...(settled && evidence.unwritten > 0 ? [`${evidence.unwritten} audit entries are in no file`] : [])
  ]
}
