import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { StorageFailed } from "../../src/domain/StorageError.ts"
import { MICROS_PER_MINUTE, type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import * as Replay from "../../src/market/ReplayClock.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { toExchangeTime } from "../../src/market/TradingCalendar.ts"
import { clockJumps, Machine } from "../support/Machine.ts"
import { memoryClocks, memoryStores, steadyClock } from "./MemoryClocks.ts"

const at = (iso: string): Timestamp => timestamp(Date.parse(iso) * 1000)
const opens = at("2004-06-10T13:30:00Z")
const until = at("2004-06-18T20:00:00Z")
const HOUR = 3_600_000

/** What happens to a clock: time passes, or a person changes something. */
const Event = Schema.TaggedUnion({
  Pass: { micros: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1e11 }))) },
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
    case "Pass":
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
      let steady = at("2026-01-05T12:00:00Z")
      let state = Replay.initialState(opens, steady)
      for (const event of events) {
        const before = Replay.marketTimeAt(state, { steady, until })
        if (event._tag === "Pass") steady = timestamp(steady + event.micros)
        else state = apply(state, { steady, until }, event)
        const after = Replay.marketTimeAt(state, { steady, until })
        expect(after).toBeGreaterThanOrEqual(before)
        expect(after).toBeLessThanOrEqual(until)
        expect(Number.isSafeInteger(after)).toBe(true)
        if (!isStep(event) && event._tag !== "Pass") expect(after).toBe(before)
        if (event._tag === "Pass" && !state.running) expect(after).toBe(before)
      }
    }
  )

  it("goes at its speed while it runs and stands while paused", () => {
    const begin = at("2026-01-05T12:00:00Z")
    const later = (seconds: number) => ({ steady: timestamp(begin + seconds * 1_000_000), until })
    const running = Result.getOrThrow(
      Replay.setSpeed(Replay.start(Replay.initialState(opens, begin), later(0)), later(0), 60)
    )
    expect(Replay.marketTimeAt(running, later(10))).toBe(opens + 10 * MICROS_PER_MINUTE)
    const paused = Replay.pause(running, later(10))
    expect(Replay.marketTimeAt(paused, later(1000))).toBe(opens + 10 * MICROS_PER_MINUTE)
    expect(Replay.marketTimeAt(running, later(1_000_000))).toBe(until)
  })

  it("steps to the next open and close, over a closure, and no further than the replay", () => {
    const moment = { steady: at("2026-01-05T12:00:00Z"), until }
    const go = (from: Timestamp, by: Replay.ClockStep) =>
      Result.map(Replay.step(Replay.initialState(from, moment.steady), moment, by), (state) =>
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
    const moment = { steady: opens, until }
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e6]) {
      expect(Result.isFailure(Replay.setSpeed(Replay.initialState(opens, opens), moment, speed))).toBe(true)
    }
  })
})

const desk = Layer.mergeAll(MarketClock.layerReplay({ until }), MarketClockControl.layer({ until })).pipe(
  Layer.provide(memoryClocks)
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

  it.effect.each(clockJumps)(
    "takes no notice when the computer's clock is set %s, at any speed",
    ([, millis]) =>
      Effect.gen(function* () {
        const control = yield* MarketClockControl
        const clock = yield* MarketClock
        const machine = yield* Machine
        yield* control.initialise(opens)
        yield* machine.setWallBy(millis)
        yield* TestClock.adjust("1 minute")
        expect(yield* clock.now).toBe(opens)
        yield* control.start
        yield* machine.setWallBy(millis)
        yield* TestClock.adjust("1 minute")
        expect(yield* clock.now).toBe(opens + MICROS_PER_MINUTE)
        yield* control.setSpeed(1000)
        yield* machine.setWallBy(-2 * millis)
        yield* TestClock.adjust("6 seconds")
        expect(yield* clock.now).toBe(opens + 101 * MICROS_PER_MINUTE)
      }).pipe(Effect.provide(desk.pipe(Layer.provideMerge(Machine.layer))))
  )

  it.effect("shows one time in two processes whose computer's clocks differ", () =>
    Effect.gen(function* () {
      const control = yield* MarketClockControl
      const machine = yield* Machine
      yield* control.initialise(opens)
      yield* control.start
      yield* TestClock.adjust("10 minutes")
      yield* machine.setWallBy(-HOUR)
      const other = MarketClock.use((clock) => clock.now).pipe(
        Effect.provide(MarketClock.layerReplay({ until }).pipe(Layer.provide(steadyClock())))
      )
      expect(yield* other).toBe((yield* control.status).now)
    }).pipe(
      Effect.provide(
        MarketClockControl.layer({ until }).pipe(
          Layer.provideMerge(memoryClocks),
          Layer.provideMerge(Machine.layer)
        )
      )
    )
  )

  it.effect(
    "goes on from what was anchored after the machine was restarted, with whatever time on its clock",
    () =>
      Effect.gen(function* () {
        const process = () =>
          Layer.mergeAll(MarketClock.layerReplay({ until }), MarketClockControl.layer({ until })).pipe(
            Layer.provide(steadyClock())
          )
        const machine = yield* Machine
        const { now } = yield* Effect.gen(function* () {
          const control = yield* MarketClockControl
          yield* control.initialise(opens)
          yield* control.start
          yield* TestClock.adjust("10 minutes")
          return yield* control.anchor
        }).pipe(Effect.provide(process()))
        yield* TestClock.adjust("8 hours")
        yield* machine.restart
        yield* machine.setWallBy(365 * 24 * HOUR)
        yield* Effect.gen(function* () {
          const clock = yield* MarketClock
          expect(yield* clock.now).toBe(now)
          yield* TestClock.adjust("1 minute")
          expect(yield* clock.now).toBe(now + MICROS_PER_MINUTE)
        }).pipe(Effect.provide(process()))
      }).pipe(Effect.provide(memoryStores.pipe(Layer.provideMerge(Machine.layer))))
  )

  it.effect("cannot tell the time when the store fails", () =>
    Effect.gen(function* () {
      const failure = new StorageFailed({ operation: "load", message: "disk gone" })
      const broken = Layer.succeed(
        MarketClockStore,
        MarketClockStore.of({ load: Effect.fail(failure), save: () => Effect.fail(failure) })
      )
      const now = MarketClock.use((clock) => clock.now).pipe(
        Effect.provide(
          MarketClock.layerReplay({ until }).pipe(Layer.provide(broken), Layer.provide(memoryClocks))
        )
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
      yield* TestClock.setTime(Date.parse("1990-01-01T00:00:00Z"))
      const now = MarketClock.use((clock) => clock.now)
      const live = () => MarketClock.layerReal.pipe(Layer.provide(steadyClock()))
      expect((yield* Effect.flip(Effect.provide(now, live())))._tag).toBe("MarketClockUnavailable")
      yield* TestClock.setTime(Date.parse("2026-01-05T14:30:00Z"))
      expect(yield* Effect.provide(now, live())).toBe(at("2026-01-05T14:30:00Z"))
    }).pipe(Effect.provide(memoryStores))
  )

  const live = MarketClock.layerReal.pipe(Layer.provide(memoryClocks), Layer.provideMerge(Machine.layer))

  it.effect("of a live venue holds where it was when the computer's clock goes back a little", () =>
    Effect.gen(function* () {
      const clock = yield* MarketClock
      const machine = yield* Machine
      const before = yield* clock.now
      yield* machine.setWallBy(-2000)
      expect(yield* clock.now).toBe(before)
      yield* TestClock.adjust("3 seconds")
      expect(yield* clock.now).toBe(before + 1_000_000)
    }).pipe(Effect.provide(live))
  )

  it.effect("of a live venue follows a leap second, at once or smeared over a day", () =>
    Effect.gen(function* () {
      const clock = yield* MarketClock
      const machine = yield* Machine
      const before = yield* clock.now
      yield* machine.setWallBy(-1000)
      yield* TestClock.adjust("1 hour")
      expect(yield* clock.now).toBe(before + 3_599_000_000)
      for (let step = 0; step < 1000; step++) {
        yield* machine.setWallBy(step % 2 === 0 ? 2 : 0)
        yield* TestClock.adjust("86400 millis")
      }
      expect(yield* clock.now).toBe(before + (3600 + 86_400) * 1_000_000)
    }).pipe(Effect.provide(live))
  )

  it.effect.each(clockJumps)(
    "of a live venue cannot be told while the computer's clock is set %s, and again once it is right",
    ([, millis]) =>
      Effect.gen(function* () {
        const clock = yield* MarketClock
        const machine = yield* Machine
        const before = yield* clock.now
        yield* machine.setWallBy(millis)
        const error = yield* Effect.flip(clock.now)
        expect(error).toMatchObject({ _tag: "MarketClockUnavailable" })
        expect(error.message).toContain("set the clock right")
        yield* machine.setWallBy(-millis)
        yield* TestClock.adjust("1 second")
        expect(yield* clock.now).toBe(before + 1_000_000)
      }).pipe(Effect.provide(live))
  )
})
