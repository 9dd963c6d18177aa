/** A strategy for tests that uses all there is: bars, indicators, a schedule, fills, orders of its own, cancels. */
import { price, quantity, shares } from "../../src/domain/Money.ts"
import type { Resolution } from "../../src/domain/Quote.ts"
import type { Column } from "../../src/session/History.ts"
import { sma } from "../../src/session/Indicators.ts"
import type {
  CancelIntent,
  Intent,
  OrderIntent,
  Strategy,
  StrategyContext
} from "../../src/session/Strategy.ts"

const CENT = 10_000

const order = (
  instrumentId: OrderIntent["order"]["instrumentId"],
  fields: Pick<OrderIntent["order"], "side" | "size" | "type" | "timeInForce">,
  reason: string
): OrderIntent => ({ _tag: "Order", order: { instrumentId, ...fields }, reason })

const lastOf = (column: Column | undefined): number | undefined => column?.[column.length - 1]

/** Every stop that works, taken back. */
const withdrawn = ({ working }: StrategyContext): ReadonlyArray<CancelIntent> =>
  working.flatMap(({ clientOrderId, content }) =>
    content.type._tag === "StopMarket" ? [{ _tag: "Cancel", clientOrderId }] : []
  )

/** A third of everything, sold at the market. */
const lightened = ({ holdings }: StrategyContext): ReadonlyArray<Intent> =>
  [...holdings].flatMap(([id, holding]) => {
    const third = Math.floor(holding.quantity / 3_000_000)
    return third < 1
      ? []
      : [
          order(
            id,
            {
              side: "SELL",
              size: { _tag: "Quantity", quantity: shares(third) },
              type: { _tag: "Market" },
              timeInForce: "DAY"
            },
            "lighter"
          )
        ]
  })

/**
 * Buys what is above its mean; protects every purchase with a stop and takes
 * profits with a limit; an hour after the open it takes stops back and sells a
 * third; half an hour before the close it buys a little of everything.
 */
export const busyStrategy = (name: string, resolution: Resolution = "1d"): Strategy => {
  const mean = sma(3)
  return {
    name,
    title: name,
    summary: "A strategy of this test.",
    description: "For tests.",
    parameters: {},
    meanings: {},
    instruments: { least: 1, most: null },
    resolution,
    indicators: [mean],
    onBar: (context) =>
      context.instruments.flatMap(({ id }): ReadonlyArray<Intent> => {
        const close = lastOf(context.histories.get(id)?.close)
        const level = context.valueOf(mean, id)
        if (close === undefined || level === undefined) return []
        return [
          { instrumentId: id, weight: close >= level ? 0.08 : 0.02, reason: `${close} against ${level}` }
        ]
      }),
    onFill: ({ instrumentId, price: paid, quantity: filled, side }, { working }) =>
      side === "SELL" || working.length > 6
        ? []
        : [
            order(
              instrumentId,
              {
                side: "SELL",
                size: { _tag: "Quantity", quantity: filled },
                type: { _tag: "StopMarket", stopPrice: price(Math.round((paid * 0.985) / CENT) * CENT) },
                timeInForce: "GTC"
              },
              "protects"
            )
          ],
    schedule: [
      {
        on: "session",
        at: { _tag: "AfterOpen", minutes: 60 },
        decide: (context) => [...withdrawn(context), ...lightened(context)]
      },
      {
        on: "session",
        at: { _tag: "BeforeClose", minutes: 30 },
        decide: ({ instruments, sessionIndex }) =>
          instruments.map(({ id }, i) =>
            order(
              id,
              {
                side: "BUY",
                size: { _tag: "Quantity", quantity: quantity((1 + ((sessionIndex + i) % 3)) * 1_000_000) },
                type: { _tag: "Market" },
                timeInForce: "DAY"
              },
              "a little more"
            )
          )
      },
      { on: "week", at: { _tag: "AfterOpen", minutes: 0 }, decide: lightened }
    ]
  }
}
