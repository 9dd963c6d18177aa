/**
 * The venue that trades on paper: the matching core, its state kept in the
 * desk's database so that many processes share one venue.
 *
 * `Venue` is what the broker sees; the crank moves it through `PaperMarket`.
 */
import { Effect, Layer, Option, Schema } from "effect"
import type { ClientOrderId, InstrumentId } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import type { VenueEvent } from "../../domain/JournalEvent.ts"
import { zeroMoney, zeroQuantity } from "../../domain/Money.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import { type StorageError, StorageCorrupt } from "../../domain/StorageError.ts"
import { type Timestamp, timestamp } from "../../domain/Timestamp.ts"
import { UnitOfWork } from "../../domain/UnitOfWork.ts"
import { MarketClock } from "../../market/MarketClock.ts"
import { MarketData } from "../../market/MarketData.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { phaseAt } from "../../market/TradingCalendar.ts"
import { SendOutcome, Venue, VenueUnanswered } from "../Venue.ts"
import * as MatchingCore from "./MatchingCore.ts"
import { MatchingState } from "./MatchingState.ts"
import { type OpenVenue, PaperMarket, Progress } from "./PaperMarket.ts"
import { PaperVenueStore } from "./PaperVenueStore.ts"
import type { VenueModels } from "./VenueMemory.ts"

/** How long an ended order is remembered by the core; beyond that the record answers for it. Microseconds of market time. */
const REMEMBERED_MICROS = 60_000_000

const StoredBody = Schema.fromJsonString(Schema.Struct({ progress: Progress, matching: MatchingState }))
const decodeBody = Schema.decodeUnknownEffect(StoredBody)

const tickOf = (quote: QuoteTick): MarketTick => ({
  instrumentId: quote.instrumentId,
  tsEvent: quote.tsEvent,
  phase: "CONTINUOUS",
  bid: quote.bid,
  ask: quote.ask,
  last: quote.last,
  bidSize: quote.bidSize,
  askSize: quote.askSize,
  volume: zeroQuantity,
  source: quote.source
})

const makeMarket = (models: VenueModels) =>
  Effect.gen(function* () {
    const store = yield* PaperVenueStore
    const data = yield* MarketData
    const instruments = new Map<InstrumentId, Instrument>(
      data.listings.map(({ instrument }) => [instrument.id, instrument])
    )
    const instrument = (id: InstrumentId) => instruments.get(id)
    let kept: OpenVenue | undefined

    const load = Effect.gen(function* () {
      const stored = yield* store.load
      if (Option.isNone(stored)) {
        return {
          core: MatchingCore.make({ instrument, models }),
          progress: { advancedTo: timestamp(0), highWater: zeroMoney, marks: {} },
          version: 0
        }
      }
      const { matching, progress } = yield* decodeBody(stored.value.body).pipe(
        Effect.mapError(
          (error) =>
            new StorageCorrupt({
              table: "paper_venue",
              key: "1",
              message: `the paper venue's state does not decode: ${error.message}`
            })
        )
      )
      const unknown = matching.books.find((book) => !instruments.has(book.instrumentId))
      if (unknown !== undefined) {
        return yield* new StorageCorrupt({
          table: "paper_venue",
          key: "1",
          message: `the paper venue works with ${unknown.instrumentId}, which no market source of this desk has: start it with the data it was trading on`
        })
      }
      return {
        core: MatchingCore.make({ instrument, models, state: matching }),
        progress,
        version: stored.value.version
      }
    })

    return PaperMarket.of({
      open: Effect.gen(function* () {
        const version = yield* store.version
        const mine = kept
        // Whatever happens now, only `adopt` brings a venue back into memory.
        kept = undefined
        return mine !== undefined && mine.version === version ? mine : yield* load
      }),
      save: (venue, events) => {
        venue.core.forgetEnded(timestamp(venue.progress.advancedTo - REMEMBERED_MICROS))
        const body = JSON.stringify({ progress: venue.progress, matching: venue.core.snapshot() })
        return store.save({ version: venue.version, body }, events)
      },
      adopt: (venue) => {
        kept = venue
      }
    })
  })

const makeVenue = Effect.gen(function* () {
  const market = yield* PaperMarket
  const store = yield* PaperVenueStore
  const unit = yield* UnitOfWork
  const data = yield* MarketData
  const clock = yield* MarketClock
  const name = "paper"

  const unanswered = (operation: string) => (error: { readonly message: string }) =>
    new VenueUnanswered({ venue: name, operation, message: error.message })

  /** One transaction on the venue; the market is looked at before it. */
  const mutate = (
    work: (
      core: MatchingCore.MatchingCore,
      advancedTo: Timestamp
    ) => Effect.Effect<ReadonlyArray<VenueEvent>, StorageError>
  ) =>
    unit
      .atomically(
        Effect.gen(function* () {
          const opened = yield* market.open
          const events = yield* work(opened.core, opened.progress.advancedTo)
          const venue = { ...opened, version: opened.version + 1 }
          yield* market.save(venue, events)
          return venue
        })
      )
      .pipe(Effect.map(market.adopt))

  const now = (ids: ReadonlyArray<InstrumentId>) =>
    Effect.gen(function* () {
      const at = yield* clock.now
      const marketOpen = phaseAt(at).phase === "open"
      const ticks = new Map<InstrumentId, MarketTick>()
      for (const id of new Set(ids)) {
        const quote = yield* Effect.option(data.quote(id))
        if (Option.isSome(quote)) ticks.set(id, tickOf(quote.value))
      }
      return { at, marketOpen, ticks }
    })

  /**
   * The quote at hand, for an instrument nothing is working in. Where orders
   * work, the crank has the ticks, every one in its turn, and none is skipped.
   */
  const lastTick = (
    core: MatchingCore.MatchingCore,
    ticks: ReadonlyMap<InstrumentId, MarketTick>,
    id: InstrumentId
  ) => (core.working().some((order) => order.instrumentId === id) ? undefined : ticks.get(id))

  return Venue.of({
    name,
    send: (orders) =>
      now(orders.map((order) => order.instrumentId)).pipe(
        Effect.flatMap(({ at, marketOpen, ticks }) =>
          mutate(
            Effect.fnUntraced(function* (core) {
              const events: Array<VenueEvent> = []
              for (const order of orders) {
                if (
                  core.order(order.clientOrderId) !== undefined ||
                  (yield* store.knows(order.clientOrderId))
                )
                  continue
                const tick = lastTick(core, ticks, order.instrumentId)
                events.push(...core.submit(order, { now: at, marketOpen, lastTick: tick }))
              }
              return events
            })
          )
        ),
        Effect.map(() =>
          orders.map(({ clientOrderId }) => SendOutcome.cases.Answered.make({ clientOrderId }))
        ),
        Effect.catch((error) =>
          Effect.succeed(
            orders.map(({ clientOrderId }) =>
              SendOutcome.cases.Unanswered.make({ clientOrderId, reason: error.message })
            )
          )
        )
      ),
    cancel: (ids) =>
      clock.now.pipe(
        Effect.flatMap((at) =>
          mutate((core) => Effect.succeed(ids.flatMap((id: ClientOrderId) => core.cancel(id, at))))
        ),
        Effect.mapError(unanswered("cancel"))
      ),
    replace: (id, change) =>
      clock.now.pipe(
        Effect.flatMap((at) =>
          mutate((core) =>
            Effect.succeed(core.replace(id, change, { now: at, marketOpen: phaseAt(at).phase === "open" }))
          )
        ),
        Effect.mapError(unanswered("replace"))
      ),
    record: (options) => store.record(options).pipe(Effect.mapError(unanswered("record"))),
    knows: (id) => store.knows(id).pipe(Effect.mapError(unanswered("knows"))),
    working: unit
      .atomically(
        Effect.gen(function* () {
          const opened = yield* market.open
          market.adopt(opened)
          return opened.core.working().map((order) => order.clientOrderId)
        })
      )
      .pipe(Effect.mapError(unanswered("working")))
  })
})

/** The paper venue and the hand that moves it. Not for programs: they get `Desk.layerPaper`. */
export const layer = (models: VenueModels) =>
  Layer.effect(Venue, makeVenue).pipe(Layer.provideMerge(Layer.effect(PaperMarket, makeMarket(models))))
