/** Desks broken on purpose: the simulator has to notice each of them. */
import { Effect } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { clientOrderId } from "../../src/domain/Identifiers.ts"
import type { BookState } from "../../src/execution/Book.ts"
import { BookKeeper } from "../../src/execution/BookKeeper.ts"
import { Venue } from "../../src/execution/Venue.ts"
import type { Sabotage } from "./SimulatedProcess.ts"

/** The book as if nobody had ever halted. */
const withoutHalt = (book: BookState): BookState => ({
  ...book,
  breaker: { ...book.breaker, causes: { ...book.breaker.causes, killSwitch: false } }
})

/** The book with orders without an answer taken for working ones. */
const withoutUnknown = (book: BookState): BookState => ({
  ...book,
  orders: Object.fromEntries(
    Object.entries(book.orders).map(([id, live]) => [
      id,
      live.order.status === "Unknown"
        ? { ...live, order: { ...live.order, status: "Submitted" as const } }
        : live
    ])
  )
})

const seenAs =
  (change: (book: BookState) => BookState) =>
  (keeper: BookKeeper["Service"]): BookKeeper["Service"] =>
    BookKeeper.of({
      ...keeper,
      current: Effect.map(keeper.current, change),
      transact: (work) => keeper.transact((book) => work({ ...book, state: () => change(book.state()) }))
    })

export interface NamedSabotage {
  /** "a desk that …" */
  readonly what: string
  readonly sabotage: Sabotage
  /** What the simulator says of it. */
  readonly noticed: RegExp
}

export const sabotages: ReadonlyArray<NamedSabotage> = [
  {
    what: "sends an order again under another name when no answer came",
    noticed: /is sent and not journaled/u,
    sabotage: {
      venue: (venue) =>
        Venue.of({
          ...venue,
          send: Effect.fnUntraced(function* (orders, leave) {
            const outcomes = yield* venue.send(orders, leave)
            const unanswered = orders.filter((_, index) => outcomes[index]?._tag === "Unanswered")
            yield* venue.send(
              unanswered.map((order) => ({
                ...order,
                clientOrderId: clientOrderId(`${order.clientOrderId}-r`)
              })),
              leave
            )
            return outcomes
          })
        })
    }
  },
  {
    what: "does not wait for the audit log",
    noticed: /before its audit entry is on disk/u,
    sabotage: { audit: (audit) => AuditLog.of({ ...audit, flush: Effect.void }) }
  },
  {
    what: "trades before it was reconciled",
    noticed: /before it was reconciled/u,
    sabotage: { isReconciledFromTheStart: true }
  },
  {
    what: "holds orders against another limit than the one in force",
    noticed: /passed a limit: the position/u,
    sabotage: { limits: (limits) => ({ ...limits, positionRatio: 1 }) }
  },
  {
    what: "counts no messages",
    noticed: /messages within a minute/u,
    sabotage: { limits: (limits) => ({ ...limits, ordersPerMinute: null }) }
  },
  {
    what: "does not see a halt",
    noticed: /while trading was halted|after the halt|after a halt/u,
    sabotage: { keeper: seenAs(withoutHalt) }
  },
  {
    what: "takes an unknown order for a working one",
    noticed: /was let through while .* is unknown/u,
    sabotage: { keeper: seenAs(withoutUnknown) }
  },
  {
    what: "passes over a fill in the venue's record",
    noticed: /happened and is not journaled|in cash and the venue|hold .* and the venue/u,
    sabotage: {
      venue: (venue) =>
        Venue.of({
          ...venue,
          record: (options) =>
            Effect.map(venue.record(options), (lines) =>
              lines.filter(({ event, position }) => event._tag !== "OrderFilled" || position % 2 === 0)
            )
        })
    }
  },
  {
    what: "believes that what it asked to cancel is canceled",
    noticed: /at rest|and not in the books|after a halt/u,
    sabotage: { venue: (venue) => Venue.of({ ...venue, cancel: () => Effect.void }) }
  }
]
