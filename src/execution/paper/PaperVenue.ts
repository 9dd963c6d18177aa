/**
 * The venue that trades on paper: the matching core, its state kept in the
 * desk's database so that many processes share one venue.
 *
 * `Venue` is what the broker sees; the crank moves it through `PaperMarket`.
 */
import { Effect, Layer, Option, Schema } from "effect"
import { type ClientOrderId, type InstrumentId, isOptionId, symbolOf } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import type { VenueEvent } from "../../domain/JournalEvent.ts"
import { OPTION_MULTIPLIER } from "../../domain/OptionContract.ts"
import { type Price, price, quantity, zeroMoney } from "../../domain/Money.ts"
import { StorageCorrupt } from "../../domain/StorageError.ts"
import { type Timestamp, timestamp } from "../../domain/Timestamp.ts"
import { UnitOfWork } from "../../domain/UnitOfWork.ts"
import { MarketClock } from "../../market/MarketClock.ts"
import { MarketData } from "../../market/MarketData.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import { latestSession, phaseAt } from "../../market/TradingCalendar.ts"
import { tradedBy } from "../OrderLegs.ts"
import { type Leave, SendOutcome, Venue, VenueUnanswered } from "../Venue.ts"
import { applyAllToVenueAccount, emptyVenueAccount } from "../VenueAccount.ts"
import type { VenueOrder } from "../VenueOrder.ts"
import type { MarketNow } from "./MarketMoves.ts"
import * as MatchingCore from "./MatchingCore.ts"
import { MatchingState } from "./MatchingState.ts"
import { type OpenVenue, PaperMarket, Progress } from "./PaperMarket.ts"
import { PaperVenueStore } from "./PaperVenueStore.ts"
import type { VenueModels } from "./VenueMemory.ts"

/** How long the core remembers that an OCO group has filled. Microseconds of market time. */
const REMEMBERED_MICROS = 60_000_000

const StoredBody = Schema.fromJsonString(Schema.Struct({ progress: Progress, matching: MatchingState }))
const decodeBody = Schema.decodeUnknownEffect(StoredBody)

/** For an instrument whose source is gone: its orders wait for a cancel, no tick comes for it. */
const standIn = (id: InstrumentId): Instrument => ({
  _tag: "Equity",
  id,
  symbol: symbolOf(id),
  name: id,
  currency: "USD",
  priceIncrement: price(1),
  sizeIncrement: quantity(1),
  multiplier: isOptionId(id) ? OPTION_MULTIPLIER : 1,
  paperOnly: true,
  caveats: []
})

const makeMarket = (models: VenueModels) =>
  Effect.gen(function* () {
    const store = yield* PaperVenueStore
    const data = yield* MarketData
    const instrument = data.instrumentOf
    let kept: OpenVenue | undefined

    const load = Effect.gen(function* () {
      const stored = yield* store.load
      if (Option.isNone(stored)) {
        return {
          core: MatchingCore.make({ instrument, models }),
          progress: {
            advancedTo: timestamp(0),
            highWater: zeroMoney,
            marks: {},
            account: emptyVenueAccount
          },
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
      // Orders in what no source has any more can still be canceled; nothing new is taken for it.
      const gone = new Map(
        matching.books
          .filter((book) => book.terms === undefined && instrument(book.instrumentId) === undefined)
          .map((book) => [book.instrumentId, standIn(book.instrumentId)])
      )
      return {
        core: MatchingCore.make({
          instrument: (id) => instrument(id) ?? gone.get(id),
          models,
          state: matching
        }),
        progress,
        version: stored.value.version
      }
    })

    const look = Effect.gen(function* () {
      const version = yield* store.version
      return kept !== undefined && kept.version === version ? kept : yield* load
    })

    return PaperMarket.of({
      look,
      progress: Effect.map(look, ({ progress }) => progress),
      open: Effect.gen(function* () {
        const version = yield* store.version
        const mine = kept
        // Whatever happens now, only `adopt` brings a venue back into memory.
        kept = undefined
        return mine !== undefined && mine.version === version ? mine : yield* load
      }),
      save: (venue, events) => {
        // The record answers for ended orders: only groups have to be remembered, so that no late leg joins one.
        venue.core.forgetEnded(timestamp(Infinity), timestamp(venue.progress.advancedTo - REMEMBERED_MICROS))
        const body = JSON.stringify({ progress: venue.progress, matching: venue.core.snapshot() })
        return store.save({ version: venue.version, body }, events)
      },
      adopt: (venue) => {
        kept = venue
      }
    })
  })

/** Another process brought the venue past the instant an order's market was looked at: it is looked at again. */
class MarketPassed extends Schema.TaggedError<MarketPassed>()("MarketPassed", { message: Schema.String }) {}

/** What was to be done has waited for too long: it is not done. */
class NoLeave extends Schema.TaggedError<NoLeave>()("NoLeave", { message: Schema.String }) {}

const whileAllowed = (leave: Leave) =>
  Effect.flatMap(leave, (may) =>
    may ? Effect.void : Effect.fail(new NoLeave({ message: "it was held up on the way" }))
  )

/** So often at most. */
const MAX_LOOKS = 10

/** What the market shows at one instant. */
interface Look {
  readonly at: Timestamp
  /** The last tick of each instrument asked for, and of what options among them are on, in the session under way or the last one. */
  readonly ticks: ReadonlyMap<InstrumentId, MarketTick>
}

/** A venue's time never goes back: another process may have brought it further than this one's look. */
const atOrAfter = (at: Timestamp, advancedTo: Timestamp): Timestamp => (at > advancedTo ? at : advancedTo)

/**
 * How one order finds the market. Where nothing works in its instrument the
 * last tick is at hand. Where orders work, the crank brings the ticks, every
 * one in its turn: an order that comes ahead of one is taken before it.
 */
const marketFor = (
  core: MatchingCore.MatchingCore,
  advancedTo: Timestamp,
  look: Look,
  order: VenueOrder
): MarketNow => {
  const workedIn = new Set(core.working().flatMap(tradedBy))
  const isBehind = tradedBy(order).some(
    (id) => workedIn.has(id) && (look.ticks.get(id)?.tsEvent ?? advancedTo) > advancedTo
  )
  const now = isBehind ? advancedTo : atOrAfter(look.at, advancedTo)
  // Taken ahead of a tick of one leg, a combo is taken ahead of what came with it in the others.
  const atHand = tradedBy(order).flatMap((id) => {
    const tick = look.ticks.get(id)
    return tick === undefined || workedIn.has(id) || tick.tsEvent > now ? [] : [tick]
  })
  const market = { now, marketOpen: phaseAt(now).phase === "open" }
  return order.legs === undefined ? { ...market, lastTick: atHand[0] } : { ...market, legTicks: atHand }
}

/**
 * A new position is worth the last price; what was paid for it where the look
 * has none. What an option is on is watched with it.
 */
const marksAfter = (
  { marks }: Progress,
  events: ReadonlyArray<VenueEvent>,
  ticks: Look["ticks"]
): Progress["marks"] => {
  const seen: Record<InstrumentId, Price> = { ...marks }
  for (const event of events) {
    if (event._tag !== "OrderFilled") continue
    const { contract, instrumentId, price } = event
    seen[instrumentId] = ticks.get(instrumentId)?.last ?? seen[instrumentId] ?? price
    const spot = contract === undefined ? undefined : ticks.get(contract.underlying)?.last
    if (contract !== undefined && spot !== undefined) seen[contract.underlying] = spot
  }
  return seen
}

const nowhere: Look["ticks"] = new Map()

const makeVenue = Effect.gen(function* () {
  const market = yield* PaperMarket
  const store = yield* PaperVenueStore
  const unit = yield* UnitOfWork
  const data = yield* MarketData
  const clock = yield* MarketClock
  const name = "paper"

  /** What has to be looked at for an order: what it trades, and what options among that are on. */
  const watchedBy = (order: VenueOrder): ReadonlyArray<InstrumentId> =>
    tradedBy(order).flatMap((id) => {
      const known = data.instrumentOf(id)
      if (known !== undefined) return known._tag === "Option" ? [id, known.contract.underlying] : [id]
      // Of an adjusted contract the source has quotes, if it has its underlying, and no terms.
      const described = order.terms?.find((term) => term.instrumentId === id)?.contract
      const isQuoted = described !== undefined && data.instrumentOf(described.underlying) !== undefined
      return isQuoted ? [id, described.underlying] : []
    })

  const unanswered = (operation: string) => (error: { readonly message: string }) =>
    new VenueUnanswered({ venue: name, operation, message: error.message })

  /** One transaction on the venue; the market is looked at before it. */
  const mutate = <E>(
    ticks: Look["ticks"],
    work: (
      core: MatchingCore.MatchingCore,
      advancedTo: Timestamp
    ) => Effect.Effect<ReadonlyArray<VenueEvent>, E>
  ) =>
    unit
      .atomically(
        Effect.gen(function* () {
          const { core, progress, version } = yield* market.open
          const events = yield* work(core, progress.advancedTo)
          const marks = marksAfter(progress, events, ticks)
          const account = applyAllToVenueAccount(progress.account, events)
          const venue = { core, progress: { ...progress, marks, account }, version: version + 1 }
          yield* market.save(venue, events)
          return venue
        })
      )
      .pipe(Effect.map(market.adopt))

  const look = Effect.fnUntraced(function* (ids: ReadonlyArray<InstrumentId>) {
    const at = yield* clock.now
    const ticks = new Map<InstrumentId, MarketTick>()
    const request = {
      instrumentIds: [...new Set(ids)],
      after: timestamp(latestSession(at).open - 1),
      until: at
    }
    for (const tick of yield* data.ticks(request)) ticks.set(tick.instrumentId, tick)
    return { at, ticks }
  })

  const answerAll = (orders: ReadonlyArray<VenueOrder>, seen: Look, leave: Leave) =>
    mutate(
      seen.ticks,
      Effect.fnUntraced(function* (core, advancedTo) {
        yield* whileAllowed(leave)
        if (advancedTo > seen.at) {
          return yield* new MarketPassed({ message: "the market moved on before the order arrived" })
        }
        const events: Array<VenueEvent> = []
        for (const order of orders) {
          const { clientOrderId } = order
          if (core.knows(clientOrderId) || (yield* store.knows(clientOrderId))) continue
          events.push(...core.submit(order, marketFor(core, advancedTo, seen, order)))
        }
        return events
      })
    )

  /** Canceling needs no market: without a clock it happens at the venue's own time. */
  const cancelAll = (ids: ReadonlyArray<ClientOrderId>, at: Option.Option<Timestamp>) =>
    mutate(nowhere, (core, advancedTo) => {
      const now = atOrAfter(
        Option.getOrElse(at, () => advancedTo),
        advancedTo
      )
      return Effect.succeed(ids.flatMap((id) => core.cancel(id, now)))
    })

  return Venue.of({
    name,
    send: (orders, leave) =>
      look(orders.flatMap(watchedBy)).pipe(
        Effect.flatMap((seen) => answerAll(orders, seen, leave)),
        Effect.retry({ while: (error) => error._tag === "MarketPassed", times: MAX_LOOKS }),
        Effect.map(() =>
          orders.map(({ clientOrderId }) => SendOutcome.cases.Answered.make({ clientOrderId }))
        ),
        Effect.catchTag("NoLeave", () =>
          Effect.succeed(orders.map(({ clientOrderId }) => SendOutcome.cases.NotSent.make({ clientOrderId })))
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
      Effect.option(clock.now).pipe(
        Effect.flatMap((at) => cancelAll(ids, at)),
        Effect.mapError(unanswered("cancel"))
      ),
    replace: (id, change, leave) =>
      clock.now.pipe(
        Effect.flatMap((at) =>
          mutate(nowhere, (core, advancedTo) =>
            Effect.map(whileAllowed(leave), () => {
              const now = atOrAfter(at, advancedTo)
              const marketOpen = phaseAt(now).phase === "open"
              return core.replace(id, change, { now, marketOpen })
            })
          )
        ),
        Effect.as(true),
        Effect.catchTag("NoLeave", () => Effect.succeed(false)),
        Effect.mapError(unanswered("replace"))
      ),
    record: (options) => store.record(options).pipe(Effect.mapError(unanswered("record"))),
    knows: (id) => store.knows(id).pipe(Effect.mapError(unanswered("knows"))),
    working: market.look.pipe(
      Effect.map(({ core }) => core.working().map((order) => order.clientOrderId)),
      Effect.mapError(unanswered("working"))
    ),
    statement: unit
      .atomically(
        Effect.all({
          asOf: store.position,
          account: Effect.map(market.progress, ({ account }) => account)
        })
      )
      .pipe(Effect.mapError(unanswered("statement")))
  })
})

/** The paper venue and the hand that moves it. Not for programs: they get `Desk.layerPaper`. */
export const layer = (models: VenueModels) =>
  Layer.effect(Venue, makeVenue).pipe(Layer.provideMerge(Layer.effect(PaperMarket, makeMarket(models))))
