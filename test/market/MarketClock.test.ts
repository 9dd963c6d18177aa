import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Ref, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { StorageFailed } from "../../src/domain/StorageError.ts"
import { MICROS_PER_MINUTE, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import * as Replay from "../../src/market/ReplayClock.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { toExchangeTime } from "../../src/market/TradingCalendar.ts"

const at = (iso: string): Timestamp => timestamp(Date.parse(iso) * 1000)
const opens = at("2004-06-10T13:30:00Z")
const until = at("2004-06-18T20:00:00Z")

/** What happens to a clock: the wall moves (backwards too), or a person changes something. */
const Event = Schema.TaggedUnion({
  Wall: { micros: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -1e10, maximum: 1e11 }))) },
  Start: {},
  Pause: {},
  Anchor: {},
  Speed: { speed: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))) },
  StepBy: { micros: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -10, maximum: 1e11 }))) },
  ToOpen: {},
  ToClose: {}
})
type Event = typeof Event.Type

const apply = (state: Replay.ReplayState, moment: Replay.ReplayMoment, event: Event): Replay.ReplayState => {
  const orSame = Result.getOrElse(() => state)
  switch (event._tag) {
    case "Wall":
      return state
    case "Start":
      return Replay.start(state, moment)
    case "Pause":
      return Replay.pause(state, moment)
    case "Anchor":
      return Replay.reanchor(state, moment)
    case "Speed":
      return orSame(Replay.setSpeed(state, moment, event.speed))
    case "StepBy":
      return orSame(Replay.step(state, moment, { _tag: "By", micros: event.micros }))
    case "ToOpen":
      return orSame(Replay.step(state, moment, { _tag: "ToOpen" }))
    case "ToClose":
      return orSame(Replay.step(state, moment, { _tag: "ToClose" }))
  }
}

const isStep = (event: Event): boolean => ["StepBy", "ToOpen", "ToClose"].includes(event._tag)

describe("the replay's clock", () => {
  it.prop(
    "never goes back through any changes, stays within the replay, and only steps jump",
    [Schema.Array(Event)],
    ([events]) => {
      let wall = at("2026-01-05T12:00:00Z")
      let state = Replay.initialState(opens, wall)
      for (const event of events) {
        const before = Replay.marketTimeAt(state, { wall, until })
        if (event._tag === "Wall") {
          // The wall may only fall back as far as the anchor's own process saw: `anchor` is what makes it durable.
          if (event.micros < 0) state = Replay.reanchor(state, { wall, until })
          wall = timestamp(wall + event.micros)
        } else state = apply(state, { wall, until }, event)
        const after = Replay.marketTimeAt(state, { wall, until })
        expect(after).toBeGreaterThanOrEqual(before)
        expect(after).toBeLessThanOrEqual(until)
        expect(Number.isSafeInteger(after)).toBe(true)
        if (!isStep(event) && event._tag !== "Wall") expect(after).toBe(before)
        if (event._tag === "Wall" && !state.running) expect(after).toBe(before)
      }
    }
  )

  it("goes at its speed while it runs and stands while paused", () => {
    const wall = at("2026-01-05T12:00:00Z")
    const later = (seconds: number) => ({ wall: timestamp(wall + seconds * 1_000_000), until })
    const running = Result.getOrThrow(
      Replay.setSpeed(Replay.start(Replay.initialState(opens, wall), later(0)), later(0), 60)
    )
    expect(Replay.marketTimeAt(running, later(10))).toBe(opens + 10 * MICROS_PER_MINUTE)
    const paused = Replay.pause(running, later(10))
    expect(Replay.marketTimeAt(paused, later(1000))).toBe(opens + 10 * MICROS_PER_MINUTE)
    expect(Replay.marketTimeAt(running, later(1_000_000))).toBe(until)
  })

  it("steps to the next open and close, over a closure, and no further than the replay", () => {
    const moment = { wall: at("2026-01-05T12:00:00Z"), until }
    const go = (from: Timestamp, by: Replay.ClockStep) =>
      Result.map(Replay.step(Replay.initialState(from, moment.wall), moment, by), (state) =>
        toExchangeTime(state.anchorMarket)
      )
    expect(go(opens, { _tag: "ToClose" })).toEqual(Result.succeed("2004-06-10 16:00 EDT"))
    expect(go(opens, { _tag: "ToOpen" })).toEqual(Result.succeed("2004-06-14 09:30 EDT"))
    expect(go(opens, { _tag: "By", micros: 90 * MICROS_PER_MINUTE })).toEqual(
      Result.succeed("2004-06-10 11:00 EDT")
    )
    expect(go(opens, { _tag: "To", at: at("2030-01-01T00:00:00Z") })).toEqual(
      Result.succeed("2004-06-18 16:00 EDT")
    )
    for (const by of [
      { _tag: "By", micros: 0 },
      { _tag: "By", micros: Number.NaN },
      { _tag: "To", at: timestamp(opens - 1) }
    ] as const) {
      expect(Result.isFailure(go(opens, by))).toBe(true)
    }
    expect(Result.isFailure(go(until, { _tag: "ToOpen" }))).toBe(true)
  })

  it("refuses a speed that is no speed", () => {
    const moment = { wall: opens, until }
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e6]) {
      expect(Result.isFailure(Replay.setSpeed(Replay.initialState(opens, opens), moment, speed))).toBe(true)
    }
  })
})

/** A desk in memory; a transaction is just the work. */
const memory = Layer.mergeAll(
  Layer.effect(
    MarketClockStore,
    Effect.map(Ref.make(Option.none<Replay.ReplayState>()), (ref) =>
      MarketClockStore.of({ load: Ref.get(ref), save: (state) => Ref.set(ref, Option.some(state)) })
    )
  ),
  Layer.succeed(UnitOfWork, UnitOfWork.of({ atomically: (work) => work }))
)
const desk = Layer.mergeAll(MarketClock.layerReplay({ until }), MarketClockControl.layer({ until })).pipe(
  Layer.provide(memory)
)

describe("MarketClock of a desk", () => {
  it.effect("cannot tell the time before the desk was set up", () =>
    Effect.gen(function* () {
      const clock = yield* MarketClock
      expect((yield* Effect.flip(clock.now)).message).toContain("plimsoll init")
    }).pipe(Effect.provide(desk))
  )

  it.effect("follows the control: paused, running, faster, stepped", () =>
    Effect.gen(function* () {
      const control = yield* MarketClockControl
      const clock = yield* MarketClock
      expect(yield* control.initialise(opens)).toEqual({ now: opens, until, speed: 1, running: false })
      yield* TestClock.adjust("1 hour")
      expect(yield* clock.now).toBe(opens)
      yield* control.start
      yield* TestClock.adjust("1 minute")
      expect(yield* clock.now).toBe(opens + MICROS_PER_MINUTE)
      yield* control.setSpeed(10)
      yield* TestClock.adjust("1 minute")
      expect(yield* clock.now).toBe(opens + 11 * MICROS_PER_MINUTE)
      expect(yield* control.pause).toMatchObject({ now: opens + 11 * MICROS_PER_MINUTE, running: false })
      expect(toExchangeTime((yield* control.step({ _tag: "ToClose" })).now)).toBe("2004-06-10 16:00 EDT")
      expect((yield* Effect.flip(control.setSpeed(0)))._tag).toBe("ClockRefused")
      // Set up again: the clock stays where it is.
      expect(toExchangeTime((yield* control.initialise(opens)).now)).toBe("2004-06-10 16:00 EDT")
    }).pipe(Effect.provide(desk))
  )

  it.effect("stands still when the computer's clock is set back, and never goes back", () =>
    Effect.gen(function* () {
      const control = yield* MarketClockControl
      const clock = yield* MarketClock
      yield* TestClock.setTime(Date.parse("2026-01-05T12:00:00Z"))
      yield* control.initialise(opens)
      yield* control.start
      yield* TestClock.adjust("10 minutes")
      const reached = yield* clock.now
      yield* TestClock.setTime(Date.parse("2026-01-05T12:02:00Z"))
      expect(yield* clock.now).toBe(reached)
    }).pipe(Effect.provide(desk))
  )

  it.effect(
    "does not let another process fall behind what was anchored, when the computer's clock is set back",
    () =>
      Effect.gen(function* () {
        const control = yield* MarketClockControl
        yield* TestClock.setTime(Date.parse("2026-01-05T12:00:00Z"))
        yield* control.initialise(opens)
        yield* control.start
        yield* TestClock.adjust("10 minutes")
        const { now } = yield* control.anchor
        yield* TestClock.setTime(Date.parse("2026-01-05T11:00:00Z"))
        const other = yield* Effect.provide(
          MarketClock.use((clock) => clock.now),
          MarketClock.layerReplay({ until })
        )
        expect(other).toBe(now)
        // Anchored again, it goes on from there.
        yield* control.anchor
        yield* TestClock.adjust("1 minute")
        expect((yield* control.status).now).toBe(now + MICROS_PER_MINUTE)
      }).pipe(Effect.provide(MarketClockControl.layer({ until }).pipe(Layer.provideMerge(memory))))
  )

  it.effect("cannot tell the time when the store fails", () =>
    Effect.gen(function* () {
      const failure = new StorageFailed({ operation: "load", message: "disk gone" })
      const broken = Layer.succeed(
        MarketClockStore,
        MarketClockStore.of({ load: Effect.fail(failure), save: () => Effect.fail(failure) })
      )
      const now = MarketClock.use((clock) => clock.now).pipe(
        Effect.provide(MarketClock.layerReplay({ until }).pipe(Layer.provide(broken)))
      )
      expect(yield* Effect.flip(now)).toMatchObject({ _tag: "MarketClockUnavailable", message: "disk gone" })
    })
  )
})

describe("MarketClock by hand and by the computer", () => {
  it.effect("is where it was set, and refuses to go back or leave the calendar", () =>
    Effect.gen(function* () {
      const clock = yield* MarketClock
      const stepped = yield* SteppedClock
      yield* stepped.set(timestamp(opens + 5))
      yield* stepped.set(timestamp(opens + 5))
      expect((yield* Effect.flip(stepped.set(opens)))._tag).toBe("ClockRefused")
      expect((yield* Effect.flip(stepped.set(at("2040-01-01T00:00:00Z")))).message).toContain(
        "outside the trading calendar"
      )
      expect([yield* clock.now, yield* stepped.now]).toEqual([opens + 5, opens + 5])
    }).pipe(Effect.provide(MarketClock.layerStepped({ start: opens })))
  )

  it.effect("is the computer's for a live venue, in whole microseconds, within the calendar", () =>
    Effect.gen(function* () {
      const clock = yield* MarketClock
      yield* TestClock.setTime(Date.parse("1990-01-01T00:00:00Z"))
      expect((yield* Effect.flip(clock.now))._tag).toBe("MarketClockUnavailable")
      yield* TestClock.setTime(Date.parse("2026-01-05T14:30:00Z"))
      expect(yield* clock.now).toBe(at("2026-01-05T14:30:00Z"))
      yield* TestClock.setTime(Date.parse("2026-01-05T14:29:00Z"))
      expect(yield* clock.now).toBe(at("2026-01-05T14:30:00Z"))
    }).pipe(Effect.provide(MarketClock.layerReal))
  )
})
