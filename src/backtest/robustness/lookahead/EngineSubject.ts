/**
 * A strategy on the event engine: its orders, their fills and denials, cancels
 * and changes of the trading state, with other futures of the tape.
 */
import canonicalize from "canonicalize"
import type { JournalEvent } from "../../../domain/JournalEvent.ts"
import { formatMicros } from "../../../domain/Money.ts"
import type { OrderContent } from "../../../domain/Order.ts"
import { timestamp } from "../../../domain/Timestamp.ts"
import { exchangeDate, type Session } from "../../../market/TradingCalendar.ts"
import type { Intent, Strategy, Target } from "../../../session/Strategy.ts"
import { Engine, type EngineOptions } from "../../engine/Engine.ts"
import { EngineFault } from "../../engine/EngineFault.ts"
import type { Tape } from "../../engine/Tape.ts"
import { firstUnknown } from "./PerturbBars.ts"
import { modelledUntil, perturbTape, tapeTimes } from "./PerturbTape.ts"
import type { Asked, Outcome, Stamped, Subject } from "./Stamped.ts"

export interface EngineSubjectOptions extends Omit<
  EngineOptions,
  "tape" | "strategy" | "onEvent" | "heartbeat"
> {
  readonly tape: Tape
  /** Asked for every play; of the tape only where it is a test's leak. */
  readonly strategyOf: (tape: Tape) => Strategy
}

/** Number of sessions that have to be played for all that is stamped at or before `until`. */
const sessionsUntil = (sessions: ReadonlyArray<Session>, until: number): number => {
  const after = sessions.findIndex(({ open }) => open > until)
  return after === -1 ? sessions.length : after
}

interface Sent {
  readonly at: number
  readonly content: OrderContent
}

/** Writes down what the journal says. */
class Notes {
  readonly done: Array<Stamped> = []
  readonly asked: Array<Asked> = []
  readonly #sent = new Map<string, Sent>()
  readonly #tape: Tape
  /** What is decided at one waits for the next open. */
  readonly #closes: ReadonlySet<number>

  constructor(tape: Tape) {
    this.#tape = tape
    this.#closes = new Set(tape.sessions.map(({ close }) => close))
  }

  #barAt(at: number): number {
    const [track] = this.#tape.tracks
    return track === undefined ? 0 : Math.max(0, firstUnknown(track.bars, at) - track.warmUp)
  }

  #add(at: number, rest: Omit<Stamped, "at" | "bar" | "date">): void {
    this.done.push({ at, bar: this.#barAt(at), date: exchangeDate(timestamp(at)), ...rest })
  }

  ask(by: Asked["by"], at: number, intents: ReadonlyArray<Intent>): void {
    // What is no list of intents is the engine's to refuse.
    if (!Array.isArray(intents) || (intents.length === 0 && by === "schedule")) return
    const all = (words: (intent: Intent) => string): string =>
      intents.length === 0 ? "nothing" : intents.map(words).join("; ")
    const date = exchangeDate(timestamp(at))
    this.asked.push({ by, at, bar: this.#barAt(at), date, text: all(intentText), gist: all(intentGist) })
  }

  add(event: JournalEvent): void {
    switch (event._tag) {
      case "OrderInitialized": {
        const { clientOrderId: order, content, rationale = "", tsEvent } = event
        this.#sent.set(order, { at: tsEvent, content })
        this.#add(tsEvent, {
          kind: "order",
          order,
          text: `${orderText(content)}${rationale === "" ? "" : `: ${rationale}`}`,
          gist: orderGist(content)
        })
        return
      }
      case "OrderFilled": {
        const { clientOrderId: order, fee, instrumentId, price, quantity, side, tsEvent } = event
        const sent = this.#sent.get(order)
        const text = `${side} ${formatMicros(quantity, 6)} ${instrumentId} at ${formatMicros(price, 6)}, fee ${formatMicros(fee, 6)}`
        const isMarket = sent?.content.type._tag === "Market"
        this.#add(tsEvent, {
          kind: "fill",
          order,
          text,
          gist: `${side} ${instrumentId}`,
          ...(sent === undefined
            ? {}
            : { fill: { decidedAt: sent.at, price, isMarket, isLive: !this.#closes.has(sent.at) } })
        })
        return
      }
      case "OrderDenied":
        this.#add(event.tsEvent, {
          kind: "denial",
          order: event.clientOrderId,
          text: `denied by ${event.rule}: ${event.reason}`,
          gist: `denied by ${event.rule}`
        })
        return
      case "OrderPendingCancel":
      case "OrderCanceled":
        this.#add(event.tsEvent, {
          kind: "cancel",
          order: event.clientOrderId,
          text: event._tag === "OrderCanceled" ? `canceled: ${event.reason}` : "cancel asked for",
          gist: event._tag === "OrderCanceled" ? "canceled" : "cancel"
        })
        return
      case "TradingStateChanged":
        this.#add(event.tsEvent, { kind: "state", order: "", text: canonicalize(event) ?? "", gist: "state" })
        return
      default:
    }
  }
}

const orderGist = ({ instrumentId, side, type }: OrderContent): string =>
  `${side} ${instrumentId} ${type._tag}`

const sizeText = (size: OrderContent["size"]): string =>
  size._tag === "Quantity" ? formatMicros(size.quantity) : `$${formatMicros(size.notional)}`

/** All that an order is. */
const orderText = ({ instrumentId, side, size, timeInForce, type, ...rest }: OrderContent): string => {
  const { _tag, ...prices } = type
  return [
    `${side} ${sizeText(size)} ${instrumentId} ${_tag}`,
    ...Object.values(prices).map((one) => formatMicros(one)),
    timeInForce,
    ...(Object.keys(rest).length === 0 ? [] : [canonicalize(rest) ?? ""])
  ].join(" ")
}

const isTarget = (intent: Intent): intent is Target => intent._tag === undefined

const wanted = ({ quantity, weight }: Target): string =>
  quantity === undefined ? `weight ${weight}` : `${formatMicros(quantity)} held`

const intentText = (intent: Intent): string => {
  if (isTarget(intent)) return `${wanted(intent)} of ${intent.instrumentId}`
  return intent._tag === "Order" ? orderText(intent.order) : `cancel ${intent.clientOrderId}`
}

const intentGist = (intent: Intent): string => {
  if (isTarget(intent)) return `target of ${intent.instrumentId}`
  return intent._tag === "Order" ? orderGist(intent.order) : `cancel ${intent.clientOrderId}`
}

type Listener = (by: Asked["by"], at: number, intents: ReadonlyArray<Intent>) => void

/** The strategy, with what it asks for inside bars told. */
const listening = (strategy: Strategy, tell: Listener): Strategy => {
  const { onFill, schedule } = strategy
  return {
    ...strategy,
    ...(onFill === undefined
      ? {}
      : {
          onFill: (fill, context) => {
            const intents = onFill.call(strategy, fill, context)
            tell("fill", context.now, intents)
            return intents
          }
        }),
    ...(schedule === undefined
      ? {}
      : {
          schedule: schedule.map((one) => ({
            ...one,
            decide: (context) => {
              const intents = one.decide(context)
              tell("schedule", context.now, intents)
              return intents
            }
          }))
        })
  }
}

export const playOnEngine = (options: EngineSubjectOptions, tape: Tape, until: number): Outcome => {
  const notes = new Notes(tape)
  const { asked, done } = notes
  let now: number = tape.sessions[0]?.open ?? 0
  try {
    const engine = new Engine({
      ...options,
      tape,
      strategy: listening(options.strategyOf(tape), (by, at, intents) => notes.ask(by, at, intents)),
      onEvent: (event) => notes.add(event),
      heartbeat: (_bar, at) => {
        now = at
      }
    })
    engine.advance(sessionsUntil(tape.sessions, until))
  } catch (cause) {
    if (!(cause instanceof EngineFault)) throw cause
    // What was asked for until then has been told.
    return { asked, done, failure: { at: now, message: cause.message } }
  }
  return { asked, done }
}

export const engineSubject = (options: EngineSubjectOptions): Subject<Tape> => ({
  name: "event engine",
  data: options.tape,
  kinds: ["rise", "fall", "reversed", "shuffled", "volume"],
  times: tapeTimes(options.tape),
  modelledUntil: modelledUntil(options.tape),
  perturb: perturbTape,
  play: (tape, until) => playOnEngine(options, tape, until)
})
