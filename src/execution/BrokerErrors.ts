/** Every way an order can fail to be done, as a value that says what to do. */
import { Schema } from "effect"
import { ClientOrderId } from "../domain/Identifiers.ts"
import { OrderStatus } from "../domain/Order.ts"
import { Verdict } from "../domain/Verdict.ts"

/** Refused by our own rules and never sent. `verdicts` has what every rule said. */
export class OrderDenied extends Schema.TaggedError<OrderDenied>()("OrderDenied", {
  clientOrderId: ClientOrderId,
  rule: Schema.String,
  value: Schema.optionalKey(Schema.Finite),
  limit: Schema.optionalKey(Schema.Finite),
  verdicts: Schema.Array(Verdict),
  message: Schema.String
}) {}

/** The denial that a rule's verdict makes. */
export const deniedBy = (
  clientOrderId: ClientOrderId,
  denied: Verdict,
  verdicts: ReadonlyArray<Verdict>
): OrderDenied =>
  new OrderDenied({
    clientOrderId,
    rule: denied.rule,
    ...(denied.value === undefined ? {} : { value: denied.value }),
    ...(denied.limit === undefined ? {} : { limit: denied.limit }),
    verdicts,
    message: denied.message
  })

/** Refused by the venue. */
export class OrderRejected extends Schema.TaggedError<OrderRejected>()("OrderRejected", {
  clientOrderId: ClientOrderId,
  message: Schema.String
}) {}

/** Sent, and no answer came: it may be working. Do not send it again; it is looked up by its id until it is known. */
export class OrderOutcomeUnknown extends Schema.TaggedError<OrderOutcomeUnknown>()("OrderOutcomeUnknown", {
  clientOrderId: ClientOrderId,
  message: Schema.String
}) {}

/** The request contradicts itself, such as a combo under another name than its legs': not looked at, not journaled, not sent. */
export class OrderInvalid extends Schema.TaggedError<OrderInvalid>()("OrderInvalid", {
  message: Schema.String
}) {}

/** The ClientOrderId is taken by an order of other content. */
export class ClientOrderIdConflict extends Schema.TaggedError<ClientOrderIdConflict>()(
  "ClientOrderIdConflict",
  {
    clientOrderId: ClientOrderId,
    message: Schema.String
  }
) {}

export class OrderNotFound extends Schema.TaggedError<OrderNotFound>()("OrderNotFound", {
  clientOrderId: Schema.String,
  message: Schema.String
}) {}

/** The order can change no more. */
export class OrderNotWorking extends Schema.TaggedError<OrderNotWorking>()("OrderNotWorking", {
  clientOrderId: ClientOrderId,
  status: OrderStatus,
  message: Schema.String
}) {}

/** So many orders wait in this process already; this one was not looked at, not journaled and not sent. */
export class BrokerBusy extends Schema.TaggedError<BrokerBusy>()("BrokerBusy", {
  waiting: Schema.Int,
  message: Schema.String
}) {}

/** There is nothing to close. */
export class NoPosition extends Schema.TaggedError<NoPosition>()("NoPosition", {
  instrumentId: Schema.String,
  message: Schema.String
}) {}

/** The desk has no account yet. */
export class AccountNotOpen extends Schema.TaggedError<AccountNotOpen>()("AccountNotOpen", {
  message: Schema.String
}) {}
