/** Which instruments' prices move an account: what a stretch of a session is played on. Pure. */
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { OptionContract } from "../domain/OptionContract.ts"
import * as Ledger from "../portfolio/Ledger.ts"
import type { BookState } from "./Book.ts"

/**
 * What is watched: what is held and what orders trade, a combo's legs in its
 * place, and what options among those are on.
 */
export const watchedIn = (book: BookState): ReadonlyArray<InstrumentId> => {
  const watched = new Set<InstrumentId>()
  const watch = (id: InstrumentId, contract: OptionContract | undefined): void => {
    watched.add(id)
    if (contract !== undefined) watched.add(contract.underlying)
  }
  for (const { contract, instrumentId } of Ledger.positions(book.ledger)) watch(instrumentId, contract)
  for (const { order, terms } of Object.values(book.orders)) {
    const { instrumentId, legs } = order.content
    for (const term of terms ?? []) watch(term.instrumentId, term.contract)
    if (legs !== undefined) for (const leg of legs) watched.add(leg.instrumentId)
    else if (terms === undefined) watched.add(instrumentId)
  }
  return [...watched]
}
