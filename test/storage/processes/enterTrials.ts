/** Enters so many lots of ten trials into the ledger at the path given, each lot in a transaction; half of them are everybody's. */
import { Effect } from "effect"
import { TrialLedger } from "../../../src/backtest/TrialLedger.ts"
import * as TrialStore from "../../../src/storage/TrialStore.ts"
import { trial } from "../../backtest/SampleTrial.ts"
import { ready } from "../../support/ChildProcess.ts"

const [, , filename = "", own = "", lots = "0"] = process.argv

const lot = (n: number) =>
  Array.from({ length: 10 }, (_, i) =>
    trial(i % 2 === 0 ? `everybody-${n}-${i}` : `${own}-${n}-${i}`, {
      returns: new Float64Array(100).fill(n)
    })
  )

await ready()
await Effect.runPromise(
  Effect.gen(function* () {
    const ledger = yield* TrialLedger
    for (let n = 0; n < Number(lots); n++) {
      yield* ledger.record(lot(n))
      process.stdout.write(`${n}\n`)
    }
  }).pipe(Effect.provide(TrialStore.layer({ filename })))
)
