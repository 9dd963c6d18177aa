/**
 * Bars with another future: all that is known at the cut stays as it is, all
 * that is known later becomes something else. Of a bar that the cut is inside
 * of the open stays. Bars stay bars: low ≤ open and close ≤ high, prices whole
 * and positive.
 */
import { MAX_PRICE_MICROS } from "../../../domain/Money.ts"
import type { TapeColumns } from "../../engine/Tape.ts"
import type { Change, Perturbation } from "./Stamped.ts"
import { uniform } from "./Uniform.ts"

export interface BarChange extends Change {
  /** Of the bar that the cut is inside of: a venue may spread a bar's volume over its ticks. */
  readonly keepsVolumeInside: boolean
}

interface Row {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** A factor for each bar: far enough from 1 to be seen, and never the same twice. */
const factorOf = (kind: Perturbation, u: number): number => (kind === "rise" ? 1.1 + 0.4 * u : 0.9 - 0.4 * u)

/** Prices may be dearer than any price by then; half the most leaves room for a collar. */
const whole = (value: number): number =>
  Math.min(Math.floor(MAX_PRICE_MICROS / 2), Math.max(1, Math.round(value)))

const scaled = ({ close, high, low, open }: Row, factor: number): Row => ({
  open: whole(open * factor),
  high: whole(high * factor),
  low: whole(low * factor),
  close: whole(close * factor)
})

/** What was above the anchor is below it, by the same ratio. */
const mirrored = ({ close, high, low, open }: Row, anchor: number): Row => {
  const turned = (price: number): number => whole((anchor / price) * anchor)
  return { open: turned(open), high: turned(low), low: turned(high), close: turned(close) }
}

/** With an open that is known already. */
const opened = ({ close, high, low }: Row, open: number): Row => ({
  open,
  high: Math.max(high, open),
  low: Math.min(low, open),
  close
})

const rowAt = ({ close, high, low, open }: TapeColumns, row: number): Row => ({
  open: open[row] ?? 1,
  high: high[row] ?? 1,
  low: low[row] ?? 1,
  close: close[row] ?? 1
})

/** The first row of which something is not known at `cut`. */
export const firstUnknown = (
  { length, tsEvent }: Pick<TapeColumns, "length" | "tsEvent">,
  cut: number
): number => {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tsEvent[middle] ?? 0) <= cut) low = middle + 1
    else high = middle
  }
  return low
}

/** Rows from `from` on in another order (R. A. Fisher and F. Yates, 1938, as R. Durstenfeld has it, 1964). */
const shuffledRows = (from: number, length: number, seed: number): Uint32Array => {
  const rows = Uint32Array.from({ length: length - from }, (_, i) => from + i)
  for (let i = rows.length - 1; i > 0; i--) {
    const j = Math.floor(uniform(seed, i) * (i + 1))
    const held = rows[i] ?? 0
    rows[i] = rows[j] ?? 0
    rows[j] = held
  }
  return rows
}

const copied = (bars: TapeColumns): TapeColumns => ({
  length: bars.length,
  tsOpen: bars.tsOpen,
  tsEvent: bars.tsEvent,
  open: bars.open.slice(),
  high: bars.high.slice(),
  low: bars.low.slice(),
  close: bars.close.slice(),
  volume: bars.volume.slice()
})

const priceOf = (bars: TapeColumns, row: number, anchor: number, { kind, seed }: Change): Row => {
  const own = rowAt(bars, row)
  return kind === "reversed" ? mirrored(own, anchor) : scaled(own, factorOf(kind, uniform(seed, row)))
}

const setRow = (into: TapeColumns, row: number, { close, high, low, open }: Row): void => {
  into.open[row] = open
  into.high[row] = high
  into.low[row] = low
  into.close[row] = close
}

/** Whole shares, never as many as they were. */
const otherVolume = (volume: number, u: number): number =>
  u < 0.5 ? Math.floor(volume * u) : Math.ceil(volume * (1 + 8 * u)) + 1 + Math.floor(u * 1000)

/** The bars with their future changed; the times stay. `ended` ends them after the last bar that has begun. */
export const perturbBars = (bars: TapeColumns, change: BarChange): TapeColumns => {
  const { cut, keepsVolumeInside, kind, seed } = change
  const from = firstUnknown(bars, cut)
  if (from >= bars.length || kind === "ended") return bars
  const into = copied(bars)
  const isInside = (bars.tsOpen[from] ?? Infinity) <= cut
  const anchor = from > 0 ? (bars.close[from - 1] ?? 1) : (bars.open[from] ?? 1)
  const order = kind === "shuffled" ? shuffledRows(from, bars.length, seed) : undefined
  for (let row = from; row < bars.length; row++) {
    const source = order?.[row - from] ?? row
    if (kind !== "volume") {
      // Shuffled bars are also scaled: one that stays in its place would not have changed.
      const made =
        order === undefined
          ? priceOf(bars, row, anchor, change)
          : scaled(rowAt(bars, source), 0.97 + 0.06 * uniform(seed + 1, row))
      setRow(into, row, isInside && row === from ? opened(made, bars.open[from] ?? 1) : made)
    }
    if (!(keepsVolumeInside && isInside && row === from)) {
      into.volume[row] = otherVolume(bars.volume[source] ?? 0, uniform(seed + 2, row))
    }
  }
  return into
}
