/**
 * The computer of a test. The test's clock moves everything together; here the computer's clock can be set forward and
 * back, and the machine started anew, while time passes as the test says (`TestClock.adjust`).
 */
import { Clock, Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"

/** What the computer's clock shows first, unless the test says something else. */
const FIRST_WALL_MILLIS = Date.parse("2026-06-07T12:00:00Z")

const HOUR = 3_600_000

/** By how many milliseconds a computer's clock is set, and in words. */
export const clockJumps: ReadonlyArray<readonly [words: string, millis: number]> = [
  ["back an hour", -HOUR],
  ["forward an hour", HOUR],
  ["forward a day", 24 * HOUR],
  ["forward a year", 365 * 24 * HOUR]
]

export class Machine extends Context.Service<
  Machine,
  {
    /** Sets the computer's clock by so many milliseconds; no time passes. A machine that slept does it too, on waking. */
    readonly setWallBy: (millis: number) => Effect.Effect<void>
    /** Switched off and on again: the monotonic clock begins anew. */
    readonly restart: Effect.Effect<void>
  }
>()("plimsoll/test/support/Machine") {
  /** Stands over the test's clock and provides the `Clock` of everything built under it. */
  static readonly layerAt = (wallMillis: number) =>
    Layer.effectContext(
      TestClock.testClockWith((base) =>
        Effect.sync(() => {
          let wallOffset = wallMillis - base.currentTimeMillisUnsafe()
          let bootedAt = 0n
          const currentTimeMillisUnsafe = () => base.currentTimeMillisUnsafe() + wallOffset
          const currentTimeNanosUnsafe = () => base.currentTimeNanosUnsafe() + BigInt(wallOffset) * 1_000_000n
          const monotonicTimeNanosUnsafe = () => base.monotonicTimeNanosUnsafe() - bootedAt
          const clock: TestClock.TestClock = {
            ...base,
            currentTimeMillisUnsafe,
            currentTimeNanosUnsafe,
            monotonicTimeNanosUnsafe,
            currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
            currentTimeNanos: Effect.sync(currentTimeNanosUnsafe),
            monotonicTimeNanos: Effect.sync(monotonicTimeNanosUnsafe)
          }
          const machine = Machine.of({
            setWallBy: (millis) =>
              Effect.sync(() => {
                wallOffset += millis
              }),
            restart: Effect.sync(() => {
              bootedAt = base.monotonicTimeNanosUnsafe()
            })
          })
          return Context.make(Clock.Clock, clock).pipe(Context.add(Machine, machine))
        })
      )
    )

  static readonly layer = Machine.layerAt(FIRST_WALL_MILLIS)
}
