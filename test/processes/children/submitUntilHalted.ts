/** Submits as fast as it can until trading is halted, and a while longer. Argument: `Halting` as JSON. */
import { Effect, Result, Schema } from "effect"
import { Broker } from "../../../src/execution/Broker.ts"
import { agent, requestFor } from "../../execution/TestDesk.ts"
import { ready } from "../../support/ChildProcess.ts"
import { numbers } from "../../support/Numbers.ts"
import { type HaltAnswer, Halting } from "../Halting.ts"
import { raceDesk } from "../RaceDesk.ts"
import { loose, restOrFill } from "../Scenarios.ts"

const told = Schema.decodeUnknownSync(Schema.fromJsonString(Halting))(process.argv[2])
const draw = numbers(told.seed)
const now = (): bigint => process.hrtime.bigint()
const millisSince = (begun: bigint): number => Number((now() - begun) / 1_000_000n)

let count = 0
let refusedAt: bigint | undefined
const begun = now()

const submit = Effect.gen(function* () {
  const broker = yield* Broker
  const { ask, instrument, quantity, side } = restOrFill(draw)
  const id = `h${told.number}-${count++}`
  const request = yield* requestFor(side, instrument, quantity, { ...ask, id })
  return yield* broker.submit(request, { actor: agent })
})

const outcomeOf = (result: Effect.Success<typeof answered>): string => {
  if (Result.isSuccess(result)) return result.success.order.status === "Canceled" ? "withdrawn" : "taken"
  const { failure } = result
  if (failure._tag !== "OrderDenied") return failure._tag
  return failure.rule === "trading-state" ? "halted" : `denied by ${failure.rule}`
}

const answered = Effect.result(submit)

const isOver = (): boolean =>
  millisSince(begun) > told.lastsMillis ||
  (refusedAt !== undefined && millisSince(refusedAt) > told.goesOnMillis)

const again = Effect.gen(function* () {
  while (!isOver()) {
    const outcome = outcomeOf(yield* answered)
    const at = now()
    if (outcome === "halted") refusedAt ??= at
    const line: HaltAnswer = { at: String(at), outcome }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
})

const work = Effect.gen(function* () {
  yield* (yield* Broker).reconcile
  yield* Effect.promise(ready)
  yield* Effect.forEach(
    Array.from({ length: told.together }, (_, lane) => lane),
    () => again,
    { concurrency: told.together, discard: true }
  )
}).pipe(Effect.provide(raceDesk(told, loose, `submitter-${told.number}`)))

await Effect.runPromise(work)
