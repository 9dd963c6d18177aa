/** Made-up bars for tests that need to know every number. */
import { instrumentId, symbol } from "../../src/domain/Identifiers.ts"
import { Instrument } from "../../src/domain/Instrument.ts"
import { pricePerShare, shares } from "../../src/domain/Money.ts"
import type { Resolution } from "../../src/domain/Quote.ts"
import { MICROS_PER_MINUTE, sessionDate } from "../../src/domain/Timestamp.ts"
import type { BarSeries } from "../../src/market/BarSeries.ts"
import { type Session, sessionsBetween } from "../../src/market/TradingCalendar.ts"

export const equity = (ticker: string): Instrument =>
  Instrument.cases.Equity.make({
    id: instrumentId(`${ticker}.XNAS`),
    symbol: symbol(ticker),
    name: `${ticker} for tests`,
    currency: "USD",
    priceIncrement: pricePerShare(0.01),
    sizeIncrement: shares(1),
    multiplier: 1,
    paperOnly: false,
    caveats: []
  })

export const indexOf = (ticker: string): Instrument =>
  Instrument.cases.Index.make({
    ...equity(ticker),
    id: instrumentId(`${ticker}.XNYS`),
    paperOnly: true,
    _tag: "Index"
  })

export interface TestBar {
  readonly tsOpen: number
  readonly tsEvent: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

export const seriesOf = (
  instrument: Instrument,
  resolution: Resolution,
  bars: ReadonlyArray<TestBar>
): BarSeries => {
  const column = (name: keyof TestBar) => Float64Array.from(bars, (bar) => bar[name])
  return {
    instrument,
    resolution,
    length: bars.length,
    tsOpen: column("tsOpen"),
    tsEvent: column("tsEvent"),
    open: column("open"),
    high: column("high"),
    low: column("low"),
    close: column("close"),
    volume: column("volume")
  }
}

export const sessionsOf = (from: string, to: string): ReadonlyArray<Session> =>
  sessionsBetween(sessionDate(from), sessionDate(to))

/** A wave around $100, different for each bar. */
const wave = (i: number, tsOpen: number, tsEvent: number): TestBar => {
  const middle = 100_000_000 + ((i * 7919) % 1000) * 10_000
  return {
    tsOpen,
    tsEvent,
    open: middle + 120_000,
    high: middle + 1_000_000 + (i % 7) * 1111,
    low: middle - 900_000 - (i % 5) * 777,
    close: middle - 310_000,
    volume: 1_000_003 + i * 17
  }
}

export const dailyBars = (sessions: ReadonlyArray<Session>): ReadonlyArray<TestBar> =>
  sessions.map((session, i) => wave(i, session.open, session.close))

/** Every minute (or other clock interval) of these sessions. */
export const intradayBars = (
  sessions: ReadonlyArray<Session>,
  micros = MICROS_PER_MINUTE
): ReadonlyArray<TestBar> => {
  const bars: Array<TestBar> = []
  for (const session of sessions) {
    for (let at = session.open - (session.open % micros); at < session.close; at += micros) {
      bars.push(wave(bars.length, Math.max(at, session.open), Math.min(at + micros, session.close)))
    }
  }
  return bars
}
