/** Orders of which one fills at most: a bracket's exits, and those of a group that a caller named. */
import type { ClientOrderId } from "../domain/Identifiers.ts"

/** What legs that exclude each other have in common; a bracket and a group that a caller named never share it. */
export const groupOf = (
  ocoGroup: string | undefined,
  bracketOf: ClientOrderId | undefined
): string | undefined =>
  bracketOf !== undefined ? `bracket ${bracketOf}` : ocoGroup === undefined ? undefined : `oco ${ocoGroup}`

/** What orders come to if all fill that can: of one group only the one that comes to most. */
export const sumByGroup = <A extends { readonly group?: string | undefined }>(
  orders: Iterable<A>,
  of: (order: A) => number
): number => {
  let sum = 0
  const most = new Map<string, number>()
  for (const order of orders) {
    const { group } = order
    if (group === undefined) sum += of(order)
    else most.set(group, Math.max(most.get(group) ?? 0, of(order)))
  }
  for (const one of most.values()) sum += one
  return sum
}
