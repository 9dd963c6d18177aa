/** Fills as the tools tell them: money as decimal text, times in UTC. */
import { Schema } from "effect"
import { formatMicros } from "../../../domain/Money.ts"
import { toIso } from "../../../domain/Timestamp.ts"
import type { FillRow as Fill } from "../../../portfolio/FillRows.ts"
import { symbolOf } from "../../cli/LegWords.ts"

export const FillRow = Schema.Struct({
  /** TRADE of an order; EXERCISE, ASSIGNMENT, EXPIRY of contracts; DELIVERY of shares on them. */
  kind: Schema.Literals(["TRADE", "EXERCISE", "ASSIGNMENT", "EXPIRY", "DELIVERY"]),
  tradeId: Schema.String,
  /** Null where no order asked for it. */
  orderId: Schema.NullOr(Schema.String),
  symbol: Schema.String,
  side: Schema.String,
  quantity: Schema.String,
  price: Schema.String,
  /** What the price of a unit is multiplied by. */
  multiplier: Schema.Int,
  /** Paid or received in all, without the fee. */
  amount: Schema.String,
  fee: Schema.String,
  at: Schema.String
})

export const fillRow = (fill: Fill): typeof FillRow.Type => ({
  kind: fill.kind,
  tradeId: fill.tradeId,
  orderId: fill.clientOrderId ?? null,
  symbol: symbolOf(fill.instrumentId),
  side: fill.side,
  quantity: formatMicros(fill.quantity),
  price: formatMicros(fill.price),
  multiplier: fill.multiplier,
  amount: formatMicros(fill.amount),
  fee: formatMicros(fill.fee),
  at: toIso(fill.tsEvent)
})
