/** Which instruments the sources offer, and how a person's text finds them. */
import { Result } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import { nearest } from "../domain/Nearest.ts"
import type { SourceListing } from "./BarSeries.ts"
import type { BarSource } from "./BarSource.ts"
import { InstrumentNotFound, MarketSourceError } from "./MarketData.ts"

/** A listing and the source that has it. */
export interface Offer {
  readonly listing: SourceListing
  readonly source: BarSource
}

export interface InstrumentIndex {
  readonly offers: ReadonlyArray<Offer>
  /** By symbol or instrument id, in any case of letters. */
  readonly find: (text: string) => Result.Result<Offer, InstrumentNotFound>
  readonly byId: (id: InstrumentId) => Result.Result<Offer, InstrumentNotFound>
  readonly search: (query: string, limit: number) => ReadonlyArray<Instrument>
}

/** How many names an `InstrumentNotFound` proposes. */
const NEAREST = 3

/** 0 is best; none of the ways a query can match gives 4. */
const rank = (instrument: Instrument, query: string): number => {
  const symbol = instrument.symbol.toUpperCase()
  if (symbol === query || instrument.id.toUpperCase() === query) return 0
  if (symbol.startsWith(query)) return 1
  if (symbol.includes(query)) return 2
  return instrument.name.toUpperCase().includes(query) ? 3 : 4
}

const inOrder = <A>(
  items: ReadonlyArray<A>,
  key: (item: A) => number,
  name: (item: A) => string
): ReadonlyArray<A> =>
  items.toSorted((a, b) => key(a) - key(b) || (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0))

/** Fails when two sources offer the same symbol: which one is meant, only a person can say. */
export const makeIndex = (
  sources: ReadonlyArray<BarSource>
): Result.Result<InstrumentIndex, MarketSourceError> => {
  const offers = sources.flatMap((source) => source.listings.map((listing): Offer => ({ listing, source })))
  const byText = new Map<string, Offer>()
  for (const offer of offers) {
    const { id, symbol } = offer.listing.instrument
    for (const text of new Set([symbol.toUpperCase(), id.toUpperCase()])) {
      const other = byText.get(text)
      if (other !== undefined) {
        return Result.fail(
          new MarketSourceError({
            source: offer.source.name,
            message: `${text} comes from two sources, ${other.source.name} and ${offer.source.name}: leave one of them out, or give one of them another symbol`
          })
        )
      }
      byText.set(text, offer)
    }
  }
  const symbols = offers.map((offer) => offer.listing.instrument.symbol)

  const find = (text: string): Result.Result<Offer, InstrumentNotFound> => {
    const wanted = text.trim().toUpperCase()
    const offer = byText.get(wanted)
    if (offer !== undefined) return Result.succeed(offer)
    const symbolWanted = wanted.split(".")[0] ?? wanted
    const proposed = nearest(symbolWanted, symbols, NEAREST)
    const hint = proposed.length === 0 ? "no source offers anything" : `nearest: ${proposed.join(", ")}`
    return Result.fail(
      new InstrumentNotFound({
        symbol: text,
        nearest: proposed,
        message: `no instrument "${text}" in this desk's market data; ${hint}`
      })
    )
  }

  return Result.succeed({
    offers,
    find,
    byId: find,
    search: (query, limit) => {
      const wanted = query.trim().toUpperCase()
      const matches = offers.map((offer) => offer.listing.instrument).filter((one) => rank(one, wanted) < 4)
      return inOrder(
        matches,
        (one) => rank(one, wanted),
        (one) => one.symbol
      ).slice(0, Math.max(0, limit))
    }
  })
}
