/**
 * Where a worker is, in memory that it shares with whoever started it: readable
 * when the worker never answers again, and after it was stopped.
 */
import { timestamp } from "../../../domain/Timestamp.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"

const BAR = 0
const NOW = 1
const SLOTS = 2

export interface Heartbeat {
  /** Handed to the worker. */
  readonly memory: SharedArrayBuffer
  /** Told before each call of the strategy: the number of the bar from 1, and the time of the decision. */
  readonly beat: (bar: number, now: number) => void
  /** The last that was told; undefined before the first. */
  readonly last: () => { readonly bar: number; readonly at: string } | undefined
}

/** A new one, or the other end of one that was handed over. */
export const heartbeatOn = (
  memory = new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT)
): Heartbeat => {
  const slots = new Float64Array(memory)
  return {
    memory,
    beat: (bar, now) => {
      slots[BAR] = bar
      slots[NOW] = now
    },
    last: () => {
      const bar = slots[BAR] ?? 0
      return bar === 0 ? undefined : { bar, at: toExchangeTime(timestamp(slots[NOW] ?? 0)) }
    }
  }
}
