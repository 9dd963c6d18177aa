/** Contexts for tests of strategies and sizing. */
import { readFileSync } from "node:fs"
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { dollars, money, notional, pricePerShare, shares, signedQuantity } from "../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import type { TradingState } from "../../src/domain/TradingState.ts"
import { type History, HistoryBuffer } from "../../src/session/History.ts"
import type { ActiveTrip, Holding, OptionHolding, StrategyContext } from "../../src/session/Strategy.ts"
import { equity } from "../market/Fixtures.ts"

export const one = equity("ONE")
export const two = equity("TWO")

/** A bar whose prices are all the close. */
export const flatBar = (session: number, close: number) => ({
  tsEvent: session,
  open: close,
  high: close,
  low: close,
  close,
  volume: 1000
})

/** A history of these closes, in micros, one a session. */
export const historyOf = (instrument: Instrument, closes: ReadonlyArray<number>): History => {
  const buffer = new HistoryBuffer(instrument.id)
  for (const [session, close] of closes.entries()) buffer.append(flatBar(session, close))
  return buffer.history
}

export interface Book {
  readonly instruments?: ReadonlyArray<Instrument>
  readonly histories?: ReadonlyArray<History>
  readonly cash?: number
  /** Shares and price, by instrument. */
  readonly held?: ReadonlyArray<readonly [Instrument, shares: number, at: number]>
  /** Not counted in the equity. */
  readonly options?: ReadonlyArray<OptionHolding>
  readonly tradingState?: TradingState
  readonly activeTrip?: ActiveTrip
}

/** A book as a strategy sees it; money in dollars, equity worked out. */
export const contextOf = (book: Book): StrategyContext => {
  const holdings = new Map<InstrumentId, Holding>()
  const cash = dollars(book.cash ?? 0)
  let total = cash
  for (const [instrument, count, at] of book.held ?? []) {
    const mark = pricePerShare(at)
    holdings.set(instrument.id, { quantity: signedQuantity(shares(count)), mark })
    total = money(total + notional(mark, shares(count), instrument.multiplier))
  }
  return {
    date: sessionDate("2004-06-10"),
    now: timestamp(0),
    sessionIndex: 0,
    instruments: book.instruments ?? [one],
    histories: new Map((book.histories ?? []).map((history) => [history.instrumentId, history])),
    valueOf: () => undefined,
    holdings,
    working: [],
    options: book.options ?? [],
    equity: total,
    cash,
    tradingState: book.tradingState ?? "Active",
    activeTrip: book.activeTrip
  }
}

/** Closes of the S&P 500 as the package has them, in micros: 2000-01-03 to 2020-04-17. */
export const sp500Closes = (): ReadonlyArray<number> => {
  const file = new URL("../../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url)
  const [header, ...rows] = readFileSync(file, "utf8").trim().split(/\r?\n/u)
  const column = (header ?? "").split(",").indexOf("close")
  return rows.map((row) => Math.round(Number(row.split(",")[column]) * 1_000_000))
}
