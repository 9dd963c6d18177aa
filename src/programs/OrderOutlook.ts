/**
 * What an order for options would make of what is held in its underlying, were it filled now: bought at the ask, sold
 * at the bid. For a person and an agent to look at; the rules have figures of their own, with working orders in them.
 */
import { Effect, Option, Result } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import { MICROS, type Price } from "../domain/Money.ts"
import type { OrderContent } from "../domain/Order.ts"
import { legSign, type LegTerms } from "../domain/OrderLeg.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Preview } from "../execution/Broker.ts"
import { DeskView } from "../execution/DeskView.ts"
import { underlyingOf } from "../domain/OptionContract.ts"
import { marksOf } from "../execution/options/OptionDesk.ts"
import { type OrderEffect, orderEffect } from "../execution/options/OrderEffect.ts"
import { MarketData } from "../market/MarketData.ts"
import type { Position } from "../portfolio/Position.ts"
import type { Holding } from "../risk/options/UnderlyingPosition.ts"
import { worstCase, type WorstCase } from "../risk/options/WorstCase.ts"

export interface Outlook {
  readonly effect: OrderEffect
  /** The most all of it can lose from now on, at the marks; undefined where nothing is held. */
  readonly worstBefore: WorstCase | undefined
  /** With the order at what it would cost. */
  readonly worstAfter: WorstCase
}

/** The outlook; why there is none, in words; or undefined of an order that is not for options. */
export type OutlookAnswer = Outlook | { readonly unknown: string } | undefined

/** Quotes of the legs, or of the one contract. */
const quotesOf = ({ legs, quote }: Preview): ReadonlyArray<QuoteTick | undefined> =>
  legs.length === 0 ? [quote] : legs

const fillPricesOf = (
  terms: ReadonlyArray<LegTerms>,
  quotes: ReadonlyArray<QuoteTick | undefined>
): ReadonlyArray<Price> | undefined => {
  const prices = terms.flatMap(({ side }, at) => {
    const quote = quotes[at]
    return quote === undefined ? [] : [side === "BUY" ? quote.ask : quote.bid]
  })
  return prices.length === terms.length ? prices : undefined
}

interface Part {
  readonly contract?: Position["contract"]
  readonly multiplier: number
  /** Micros, signed. */
  readonly quantity: number
  /** Micros of a dollar, signed as the quantity. */
  readonly value: number
}

const holdingOf = (parts: ReadonlyArray<Part>): Holding => ({
  shares: parts.reduce((sum, { contract, quantity }) => (contract === undefined ? sum + quantity : sum), 0),
  options: parts.flatMap(({ contract, multiplier, quantity }) =>
    contract === undefined ? [] : [{ contract, multiplier, quantity }]
  ),
  cost: parts.reduce((sum, { value }) => sum + value, 0)
})

const valueAt = (price: number, quantity: number, multiplier: number): number =>
  Math.round((price * quantity * multiplier) / MICROS)

const heldParts = (
  positions: ReadonlyArray<Position>,
  marks: ReadonlyMap<InstrumentId, Price>,
  underlying: InstrumentId
): ReadonlyArray<Part> =>
  positions
    .filter((position) => underlyingOf(position) === underlying)
    .map(({ contract, instrumentId, multiplier, quantity }) => ({
      ...(contract === undefined ? {} : { contract }),
      multiplier,
      quantity,
      value: valueAt(marks.get(instrumentId) ?? Number.NaN, quantity, multiplier)
    }))

const orderParts = (
  terms: ReadonlyArray<LegTerms>,
  prices: ReadonlyArray<Price>,
  units: number
): ReadonlyArray<Part> =>
  terms.map((leg, at) => {
    const quantity = legSign(leg) * leg.ratio * units * MICROS
    return {
      ...(leg.contract === undefined ? {} : { contract: leg.contract }),
      multiplier: leg.multiplier,
      quantity,
      value: valueAt(prices[at] ?? Number.NaN, quantity, leg.multiplier)
    }
  })

export const orderOutlook = Effect.fnUntraced(function* ({ size }: OrderContent, preview: Preview) {
  const { terms } = preview
  const underlying = terms?.find(({ contract }) => contract !== undefined)?.contract?.underlying
  const answer = (given: OutlookAnswer): OutlookAnswer => given
  if (terms === undefined || underlying === undefined) return undefined
  if (size._tag === "Notional") return answer({ unknown: "an amount of dollars says not how many contracts" })
  if (size.quantity % MICROS !== 0) return answer({ unknown: "contracts are whole" })
  const fillPrices = fillPricesOf(terms, quotesOf(preview))
  if (fillPrices === undefined) return answer({ unknown: "a leg has no price now" })
  const quoted = yield* MarketData.use((data) => data.quote(underlying)).pipe(
    Effect.map(Option.some),
    Effect.catchTag(["QuoteUnavailable", "InstrumentNotFound"], () => Effect.succeedNone)
  )
  if (Option.isNone(quoted)) return answer({ unknown: `${underlying} has no price now` })
  const spot = quoted.value.last
  const status = yield* DeskView.use((view) => view.status)
  const { now } = status
  const positions = status.positions.map(({ position }) => position)
  const marks = marksOf(status)
  const units = size.quantity / MICROS
  const effect = orderEffect({ positions, legs: terms, units, fillPrices, spot, marks, now })
  if (Result.isFailure(effect)) return answer({ unknown: effect.failure.message })
  const held = holdingOf(heldParts(positions, marks, underlying))
  const order = holdingOf(orderParts(terms, fillPrices, units))
  const isHeld = held.shares !== 0 || held.options.length > 0
  return answer({
    effect: effect.success,
    worstBefore: isHeld ? worstCase({ spot, held, working: [] }) : undefined,
    worstAfter: worstCase({ spot, held, order, working: [] })
  })
})
