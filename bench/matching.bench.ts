/**
 * How many events a second the matching core takes on one core, against the
 * naive venue of its tests on the same events.
 *
 * An event is one call: a tick, an order, a cancel, a replacement. `ticks`:
 * a walking price against twenty resting orders, which now and then fill and
 * are sent anew. `mix`: the same, and after every fourth tick a cancel and
 * a new order, a replacement, or a market order that fills at once.
 */
import { clientOrderId } from "../src/domain/Identifiers.ts"
import { dollars, price, pricePerShare, shares } from "../src/domain/Money.ts"
import type { OrderType } from "../src/domain/Order.ts"
import { type Timestamp, timestamp } from "../src/domain/Timestamp.ts"
import { make } from "../src/execution/paper/MatchingCore.ts"
import type { VenueModels } from "../src/execution/paper/VenueMemory.ts"
import type { VenueOrder } from "../src/execution/VenueOrder.ts"
import type { MarketTick } from "../src/market/MarketTick.ts"
import { NaiveVenue } from "../test/execution/paper/NaiveVenue.ts"
import { generator } from "./Sampling.ts"
import { acme, lookUp } from "../test/execution/paper/PaperMarket.ts"

const models: VenueModels = {
  fill: { _tag: "VolumeShare", shareBasisPoints: 1000, unlimitedWhenNoVolume: true },
  fee: { _tag: "PerShare", perShare: dollars(0.005), minimum: dollars(1), maximumBasisPoints: 100 },
  slippage: { _tag: "BasisPoints", basisPoints: 1 }
}

/** What one call did: how many fills, and the names of the orders it ended. */
interface Effects {
  fills: number
  readonly ended: Array<string>
}

/** A venue as the benchmark drives it. */
interface Driven {
  readonly submit: (order: VenueOrder, now: Timestamp) => Effects
  readonly cancel: (order: VenueOrder, now: Timestamp) => Effects
  readonly replace: (order: VenueOrder, now: Timestamp) => Effects
  readonly tick: (tick: MarketTick) => Effects
  /** Lets go of what ended before, as a desk does. */
  readonly forget: (before: Timestamp) => void
}

const drivenCore = (): Driven => {
  const core = make({ instrument: lookUp, models })
  const effects = (events: ReturnType<typeof core.tick>): Effects => {
    const seen: Effects = { fills: 0, ended: [] }
    for (const event of events) {
      if (event._tag === "OrderFilled") seen.fills += 1
      if (event._tag === "OrderCanceled" || (event._tag === "OrderFilled" && event.final)) {
        seen.ended.push(event.clientOrderId)
      }
    }
    return seen
  }
  return {
    submit: (order, now) => effects(core.submit(order, { now, marketOpen: true })),
    cancel: (order, now) => effects(core.cancel(order.clientOrderId, now)),
    replace: (order, now) => effects(core.replace(order.clientOrderId, order, { now, marketOpen: true })),
    tick: (tick) => effects(core.tick(tick)),
    forget: (before) => core.forgetEnded(before)
  }
}

const drivenNaive = (): Driven => {
  const venue = new NaiveVenue([acme], models)
  const effects = (happenings: ReturnType<typeof venue.tick>): Effects => {
    const seen: Effects = { fills: 0, ended: [] }
    for (const { what, id, final } of happenings) {
      if (what === "filled") seen.fills += 1
      if (what === "canceled" || final === true) seen.ended.push(id)
    }
    return seen
  }
  return {
    submit: (order, now) => effects(venue.submit(order, now, true)),
    cancel: (order) => effects(venue.cancel(order.clientOrderId)),
    replace: (order) => effects(venue.replace(order.clientOrderId, order.type, order.size, true)),
    tick: (tick) => effects(venue.tick(tick)),
    // It keeps names only.
    forget: () => {}
  }
}

/** One second's tick of a price that walks in cents and is drawn back to $100. */
const walk = (length: number, random: () => number): ReadonlyArray<MarketTick> => {
  const ticks: Array<MarketTick> = []
  let cents = 10_000
  for (let n = 0; n < length; n++) {
    cents += Math.floor(random() * 7) - 3 - Math.trunc((cents - 10_000) / 300)
    ticks.push({
      instrumentId: acme.id,
      tsEvent: timestamp((n + 1) * 1_000_000),
      phase: n === 0 ? "OPEN" : "CONTINUOUS",
      bid: pricePerShare((cents - 1) / 100),
      ask: pricePerShare((cents + 1) / 100),
      last: pricePerShare(cents / 100),
      bidSize: shares(100),
      askSize: shares(100),
      volume: shares(1000 + Math.floor(random() * 1000)),
      source: "csv-path"
    })
  }
  return ticks
}

/** A limit, stop, stop-limit or trailing order, ten cents to two dollars from `last`. */
const restingOrder = (name: string, last: number, random: () => number): VenueOrder => {
  const buys = random() < 0.5
  const away = Math.ceil(10 + random() * 190) * 10_000
  const below = pricePerShare((last - away) / 1_000_000)
  const above = pricePerShare((last + away) / 1_000_000)
  const [near, far] = buys ? [below, above] : [above, below]
  const kind = random()
  const type: OrderType =
    kind < 0.6
      ? { _tag: "Limit", limitPrice: near }
      : kind < 0.8
        ? { _tag: "StopMarket", stopPrice: far }
        : kind < 0.9
          ? { _tag: "StopLimit", stopPrice: far, limitPrice: far }
          : { _tag: "TrailingStopMarket", trailingOffset: pricePerShare(away / 1_000_000) }
  return {
    clientOrderId: clientOrderId(name),
    instrumentId: acme.id,
    side: buys ? "BUY" : "SELL",
    type,
    size: { _tag: "Quantity", quantity: shares(10 + Math.floor(random() * 90)) },
    timeInForce: "GTC"
  }
}

const marketOrder = (name: string, buys: boolean): VenueOrder => ({
  clientOrderId: clientOrderId(name),
  instrumentId: acme.id,
  side: buys ? "BUY" : "SELL",
  type: { _tag: "Market" },
  size: { _tag: "Quantity", quantity: shares(25) },
  timeInForce: "DAY"
})

const WORKING = 20

interface Outcome {
  readonly events: number
  readonly fills: number
  readonly nanoseconds: bigint
}

/** Drives a venue over the ticks with twenty orders working; after every fourth tick a command if `mixed`. */
const drive = (venue: Driven, ticks: ReadonlyArray<MarketTick>, mixed: boolean): Outcome => {
  const random = generator(7)
  const working = new Map<string, VenueOrder>()
  let sent = 0
  let events = 0
  let fills = 0
  const note = (effects: Effects) => {
    events += 1
    fills += effects.fills
    for (const name of effects.ended) working.delete(name)
  }
  const started = process.hrtime.bigint()
  for (const [n, tick] of ticks.entries()) {
    note(venue.tick(tick))
    if (n % 1000 === 0) venue.forget(tick.tsEvent)
    while (working.size < WORKING) {
      const order = restingOrder(`o${sent++}`, tick.last, random)
      working.set(order.clientOrderId, order)
      note(venue.submit(order, tick.tsEvent))
    }
    if (!mixed || n % 4 !== 0) continue
    const [oldest] = working.values()
    if (oldest === undefined) continue
    if (n % 16 === 4) note(venue.submit(marketOrder(`m${n}`, n % 32 === 4), tick.tsEvent))
    else if (n % 8 === 0) note(venue.cancel(oldest, tick.tsEvent))
    else note(venue.replace({ ...oldest, type: moved(oldest.type) }, tick.tsEvent))
  }
  return { events, fills, nanoseconds: process.hrtime.bigint() - started }
}

/** The same kind of order, a cent dearer. */
const moved = (type: OrderType): OrderType => {
  const cent = (value: number) => price(value + 10_000)
  switch (type._tag) {
    case "Market":
    case "NetLimit":
      return type
    case "Limit":
      return { ...type, limitPrice: cent(type.limitPrice) }
    case "StopMarket":
      return { ...type, stopPrice: cent(type.stopPrice) }
    case "StopLimit":
      return { ...type, stopPrice: cent(type.stopPrice), limitPrice: cent(type.limitPrice) }
    case "TrailingStopMarket":
      return { ...type, trailingOffset: cent(type.trailingOffset) }
  }
}

const perSecond = ({ events, nanoseconds }: Outcome): number => events / (Number(nanoseconds) / 1e9)

/** The best of several runs, each on a venue of its own. */
const best = (
  venue: () => Driven,
  ticks: ReadonlyArray<MarketTick>,
  mixed: boolean,
  rounds: number
): Outcome => {
  const outcomes = Array.from({ length: rounds }, () => drive(venue(), ticks, mixed))
  return outcomes.toSorted((a, b) => perSecond(b) - perSecond(a))[0] ?? drive(venue(), ticks, mixed)
}

const ticks = walk(200_000, generator(42))
const few = ticks.slice(0, 10_000)
const measure = (mixed: boolean) => {
  const core = best(drivenCore, ticks, mixed, 5)
  const naive = best(drivenNaive, few, mixed, 3)
  const [value, baseline] = [Math.round(perSecond(core)), Math.round(perSecond(naive))]
  return {
    value,
    baseline,
    ratio: Number((value / baseline).toFixed(1)),
    events: core.events,
    fills: core.fills
  }
}

const mix = measure(true)
const ticksOnly = measure(false)

if (process.argv.includes("--json")) {
  const result = { name: "matching", unit: "events/s", ...mix, ticks: ticksOnly }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} else {
  const row = (name: string, { value, baseline, ratio, events, fills }: typeof mix) =>
    `${name.padEnd(8)}${[value, baseline].map((n) => n.toLocaleString("en-US").padStart(14)).join("")}` +
    `${String(ratio).padStart(9)}${[events, fills].map((n) => n.toLocaleString("en-US").padStart(12)).join("")}\n`
  process.stdout.write("matching     core (1/s)    naive (1/s)    ratio      events       fills\n")
  process.stdout.write(row("mix", mix) + row("ticks", ticksOnly))
}
