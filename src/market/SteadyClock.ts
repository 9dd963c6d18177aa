/**
 * Time that never steps (docs/adr/0014-steady-clock.md).
 *
 * The computer's clock may be set forward, back, or be wrong when the machine
 * starts; durations must not follow it. Steady time passes while the machine
 * runs, at the pace of its monotonic clock, which all processes of one start
 * share; after a restart it goes on from the latest steady time the desk has
 * written down. So it is the same in every process of a desk, never goes back,
 * and does not count the time a machine is switched off (nor, on Linux, asleep).
 *
 * It begins at the computer's time and falls behind it: it is for measuring
 * how long something took, and no date.
 */
import { Clock, Context, Effect, Layer, Option } from "effect"
import type { StorageError } from "../domain/StorageError.ts"
import { fromMillis, type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { UnitOfWork } from "../domain/UnitOfWork.ts"
import { settle } from "./SteadyAnchor.ts"
import { SteadyClockStore } from "./SteadyClockStore.ts"

const monotonicMicros = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1000n))

/** The computer's time. */
export const wallTime: Effect.Effect<Timestamp> = Effect.map(Clock.currentTimeMillis, fromMillis)

export class SteadyClock extends Context.Service<
  SteadyClock,
  {
    /** Steady time, micros: the same in all processes of the desk, never back. */
    readonly now: Effect.Effect<Timestamp>
    /** What the computer's clock would show if nobody had set it since the machine started. */
    readonly expectedWall: Effect.Effect<Timestamp>
  }
>()("plimsoll/market/SteadyClock") {
  /** `boot` names this start of the machine; empty where the system does not tell. */
  static readonly layer = (options: {
    readonly boot: string
  }): Layer.Layer<SteadyClock, StorageError, SteadyClockStore | UnitOfWork> =>
    Layer.effect(
      SteadyClock,
      Effect.gen(function* () {
        const { epoch, wallLead } = yield* register(options.boot)
        const now = Effect.map(monotonicMicros, (monotonic) => timestamp(epoch + monotonic))
        return SteadyClock.of({
          now,
          expectedWall: Effect.map(now, (steady) => timestamp(steady + wallLead))
        })
      })
    )
}

/** The first process of a start writes its anchor, the others find it. */
const register = Effect.fnUntraced(function* (boot: string) {
  const store = yield* SteadyClockStore
  const unit = yield* UnitOfWork
  const settled = Effect.gen(function* () {
    const stored = yield* store.load
    const latest = yield* store.latest
    // The clocks last: what another process wrote before was written at an earlier reading.
    const here = { boot, monotonic: yield* monotonicMicros, wall: yield* wallTime }
    return { stored, anchor: settle(stored, latest, here) }
  })
  const isKept = ({ anchor, stored }: Effect.Success<typeof settled>) =>
    Option.isSome(stored) && stored.value === anchor
  const found = yield* settled
  if (isKept(found)) return found.anchor
  return yield* unit.atomically(
    Effect.gen(function* () {
      const again = yield* settled
      if (!isKept(again)) yield* store.save(again.anchor)
      return again.anchor
    })
  )
})
