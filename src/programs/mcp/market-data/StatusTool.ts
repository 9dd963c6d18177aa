/** `get_market_status`. */
import { Effect, Option, Schema } from "effect"
import { type Timestamp, toIso } from "../../../domain/Timestamp.ts"
import { MarketClock } from "../../../market/MarketClock.ts"
import { MarketClockControl, type ReplayStatus } from "../../../market/MarketClockControl.ts"
import {
  exchangeDate,
  phaseAt,
  type Session,
  session,
  toExchangeTime,
  whyClosed
} from "../../../market/TradingCalendar.ts"
import { marketSteps } from "../kit/NextSteps.ts"
import { tool } from "../kit/Tool.ts"

const SessionRow = Schema.Struct({
  date: Schema.String,
  opensAt: Schema.String,
  closesAt: Schema.String,
  earlyClose: Schema.Boolean
})

const sessionRow = ({ close, date, earlyClose, open }: Session): typeof SessionRow.Type => ({
  date,
  opensAt: toIso(open),
  closesAt: toIso(close),
  earlyClose
})

/** Why the market is closed: the holiday, or the time of day. */
const reasonAt = (now: Timestamp): string => {
  const date = exchangeDate(now)
  const today = Option.getOrUndefined(session(date))
  if (today === undefined) return Option.getOrElse(whyClosed(date), () => "no session")
  return now < today.open
    ? "before the open"
    : `after the close${today.earlyClose ? " of a shortened session" : ""}`
}

const howItMoves = ({ now, running, speed, until }: ReplayStatus): string => {
  if (now >= until) return "The replay is at its end: no time passes any more, and nothing can be traded."
  return running
    ? `A replay of history: ${speed} market seconds pass a second; a person starts, pauses and steps it with plimsoll clock.`
    : "A replay of history, paused: no time passes and quotes stay as they are until a person runs plimsoll clock start or step."
}

export const getMarketStatus = tool({
  name: "get_market_status",
  title: "Market status",
  description:
    "Whether the market is open and why not, today's session, next open and close, the market's time and how it passes (replay running or paused).",
  annotations: { readOnly: true },
  input: Schema.Struct({}),
  output: Schema.Struct({
    status: Schema.Literals(["open", "closed"]),
    /** Null while it is open. */
    reason: Schema.NullOr(Schema.String),
    marketTime: Schema.String,
    /** The same as New York's clock shows it. */
    exchangeTime: Schema.String,
    /** Of this date in New York; null when there is none. */
    session: Schema.NullOr(SessionRow),
    /** Null where the replay ends before. */
    nextOpen: Schema.NullOr(Schema.String),
    nextClose: Schema.NullOr(Schema.String),
    clock: Schema.Struct({
      kind: Schema.Literal("replay"),
      running: Schema.Boolean,
      /** Market seconds a second, while it runs. */
      speed: Schema.Finite,
      endsAt: Schema.String,
      how: Schema.String
    })
  }),
  next: marketSteps,
  handle: Effect.fnUntraced(function* () {
    const clock = yield* MarketClockControl.use((control) => control.status)
    const now = yield* MarketClock.use((market) => market.now)
    const { nextClose, nextOpen, phase } = phaseAt(now)
    const ifItComes = (instant: Timestamp) => (instant <= clock.until ? toIso(instant) : null)
    return {
      status: phase,
      reason: phase === "open" ? null : reasonAt(now),
      marketTime: toIso(now),
      exchangeTime: toExchangeTime(now),
      session: Option.match(session(exchangeDate(now)), { onNone: () => null, onSome: sessionRow }),
      nextOpen: ifItComes(nextOpen),
      nextClose: ifItComes(nextClose),
      clock: {
        kind: "replay" as const,
        running: clock.running && now < clock.until,
        speed: clock.speed,
        endsAt: toIso(clock.until),
        how: howItMoves({ ...clock, now })
      }
    }
  }),
  text: ({ clock, exchangeTime, reason, status }) =>
    `${exchangeTime}: market ${status}${reason === null ? "" : ` (${reason})`}. ${clock.how}`
})
