/** Tapes of made-up bars, and limits that they come near to. */
import type { Tape, TapeTrack } from "../../../src/backtest/engine/Tape.ts"
import type { Instrument } from "../../../src/domain/Instrument.ts"
import { MICROS_PER_MINUTE } from "../../../src/domain/Timestamp.ts"
import type { CorporateAction } from "../../../src/market/BarSeries.ts"
import type { Session } from "../../../src/market/TradingCalendar.ts"
import { defaultLimits, type RiskLimits } from "../../../src/risk/RiskLimits.ts"
import { seriesOf, type TestBar } from "../../market/Fixtures.ts"

/** Numbers in [0, 1) from a seed (Lehmer). */
export const draws = (seed: number): (() => number) => {
  let state = (seed % 2_147_483_646) + 1
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

const cent = (value: number): number => Math.max(10_000, Math.round(value / 10_000) * 10_000)

/** Bars that wander, with gaps over night, quiet days and now and then a day of falls. */
const wander = (
  draw: () => number,
  sessions: ReadonlyArray<Session>,
  micros: number | undefined
): ReadonlyArray<TestBar> => {
  let last = 20_000_000 + draw() * 200_000_000
  return sessions.flatMap((session) => {
    if (draw() < 0.04) return []
    const bars: Array<TestBar> = []
    last *= 1 + (draw() - 0.5) * (draw() < 0.1 ? 0.15 : 0.01)
    const swing = draw() < 0.15 ? 0.08 : 0.012
    const length = micros ?? session.close - session.open
    for (let at: number = session.open; at < session.close; at += length) {
      const open = cent(last)
      const close = cent(open * (1 + (draw() - 0.5) * swing))
      const high = cent(Math.max(open, close) * (1 + (draw() * swing) / 2))
      const low = cent(Math.min(open, close) * (1 - (draw() * swing) / 2))
      last = close
      // Minutes are missing now and then.
      if (micros !== undefined && draw() < 0.03) continue
      bars.push({
        tsOpen: at,
        tsEvent: Math.min(at + length, session.close),
        open,
        high: Math.max(high, open, close),
        low: Math.min(low, open, close),
        close,
        volume: Math.floor(draw() * 2_000_000)
      })
    }
    return bars
  })
}

const rowsOf = (tsOpen: Float64Array, sessions: ReadonlyArray<Session>) => {
  const before = (at: number) => tsOpen.filter((one) => one < at).length
  return {
    from: Uint32Array.from(sessions, ({ open }) => before(open)),
    until: Uint32Array.from(sessions, ({ close }) => before(close))
  }
}

/** A tape of these instruments, bars of a day or of so many minutes. */
export const randomTape = (options: {
  readonly seed: number
  readonly instruments: ReadonlyArray<Instrument>
  readonly sessions: ReadonlyArray<Session>
  readonly minutes?: 1 | 5
  readonly quotes: Tape["quotes"]
}): Tape => {
  const { instruments, minutes, quotes, seed, sessions } = options
  const draw = draws(seed)
  const resolution = minutes === undefined ? "1d" : minutes === 1 ? "1m" : "5m"
  const tracks = instruments.map((instrument): TapeTrack => {
    const made = wander(draw, sessions, minutes === undefined ? undefined : minutes * MICROS_PER_MINUTE)
    const bars = seriesOf(instrument, resolution, made)
    const rows = rowsOf(bars.tsOpen, sessions)
    const middle = sessions[Math.floor(sessions.length / 2)]
    const actions: ReadonlyArray<CorporateAction> =
      middle === undefined || draw() < 0.5
        ? []
        : [
            { _tag: "Dividend", date: middle.date, amountPerShare: 250_000 },
            { _tag: "Split", date: middle.date, numerator: 3, denominator: 2 }
          ]
    return {
      instrument,
      source: "csv-path",
      bars,
      warmUp: 0,
      first: Uint32Array.of(...rows.from, bars.length),
      paths: [{ ...bars, ...rows }],
      quotes: undefined,
      actions,
      adjusted: Float64Array.from(sessions, () => 1),
      lastSession: draw() < 0.3 ? sessions.length - 3 : sessions.length
    }
  })
  return { sessions, resolution, tracks, seed: String(seed), quotes, gaps: [], dataHash: "random" }
}

/** Limits from those of a desk to nearly none. */
export const randomLimits = (draw: () => number): RiskLimits => ({
  ...defaultLimits,
  positionRatio: draw() < 0.5 ? 0.25 : 2,
  orderNotionalRatio: draw() < 0.5 ? 0.1 : 2,
  grossExposureRatio: draw() < 0.5 ? 1 : 3,
  dailyLossRatio: draw() < 0.5 ? 0.005 : draw() < 0.5 ? 0.03 : 1,
  drawdownRatio: draw() < 0.5 ? 0.02 : draw() < 0.5 ? 0.2 : 1,
  shortSales: draw() < 0.3,
  openOrders: 50
})
