/**
 * Coarser bars from finer ones, exactly: first open, highest high, lowest low,
 * last close, summed volume.
 *
 * Intervals are half-open and follow the clock, as LEAN's do: a day's hour
 * bars are 09:30–10:00, 10:00–11:00, …, 15:00–16:00. Every bar lies within one
 * session and is stamped at its end (`tsEvent`), when it can be known.
 */
import { Option, Result } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Resolution } from "../domain/Quote.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { intervalMicros } from "./BarRows.ts"
import type { BarSeries } from "./BarSeries.ts"
import { ResolutionUnavailable } from "./MarketData.ts"
import { exchangeDate, type Session, session } from "./TradingCalendar.ts"

const finestFirst: ReadonlyArray<Resolution> = ["1m", "5m", "1h", "1d"]

const fineness = (resolution: Resolution): number => finestFirst.indexOf(resolution)

/**
 * Which of a source's resolutions answers for the one asked: itself, or the
 * coarsest of the finer ones. Fails when the source has only coarser ones.
 */
export const resolutionFor = (
  instrumentId: InstrumentId,
  has: ReadonlyArray<Resolution>,
  requested: Resolution
): Result.Result<Resolution, ResolutionUnavailable> => {
  const usable = has.filter((one) => fineness(one) <= fineness(requested))
  const best = usable.reduce<Resolution | undefined>(
    (found, one) => (found === undefined || fineness(one) > fineness(found) ? one : found),
    undefined
  )
  if (best !== undefined) return Result.succeed(best)
  const finest = finestFirst.find((one) => has.includes(one)) ?? "1d"
  return Result.fail(
    new ResolutionUnavailable({
      instrumentId,
      requested,
      finest,
      message: `${instrumentId} has no ${requested} bars: the finest its source has is ${finest}`
    })
  )
}

/** Stamps of the coarser bar that holds a bar starting at `tsOpen` of a session. */
const intervalOf = (
  of: Session,
  tsOpen: number,
  to: Resolution
): readonly [tsOpen: number, tsEvent: number] => {
  if (to === "1d") return [of.open, of.close]
  // New York is whole hours from UTC, so its clock's hours and minutes are UTC's.
  const micros = intervalMicros[to]
  const starts = Math.floor(tsOpen / micros) * micros
  return [Math.max(starts, of.open), Math.min(starts + micros, of.close)]
}

const sessionOf = (tsOpen: Timestamp, previous: Session | undefined): Session | undefined =>
  previous !== undefined && tsOpen >= previous.open && tsOpen < previous.close
    ? previous
    : Option.getOrUndefined(session(exchangeDate(tsOpen)))

/**
 * The series at a coarser resolution; itself at its own. A coarser bar is made
 * of the finer ones that start in it, so one still unfinished holds only what
 * the series has.
 */
export const aggregate = (bars: BarSeries, to: Resolution): BarSeries => {
  if (to === bars.resolution) return bars
  const n = bars.length
  const tsOpen = new Float64Array(n)
  const tsEvent = new Float64Array(n)
  const open = new Float64Array(n)
  const high = new Float64Array(n)
  const low = new Float64Array(n)
  const close = new Float64Array(n)
  const volume = new Float64Array(n)
  let of: Session | undefined
  let length = 0
  for (let i = 0; i < n; i++) {
    const starts = timestamp(bars.tsOpen[i] ?? 0)
    of = sessionOf(starts, of)
    // Series hold regular hours only; a bar outside them could not have been stamped.
    if (of === undefined) continue
    const [from, until] = intervalOf(of, starts, to)
    let at = length - 1
    if (at < 0 || tsOpen[at] !== from) {
      at = length
      length += 1
      tsOpen[at] = from
      tsEvent[at] = until
      open[at] = bars.open[i] ?? 0
      high[at] = bars.high[i] ?? 0
      low[at] = bars.low[i] ?? 0
    }
    high[at] = Math.max(high[at] ?? 0, bars.high[i] ?? 0)
    low[at] = Math.min(low[at] ?? 0, bars.low[i] ?? 0)
    close[at] = bars.close[i] ?? 0
    volume[at] = (volume[at] ?? 0) + (bars.volume[i] ?? 0)
  }
  return {
    instrument: bars.instrument,
    resolution: to,
    length,
    tsOpen: tsOpen.slice(0, length),
    tsEvent: tsEvent.slice(0, length),
    open: open.slice(0, length),
    high: high.slice(0, length),
    low: low.slice(0, length),
    close: close.slice(0, length),
    volume: volume.slice(0, length)
  }
}
