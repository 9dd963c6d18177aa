/** `plimsoll clock`: the replay's time, which a person sets going, stops and steps. */
import { Effect, Option, Schema, SchemaGetter, SchemaIssue } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { formatMicros } from "../../../domain/Money.ts"
import { type SessionDate, SessionDate as SessionDateSchema, toIso } from "../../../domain/Timestamp.ts"
import { type DeskStatus, DeskView } from "../../../execution/DeskView.ts"
import { OrderJournal } from "../../../execution/OrderJournal.ts"
import { MarketClockControl, type ReplayStatus } from "../../../market/MarketClockControl.ts"
import type { ClockStep } from "../../../market/ReplayClock.ts"
import { checkDate, fromExchangeTime, phaseAt, toExchangeTime } from "../../../market/TradingCalendar.ts"
import { turnCrank } from "../../DeskProgram.ts"
import { answer, documented, jsonFlag, onDesk, optional, style } from "../CommandKit.ts"
import { BadUsage } from "../Failures.ts"
import { happeningWords, toldFills, toldWords } from "../FillWords.ts"
import { counted } from "../Format.ts"
import { symbolOf } from "../OrderWords.ts"
import { statusLine, takePicture } from "../StatusReport.ts"
import { printable } from "../Terminal.ts"

const MICROS_PER_MINUTE = 60_000_000
const unitMicros: Readonly<Record<string, number>> = {
  s: 1_000_000,
  m: MICROS_PER_MINUTE,
  h: 60 * MICROS_PER_MINUTE,
  d: 24 * 60 * MICROS_PER_MINUTE
}
const OPENING = 9.5 * 60 * MICROS_PER_MINUTE

const bad = (message: string) => Effect.fail(new SchemaIssue.InvalidValue({ message }))

/** "30m" → a step of half an hour. */
const Duration = Schema.String.pipe(
  Schema.decodeTo(Schema.Int, {
    decode: SchemaGetter.transformEffect((text) => {
      const [, count, unit] = /^(\d{1,6})([smhd])$/u.exec(text.trim()) ?? []
      const micros = Number(count) * (unitMicros[unit ?? ""] ?? Number.NaN)
      return micros > 0 ? Effect.succeed(micros) : bad("expected a duration such as 30s, 5m, 2h or 1d")
    }),
    encode: SchemaGetter.transform(String)
  })
)

const isDate = Schema.is(SessionDateSchema)

/** Micros since midnight of "10:00" or "10:00:30"; the opening when there is no time. */
const timeOfDay = (text: string | undefined): number | undefined => {
  if (text === undefined) return OPENING
  const [, hours, minutes, seconds = "0"] = /^(\d\d):(\d\d)(?::(\d\d))?$/u.exec(text) ?? []
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)]
  return h < 24 && m < 60 && s < 60
    ? h * (unitMicros["h"] ?? 0) + m * MICROS_PER_MINUTE + s * 1_000_000
    : undefined
}

const target = "expected open, close, a date, or a date with New York's time such as 2019-03-01T10:00"

const covered = (text: string | undefined): text is SessionDate =>
  isDate(text) && checkDate(text)._tag === "Success"

/** "open", "close", "2019-03-01" (its 09:30) or "2019-03-01T10:00", New York's time. */
const parseTarget = (text: string): Effect.Effect<ClockStep, BadUsage> => {
  if (text === "open") return Effect.succeed({ _tag: "ToOpen" })
  if (text === "close") return Effect.succeed({ _tag: "ToClose" })
  const [date, time] = text.split(/[T ]/u)
  const micros = timeOfDay(time)
  return covered(date) && micros !== undefined
    ? Effect.succeed({ _tag: "To", at: fromExchangeTime(date, micros) })
    : Effect.fail(new BadUsage({ message: `--to: "${text}" is no time of the trading calendar; ${target}` }))
}

const clockJson = (clock: ReplayStatus) => ({
  market_time: toIso(clock.now),
  exchange_time: toExchangeTime(clock.now),
  phase: phaseAt(clock.now).phase,
  running: clock.running,
  speed: clock.speed,
  until: toIso(clock.until)
})

const clockWords = (clock: ReplayStatus): string => {
  const { phase } = phaseAt(clock.now)
  const pace =
    clock.now >= clock.until ? "at the replay's end" : clock.running ? `running at ${clock.speed}×` : "paused"
  return `${toExchangeTime(clock.now)}, market ${phase}, ${pace}; the replay ends ${toExchangeTime(clock.until)}`
}

/** The most fills a step tells one by one, and the most of what else came to pass. */
const TOLD_FILLS = 20

/** Journal lines of a step that are looked through for it. */
const MAX_LINES = 1000

/** What came to pass while the clock moved. */
const whatHappened = Effect.fnUntraced(function* (before: DeskStatus) {
  const view = yield* DeskView
  const journal = yield* OrderJournal
  const picture = yield* takePicture
  const after = { after: before.sequence, limit: MAX_LINES }
  const fills = yield* view.fills(after)
  const lines = yield* journal.read(after)
  const happenings = lines.flatMap(({ event }) => {
    const words = happeningWords(event)
    return words === undefined ? [] : [{ event, words }]
  })
  return { picture, fills: fills.flatMap(({ fill }) => toldFills(fill)), happenings }
})

type Change = (clock: MarketClockControl["Service"]) => ReturnType<MarketClockControl["Service"]["step"]>

/** Changes the clock, brings the desk along, and tells. */
const changeClock = (json: boolean, change: Change) =>
  onDesk(
    Effect.gen(function* () {
      const clock = yield* MarketClockControl
      const view = yield* DeskView
      const before = yield* view.status
      yield* change(clock)
      yield* turnCrank
      const { fills, happenings, picture } = yield* whatHappened(before)
      const { status } = picture
      const now = yield* clock.status
      const stateChange =
        status.tradingState === before.tradingState
          ? []
          : [`Trading went from ${before.tradingState} to ${status.tradingState}.`]
      yield* answer(
        json,
        {
          ...clockJson(now),
          fills: fills.map((fill) => ({
            kind: fill.kind,
            order_id: fill.clientOrderId ?? null,
            symbol: symbolOf(fill.instrumentId),
            side: fill.side,
            quantity: formatMicros(fill.quantity),
            price: formatMicros(fill.price),
            fee: formatMicros(fill.fee),
            time: toIso(fill.tsEvent),
            ...(fill.reason === undefined ? {} : { reason: fill.reason })
          })),
          happenings: happenings.map(({ event, words }) => ({
            event: event._tag,
            what: words,
            time: toIso(event.tsEvent)
          })),
          trading_state: status.tradingState,
          equity: Option.match(status.equity, {
            onNone: () => null,
            onSome: (micros) => formatMicros(micros)
          })
        },
        [
          clockWords(now),
          ...happenings
            .slice(0, TOLD_FILLS)
            .map(({ event, words }) => `  ${toExchangeTime(event.tsEvent)}  ${printable(words)}`),
          ...fills
            .slice(0, TOLD_FILLS)
            .map((fill) => `  ${toExchangeTime(fill.tsEvent)}  ${printable(toldWords(fill))}`),
          ...(fills.length > TOLD_FILLS ? [`  and ${counted(fills.length - TOLD_FILLS, "more fill")}`] : []),
          ...stateChange,
          statusLine(picture, style())
        ]
      )
    })
  )

const show = Command.make("show", { json: jsonFlag }, ({ json }) =>
  onDesk(
    Effect.gen(function* () {
      const now = yield* (yield* MarketClockControl).status
      yield* answer(json, clockJson(now), clockWords(now))
    })
  )
).pipe(documented("Show the market's time.", ["clock show", "where the replay stands"]))

const start = Command.make("start", { json: jsonFlag }, ({ json }) =>
  changeClock(json, (clock) => clock.start)
).pipe(documented("Let the market's time run.", ["clock start", "at the speed that is set, 1 to begin with"]))

const pause = Command.make("pause", { json: jsonFlag }, ({ json }) =>
  changeClock(json, (clock) => clock.pause)
).pipe(documented("Stop the market's time.", ["clock pause", "until clock start or clock step"]))

const speed = Command.make(
  "speed",
  {
    factor: Argument.Finite("factor").pipe(Argument.withDescription("market seconds a second")),
    json: jsonFlag
  },
  ({ factor, json }) => changeClock(json, (clock) => clock.setSpeed(factor))
).pipe(documented("Set how fast the market's time runs.", ["clock speed 60", "an hour a minute"]))

const step = Command.make(
  "step",
  {
    by: optional(
      Flag.String("by").pipe(Flag.withMetavar("duration"), Flag.withSchema(Duration)),
      "how far: 30s, 5m, 2h, 1d; a minute when neither --by nor --to is given"
    ),
    to: optional(
      Flag.String("to").pipe(Flag.withMetavar("time")),
      "where to: open, close, 2019-03-01 (its 09:30) or 2019-03-01T10:00, New York's time"
    ),
    json: jsonFlag
  },
  Effect.fn("ClockCommand.step")(function* ({ by, json, to }) {
    if (Option.isSome(by) && Option.isSome(to)) {
      return yield* new BadUsage({ message: "--by and --to are two ways to say how far: give one of them" })
    }
    const stepTo: ClockStep = Option.isSome(to)
      ? yield* parseTarget(to.value)
      : { _tag: "By", micros: Option.getOrElse(by, () => MICROS_PER_MINUTE) }
    yield* changeClock(json, (clock) => clock.step(stepTo))
  })
).pipe(
  documented(
    "Move the market's time forward, and the desk with it: working orders meet every price on the way.",
    ["clock step", "a minute"],
    ["clock step --by 30m", "half an hour"],
    ["clock step --to close", "to the end of the session"],
    ["clock step --to 2019-03-01T10:00", "to that moment in New York"]
  )
)

export const clockCommand = Command.make("clock").pipe(
  documented(
    "The market's time of this desk's replay.",
    ["clock show", "where it stands"],
    ["clock step --to close", "play a session to its end"]
  ),
  Command.withSubcommands([show, start, pause, step, speed])
)
