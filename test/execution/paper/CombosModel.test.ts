/** Random commands: whatever comes, the legs of a combo fill together, once, at their quotes and within the net limit. */
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import type { InstrumentId } from "../../../src/domain/Identifiers.ts"
import type { Instrument } from "../../../src/domain/Instrument.ts"
import type { OrderFilled, VenueEvent } from "../../../src/domain/JournalEvent.ts"
import type { OrderLeg } from "../../../src/domain/OrderLeg.ts"
import { type Timestamp, timestamp } from "../../../src/domain/Timestamp.ts"
import { make, type MatchingCore } from "../../../src/execution/paper/MatchingCore.ts"
import { MatchingState, type OrderRecord } from "../../../src/execution/paper/MatchingState.ts"
import type { MarketTick } from "../../../src/market/MarketTick.ts"
import { sessionAt } from "../TestMarket.ts"
import { buying, call, combo, lookUpAny, net, put, quoteAt, selling } from "./OptionMarket.ts"
import { acme, count, frictionless, id, limit, market } from "./PaperMarket.ts"

const quoted: ReadonlyArray<Instrument> = [call(95), call(100), call(105), put(95), put(100), acme]
const shapes: ReadonlyArray<ReadonlyArray<OrderLeg>> = [
  [buying(call(100)), selling(call(105))],
  [selling(put(100)), buying(put(95))],
  [buying(call(95)), selling(call(100), 2), buying(call(105))],
  [buying(acme, 100), selling(call(105))],
  [selling(call(105)), buying(put(95))],
  [selling(put(95)), buying(put(100)), selling(call(105)), buying(call(100))]
]

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const Step = Schema.TaggedUnion({
  Send: {
    shape: between(0, shapes.length - 1),
    name: between(0, 40),
    /** A tenth of a dollar; beyond three dollars it is a market order. */
    tenths: between(-30, 40),
    units: between(1, 4),
    timeInForce: Schema.Literals(["DAY", "GTC", "GTC", "IOC", "FOK", "AT_THE_OPEN"])
  },
  /** An order for one leg beside them. */
  Single: { name: between(41, 60), of: between(0, 5), buys: Schema.Boolean, tenths: between(1, 30) },
  Change: {
    what: Schema.Literals(["cancel", "replace"]),
    nth: between(0, 9),
    tenths: between(-30, 30),
    units: between(1, 4)
  },
  /** Ticks of one instant: which instruments, and where. */
  Instant: {
    of: Schema.Array(between(0, 5)).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(6))),
    tenths: between(0, 30),
    step: between(0, 3),
    phase: Schema.Literals(["OPEN", "CONTINUOUS", "CONTINUOUS", "CONTINUOUS", "CLOSE"])
  },
  Night: { split: Schema.Literals([false, false, false, true]) }
})
type Step = typeof Step.Type

const arbitrary = (one: Schema.Codec<Step, unknown>) => Arbitrary.schema(one)
const steps = Arbitrary.array(
  Arbitrary.all([
    arbitrary(Step.cases.Instant),
    arbitrary(Step.cases.Send),
    arbitrary(Step.cases.Instant),
    arbitrary(Step.cases.Change),
    arbitrary(Step.cases.Single)
  ]),
  { minLength: 4, maxLength: 30 }
).pipe(Arbitrary.map((groups) => groups.flat()))
const nights = Arbitrary.array(Arbitrary.schema(Step.cases.Night), { minLength: 1, maxLength: 3 })

/** A night after every third part of the day's steps. */
const withNights = (day: ReadonlyArray<Step>, between: ReadonlyArray<Step>): ReadonlyArray<Step> => {
  const length = Math.ceil(day.length / (between.length + 1))
  return between.flatMap((night, i) => [...day.slice(i * length, (i + 1) * length), night])
}

const start = sessionAt(0).open

/** What one step does: the events of each call, and the ticks before it. */
interface Call {
  readonly events: ReadonlyArray<VenueEvent>
  readonly at: Timestamp
}

const ticksOf = (step: Extract<Step, { _tag: "Instant" }>, at: Timestamp): ReadonlyArray<MarketTick> =>
  [...new Set(step.of)].flatMap((n, i) => {
    const instrument = quoted[n]
    if (instrument === undefined) return []
    const bid = (step.tenths + i * step.step) / 10
    const base = instrument === acme ? 100 + bid : bid
    return [quoteAt(instrument, at, base, base + 0.1, step.phase)]
  })

const carryOut = (
  day: ReadonlyArray<Step>,
  core: () => MatchingCore,
  see: (ticks: ReadonlyArray<MarketTick>) => void
): ReadonlyArray<Call> => {
  let marketOpen = true
  return day.map((step, n) => {
    const at = timestamp(start + (n + 1) * 1_000_000)
    const now = { now: at, marketOpen }
    switch (step._tag) {
      case "Send": {
        const terms = {
          type: step.tenths > 30 ? market : net(step.tenths / 10),
          size: count(step.units),
          timeInForce: step.timeInForce
        }
        return { at, events: core().submit(combo(`c${step.name}`, shapes[step.shape] ?? [], terms), now) }
      }
      case "Single": {
        const order = {
          clientOrderId: id(`s${step.name}`),
          instrumentId: (quoted[step.of] ?? acme).id,
          side: step.buys ? ("BUY" as const) : ("SELL" as const),
          type: limit(step.tenths / 10),
          size: count(1),
          timeInForce: "GTC" as const
        }
        return { at, events: core().submit(order, now) }
      }
      case "Change": {
        const working = core()
          .working()
          .filter((order) => order.legs !== undefined)
        const aim = working[step.nth % Math.max(1, working.length)]
        if (aim === undefined) return { at, events: [] }
        if (step.what === "cancel") return { at, events: core().cancel(aim.clientOrderId, at) }
        const type = aim.type._tag === "Market" ? market : net(step.tenths / 10)
        return { at, events: core().replace(aim.clientOrderId, { type, size: count(step.units) }, now) }
      }
      case "Instant": {
        marketOpen = step.phase !== "CLOSE"
        const ticks = ticksOf(step, at)
        see(ticks)
        const events = ticks.flatMap((tick) => core().tick(tick))
        return { at, events: [...events, ...core().meetCombos(at)] }
      }
      case "Night": {
        marketOpen = true
        const closed = core().sessionClosed(at)
        const split = step.split
          ? core().applySplit(acme.id, { numerator: 2, denominator: 1, tsEvent: at })
          : []
        return { at, events: [...closed, ...split] }
      }
    }
  })
}

const fillsByOrder = (events: ReadonlyArray<VenueEvent>): ReadonlyMap<string, ReadonlyArray<OrderFilled>> => {
  const fills = new Map<string, Array<OrderFilled>>()
  for (const event of events) {
    if (event._tag !== "OrderFilled" || !event.clientOrderId.startsWith("c")) continue
    fills.set(event.clientOrderId, [...(fills.get(event.clientOrderId) ?? []), event])
  }
  return fills
}

const costOf = (fills: ReadonlyArray<OrderFilled>): number =>
  fills.reduce((sum, { multiplier, price, quantity, side }) => {
    return sum + (side === "BUY" ? 1 : -1) * price * (quantity / 1_000_000) * multiplier
  }, 0)

/** The record is what the fills say, and they are all legs of all units. */
const checkWhole = (record: Readonly<OrderRecord>, fills: ReadonlyArray<OrderFilled>): void => {
  const legs = record.legs ?? []
  expect(fills.map((fill) => [fill.instrumentId, fill.side])).toEqual(
    legs.map((leg) => [leg.instrumentId, leg.side])
  )
  const size = record.size._tag === "Quantity" ? record.size.quantity : 0
  expect(fills.map((fill) => fill.quantity)).toEqual(legs.map((leg) => leg.ratio * size))
  expect(fills.map(({ final, units }) => [final, units])).toEqual(
    legs.map((_, at) => (at === legs.length - 1 ? [true, size] : [false, undefined]))
  )
  expect(record).toMatchObject({ status: "Filled", filledQuantity: size, filledNotional: costOf(fills) })
  if (record.type._tag !== "NetLimit") return
  expect(costOf(fills)).toBeLessThanOrEqual((record.type.netPrice * 100 * size) / 1_000_000)
}

const runs = { arbitrary: { runs: 250, size: 40 }, timeout: 60_000 }

describe("combos on random commands", () => {
  it.prop(
    "fill all legs of all units at one instant, at their quotes, or nothing",
    { steps, nights },
    ({ nights, steps }) => {
      const core = make({ instrument: lookUpAny, models: frictionless })
      const filled = new Set<string>()
      const calls = carryOut(
        withNights(steps, nights),
        () => core,
        () => undefined
      )
      for (const { at, events } of calls) {
        for (const [name, fills] of fillsByOrder(events)) {
          const record = core.order(id(name))
          expect(record).toBeDefined()
          if (record !== undefined) checkWhole(record, fills)
          expect(filled.has(name)).toBe(false)
          filled.add(name)
          for (const fill of fills) expect(fill.tsEvent).toBe(at)
        }
      }
    },
    runs
  )

  it.prop(
    "take the quotes' other sides, and sell to nobody who bids nothing",
    { steps },
    ({ steps }) => {
      const core = make({ instrument: lookUpAny, models: frictionless })
      const last = new Map<InstrumentId, MarketTick>()
      for (const step of steps) {
        const [made] = carryOut(
          [step],
          () => core,
          (ticks) => {
            for (const tick of ticks) last.set(tick.instrumentId, tick)
          }
        )
        for (const fills of fillsByOrder(made?.events ?? []).values()) {
          for (const { instrumentId, price, side } of fills) {
            const tick = last.get(instrumentId)
            expect(price).toBe(side === "BUY" ? tick?.ask : tick?.bid)
            expect(price).toBeGreaterThan(0)
          }
        }
      }
    },
    // Every step is at the same instant: a tick that differs is news, however often it comes.
    runs
  )

  it.prop(
    "go on the same when the venue is stored as JSON and made again between commands",
    { steps, nights, every: between(1, 7) },
    ({ every, nights, steps }) => {
      const all = withNights(steps, nights)
      const through = make({ instrument: lookUpAny, models: frictionless })
      let stored = make({ instrument: lookUpAny, models: frictionless })
      let calls = 0
      const restored = () => {
        calls += 1
        if (calls % every !== 0) return stored
        const json = JSON.parse(JSON.stringify(stored.snapshot()))
        const state = Schema.decodeUnknownSync(MatchingState, { onExcessProperty: "error" })(json)
        expect(state).toEqual(stored.snapshot())
        stored = make({ instrument: lookUpAny, models: frictionless, state })
        return stored
      }
      const ignore = () => undefined
      expect(carryOut(all, restored, ignore)).toEqual(carryOut(all, () => through, ignore))
      expect(stored.snapshot()).toEqual(through.snapshot())
    },
    runs
  )
})
