/**
 * Plays a backtest in slices, so that progress, interruption and whatever else
 * this process serves get their turn between two of them.
 */
import { Clock, Effect, Layer, Option } from "effect"
import type { InstrumentId } from "../../domain/Identifiers.ts"
import type { Money } from "../../domain/Money.ts"
import type { QuoteTick } from "../../domain/Quote.ts"
import type { SessionDate } from "../../domain/Timestamp.ts"
import type { BarSource } from "../../market/BarSource.ts"
import { MarketClock } from "../../market/MarketClock.ts"
import { MarketData } from "../../market/MarketData.ts"
import * as OptionedMarketData from "../../market/OptionedMarketData.ts"
import { OptionMarket } from "../../market/OptionMarket.ts"
import type { PublishedOptions } from "../../market/PublishedChains.ts"
import * as SourcedMarketData from "../../market/SourcedMarketData.ts"
import { SteppedClock } from "../../market/SteppedClock.ts"
import { chainOf, type OptionChain } from "../../session/OptionChain.ts"
import type { Played } from "../Played.ts"
import { Engine, type EngineCheckpoint, type EngineOptions } from "./Engine.ts"
import { EngineFault } from "./EngineFault.ts"
import type { OptionAsk } from "./OptionAsks.ts"

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

const playSlices = Effect.fnUntraced(function* (engine: Engine, options: PlayOptions) {
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

const badData = ({ message }: { readonly message: string }): EngineFault =>
  new EngineFault({ failure: { kind: "bad-data", message }, message })

/** Puts in what the options market has to say at the ask's market time. */
const answer = Effect.fnUntraced(function* (ask: OptionAsk) {
  const clock = yield* SteppedClock
  const data = yield* MarketData
  const options = yield* OptionMarket
  yield* clock.set(ask.now)
  switch (ask._tag) {
    case "Ticks": {
      const { after, until } = ask
      ask.lists = yield* Effect.forEach(ask.ids, (id) => data.ticks({ instrumentIds: [id], after, until }))
      return
    }
    case "Quotes": {
      const quotes = new Map<InstrumentId, QuoteTick>()
      for (const id of ask.ids) {
        const quote = yield* data.quote(id).pipe(
          Effect.map(Option.some),
          Effect.catchTag("QuoteUnavailable", () => Effect.succeedNone)
        )
        if (Option.isSome(quote)) quotes.set(id, quote.value)
      }
      ask.quotes = quotes
      return
    }
    case "Chains": {
      const chains = new Map<InstrumentId, OptionChain>()
      for (const id of ask.ids) {
        const chain = yield* options.chain(id).pipe(
          Effect.map(Option.some),
          Effect.catchTag(["NoOptions", "QuoteUnavailable"], () => Effect.succeedNone)
        )
        if (Option.isSome(chain)) chains.set(id, chainOf(chain.value, ask.date))
      }
      ask.chains = chains
    }
  }
})

/** The market of options, on a clock that starts where the engine stands. */
const optionMarket = (engine: Engine, { published, seed, sources }: PlayOptions) =>
  OptionedMarketData.layer({ published }).pipe(
    Layer.provide(SourcedMarketData.layer({ sources, seed: String(seed) })),
    Layer.provideMerge(MarketClock.layerStepped({ start: engine.desk.advancedTo }))
  )

/** A session that was begun is played to its end: a checkpoint is of whole ones. */
const playSession = Effect.fnUntraced(function* (engine: Engine) {
  const asks = engine.playOptionSession()
  for (let step = yield* slice(() => asks.next()); step.done !== true;) {
    yield* answer(step.value)
    step = yield* slice(() => asks.next())
  }
}, Effect.uninterruptible)

/** Session by session, the options market being asked in each. */
const playOptions = (engine: Engine, options: PlayOptions): Effect.Effect<void, EngineFault> =>
  Effect.gen(function* () {
    const market = yield* Layer.build(optionMarket(engine, options))
    while (engine.next < options.tape.sessions.length) {
      yield* Effect.provideContext(playSession(engine), market)
      yield* tell(engine, options)
      yield* Effect.yieldNow
    }
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => (error._tag === "EngineFault" ? error : badData(error)))
  )

/**
 * Plays from the beginning, or from a checkpoint, to the end. Interrupted, it
 * hands over a checkpoint of the last session it has finished.
 */
export const playBacktest = Effect.fn("playBacktest")(function* (
  options: PlayOptions
): Effect.fn.Return<Played, EngineFault> {
  const engine = yield* slice(() => new Engine(options, options.resume))
  const playAll = engine.asksForOptions ? playOptions : playSlices
  yield* playAll(engine, options).pipe(
    Effect.onInterrupt(() => Effect.suspend(() => options.onCheckpoint(engine.checkpoint())))
  )
  return engine.played()
})
