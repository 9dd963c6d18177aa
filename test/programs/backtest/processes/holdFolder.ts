/** Holds the lock of a folder until it is killed: `holdFolder.ts FOLDER ID`. */
import { Effect } from "effect"
import { lockFolder } from "../../../../src/programs/backtest/FolderLock.ts"
import { ready } from "../../../support/ChildProcess.ts"

const [folder = "", id = ""] = process.argv.slice(2)

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      yield* lockFolder(folder, id)
      yield* Effect.promise(ready)
      return yield* Effect.never
    })
  )
)
