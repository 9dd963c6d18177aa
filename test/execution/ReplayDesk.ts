/** A desk as programs open it, on a running replay of the test market, on a machine whose clocks can be set. */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { MarketClock } from "../../src/market/MarketClock.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import * as SourcedMarketData from "../../src/market/SourcedMarketData.ts"
import type { Session } from "../../src/market/TradingCalendar.ts"
import { type Timestamp, timestamp } from "../../src/domain/Timestamp.ts"
import { Machine } from "../support/Machine.ts"
import { acts, deskLayer, memoryStorage, openAccount, type TestDeskOptions } from "./TestDesk.ts"
import { minute, sessions, sourceOf, standardMarket } from "./TestMarket.ts"

export interface ReplayOptions extends TestDeskOptions {
  /** The replay's; those of the test market unless others are named. */
  readonly over?: ReadonlyArray<Session>
}

/** The replay, and the market it shows, over storage. */
export const replayMarket = ({ market = standardMarket, over = sessions }: ReplayOptions = {}) => {
  const until = over.at(-1)?.close ?? timestamp(0)
  return OptionedMarketData.layer().pipe(
    Layer.provideMerge(SourcedMarketData.layer({ sources: [sourceOf(market, over)], seed: "test" })),
    Layer.provideMerge(Layer.merge(MarketClock.layerReplay({ until }), MarketClockControl.layer({ until })))
  )
}

export const replayDesk = (options: ReplayOptions = {}) =>
  deskLayer(options).pipe(
    Layer.provideMerge(replayMarket(options)),
    Layer.provideMerge(memoryStorage),
    Layer.provideMerge(Machine.layer),
    Layer.provideMerge(NodeServices.layer)
  )

export type ReplayServices = Layer.Success<ReturnType<typeof replayDesk>>

/** An account on a replay that runs at `speed` from `at`, or stands there when it is 0. */
export const openReplay = (at: Timestamp = minute(0, 5), speed = 1) =>
  Effect.gen(function* () {
    const control = yield* MarketClockControl
    yield* control.initialise(at)
    yield* openAccount()
    if (speed > 0) {
      yield* control.setSpeed(speed)
      yield* control.start
    }
  })

/** Steps the replay there and brings the desk along. */
export const stepTo = Effect.fnUntraced(function* (at: Timestamp) {
  const control = yield* MarketClockControl
  yield* control.step({ _tag: "To", at })
  const { crank } = yield* acts
  yield* crank.upToDate
})

export const marketNow = Effect.flatMap(MarketClock, (clock) => clock.now)

/** Time passes on the machine; the desk is brought along. */
export const pass = Effect.fnUntraced(function* (millis: number) {
  yield* TestClock.adjust(millis)
  const { crank } = yield* acts
  yield* crank.upToDate
})
