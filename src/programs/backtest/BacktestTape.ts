/** The tape of a backtest's inputs: the same wherever it is loaded, and so is its hash. */
import { Effect } from "effect"
import type { BacktestInputs } from "../../backtest/BacktestInputs.ts"
import { loadTape } from "../../backtest/engine/LoadTape.ts"
import type { BarSource } from "../../market/BarSource.ts"
import { sessionsBetween } from "../../market/TradingCalendar.ts"
import { Feed } from "../../session/Feed.ts"
import type { Strategy } from "../../session/Strategy.ts"
import { RunRefused } from "../RunSetup.ts"

/** Bars of each instrument before a strategy's first decision. */
export const warmUpOf = (strategy: Strategy): number => new Feed(strategy, []).warmUp

/** Everything but what only the tape can tell: the hash of the data. */
export type TapeInputs = Pick<BacktestInputs, "models" | "seed"> & {
  readonly data: Pick<BacktestInputs["data"], "from" | "to" | "symbols">
}

/** Loads what `strategy` needs of these sources; of what cannot be played it says why. */
export const tapeOf = Effect.fn("tapeOf")(function* (
  { data, models, seed }: TapeInputs,
  strategy: Strategy,
  sources: ReadonlyArray<BarSource>
) {
  const [first, ...rest] = sessionsBetween(data.from, data.to)
  if (first === undefined) {
    return yield* new RunRefused({
      message: `there is no session from ${data.from} to ${data.to}: the exchange was closed`
    })
  }
  return yield* loadTape({
    sources,
    symbols: data.symbols,
    sessions: [first, ...rest],
    resolution: strategy.resolution ?? "1d",
    warmUp: warmUpOf(strategy),
    seed,
    models
  })
})
