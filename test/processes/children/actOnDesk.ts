/**
 * Opens a project's desk, makes it when there is none, acts on it by a seed, and dies.
 *
 * Argument: `Acting` as JSON.
 */
import { flushCompileCache } from "node:module"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { ready } from "../../support/ChildProcess.ts"
import { numbers } from "../../support/Numbers.ts"
import { openLog } from "../ActLog.ts"
import { anyKind, prepare } from "../Acts.ts"
import { Acting } from "../Acting.ts"
import { die, watchCalls } from "../Deaths.ts"
import { projectDesk, setUp } from "../ProjectDesk.ts"

const acting = Schema.decodeUnknownSync(Schema.fromJsonString(Acting))(process.argv[2])
const { death, first, project, seed } = acting
const log = openLog(acting.log)
const draw = numbers(seed)

// A killed process writes none on its way out.
flushCompileCache()
await ready()
const calls = watchCalls()

const oneAct = Effect.fnUntraced(function* (n: number, kind: ReturnType<typeof anyKind>) {
  const { intent, run } = yield* prepare(kind, n, draw, acting.prefix)
  log({ intent })
  if (death._tag === "At" && n === first + death.acts) calls.arm(death.call)
  const before = calls.counted()
  const answer = yield* run
  log({ answer: { n, ...answer, calls: calls.counted() - before } })
})

/** More than a process does before it is killed from outside. */
const MANY = 2000

const life = Effect.gen(function* () {
  yield* setUp
  log({ answer: { n: first, outcome: "done", calls: calls.counted() } })
  const acts = death._tag === "At" ? death.acts + death.after : MANY
  for (let i = 1; i <= acts; i++) {
    yield* oneAct(
      first + i,
      death._tag === "At" && i === death.acts && death.kind !== "open" ? death.kind : anyKind(draw)
    )
  }
  die()
}).pipe(
  Effect.provide(projectDesk(project, `acting-${process.pid}`).pipe(Layer.provideMerge(NodeServices.layer)))
)

log({ intent: { n: first, kind: "open" } })
if (death._tag === "At" && death.kind === "open") calls.arm(death.call)
await Effect.runPromise(life)
