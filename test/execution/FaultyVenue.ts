/** A venue that loses requests and answers, rejects, will not cancel: the paper venue behind a bad line. */
import { Context, Effect, Layer } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import type { ClientOrderId } from "../../src/domain/Identifiers.ts"
import { Venue, VenueUnanswered } from "../../src/execution/Venue.ts"
import type { VenueAccount } from "../../src/execution/VenueAccount.ts"
import type { VenueOrder } from "../../src/execution/VenueOrder.ts"

/** What goes wrong now; changed by tests as they go. */
export interface Line {
  /** lose-request: it never arrives. lose-answer: it is executed, and nobody hears of it. */
  send: "works" | "lose-request" | "lose-answer"
  cancel: "works" | "ignored" | "lose-answer"
  replace: "works" | "lose-request"
  /** Whether questions (record, knows, working) are answered. */
  answers: boolean
  /** Runs before an order goes out. */
  beforeSend: Effect.Effect<void>
  /** Runs once an order has been executed, before its answer is told. */
  afterSend: Effect.Effect<void>
  /** Runs before the audit log is made durable. */
  beforeFlush: Effect.Effect<void>
  /** What the venue says it holds, other than it does. */
  holds: (account: VenueAccount) => VenueAccount
  /** Orders the venue has forgotten that they work. */
  readonly forgotten: Set<ClientOrderId>
  /** Runs once the venue has said whether it knows an order. */
  afterKnows: Effect.Effect<void>
  /** Runs once a cancel has been executed. */
  afterCancel: Effect.Effect<void>
  readonly sent: Array<VenueOrder>
  readonly canceled: Array<ClientOrderId>
}

export class Faults extends Context.Service<Faults, Line>()("plimsoll/test/execution/FaultyVenue/Faults") {
  static readonly layer = Layer.sync(Faults, (): Line => ({
    send: "works",
    cancel: "works",
    replace: "works",
    answers: true,
    beforeSend: Effect.void,
    afterSend: Effect.void,
    beforeFlush: Effect.void,
    holds: (account) => account,
    forgotten: new Set(),
    afterKnows: Effect.void,
    afterCancel: Effect.void,
    sent: [],
    canceled: []
  }))
}

const lost = (operation: string) =>
  new VenueUnanswered({ venue: "faulty", operation, message: `${operation}: the line went dead` })

/** Stands before the audit log that is provided to it. */
export const auditLayer: Layer.Layer<AuditLog, never, AuditLog | Faults> = Layer.effect(
  AuditLog,
  Effect.gen(function* () {
    const real = yield* AuditLog
    const line = yield* Faults
    return AuditLog.of({
      ...real,
      flush: Effect.andThen(
        Effect.suspend(() => line.beforeFlush),
        real.flush
      )
    })
  })
)

/** Stands before whatever venue is provided to it. */
export const layer: Layer.Layer<Venue, never, Venue | Faults> = Layer.effect(
  Venue,
  Effect.gen(function* () {
    const real = yield* Venue
    const line = yield* Faults
    const answered = <A, E>(operation: string, question: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | VenueUnanswered> =>
        line.answers ? question : Effect.fail(lost(operation))
      )
    return Venue.of({
      name: "faulty",
      send: Effect.fnUntraced(function* (orders, leave) {
        yield* line.beforeSend
        const mode = line.send
        if (mode !== "lose-request") {
          line.sent.push(...orders)
          const outcomes = yield* real.send(orders, leave)
          yield* line.afterSend
          if (mode === "works") return outcomes
        }
        return orders.map(({ clientOrderId }) => ({
          _tag: "Unanswered" as const,
          clientOrderId,
          reason: "the line went dead"
        }))
      }),
      cancel: Effect.fnUntraced(function* (ids) {
        line.canceled.push(...ids)
        if (line.cancel === "ignored") return
        yield* real.cancel(ids)
        yield* line.afterCancel
        if (line.cancel === "lose-answer") return yield* lost("cancel")
      }),
      replace: (id, change, leave) =>
        Effect.suspend(() =>
          line.replace === "works"
            ? answered("replace", real.replace(id, change, leave))
            : Effect.fail(lost("replace"))
        ),
      record: (options) => answered("record", real.record(options)),
      knows: (id) =>
        answered(
          "knows",
          Effect.tap(real.knows(id), () => line.afterKnows)
        ),
      working: answered(
        "working",
        Effect.map(real.working, (ids) => ids.filter((id) => !line.forgotten.has(id)))
      ),
      statement: answered(
        "statement",
        Effect.map(real.statement, ({ account, asOf }) => ({ asOf, account: line.holds(account) }))
      )
    })
  })
)
