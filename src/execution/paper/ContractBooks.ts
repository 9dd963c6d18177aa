/** The books of option contracts that are over, or go on under other names: orders in them end, and they go. */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { OptionContract } from "../../domain/OptionContract.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { lastTradingTime } from "../../market/ContractTime.ts"
import { tradedBy } from "../OrderLegs.ts"
import { endOrder } from "./Contingencies.ts"
import { isWorking, type OrderRecord } from "./MatchingState.ts"
import { forgetBook, type VenueMemory } from "./VenueMemory.ts"

/** Closes the books of such contracts; `end` is told of each working order in one of them, combos too. */
const closeBooks = (
  memory: VenueMemory,
  isGone: (contract: OptionContract) => boolean,
  end: (order: OrderRecord, gone: InstrumentId) => void
): void => {
  const gone = new Set<InstrumentId>()
  for (const [id, { instrument }] of memory.books) {
    if (instrument._tag === "Option" && isGone(instrument.contract)) gone.add(id)
  }
  if (gone.size === 0) return
  for (const order of Array.from(memory.working.values())) {
    const id = tradedBy(order).find((one) => gone.has(one))
    // An entry that has ended takes its held exits along.
    if (id !== undefined && isWorking(order)) end(order, id)
  }
  for (const id of gone) forgetBook(memory, id)
}

/** The contracts on an underlying change: working orders in them, combos with one of them too, are canceled. */
export const cancelOptionsOn = (
  memory: VenueMemory,
  underlying: InstrumentId,
  reason: string,
  tsEvent: Timestamp
): void =>
  closeBooks(
    memory,
    (contract) => contract.underlying === underlying,
    (order) => endOrder(memory, order, "Canceled", reason, tsEvent)
  )

/** Orders in a contract that cannot be traded any more expire, whatever their time in force. */
export const endOfTrading = (memory: VenueMemory, closedAt: Timestamp): void =>
  closeBooks(
    memory,
    (contract) => {
      const last = lastTradingTime(contract)
      return last !== undefined && last <= closedAt
    },
    (order, id) => endOrder(memory, order, "Expired", `${id} has stopped trading`, closedAt)
  )
