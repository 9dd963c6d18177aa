/** May anything be sent at all: trading state, reconciliation, market hours. */
import type { OrderContent } from "../../domain/Order.ts"
import { toExchangeTime } from "../../market/TradingCalendar.ts"
import { deny, pass, type Rule } from "./Ruling.ts"

/** Active: all orders. Reducing: reducing orders. Halted: reducing orders a person sends by hand. */
export const tradingState: Rule = ({ reducing, snapshot }) => {
  const measured = { rule: "trading-state", unit: "none" } as const
  switch (snapshot.tradingState) {
    case "Active":
      return pass(measured, "Trading is active.")
    case "Reducing":
      return reducing
        ? pass(measured, "Trading is reducing, and so is the order.")
        : deny(
            measured,
            "Trading is reducing: only cancels and orders that make a position smaller are taken."
          )
    case "Halted":
      return reducing && snapshot.person === true
        ? pass(measured, "Trading is halted; a person is reducing a position by hand.")
        : deny(
            measured,
            "Trading is halted: only cancels are taken, and reducing orders that a person sends by hand. A person can resume."
          )
    default:
      return deny(measured, "The trading state is missing.")
  }
}

/** After a start the desk's orders are compared with the venue's first; an instrument with an Unknown order waits. */
export const reconciliation: Rule = ({ legs, order, snapshot }) => {
  const measured = { rule: "reconciliation", unit: "none" } as const
  if (snapshot.reconciled !== true) {
    return deny(
      measured,
      "Orders have not been reconciled with the venue since the start: wait until they are."
    )
  }
  if (snapshot.unknownInstruments === undefined) {
    return deny(measured, "The list of instruments with unknown orders is missing.")
  }
  const unknown = snapshot.unknownInstruments
  const own = order.content.instrumentId
  const id = unknown.has(own) ? own : legs.find(({ instrumentId }) => unknown.has(instrumentId))?.instrumentId
  return id !== undefined
    ? deny(
        measured,
        `An order in ${id} is unknown: nothing more is sent for it until that one is reconciled.`
      )
    : pass(measured, "Orders agree with the venue.")
}

/** What may wait overnight: orders for the open, and those with a price of their own that stay until canceled. */
const mayWait = (content: OrderContent): boolean =>
  content.timeInForce === "AT_THE_OPEN" || (content.timeInForce === "GTC" && content.type._tag !== "Market")

/** Clock: market. In a session everything but AT_THE_OPEN; between sessions what may wait for the next open. */
export const marketHours: Rule = ({ order, snapshot }) => {
  const measured = { rule: "market-hours", unit: "none" } as const
  const { session } = snapshot
  const { timeInForce } = order.content
  if (session === undefined) return deny(measured, "Whether the market is open is missing.")
  if (session.open === true) {
    return timeInForce === "AT_THE_OPEN"
      ? deny(
          measured,
          "The session has opened already: send AT_THE_OPEN after the close, or another time in force."
        )
      : pass(measured, "The market is open.")
  }
  if (session.open !== false || !Number.isSafeInteger(session.lastClose)) {
    return deny(measured, "The end of the last session is missing.")
  }
  return mayWait(order.content)
    ? pass(measured, "The market is closed; the order waits for the open.")
    : deny(
        measured,
        `The market has been closed since ${toExchangeTime(session.lastClose)}: send AT_THE_OPEN, a GTC order with a price, or wait.`
      )
}
