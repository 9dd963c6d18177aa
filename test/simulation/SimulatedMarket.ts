/**
 * A market drawn from a number: three instruments and two options on one of them, fifteen sessions, splits and
 * dividends; the same for everyone. The options outlive it: nothing of them expires.
 */
import { Context, Effect, Layer, Result } from "effect"
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import type { Instrument, OptionInstrument } from "../../src/domain/Instrument.ts"
import type { Price } from "../../src/domain/Money.ts"
import { sessionDate, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import type { CorporateAction } from "../../src/market/BarSeries.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketData } from "../../src/market/MarketData.ts"
import type { MarketTick } from "../../src/market/MarketTick.ts"
import { ClockRefused } from "../../src/market/ReplayClock.ts"
import { contractInstrument, optionId, standardContract } from "../../src/market/OptionInstruments.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { checkInstant, type Session } from "../../src/market/TradingCalendar.ts"
import {
  ACME,
  BOLT,
  INDX,
  type Day,
  type Listing,
  minute,
  sessions,
  sourceOf
} from "../execution/TestMarket.ts"
import { optionSessions, withHistory } from "../execution/OptionDesk.ts"
import { type Chance, makeChance } from "./Chance.ts"

export const instruments: readonly [Instrument, ...ReadonlyArray<Instrument>] = [ACME, BOLT, INDX]

const putOn = (underlying: Instrument, strike: number): OptionInstrument => {
  const occ = {
    root: underlying.symbol,
    expiry: sessionDate("2024-06-21"),
    right: "PUT" as const,
    strike
  }
  return contractInstrument(optionId(occ), standardContract(underlying, occ), 100)
}

/** Puts on BOLT, below its price: together a spread. */
export const putSold = putOn(BOLT, 42)
export const putBought = putOn(BOLT, 37)
export const contracts: ReadonlyArray<Instrument> = [putSold, putBought]

/** Days walk by a few percent, gap between, and move within; in cents. */
const walk = (chance: Chance, first: number, actions: ReadonlyArray<CorporateAction>): ReadonlyArray<Day> => {
  let last = first
  return sessions.map(({ date }) => {
    for (const action of actions) {
      if (action._tag === "Split" && action.date === date)
        last = (last * action.denominator) / action.numerator
    }
    const moved = (from: number, most: number) =>
      Math.max(100, Math.round(from * (1 + (chance.below(2 * most + 1) - most) / 1000)))
    const open = moved(last, 15)
    const close = moved(open, chance.permille(60) ? 60 : 15)
    const high = Math.max(open, close) + chance.below(Math.ceil(open / 100))
    const low = Math.max(50, Math.min(open, close) - chance.below(Math.ceil(open / 100)))
    last = close
    return [open / 100, high / 100, low / 100, close / 100]
  })
}

const listings = (chance: Chance, hasActions: boolean): ReadonlyArray<Listing> => {
  const on = (day: number): string & Session["date"] => {
    const found = sessions[day]
    if (found === undefined) throw new Error(`no session ${day}`)
    return found.date
  }
  const splits: ReadonlyArray<CorporateAction> = !hasActions
    ? []
    : [
        { _tag: "Split", date: on(1 + chance.below(4)), numerator: 2, denominator: 1 },
        { _tag: "Split", date: on(6 + chance.below(4)), numerator: 1, denominator: 2 }
      ]
  const dividends = (hasActions ? [1, 4, 8] : []).map((day): CorporateAction => ({
    _tag: "Dividend",
    date: on(day + chance.below(2)),
    amountPerShare: 500_000
  }))
  return [
    { instrument: ACME, days: walk(chance, 10_000, splits), actions: splits },
    { instrument: BOLT, days: walk(chance, 5000, []), actions: dividends },
    { instrument: INDX, days: walk(chance, 100_000, []), actions: [] }
  ]
}

/** The market's time, set back to the beginning for the next simulation on the same market. */
class MarketTime {
  at: Timestamp = minute(0, 0)
  readonly services = Context.merge(
    Context.make(MarketClock, MarketClock.of({ now: Effect.sync(() => this.at) })),
    Context.make(
      SteppedClock,
      SteppedClock.of({
        now: Effect.sync(() => this.at),
        set: (next) =>
          Effect.suspend(() => {
            const checked = checkInstant(next)
            if (Result.isFailure(checked) || next < this.at)
              return Effect.fail(new ClockRefused({ message: "market time only goes forward" }))
            this.at = next
            return Effect.void
          })
      })
    )
  )
}

export interface SimulatedMarket {
  readonly time: MarketTime
  readonly services: Context.Context<MarketClock | SteppedClock | MarketData>
  /** Of all instruments, in time order. */
  readonly ticks: ReadonlyArray<MarketTick>
  readonly actionsOn: (date: Session["date"]) => ReadonlyArray<readonly [InstrumentId, CorporateAction]>
  /** The last price at or before an instant. */
  readonly lastAt: (id: InstrumentId, at: Timestamp) => Price | undefined
}

/** Each answer in one go: nobody who dies on the way leaves a look-up behind that others would wait for. */
const atOnce = (data: MarketData["Service"]): MarketData["Service"] => {
  const whole = <A, E>(question: Effect.Effect<A, E>) => Effect.suspend(() => Effect.runSyncExit(question))
  return MarketData.of({
    ...data,
    quote: (id) => whole(data.quote(id)),
    ticks: (request) => whole(data.ticks(request)),
    corporateActions: (id, date) => whole(data.corporateActions(id, date))
  })
}

const make = Effect.fnUntraced(function* (number: number) {
  const time = new MarketTime()
  const market = listings(makeChance(number), false)
  const data = Context.get(
    yield* Layer.build(
      OptionedMarketData.layer().pipe(
        Layer.provide(
          SourcedMarketData.layer({
            sources: [sourceOf(withHistory(market), optionSessions)],
            seed: `market ${number}`
          })
        ),
        Layer.provide(Layer.succeedContext(time.services))
      )
    ),
    MarketData
  )
  const lastSession = sessions.at(-1)
  if (lastSession === undefined) throw new Error("the market has no sessions")
  time.at = timestamp(lastSession.close)
  const ids = [...market.map(({ instrument }) => instrument), ...contracts].map(({ id }) => id)
  const ticks = yield* data.ticks({
    instrumentIds: ids,
    after: timestamp(minute(0, 0) - 1),
    until: lastSession.close
  })
  const byInstrument = new Map(ids.map((id) => [id, ticks.filter(({ instrumentId }) => instrumentId === id)]))
  time.at = minute(0, 0)
  const found: SimulatedMarket = {
    time,
    services: Context.add(time.services, MarketData, atOnce(data)),
    ticks,
    actionsOn: (date) =>
      market.flatMap(({ actions, instrument }) =>
        actions.filter((action) => action.date === date).map((action) => [instrument.id, action] as const)
      ),
    lastAt: (id, at) => {
      const own = byInstrument.get(id) ?? []
      let low = 0
      let high = own.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((own[middle]?.tsEvent ?? Infinity) <= at) low = middle + 1
        else high = middle
      }
      return own[low - 1]?.last
    }
  }
  return found
})

/** Markets are costly to make and do not change: so many there are, and a seed takes one of them. */
const MARKETS = 8

export const makeMarkets = Effect.map(
  Effect.forEach(
    Array.from({ length: MARKETS }, (_, number) => number),
    make
  ),
  (markets) =>
    (chance: Chance): SimulatedMarket => {
      const [first, ...others] = markets
      if (first === undefined) throw new Error("no markets were made")
      const market = chance.pick([first, ...others])
      market.time.at = minute(0, 0)
      return market
    }
)
