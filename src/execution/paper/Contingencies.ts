/**
 * What follows for other orders when one fills or ends.
 *
 * - OCO group: the first fill of one, even a partial one, cancels all others
 *   (Interactive Brokers' "cancel remaining with block"): the group never
 *   trades twice.
 * - Bracket: the exits are held until the entry fills and grow with its fills.
 *   The first fill of an exit cancels what is left of the entry: one does not
 *   go on entering while leaving. Each fill of one exit shrinks the other by
 *   as much, and the last fill of one cancels the other, so together they
 *   never trade more than the entry did. An entry that ends without a fill
 *   takes its exits along.
 */
import type { ClientOrderId } from "../../domain/Identifiers.ts"
import { quantity } from "../../domain/Money.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { OrderRecord } from "./MatchingState.ts"
import { dequeue } from "./OrderBook.ts"
import { knownBook, type VenueMemory } from "./VenueMemory.ts"

/** Takes an order out of the book as canceled or expired, says so, and ends what depends on it. */
export const endOrder = (
  memory: VenueMemory,
  order: OrderRecord,
  status: "Canceled" | "Expired",
  reason: string,
  tsEvent: Timestamp
): void => {
  retire(memory, order, status, tsEvent)
  const _tag = status === "Canceled" ? ("OrderCanceled" as const) : ("OrderExpired" as const)
  memory.events.push({ _tag, clientOrderId: order.clientOrderId, tsEvent, reason })
  endHeldChildren(memory, order, tsEvent)
}

/** Takes an order that is complete out of the book. */
export const retireFilled = (memory: VenueMemory, order: OrderRecord, tsEvent: Timestamp): void =>
  retire(memory, order, "Filled", tsEvent)

const retire = (
  memory: VenueMemory,
  order: OrderRecord,
  status: "Filled" | "Canceled" | "Expired",
  tsEvent: Timestamp
): void => {
  order.status = status
  order.tsLast = tsEvent
  memory.working.delete(order.clientOrderId)
  memory.ended.set(order.clientOrderId, order)
  leaveBook(memory, order)
  if (order.ocoGroup === undefined) return
  const others = memory.groups.get(order.ocoGroup)?.filter((other) => other !== order) ?? []
  if (others.length === 0) memory.groups.delete(order.ocoGroup)
  else memory.groups.set(order.ocoGroup, others)
}

const leaveBook = (memory: VenueMemory, order: OrderRecord): void => {
  if (order.legs === undefined) dequeue(knownBook(memory, order.instrumentId), order)
  else memory.combos.splice(memory.combos.indexOf(order), 1)
}

const endHeldChildren = (memory: VenueMemory, entry: OrderRecord, tsEvent: Timestamp): void => {
  for (const id of entry.children) {
    const child = memory.working.get(id)
    if (child?.held === true) {
      endOrder(memory, child, "Canceled", `its entry ${entry.clientOrderId} ended without a fill`, tsEvent)
    }
  }
}

/** Carries a fill of `filled` micros over to the orders tied to `order`. */
export const afterFill = (
  memory: VenueMemory,
  order: OrderRecord,
  filled: number,
  tsEvent: Timestamp
): void => {
  if (order.ocoGroup !== undefined) cancelGroup(memory, order.ocoGroup, order, tsEvent)
  for (const id of order.children) growChild(memory, id, filled, tsEvent)
  if (order.parent !== undefined) afterChildFill(memory, order, order.parent, filled, tsEvent)
}

const cancelGroup = (memory: VenueMemory, group: string, filled: OrderRecord, tsEvent: Timestamp): void => {
  if (!memory.filledGroups.has(group)) memory.filledGroups.set(group, tsEvent)
  for (const other of memory.groups.get(group) ?? []) {
    if (other === filled) continue
    endOrder(memory, other, "Canceled", `one cancels the other: ${filled.clientOrderId} filled`, tsEvent)
  }
}

const growChild = (memory: VenueMemory, id: ClientOrderId, filled: number, tsEvent: Timestamp): void => {
  const child = memory.working.get(id)
  if (child === undefined) return
  const before = child.held || child.size._tag === "Notional" ? 0 : child.size.quantity
  if (child.held) {
    child.held = false
    knownBook(memory, child.instrumentId).reachIsStale = true
  }
  resize(memory, child, before + filled, tsEvent)
}

const afterChildFill = (
  memory: VenueMemory,
  child: OrderRecord,
  entryId: ClientOrderId,
  filled: number,
  tsEvent: Timestamp
): void => {
  const entry = memory.working.get(entryId)
  if (entry !== undefined) {
    endOrder(memory, entry, "Canceled", `its bracket's exit ${child.clientOrderId} filled`, tsEvent)
  }
  const sibling = child.sibling === undefined ? undefined : memory.working.get(child.sibling)
  if (sibling === undefined || sibling.size._tag === "Notional") return
  const left = sibling.size.quantity - filled
  if (left > sibling.filledQuantity) resize(memory, sibling, left, tsEvent)
  else endOrder(memory, sibling, "Canceled", `one cancels the other: ${child.clientOrderId} filled`, tsEvent)
}

const resize = (memory: VenueMemory, order: OrderRecord, total: number, tsEvent: Timestamp): void => {
  order.size = { _tag: "Quantity", quantity: quantity(total) }
  order.tsLast = tsEvent
  const { clientOrderId, type, size } = order
  memory.events.push({ _tag: "OrderUpdated", clientOrderId, tsEvent, type, size })
}
