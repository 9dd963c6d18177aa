/** The whole way of one order in words and times. */
import type { AuditEntry } from "../../audit/AuditEntry.ts"
import type { Caller } from "../../domain/Actor.ts"
import type { JournalEvent, JournalEventOf } from "../../domain/JournalEvent.ts"
import type { Order } from "../../domain/Order.ts"
import { timestamp, toIso } from "../../domain/Timestamp.ts"
import type { JournalEntry } from "../../execution/OrderJournal.ts"
import { toExchangeTime } from "../../market/TradingCalendar.ts"
import { fillRows } from "../../portfolio/FillRows.ts"
import { fillWords, happeningWords } from "./FillWords.ts"
import { priceWords, shareCount, type Style, table, usd } from "./Format.ts"
import { legWords } from "./LegWords.ts"
import { contentWords, sizeWords, symbolOf, typeWords } from "./OrderWords.ts"
import { quoteWords, verdictLines } from "./PreviewText.ts"
import { printable } from "./Terminal.ts"

const callerWords = (caller: Caller | undefined): string =>
  caller === undefined
    ? ""
    : ` by the agent ${caller.agent} in session ${caller.sessionId}, call ${caller.callId}`

/** Which contract, of an option: an order may be for several. */
const contractWords = ({ contract, instrumentId }: JournalEventOf<"OrderFilled">): string =>
  contract === undefined ? "" : ` ${symbolOf(instrumentId)}`

/** What an event says, in words. */
export const eventWords = (event: JournalEvent): string => {
  switch (event._tag) {
    case "OrderInitialized":
      return event.parent === undefined
        ? `asked for${callerWords(event.caller)}`
        : `prepared as an exit of ${event.parent}: ${contentWords(event.content)}`
    case "OrderDenied":
      return `denied by the rule ${event.rule}: ${event.reason}`
    case "OrderSubmitted":
      return "journaled, its audit entry written, and sent"
    case "OrderUnknown":
      return `no answer: ${event.reason}`
    case "OrderAccepted":
      return `accepted by the venue as ${event.venueOrderId}`
    case "OrderRejected":
      return `rejected by the venue: ${event.reason}`
    case "OrderTriggered":
      return "its stop was touched"
    case "OrderPendingUpdate":
      return `asked to become ${sizeWords(event.size)} ${typeWords(event.type)}${callerWords(event.caller)}`
    case "OrderUpdated":
      return `became ${sizeWords(event.size)} ${typeWords(event.type)}`
    case "OrderPendingCancel":
      return "asked to be canceled"
    case "OrderCancelRejected":
      return `the venue would not cancel or change it: ${event.reason}`
    case "OrderCanceled":
      return `canceled: ${event.reason}`
    case "OrderExpired":
      return `expired: ${event.reason}`
    case "OrderFilled":
      return `${event.side === "BUY" ? "bought" : "sold"} ${shareCount(event.quantity)}${contractWords(event)} at ${priceWords(event.price)}, fee ${usd(event.fee)}, trade ${event.tradeId}${event.final ? "; complete" : ""}`
    case "OptionExercised":
    case "OptionAssigned":
    case "OptionExpired":
      return `${fillRows(event).map(fillWords).join("; ")}: ${event.reason}`
    default:
      return happeningWords(event) ?? event._tag
  }
}

/** "2026-01-31 14:02:11 UTC" of the computer's clock. */
const wallTime = (micros: number): string => toIso(timestamp(micros)).slice(0, 19).replace("T", " ") + " UTC"

/** The quote that was cited, or that of each leg. */
const citedLines = ({
  content,
  legQuotes = [],
  quote,
  quoteId
}: JournalEventOf<"OrderInitialized">): ReadonlyArray<string> => {
  if (content.legs !== undefined) {
    return content.legs.map((leg) => {
      const cited = legQuotes.find(({ instrumentId }) => instrumentId === leg.instrumentId)
      const words =
        cited === undefined ? "a quote this desk never gave out" : `${cited.quoteId}: ${quoteWords(cited)}`
      return `  ${legWords(leg)}  ${words}`
    })
  }
  return [
    quote === undefined
      ? `  ${quoteId}, a quote this desk never gave out`
      : `  ${quoteId}: ${quoteWords(quote)}`
  ]
}

/** The order's whole way: the quote it cites, what the rules said, what happened, and where the audit log holds it. */
export const whyText = (
  order: Order,
  history: ReadonlyArray<JournalEntry>,
  audit: ReadonlyArray<AuditEntry>,
  style: Style
): ReadonlyArray<string> => {
  const asked = history.map(({ event }) => event).find((event) => event._tag === "OrderInitialized")
  const first = history[0]
  const decided =
    asked === undefined
      ? []
      : [
          "",
          style.bold("Decided on"),
          ...citedLines(asked),
          ...(asked.rationale === undefined ? [] : [`  "${printable(asked.rationale)}"`]),
          ...(asked.verdicts.length === 0
            ? []
            : ["", style.bold("What the rules said"), ...verdictLines(asked.verdicts, style)])
        ]
  return [
    `${style.bold(contentWords(order.content))}  ${order.status}`,
    `${order.clientOrderId}${first === undefined ? "" : `, asked for by ${first.actor.kind} ${first.actor.name}`}`,
    ...decided,
    "",
    style.bold("What happened (market time; the computer's time)"),
    ...table(
      history.map(({ event, tsWall }) => [
        toExchangeTime(event.tsEvent),
        wallTime(tsWall),
        printable(eventWords(event))
      ]),
      { indent: "  " }
    ),
    "",
    style.bold("In the audit log"),
    ...table(
      audit.map((entry) => [`entry ${entry.sequence}`, entry.action, entry.outcome, entry.hash.slice(0, 16)]),
      { indent: "  " }
    )
  ]
}
