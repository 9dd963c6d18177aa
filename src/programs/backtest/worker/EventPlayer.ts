/** The event engine as points of a sweep are played on it. */
import { Effect, type FileSystem, type Path } from "effect"
import type { EngineOptions } from "../../../backtest/engine/Engine.ts"
import { EngineFault } from "../../../backtest/engine/EngineFault.ts"
import { playBacktest } from "../../../backtest/engine/PlayBacktest.ts"
import type { Played } from "../../../backtest/Played.ts"
import { marketOptions } from "../../MarketSources.ts"
import { openSources } from "../../RunSetup.ts"
import type { BacktestFile } from "../BacktestFile.ts"

const unopened = ({ message }: { readonly message: string }): EngineFault =>
  new EngineFault({ failure: { kind: "bad-data", message }, message })

/** What options are made from; nothing is opened before a strategy trades some. */
const optionMarket = Effect.fnUntraced(function* ({
  folder,
  market
}: Pick<BacktestFile, "market" | "folder">) {
  const { sources } = yield* Effect.mapError(openSources(market, folder), unopened)
  return { sources, published: yield* marketOptions({ market }, folder) }
})

/** Plays whole backtests on this market, without a stop. */
export const eventPlayer = Effect.fnUntraced(function* (
  file: Pick<BacktestFile, "market" | "folder">,
  heartbeat?: EngineOptions["heartbeat"]
) {
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const opened = yield* Effect.cached(Effect.provideContext(optionMarket(file), context))
  return Effect.fnUntraced(function* (
    options: Omit<EngineOptions, "heartbeat" | "onEvent" | "everyTick">
  ): Effect.fn.Return<Played, EngineFault> {
    const { published, sources } =
      options.strategy.options === undefined ? { sources: [], published: undefined } : yield* opened
    return yield* playBacktest({
      ...options,
      sources,
      published,
      ...(heartbeat === undefined ? {} : { heartbeat }),
      onProgress: () => Effect.void,
      onCheckpoint: () => Effect.void
    })
  })
})
