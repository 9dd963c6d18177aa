/** The whole way of one order: as it stands, its journal lines, and the audit entries that announce them. */
import { Effect, Option } from "effect"
import { AuditLog } from "../audit/AuditLog.ts"
import type { ClientOrderId } from "../domain/Identifiers.ts"
import { Broker } from "./Broker.ts"
import { OrderNotFound } from "./BrokerErrors.ts"
import type { JournalEntry } from "./OrderJournal.ts"

/** The log's entries of these journal lines: each line is announced by the entry of its own number. */
const entriesOf = Effect.fnUntraced(function* (history: ReadonlyArray<JournalEntry>) {
  const log = yield* AuditLog
  const pages = yield* Effect.forEach(history, ({ sequence }) =>
    log.entries({ fromSequence: sequence, limit: 1 })
  )
  return pages.flat()
})

/** Fails when the desk has no such order; `lister` is what shows the orders there are. */
export const orderTrail = Effect.fn("OrderTrail")(function* (id: ClientOrderId, lister: string) {
  const broker = yield* Broker
  const order = yield* broker.order(id)
  if (Option.isNone(order)) {
    return yield* new OrderNotFound({
      clientOrderId: id,
      message: `there is no order ${id}: ${lister} shows them`
    })
  }
  const history = yield* broker.history(id)
  return { order: order.value, history, audit: yield* entriesOf(history) }
})
