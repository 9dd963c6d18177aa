/** Random commands: the core does what the naive venue does, and keeps its promises. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import type { VenueEvent } from "../../../src/domain/JournalEvent.ts"
import { make } from "../../../src/execution/paper/MatchingCore.ts"
import { MatchingState } from "../../../src/execution/paper/MatchingState.ts"
import { tickCapacity } from "../../../src/execution/paper/FillModel.ts"
import type { VenueModels } from "../../../src/execution/paper/VenueMemory.ts"
import type { OrderType } from "../../../src/domain/Order.ts"
import type { MarketTick } from "../../../src/market/MarketTick.ts"
import type { VenueOrder } from "../../../src/execution/VenueOrder.ts"
import { askCore, type Asked, carryOut, changeFor, commands, models } from "./Commands.ts"
import { type Happening, NaiveVenue } from "./NaiveVenue.ts"
import { acme, bolt, id, lookUp } from "./PaperMarket.ts"

const runs = { arbitrary: { runs: 800, size: 40 }, timeout: 60_000 }

const words: Record<VenueEvent["_tag"], Happening["what"]> = {
  OrderAccepted: "accepted",
  OrderRejected: "rejected",
  OrderTriggered: "triggered",
  OrderUpdated: "updated",
  OrderCancelRejected: "refused",
  OrderCanceled: "canceled",
  OrderExpired: "expired",
  OrderFilled: "filled"
}

const happening = (event: VenueEvent): Happening => {
  const common = { what: words[event._tag], id: event.clientOrderId }
  if (event._tag !== "OrderFilled") return common
  const { quantity, price, fee, final } = event
  return { ...common, quantity, price, fee, final }
}

/** A run of the core, and with each command the orders and the tick it was about. */
const history = (steps: Parameters<typeof carryOut>[0], assumed: VenueModels) => {
  const core = make({ instrument: lookUp, models: assumed })
  const asked = askCore(() => core)
  const orders = new Map<string, VenueOrder>()
  const turn = (events: ReadonlyArray<VenueEvent>, tick?: MarketTick) => ({ events, tick })
  const turns = carryOut(steps, {
    submit: (order, now, open) => {
      const events = asked.submit(order, now, open)
      if (events.length > 0) orders.set(order.clientOrderId, order)
      return turn(events)
    },
    cancel: (name, now) => turn(asked.cancel(name, now)),
    replace: (name, type, amount, now, open) => turn(asked.replace(name, type, amount, now, open)),
    tick: (tick) => turn(asked.tick(tick), tick),
    sessionClosed: (at) => turn(asked.sessionClosed(at)),
    working: asked.working
  })
  return { core, orders, turns, events: turns.flatMap((turn) => turn.events) }
}

const fillsOf = (events: ReadonlyArray<VenueEvent>) =>
  events.flatMap((event) => (event._tag === "OrderFilled" ? [event] : []))

const limitIn = (type: OrderType): number | undefined => ("limitPrice" in type ? type.limitPrice : undefined)

describe("the matching core on random commands", () => {
  it.prop(
    "does exactly what the naive venue does",
    { commands, models },
    ({ commands, models }) => {
      const core = make({ instrument: lookUp, models })
      const naive = new NaiveVenue([acme, bolt], models)
      const both = askCore(() => core)
      const agreed = carryOut(commands, {
        submit: (order, now, open) => [both.submit(order, now, open), naive.submit(order, now, open)],
        cancel: (name, now) => [both.cancel(name, now), naive.cancel(name)],
        replace: (name, type, amount, now, open) => {
          const { type: to, size } = changeFor(core.order(id(name))?.type, type, amount)
          return [both.replace(name, type, amount, now, open), naive.replace(name, to, size, open)]
        },
        tick: (tick) => [both.tick(tick), naive.tick(tick)],
        sessionClosed: (at) => [both.sessionClosed(at), naive.sessionClosed(at)],
        working: both.working
      } satisfies Asked<readonly [ReadonlyArray<VenueEvent>, ReadonlyArray<Happening>]>)
      for (const [events, happenings] of agreed) expect(events.map(happening)).toEqual(happenings)
    },
    runs
  )

  it.prop(
    "goes on the same when it is stored as JSON and made again between commands",
    { commands, models, every: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 20 }))) },
    ({ commands, models, every }) => {
      let calls = 0
      const through = make({ instrument: lookUp, models })
      let stored = make({ instrument: lookUp, models })
      const restore = () => {
        calls += 1
        if (calls % every !== 0) return stored
        const json = JSON.parse(JSON.stringify(stored.snapshot()))
        const state = Schema.decodeUnknownSync(MatchingState, { onExcessProperty: "error" })(json)
        expect(state).toEqual(stored.snapshot())
        stored = make({ instrument: lookUp, models, state })
        return stored
      }
      expect(carryOut(commands, askCore(restore))).toEqual(
        carryOut(
          commands,
          askCore(() => through)
        )
      )
      expect(stored.snapshot()).toEqual(through.snapshot())
    },
    { ...runs, arbitrary: { runs: 500, size: 40 } }
  )

  it.prop(
    "gives the same events and the same state to the same commands",
    { commands, models },
    ({ commands, models }) => {
      const once = history(commands, models)
      const again = history(commands, models)
      expect(again.events).toEqual(once.events)
      expect(again.core.snapshot()).toEqual(once.core.snapshot())
    },
    { ...runs, arbitrary: { runs: 500, size: 40 } }
  )

  it.prop(
    "never fills more than was asked for, and its fills add up to what it says was filled",
    { commands, models },
    ({ commands, models }) => {
      const { core, events } = history(commands, models)
      const fills = fillsOf(events)
      for (const name of new Set(fills.map((fill) => fill.clientOrderId))) {
        const own = fills.filter((fill) => fill.clientOrderId === name)
        const order = core.order(name)
        const total = own.reduce((sum, fill) => sum + fill.quantity, 0)
        expect(order?.filledQuantity).toBe(total)
        expect(order?.fees).toBe(own.reduce((sum, fill) => sum + fill.fee, 0))
        if (order?.size._tag === "Quantity") expect(total).toBeLessThanOrEqual(order.size.quantity)
        if (order?.size._tag === "Notional")
          expect(order.filledNotional).toBeLessThanOrEqual(order.size.notional)
        expect(own.every((fill) => fill.fee >= 0 && fill.quantity > 0)).toBe(true)
        expect(own.slice(0, -1).some((fill) => fill.final)).toBe(false)
        expect(order?.status === "Filled").toBe(own.at(-1)?.final)
      }
      expect(new Set(fills.map((fill) => fill.tradeId)).size).toBe(fills.length)
    },
    runs
  )

  it.prop(
    "never fills two orders of a group, nor more by a bracket's exits than its entry",
    { commands, models },
    ({ commands, models }) => {
      const { events, orders } = history(commands, models)
      const fills = fillsOf(events)
      const filled = (name: string) =>
        fills.filter((fill) => fill.clientOrderId === name).reduce((sum, fill) => sum + fill.quantity, 0)
      const groups = new Map<string, string>()
      for (const { clientOrderId } of fills) {
        const group = orders.get(clientOrderId)?.ocoGroup
        if (group === undefined) continue
        expect(groups.get(group) ?? clientOrderId).toBe(clientOrderId)
        groups.set(group, clientOrderId)
      }
      const rejected = new Set(events.flatMap((e) => (e._tag === "OrderRejected" ? [e.clientOrderId] : [])))
      for (const { clientOrderId, bracket } of orders.values()) {
        if (rejected.has(clientOrderId)) continue
        const exits = [bracket?.takeProfit, bracket?.stopLoss].flatMap((exit) => exit?.clientOrderId ?? [])
        const out = exits.reduce((sum, exit) => sum + filled(exit), 0)
        expect(out).toBeLessThanOrEqual(filled(clientOrderId))
      }
    },
    runs
  )

  it.prop(
    "says nothing more of an order that ended, but that it cannot be changed",
    { commands, models },
    ({ commands, models }) => {
      const ended = new Set<string>()
      const accepted = new Set<string>()
      for (const event of history(commands, models).events) {
        if (event._tag === "OrderCancelRejected") continue
        expect(ended.has(event.clientOrderId)).toBe(false)
        if (event._tag === "OrderAccepted") accepted.add(event.clientOrderId)
        else if (event._tag !== "OrderRejected") expect(accepted.has(event.clientOrderId)).toBe(true)
        const ends = ["OrderRejected", "OrderCanceled", "OrderExpired"].includes(event._tag)
        if (ends || (event._tag === "OrderFilled" && event.final)) ended.add(event.clientOrderId)
      }
    },
    runs
  )

  it.prop(
    "keeps to limits, to the prices between two ticks, to the volume, and to one fill an order and tick",
    { commands, models },
    ({ commands, models }) => {
      const { orders, turns } = history(commands, { ...models, slippage: { _tag: "None" } })
      const types = new Map<string, OrderType>()
      const screens = new Map<
        string,
        { tick: MarketTick; before: MarketTick; taken: number; filled: Set<string> }
      >()
      for (const order of orders.values()) types.set(order.clientOrderId, order.type)
      for (const { events, tick } of turns) {
        if (tick !== undefined) {
          const before = screens.get(tick.instrumentId)?.tick ?? tick
          screens.set(tick.instrumentId, { tick, before, taken: 0, filled: new Set() })
        }
        for (const event of events) {
          if (event._tag === "OrderUpdated") types.set(event.clientOrderId, event.type)
          if (event._tag !== "OrderFilled") continue
          const screen = screens.get(event.instrumentId)
          const limit = limitIn(types.get(event.clientOrderId) ?? { _tag: "Market" })
          if (screen === undefined) throw new Error("a fill without a market")
          if (limit !== undefined) {
            const better = event.side === "BUY" ? event.price <= limit : event.price >= limit
            expect(better).toBe(true)
          }
          const seen = [screen.tick, screen.before].flatMap(({ bid, ask, last }) => [bid, ask, last])
          expect(event.price).toBeGreaterThanOrEqual(Math.min(...seen))
          expect(event.price).toBeLessThanOrEqual(Math.max(...seen))
          screen.taken += event.quantity
          expect(screen.taken).toBeLessThanOrEqual(tickCapacity(models.fill, screen.tick, acme.sizeIncrement))
          expect(screen.filled.has(event.clientOrderId)).toBe(false)
          screen.filled.add(event.clientOrderId)
        }
      }
    },
    runs
  )
})
