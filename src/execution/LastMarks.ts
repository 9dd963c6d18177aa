/**
 * What contracts are worth that can no longer be traded and have not settled
 * yet: a night before a settlement in the morning, or until their underlying
 * has a price again. They have no quote; their last mark stands. Pure.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Price } from "../domain/Money.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { lastTradingTime } from "../market/ContractTime.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { BookState } from "./Book.ts"

/** By the venue's marks, as it keeps them of what is held. */
export const lastMarks = (
  { ledger }: Pick<BookState, "ledger">,
  kept: Readonly<Record<InstrumentId, Price>>,
  now: Timestamp
): ReadonlyArray<readonly [InstrumentId, Price]> =>
  Ledger.positions(ledger).flatMap(({ contract, instrumentId }) => {
    const last = contract === undefined ? undefined : lastTradingTime(contract)
    const mark = kept[instrumentId]
    return last === undefined || last > now || mark === undefined ? [] : [[instrumentId, mark] as const]
  })
