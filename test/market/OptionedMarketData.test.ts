/** Option contracts as instruments of the market: names, quotes and ticks, modelled ones and those of LEAN's files. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Result } from "effect"
import { type InstrumentId, instrumentId } from "../../src/domain/Identifiers.ts"
import {
  MICROS_PER_MINUTE,
  sessionDate,
  type Timestamp,
  timestamp,
  toIso
} from "../../src/domain/Timestamp.ts"
import type { CorporateAction } from "../../src/market/BarSeries.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketData } from "../../src/market/MarketData.ts"
import type { MarketTick } from "../../src/market/MarketTick.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import { OptionMarket } from "../../src/market/OptionMarket.ts"
import { contractQuoteId } from "../../src/market/OptionQuote.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { fromExchangeTime } from "../../src/market/TradingCalendar.ts"
import { marketOptions, marketSources } from "../../src/programs/MarketSources.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"
import { dailyBars, equity, indexOf, seriesOf, sessionsOf } from "./Fixtures.ts"

const AAA = equity("AAA")
const BBB = equity("BBB")
const SPX = indexOf("SPX-REPLAY")
const made = [AAA, BBB, SPX]
const sessions = sessionsOf("2004-01-02", "2005-06-30")
const first = sessions[0]
const last = sessions.at(-1)
if (first === undefined || last === undefined) throw new Error("no sessions")

const HOUR = 3_600_000_000
const at = (date: string, hours: number) => fromExchangeTime(sessionDate(date), hours * HOUR)

const splitOf = (numerator: number, denominator: number): CorporateAction => ({
  _tag: "Split",
  date: sessionDate("2004-09-13"),
  numerator,
  denominator
})

const source = {
  name: "made",
  listings: made.map((instrument) => ({
    instrument,
    resolutions: ["1d" as const],
    firstSession: first.date,
    lastSession: last.date,
    gaps: [],
    quoteSource: "csv-path" as const
  })),
  skipped: [],
  series: (id: string) =>
    Effect.sync(() => seriesOf(made.find((one) => one.id === id) ?? AAA, "1d", dailyBars(sessions))),
  quoteSeries: () => Effect.succeed(Option.none()),
  corporateActions: (id: string) =>
    Effect.succeed(
      id === AAA.id
        ? [
            { _tag: "Dividend" as const, date: sessionDate("2004-08-10"), amountPerShare: 500_000 },
            splitOf(7, 1)
          ]
        : id === BBB.id
          ? [splitOf(3, 2)]
          : []
    )
}

const market = (start: Timestamp) =>
  OptionedMarketData.layer().pipe(
    Layer.provide(SourcedMarketData.layer({ sources: [source], seed: "test" })),
    Layer.provideMerge(MarketClock.layerStepped({ start }))
  )

type Market = MarketData | OptionMarket | MarketClock | SteppedClock

const onMarket =
  (start: Timestamp) =>
  <A, E>(work: Effect.Effect<A, E, Market>) =>
    Effect.provide(work, Layer.fresh(market(start)))

const optionOf = (occ: string): InstrumentId => instrumentId(`${occ}.OPRA`)
const quoteOf = (id: InstrumentId) => MarketData.use((data) => data.quote(id))
const ticksOf = (ids: ReadonlyArray<InstrumentId>, after: Timestamp, until: Timestamp) =>
  MarketData.use((data) => data.ticks({ instrumentIds: ids, after, until }))
const setClock = (to: Timestamp) => SteppedClock.use((clock) => clock.set(to))

const pricesOf = ({ ask, bid, last }: Pick<MarketTick, "bid" | "ask" | "last">) => ({ bid, ask, last })

/** At the instant of each of these ticks the contract is quoted as the tick says. */
const expectQuoted = Effect.fnUntraced(function* (id: InstrumentId, ticks: ReadonlyArray<MarketTick>) {
  for (const tick of ticks) {
    const found = yield* Effect.provide(quoteOf(id), Layer.fresh(market(tick.tsEvent)))
    expect([tick.tsEvent, pricesOf(found)]).toEqual([tick.tsEvent, pricesOf(tick)])
    expect([found.source, found.tsEvent]).toEqual([tick.source, tick.tsEvent])
  }
})

const morning = at("2004-10-04", 11)
const CALL = optionOf("AAA 041015C00100000")

describe("a contract by its name", () => {
  it.effect.each(["AAA 041015C00100000", "aaa 2004-10-15 100 call", "AAA 041015C00100000.OPRA"])(
    "%s is an instrument",
    (text) =>
      Effect.gen(function* () {
        const data = yield* MarketData
        const found = yield* data.instrument(text)
        expect(found).toEqual(data.instrumentOf(CALL))
        expect(found).toMatchObject({
          id: "AAA 041015C00100000.OPRA",
          multiplier: 100,
          contract: { underlying: AAA.id, settlement: "PHYSICAL", expirySession: "PM" }
        })
      }).pipe(onMarket(morning))
  )

  it.effect.each([
    ["AAA 041015C00100250", "the nearest strikes of that expiry are", 4],
    ["AAA 041013C00100000", "the nearest expiries are", 4],
    ["AAA 041001C00100000", "expired at the close of 2004-10-01", 0],
    ["AAB 041015C00100000", "nearest: AAA", 3],
    ["nothing", "no instrument", 3]
  ] as const)("%s is none, and the refusal helps", ([text, words, nearest]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(MarketData.use((data) => data.instrument(text)))
      expect(refused._tag).toBe("InstrumentNotFound")
      expect(refused.message).toContain(words)
      expect(refused.nearest).toHaveLength(nearest)
    }).pipe(onMarket(morning))
  )

  it.effect("that a split of a listed strike made is one, while it was listed before the split", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      // 645 ÷ 7 to the cent.
      expect((yield* data.instrument("AAA 041015C00092140")).id).toBe("AAA 041015C00092140.OPRA")
      expect((yield* data.quote(optionOf("AAA 041015C00092140"))).ask).toBeGreaterThan(0)
      expect(Result.isFailure(yield* Effect.result(data.instrument("AAA 041015C00092130")))).toBe(true)
      expect(Result.isFailure(yield* Effect.result(data.instrument("AAA 041112C00092140")))).toBe(true)
      expect(Result.isFailure(yield* Effect.result(data.instrument("BBB 041015C00092140")))).toBe(true)
    }).pipe(onMarket(morning))
  )

  it.effect("of an index is AM settled in the monthly series and PM settled in the weekly one", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      const monthly = yield* data.instrument("SPX 041015P00100000")
      const weekly = yield* data.instrument("SPX-REPLAY 2004-10-22 100 P")
      expect(monthly).toMatchObject({
        id: "SPX 041015P00100000.OPRA",
        contract: { settlement: "CASH", style: "EUROPEAN", expirySession: "AM" }
      })
      expect(weekly).toMatchObject({ id: "SPXW 041022P00100000.OPRA", contract: { expirySession: "PM" } })
      expect(data.instrumentOf(optionOf("SPX 041022P00100000"))).toBeUndefined()
      expect(data.instrumentOf(optionOf("SPXW 041015P00100000"))).toBeUndefined()
    }).pipe(onMarket(morning))
  )

  it.effect("has no bars and no corporate actions of its own", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      const span = { from: at("2004-09-01", 0), until: morning }
      expect(yield* data.bars({ instrumentId: CALL, resolution: "1d", ...span })).toEqual([])
      expect(yield* data.corporateActions(CALL, sessionDate("2004-09-13"))).toEqual([])
      expect(yield* data.bars({ instrumentId: AAA.id, resolution: "1d", ...span })).not.toEqual([])
    }).pipe(onMarket(morning))
  )
})

describe("a contract's quote", () => {
  it.effect("is the one its chain shows, under the same id, with the middle as its last price", () =>
    Effect.gen(function* () {
      const { raw, snapshotId } = yield* OptionMarket.use((options) => options.chain("AAA"))
      for (const quote of raw.expiries.flatMap(({ quotes }) => quotes.slice(0, 6))) {
        const found = yield* quoteOf(optionOf(quote.contract))
        expect(found.quoteId).toBe(contractQuoteId(snapshotId, quote))
        expect([found.bid, found.ask]).toEqual([
          Math.round((quote.bid ?? 0) * 1e6),
          Math.round((quote.ask ?? 0) * 1e6)
        ])
        expect(found.last).toBe(Math.max(1, (found.bid + found.ask) / 2))
        expect(found).toMatchObject({ source: "option-model", tsEvent: morning, tsInit: morning })
        expect(found.modelled).toEqual(["bid", "ask", "last"])
      }
    }).pipe(onMarket(morning))
  )

  it.effect("is had at any strike and expiry that can still be traded, listed or not", () =>
    Effect.gen(function* () {
      for (const occ of ["AAA 041013C00097130", "AAA 070119P00100000"]) {
        expect((yield* quoteOf(optionOf(occ))).ask).toBeGreaterThan(0)
      }
    }).pipe(onMarket(morning))
  )

  it.effect("of an adjusted series is of the shares that the split made", () =>
    Effect.gen(function* () {
      const adjusted = yield* quoteOf(optionOf("BBB1 041015C00120000"))
      // One and a half shares at 120 are half as much again as one at 80.
      const standard = yield* quoteOf(optionOf("BBB 041015C00080000"))
      expect(adjusted.last / standard.last).toBeCloseTo(1.5, 1)
      expect(Result.isFailure(yield* Effect.result(quoteOf(optionOf("CCC1 041015C00120000"))))).toBe(true)
    }).pipe(onMarket(morning))
  )

  it.effect("ends with its last trading time, and says so", () =>
    Effect.gen(function* () {
      expect((yield* quoteOf(CALL)).ask).toBeGreaterThan(0)
      yield* setClock(at("2004-10-14", 16))
      const open = yield* Effect.flip(quoteOf(optionOf("SPX 041015P00100000")))
      expect(open.message).toContain("of 2004-10-15, it was traded until the close of 2004-10-14")
      yield* setClock(at("2004-10-15", 16))
      const refused = yield* Effect.flip(quoteOf(CALL))
      expect(refused._tag).toBe("QuoteUnavailable")
      expect(refused.message).toContain("it expired at the close of 2004-10-15")
    }).pipe(onMarket(at("2004-10-14", 15)))
  )

  it.effect("is refused without a volatility, and for what is no instrument", () =>
    Effect.gen(function* () {
      const early = yield* Effect.flip(quoteOf(CALL))
      expect([early._tag, early.message]).toEqual([
        "QuoteUnavailable",
        expect.stringContaining("21 daily closes")
      ])
      expect((yield* Effect.flip(quoteOf(optionOf("ZZZ 041015C00100000"))))._tag).toBe("InstrumentNotFound")
    }).pipe(onMarket(at("2004-01-20", 11)))
  )
})

describe("modelled ticks of a contract", () => {
  const open = at("2004-10-04", 9.5)
  const close = at("2004-10-04", 16)
  const before = timestamp(open - 1)

  it.effect("are one for each of the underlying's, with its time and phase, at what is quoted then", () =>
    Effect.gen(function* () {
      const [shares, options] = [
        yield* ticksOf([AAA.id], before, close),
        yield* ticksOf([CALL], before, close)
      ]
      expect(options.map(({ phase, tsEvent }) => [tsEvent, phase])).toEqual(
        shares.map(({ phase, tsEvent }) => [tsEvent, phase])
      )
      expect(options.every(({ askSize, volume }) => askSize === 0 && volume === 0)).toBe(true)
      yield* expectQuoted(CALL, [...options.slice(0, 2), ...options.slice(200, 202), ...options.slice(-2)])
    }).pipe(onMarket(close))
  )

  it.effect("are the same whatever the calls they are fetched by, and whenever", () =>
    Effect.gen(function* () {
      const [from, to] = [at("2004-09-10", 12), at("2004-09-15", 13)]
      const whole = yield* ticksOf([CALL], from, to)
      const parts: Array<MarketTick> = []
      for (let after = from; after < to; after = timestamp(after + 77 * MICROS_PER_MINUTE)) {
        parts.push(
          ...(yield* ticksOf([CALL], after, timestamp(Math.min(to, after + 77 * MICROS_PER_MINUTE))))
        )
      }
      expect(parts).toEqual(whole)
      expect(whole.length).toBeGreaterThan(1000)
      // Before the split was, and its closes were divided.
      const then = yield* Effect.provide(ticksOf([CALL], from, to), Layer.fresh(market(at("2004-09-10", 16))))
      expect(then).toEqual(whole.slice(0, then.length))
    }).pipe(onMarket(at("2004-10-04", 16)))
  )

  it.effect("come with those of shares in time order, ties in the order asked", () =>
    Effect.gen(function* () {
      const ids = [AAA.id, CALL, optionOf("AAA 041015P00100000"), BBB.id]
      const ticks = yield* ticksOf(ids, before, at("2004-10-04", 10))
      expect(ticks.map(({ instrumentId: id }) => id)).toEqual(Array.from({ length: 31 }, () => ids).flat())
      expect(ticks.every(({ tsEvent }, i) => tsEvent >= (ticks[i - 1]?.tsEvent ?? 0))).toBe(true)
    }).pipe(onMarket(close))
  )

  it.effect("never come from ahead of the market's time", () =>
    Effect.gen(function* () {
      const ticks = yield* ticksOf([CALL], before, close)
      expect(ticks.at(-1)?.tsEvent).toBe(morning)
    }).pipe(onMarket(morning))
  )

  it.effect("end a minute before the close of the last trading day, of AM settled ones the day before", () =>
    Effect.gen(function* () {
      const lastOf = (id: InstrumentId) =>
        Effect.map(ticksOf([id], at("2004-10-11", 9), at("2004-10-18", 16)), (ticks) => {
          const end = ticks.at(-1)
          return end === undefined ? "none" : toIso(end.tsEvent)
        })
      expect(yield* lastOf(CALL)).toBe(toIso(at("2004-10-15", 15 + 59 / 60)))
      expect(yield* lastOf(optionOf("SPX 041015P00100000"))).toBe(toIso(at("2004-10-14", 15 + 59 / 60)))
      expect(yield* ticksOf([CALL], at("2004-10-18", 9), at("2004-10-18", 16))).toEqual([])
    }).pipe(onMarket(at("2004-10-18", 16)))
  )

  it.effect("are none without a volatility, and refused for what is no instrument", () =>
    Effect.gen(function* () {
      expect(yield* ticksOf([CALL], at("2004-01-05", 9), at("2004-01-05", 16))).toEqual([])
      const refused = yield* Effect.flip(ticksOf([optionOf("ZZZ 041015C00100000")], before, close))
      expect(refused._tag).toBe("InstrumentNotFound")
    }).pipe(onMarket(close))
  )
})

describeWithShared("the options of a LEAN folder", () => {
  const config = {
    market: { source: "lean" as const, path: sharedPath("lean-data"), badRows: "skip" as const }
  }

  const onLean =
    (start: Timestamp) =>
    <A, E>(work: Effect.Effect<A, E, Market>) =>
      Effect.gen(function* () {
        const sources = yield* marketSources(config, "/")
        const published = yield* marketOptions(config, "/")
        const layer = OptionedMarketData.layer({ published }).pipe(
          Layer.provide(SourcedMarketData.layer({ sources, seed: "test" })),
          Layer.provideMerge(MarketClock.layerStepped({ start }))
        )
        return yield* Effect.provide(work, Layer.fresh(layer))
      }).pipe(Effect.provide(NodeServices.layer))

  const day = (date: string) => ({ open: timestamp(at(date, 9.5) - 1), close: at(date, 16) })
  const OLD = optionOf("AAPL 140613C00645000")
  const NEW = optionOf("AAPL 140613C00092140")

  it.effect("give the closing tick of a day they have, on a day that is modelled until then", () =>
    Effect.gen(function* () {
      const { close, open } = day("2014-06-06")
      const ticks = yield* ticksOf([OLD], open, close)
      const [closing, ...others] = ticks.toReversed()
      expect(closing).toMatchObject({ tsEvent: close, phase: "CLOSE", bid: 9_750_000, ask: 9_900_000 })
      expect(closing?.source).toBe("option-quote")
      expect(new Set(others.map(({ source }) => source))).toEqual(new Set(["option-model"]))
      const { chain, quote } = yield* OptionMarket.use((options) =>
        options.contract({
          underlying: "AAPL",
          expiry: sessionDate("2014-06-13"),
          right: "CALL",
          strike: 645
        })
      )
      expect(chain.source).toBe("lean-quote")
      expect(yield* quoteOf(OLD)).toMatchObject({
        quoteId: contractQuoteId(chain.snapshotId, quote),
        bid: 9_750_000,
        ask: 9_900_000,
        last: 9_825_000,
        tsEvent: close,
        source: "option-quote",
        modelled: ["last"]
      })
    }).pipe(onLean(at("2014-06-06", 16)))
  )

  it.effect("are of the new strikes on the day of the split, which is modelled until its close", () =>
    Effect.gen(function* () {
      const data = yield* MarketData
      const { close, open } = day("2014-06-09")
      expect((yield* data.instrument("AAPL 140613C00092140")).id).toBe(NEW)
      const ticks = yield* ticksOf([NEW], open, at("2014-06-09", 12))
      expect(ticks[0]).toMatchObject({ phase: "OPEN", source: "option-model" })
      yield* setClock(close)
      const closing = (yield* ticksOf([NEW], at("2014-06-09", 12), close)).at(-1)
      expect(closing).toMatchObject({ tsEvent: close, phase: "CLOSE", source: "option-quote" })
      // Seven of the new are one of the old: the share closed at 645.57 and at 93.70.
      expect((7 * (closing?.last ?? 0)) / 9_825_000).toBeGreaterThan(1)
      // Contracts of the old basis are in no chain any more.
      const refused = yield* Effect.flip(data.quote(OLD))
      expect(refused.message).toContain("the chain of 2014-06-09 has no such contract")
    }).pipe(onLean(at("2014-06-09", 12)))
  )

  it.effect("stand through the next session without a tick, and give way to the model after it", () =>
    Effect.gen(function* () {
      const tuesday = day("2014-06-10")
      expect(yield* ticksOf([NEW], tuesday.open, tuesday.close)).toEqual([])
      expect(yield* quoteOf(NEW)).toMatchObject({ tsEvent: at("2014-06-09", 16), source: "option-quote" })
      const wednesday = day("2014-06-11")
      yield* setClock(wednesday.close)
      const ticks = yield* ticksOf([NEW], wednesday.open, wednesday.close)
      expect(ticks).toHaveLength(391)
      expect(ticks[0]).toMatchObject({ phase: "OPEN", source: "option-model" })
    }).pipe(onLean(at("2014-06-10", 16)))
  )

  it.effect("give a tick a row where they are by the minute, each what is quoted then", () =>
    Effect.gen(function* () {
      const { close, open } = day("2015-12-23")
      const id = optionOf("GOOG 151224C00725000")
      const ticks = yield* ticksOf([id], open, close)
      expect(ticks[0]).toMatchObject({ phase: "OPEN", source: "option-model" })
      const rows = ticks.filter(({ source }) => source === "option-quote")
      expect(rows.length).toBeGreaterThan(100)
      expect(rows.every(({ tsEvent }) => (tsEvent - open - 1) % MICROS_PER_MINUTE === 0)).toBe(true)
      const halves = [
        ...(yield* ticksOf([id], open, at("2015-12-23", 12))),
        ...(yield* ticksOf([id], at("2015-12-23", 12), close))
      ]
      expect(halves).toEqual(ticks)
      for (const tick of [...rows.slice(0, 2), ...rows.slice(-2)]) {
        const found = yield* quoteOf(id).pipe(onLean(tick.tsEvent))
        expect([found.tsEvent, pricesOf(found)]).toEqual([tick.tsEvent, pricesOf(tick)])
      }
    }).pipe(onLean(at("2015-12-23", 16)))
  )
})
