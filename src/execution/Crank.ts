/**
 * Brings the desk up to market time: working orders meet every tick since the
 * last time, sessions open and close in the books, the breaker looks at every
 * mark. Whoever opens the desk turns it; one process at a time, under a lease.
 *
 * The market's ticks are fetched first, then one short transaction checks that
 * nothing moved meanwhile, plays them and writes; so a process that is stopped
 * while fetching holds nothing up.
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { Actor } from "../domain/Actor.ts"
import { type InstrumentId, instrumentId, isOptionId } from "../domain/Identifiers.ts"
import { money, type Price, pricePerShare } from "../domain/Money.ts"
import type { AuditUnreadable } from "../audit/AuditErrors.ts"
import type { StorageError } from "../domain/StorageError.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { CorporateAction } from "../market/BarSeries.ts"
import { MarketClock } from "../market/MarketClock.ts"
import { MarketClockControl } from "../market/MarketClockControl.ts"
import { type InstrumentNotFound, MarketData, type MarketDataError } from "../market/MarketData.ts"
import { SteadyClock } from "../market/SteadyClock.ts"
import { nextSession, type Session, session as sessionOn, exchangeDate } from "../market/TradingCalendar.ts"
import { type BreakerState } from "../risk/CircuitBreaker.ts"
import type { ResumePolicy } from "../risk/ResumePolicy.ts"
import { defaultLimits } from "../risk/RiskLimits.ts"
import { SealedLimits } from "../risk/SealedLimits.ts"
import { BookKeeper } from "./BookKeeper.ts"
import { type BookState, isOpened } from "./Book.ts"
import { CrankLease, type Lease } from "./CrankLease.ts"
import type { JournalDisagrees } from "./JournalCheck.ts"
import { OrderJournal } from "./OrderJournal.ts"
import { type OpenVenue, PaperMarket } from "./paper/PaperMarket.ts"
import * as SessionAdvance from "./paper/SessionAdvance.ts"
import { Venue, type VenueUnanswered } from "./Venue.ts"
import { watchedIn } from "./WatchedInstruments.ts"
import { applyAllToVenueAccount } from "./VenueAccount.ts"
import { ingest } from "./VenueIngest.ts"

/** How long a holder that has died keeps the others waiting. */
const LEASE_MICROS = 5_000_000

/** A holder that is still fetching prolongs its lease this often, and for so long at most: one that is stopped does not. */
const PROLONG_MILLIS = 1000
const MAX_PROLONGED_TIMES = 60

/** How long an order waits for another process to bring the desk up to market time, and how often it looks. */
const PATIENCE_MICROS = 6_000_000
const LOOK_AGAIN_MILLIS = 20

/** A stretch is worked out again when another process moved the desk meanwhile; so often at most in one turn. */
const MAX_CONFLICTS = 100

/** Other processes moved the desk at every try. */
export class CrankContended extends Schema.TaggedError<CrankContended>()("CrankContended", {
  message: Schema.String
}) {}

export type CrankError =
  | StorageError
  | JournalDisagrees
  | AuditUnreadable
  | VenueUnanswered
  | MarketDataError
  | InstrumentNotFound
  | CrankContended

/** Where a turn left the desk. `turned` is false when another process holds the lease and does it. */
export interface Turn {
  readonly turned: boolean
  readonly now: Timestamp
}

export class Crank extends Context.Service<
  Crank,
  {
    readonly turn: Effect.Effect<Turn, CrankError>
    /** As `turn`, but waits for another process that is turning, or takes over from it: what an order needs. */
    readonly upToDate: Effect.Effect<void, CrankError>
    /** Market time up to which the desk was brought, whoever did it. */
    readonly advancedTo: Effect.Effect<Timestamp, StorageError>
    /** So much in the money, a share, an option is exercised or assigned at its end. */
    readonly exerciseThreshold: Price
    /** `BookKeeper.rest`, for a process that stays. */
    readonly rest: Effect.Effect<void, StorageError>
  }
>()("plimsoll/execution/Crank") {}

const crankActor: Actor = { kind: "desk", name: "crank" }

/** What the next stretch needs from the market, and what it is based on. */
interface Plan {
  readonly basedOn: Timestamp
  readonly session: Session
  readonly until: Timestamp
  readonly opens: boolean
  readonly closes: boolean
  readonly instrumentIds: ReadonlyArray<InstrumentId>
}

/** What the market has for a plan; it may end earlier than was planned. */
interface Fetched {
  readonly plan: Plan
  readonly stretch: SessionAdvance.Stretch
}

const sessionFrom = (at: Timestamp): Session => {
  const date = exchangeDate(at)
  return Option.getOrElse(
    Option.filter(sessionOn(date), (s) => at < s.close),
    () => nextSession(date)
  )
}

/** The next stretch after `advancedTo`, no longer than to the end of a session; none when nothing has come to pass. */
const planStretch = (book: BookState, advancedTo: Timestamp, now: Timestamp): Option.Option<Plan> => {
  const session = sessionFrom(advancedTo)
  const until = now < session.close ? now : session.close
  const opens = advancedTo < session.open && until >= session.open
  const closes = until >= session.close
  const instrumentIds = watchedIn(book)
  if (until <= advancedTo || until < session.open) return Option.none()
  if (!opens && !closes && instrumentIds.length === 0) return Option.none()
  return Option.some({ basedOn: advancedTo, session, until, opens, closes, instrumentIds })
}

/**
 * Actions at the open may rename the contracts that are watched: a stretch with such ends there, and what follows is
 * planned with the new ones.
 */
const cutAtActions = (plan: Plan, actions: SessionAdvance.Stretch["actions"]): Plan => {
  const { instrumentIds, session, until } = plan
  const isCut = actions.length > 0 && until > session.open && instrumentIds.some(isOptionId)
  return isCut ? { ...plan, until: session.open, closes: false } : plan
}

/** The breaker with the highest equity seen since the book's last close. */
export const withHighWater = (breaker: BreakerState, highWater: number): BreakerState =>
  highWater > breaker.peakEquity ? { ...breaker, peakEquity: money(highWater) } : breaker

export interface CrankOptions {
  /** Names this process among the desk's. */
  readonly holder: string
  /** A run's standing instruction; a desk waits for a person. */
  readonly resumePolicy: ResumePolicy
  /** Dollars a share in the money from which an expiring option is exercised or assigned; a cent unless given. */
  readonly exerciseThreshold?: Price
}

/** As the Options Clearing Corporation exercises by exception. */
export const DEFAULT_EXERCISE_THRESHOLD = pricePerShare(0.01)

const make = (options: CrankOptions) =>
  Effect.gen(function* () {
    const keeper = yield* BookKeeper
    const journal = yield* OrderJournal
    const venue = yield* Venue
    const paper = yield* PaperMarket
    const lease = yield* CrankLease
    const clock = yield* MarketClock
    const { now: steadyNow } = yield* SteadyClock
    const data = yield* MarketData
    const sealed = yield* SealedLimits
    const replay = yield* Effect.serviceOption(MarketClockControl)

    const exerciseThreshold = options.exerciseThreshold ?? DEFAULT_EXERCISE_THRESHOLD

    let held: { readonly lease: Lease; readonly until: number } | undefined

    const acquire = Effect.gen(function* () {
      const now = yield* steadyNow
      const taken = yield* lease.acquire({ holder: options.holder, now, ttlMicros: LEASE_MICROS })
      held = Option.isSome(taken) ? { lease: taken.value, until: now + LEASE_MICROS } : undefined
      return taken
    })

    /** The lease, prolonged when half of its time is gone. */
    const takeLease = Effect.gen(function* () {
      const now = yield* steadyNow
      return held !== undefined && held.until - now > LEASE_MICROS / 2
        ? Option.some(held.lease)
        : yield* acquire
    })
    /** True while the lease is still the same one; another that was there to be had instead is let go. */
    const prolong = Effect.fnUntraced(function* (mine: Lease) {
      yield* Effect.sleep(PROLONG_MILLIS)
      const taken = yield* acquire
      if (Option.isNone(taken)) return false
      if (taken.value.token === mine.token) return true
      held = undefined
      yield* lease.release(taken.value)
      return false
    })

    /** Keeps the lease while `work` is waited for. */
    const whileHeld = <A, E>(mine: Lease, work: Effect.Effect<A, E>) =>
      Effect.raceFirst(
        work,
        prolong(mine).pipe(
          Effect.repeat({ while: (isMine) => isMine, times: MAX_PROLONGED_TIMES - 1 }),
          // It runs out by itself, and what was fetched is written if nobody else has taken it.
          Effect.catch((error) => Effect.logDebug("the crank's lease was not prolonged", error)),
          Effect.andThen(Effect.never)
        )
      )

    yield* Effect.addFinalizer(() =>
      held === undefined
        ? Effect.void
        : lease
            .release(held.lease)
            .pipe(Effect.catch((error) => Effect.logDebug("the crank's lease runs out by itself", error)))
    )

    // No process, also after the machine was restarted, may show a time before what was played.
    const anchor = Option.match(replay, {
      onNone: () => Effect.void,
      onSome: (control) => Effect.asVoid(Effect.catchTag(control.anchor, "ClockRefused", Effect.die))
    })

    // While the limits cannot be read no order passes; the breaker then watches with the desk's defaults.
    const limits = sealed.inForce.pipe(
      Effect.map((inForce) => inForce.limits),
      Effect.catchTag("LimitsUnreadable", () => Effect.succeed(defaultLimits))
    )

    const fetch = (plan: Plan) =>
      Effect.gen(function* () {
        const { basedOn, instrumentIds, opens, session } = plan
        const actions: Array<readonly [InstrumentId, CorporateAction]> = []
        if (opens) {
          // Contracts have no actions of their own: they follow their underlying's.
          for (const id of instrumentIds.filter((one) => !isOptionId(one))) {
            for (const action of yield* data.corporateActions(id, session.date)) actions.push([id, action])
          }
        }
        const cut = cutAtActions(plan, actions)
        const ticks = yield* data.ticks({ instrumentIds, after: basedOn, until: cut.until })
        const fetched: Fetched = {
          plan: cut,
          stretch: { session, opens, closes: cut.closes, ticks, actions }
        }
        return fetched
      })

    const same = (plan: Plan, book: BookState, opened: OpenVenue) =>
      opened.progress.advancedTo === plan.basedOn &&
      watchedIn(book).every((id) => plan.instrumentIds.includes(id))

    /** Plays a fetched stretch; none when the desk moved meanwhile or the lease is gone. */
    const write = ({ plan, stretch }: Fetched, mine: Lease) =>
      Effect.gen(function* () {
        const policy = { limits: yield* limits, resumePolicy: options.resumePolicy, exerciseThreshold }
        const venueAfter = yield* keeper.transact(
          Effect.fnUntraced(function* (book) {
            // Released as it is used: while this process is idle nobody has to wait for it.
            if (!(yield* lease.release(mine))) return undefined
            const [missed] = yield* venue.record({ after: yield* journal.venuePosition, limit: 1 })
            if (missed !== undefined) return undefined
            const opened = yield* paper.open
            if (!same(plan, book.state(), opened)) {
              paper.adopt(opened)
              return undefined
            }
            const { breaker, ledger } = book.state()
            const before = {
              ledger,
              breaker: withHighWater(breaker, opened.progress.highWater),
              marks: marksOf(opened)
            }
            const played = SessionAdvance.advance(before, opened.core, stretch, policy)
            const moved = {
              core: opened.core,
              version: opened.version + 1,
              progress: {
                advancedTo: plan.until,
                // Once the session has closed the journal has it.
                highWater: played.events.some(({ _tag }) => _tag === "SessionClosed")
                  ? money(0)
                  : played.breaker.peakEquity,
                marks: Object.fromEntries(played.marks),
                account: applyAllToVenueAccount(opened.progress.account, played.events)
              }
            }
            const position = yield* paper.save(moved, played.venueEvents)
            yield* book.record(played.events, crankActor)
            if (played.venueEvents.length > 0) yield* journal.setVenuePosition(position)
            yield* anchor
            return moved
          })
        )
        if (venueAfter === undefined) return false
        paper.adopt(venueAfter)
        return true
      })

    /** Where the desk stands; `write` makes sure that it still does. */
    const standing = Effect.gen(function* () {
      const book = yield* keeper.current
      const { advancedTo } = yield* paper.progress
      return { book, advancedTo }
    })

    const turn: Crank["Service"]["turn"] = Effect.gen(function* () {
      const now = yield* clock.now
      yield* keeper.intact
      yield* ingest({ keeper, journal, venue })
      let conflicts = 0
      while (true) {
        const { advancedTo, book } = yield* standing
        if (!isOpened(book)) return { turned: true, now }
        const plan = planStretch(book, advancedTo, now)
        if (Option.isNone(plan)) return { turned: true, now }
        const mine = yield* takeLease
        if (Option.isNone(mine)) return { turned: false, now }
        const fetched = yield* whileHeld(mine.value, fetch(plan.value))
        if (yield* write(fetched, mine.value)) continue
        held = undefined
        yield* ingest({ keeper, journal, venue })
        conflicts += 1
        if (conflicts > MAX_CONFLICTS) {
          return yield* new CrankContended({
            message: `other processes moved the desk ${MAX_CONFLICTS} times while a stretch was worked out: try again`
          })
        }
      }
    }).pipe(Effect.withSpan("Crank.turn"))

    /** Market time up to which this process has seen the desk brought. */
    let reached: Timestamp | undefined

    const upToDate: Crank["Service"]["upToDate"] = Effect.gen(function* () {
      const now = yield* clock.now
      if (now === reached) return
      const started = yield* steadyNow
      while (!(yield* turn).turned) {
        if ((yield* steadyNow) - started > PATIENCE_MICROS) {
          return yield* new CrankContended({
            message: "another process is bringing the desk up to market time and does not finish: try again"
          })
        }
        yield* Effect.sleep(LOOK_AGAIN_MILLIS)
      }
      reached = now
    })

    const advancedTo = Effect.map(paper.progress, (progress) => progress.advancedTo)

    return Crank.of({ turn, upToDate, advancedTo, exerciseThreshold, rest: keeper.rest })
  })

const marksOf = ({ progress }: OpenVenue): ReadonlyMap<InstrumentId, Price> =>
  new Map(Object.entries(progress.marks).map(([id, mark]) => [instrumentId(id), mark]))

export const layer = (options: CrankOptions) => Layer.effect(Crank, make(options))
