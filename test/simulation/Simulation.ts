/**
 * One simulation: a desk of some processes and a venue, everything drawn from
 * one number.
 *
 * After each thing that happens every fiber runs until it waits; the observer
 * looks; then the seed chooses what happens next: a process goes on at the
 * statement where it stopped, a message moves on the line, somebody acts, time
 * passes, a process dies or starts, the line or the venue changes its ways. At
 * the end everything is mended, and the desk has to come to rest in agreement
 * with the venue.
 */
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Context, Effect, Exit, type FileSystem, Layer, Scope } from "effect"
import { accountId, type ClientOrderId } from "../../src/domain/Identifiers.ts"
import { dollars } from "../../src/domain/Money.ts"
import { MICROS_PER_MINUTE, MICROS_PER_SECOND, timestamp } from "../../src/domain/Timestamp.ts"
import { Account } from "../../src/execution/Account.ts"
import type { VenueModels } from "../../src/execution/paper/VenueMemory.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { minute, sessions } from "../execution/TestMarket.ts"
import { Acts, person } from "./Acts.ts"
import { type Chance, makeChance } from "./Chance.ts"
import { Loop } from "./Loop.ts"
import { Observer } from "./Observer.ts"
import { comeToRest } from "./Rest.ts"
import { SimulatedDatabase } from "./SimulatedDatabase.ts"
import { instruments, makeMarkets, type SimulatedMarket } from "./SimulatedMarket.ts"
import { calm, SimulatedNetwork, weathers } from "./SimulatedNetwork.ts"
import { type Hardship, type Sabotage, SimulatedProcess, type Surroundings } from "./SimulatedProcess.ts"
import { SimulatedVenue } from "./SimulatedVenue.ts"
import * as SyncFiles from "./SyncFiles.ts"

export interface SimulationOptions {
  readonly seed: number
  /** Things done by somebody; the rest comes of them. As many as the seed says when it is left out or 0. */
  readonly steps?: number
  readonly isTraced?: boolean
  readonly sabotage?: Sabotage
  /** Whether combos are sent too; as the seed says when it is left out. */
  readonly hasOptions?: boolean
}

export interface SimulationResult {
  readonly seed: number
  /** What must not be, in the order it was seen; nothing when all is well. */
  readonly problems: ReadonlyArray<string>
  /** Names everything that happened, in its order. */
  readonly hash: string
  /** The last lines, or all when traced. */
  readonly trace: ReadonlyArray<string>
  readonly figures: {
    readonly steps: number
    readonly orders: number
    readonly fills: number
    /** Of them, those of a combo's legs. */
    readonly legFills: number
    /** Processes that died or were closed. */
    readonly ended: number
    readonly unknown: number
    readonly corrections: number
  }
}

/** A problem was found: nothing after it tells more. */
class Stop extends Error {}

/** Most stories are short: more of them are told in a minute, and what goes wrong mostly takes few steps. */
const stepsOf = (seed: number): number => makeChance(seed + 0.5 * 2 ** 40).pick([8, 15, 15, 30, 60])
/** Every third story has options in it. */
const hasOptionsIn = (seed: number): boolean => makeChance(seed + 0.25 * 2 ** 40).permille(333)
const KEPT_LINES = 60

/** What simulations of one thread share: what is costly to make. */
export interface Workshop {
  readonly database: SimulatedDatabase
  readonly marketFor: (chance: Chance) => SimulatedMarket
  readonly files: Context.Context<FileSystem.FileSystem>
  readonly folder: string
  readonly close: () => Promise<void>
}

export const openWorkshop = async (): Promise<Workshop> => {
  const scope = Scope.makeUnsafe()
  const made = await Effect.runPromise(
    Effect.gen(function* () {
      const database = yield* SimulatedDatabase.make
      const marketFor = yield* Effect.orDie(makeMarkets)
      const files = yield* Layer.build(SyncFiles.layer)
      return { database, marketFor, files }
    }).pipe(Effect.provideService(Scope.Scope, scope))
  )
  const memory = "/dev/shm"
  const base = (() => {
    try {
      return mkdtempSync(join(memory, "plimsoll-simulation-"))
    } catch {
      return mkdtempSync(join(tmpdir(), "plimsoll-simulation-"))
    }
  })()
  return {
    ...made,
    folder: base,
    close: async () => {
      rmSync(base, { recursive: true, force: true })
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

const drawLimits = (chance: Chance): RiskLimits => ({
  ...defaultLimits,
  openOrders: chance.pick([4, 8, 20, 40]),
  ordersPerMinute: chance.pick([6, 30, 60, null]),
  reservedForReducing: 2,
  positionRatio: chance.pick([0.12, 0.25, 0.25, 0.6]),
  grossExposureRatio: chance.pick([0.3, 1, 1]),
  orderNotionalRatio: chance.pick([0.1, 0.1, 0.3]),
  dailyLossRatio: chance.pick([0.005, 0.03, 0.03]),
  drawdownRatio: chance.pick([0.01, 0.2, 0.2]),
  // The market gives a tick a minute.
  quoteStalenessSeconds: { equity: 90, index: 90, option: 90 },
  shortSales: chance.permille(250)
})

const drawModels = (chance: Chance): VenueModels => ({
  fill: chance.permille(600)
    ? { _tag: "Immediate" }
    : { _tag: "VolumeShare", shareBasisPoints: chance.pick([1, 5, 50]), unlimitedWhenNoVolume: true },
  fee: chance.pick<VenueModels["fee"]>([
    { _tag: "Zero" },
    { _tag: "Ratio", basisPoints: 3 },
    { _tag: "PerShare", perShare: dollars(0.005), minimum: dollars(1), maximumBasisPoints: 100 }
  ]),
  slippage: { _tag: "None" }
})

/** How hard the times are: some seeds are gentle, so that more comes to pass. */
const drawHardship = (chance: Chance): Hardship => ({
  pauses: chance.pick([0, 20, 100, 300]),
  deaths: chance.pick([0, 0, 2, 8]),
  busy: chance.pick([0, 0, 3, 10])
})

export class Simulation {
  readonly chance: Chance
  readonly loop: Loop
  readonly network: SimulatedNetwork
  readonly venue: SimulatedVenue
  readonly observer: Observer
  readonly acts: Acts
  readonly market: SimulatedMarket
  readonly database: SimulatedDatabase
  readonly hardship: Hardship
  processes: Array<SimulatedProcess> = []
  private readonly around: Surroundings
  private readonly options: SimulationOptions
  private readonly digest = createHash("sha256")
  private readonly lines: Array<string> = []
  private readonly problems: Array<string> = []
  private readonly slots: number
  /** How often of a thousand steps bad weather ends. */
  private readonly clearing: number
  /** A venue that forgets nothing, and does nothing that its record does not tell. */
  readonly isFaithful: boolean
  private started = 0
  private deaths = 0
  private steps = 0

  constructor(workshop: Workshop, options: SimulationOptions) {
    const { database, files, folder } = workshop
    this.options = options
    this.database = database
    database.clear()
    const auditFolder = join(folder, "audit")
    rmSync(auditFolder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const chance = makeChance(options.seed)
    this.chance = chance
    this.market = workshop.marketFor(chance)
    this.loop = new Loop(minute(0, 0) / 1000 + 60_000 * chance.below(600))
    const limits = drawLimits(chance)
    const models = drawModels(chance)
    this.hardship = drawHardship(chance)
    this.network = new SimulatedNetwork(chance, this.say)
    this.observer = new Observer({
      database,
      market: this.market,
      limits,
      auditFolder,
      wallNow: () => this.loop.millis * 1000,
      say: this.say,
      fail: this.fail
    })
    this.venue = new SimulatedVenue(this.market, models, () => this.observer.flows)
    this.observer.venue = this.venue
    this.acts = new Acts({
      chance,
      market: this.market,
      observer: this.observer,
      hasOptions: options.hasOptions ?? hasOptionsIn(options.seed)
    })
    this.slots = 1 + chance.below(3)
    this.isFaithful = chance.permille(600)
    this.clearing = chance.pick([30, 100, 300])
    this.around = {
      chance,
      loop: this.loop,
      database,
      market: this.market,
      network: this.network,
      venue: this.venue,
      files,
      auditFolder,
      limits,
      models,
      hardship: this.hardship,
      say: this.say,
      onSend: (process, orders) => this.observer.onSend(process, orders),
      fail: this.fail,
      sabotage: options.sabotage ?? {}
    }
    this.say(
      `seed ${options.seed}: ${this.slots} processes, ${JSON.stringify({ isFaithful: this.isFaithful, hardship: this.hardship, limits, models })}`
    )
  }

  readonly say = (line: string): void => {
    this.digest.update(line)
    this.digest.update("\n")
    this.lines.push(line)
    if (this.options.isTraced !== true && this.lines.length > 2 * KEPT_LINES) this.lines.splice(0, KEPT_LINES)
  }

  /** May be called within a fiber: the simulation stops as soon as it is back. */
  readonly fail = (problem: string): void => {
    this.say(`FAILED: ${problem}`)
    this.problems.push(problem)
  }

  private settle(): void {
    this.loop.run()
    this.observer.look()
    if (this.problems.length > 0) throw new Stop()
  }

  /** Everything that can go on without anybody doing anything goes on; false when there is nothing. */
  goOn(): boolean {
    this.settle()
    const { chance, loop, network } = this
    const able = this.processes.filter(({ canGoOn }) => canGoOn)
    const what = chance.weighted([
      [able.length > 0 ? 5 : 0, "process"],
      [network.isBusy ? 5 : 0, "message"],
      [loop.isAnyoneAsleep ? 1 : 0, "sleeper"]
    ] as const)
    const [first, ...others] = able
    if (what === "process" && first !== undefined) chance.pick([first, ...others]).goOn()
    else if (what === "message") network.step()
    else if (what === "sleeper") loop.advance(20 + chance.below(30))
    else return false
    this.settle()
    return true
  }

  startProcess(): SimulatedProcess {
    const process = new SimulatedProcess(`p${++this.started}`, this.around)
    this.processes.push(process)
    this.settle()
    return process
  }

  bury(): void {
    const living = this.processes.filter(({ isAlive }) => isAlive)
    this.deaths += this.processes.length - living.length
    this.processes = living
  }

  moveMarket(to: number): void {
    const last = sessions.at(-1)
    const at = timestamp(Math.min(to, last === undefined ? to : last.close))
    const from = this.market.time.at
    if (at <= from) return
    this.say(`market moves to ${at}`)
    this.venue.moveTo(at)
    this.loop.advance(Math.round((at - from) / 1000))
    this.settle()
  }

  private timePasses(): void {
    const { chance, market } = this
    const { at } = market.time
    const ahead = sessions.filter(({ close }) => close > at)
    const [session, next] = ahead
    // Little happens between sessions: most nights are short.
    if (session !== undefined && session.open > at && chance.permille(600))
      return this.moveMarket(session.open)
    switch (chance.below(10)) {
      case 0:
        return this.moveMarket(session === undefined ? at : session.close)
      case 1:
        return this.moveMarket(
          session === undefined
            ? at
            : session.open > at
              ? session.open + chance.below(3) * MICROS_PER_MINUTE
              : (next?.open ?? at) + chance.below(2) * MICROS_PER_MINUTE
        )
      case 2:
      case 3:
        return this.moveMarket(at + (1 + chance.below(60)) * MICROS_PER_MINUTE)
      case 4:
        this.say("only the computer's clock moves")
        this.loop.advance(1000 * (1 + chance.below(30)))
        return this.settle()
      default:
        return this.moveMarket(at + (1 + chance.below(40)) * MICROS_PER_SECOND)
    }
  }

  private anyWorking(): ClientOrderId | undefined {
    const [first, ...others] = this.venue.working()
    return first === undefined ? undefined : this.chance.pick([first, ...others])
  }

  private venueActs(): void {
    const { chance, venue } = this
    const id = this.anyWorking()
    const what = chance.weighted([
      [id === undefined ? 0 : 6, "drop"],
      [id === undefined ? 0 : 4, "fill late"],
      [2, "restart"],
      [4, "unreadable"],
      [3, "retell"],
      [3, "ignore cancels"],
      [this.isFaithful ? 0 : 3, "forget what works"],
      [this.isFaithful ? 0 : 3, "forget names"],
      [this.isFaithful ? 0 : 3, "move unseen"],
      [this.isFaithful ? 0 : 3, "charge unseen"]
    ] as const)
    this.say(`venue: ${what}`)
    if (what === "drop" && id !== undefined)
      venue.dropOrder(id, chance.pick(["OrderCanceled", "OrderRejected"]))
    else if (what === "fill late" && id !== undefined) venue.fillLate(id)
    else if (what === "restart") venue.restart()
    else if (what === "unreadable") venue.isRecordUnreadable = !venue.isRecordUnreadable
    else if (what === "retell") venue.retell(1 + chance.below(4))
    else if (what === "forget what works") venue.forgetWorking()
    else if (what === "forget names") venue.forgetNames()
    else if (what === "move unseen")
      venue.moveUnseen(chance.pick(instruments).id, (chance.below(21) - 10) * 1_000_000)
    else if (what === "charge unseen") venue.charge(chance.below(1_000_000_000))
    else venue.ignoresCancels = !venue.ignoresCancels
    this.settle()
  }

  /** Bad times do not last. */
  private mend(): void {
    const { chance, network, venue } = this
    if (network.weather !== calm && chance.permille(this.clearing)) this.changeWeather()
    if (venue.isRecordUnreadable && chance.permille(250)) venue.isRecordUnreadable = false
    if (venue.ignoresCancels && chance.permille(150)) venue.ignoresCancels = false
  }

  /** Somebody does something, or something happens to everybody. */
  private step(): void {
    const { chance } = this
    this.steps += 1
    this.mend()
    const open = this.processes.filter(({ acts, isOpen }) => isOpen && acts.size < 3)
    const isShort = this.processes.length < this.slots
    const what = chance.weighted([
      [open.length > 0 ? 60 : 0, "act"],
      [18, "time"],
      [this.network.weather === calm ? 12 : 3, "weather"],
      [4, "venue"],
      [open.length > 0 ? 2 : 0, "die"],
      [open.length > 0 ? 1 : 0, "close"],
      [isShort ? 30 : 0, "start"]
    ] as const)
    const [first, ...others] = open
    const process = first === undefined ? undefined : chance.pick([first, ...others])
    if (what === "act" && process !== undefined) {
      this.acts.draw()(process, () => {})
    } else if (what === "time") this.timePasses()
    else if (what === "weather") this.changeWeather()
    else if (what === "venue") this.venueActs()
    else if (what === "die") process?.die()
    else if (what === "close") process?.close()
    else if (what === "start") this.startProcess()
    this.settle()
  }

  private changeWeather(): void {
    this.network.weather = this.chance.permille(this.clearing) ? calm : this.chance.pick(weathers)
    this.say(`the line is ${this.network.weather.name}`)
  }

  private openDesk(): void {
    const first = this.startProcess()
    while (!first.isOpen && first.isAlive && this.goOn());
    if (!first.isAlive) return
    first.act(
      "open the account",
      Effect.flatMap(Account, (account) =>
        account.open({ accountId: accountId("desk"), cash: dollars(100_000), actor: person })
      ),
      () => {}
    )
    this.settle()
    while (first.isAlive && first.acts.size > 0 && this.goOn());
    this.moveMarket(minute(0, 1))
  }

  private live(): void {
    const { chance } = this
    const hardship = { ...this.hardship }
    // The desk is opened in peace.
    Object.assign(this.hardship, { pauses: 0, deaths: 0, busy: 0 })
    this.openDesk()
    Object.assign(this.hardship, hardship)
    const most = this.options.steps || stepsOf(this.options.seed)
    while (this.steps < most) {
      this.bury()
      if (chance.permille(650) && this.goOn()) continue
      this.step()
    }
    comeToRest(this)
  }

  run(): SimulationResult {
    try {
      this.live()
    } catch (cause) {
      if (!(cause instanceof Stop))
        this.fail(
          `the simulation broke: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`
        )
    }
    for (const process of this.processes) process.die()
    const { observer } = this
    return {
      seed: this.options.seed,
      problems: this.problems,
      hash: this.digest.digest("hex"),
      trace: this.options.isTraced === true ? this.lines : this.lines.slice(-KEPT_LINES),
      figures: {
        steps: this.steps,
        orders: observer.submitted.size,
        fills: observer.trades.size,
        legFills: [...observer.trades.values()].filter(({ clientOrderId: id }) => observer.combos.has(id))
          .length,
        ended: this.deaths,
        unknown: observer.lines.filter(({ event }) => event._tag === "OrderUnknown").length,
        corrections: observer.corrections.length
      }
    }
  }
}

export const simulate = (workshop: Workshop, options: SimulationOptions): SimulationResult =>
  new Simulation(workshop, options).run()
