/**
 * Plays a backtest in slices, so that progress, interruption and whatever else
 * this process serves get their turn between two of them.
 */
import { Clock, Effect } from "effect"
import type { Money } from "../../domain/Money.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { BarSource } from "../../market/BarSource.ts"
import type { PublishedOptions } from "../../market/PublishedChains.ts"
import type { Played } from "../Played.ts"
import { Engine, type EngineCheckpoint, type EngineOptions } from "./Engine.ts"
import { EngineFault } from "./EngineFault.ts"

/** How far a backtest is, after a slice. */
export interface BacktestProgress {
  /** Sessions played. */
  readonly session: number
  readonly sessions: number
  /** Of the last one played. */
  readonly date: SessionDate
  readonly equity: Money
}

export interface PlayOptions extends EngineOptions {
  /** Of a strategy that trades options: the prices its tape is from, and the options published with them. */
  readonly sources: ReadonlyArray<BarSource>
  readonly published: PublishedOptions | undefined
  readonly onProgress: (progress: BacktestProgress) => Effect.Effect<void>
  /** Where an interruption leaves it. */
  readonly onCheckpoint: (checkpoint: EngineCheckpoint) => Effect.Effect<void>
  /** Goes on from there. */
  readonly resume?: EngineCheckpoint
}

/** A slice is made longer or shorter to take about so long. */
const SLICE_MILLIS = 30
const SESSIONS_A_SLICE = 1 << 20

/** What a slice throws is a fault of the strategy, told as such, or a bug of the engine. */
const slice = <A>(work: () => A): Effect.Effect<A, EngineFault> =>
  Effect.sync(work).pipe(
    Effect.catchDefect((cause) => (cause instanceof EngineFault ? Effect.fail(cause) : Effect.die(cause)))
  )

const tell = (engine: Engine, { onProgress, tape: { sessions } }: PlayOptions): Effect.Effect<void> => {
  const last = sessions[engine.next - 1]
  return last === undefined
    ? Effect.void
    : onProgress({
        session: engine.next,
        sessions: sessions.length,
        date: last.date,
        equity: engine.equity
      })
}

const playAll = Effect.fnUntraced(function* (engine: Engine, options: PlayOptions) {
  const end = options.tape.sessions.length
  let size = 1
  while (engine.next < end) {
    const begun = yield* Clock.currentTimeMillis
    const until = engine.next + size
    yield* slice(() => engine.advance(until))
    const took = (yield* Clock.currentTimeMillis) - begun
    size = took > SLICE_MILLIS ? Math.max(1, size >> 1) : Math.min(SESSIONS_A_SLICE, size << 1)
    yield* tell(engine, options)
    yield* Effect.yieldNow
  }
})

/**
 * Plays from the beginning, or from a checkpoint, to the end. Interrupted, it
 * hands over a checkpoint of the last session it has finished.
 */
export const playBacktest = Effect.fn("playBacktest")(function* (
  options: PlayOptions
): Effect.fn.Return<Played, EngineFault> {
  const engine = yield* slice(() => new Engine(options, options.resume))
  yield* playAll(engine, options).pipe(
    Effect.onInterrupt(() => Effect.suspend(() => options.onCheckpoint(engine.checkpoint())))
  )
  return engine.played()
})
