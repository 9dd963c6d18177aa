/** `plimsoll why ORDER`. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import type { AuditEntry } from "../../../audit/AuditEntry.ts"
import { AuditLog } from "../../../audit/AuditLog.ts"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { Broker } from "../../../execution/Broker.ts"
import { OrderNotFound } from "../../../execution/BrokerErrors.ts"
import { answer, documented, jsonFlag, onDesk, style } from "../CommandKit.ts"
import { orderJson } from "../OrderWords.ts"
import { whyText } from "../WhyText.ts"

const PAGE = 1000

/** The log's entries about one resource, from the first to the last. */
const entriesOf = Effect.fnUntraced(function* (resource: string) {
  const log = yield* AuditLog
  const found: Array<AuditEntry> = []
  for (let from = 1; ; from += PAGE) {
    const page = yield* log.entries({ fromSequence: from, limit: PAGE })
    for (const entry of page) if (entry.resource === resource) found.push(entry)
    if (page.length < PAGE) return found
  }
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
        const audit = yield* entriesOf(`order/${id}`)
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
