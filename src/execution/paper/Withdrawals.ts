/** Which working orders are taken off the venue for what has become of the account. Pure. */
import type { ClientOrderId, InstrumentId } from "../../domain/Identifiers.ts"
import type { OrderSide } from "../../domain/Order.ts"
import type { LedgerState } from "../../portfolio/Ledger.ts"
import type { OrderRecord } from "./MatchingState.ts"

type Working = ReadonlyArray<Readonly<OrderRecord>>

/** What is left to trade of an order, micros; without bound where its price decides. */
const leavesOf = ({ filledQuantity, size }: Readonly<OrderRecord>): number =>
  size._tag === "Quantity" ? size.quantity - filledQuantity : Infinity

/** True when a trade of so many micros does more than shrink what is held. */
const opensWith = (
  { positions }: LedgerState,
  id: InstrumentId,
  side: OrderSide,
  amount: number
): boolean => {
  const held = positions[id]?.quantity ?? 0
  const isOpposite = side === "BUY" ? held < 0 : held > 0
  return !isOpposite || amount > Math.abs(held)
}

/** Orders that would open or add, in any of their legs; a bracket's exits go with their entry. */
export const openingOrders = (working: Working, ledger: LedgerState): ReadonlyArray<ClientOrderId> =>
  working.flatMap((order) => {
    const { clientOrderId, instrumentId, legs, parent, side } = order
    if (parent !== undefined) return []
    const leaves = leavesOf(order)
    const opens =
      legs === undefined
        ? opensWith(ledger, instrumentId, side, leaves)
        : legs.some((leg) => opensWith(ledger, leg.instrumentId, leg.side, leaves * leg.ratio))
    return opens ? [clientOrderId] : []
  })

/** Micros of an instrument that an order would still sell. */
const soldBy = (order: Readonly<OrderRecord>, id: InstrumentId): number => {
  const { held, instrumentId, legs, side } = order
  // The exits of an entry that has not filled sell what it will have bought.
  if (held) return 0
  if (legs === undefined) return instrumentId === id && side === "SELL" ? leavesOf(order) : 0
  const leg = legs.find((one) => one.instrumentId === id && one.side === "SELL")
  return leg === undefined ? 0 : leavesOf(order) * leg.ratio
}

/** Orders that would sell more of an instrument than is held; those that came first keep what there is. */
export const uncoveredSales = (
  working: Working,
  id: InstrumentId,
  { positions }: LedgerState
): ReadonlyArray<ClientOrderId> => {
  const held = Math.max(0, positions[id]?.quantity ?? 0)
  /** Of those of which only one can fill, the largest. */
  const groups = new Map<string, number>()
  let promised = 0
  return working.flatMap((order) => {
    const { clientOrderId, ocoGroup, parent } = order
    const group = parent ?? ocoGroup ?? clientOrderId
    const before = groups.get(group) ?? 0
    const more = Math.max(0, soldBy(order, id) - before)
    if (promised + more > held) return [clientOrderId]
    promised += more
    groups.set(group, before + more)
    return []
  })
}
