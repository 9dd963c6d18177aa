/** Strategies of these tests that send every kind of order, at every kind of decision point. */
import type { InstrumentId } from "../../../src/domain/Identifiers.ts"
import { type Price, price, shares } from "../../../src/domain/Money.ts"
import type { OrderContent, OrderType } from "../../../src/domain/Order.ts"
import type { Resolution } from "../../../src/domain/Quote.ts"
import { sma } from "../../../src/session/Indicators.ts"
import type { Intent, Strategy, StrategyContext } from "../../../src/session/Strategy.ts"

const described = {
  title: "Orders",
  summary: "A strategy of these tests.",
  description: "For tests.",
  parameters: {},
  meanings: {},
  instruments: { least: 1, most: null }
} as const

const cents = (micros: number): Price => price(Math.max(10_000, Math.round(micros / 10_000) * 10_000))

const order = (
  instrumentId: InstrumentId,
  side: OrderContent["side"],
  type: OrderType,
  count: number,
  more: Pick<OrderContent, "bracket" | "ocoGroup"> & Partial<Pick<OrderContent, "timeInForce">> = {}
): Intent => ({
  _tag: "Order",
  order: {
    instrumentId,
    side,
    type,
    size: { _tag: "Quantity", quantity: shares(count) },
    timeInForce: "GTC",
    ...more
  },
  reason: `${side} ${count} of ${instrumentId}, ${type._tag}`
})

/** What it asks for at its n-th look, at the last price; over ten looks every kind of order. */
const asked = (id: InstrumentId, n: number, last: number, held: number): ReadonlyArray<Intent> => {
  const at = (ratio: number): Price => cents(last * ratio)
  switch (n % 10) {
    case 0:
      return [order(id, "BUY", { _tag: "Limit", limitPrice: at(0.998) }, 5)]
    case 1:
      return [
        order(id, "BUY", { _tag: "Limit", limitPrice: at(1.001) }, 6, {
          bracket: { takeProfitPrice: at(1.01), stopLossPrice: at(0.985) }
        })
      ]
    case 2:
      return held < 4 ? [] : [order(id, "SELL", { _tag: "StopMarket", stopPrice: at(0.995) }, 2)]
    case 3:
      return [order(id, "BUY", { _tag: "StopLimit", stopPrice: at(1.002), limitPrice: at(1.004) }, 3)]
    case 4:
      return held < 4 ? [] : [order(id, "SELL", { _tag: "TrailingStopMarket", trailingOffset: at(0.004) }, 2)]
    case 5:
      return held < 4
        ? []
        : [
            order(id, "SELL", { _tag: "Limit", limitPrice: at(1.003) }, 1, { ocoGroup: `${id} ${n}` }),
            order(id, "SELL", { _tag: "StopMarket", stopPrice: at(0.997) }, 1, { ocoGroup: `${id} ${n}` })
          ]
    case 6:
      // Denied: far more than any limit lets through.
      return [order(id, "BUY", { _tag: "Market" }, 1_000_000, { timeInForce: "DAY" })]
    case 7:
      return [order(id, "BUY", { _tag: "Market" }, 2, { timeInForce: "AT_THE_OPEN" })]
    case 8:
      return held < 2 ? [] : [order(id, "SELL", { _tag: "Market" }, 2, { timeInForce: "DAY" })]
    default:
      return [{ instrumentId: id, weight: 0.05, reason: "to a twentieth" }]
  }
}

/** A look takes back what has worked for long, and asks anew. */
const look = (context: StrategyContext, n: number): ReadonlyArray<Intent> => {
  const intents: Array<Intent> = []
  const old = context.working.find(({ role, tsInit }) => role === "ENTRY" && context.now - tsInit > 3e11)
  if (old !== undefined) intents.push({ _tag: "Cancel", clientOrderId: old.clientOrderId })
  for (const [i, { id }] of context.instruments.entries()) {
    const history = context.histories.get(id)
    const close = history?.close[history.length - 1]
    const last = close ?? context.holdings.get(id)?.mark
    if (last === undefined) continue
    const held = (context.holdings.get(id)?.quantity ?? 0) / 1_000_000
    intents.push(...asked(id, n + 3 * i, last, held))
  }
  return intents
}

/** Daily orders of every kind. */
export const dailyOrders: Strategy = {
  ...described,
  name: "daily-orders",
  onBar: (context) => look(context, context.sessionIndex)
}

/** Looks at every `every`-th bar, is told of fills, and has a schedule; warmed up by bars of before. */
export const pointOrders = (resolution: Resolution, every: number): Strategy => {
  const mean = sma(4)
  return {
    ...described,
    name: `point-orders-${resolution}`,
    resolution,
    indicators: [mean],
    onBar: (context) => {
      const [first] = context.instruments
      const bars = first === undefined ? 0 : (context.histories.get(first.id)?.length ?? 0)
      if (first === undefined || bars % every !== 0) return []
      const above = context.valueOf(mean, first.id)
      return above === undefined ? [] : look(context, bars / every)
    },
    onFill: ({ instrumentId, price: paid, side }, context) =>
      side === "SELL" || context.now % 7 === 0
        ? []
        : [order(instrumentId, "SELL", { _tag: "Limit", limitPrice: cents(paid * 1.002) }, 1)],
    schedule: [
      {
        at: { _tag: "AfterOpen", minutes: 31 },
        on: "session",
        decide: (context) => look(context, 7 + context.sessionIndex)
      },
      {
        at: { _tag: "BeforeClose", minutes: 10 },
        on: "week",
        decide: (context) =>
          context.instruments.map(({ id }) => ({ instrumentId: id, weight: 0.02, reason: "the week's" }))
      }
    ]
  }
}
