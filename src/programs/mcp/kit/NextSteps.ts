/** What to do about failures that many tools share. Each server picks those its tools can meet. */

const again = "nothing was written: wait a moment and try the same again."
const person =
  "tell a person: `plimsoll doctor` shows what is wrong. Orders are refused meanwhile; cancels and halt_trading work."

/** Of whatever keeps the desk's state. */
export const storageSteps = {
  StorageBusy: again,
  StorageFailed: person,
  StorageUnknown:
    "it may or may not have been kept: look (get_orders, get_positions) before you do it another way; the same call again is safe.",
  StorageCorrupt: "stop trading and tell a person: `plimsoll recover --check` tells what can be got back."
} as const

/** Of the desk's market. */
export const marketSteps = {
  BadMarketData: person,
  MarketSourceError: person,
  MarketClockUnavailable: person
} as const

export const instrumentSteps = {
  InstrumentNotFound: "use a symbol that search_instruments gives."
} as const

export const quoteSteps = {
  QuoteUnavailable:
    "there is no price now: get_market_status says whether the market is open; choose another instrument or time."
} as const

/** Of anything that opens the desk's books (`BrokerUnavailable`). */
export const brokerSteps = {
  ...storageSteps,
  ...marketSteps,
  ...instrumentSteps,
  JournalDisagrees:
    "stop trading and tell a person: journal and audit log differ (`plimsoll recover --check`).",
  AuditUnreadable: person,
  AuditWriteFailed: "nothing was sent: the audit log cannot be written. Tell a person; the disk may be full.",
  VenueUnanswered: "the venue did not answer: look at get_orders before you try again.",
  CrankContended: again,
  OrderInvalid: "call it again with arguments that fit together.",
  AccountNotOpen: "a person has to run `plimsoll init`."
} as const

export const cursorSteps = {
  CursorInvalid: "call it without a cursor to start anew."
} as const
