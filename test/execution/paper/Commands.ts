/** Random sequences of commands for a venue: coarse prices and few names, so that orders meet and collide. */
import { Arbitrary, Schema } from "effect"
import type { VenueEvent } from "../../../src/domain/JournalEvent.ts"
import { dollars, pricePerShare, shares } from "../../../src/domain/Money.ts"
import type { OrderType, TimeInForce } from "../../../src/domain/Order.ts"
import { type Timestamp, timestamp } from "../../../src/domain/Timestamp.ts"
import type { MatchingCore } from "../../../src/execution/paper/MatchingCore.ts"
import type { VenueModels } from "../../../src/execution/paper/VenueMemory.ts"
import type { VenueOrder } from "../../../src/execution/VenueOrder.ts"
import type { MarketTick } from "../../../src/market/MarketTick.ts"
import { acme, bolt, count, id, limit, market, stop, stopLimit, trailing, worth } from "./PaperMarket.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
const Kind = Schema.Literals(["market", "limit", "stop", "stopLimit", "trailing"])
/** Dollars. */
const At = between(94, 106)

const Step = Schema.TaggedUnion({
  Submit: {
    name: between(0, 30),
    second: Schema.Boolean,
    buy: Schema.Boolean,
    kind: Kind,
    at: At,
    worst: between(-2, 2),
    by: between(1, 3),
    /** Shares; every tenth order is by notional. */
    amount: between(0, 30),
    timeInForce: Schema.Literals(["DAY", "GTC", "GTC", "IOC", "FOK", "AT_THE_OPEN", "AT_THE_CLOSE"]),
    group: between(0, 8),
    exits: between(0, 7)
  },
  Change: {
    what: Schema.Literals(["cancel", "replace", "replace", "replace", "replace", "endSession"]),
    name: between(0, 30),
    /** Which of the working orders; with none working, or `astray`, the name as it is. */
    nth: between(0, 9),
    astray: Schema.Literals([false, false, false, true]),
    at: At,
    amount: between(1, 30)
  },
  Tick: {
    second: Schema.Boolean,
    phase: Schema.Literals(["OPEN", "CONTINUOUS", "CONTINUOUS", "CONTINUOUS", "CONTINUOUS", "CLOSE"]),
    last: At,
    spread: between(0, 2),
    volume: between(0, 300)
  }
})
type Step = typeof Step.Type

const tick = Arbitrary.schema(Step.cases.Tick)
const submit = Arbitrary.schema(Step.cases.Submit)
const change = Arbitrary.schema(Step.cases.Change)

/** Half of them ticks, a quarter orders, a quarter changes; twenty to two hundred commands. */
export const commands = Arbitrary.array(Arbitrary.all([submit, tick, change, tick]), {
  minLength: 5,
  maxLength: 50
}).pipe(Arbitrary.map((groups) => groups.flat()))

export const models = Arbitrary.schema(
  Schema.Struct({
    fill: Schema.Literals(["all", "share", "strict"]),
    fee: Schema.Literals(["zero", "perShare", "ratio"]),
    slippage: Schema.Literals(["none", "points", "spread"])
  })
).pipe(
  Arbitrary.map(({ fill, fee, slippage }): VenueModels => ({
    fill:
      fill === "all"
        ? { _tag: "Immediate" }
        : { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: fill === "share" },
    fee:
      fee === "zero"
        ? { _tag: "Zero" }
        : fee === "ratio"
          ? { _tag: "Ratio", basisPoints: 7 }
          : {
              _tag: "PerShare",
              perShare: dollars(0.005),
              minimum: dollars(1),
              maximumBasisPoints: 50
            },
    slippage:
      slippage === "none"
        ? { _tag: "None" }
        : { _tag: slippage === "points" ? "BasisPoints" : "SpreadShare", basisPoints: 33 }
  }))
)

/** What can be asked of a venue. */
export interface Asked<A> {
  readonly submit: (order: VenueOrder, now: Timestamp, marketOpen: boolean) => A
  readonly cancel: (name: string, now: Timestamp) => A
  readonly replace: (name: string, type: OrderType, amount: number, now: Timestamp, marketOpen: boolean) => A
  readonly tick: (tick: MarketTick) => A
  readonly sessionClosed: (at: Timestamp) => A
  /** Names of working orders, for changes to aim at. */
  readonly working: () => ReadonlyArray<string>
}

/** Carries out commands, one a minute. The market is open from an OPEN tick to the session's end. */
export const carryOut = <A>(steps: ReadonlyArray<Step>, asked: Asked<A>): ReadonlyArray<A> => {
  let open = false
  return steps.map((command, minute) => {
    const now = timestamp((minute + 1) * 60_000_000)
    switch (command._tag) {
      case "Submit":
        return asked.submit(orderOf(command), now, open)
      case "Change":
        if (command.what === "cancel") return asked.cancel(aimOf(command, asked.working()), now)
        if (command.what === "replace") {
          const name = aimOf(command, asked.working())
          return asked.replace(name, limit(command.at), command.amount, now, open)
        }
        open = false
        return asked.sessionClosed(now)
      case "Tick":
        if (command.phase !== "CONTINUOUS") open = command.phase === "OPEN"
        return asked.tick(tickOf(command, now))
    }
  })
}

/** A core as something that can be asked; `current` is looked up at each call, so that it may be replaced. */
export const askCore = (current: () => MatchingCore): Asked<ReadonlyArray<VenueEvent>> => ({
  submit: (order, now, marketOpen) => current().submit(order, { now, marketOpen }),
  cancel: (name, now) => current().cancel(id(name), now),
  replace: (name, type, amount, now, marketOpen) => {
    const change = changeFor(current().order(id(name))?.type, type, amount)
    return current().replace(id(name), change, { now, marketOpen })
  },
  tick: (next) => current().tick(next),
  sessionClosed: (at) => current().sessionClosed(at),
  working: () =>
    current()
      .working()
      .map((order) => order.clientOrderId)
})

/** Moves an order of any kind to a price: the kind stays, so that replacements succeed more often than not. */
export const changeFor = (type: OrderType | undefined, to: OrderType, amount: number) => {
  // Every third time only the size changes.
  if (type !== undefined && amount % 3 === 0) return { type, size: count(amount) }
  const at = to._tag === "Limit" ? to.limitPrice : pricePerShare(100)
  const moved = (): OrderType => {
    switch (type?._tag) {
      case "StopMarket":
        return { _tag: "StopMarket", stopPrice: at }
      case "StopLimit":
        return { _tag: "StopLimit", stopPrice: type.stopPrice, limitPrice: at }
      case "TrailingStopMarket":
        return amount % 2 === 0 ? type : trailing(amount % 4)
      case "Market":
        return market
      default:
        return to
    }
  }
  return { type: moved(), size: count(amount) }
}

const aimOf = (command: typeof Step.cases.Change.Type, working: ReadonlyArray<string>): string =>
  (command.astray ? undefined : working[command.nth % working.length]) ?? `o${command.name}`

const orderOf = (command: typeof Step.cases.Submit.Type): VenueOrder => {
  const { name, at, buy, amount, exits, group } = command
  const [takeProfit, stopLoss] = buy ? [at + 3, at - 3] : [at - 3, at + 3]
  const bracket = {
    ...(exits === 1 || exits === 3
      ? { takeProfit: { clientOrderId: id(`o${name}-tp`), limitPrice: pricePerShare(takeProfit) } }
      : {}),
    ...(exits === 2 || exits === 3
      ? { stopLoss: { clientOrderId: id(`o${name}-sl`), stopPrice: pricePerShare(stopLoss) } }
      : {})
  }
  const isStop = command.kind === "stop" || command.kind === "stopLimit" || command.kind === "trailing"
  const patient: TimeInForce = amount % 2 === 0 ? "DAY" : "GTC"
  return {
    clientOrderId: id(`o${name}`),
    instrumentId: command.second ? bolt.id : acme.id,
    side: buy ? "BUY" : "SELL",
    type: typeOf(command),
    size: amount % 5 === 4 ? worth(amount * 77) : count(amount),
    // Most stops get a time in force a venue takes.
    timeInForce: isStop && exits !== 4 ? patient : command.timeInForce,
    ...(group < 4 ? { ocoGroup: `g${Math.floor(name / 3)}` } : {}),
    ...(exits >= 1 && exits <= 3 ? { bracket } : {})
  }
}

const typeOf = ({ kind, at, worst, by }: typeof Step.cases.Submit.Type): OrderType => {
  switch (kind) {
    case "market":
      return market
    case "limit":
      return limit(at)
    case "stop":
      return stop(at)
    case "stopLimit":
      return stopLimit(at, at + worst)
    case "trailing":
      return trailing(by)
  }
}

const tickOf = (command: typeof Step.cases.Tick.Type, tsEvent: Timestamp): MarketTick => ({
  instrumentId: command.second ? bolt.id : acme.id,
  tsEvent,
  phase: command.phase,
  bid: pricePerShare(command.last - command.spread / 2),
  ask: pricePerShare(command.last + command.spread / 2),
  last: pricePerShare(command.last),
  bidSize: shares(1),
  askSize: shares(1),
  // Whole lots and odd ones.
  volume: shares(command.volume < 60 ? 0 : command.volume),
  source: "csv-path"
})
