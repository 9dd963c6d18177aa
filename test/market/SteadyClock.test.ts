import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import { initialState } from "../../src/market/ReplayClock.ts"
import { settle, type SteadyAnchor } from "../../src/market/SteadyAnchor.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { clockJumps, Machine } from "../support/Machine.ts"
import { memoryStores, steadyClock } from "./MemoryClocks.ts"

const HOUR = 3_600_000
const SECOND = 1_000_000

/** What another process of the machine shows now. */
const shown = (boot?: string) => SteadyClock.use((clock) => clock.now).pipe(Effect.provide(steadyClock(boot)))

/** Writes a steady time down, as the crank does. */
const write = (steady: number) =>
  MarketClockStore.use((store) => store.save(initialState(timestamp(0), timestamp(steady))))

const onMachine = <E>(body: Effect.Effect<void, E, Layer.Success<typeof memoryStores> | Machine>) =>
  body.pipe(Effect.provide(memoryStores.pipe(Layer.provideMerge(Machine.layer))))

describe("the steady clock", () => {
  it.effect("begins at the computer's time and goes on with the time that passes", () =>
    onMachine(
      Effect.gen(function* () {
        const began = yield* shown()
        expect(began).toBe(Date.parse("2026-06-07T12:00:00Z") * 1000)
        yield* TestClock.adjust("1 minute")
        expect(yield* shown()).toBe(began + 60 * SECOND)
      })
    )
  )

  it.effect.each(clockJumps)(
    "is the same in every process when the computer's clock is set %s",
    ([, millis]) =>
      onMachine(
        Effect.gen(function* () {
          const machine = yield* Machine
          const began = yield* shown()
          yield* write(began)
          yield* machine.setWallBy(millis)
          expect(yield* shown()).toBe(began)
          yield* TestClock.adjust("1 second")
          expect(yield* shown()).toBe(began + SECOND)
        })
      )
  )

  it.effect.each([
    ["under another name", "first", "second"],
    ["that the system does not name", "", ""]
  ])("goes on after a start of the machine %s, from what was written, with a clock that is wrong", (names) =>
    onMachine(
      Effect.gen(function* () {
        const [, before, after] = names
        const machine = yield* Machine
        yield* TestClock.adjust("10 hours")
        const began = yield* shown(before)
        yield* TestClock.adjust("2 hours")
        const written = began + 2 * HOUR * 1000
        expect(yield* shown(before)).toBe(written)
        yield* write(written)
        yield* machine.restart
        yield* machine.setWallBy(-365 * 24 * HOUR)
        expect(yield* shown(after)).toBe(written)
        yield* TestClock.adjust("1 second")
        expect(yield* shown(after)).toBe(written + SECOND)
      })
    )
  )

  it.effect(
    "expects of the computer's clock what it showed at the start of the machine, and the time since",
    () =>
      onMachine(
        Effect.gen(function* () {
          const machine = yield* Machine
          yield* write(yield* shown("first"))
          yield* TestClock.adjust("1 day")
          yield* machine.restart
          const expected = SteadyClock.use((clock) => clock.expectedWall)
          const another = () => Effect.provide(expected, steadyClock("second"))
          const atStart = yield* another()
          expect(atStart).toBe(Date.parse("2026-06-08T12:00:00Z") * 1000)
          yield* machine.setWallBy(HOUR)
          yield* TestClock.adjust("1 second")
          expect(yield* another()).toBe(atStart + SECOND)
        })
      )
  )
})

/** What happens to a machine and the desk on it. */
const Happening = Schema.TaggedUnion({
  Pass: { micros: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1e11 }))) },
  SetWall: { micros: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -1e14, maximum: 1e14 }))) },
  Write: { ahead: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 5e6 }))) },
  Restart: {}
})

describe("settling what steady time hangs on", () => {
  it.prop(
    "never lets steady time fall behind what was written, nor jump while the machine runs",
    [Schema.Array(Happening), Schema.Boolean],
    ([happenings, named]) => {
      let stored = Option.none<SteadyAnchor>()
      let written: number | undefined
      let [monotonic, wall, boots] = [5e9, 1.7e15, 0]
      const open = () => {
        const boot = named ? String(boots) : ""
        const latest = Option.map(Option.fromUndefinedOr(written), (at) => timestamp(at))
        const anchor = settle(stored, latest, { boot, monotonic, wall: timestamp(wall) })
        stored = Option.some(anchor)
        return anchor.epoch + monotonic
      }
      for (const happening of happenings) {
        const now = open()
        switch (happening._tag) {
          case "Pass":
            monotonic += happening.micros
            wall += happening.micros
            expect(open() - now).toBe(happening.micros)
            break
          case "SetWall":
            wall += happening.micros
            expect(open()).toBe(now)
            break
          case "Write":
            written = Math.max(written ?? 0, now + happening.ahead)
            break
          case "Restart":
            boots += 1
            monotonic = 1e6
            break
        }
        if (written !== undefined) {
          // A lease may have been written ahead, a few seconds; a start without a name may go unseen by as much.
          expect(open()).toBeGreaterThanOrEqual(written - 60e6)
        }
      }
    }
  )
})
