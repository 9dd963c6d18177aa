/** Options on the small market of `PaperMarket`: contracts on ACME, their quotes, combos of them. */
import { type InstrumentId, instrumentId } from "../../../src/domain/Identifiers.ts"
import type { Instrument, OptionInstrument } from "../../../src/domain/Instrument.ts"
import type { VenueEvent } from "../../../src/domain/JournalEvent.ts"
import {
  dollars,
  formatMicros,
  netPrice,
  pricePerShare,
  quantity,
  shares
} from "../../../src/domain/Money.ts"
import type { OrderType } from "../../../src/domain/Order.ts"
import { comboId, type OrderLeg } from "../../../src/domain/OrderLeg.ts"
import { sessionDate, type Timestamp } from "../../../src/domain/Timestamp.ts"
import type { VenueOrder } from "../../../src/execution/VenueOrder.ts"
import type { MarketTick } from "../../../src/market/MarketTick.ts"
import { contractInstrument, optionId, standardContract } from "../../../src/market/OptionInstruments.ts"
import { acme, bolt, count, equity, id, lookUp, say } from "./PaperMarket.ts"

/** A Friday. */
export const EXPIRY = "2024-03-15"

/** A standard contract on an instrument. */
export const optionOn = (
  underlying: Instrument,
  right: "CALL" | "PUT",
  strike: number,
  expiry: string = EXPIRY
): OptionInstrument => {
  const occ = { root: underlying.symbol, expiry: sessionDate(expiry), right, strike }
  return contractInstrument(optionId(occ), standardContract(underlying, occ), 100)
}

export const call = (strike: number, expiry?: string): OptionInstrument =>
  optionOn(acme, "CALL", strike, expiry)
export const put = (strike: number, expiry?: string): OptionInstrument =>
  optionOn(acme, "PUT", strike, expiry)

const { _tag: _, ...indexFields } = equity("INDX")
export const indx: Instrument = { _tag: "Index", ...indexFields }

export const contracts = [
  call(95),
  call(100),
  call(105),
  put(90),
  put(95),
  put(100),
  call(100, "2024-04-19"),
  optionOn(bolt, "PUT", 50)
]
const byId = new Map<InstrumentId, Instrument>([...contracts, indx].map((one) => [one.id, one]))

/** Shares and options of the small market. */
export const lookUpAny = (one: InstrumentId): Instrument | undefined => byId.get(one) ?? lookUp(one)

export const buying = (instrument: Instrument, ratio = 1): OrderLeg => ({
  instrumentId: instrument.id,
  side: "BUY",
  ratio
})
export const selling = (instrument: Instrument, ratio = 1): OrderLeg => ({
  ...buying(instrument, ratio),
  side: "SELL"
})

export const net = (at: number): OrderType => ({ _tag: "NetLimit", netPrice: netPrice(dollars(at)) })

/** A DAY market combo of one unit unless the terms say otherwise. */
export const combo = (
  name: string,
  legs: ReadonlyArray<OrderLeg>,
  terms: Partial<Omit<VenueOrder, "clientOrderId" | "legs">> = {}
): VenueOrder => ({
  clientOrderId: id(name),
  instrumentId: legs.length === 0 ? instrumentId("X COMBO 0.OPRA") : comboId(legs),
  side: "BUY",
  type: { _tag: "Market" },
  size: count(1),
  timeInForce: "DAY",
  ...terms,
  legs
})

/** Bid and ask in dollars; the last price between them, the volume unknown. */
export const quoteAt = (
  instrument: Instrument,
  tsEvent: Timestamp,
  bid: number,
  ask: number,
  phase: MarketTick["phase"] = "CONTINUOUS"
): MarketTick => ({
  instrumentId: instrument.id,
  tsEvent,
  phase,
  bid: pricePerShare(bid),
  ask: pricePerShare(ask),
  last: pricePerShare((bid + ask) / 2),
  bidSize: shares(10),
  askSize: shares(10),
  volume: quantity(0),
  source: "option-model"
})

/** As `say`, with the leg a fill is of: "a: BUY 2 ACME 240315C00100000 at 1.2 (2 units), done". */
export const sayLeg = (event: VenueEvent): string => {
  if (event._tag !== "OrderFilled") return say(event)
  const { clientOrderId, fee, final, instrumentId: leg, price, quantity: filled, side, units } = event
  const [name] = leg.split(".")
  const charged = fee === 0 ? "" : `, fee ${formatMicros(fee)}`
  const done = units === undefined ? "" : ` (${formatMicros(units)} units)`
  return `${clientOrderId}: ${side} ${formatMicros(filled)} ${name} at ${formatMicros(price)}${charged}${done}${final ? ", done" : ""}`
}
