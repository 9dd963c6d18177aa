/** Puts backtest after backtest into the folder given, the same ten seeds again and again, and says after each that it has. */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import * as BacktestFolders from "../../../src/backtest/BacktestFolders.ts"
import { BacktestStore } from "../../../src/backtest/BacktestStore.ts"
import { ready } from "../../support/ChildProcess.ts"
import { sampleBacktest } from "../SampleBacktest.ts"

const folder = process.argv[2] ?? ""
/** Long enough that a write takes a while. */
const equity = Array.from({ length: 20_000 }, (_, i) => 100_000 + i / 7)

await ready()
await Effect.runPromise(
  Effect.gen(function* () {
    const store = yield* BacktestStore
    for (let n = 0; ; n++) {
      yield* store.put(sampleBacktest({ inputs: { seed: n % 10 }, content: { equity }, ranAt: n }))
      process.stdout.write(".")
    }
  }).pipe(Effect.provide(BacktestFolders.layer({ folder }).pipe(Layer.provide(NodeServices.layer))))
)
