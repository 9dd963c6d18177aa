/** What fills leave in an account that began with cash alone: cash, and positions at their average cost. */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import {
  dollars,
  type Money,
  money,
  notional,
  price,
  proportion,
  quantity,
  signedQuantity
} from "../../domain/Money.ts"
import { signOf } from "../../domain/Order.ts"
import type { FillRow, HeldRow } from "../BacktestRows.ts"

interface Position {
  /** Micros, signed. */
  readonly quantity: number
  /** Micros, signed like it. */
  readonly cost: number
}

const valueOf = (fill: FillRow): Money => notional(fill.price, fill.quantity, fill.multiplier)

const after = (held: Position, fill: FillRow): Position => {
  const change = signOf(fill.side) * fill.quantity
  const value = signOf(fill.side) * valueOf(fill)
  const grows = held.quantity === 0 || held.quantity > 0 === change > 0
  if (grows) return { quantity: held.quantity + change, cost: held.cost + value }
  const left = held.quantity + change
  if (left === 0) return { quantity: 0, cost: 0 }
  // What is left of it costs its share; a position that has turned costs what the turning fill paid for it.
  return left > 0 === held.quantity > 0
    ? { quantity: left, cost: proportion(held.cost, left, held.quantity) }
    : { quantity: left, cost: proportion(value, left, change) }
}

export interface LeanHoldings {
  readonly held: ReadonlyArray<HeldRow>
  /** Dollars. */
  readonly cash: number
}

/** `holdings`: what LEAN says all of them are worth, in dollars, where it does. */
export const leanHoldings = (
  fills: ReadonlyArray<FillRow>,
  start: number,
  fees: Money,
  holdings: number | undefined
): LeanHoldings => {
  const positions = new Map<InstrumentId, Position>()
  let cash: number = dollars(start) - fees
  for (const fill of fills) {
    cash -= signOf(fill.side) * valueOf(fill)
    positions.set(
      fill.instrumentId,
      after(positions.get(fill.instrumentId) ?? { quantity: 0, cost: 0 }, fill)
    )
  }
  const open = [...positions].filter(([, position]) => position.quantity !== 0)
  return {
    cash: cash / 1_000_000,
    held: open.map(([instrumentId, position]) => {
      // Of one position alone the value is LEAN's sum.
      const value =
        open.length === 1 && holdings !== undefined
          ? dollars(Math.sign(position.quantity) * Math.abs(holdings))
          : null
      const multiplier = fills.find((fill) => fill.instrumentId === instrumentId)?.multiplier ?? 1
      return {
        instrumentId,
        quantity: signedQuantity(position.quantity),
        cost: money(position.cost),
        mark:
          value === null
            ? null
            : price(
                proportion(Math.abs(value), 1_000_000, quantity(Math.abs(position.quantity)) * multiplier)
              ),
        value
      }
    })
  }
}
