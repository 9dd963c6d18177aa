/** Opens the desk's database at the path given, as a program would. */
import { Effect, Layer } from "effect"
import * as DeskDatabase from "../../../src/storage/DeskDatabase.ts"
import { ready } from "../../support/ChildProcess.ts"

const filename = process.argv[2] ?? ""

await ready()
await Effect.runPromise(
  Effect.scoped(Layer.build(DeskDatabase.layer({ filename, busyTimeoutMillis: 10_000 })))
)
