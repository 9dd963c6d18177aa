/**
 * A small hand-made market: three instruments, three weeks of daily bars in round numbers.
 *
 * Most days are flat (open, high, low and close are one price), so that every price of a session is known; the price
 * moves between sessions, by gaps. The modelled half-spread is a cent or a basis point: ACME at 100 is 99.99 / 100.01.
 */
import { Effect, Option } from "effect"
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import { Instrument } from "../../src/domain/Instrument.ts"
import { pricePerShare } from "../../src/domain/Money.ts"
import { MICROS_PER_MINUTE, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import type { BarSeries, CorporateAction } from "../../src/market/BarSeries.ts"
import type { BarSource } from "../../src/market/BarSource.ts"
import type { Session } from "../../src/market/TradingCalendar.ts"
import { equity, seriesOf, sessionsOf } from "../market/Fixtures.ts"

export const ACME = equity("ACME")
export const BOLT = equity("BOLT")
const { _tag: _, ...indexFields } = equity("INDX")
export const INDX: Instrument = Instrument.cases.Index.make({ ...indexFields, paperOnly: true })

/** 2024-03-04 (a Monday) to 2024-03-22; the clocks change on the 10th. */
export const sessions: ReadonlyArray<Session> = sessionsOf("2024-03-04", "2024-03-22")

export const sessionAt = (day: number): Session => {
  const found = sessions[day]
  if (found === undefined) throw new Error(`the test market has no session ${day}`)
  return found
}

/** So many minutes after the open of the session numbered `day` from 0. */
export const minute = (day: number, minutes: number): Timestamp =>
  timestamp(sessionAt(day).open + minutes * MICROS_PER_MINUTE)
export const closeOf = (day: number): Timestamp => sessionAt(day).close
/** An hour after the close. */
export const evening = (day: number): Timestamp => timestamp(closeOf(day) + 60 * MICROS_PER_MINUTE)

/** A flat day's price, or [open, high, low, close]; dollars. */
export type Day = number | readonly [number, number, number, number]

export interface Listing {
  readonly instrument: Instrument
  readonly days: ReadonlyArray<Day>
  readonly actions: ReadonlyArray<CorporateAction>
}

const bar = ({ close: tsEvent, open: tsOpen }: Session, day: Day) => {
  const [open, high, low, close] = typeof day === "number" ? [day, day, day, day] : day
  return {
    tsOpen,
    tsEvent,
    open: pricePerShare(open),
    high: pricePerShare(high),
    low: pricePerShare(low),
    close: pricePerShare(close),
    volume: 10_000_000
  }
}

const split = (day: number, numerator: number, denominator: number): CorporateAction => ({
  _tag: "Split",
  date: sessionAt(day).date,
  numerator,
  denominator
})
const dividend = (day: number, dollars: number): CorporateAction => ({
  _tag: "Dividend",
  date: sessionAt(day).date,
  amountPerShare: pricePerShare(dollars)
})

/**
 * ACME falls from 100 to 80 at the open of day 3, is split 4 for 1 on day 6 and 1 for 2 on day 11.
 * BOLT stays at 50 and pays 0.50 on day 5; INDX moves within its days.
 */
export const standardMarket: ReadonlyArray<Listing> = [
  {
    instrument: ACME,
    days: [100, 100, 100, 80, 80, 84, 21, 21, 22, 22, 20, 40, 40, 44, 44],
    actions: [split(6, 4, 1), split(11, 1, 2)]
  },
  {
    instrument: BOLT,
    days: Array.from({ length: 15 }, () => 50),
    actions: [dividend(5, 0.5)]
  },
  {
    instrument: INDX,
    days: Array.from({ length: 15 }, (_, i) => [1000 + i * 10, 1030 + i * 10, 990 + i * 10, 1010 + i * 10]),
    actions: []
  }
]

/** The market's prices over its own sessions, or others. */
export const sourceOf = (
  market: ReadonlyArray<Listing>,
  over: ReadonlyArray<Session> = sessions
): BarSource => {
  const on = (day: number): Session => {
    const found = over[day]
    if (found === undefined) throw new Error(`the test market has no session ${day}`)
    return found
  }
  const byId = new Map<InstrumentId, { readonly listing: Listing; readonly series: BarSeries }>(
    market.map((listing) => [
      listing.instrument.id,
      {
        listing,
        series: seriesOf(
          listing.instrument,
          "1d",
          listing.days.map((day, i) => bar(on(i), day))
        )
      }
    ])
  )
  const known = (id: InstrumentId) => {
    const found = byId.get(id)
    if (found === undefined) throw new Error(`the test market has no ${id}`)
    return found
  }
  return {
    name: "test market",
    skipped: [],
    listings: market.map(({ days, instrument }) => ({
      instrument,
      resolutions: ["1d"],
      firstSession: on(0).date,
      lastSession: on(days.length - 1).date,
      gaps: [],
      quoteSource: "replay-path"
    })),
    series: (id) => Effect.succeed(known(id).series),
    quoteSeries: () => Effect.succeed(Option.none()),
    corporateActions: (id) => Effect.succeed(known(id).listing.actions)
  }
}
