/**
 * The end of an instrument's trading, after the close of its last session.
 *
 * As LEAN has it: open orders are canceled, and what is held is sold (or bought
 * back) at the last price, for what an order of that size costs.
 */
import type { Actor } from "../../domain/Actor.ts"
import { clientOrderId, tradeId, venueOrderId } from "../../domain/Identifiers.ts"
import type { JournalEvent } from "../../domain/JournalEvent.ts"
import { notional, price, quantity } from "../../domain/Money.ts"
import type { OrderContent } from "../../domain/Order.ts"
import { concerns } from "../../execution/OrderLegs.ts"
import { type FeeModel, orderFee } from "../../execution/paper/FeeModel.ts"
import { quoteFromTick } from "../../market/QuoteFromTick.ts"
import type { Session } from "../../market/TradingCalendar.ts"
import { type BacktestDesk, venueActor } from "./BacktestDesk.ts"
import type { TrackReader } from "./TrackReader.ts"

export const delist = (
  desk: BacktestDesk,
  reader: TrackReader,
  { close, date }: Session,
  { actor, fee }: { readonly fee: FeeModel; readonly actor: Actor }
): void => {
  const { id, instrument } = reader
  const reason = `${instrument.symbol} is not traded any more after ${date}`
  for (const live of Object.values(desk.book.orders)) {
    if (concerns(live, id)) desk.record(desk.core.cancel(live.order.clientOrderId, close, reason), venueActor)
  }
  const position = desk.ledger.positions[id]
  const tick = reader.tickAt(close)
  const last = desk.marks.get(id) ?? tick?.last
  if (position === undefined || position.quantity === 0 || last === undefined) return
  const size = quantity(Math.abs(position.quantity))
  const order = clientOrderId(`delisted-${instrument.symbol}-${date}`)
  const content: OrderContent = {
    instrumentId: id,
    side: position.quantity > 0 ? "SELL" : "BUY",
    type: { _tag: "Market" },
    size: { _tag: "Quantity", quantity: size },
    timeInForce: "AT_THE_CLOSE"
  }
  const common = { clientOrderId: order, tsEvent: close }
  const { multiplier } = position
  const quote = quoteFromTick(
    tick ?? {
      instrumentId: id,
      tsEvent: close,
      phase: "CLOSE",
      bid: last,
      ask: last,
      last,
      bidSize: quantity(0),
      askSize: quantity(0),
      volume: quantity(0),
      source: reader.track.source
    },
    close
  )
  const events: ReadonlyArray<JournalEvent> = [
    {
      _tag: "OrderInitialized",
      ...common,
      content,
      role: "ENTRY",
      quoteId: quote.quoteId,
      quote,
      valuePrice: price(last),
      multiplier,
      reducing: true,
      verdicts: [],
      rationale: `${reason}: what is held leaves at its last price`
    },
    { _tag: "OrderSubmitted", ...common }
  ]
  desk.record(events, actor)
  desk.record(
    [
      { _tag: "OrderAccepted", ...common, venueOrderId: venueOrderId(`D-${instrument.symbol}`) },
      {
        _tag: "OrderFilled",
        ...common,
        tradeId: tradeId(`D-${instrument.symbol}`),
        instrumentId: id,
        side: content.side,
        quantity: size,
        price: last,
        fee: orderFee(fee, size, notional(last, size, multiplier), instrument._tag),
        multiplier,
        final: true
      }
    ],
    venueActor
  )
}
