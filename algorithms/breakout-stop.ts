/**
 * A sample of a strategy of one's own: buys new highs, and protects every
 * purchase with a stop at the venue.
 *
 * A close that is the highest of so many sessions is bought (R. Donchian's
 * channel; 20 sessions and two average ranges are the numbers of the "turtles",
 * C. Faith, Way of the Turtle, 2007). When a purchase fills, a stop order goes
 * to the venue for what was bought. Once a week the stop is raised where prices
 * have risen. Nothing is sold otherwise.
 *
 * Run it: plimsoll run --strategy breakout-stop --param channel=55
 * Test it: plimsoll backtest run breakout-stop
 */
import {
  atr,
  decimal,
  defineStrategy,
  formatMicros,
  highest,
  type InstrumentId,
  type Intent,
  type Order,
  price,
  type Price,
  type StrategyContext,
  whole
} from "plimsoll/strategy"

/** A cent, in micros of a dollar. */
const CENT = 10_000

/** The stops that work for an instrument. */
const stopsOf = ({ working }: StrategyContext, id: InstrumentId): ReadonlyArray<Order> =>
  working.filter(({ content }) => content.instrumentId === id && content.type._tag === "StopMarket")

export default defineStrategy({
  name: "breakout-stop",
  title: "Breakout with a stop",
  summary: "Buys the highest close of some weeks, with a stop at the venue that follows once a week.",
  instruments: { least: 1, most: null },
  parameters: {
    channel: whole({
      default: 20,
      minimum: 2,
      maximum: 500,
      meaning: "sessions whose highest close is bought"
    }),
    ranges: decimal({
      default: 2,
      minimum: 0.1,
      maximum: 20,
      meaning: "average true ranges from the price to the stop"
    }),
    weight: decimal({ default: 0.2, minimum: 0, maximum: 1, meaning: "of equity in each instrument" })
  },
  make: ({ channel, ranges, weight }) => {
    const top = highest(channel, "close")
    /** The last close: a mark inside a daily bar is modelled from all of the bar, what is to come too. */
    const last = highest(1, "close")
    const range = atr(20)

    const stopBelow = (context: StrategyContext, id: InstrumentId, level: number): Price =>
      price(Math.max(1, Math.round((level - ranges * (context.valueOf(range, id) ?? 0)) / CENT)) * CENT)

    const stop = (id: InstrumentId, at: Price, size: Order["content"]["size"]): Intent => ({
      _tag: "Order",
      order: {
        instrumentId: id,
        side: "SELL",
        type: { _tag: "StopMarket", stopPrice: at },
        size,
        timeInForce: "GTC"
      },
      reason: `Protects the purchase at ${formatMicros(at, 2)}.`
    })

    /** Each stop that would now be higher, taken back and sent anew. */
    const raised = (context: StrategyContext): ReadonlyArray<Intent> =>
      context.instruments.flatMap(({ id }) => {
        const close = context.valueOf(last, id)
        if (close === undefined || !context.holdings.has(id)) return []
        const at = stopBelow(context, id, close)
        return stopsOf(context, id).flatMap(({ clientOrderId, content }) =>
          content.type._tag === "StopMarket" && at > content.type.stopPrice
            ? [{ _tag: "Cancel" as const, clientOrderId }, stop(id, at, content.size)]
            : []
        )
      })

    return {
      indicators: [top, range, last],
      onBar: (context) =>
        context.instruments.flatMap(({ id }) => {
          const history = context.histories.get(id)
          const close = history?.close[history.length - 1]
          if (close === undefined || context.holdings.has(id)) return []
          return close === context.valueOf(top, id)
            ? [
                {
                  instrumentId: id,
                  weight: weight / context.instruments.length,
                  reason: `The highest close of ${channel} sessions: ${formatMicros(close, 2)}.`
                }
              ]
            : []
        }),
      onFill: (fill, context) =>
        fill.side === "BUY"
          ? [
              stop(fill.instrumentId, stopBelow(context, fill.instrumentId, fill.price), {
                _tag: "Quantity",
                quantity: fill.quantity
              })
            ]
          : [],
      schedule: [{ on: "week", at: { _tag: "AfterOpen", minutes: 30 }, decide: raised }]
    }
  }
})
