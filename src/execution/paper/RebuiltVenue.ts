/**
 * The paper venue's state where it was lost: made from what the journal has of
 * the venue's record. It knows every order it ever answered for, holds what the
 * books hold, and has nothing working; reconciliation closes what it had.
 */
import { Schema } from "effect"
import { type JournalEvent, type JournalEventOf, VenueEvent } from "../../domain/JournalEvent.ts"
import { type Price, price, proportion, signedQuantity, zeroMoney } from "../../domain/Money.ts"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import * as Ledger from "../../portfolio/Ledger.ts"
import type { BookState } from "../Book.ts"
import { emptyMatchingState, MatchingState } from "./MatchingState.ts"
import { Progress } from "./PaperMarket.ts"

export const isVenueEvent = Schema.is(VenueEvent)

/** "V-000012" → 12. */
const numberIn = (name: string): number => Number(/(\d+)$/u.exec(name)?.[1] ?? 0)

/** What has to be known of the record to number what comes next, and to value what is held. */
export const makeTrace = () => {
  let lastOrder = 0
  let lastTrade = 0
  const prices = new Map<InstrumentId, Price>()

  /** A price follows what its instrument becomes, as the crank's marks do. */
  const restate = (event: JournalEventOf<"SplitApplied" | "OptionAdjusted">, to: InstrumentId): void => {
    const { denominator, instrumentId, numerator } = event
    const before = prices.get(instrumentId)
    prices.delete(instrumentId)
    if (before !== undefined) prices.set(to, price(proportion(before, denominator, numerator)))
  }

  return {
    add: (event: JournalEvent): void => {
      if (event._tag === "OrderAccepted") lastOrder = Math.max(lastOrder, numberIn(event.venueOrderId))
      if ("delivery" in event && event.delivery !== undefined) {
        prices.set(event.delivery.instrumentId, event.settlementPrice)
      }
      if (event._tag === "SplitApplied") restate(event, event.instrumentId)
      if (event._tag === "OptionAdjusted") restate(event, event.to)
      if (event._tag !== "OrderFilled") return
      lastTrade = Math.max(lastTrade, numberIn(event.tradeId))
      prices.set(event.instrumentId, event.price)
    },
    next: () => ({ nextOrder: lastOrder + 1, nextTrade: lastTrade + 1 }),
    price: (id: InstrumentId) => prices.get(id)
  }
}

const Body = Schema.fromJsonString(Schema.Struct({ progress: Progress, matching: MatchingState }))

/** A stored body as the venue reads it; none that it could not open. */
export const decodeBody = Schema.decodeUnknownOption(Body)

export const rebuiltBody = (
  book: BookState,
  seen: ReturnType<typeof makeTrace>,
  advancedTo: Timestamp
): string => {
  const held = Ledger.positions(book.ledger)
  const progress: Progress = {
    advancedTo,
    highWater: zeroMoney,
    marks: Object.fromEntries(
      held.flatMap(({ instrumentId }) => {
        const last = seen.price(instrumentId)
        return last === undefined ? [] : [[instrumentId, last]]
      })
    ),
    account: {
      cash: book.ledger.cash,
      positions: Object.fromEntries(
        held.map(({ instrumentId, quantity }) => [instrumentId, signedQuantity(quantity)])
      )
    }
  }
  const matching: MatchingState = { ...emptyMatchingState, ...seen.next() }
  return JSON.stringify({ progress, matching })
}
