/** `plimsoll why ORDER`. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { AuditLog } from "../../../audit/AuditLog.ts"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { Broker } from "../../../execution/Broker.ts"
import { OrderNotFound } from "../../../execution/BrokerErrors.ts"
import type { JournalEntry } from "../../../execution/OrderJournal.ts"
import { answer, documented, jsonFlag, onDesk, style } from "../CommandKit.ts"
import { orderJson } from "../OrderWords.ts"
import { whyText } from "../WhyText.ts"

/** The log's entries of these journal lines: each line is announced by the entry of its own number. */
const entriesOf = Effect.fnUntraced(function* (history: ReadonlyArray<JournalEntry>) {
  const log = yield* AuditLog
  const pages = yield* Effect.forEach(history, ({ sequence }) =>
    log.entries({ fromSequence: sequence, limit: 1 })
  )
  return pages.flat()
})

export const whyCommand = Command.make(
  "why",
  { id: Argument.String("order").pipe(Argument.withDescription("the order's id")), json: jsonFlag },
  ({ id, json }) =>
    onDesk(
      Effect.gen(function* () {
        const broker = yield* Broker
        const order = yield* broker.order(clientOrderId(id))
        if (Option.isNone(order)) {
          return yield* new OrderNotFound({
            clientOrderId: id,
            message: `there is no order ${id}: plimsoll order list shows them`
          })
        }
        const history = yield* broker.history(clientOrderId(id))
        const audit = yield* entriesOf(history)
        yield* answer(
          json,
          { order: orderJson(order.value), history, audit },
          whyText(order.value, history, audit, style())
        )
      })
    )
).pipe(
  documented(
    "The whole way of one order: the quote it was decided on, what every rule said, what happened when, and its audit entries.",
    ["why o-7d1c…", "by its id, as plimsoll order list shows it"]
  )
)
