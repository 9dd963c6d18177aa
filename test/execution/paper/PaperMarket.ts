/** A small market to test the matching core in: one stock, prices in dollars, one tick a minute. */
import { clientOrderId, type ClientOrderId, instrumentId, symbol } from "../../../src/domain/Identifiers.ts"
import type { Instrument } from "../../../src/domain/Instrument.ts"
import type { VenueEvent } from "../../../src/domain/JournalEvent.ts"
import { dollars, formatMicros, pricePerShare, shares } from "../../../src/domain/Money.ts"
import type { OrderSize, OrderType } from "../../../src/domain/Order.ts"
import { type Timestamp, timestamp } from "../../../src/domain/Timestamp.ts"
import { make, type MatchingCore } from "../../../src/execution/paper/MatchingCore.ts"
import type { MatchingState } from "../../../src/execution/paper/MatchingState.ts"
import type { VenueModels } from "../../../src/execution/paper/VenueMemory.ts"
import type { VenueOrder } from "../../../src/execution/VenueOrder.ts"
import type { MarketTick } from "../../../src/market/MarketTick.ts"

export const equity = (name: string): Instrument => ({
  _tag: "Equity",
  id: instrumentId(`${name}.XNAS`),
  symbol: symbol(name),
  name,
  currency: "USD",
  priceIncrement: pricePerShare(0.01),
  sizeIncrement: shares(1),
  multiplier: 1,
  paperOnly: false,
  caveats: []
})

export const acme = equity("ACME")
export const bolt = equity("BOLT")
const known = new Map([acme, bolt].map((instrument) => [instrument.id, instrument]))
export const lookUp = (id: Instrument["id"]): Instrument | undefined => known.get(id)

/** Everything fills at the quote, free of charge. */
export const frictionless: VenueModels = {
  fill: { _tag: "Immediate" },
  fee: { _tag: "Zero" },
  slippage: { _tag: "None" }
}

export const market: OrderType = { _tag: "Market" }
export const limit = (at: number): OrderType => ({ _tag: "Limit", limitPrice: pricePerShare(at) })
export const stop = (at: number): OrderType => ({ _tag: "StopMarket", stopPrice: pricePerShare(at) })
export const stopLimit = (at: number, worst: number): OrderType => ({
  _tag: "StopLimit",
  stopPrice: pricePerShare(at),
  limitPrice: pricePerShare(worst)
})
export const trailing = (by: number): OrderType => ({
  _tag: "TrailingStopMarket",
  trailingOffset: pricePerShare(by)
})
export const count = (n: number): OrderSize => ({ _tag: "Quantity", quantity: shares(n) })
export const worth = (amount: number): OrderSize => ({ _tag: "Notional", notional: dollars(amount) })
export const id = (name: string): ClientOrderId => clientOrderId(name)

type Terms = Partial<Omit<VenueOrder, "clientOrderId">>

/** A venue with a clock of its own: every call happens a minute after the one before. */
export interface PaperMarket {
  readonly core: MatchingCore
  readonly now: () => Timestamp
  /** Moves the market: bid and ask a cent around `last` unless given, a million shares traded. */
  readonly tick: (last: number, more?: Partial<TickTerms>) => ReadonlyArray<string>
  readonly open: (last: number, more?: Partial<TickTerms>) => ReadonlyArray<string>
  readonly close: (last: number, more?: Partial<TickTerms>) => ReadonlyArray<string>
  readonly endSession: () => ReadonlyArray<string>
  /** A DAY market order for ten shares unless the terms say otherwise. */
  readonly buy: (name: string, terms?: Terms) => ReadonlyArray<string>
  readonly sell: (name: string, terms?: Terms) => ReadonlyArray<string>
  readonly cancel: (name: string) => ReadonlyArray<string>
  readonly replace: (name: string, type: OrderType, size: OrderSize) => ReadonlyArray<string>
}

interface TickTerms {
  readonly bid: number
  readonly ask: number
  /** Shares. */
  readonly volume: number
}

export const paperMarket = (models: Partial<VenueModels> = {}, state?: MatchingState): PaperMarket => {
  const core = make({
    instrument: lookUp,
    models: { ...frictionless, ...models },
    ...(state === undefined ? {} : { state })
  })
  let minutes = 0
  let marketOpen = false
  const now = () => timestamp(minutes * 60_000_000)
  const advance = () => {
    minutes += 1
    return now()
  }
  const move =
    (phase: MarketTick["phase"]) =>
    (last: number, more: Partial<TickTerms> = {}) =>
      core.tick(tickAt(phase, advance(), last, more)).map(say)
  const send =
    (side: VenueOrder["side"]) =>
    (name: string, terms: Terms = {}) => {
      const order: VenueOrder = {
        clientOrderId: id(name),
        instrumentId: acme.id,
        side,
        type: market,
        size: count(10),
        timeInForce: "DAY",
        ...terms
      }
      return core.submit(order, { now: advance(), marketOpen }).map(say)
    }
  return {
    core,
    now,
    tick: move("CONTINUOUS"),
    open: (last, more) => {
      marketOpen = true
      return move("OPEN")(last, more)
    },
    close: (last, more) => {
      marketOpen = false
      return move("CLOSE")(last, more)
    },
    endSession: () => {
      marketOpen = false
      return core.sessionClosed(advance()).map(say)
    },
    buy: send("BUY"),
    sell: send("SELL"),
    cancel: (name) => core.cancel(id(name), advance()).map(say),
    replace: (name, type, size) =>
      core.replace(id(name), { type, size }, { now: advance(), marketOpen }).map(say)
  }
}

/** A tick of ACME. */
export const tickAt = (
  phase: MarketTick["phase"],
  tsEvent: Timestamp,
  last: number,
  more: Partial<TickTerms> = {}
): MarketTick => ({
  instrumentId: acme.id,
  tsEvent,
  phase,
  bid: pricePerShare(more.bid ?? last - 0.01),
  ask: pricePerShare(more.ask ?? last + 0.01),
  last: pricePerShare(last),
  bidSize: shares(100),
  askSize: shares(100),
  volume: shares(more.volume ?? 1_000_000),
  source: "csv-path"
})

const decimal = (micros: number): string => formatMicros(micros)

/** An event in a few words, as the tests expect it: "a fills 10 at 100.01, done". */
export const say = (event: VenueEvent): string => {
  switch (event._tag) {
    case "OrderFilled": {
      const fee = event.fee === 0 ? "" : `, fee ${decimal(event.fee)}`
      const done = event.final ? ", done" : ""
      return `${event.clientOrderId} fills ${decimal(event.quantity)} at ${decimal(event.price)}${fee}${done}`
    }
    case "OrderAccepted":
      return `${event.clientOrderId} accepted`
    case "OrderTriggered":
      return `${event.clientOrderId} triggered`
    case "OrderUpdated": {
      const { size } = event
      const amount = size._tag === "Quantity" ? decimal(size.quantity) : `$${decimal(size.notional)}`
      return `${event.clientOrderId} now ${amount}`
    }
    case "OrderRejected":
      return `${event.clientOrderId} rejected: ${event.reason}`
    case "OrderCancelRejected":
      return `${event.clientOrderId} not changed: ${event.reason}`
    case "OrderCanceled":
      return `${event.clientOrderId} canceled: ${event.reason}`
    case "OrderExpired":
      return `${event.clientOrderId} expired: ${event.reason}`
  }
}
