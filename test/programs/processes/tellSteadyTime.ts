/** Opens the desk in `folder`, with a computer's clock that is `wrongBy` milliseconds off, and tells its steady time. */
import { Effect, Layer } from "effect"
import { SteadyClock } from "../../../src/market/SteadyClock.ts"
import { bootId } from "../../../src/programs/BootId.ts"
import * as DeskDatabase from "../../../src/storage/DeskDatabase.ts"
import * as DeskStores from "../../../src/storage/DeskStores.ts"
import { ready } from "../../support/ChildProcess.ts"

const [filename = "", wrongBy = "0"] = process.argv.slice(2)
const right = Date.now
Date.now = () => right() + Number(wrongBy)

await ready()
const steady = await Effect.runPromise(
  SteadyClock.use((clock) => clock.now).pipe(
    Effect.provide(
      SteadyClock.layer({ boot: bootId() }).pipe(
        Layer.provide(DeskStores.layer),
        Layer.provide(DeskDatabase.layer({ filename, busyTimeoutMillis: 10_000 }))
      )
    )
  )
)
process.stdout.write(JSON.stringify({ boot: bootId(), monotonic: String(process.hrtime.bigint()), steady }))
