/** `health_check`, the same in every server: does the desk open, and how have the calls gone. */
import { Clock, Effect, Metric, Option, Result, Schema } from "effect"
import { toIso } from "../../../domain/Timestamp.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { version } from "../../Version.ts"
import type { OpenedDesk } from "./OpenedDesk.ts"
import { type Tool, tool } from "./Tool.ts"

export type HealthTool = Tool<never>

const Output = Schema.Struct({
  server: Schema.String,
  version: Schema.String,
  status: Schema.Literals(["ok", "failing"]),
  /** Why it fails; null when it does not. */
  problem: Schema.NullOr(Schema.String),
  deskFolder: Schema.String,
  tradingMode: Schema.Literal("paper"),
  tradingState: Schema.NullOr(Schema.String),
  /** Market time. */
  asOf: Schema.NullOr(Schema.String),
  uptimeSeconds: Schema.Finite,
  calls: Schema.Array(
    Schema.Struct({
      tool: Schema.String,
      calls: Schema.Finite,
      failures: Schema.Finite,
      meanMs: Schema.Finite
    })
  )
})

interface Counts {
  calls: number
  failures: number
  meanMs: number
}

/** Calls so far in this process, by tool. */
const countsByTool = Effect.map(Metric.snapshot, (metrics) => {
  const counts = new Map<string, Counts>()
  const of = (tool: string): Counts => {
    const known = counts.get(tool) ?? { calls: 0, failures: 0, meanMs: 0 }
    counts.set(tool, known)
    return known
  }
  for (const metric of metrics) {
    const name = metric.attributes?.["tool"]
    if (name === undefined) continue
    if (metric.type === "Counter" && metric.id === "plimsoll_mcp_calls")
      of(name).calls = Number(metric.state.count)
    if (metric.type === "Counter" && metric.id === "plimsoll_mcp_failures")
      of(name).failures = Number(metric.state.count)
    if (metric.type === "Histogram" && metric.id === "plimsoll_mcp_duration" && metric.state.count > 0)
      of(name).meanMs = Number((metric.state.sum / metric.state.count).toFixed(1))
  }
  return Array.from(counts, ([tool, count]) => ({ tool, ...count }))
})

/** The desk as it stands, and why no order passes where no limits are in force. */
const look = Effect.gen(function* () {
  const view = yield* DeskView
  const status = yield* view.status
  const noLimits = yield* view.limits.pipe(
    Effect.match({ onFailure: ({ message }) => message, onSuccess: () => undefined })
  )
  return { status, noLimits }
})

/** `startedMillis`: when the server started, by the computer's clock. */
export const healthTool = (server: string, desk: OpenedDesk, startedMillis: number): HealthTool =>
  tool({
    name: "health_check",
    title: "Health check",
    description: "Whether this server and its desk work, why not, and how its calls have gone.",
    annotations: { readOnly: true },
    input: Schema.Struct({}),
    output: Output,
    next: {},
    handle: Effect.fnUntraced(function* () {
      const now = yield* Clock.currentTimeMillis
      const looked = yield* Effect.result(
        Effect.flatMap(desk.services, (services) => Effect.provideContext(look, services))
      )
      const status = Option.map(Result.getSuccess(looked), ({ status: one }) => one)
      const problem = Result.match(looked, {
        onFailure: ({ message }) => message,
        onSuccess: ({ noLimits }) => noLimits
      })
      return {
        server,
        version,
        status: problem === undefined ? ("ok" as const) : ("failing" as const),
        problem: problem?.slice(0, 2000) ?? null,
        deskFolder: desk.folder.home,
        tradingMode: "paper" as const,
        tradingState: Option.match(status, { onNone: () => null, onSome: (one) => one.tradingState }),
        asOf: Option.match(status, { onNone: () => null, onSome: (one) => toIso(one.now) }),
        uptimeSeconds: Math.round((now - startedMillis) / 1000),
        calls: yield* countsByTool
      }
    }),
    text: ({ problem, server, status }) => `${server}: ${status}${problem === null ? "" : `: ${problem}`}`
  })
