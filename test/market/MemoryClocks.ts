/** A desk's clocks over stores in memory; a transaction is just the work. */
import { Effect, Layer, Option, Ref } from "effect"
import type { Timestamp } from "../../src/domain/Timestamp.ts"
import { UnitOfWork } from "../../src/domain/UnitOfWork.ts"
import { MarketClockStore } from "../../src/market/MarketClockStore.ts"
import type { ReplayState } from "../../src/market/ReplayClock.ts"
import type { SteadyAnchor } from "../../src/market/SteadyAnchor.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { SteadyClockStore } from "../../src/market/SteadyClockStore.ts"

const marketClockStore = Layer.effect(
  MarketClockStore,
  Effect.map(Ref.make(Option.none<ReplayState>()), (ref) =>
    MarketClockStore.of({ load: Ref.get(ref), save: (state) => Ref.set(ref, Option.some(state)) })
  )
)

/** Of what is written only the replay's anchor is known here. */
const steadyClockStore = Layer.effect(
  SteadyClockStore,
  Effect.gen(function* () {
    const replay = yield* MarketClockStore
    const ref = yield* Ref.make(Option.none<SteadyAnchor>())
    return SteadyClockStore.of({
      load: Ref.get(ref),
      save: (anchor) => Ref.set(ref, Option.some(anchor)),
      latest: Effect.map(
        replay.load,
        Option.map(({ anchorSteady }): Timestamp => anchorSteady)
      )
    })
  })
)

/** The stores alone, which several processes share. */
export const memoryStores = Layer.mergeAll(
  steadyClockStore,
  Layer.succeed(UnitOfWork, UnitOfWork.of({ atomically: (work) => work }))
).pipe(Layer.provideMerge(marketClockStore))

/** One process's steady clock. */
export const steadyClock = (boot = "boot") => Layer.fresh(SteadyClock.layer({ boot }))

export const memoryClocks = steadyClock().pipe(Layer.provideMerge(memoryStores))
