/**
 * Cash and positions held against the venue's own.
 *
 * Where they differ the books follow the venue: a journaled correction for each
 * figure, told as a warning and shown by the status from then on. Compared is
 * only like with like: the books as of the very line of the venue's record that
 * its statement is of, and with nothing journaled between the question and the
 * correction.
 */
import { Effect } from "effect"
import type { Actor } from "../domain/Actor.ts"
import type { InstrumentId } from "../domain/Identifiers.ts"
import { instrumentId } from "../domain/Identifiers.ts"
import { contractOf } from "../domain/Instrument.ts"
import type { JournalEvent } from "../domain/JournalEvent.ts"
import { formatMicros, type Price, price, signedQuantity } from "../domain/Money.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { BookState } from "./Book.ts"
import { type BrokerContext, LONGEST_LOOK_MILLIS } from "./BrokerContext.ts"
import type { VenueAccount } from "./VenueAccount.ts"

type Context = BrokerContext["Service"]

/** While others trade no moment may be quiet enough: so often it is tried, the first times at once. */
const MAX_TRIES = 50
const IN_A_ROW = 5

const actor: Actor = { kind: "desk", name: "reconciliation" }

const heldAt = (account: VenueAccount, id: InstrumentId): number =>
  Object.hasOwn(account.positions, id) ? (account.positions[id] ?? 0) : 0

/** Instruments whose quantity differs. */
export const differingPositions = (
  ledger: Ledger.LedgerState,
  account: VenueAccount
): ReadonlyArray<InstrumentId> => {
  const ids = new Set([
    ...Ledger.positions(ledger).map((position) => position.instrumentId),
    ...Object.keys(account.positions).map(instrumentId)
  ])
  return [...ids].filter((id) => (ledger.positions[id]?.quantity ?? 0) !== heldAt(account, id)).toSorted()
}

/** What to journal so that the books say what the venue says; empty when they do. Pure. */
export const correctionsOf = (options: {
  readonly ledger: Ledger.LedgerState
  readonly account: VenueAccount
  readonly venue: string
  /** What a difference is worth: the last price. */
  readonly priceOf: (id: InstrumentId) => Price
  readonly multiplierOf: (id: InstrumentId) => number
  /** Of an option. */
  readonly contractOf: (id: InstrumentId) => OptionContract | undefined
  readonly tsEvent: Timestamp
}): ReadonlyArray<JournalEvent> => {
  const { account, contractOf, ledger, multiplierOf, priceOf, tsEvent, venue } = options
  const events: Array<JournalEvent> = []
  for (const id of differingPositions(ledger, account)) {
    const from = signedQuantity(ledger.positions[id]?.quantity ?? 0)
    const to = signedQuantity(heldAt(account, id))
    const reason = `${venue} holds ${formatMicros(to)} of ${id}, the books had ${formatMicros(from)}`
    const contract = contractOf(id)
    const at = {
      price: priceOf(id),
      multiplier: multiplierOf(id),
      ...(contract === undefined ? {} : { contract })
    }
    events.push({ _tag: "PositionCorrected", tsEvent, instrumentId: id, from, to, ...at, reason })
  }
  if (account.cash !== ledger.cash) {
    const reason = `${venue} holds ${formatMicros(account.cash, 2)} in cash, the books had ${formatMicros(ledger.cash, 2)}`
    events.push({ _tag: "CashCorrected", tsEvent, from: ledger.cash, to: account.cash, reason })
  }
  return events
}

/** The last price where there is one, else what was paid; nothing is known of a stranger without a price. */
const priceIn =
  (book: BookState, quotes: ReadonlyMap<InstrumentId, { readonly last: Price }>) =>
  (id: InstrumentId): Price => {
    const quote = quotes.get(id)
    if (quote !== undefined) return quote.last
    const held = book.ledger.positions[id]
    return price(held === undefined ? 0 : Ledger.averagePrice(held))
  }

const noQuotes: ReadonlyMap<InstrumentId, QuoteTick> = new Map()

/** One look; undefined when the desk or the venue moved meanwhile. */
const compare = Effect.fnUntraced(function* (context: Context) {
  yield* context.ingest
  const before = yield* context.keeper.current
  const { account, asOf } = yield* context.venue.statement
  const differing = differingPositions(before.ledger, account)
  const quotes = yield* context
    .quotesOf(differing)
    .pipe(Effect.timeoutOrElse({ duration: LONGEST_LOOK_MILLIS, orElse: () => Effect.succeed(noQuotes) }))
  const tsEvent = yield* context.timeOf(before)
  return yield* context.keeper.transact((open) =>
    Effect.gen(function* () {
      const book = open.state()
      if ((yield* context.journal.venuePosition) !== asOf) return undefined
      const events = correctionsOf({
        ledger: book.ledger,
        account,
        venue: context.venue.name,
        priceOf: priceIn(book, quotes),
        multiplierOf: (id) =>
          book.ledger.positions[id]?.multiplier ?? context.instrument(id)?.multiplier ?? 1,
        contractOf: (id) => contractOf(context.instrumentIn(book, id)),
        tsEvent
      })
      if (events.length > 0 && book.sequence !== before.sequence) return undefined
      yield* open.record(events, actor)
      return events
    })
  )
})

/** Corrects the books where the venue's cash or positions are others, and says so. False when they could not be compared. */
export const correctAccount = Effect.fnUntraced(function* (context: Context) {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > IN_A_ROW) yield* Effect.sleep("20 millis")
    const events = yield* compare(context)
    if (events === undefined) continue
    for (const event of events) {
      if ("reason" in event) yield* Effect.logWarning(`books corrected: ${event.reason}`)
    }
    return true
  }
  yield* Effect.logWarning("cash and positions were not compared with the venue's: the desk is busy")
  return false
})
