/** Quotes stay citable for as long as an order may cite them, and are dropped after, however processes come and go. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Option } from "effect"
import { type QuoteId, quoteId } from "../../src/domain/Identifiers.ts"
import { QuoteTick } from "../../src/domain/Quote.ts"
import { StorageBusy } from "../../src/domain/StorageError.ts"
import { MICROS_PER_MINUTE, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import { CitedQuotes } from "../../src/market/CitedQuotes.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { QuoteStore } from "../../src/market/QuoteStore.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { dailyBars, equity, seriesOf, sessionsOf } from "./Fixtures.ts"

const AAA = equity("AAA")
const sessions = sessionsOf("2004-03-01", "2004-06-30")
const session = (i: number) => {
  const found = sessions[i]
  if (found === undefined) throw new Error(`no session ${i}`)
  return found
}

const source = {
  name: "made",
  listings: [
    {
      instrument: AAA,
      resolutions: ["1d" as const],
      firstSession: session(0).date,
      lastSession: session(sessions.length - 1).date,
      gaps: [],
      quoteSource: "csv-path" as const
    }
  ],
  skipped: [],
  series: () => Effect.sync(() => seriesOf(AAA, "1d", dailyBars(sessions))),
  quoteSeries: () => Effect.succeed(Option.none()),
  corporateActions: () => Effect.succeed([])
}

const market = SourcedMarketData.layer({ sources: [source], seed: "test" }).pipe(
  Layer.provideMerge(MarketClock.layerStepped({ start: session(0).open }))
)

/** What a store holds, for the test to look at. */
class Kept extends Context.Service<
  Kept,
  { readonly quotes: Map<QuoteId, QuoteTick>; isBusy: boolean; drops: number; puts: number }
>()("plimsoll/test/market/CitedQuotes.test/Kept") {
  static readonly layer = Layer.sync(Kept, () => ({ quotes: new Map(), isBusy: false, drops: 0, puts: 0 }))
}

const store = Layer.effect(
  QuoteStore,
  Effect.map(Kept, (kept) =>
    QuoteStore.of({
      put: (quote) => Effect.sync(() => void kept.quotes.set(quote.quoteId, quote)),
      putAll: (quotes) =>
        Effect.sync(() => {
          kept.puts += 1
          for (const quote of quotes) kept.quotes.set(quote.quoteId, quote)
        }),
      find: (id) => Effect.sync(() => Option.fromUndefinedOr(kept.quotes.get(id))),
      newest: () => Effect.succeedNone,
      prune: (before) =>
        Effect.suspend(() => {
          kept.drops += 1
          if (kept.isBusy) return Effect.fail(new StorageBusy({ operation: "drop", message: "busy" }))
          for (const [id, { tsEvent }] of kept.quotes) if (tsEvent < before) kept.quotes.delete(id)
          return Effect.void
        })
    })
  )
)

const world = store.pipe(Layer.provideMerge(Kept.layer), Layer.provideMerge(market))

const setTime = (at: Timestamp) => SteppedClock.use((clock) => clock.set(at))
const issue = CitedQuotes.use((quotes) => quotes.issue(AAA.id))
const find = (id: QuoteId) => CitedQuotes.use((quotes) => quotes.find(id))

/** A process of its own on the same store. */
const inProcess = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.provide(work, Layer.fresh(CitedQuotes.layer))

/** Polls the quote once a minute over these sessions; every poll sees a new one. */
const pollThrough = (from: number, to: number) =>
  Effect.gen(function* () {
    for (let i = from; i <= to; i++) {
      const { close, open } = session(i)
      for (let at = open; at <= close; at = timestamp(at + MICROS_PER_MINUTE)) {
        yield* setTime(at)
        yield* issue
      }
    }
  })

describe("quotes that orders may cite", () => {
  it.effect("are citable for nine days, by other processes too, and gone after", () =>
    Effect.gen(function* () {
      const given = yield* inProcess(issue)
      yield* setTime(session(5).close)
      yield* inProcess(issue)
      expect(yield* inProcess(find(given.quoteId))).toEqual(Option.some(given))
      // Nine days and more after the first session, at the eighth's close.
      yield* setTime(session(8).close)
      yield* inProcess(issue)
      expect(yield* inProcess(find(given.quoteId))).toEqual(Option.none())
    }).pipe(Effect.provide(world))
  )

  it.effect("stay few when many processes ask for a few each and end", () =>
    Effect.gen(function* () {
      const kept = yield* Kept
      let most = 0
      for (const { close, open } of sessions) {
        for (let n = 0; n < 10; n++) {
          yield* setTime(timestamp(open + n * MICROS_PER_MINUTE))
          yield* inProcess(issue)
        }
        yield* setTime(close)
        most = Math.max(most, kept.quotes.size)
      }
      // At most eight sessions begin within nine days.
      expect(most).toBeLessThanOrEqual(80)
      expect(sessions.length * 10).toBeGreaterThan(800)
    }).pipe(Effect.provide(world))
  )

  it.effect("stay few when one process asks every minute for weeks", () =>
    Effect.gen(function* () {
      const kept = yield* Kept
      let most = 0
      yield* inProcess(
        Effect.gen(function* () {
          for (let i = 0; i < 30; i++) {
            yield* pollThrough(i, i)
            most = Math.max(most, kept.quotes.size)
          }
        })
      )
      // Those of nine days, and those since the last time old ones were dropped.
      expect(most).toBeLessThan(8 * 391 + 512)
      expect(kept.drops).toBe(Math.ceil((30 * 391) / 512))
    }).pipe(Effect.provide(world))
  )

  it.effect("that stand still are kept once, however often they are asked for", () =>
    Effect.gen(function* () {
      const kept = yield* Kept
      yield* inProcess(Effect.repeat(issue, { times: 2000 }))
      expect(kept.quotes.size).toBe(1)
      expect(kept.drops).toBe(1)
    }).pipe(Effect.provide(world))
  )

  it.effect("are given out although old ones cannot be dropped just now", () =>
    Effect.gen(function* () {
      const kept = yield* Kept
      kept.isBusy = true
      const quote = yield* inProcess(issue)
      expect(kept.drops).toBe(1)
      expect(kept.quotes.get(quote.quoteId)).toEqual(quote)
    }).pipe(Effect.provide(world))
  )

  it.effect("are kept many at a time, and each once", () =>
    Effect.gen(function* () {
      const kept = yield* Kept
      const given = yield* inProcess(issue)
      const many = Array.from(
        { length: 150 },
        (_, i) => new QuoteTick({ ...given, quoteId: quoteId(`q-${String(i).padStart(16, "0")}`) })
      )
      yield* inProcess(
        CitedQuotes.use((quotes) =>
          Effect.gen(function* () {
            yield* quotes.keep([])
            for (let times = 0; times < 3; times++) yield* quotes.keep(many)
          })
        )
      )
      expect(kept.puts).toBe(1)
      expect(kept.quotes.size).toBe(151)
      const [first] = many
      expect(yield* inProcess(find(first?.quoteId ?? given.quoteId))).toEqual(Option.some(first))
    }).pipe(Effect.provide(world))
  )
})
