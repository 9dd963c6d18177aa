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
import type { Strategy } from "../../../session/Strategy.ts"
import { Engine, type EngineOptions } from "../../engine/Engine.ts"
import { EngineFault } from "../../engine/EngineFault.ts"
import type { Tape } from "../../engine/Tape.ts"
import { CANCEL_ASKED } from "./Findings.ts"
import { firstUnknown } from "./PerturbBars.ts"
import { modelledUntil, perturbTape, tapeTimes } from "./PerturbTape.ts"
import type { Outcome, Stamped, Subject } from "./Stamped.ts"

export interface EngineSubjectOptions extends Omit<
  EngineOptions,
  "tape" | "strategy" | "onEvent" | "heartbeat"
> {
  readonly tape: Tape
  /** The same for every tape, unless what it is made of is a test's leak. */
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

  add(event: JournalEvent): void {
    switch (event._tag) {
      case "OrderInitialized": {
        const { clientOrderId: order, content, rationale = "", tsEvent } = event
        this.#sent.set(order, { at: tsEvent, content })
        const gist = `${content.side} ${content.instrumentId} ${content.type._tag}`
        this.#add(tsEvent, {
          kind: "order",
          order,
          text: `${gist} ${sizeText(content)} ${rationale}`.trim(),
          gist
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
          text: event._tag === "OrderCanceled" ? `canceled: ${event.reason}` : CANCEL_ASKED,
          gist: event._tag === "OrderCanceled" ? "canceled" : CANCEL_ASKED
        })
        return
      case "TradingStateChanged":
        this.#add(event.tsEvent, { kind: "state", order: "", text: canonicalize(event) ?? "", gist: "state" })
        return
      default:
    }
  }
}

const sizeText = ({ size, timeInForce, type }: OrderContent): string =>
  canonicalize({ size, timeInForce, type }) ?? ""

export const playOnEngine = (options: EngineSubjectOptions, tape: Tape, until: number): Outcome => {
  const notes = new Notes(tape)
  let now: number = tape.sessions[0]?.open ?? 0
  try {
    const engine = new Engine({
      ...options,
      tape,
      strategy: options.strategyOf(tape),
      onEvent: (event) => notes.add(event),
      heartbeat: (_bar, at) => {
        now = at
      }
    })
    engine.advance(sessionsUntil(tape.sessions, until))
  } catch (cause) {
    if (!(cause instanceof EngineFault)) throw cause
    // What was asked for until then has been told.
    return { done: notes.done, failure: { at: now, message: cause.message } }
  }
  return { done: notes.done }
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
