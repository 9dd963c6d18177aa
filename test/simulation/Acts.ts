/** What is done on a desk, drawn by the seed. */
import { Effect, Exit } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import type { Actor } from "../../src/domain/Actor.ts"
import { clientOrderId, type ClientOrderId } from "../../src/domain/Identifiers.ts"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { dollars, netPrice, type Price, price, quantity, shares } from "../../src/domain/Money.ts"
import type { OrderContent, OrderRequest, OrderSize, OrderType, TimeInForce } from "../../src/domain/Order.ts"
import { comboId, comboQuoteId, type OrderLeg } from "../../src/domain/OrderLeg.ts"
import { Account } from "../../src/execution/Account.ts"
import { Broker } from "../../src/execution/Broker.ts"
import { Crank } from "../../src/execution/Crank.ts"
import { KillSwitch } from "../../src/execution/KillSwitch.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import { phaseAt } from "../../src/market/TradingCalendar.ts"
import type { Chance } from "./Chance.ts"
import type { Observer } from "./Observer.ts"
import { instruments, putBought, putSold, type SimulatedMarket } from "./SimulatedMarket.ts"
import type { DeskServices, SimulatedProcess } from "./SimulatedProcess.ts"

export const agent: Actor = { kind: "agent", name: "simulated agent" }
export const person: Actor = { kind: "person", name: "simulated person" }

/** Begins on a process whose desk is open; says how it ended. */
export type Act = (process: SimulatedProcess, onEnd: (isDone: boolean) => void) => void

const act =
  <A, E>(what: string, effect: Effect.Effect<A, E, DeskServices>): Act =>
  (process, onEnd) =>
    process.act(what, effect, (exit) => onEnd(Exit.isSuccess(exit)))

interface Drawing {
  readonly chance: Chance
  readonly market: SimulatedMarket
  readonly observer: Observer
  readonly hasOptions: boolean
}

/** Around what the spread is worth, a debit or a credit. */
const drawNet = (chance: Chance): OrderType =>
  chance.permille(300)
    ? { _tag: "Market" }
    : { _tag: "NetLimit", netPrice: netPrice((chance.below(160) - 80) * 10_000) }

/** Quotes of the legs, asked for now. */
const quotesOf = Effect.fnUntraced(function* (legs: ReadonlyArray<OrderLeg>) {
  const broker = yield* Broker
  const quotes = yield* Effect.forEach(legs, ({ instrumentId }) => broker.quote(instrumentId))
  const legQuoteIds = quotes.map((quote) => quote.quoteId)
  return { legQuoteIds, quoteId: comboQuoteId(legQuoteIds) }
})

const cents = (micros: number): Price => price(Math.max(10_000, Math.round(micros / 10_000) * 10_000))

const drawType = (chance: Chance, side: OrderContent["side"], last: number): OrderType => {
  /** So many tenths of a percent above (negative: below) the last price. */
  const off = (permille: number) => cents(last * (1 + permille / 1000))
  const sign = side === "BUY" ? 1 : -1
  const near = sign * (chance.below(40) - 30)
  const far = sign * (chance.below(30) + 1)
  switch (chance.below(10)) {
    case 0:
    case 1:
    case 2:
      return { _tag: "Market" }
    case 7:
      return { _tag: "StopMarket", stopPrice: off(far) }
    case 8:
      return { _tag: "StopLimit", stopPrice: off(far), limitPrice: off(far + sign * 5) }
    case 9:
      return { _tag: "TrailingStopMarket", trailingOffset: cents((last * (chance.below(30) + 1)) / 1000) }
    default:
      return { _tag: "Limit", limitPrice: off(near) }
  }
}

const drawTimeInForce = (chance: Chance, isOpen: boolean): TimeInForce =>
  isOpen
    ? chance.pick(["DAY", "DAY", "GTC", "GTC", "IOC", "FOK", "AT_THE_CLOSE"])
    : chance.pick(["AT_THE_OPEN", "AT_THE_OPEN", "GTC", "GTC", "DAY"])

const drawSize = (chance: Chance, last: number, held: number, isExit: boolean): OrderSize => {
  if (isExit && chance.permille(700)) {
    const whole = Math.max(1, Math.floor(Math.abs(held) / 1_000_000))
    return { _tag: "Quantity", quantity: shares(chance.permille(400) ? whole : 1 + chance.below(whole)) }
  }
  if (chance.permille(100)) return { _tag: "Notional", notional: dollars(100 + chance.below(10_000)) }
  // Up to a tenth of a hundred thousand dollars, and a little beyond.
  const most = Math.max(1, Math.floor(11_000_000_000 / last))
  return { _tag: "Quantity", quantity: shares(1 + chance.below(most)) }
}

const drawContent = ({ chance, market, observer }: Drawing, instrument: Instrument): OrderContent => {
  const { at } = market.time
  const last = market.lastAt(instrument.id, at) ?? price(100_000_000)
  const held = observer.book.ledger.positions[instrument.id]?.quantity ?? 0
  const isExit = held !== 0 && chance.permille(500)
  const opposite = held > 0 ? "SELL" : "BUY"
  const side = isExit ? opposite : chance.permille(850) ? "BUY" : "SELL"
  const type = drawType(chance, side, last)
  const isOpen = phaseAt(at).phase === "open"
  const sign = side === "BUY" ? 1 : -1
  const isBracket = !isExit && chance.permille(200)
  const isGrouped = chance.permille(80)
  return {
    instrumentId: instrument.id,
    side,
    type,
    size: drawSize(chance, last, held, isExit),
    timeInForce: drawTimeInForce(chance, isOpen),
    ...(isBracket
      ? {
          bracket: {
            ...(chance.permille(800)
              ? { takeProfitPrice: cents(last * (1 + (sign * (1 + chance.below(20))) / 1000)) }
              : {}),
            ...(chance.permille(800)
              ? { stopLossPrice: cents(last * (1 - (sign * (1 + chance.below(20))) / 1000)) }
              : {})
          }
        }
      : {}),
    ...(isGrouped ? { ocoGroup: `group-${chance.below(4)}` } : {})
  }
}

/** Draws acts, and remembers what was asked for, to ask for it again. */
export class Acts {
  private readonly drawing: Drawing
  private readonly asked: Array<{ readonly request: OrderRequest; readonly actor: Actor }> = []
  private named = 0
  /** Orders that a halt said may still be working. */
  readonly saidToWork = new Set<ClientOrderId>()

  constructor(drawing: Drawing) {
    this.drawing = drawing
  }

  private get actor(): Actor {
    return this.drawing.chance.permille(200) ? person : agent
  }

  private anyOrder(): ClientOrderId | undefined {
    const { chance, observer } = this.drawing
    const live = observer.working
    const all = chance.permille(850) && live.length > 0 ? live : [...observer.submitted.keys()]
    const [first, ...others] = all
    return first === undefined ? undefined : chance.pick([first, ...others])
  }

  submit(): Act {
    const { chance } = this.drawing
    const { actor } = this
    const instrument = chance.pick(instruments)
    const content = drawContent(this.drawing, instrument)
    const own = chance.permille(500) ? { clientOrderId: clientOrderId(`c${++this.named}`) } : {}
    const repeat = chance.permille(100) ? { repeat: true } : {}
    const { asked } = this
    return act(
      `submit ${content.side} ${content.type._tag} ${content.timeInForce} ${instrument.symbol} by ${actor.kind}`,
      Effect.gen(function* () {
        const broker = yield* Broker
        const quote = yield* broker.quote(instrument.id)
        const request: OrderRequest = { ...content, ...own, ...repeat, quoteId: quote.quoteId }
        asked.push({ request, actor })
        return yield* broker.submit(request, { actor })
      })
    )
  }

  /** A put spread, sold or, where one is held, bought back. */
  private combo(): Act {
    const { chance, market, observer } = this.drawing
    const { actor } = this
    const held = (observer.book.ledger.positions[putSold.id]?.quantity ?? 0) / 1_000_000
    const closes = held < 0 && chance.permille(500)
    const [first, second] = closes ? [putBought, putSold] : [putSold, putBought]
    const legs: ReadonlyArray<OrderLeg> = [
      { instrumentId: first.id, side: "SELL", ratio: 1 },
      { instrumentId: second.id, side: "BUY", ratio: 1 }
    ]
    const isOpen = phaseAt(market.time.at).phase === "open"
    const own = chance.permille(500) ? { clientOrderId: clientOrderId(`c${++this.named}`) } : {}
    const type = drawNet(chance)
    const size: OrderSize = { _tag: "Quantity", quantity: shares(1 + chance.below(closes ? -held : 3)) }
    const timeInForce = isOpen
      ? chance.pick<TimeInForce>(["DAY", "GTC", "GTC", "IOC", "FOK"])
      : chance.pick<TimeInForce>(["AT_THE_OPEN", "GTC", "DAY"])
    const { asked } = this
    return act(
      `submit ${closes ? "closing" : "opening"} combo ${type._tag} ${timeInForce} by ${actor.kind}`,
      Effect.gen(function* () {
        const broker = yield* Broker
        const { legQuoteIds, quoteId } = yield* quotesOf(legs)
        const content = { instrumentId: comboId(legs), side: "BUY" as const, type, size, timeInForce, legs }
        const request: OrderRequest = { ...content, ...own, quoteId, legQuoteIds }
        asked.push({ request, actor })
        return yield* broker.submit(request, { actor })
      })
    )
  }

  /** The very same once more, as a caller does that had no answer. */
  private again(): Act {
    const recent = this.asked.slice(-6)
    const [first, ...others] = recent
    if (first === undefined) return this.submit()
    const { actor, request } = this.drawing.chance.pick([first, ...others])
    return act(
      `submit again ${request.clientOrderId ?? "the same"}`,
      Effect.flatMap(Broker, (broker) => broker.submit(request, { actor }))
    )
  }

  private cancel(): Act {
    const id = this.anyOrder()
    if (id === undefined) return this.submit()
    const { actor } = this
    return act(
      `cancel ${id}`,
      Effect.flatMap(Broker, (broker) => broker.cancel(id, { actor }))
    )
  }

  private cancelAll(): Act {
    const { actor } = this
    const some = this.drawing.chance.permille(300)
      ? { instrumentId: this.drawing.chance.pick(instruments).id }
      : {}
    return act(
      `cancel all ${some.instrumentId ?? ""}`,
      Effect.flatMap(Broker, (broker) => broker.cancelAll({ actor, ...some }))
    )
  }

  private replace(): Act {
    const { chance, market, observer } = this.drawing
    const id = this.anyOrder()
    const order = id === undefined ? undefined : observer.book.orders[id]?.order
    if (id === undefined || order === undefined) return this.submit()
    const { content } = order
    const { actor } = this
    const { legs } = content
    if (legs !== undefined) {
      const units = { _tag: "Quantity" as const, quantity: shares(1 + chance.below(3)) }
      const type = content.type._tag === "NetLimit" ? drawNet(chance) : content.type
      return act(
        `replace combo ${id}`,
        Effect.gen(function* () {
          const broker = yield* Broker
          return yield* broker.replace(id, { type, size: units, ...(yield* quotesOf(legs)) }, { actor })
        })
      )
    }
    const last = market.lastAt(content.instrumentId, market.time.at) ?? price(100_000_000)
    const drawn = drawType(chance, content.side, last)
    const type = drawn._tag === content.type._tag ? { type: drawn } : {}
    const size =
      content.size._tag === "Quantity"
        ? {
            size: {
              _tag: "Quantity" as const,
              quantity: quantity(
                Math.max(1, Math.round((content.size.quantity / 1_000_000) * (0.5 + chance.below(10) / 10))) *
                  1_000_000
              )
            }
          }
        : {}
    return act(
      `replace ${id}`,
      Effect.gen(function* () {
        const broker = yield* Broker
        const quote = yield* broker.quote(content.instrumentId)
        return yield* broker.replace(id, { ...type, ...size, quoteId: quote.quoteId }, { actor })
      })
    )
  }

  private close(): Act {
    const { chance, observer } = this.drawing
    const [first, ...others] = Ledger.positions(observer.book.ledger)
    const id =
      first === undefined ? chance.pick(instruments).id : chance.pick([first, ...others]).instrumentId
    const { actor } = this
    return act(
      `close ${id}`,
      Effect.flatMap(Broker, (broker) => broker.closePosition(id, { actor }))
    )
  }

  private halt(): Act {
    const { actor } = this
    return act(
      "halt",
      Effect.flatMap(KillSwitch, (killSwitch) => killSwitch.halt("drawn by the seed", actor))
    )
  }

  settle(): Act {
    return act(
      "settle the halt",
      Effect.flatMap(KillSwitch, (killSwitch) => killSwitch.settle)
    )
  }

  private acknowledge(): Act {
    return act(
      "acknowledge the halt",
      Effect.gen(function* () {
        const killSwitch = yield* KillSwitch
        const seen = yield* Effect.catchTag(killSwitch.settle, "VenueUnanswered", () => killSwitch.unsettled)
        return yield* killSwitch.acknowledge({ seen, reason: "drawn by the seed", actor: person })
      })
    )
  }

  private resume(): Act {
    return act(
      "resume",
      Effect.flatMap(KillSwitch, (killSwitch) => killSwitch.resume("drawn by the seed", person))
    )
  }

  private money(): Act {
    const { chance } = this.drawing
    const amount = dollars(1 + chance.below(5000))
    return chance.permille(600)
      ? act(
          `deposit ${amount}`,
          Effect.flatMap(Account, (account) => account.deposit(amount, person))
        )
      : act(
          `withdraw ${amount}`,
          Effect.flatMap(Account, (account) => account.withdraw(amount, person))
        )
  }

  reconcile(): Act {
    return act(
      "reconcile",
      Effect.flatMap(Broker, (broker) => broker.reconcile)
    )
  }

  turn(): Act {
    return act(
      "turn the crank",
      Effect.flatMap(Crank, (crank) => crank.turn)
    )
  }

  flush(): Act {
    return act(
      "flush the audit log",
      Effect.flatMap(AuditLog, ({ flush }) => flush)
    )
  }

  draw(): Act {
    const { chance, hasOptions, observer } = this.drawing
    const isHalted = observer.book.breaker.causes.killSwitch
    const kind = chance.weighted([
      [48, "submit"],
      [hasOptions ? 24 : 0, "combo"],
      [8, "again"],
      [12, "cancel"],
      [3, "cancelAll"],
      [8, "replace"],
      [4, "close"],
      [1, "halt"],
      [isHalted ? 25 : 1, "resume"],
      [isHalted ? 10 : 0, "settle"],
      [isHalted ? 3 : 0, "acknowledge"],
      [3, "money"],
      [4, "reconcile"],
      [5, "turn"]
    ] as const)
    return this[kind ?? "turn"]()
  }
}
