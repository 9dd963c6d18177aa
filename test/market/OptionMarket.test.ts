/** Chains of the options market, modelled where a source has none, and never later than the market clock. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { sessionDate, type Timestamp, toIso } from "../../src/domain/Timestamp.ts"
import type { CorporateAction } from "../../src/market/BarSeries.ts"
import { parseContract } from "../../src/market/ContractText.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { ageSecondsOf } from "../../src/market/MarketChain.ts"
import { OptionMarket } from "../../src/market/OptionMarket.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import { contractQuoteId } from "../../src/market/OptionQuote.ts"
import { rootOf } from "../../src/market/OptionRoot.ts"
import { expiryClose } from "../../src/market/OptionTime.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { fromExchangeTime } from "../../src/market/TradingCalendar.ts"
import { europeanGreeks } from "../../src/options/BlackScholes.ts"
import type { RawExpiry, RawQuote } from "../../src/options/chain/OptionChain.ts"
import { dailyBars, equity, indexOf, seriesOf, sessionsOf } from "./Fixtures.ts"

const AAA = equity("AAA")
const IDX = indexOf("IDX-REPLAY")
const sessions = sessionsOf("2004-01-02", "2005-06-30")
const first = sessions[0]
const last = sessions.at(-1)
if (first === undefined || last === undefined) throw new Error("no sessions")

const HOUR = 3_600_000_000
const at = (date: string, hours: number) => fromExchangeTime(sessionDate(date), hours * HOUR)

/** A dividend a quarter, and in the middle of them a split of two for one. */
const actions: ReadonlyArray<CorporateAction> = [
  { _tag: "Dividend", date: sessionDate("2004-02-10"), amountPerShare: 900_000 },
  { _tag: "Dividend", date: sessionDate("2004-05-11"), amountPerShare: 1_000_000 },
  { _tag: "Split", date: sessionDate("2004-06-01"), numerator: 2, denominator: 1 },
  { _tag: "Dividend", date: sessionDate("2004-08-10"), amountPerShare: 500_000 },
  { _tag: "Dividend", date: sessionDate("2005-05-10"), amountPerShare: 9_000_000 }
]

const source = {
  name: "made",
  listings: [AAA, IDX].map((instrument) => ({
    instrument,
    resolutions: ["1d" as const],
    firstSession: first.date,
    lastSession: last.date,
    gaps: [],
    quoteSource: "csv-path" as const
  })),
  skipped: [],
  series: (id: string) => Effect.sync(() => seriesOf(id === AAA.id ? AAA : IDX, "1d", dailyBars(sessions))),
  quoteSeries: () => Effect.succeed(Option.none()),
  corporateActions: (id: string) => Effect.succeed(id === AAA.id ? actions : [])
}

const market = (start: Timestamp) =>
  OptionedMarketData.layer().pipe(
    Layer.provideMerge(SourcedMarketData.layer({ sources: [source], seed: "test" })),
    Layer.provideMerge(MarketClock.layerStepped({ start }))
  )

const onMarket =
  (start: Timestamp) =>
  <A, E>(work: Effect.Effect<A, E, OptionMarket | SteppedClock>) =>
    Effect.provide(work, Layer.fresh(market(start)))

const now = at("2004-10-04", 11)
const chainOf = (symbol: string) => OptionMarket.use((options) => options.chain(symbol))
const contractOf = (text: string) =>
  Effect.flatMap(Effect.fromResult(parseContract(text)), (asked) =>
    OptionMarket.use((options) => options.contract(asked))
  )

const callsAndPuts = ({ quotes }: RawExpiry) =>
  quotes
    .filter(({ right }) => right === "CALL")
    .flatMap((call) => {
      const put = quotes.find((one) => one.right === "PUT" && one.strike === call.strike)
      return put === undefined ? [] : [{ call, put }]
    })

const middle = ({ ask, bid }: RawQuote): number => ((bid ?? 0) + (ask ?? 0)) / 2

describe("a modelled chain", () => {
  it.effect("says that it is a model's, what it knows and from where, and how old it is", () =>
    Effect.gen(function* () {
      const chain = yield* chainOf("aaa")
      expect(chain).toMatchObject({ source: "model", modelled: ["bid", "ask"], shownAt: now, askedAt: now })
      expect(chain.raw).toMatchObject({ symbol: "AAA", style: "AMERICAN", asOf: toIso(now) })
      expect(chain.notes[0]).toContain("a model's, not a market's")
      expect(chain.origins.model).toContain("volatility model: EWMA(0.94)")
      expect(chain.origins.rate).toContain("as decided on 2004-09-21")
      expect(ageSecondsOf(chain)).toBe(0)
      expect(chain.raw.expiries[0]?.rate).toBe(0.0175)
    }).pipe(onMarket(now))
  )

  it.effect("has a bid below an ask around the model's value on whole ticks, never below zero", () =>
    Effect.gen(function* () {
      const { raw } = yield* chainOf("AAA")
      for (const { quotes } of raw.expiries) {
        for (const { ask = 0, bid = 0, contract } of quotes) {
          expect([contract, bid >= 0 && ask > bid]).toEqual([contract, true])
          for (const side of [bid, ask]) {
            const cents = Math.round(side * 100)
            expect(side).toBeCloseTo(cents / 100, 12)
            if (side > 3) expect([contract, side, cents % 5]).toEqual([contract, side, 0])
          }
        }
      }
    }).pipe(onMarket(now))
  )

  it.effect("holds put-call parity within its spreads on an index, and its bounds on a share", () =>
    Effect.gen(function* () {
      const index = yield* chainOf("IDX-REPLAY")
      expect(index.raw.style).toBe("EUROPEAN")
      for (const expiry of index.raw.expiries) {
        for (const { call, put } of callsAndPuts(expiry)) {
          const forward = index.raw.spot - call.strike * Math.exp(-expiry.rate * expiry.years)
          expect((call.bid ?? 0) - (put.ask ?? 0)).toBeLessThanOrEqual(forward)
          expect((call.ask ?? 0) - (put.bid ?? 0)).toBeGreaterThanOrEqual(forward)
        }
      }
      const share = yield* chainOf("AAA")
      const { spot } = share.raw
      for (const expiry of share.raw.expiries) {
        for (const { call, put } of callsAndPuts(expiry)) {
          expect(call.ask).toBeGreaterThanOrEqual(spot - call.strike)
          expect(put.ask).toBeGreaterThanOrEqual(put.strike - spot)
        }
      }
    }).pipe(onMarket(now))
  )

  it.effect("offers no profit between strikes or expiries, after crossing the spreads", () =>
    Effect.gen(function* () {
      for (const symbol of ["AAA", "IDX-REPLAY"]) {
        const { raw } = yield* chainOf(symbol)
        for (const { quotes } of raw.expiries) {
          for (const right of ["CALL", "PUT"] as const) {
            const side = quotes.filter((one) => one.right === right)
            for (let i = 2; i < side.length; i++) {
              const [low, mid, high] = [side[i - 2], side[i - 1], side[i]]
              if (low === undefined || mid === undefined || high === undefined) continue
              // A butterfly costs something, and a vertical no more than its width.
              expect((low.ask ?? 0) + (high.ask ?? 0)).toBeGreaterThan(2 * (mid.bid ?? 0))
              const [dear, cheap] = right === "CALL" ? [low, mid] : [mid, low]
              expect((cheap.bid ?? 0) - (dear.ask ?? 0)).toBeLessThanOrEqual(0)
              expect((dear.bid ?? 0) - (cheap.ask ?? 0)).toBeLessThanOrEqual(mid.strike - low.strike)
            }
          }
        }
        raw.expiries.slice(1).forEach((later, i) => {
          const earlier = raw.expiries[i]
          for (const one of earlier?.quotes ?? []) {
            const other = later.quotes.find(
              ({ right, strike }) => right === one.right && strike === one.strike
            )
            // Without dividends a call is worth more with more time; an American put always is.
            if (other === undefined || (symbol !== "AAA" && one.right === "PUT")) continue
            if (symbol === "AAA" && one.right === "CALL") continue
            expect([other.contract, (one.bid ?? 0) <= (other.ask ?? 0)]).toEqual([other.contract, true])
          }
        })
      }
    }).pipe(onMarket(now))
  )

  it.effect("is spread by half a point of volatility each way, and the underlying's own spread", () =>
    Effect.gen(function* () {
      const { raw } = yield* chainOf("IDX-REPLAY")
      const expiry = raw.expiries.find(({ years }) => years > 0.2)
      const pair =
        expiry === undefined ? undefined : callsAndPuts(expiry).find(({ call }) => call.strike >= raw.spot)
      if (expiry === undefined || pair === undefined) throw new Error("no contract at the money")
      const { call } = pair
      const { vega } = europeanGreeks(1, raw.spot, call.strike, expiry.years, expiry.rate, 0, 0.2)
      const width = (call.ask ?? 0) - (call.bid ?? 0)
      expect(width).toBeGreaterThan(0.01 * vega * 0.8)
      expect(width).toBeLessThan(0.01 * vega * 1.2 + 0.15)
    }).pipe(onMarket(now))
  )

  it.effect("yields what was paid in the year before, in today's shares, and nothing that is to come", () =>
    Effect.gen(function* () {
      const { dividendYield, raw } = yield* chainOf("AAA")
      expect(dividendYield * raw.spot).toBeCloseTo(0.45 + 0.5 + 0.5, 9)
      expect((yield* chainOf("IDX-REPLAY")).dividendYield).toBe(0)
    }).pipe(onMarket(now))
  )

  it.effect("is the same whatever comes after: the future of the closes is in no quote", () =>
    Effect.gen(function* () {
      const clock = yield* SteppedClock
      const early = yield* chainOf("AAA")
      yield* clock.set(at("2004-10-04", 15))
      const late = yield* chainOf("AAA")
      expect(late.snapshotId).not.toBe(early.snapshotId)
      // The day's own bar has not ended: the level is the same.
      expect(late.origins.model).toBe(early.origins.model)
      yield* clock.set(at("2004-10-04", 16))
      expect((yield* chainOf("AAA")).origins.model).not.toBe(early.origins.model)
    }).pipe(onMarket(now))
  )

  it.effect("between sessions is that of the close, as old as it is", () =>
    Effect.gen(function* () {
      const chain = yield* chainOf("AAA")
      expect(toIso(chain.shownAt)).toBe(toIso(at("2004-10-01", 16)))
      expect(ageSecondsOf(chain)).toBe(42 * 3600)
      // What expired at that close is gone.
      expect(chain.raw.expiries[0]?.expiry).toBe("2004-10-08")
      for (const { expiry, years } of chain.raw.expiries) {
        const close = Option.getOrThrow(expiryClose(expiry))
        expect(years * 365 * 86_400e6).toBeCloseTo(close - chain.shownAt, -1)
      }
    }).pipe(onMarket(at("2004-10-03", 10)))
  )

  it.effect("is refused where too few closes are known", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(chainOf("AAA"))
      expect(refused._tag).toBe("NoOptions")
      expect(refused.message).toContain("from 21 daily closes at least")
    }).pipe(onMarket(at("2004-01-20", 11)))
  )

  it.effect("is refused before the first price, with the reason", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(chainOf("AAA")))._tag).toBe("QuoteUnavailable")
      expect((yield* Effect.flip(chainOf("BBB")))._tag).toBe("InstrumentNotFound")
    }).pipe(onMarket(at("2003-12-30", 11)))
  )
})

describe("ids", () => {
  it.effect("are the same for the same moment, in this process and the next", () =>
    Effect.gen(function* () {
      const one = yield* chainOf("AAA")
      const again = yield* chainOf("AAA.XNAS")
      const other = yield* Effect.provide(chainOf("AAA"), Layer.fresh(market(now)))
      expect(again.snapshotId).toBe(one.snapshotId)
      expect(other.snapshotId).toBe(one.snapshotId)
      expect(other.raw).toEqual(one.raw)
      expect(one.snapshotId).toMatch(/^c-[0-9a-f]{16}$/u)
      const ids = one.raw.expiries.flatMap(({ quotes }) =>
        quotes.map((quote) => contractQuoteId(one.snapshotId, quote))
      )
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids[0]).toMatch(/^q-[0-9a-f]{16}$/u)
    }).pipe(onMarket(now))
  )

  it.effect("name the same chain all weekend: what is listed is what was at the quote", () =>
    Effect.gen(function* () {
      const friday = yield* chainOf("AAA")
      // 124 days before the third Friday of November, whose options are listed from then on.
      const sunday = yield* Effect.provide(chainOf("AAA"), Layer.fresh(market(at("2004-07-18", 10))))
      expect(sunday.snapshotId).toBe(friday.snapshotId)
      expect(sunday.raw).toEqual(friday.raw)
    }).pipe(onMarket(at("2004-07-16", 16)))
  )

  it.effect("find the chain they name while it is kept", () =>
    Effect.gen(function* () {
      const clock = yield* SteppedClock
      const options = yield* OptionMarket
      const one = yield* chainOf("AAA")
      for (let minute = 1; minute < 10; minute++) {
        yield* clock.set(at("2004-10-04", 11 + minute / 60))
        yield* chainOf("AAA")
      }
      const found = yield* options.snapshot(one.snapshotId)
      expect(found.raw).toEqual(one.raw)
      expect(ageSecondsOf(found)).toBe(540)
      for (let minute = 10; minute < 30; minute++) {
        yield* clock.set(at("2004-10-04", 11 + minute / 60))
        yield* chainOf("AAA")
      }
      expect((yield* Effect.flip(options.snapshot(one.snapshotId)))._tag).toBe("SnapshotGone")
      expect((yield* Effect.flip(options.snapshot("c-0000000000000000")))._tag).toBe("SnapshotGone")
    }).pipe(onMarket(now))
  )
})

describe("a contract", () => {
  it.effect("is the chain's own, or one between the strikes that are shown", () =>
    Effect.gen(function* () {
      const { raw } = yield* chainOf("AAA")
      const shown = raw.expiries[3]?.quotes[0]
      if (shown === undefined) throw new Error("an empty chain")
      expect((yield* contractOf(shown.contract)).quote).toEqual(shown)
      const between = yield* contractOf("AAA 041015C00100500")
      expect(between.quote.strike).toBe(100.5)
      const [low, high] = [yield* contractOf("AAA 041015C00100000"), yield* contractOf("AAA 041015C00101000")]
      expect(middle(between.quote)).toBeLessThan(middle(low.quote))
      expect(middle(between.quote)).toBeGreaterThan(middle(high.quote))
    }).pipe(onMarket(now))
  )

  it.effect("is found by the root of an index's symbol", () =>
    Effect.gen(function* () {
      expect(rootOf(IDX)).toBe("IDX")
      const found = yield* contractOf("IDX 041015P00100000")
      expect(found.chain.underlying.symbol).toBe("IDX-REPLAY")
    }).pipe(onMarket(now))
  )

  it.effect.each([
    ["AAA 041001C00100000", "ContractExpired", "expired at the close of 2004-10-01"],
    ["AAA 041013C00100000", "ContractNotFound", "the nearest expiries are 2004-10-08, 2004-10-15"],
    ["AAA 041015C00100250", "ContractNotFound", "the nearest strikes of that expiry are"],
    ["AAB 041015C00100000", "InstrumentNotFound", "nearest: AAA"],
    ["AAA 400120C00100000", "ContractNotFound", "the nearest expiries are"]
  ] as const)("%s is refused: %s", ([contract, tag, words]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(contractOf(contract))
      expect(refused._tag).toBe(tag)
      expect(refused.message).toContain(words)
    }).pipe(onMarket(now))
  )
})
