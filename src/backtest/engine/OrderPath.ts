/**
 * The way of an order in a backtest: quotes cited, rules, journal, venue. What
 * `Broker.submit` does on a desk, with the same functions and in the same order.
 */
import type { Actor } from "../../domain/Actor.ts"
import type { ClientOrderId, InstrumentId } from "../../domain/Identifiers.ts"
import type { Instrument } from "../../domain/Instrument.ts"
import type { JournalEvent, VenueEvent } from "../../domain/JournalEvent.ts"
import type { Price } from "../../domain/Money.ts"
import type { OrderContent, OrderRequest } from "../../domain/Order.ts"
import { comboQuoteId } from "../../domain/OrderLeg.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { liveOrder } from "../../execution/Book.ts"
import { lastMarks } from "../../execution/LastMarks.ts"
import {
  citedFor,
  instrumentIn,
  sortedLegs,
  termsOf,
  tradedBy,
  whyNoOrder
} from "../../execution/OrderLegs.ts"
import { contentOf, intentEvents, toVenueOrder } from "../../execution/OrderPlan.ts"
import { initialMargin } from "../../execution/paper/MarginModel.ts"
import type { MarketNow } from "../../execution/paper/MarketMoves.ts"
import { marketView, pricesNeeded, snapshot } from "../../execution/RiskView.ts"
import type { VenueOrder } from "../../execution/VenueOrder.ts"
import type { MarketTick } from "../../market/MarketTick.ts"
import type { RiskLimits } from "../../risk/RiskLimits.ts"
import { evaluate } from "../../risk/RiskRules.ts"
import type { SessionPhase } from "../../risk/RiskSnapshot.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import { type BacktestDesk, type RecordedList, venueActor } from "./BacktestDesk.ts"

/** The market at a decision point. */
export interface EngineLook {
  readonly now: Timestamp
  readonly phase: SessionPhase
  /** Any instrument, contracts too; held ones are known by the book. */
  readonly instrumentOf: (id: InstrumentId) => Instrument | undefined
  /** The quote now; undefined where there is none. */
  readonly quoteOf: (id: InstrumentId) => QuoteTick | undefined
  /** The last tick of the session under way, or of the last one. */
  readonly tickOf: (id: InstrumentId) => MarketTick | undefined
}

export interface SentOrder {
  readonly clientOrderId: ClientOrderId
  readonly content: OrderContent
  /** Why; it becomes the order's rationale. */
  readonly reason: string
}

export interface OrderPathOptions {
  readonly limits: RiskLimits
  readonly models: BacktestModels
  readonly actor: Actor
}

const noMarks: ReadonlyArray<readonly [InstrumentId, Price]> = []
const nowhere: ReadonlySet<InstrumentId> = new Set()
const noPermit = { required: false } as const

/** The order as it is asked for, on the quotes now; undefined where one is missing. */
const requestOf = (
  { clientOrderId, content, reason }: SentOrder,
  look: EngineLook
): { readonly request: OrderRequest; readonly cited: ReadonlyArray<QuoteTick> } | undefined => {
  const cited: Array<QuoteTick> = []
  for (const id of tradedBy(content)) {
    const quote = look.quoteOf(id)
    if (quote === undefined) return undefined
    cited.push(quote)
  }
  const [first] = cited
  if (first === undefined) return undefined
  const legQuoteIds = cited.map(({ quoteId }) => quoteId)
  const quotes =
    content.legs === undefined
      ? { quoteId: first.quoteId }
      : { quoteId: comboQuoteId(legQuoteIds), legQuoteIds }
  return { request: { ...content, ...quotes, rationale: reason, clientOrderId }, cited }
}

/** How the venue finds the market for an order: see `PaperVenue`. */
const marketFor = (desk: BacktestDesk, look: EngineLook, order: VenueOrder): MarketNow => {
  const workedIn = desk.workingCount === 0 ? nowhere : new Set(desk.core.working().flatMap(tradedBy))
  const { now, phase } = look
  const atHand = tradedBy(order).flatMap((id) => (workedIn.has(id) ? [] : (look.tickOf(id) ?? [])))
  const market = { now, marketOpen: phase.open }
  return order.legs === undefined ? { ...market, lastTick: atHand[0] } : { ...market, legTicks: atHand }
}

/** New holdings at the last price, of what options are on too; what was paid for where there is none. */
const marksOf = (
  desk: BacktestDesk,
  look: EngineLook,
  events: ReadonlyArray<VenueEvent>
): ReadonlyArray<readonly [InstrumentId, Price]> =>
  events.flatMap((event): ReadonlyArray<readonly [InstrumentId, Price]> => {
    if (event._tag !== "OrderFilled") return []
    const { contract, instrumentId, price } = event
    const mark = look.tickOf(instrumentId)?.last ?? desk.marks.get(instrumentId) ?? price
    const spot = contract === undefined ? undefined : look.tickOf(contract.underlying)?.last
    return contract === undefined || spot === undefined
      ? [[instrumentId, mark]]
      : [
          [instrumentId, mark],
          [contract.underlying, spot]
        ]
  })

/** Journals what we said and what the venue made of it. */
const answered = (
  desk: BacktestDesk,
  look: EngineLook,
  said: RecordedList,
  events: ReadonlyArray<VenueEvent>
): void => {
  const marks = marksOf(desk, look, events)
  desk.recordAll([said, { events, actor: venueActor }])
  desk.sent(look.now, marks)
}

/**
 * Sends an order: held against the rules, journaled, and sent to the venue if no
 * rule denies it. False where it has no quote to cite: then nothing is journaled.
 * Throws RangeError for what is no order.
 */
export const sendOrder = (
  desk: BacktestDesk,
  look: EngineLook,
  order: SentOrder,
  { actor, limits, models }: OrderPathOptions
): boolean => {
  const problem = whyNoOrder(order.content)
  if (problem !== undefined) throw new RangeError(`an order for ${order.content.instrumentId}: ${problem}`)
  const asked = requestOf(order, look)
  if (asked === undefined) return false
  const { cited, request } = asked
  const content = contentOf(request)
  const { book } = desk
  const instrumentOf = (id: InstrumentId) => instrumentIn(book, id, look.instrumentOf)
  const quotes = new Map<InstrumentId, QuoteTick>()
  const marks = new Map<InstrumentId, Price>(
    desk.holdsContracts ? lastMarks(book, Object.fromEntries(desk.marks), look.now) : noMarks
  )
  for (const id of pricesNeeded(
    book,
    tradedBy(content).flatMap((one) => instrumentOf(one) ?? [])
  )) {
    const quote = look.quoteOf(id)
    if (quote === undefined) continue
    quotes.set(id, quote)
    marks.set(id, quote.last)
  }
  const { now, phase } = look
  const view = marketView({ now, steadyNow: now, session: phase, book, instrumentOf, quotes, marks }, content)
  const legQuotes = content.legs === undefined ? [] : citedFor(sortedLegs(content.legs), cited)
  const quote = content.legs === undefined ? cited[0] : undefined
  const evaluation = evaluate(
    snapshot({
      book,
      view,
      policy: { limits, clocks: "market", margin: initialMargin(models.margin) },
      citedQuote: quote,
      citedLegs: legQuotes,
      person: false,
      permit: noPermit,
      reconciled: true,
      highWater: desk.highWater
    }),
    { content, repeat: false }
  )
  const { clientOrderId } = order
  const terms = termsOf(content, instrumentOf)
  const intent = {
    clientOrderId,
    request,
    quote,
    legQuotes: legQuotes.flatMap((one) => one ?? []),
    terms,
    multiplier: view.instrument?.multiplier ?? 1,
    evaluation,
    tsEvent: now,
    caller: undefined
  }
  const said = { events: intentEvents(intent), actor }
  if (evaluation.denied !== undefined) {
    desk.record(said.events, actor)
    return true
  }
  const sent = toVenueOrder(clientOrderId, content, terms)
  // As the paper venue does with every save: by now at the latest.
  desk.forget()
  answered(desk, look, said, desk.core.submit(sent, marketFor(desk, look, sent)))
  return true
}

/** Takes back one order, if it may still change. */
export const cancelOrder = (
  desk: BacktestDesk,
  look: EngineLook,
  id: ClientOrderId,
  { actor }: Pick<OrderPathOptions, "actor">
): void => {
  if (liveOrder(desk.book, id) === undefined) return
  const wish: JournalEvent = { _tag: "OrderPendingCancel", clientOrderId: id, tsEvent: look.now }
  answered(desk, look, { events: [wish], actor }, desk.core.cancel(id, look.now))
}
