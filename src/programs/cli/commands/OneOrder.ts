/** The order that an argument names. */
import { Effect, Option } from "effect"
import { Argument } from "effect/cli"
import { clientOrderId } from "../../../domain/Identifiers.ts"
import { Broker } from "../../../execution/Broker.ts"
import { OrderNotFound } from "../../../execution/BrokerErrors.ts"

export const idArgument = Argument.String("order").pipe(Argument.withDescription("the order's id"))

export const orderOf = Effect.fnUntraced(function* (id: string) {
  const broker = yield* Broker
  const found = yield* broker.order(clientOrderId(id))
  if (Option.isSome(found)) return found.value
  return yield* new OrderNotFound({
    clientOrderId: id,
    message: `there is no order ${id}: plimsoll order list shows them`
  })
})
