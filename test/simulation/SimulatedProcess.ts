/** One process of the desk: the real broker, kill switch, crank and stores, on a database and a line that may fail. */
import { Cause, Clock, Context, Effect, Exit, type FileSystem, Layer, References, Scope } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import * as AccountService from "../../src/execution/Account.ts"
import { BookKeeper } from "../../src/execution/BookKeeper.ts"
import { BrokerContext } from "../../src/execution/BrokerContext.ts"
import * as CrankService from "../../src/execution/Crank.ts"
import * as GuardedBroker from "../../src/execution/GuardedBroker.ts"
import * as KillSwitchService from "../../src/execution/KillSwitch.ts"
import * as PaperVenue from "../../src/execution/paper/PaperVenue.ts"
import type { VenueModels } from "../../src/execution/paper/VenueMemory.ts"
import { SendOutcome, Venue, VenueUnanswered } from "../../src/execution/Venue.ts"
import type { VenueOrder } from "../../src/execution/VenueOrder.ts"
import { CitedQuotes } from "../../src/market/CitedQuotes.ts"
import type { RiskLimits } from "../../src/risk/RiskLimits.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { SealedLimits } from "../../src/risk/SealedLimits.ts"
import * as DeskStores from "../../src/storage/DeskStores.ts"
import * as SqlUnitOfWork from "../../src/storage/SqlUnitOfWork.ts"
import type { Chance } from "./Chance.ts"
import type { Loop } from "./Loop.ts"
import { failBusy, type SimulatedDatabase } from "./SimulatedDatabase.ts"
import type { SimulatedMarket } from "./SimulatedMarket.ts"
import type { Answer, Sender, SimulatedNetwork } from "./SimulatedNetwork.ts"
import type { SimulatedVenue } from "./SimulatedVenue.ts"

/** What processes go through: pauses of a thousand statements, deaths and a busy database of ten thousand. */
export interface Hardship {
  pauses: number
  deaths: number
  busy: number
}

/** What every process of one simulation shares. */
export interface Surroundings {
  readonly chance: Chance
  readonly loop: Loop
  readonly database: SimulatedDatabase
  readonly market: SimulatedMarket
  readonly network: SimulatedNetwork
  readonly venue: SimulatedVenue
  readonly files: Context.Context<FileSystem.FileSystem>
  readonly auditFolder: string
  readonly limits: RiskLimits
  readonly models: VenueModels
  readonly hardship: Hardship
  readonly say: (line: string) => void
  /** Called as a process hands orders to the line. */
  readonly onSend: (process: SimulatedProcess, orders: ReadonlyArray<VenueOrder>) => void
  /** Something that must never happen did. */
  readonly fail: (problem: string) => void
  /** Changes a process for the worse, to see that it is noticed. */
  readonly sabotage: Sabotage
}

/** Ways to break a desk: each has to be noticed. */
export interface Sabotage {
  readonly venue?: (venue: Venue["Service"]) => Venue["Service"]
  readonly audit?: (audit: AuditLog["Service"]) => AuditLog["Service"]
  readonly keeper?: (keeper: BookKeeper["Service"]) => BookKeeper["Service"]
  readonly limits?: (limits: RiskLimits) => RiskLimits
  /** Begins as if it had been reconciled. */
  readonly isReconciledFromTheStart?: boolean
}

const onTheVenue =
  <A>(question: () => A) =>
  (): Answer<A> =>
    Exit.succeed(question())

const venuePort = (process: SimulatedProcess, around: Surroundings): Venue["Service"] => {
  const { chance, network, venue } = around
  const call = <A>(what: string, perform: () => Answer<A>) => network.call(process, what, perform)
  const noRecord = Exit.fail(
    new VenueUnanswered({ venue: "simulated", operation: "record", message: "the record cannot be read now" })
  )
  return Venue.of({
    name: "simulated",
    send: Effect.fnUntraced(function* (orders, leave) {
      if (!(yield* leave))
        return orders.map(({ clientOrderId }) => SendOutcome.cases.NotSent.make({ clientOrderId }))
      around.onSend(process, orders)
      return yield* Effect.forEach(
        orders,
        (order) =>
          call(
            `send ${order.clientOrderId}`,
            onTheVenue(() => venue.take(order))
          ).pipe(
            Effect.as(SendOutcome.cases.Answered.make({ clientOrderId: order.clientOrderId })),
            Effect.catch(({ message }) =>
              Effect.succeed(
                SendOutcome.cases.Unanswered.make({ clientOrderId: order.clientOrderId, reason: message })
              )
            )
          ),
        { concurrency: chance.permille(500) ? "unbounded" : 1 }
      )
    }),
    cancel: (ids) =>
      Effect.flatMap(
        Effect.forEach(
          ids,
          (id) =>
            Effect.result(
              call(
                `cancel ${id}`,
                onTheVenue(() => venue.cancel(id))
              )
            ),
          {
            concurrency: chance.permille(500) ? "unbounded" : 1
          }
        ),
        (results) => Effect.asVoid(Effect.all(results.map((result) => Effect.fromResult(result))))
      ),
    replace: (id, change, leave) =>
      Effect.flatMap(leave, (may) =>
        may
          ? Effect.as(
              call(
                `replace ${id}`,
                onTheVenue(() => venue.replace(id, change))
              ),
              true
            )
          : Effect.succeed(false)
      ),
    record: ({ after, limit }) =>
      Effect.tap(
        call(`record after ${after}`, () =>
          venue.isRecordUnreadable ? noRecord : Exit.succeed(venue.recordAfter(after, limit))
        ),
        () =>
          Effect.sync(() => {
            process.hasReadRecord = true
          })
      ),
    knows: (id) =>
      call(
        `knows ${id}`,
        onTheVenue(() => venue.knows(id))
      ),
    statement: Effect.suspend(() =>
      call(
        "statement",
        onTheVenue(() => venue.statement())
      )
    ),
    working: Effect.suspend(() =>
      call(
        "working",
        onTheVenue(() => venue.working())
      )
    ).pipe(
      Effect.tap(() =>
        Effect.sync(() => {
          process.hasAskedForWorking = true
        })
      )
    )
  })
}

const deskOf = (process: SimulatedProcess, around: Surroundings) => {
  const { auditFolder, database, limits, models, sabotage } = around
  const profile = {
    name: "simulated",
    label: "limits of a simulation",
    promotable: true,
    limits: sabotage.limits?.(limits) ?? limits
  }
  const bookkeeping =
    sabotage.keeper === undefined
      ? BookKeeper.layer
      : Layer.effect(BookKeeper, Effect.map(BookKeeper, sabotage.keeper)).pipe(
          Layer.provide(BookKeeper.layer)
        )
  const plainAudit = AuditLog.layer({ folder: auditFolder })
  const audit =
    sabotage.audit === undefined
      ? plainAudit
      : Layer.effect(AuditLog, Effect.map(AuditLog, sabotage.audit)).pipe(Layer.provide(plainAudit))
  const port = venuePort(process, around)
  return Layer.mergeAll(AccountService.layer, KillSwitchService.layer).pipe(
    Layer.provideMerge(GuardedBroker.layer),
    Layer.provideMerge(BrokerContext.layer({ clocks: "both" })),
    Layer.provideMerge(CrankService.layer({ holder: process.name, resumePolicy: { _tag: "Never" } })),
    Layer.provideMerge(bookkeeping),
    Layer.provideMerge(Layer.succeed(Venue, sabotage.venue?.(port) ?? port)),
    // Its own venue is never asked: it keeps how far the market was played, and plays it on an empty core.
    Layer.provideMerge(PaperVenue.layer(models)),
    Layer.provideMerge(CitedQuotes.layer),
    Layer.provideMerge(SealedLimits.layerProfile(profile)),
    Layer.provideMerge(audit),
    // Every process of a simulation lives within one start of the machine.
    Layer.provideMerge(SteadyClock.layer({ boot: "simulated" })),
    Layer.provideMerge(DeskStores.layer),
    Layer.provideMerge(SqlUnitOfWork.layer),
    Layer.provideMerge(database.client(process, process.atStatement))
  )
}

export type DeskServices = Layer.Success<ReturnType<typeof deskOf>>

interface Parked {
  readonly where: string
  readonly goOn: () => void
}

/** Something a process is doing. */
interface Doing {
  readonly what: string
}

export class SimulatedProcess implements Sender {
  readonly name: string
  private readonly around: Surroundings
  private readonly scope = Scope.makeUnsafe()
  private services: Context.Context<DeskServices> | undefined
  private parked: Array<Parked> = []
  readonly acts = new Set<Doing>()
  isAlive = true
  hasReadRecord = false
  hasAskedForWorking = false

  constructor(name: string, around: Surroundings) {
    this.name = name
    this.around = around
    this.begin("start", this.start, () => {})
  }

  get isOpen(): boolean {
    return this.isAlive && this.services !== undefined
  }

  private readonly start = Effect.suspend(() => {
    const { market, files } = this.around
    return Layer.buildWithScope(deskOf(this, this.around), this.scope).pipe(
      Effect.provideContext(Context.merge(market.services, files))
    )
  }).pipe(
    Effect.tap((services) => {
      this.services = services
      const { reconciled } = Context.get(services, BrokerContext)
      return this.around.sabotage.isReconciledFromTheStart === true
        ? Effect.sync(() => {
            reconciled.ref.current = true
          })
        : Effect.void
    })
  )

  /** Dies where it stands: nothing of it goes on, no finalizer runs, what it had not committed is gone. */
  die(): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.parked = []
    this.acts.clear()
    this.around.database.abandon(this)
    this.around.say(`${this.name} dies`)
  }

  readonly atStatement = <A, E>(statement: string, run: Effect.Effect<A, E>) => {
    const { chance, database, hardship } = this.around
    const gone = Effect.callback<never>(() => {})
    const dead = () => {
      this.die()
      return gone
    }
    const turn = (isFirst: boolean): Effect.Effect<A, E | Effect.Error<typeof failBusy>> =>
      Effect.suspend(() => {
        if (!this.isAlive) return gone
        const isTaken = database.owner !== undefined && database.owner !== this
        if (isFirst && !isTaken) {
          if (chance.below(10_000) < hardship.deaths) return dead()
          const isBegin = statement.startsWith("BEGIN")
          if (isBegin && chance.below(10_000) < hardship.busy * 10) {
            this.around.say(`${this.name} finds the database busy`)
            return failBusy
          }
          if (chance.permille(hardship.pauses)) return Effect.andThen(this.park(statement), turn(false))
        }
        if (isTaken) return Effect.andThen(this.park(statement), turn(false))
        return chance.below(10_000) < hardship.deaths ? Effect.flatMap(run, dead) : run
      })
    return turn(true)
  }

  private park(where: string): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      this.parked.push({ where, goOn: () => resume(Effect.void) })
    })
  }

  /** It waits at a statement, and could go on. */
  get canGoOn(): boolean {
    const { owner } = this.around.database
    return this.isAlive && this.parked.length > 0 && (owner === undefined || owner === this)
  }

  /** For people: what it waits for. */
  get whereabouts(): string {
    const { owner } = this.around.database
    const holder = owner === undefined ? "nobody is" : owner === this ? "it is" : "another is"
    return `${holder} in a transaction, stopped at ${this.parked.map(({ where }) => where.slice(0, 60)).join("; ")}`
  }

  goOn(): void {
    const [first, ...others] = this.parked
    if (first === undefined) return
    // In a transaction only the fiber that is in it has anything to do.
    const next =
      this.around.database.owner === this
        ? (this.parked.at(-1) ?? first)
        : this.around.chance.pick([first, ...others])
    this.parked = this.parked.filter((other) => other !== next)
    this.around.say(`${this.name} goes on: ${next.where.slice(0, 40).replaceAll(/\s+/gu, " ")}`)
    next.goOn()
  }

  /** Does something on the desk, which has to be open. */
  act<A, E>(
    what: string,
    effect: Effect.Effect<A, E, DeskServices>,
    onEnd: (exit: Exit.Exit<A, E>) => void
  ): void {
    const { services } = this
    if (services !== undefined) this.begin(what, Effect.provideContext(effect, services), onEnd)
  }

  /** Ends in order: finalizers run. */
  close(): void {
    this.begin("close", Scope.close(this.scope, Exit.void), () => this.die())
  }

  private begin<A, E>(
    what: string,
    effect: Effect.Effect<A, E>,
    onEnd: (exit: Exit.Exit<A, E>) => void
  ): void {
    const { loop, say } = this.around
    const act: Doing = { what }
    this.acts.add(act)
    say(`${this.name}: ${what}`)
    const fiber = Effect.runFork(
      effect.pipe(
        Effect.provideService(Clock.Clock, loop.clock),
        Effect.provideService(References.MinimumLogLevel, "None"),
        Effect.provideService(References.TracerEnabled, false)
      ),
      { scheduler: loop.scheduler }
    )
    fiber.addObserver((exit) => {
      if (!this.isAlive || !this.acts.delete(act)) return
      say(`${this.name}: ${what} ⇒ ${endOf(exit)}`)
      if (Exit.isFailure(exit) && exit.cause.reasons.some((reason) => Cause.isDieReason(reason))) {
        this.around.fail(`${this.name}: ${what} broke: ${Cause.pretty(exit.cause)}`)
      }
      onEnd(exit)
    })
  }
}

const tagOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null || !("_tag" in error)) return String(error)
  const rule = "rule" in error ? ` ${String(error.rule)}` : ""
  return `${String(error._tag)}${rule}`
}

const endOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isSuccess(exit)
    ? "done"
    : exit.cause.reasons
        .map((reason) => (Cause.isFailReason(reason) ? tagOf(reason.error) : reason._tag))
        .join(", ")
