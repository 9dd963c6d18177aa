/** Made-up chains and option holdings for tests of strategies. */
import type { InstrumentId } from "../../../src/domain/Identifiers.ts"
import type { Instrument } from "../../../src/domain/Instrument.ts"
import { dollars, pricePerShare, shares, signedQuantity } from "../../../src/domain/Money.ts"
import { OPTION_MULTIPLIER } from "../../../src/domain/OptionContract.ts"
import { dateOfDay, dayOfDate, type SessionDate } from "../../../src/domain/Timestamp.ts"
import { occOfId, optionId, standardContract } from "../../../src/market/OptionInstruments.ts"
import type { OptionChain, OptionRow } from "../../../src/session/OptionChain.ts"
import type { OptionContext, OptionHolding, StrategyContext } from "../../../src/session/Strategy.ts"

/** One strike's bid and ask, in dollars. */
export interface Strike {
  readonly strike: number
  readonly bid: number
  readonly ask: number
}

/** So many days after a date. */
export const after = (date: SessionDate, days: number): SessionDate => dateOfDay(dayOfDate(date) + days)

export interface Expiry {
  readonly days: number
  readonly calls?: ReadonlyArray<Strike>
  readonly puts?: ReadonlyArray<Strike>
}

/** A chain of an instrument on a date, its expiries so many days out. */
export const chainOn = (
  { id, symbol }: Instrument,
  date: SessionDate,
  expiries: ReadonlyArray<Expiry>,
  modelled = true
): OptionChain => ({
  underlying: id,
  modelled,
  expiries: expiries.map(({ calls = [], days, puts = [] }) => {
    const expiry = after(date, days)
    const rows = (right: "CALL" | "PUT", strikes: ReadonlyArray<Strike>): ReadonlyArray<OptionRow> =>
      strikes.map(({ ask, bid, strike }) => ({
        instrumentId: optionId({ root: symbol, expiry, right, strike }),
        right,
        strike: pricePerShare(strike),
        bid: pricePerShare(bid),
        ask: pricePerShare(ask)
      }))
    return { expiry, days, calls: rows("CALL", calls), puts: rows("PUT", puts) }
  })
})

/** The context with chains. */
export const withChains = (
  context: StrategyContext,
  ...chains: ReadonlyArray<OptionChain>
): OptionContext => ({
  ...context,
  chains: new Map(chains.map((chain) => [chain.underlying, chain]))
})

/** "AAPL 140613C00090000.OPRA" of so many days after a date. */
export const idOf = (
  { symbol }: Instrument,
  date: SessionDate,
  days: number,
  right: "CALL" | "PUT",
  strike: number
): InstrumentId => optionId({ root: symbol, expiry: after(date, days), right, strike })

/**
 * Contracts held at a mark, having cost so many dollars in all; negative for what was sold. Bid and ask are five
 * cents from the mark, unless they are given.
 */
export const heldOption = (
  of: Instrument,
  id: InstrumentId,
  contracts: number,
  mark: number,
  cost: number,
  quote: { readonly bid: number; readonly ask: number } | undefined = { bid: mark - 0.05, ask: mark + 0.05 }
): OptionHolding => {
  const occ = occOfId(id)
  if (occ === undefined) throw new Error(`${id} is no contract`)
  return {
    instrumentId: id,
    contract: standardContract(of, occ),
    multiplier: OPTION_MULTIPLIER,
    quantity: signedQuantity(shares(contracts)),
    mark: pricePerShare(mark),
    quote: quote === undefined ? undefined : { bid: pricePerShare(quote.bid), ask: pricePerShare(quote.ask) },
    cost: dollars(cost)
  }
}
