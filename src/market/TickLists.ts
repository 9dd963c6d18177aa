/** Lists of ticks in time order. */
import type { Timestamp } from "../domain/Timestamp.ts"
import type { MarketTick } from "./MarketTick.ts"

/** Index of the first tick later than `at`. */
export const firstAfter = (ticks: ReadonlyArray<MarketTick>, at: Timestamp): number => {
  let low = 0
  let high = ticks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ticks[middle]?.tsEvent ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** Those in (after, until]. */
export const cut = (
  ticks: ReadonlyArray<MarketTick>,
  after: Timestamp,
  until: Timestamp
): ReadonlyArray<MarketTick> => ticks.slice(firstAfter(ticks, after), firstAfter(ticks, until))

/** Lists already in time order, merged; ties in the order of the lists. */
export const mergeTicks = (lists: ReadonlyArray<ReadonlyArray<MarketTick>>): ReadonlyArray<MarketTick> => {
  if (lists.length === 1) return lists[0] ?? []
  const total = lists.reduce((sum, list) => sum + list.length, 0)
  const at = lists.map(() => 0)
  const merged: Array<MarketTick> = []
  while (merged.length < total) {
    let next: MarketTick | undefined
    let from = -1
    for (let i = 0; i < lists.length; i++) {
      const head = lists[i]?.[at[i] ?? 0]
      if (head !== undefined && (next === undefined || head.tsEvent < next.tsEvent)) {
        next = head
        from = i
      }
    }
    if (next === undefined) break
    merged.push(next)
    at[from] = (at[from] ?? 0) + 1
  }
  return merged
}
