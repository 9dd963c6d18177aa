/** Opens the desk's schema at the URL given, as a program would. */
import { Effect, Layer } from "effect"
import { databaseOf } from "../../support/Postgres.ts"
import { ready } from "../../support/ChildProcess.ts"

const url = process.argv[2] ?? ""

await ready()
await Effect.runPromise(Effect.scoped(Layer.build(databaseOf(url))))
