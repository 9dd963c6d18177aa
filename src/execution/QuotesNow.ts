/** The quotes that an order is decided on, as it cites them. */
import { Effect } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { OrderRequest } from "../domain/Order.ts"
import { comboQuoteId } from "../domain/OrderLeg.ts"
import type { QuoteTick } from "../domain/Quote.ts"
import type { Traded } from "./OrderLegs.ts"

export type Cited = Pick<OrderRequest, "quoteId" | "legQuoteIds">

/** Takes a quote of what an order trades: of its instrument, or of each of its legs. */
export const quotesNow = <E, R>(
  { instrumentId, legs }: Traded,
  quote: (id: InstrumentId) => Effect.Effect<QuoteTick, E, R>
): Effect.Effect<Cited, E, R> =>
  legs === undefined
    ? Effect.map(quote(instrumentId), ({ quoteId }) => ({ quoteId }))
    : Effect.map(
        Effect.forEach(legs, (leg) => quote(leg.instrumentId)),
        (quotes) => {
          const legQuoteIds = quotes.map(({ quoteId }) => quoteId)
          return { quoteId: comboQuoteId(legQuoteIds), legQuoteIds }
        }
      )
