/**
 * An option chain as a strategy sees it: plain numbers of one close.
 *
 * Prices and strikes are whole micros of a dollar, made of the chain's dollars
 * by rounding, so that what is decided on them has the same bits everywhere.
 * Only quotes that somebody could trade on are in it: with an ask, not crossed,
 * and of the underlying's own series.
 */
import type { InstrumentId } from "../domain/Identifiers.ts"
import { type Price, pricePerShare } from "../domain/Money.ts"
import { occOf } from "../domain/OccSymbol.ts"
import type { OptionRight } from "../domain/OptionContract.ts"
import { dayOfDate, type SessionDate } from "../domain/Timestamp.ts"
import { optionId } from "../market/OptionInstruments.ts"
import type { MarketChain } from "../market/MarketChain.ts"
import { rootFor } from "../market/OptionRoot.ts"
import type { RawExpiry, RawQuote } from "../options/chain/OptionChain.ts"

/** One contract's quote, in dollars a share. */
export interface OptionRow {
  readonly instrumentId: InstrumentId
  readonly right: OptionRight
  readonly strike: Price
  /** Zero when nobody bids. */
  readonly bid: Price
  readonly ask: Price
}

/** The contracts of one expiry; calls and puts ascending by strike. */
export interface OptionExpiry {
  readonly expiry: SessionDate
  /** Calendar days from the close's date. */
  readonly days: number
  readonly calls: ReadonlyArray<OptionRow>
  readonly puts: ReadonlyArray<OptionRow>
}

export interface OptionChain {
  readonly underlying: InstrumentId
  /** True when the quotes are the volatility model's. */
  readonly modelled: boolean
  /** Earliest first. */
  readonly expiries: ReadonlyArray<OptionExpiry>
}

const rowOf = (root: string, { ask, bid = 0, contract }: RawQuote): OptionRow | undefined => {
  const occ = occOf(contract)
  if (occ?.root !== root || ask === undefined || !(ask > 0 && bid >= 0 && bid <= ask)) return undefined
  return {
    instrumentId: optionId(occ),
    right: occ.right,
    strike: pricePerShare(occ.strike),
    bid: pricePerShare(bid),
    ask: pricePerShare(ask)
  }
}

/** Rows are made when they are looked at: a chain has a dozen expiries, and a strategy wants one. */
class LazyExpiry implements OptionExpiry {
  readonly #root: string
  readonly #raw: RawExpiry
  #rows: ReadonlyArray<OptionRow> | undefined
  readonly days: number

  constructor(root: string, raw: RawExpiry, date: SessionDate) {
    this.#root = root
    this.#raw = raw
    this.days = dayOfDate(raw.expiry) - dayOfDate(date)
  }

  get expiry(): SessionDate {
    return this.#raw.expiry
  }

  get calls(): ReadonlyArray<OptionRow> {
    return this.#side("CALL")
  }

  get puts(): ReadonlyArray<OptionRow> {
    return this.#side("PUT")
  }

  #side(wanted: OptionRight): ReadonlyArray<OptionRow> {
    this.#rows ??= this.#raw.quotes
      .flatMap((quote) => rowOf(this.#root, quote) ?? [])
      .toSorted((a, b) => a.strike - b.strike)
    return this.#rows.filter(({ right }) => right === wanted)
  }
}

/** What of a market's chain a strategy may see on a date. */
export const chainOf = ({ raw, source, underlying }: MarketChain, date: SessionDate): OptionChain => {
  return {
    underlying: underlying.id,
    modelled: source === "model",
    expiries: raw.expiries.map((one) => new LazyExpiry(rootFor(underlying, one.expiry), one, date))
  }
}

/** The expiry whose days are nearest to so many, from a least to a most; the earlier of two that are as near. */
export const expiryNear = (
  { expiries }: OptionChain,
  { days, least, most }: { readonly days: number; readonly least: number; readonly most: number }
): OptionExpiry | undefined => {
  let best: OptionExpiry | undefined
  for (const one of expiries) {
    if (one.days < least || one.days > most) continue
    if (best === undefined || Math.abs(one.days - days) < Math.abs(best.days - days)) best = one
  }
  return best
}

/** The lowest strike at or above a price in micros. */
export const strikeFrom = (rows: ReadonlyArray<OptionRow>, least: number): OptionRow | undefined =>
  rows.find(({ strike }) => strike >= least)

/** The highest strike at or below a price in micros. */
export const strikeUpTo = (rows: ReadonlyArray<OptionRow>, most: number): OptionRow | undefined =>
  rows.findLast(({ strike }) => strike <= most)
