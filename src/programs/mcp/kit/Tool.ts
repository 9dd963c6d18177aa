/**
 * A tool is one value: what it is called and does, what it takes and gives,
 * how it can fail and what to do then, and its effect. The protocol's schemas,
 * the strict decoding, the answers and the telemetry all come from it.
 */
import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/sdk/types.js"
import { Cause, Clock, Duration, Effect, Metric, Result, Schema } from "effect"
import { type Failure, answered, failed } from "./Answer.ts"
import { argumentsDecoder } from "./Arguments.ts"
import { type ObjectSchema, wireSchemaOf } from "./WireSchema.ts"
import { toWire } from "./Wire.ts"

/** What a handler knows of its call besides the arguments. */
export interface Call {
  /** The client's own name for the call (`tool_use_id`), where it tells one. */
  readonly callId: string | undefined
  /** The arguments as they came over the wire. */
  readonly wireArguments: unknown
  /** Tells the client how far a long call is; a client that did not ask hears nothing. */
  readonly progress: (done: number, total: number, message: string) => Effect.Effect<void>
  /** Keeps a defect whole where a person finds it; gives it in a line. */
  readonly report: (cause: Cause.Cause<unknown>) => Effect.Effect<string>
}

/** A call that comes from no client: a tool asked by our own code. */
export const innerCall = (wireArguments: unknown): Call => ({
  callId: undefined,
  wireArguments,
  progress: () => Effect.void,
  report: (cause) => Effect.succeed(`this is a bug in plimsoll: ${Cause.pretty(cause).split("\n")[0]}`)
})

/** What to do about each failure, by its tag: the type asks for all of them. */
export type NextSteps<E extends Failure> = { readonly [Tag in E["_tag"]]: string }

interface Definition<
  I extends Schema.ConstraintDecoder<unknown>,
  O extends Schema.ConstraintEncoder<unknown>,
  E extends Failure,
  R
> {
  /** snake_case. */
  readonly name: string
  readonly title: string
  /** For the model: what it gives, and when to use it. Short. */
  readonly description: string
  readonly annotations: {
    readonly readOnly: boolean
    /** May undo or end something. */
    readonly destructive?: boolean
    /** The same call again changes nothing more. */
    readonly idempotent?: boolean
  }
  /** It works on a desk whose prices cannot be read: what takes risk away must. */
  readonly evenWithoutMarket?: true
  readonly input: I
  readonly output: O
  readonly next: NextSteps<E>
  readonly handle: (input: I["Type"], call: Call) => Effect.Effect<O["Type"], E, R>
  /** The answer in a line or two. */
  readonly text: (output: O["Type"]) => string
  /** What else of a failure is worth telling. */
  readonly details?: (failure: E) => unknown
}

/** A tool as a server serves it. */
export interface Tool<R> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: ToolAnnotations
  /** It works on a desk whose prices cannot be read. */
  readonly evenWithoutMarket: boolean
  readonly input: () => ObjectSchema
  readonly output: () => ObjectSchema
  /** Each failure's tag, and what to do about it. */
  readonly next: Readonly<Record<string, string>>
  readonly call: (call: Call) => Effect.Effect<CallToolResult, never, R>
}

const calls = Metric.counter("plimsoll_mcp_calls", { description: "calls of MCP tools", incremental: true })
const failures = Metric.counter("plimsoll_mcp_failures", {
  description: "calls of MCP tools that ended in a failure",
  incremental: true
})
const durations = Metric.timer("plimsoll_mcp_duration", { description: "how long calls of MCP tools took" })

const remembered = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}

/** A defect is told as a bug, and ends nothing but its call. */
const bug = (message: string) =>
  failed(
    { _tag: "Bug", message },
    "look at what has come of it (get_orders, get_positions) before you try again, and tell a person.",
    undefined
  )

/** A call measured: a span, its count, its failures and its duration, by tool. */
const measured =
  (tool: string) =>
  <E, R>(work: Effect.Effect<CallToolResult, E, R>): Effect.Effect<CallToolResult, E, R> =>
    Effect.gen(function* () {
      const attributes = { tool }
      const started = yield* Clock.monotonicTimeNanos
      const result = yield* work
      const ended = yield* Clock.monotonicTimeNanos
      yield* Metric.update(Metric.withAttributes(calls, attributes), 1)
      yield* Metric.update(Metric.withAttributes(durations, attributes), Duration.nanos(ended - started))
      if (result.isError === true) yield* Metric.update(Metric.withAttributes(failures, attributes), 1)
      return result
    }).pipe(Effect.withSpan(`mcp.${tool}`))

/** Makes a tool of its definition. Its schemas are made when they are first wanted. */
export const tool = <
  I extends Schema.ConstraintDecoder<unknown>,
  O extends Schema.ConstraintEncoder<unknown>,
  E extends Failure,
  R
>(
  definition: Definition<I, O, E, R>
): Tool<R> => {
  const { annotations, description, details, handle, input, name, next, output, text, title } = definition
  const wireInput = remembered(() => wireSchemaOf(input))
  const decoder = remembered(() => argumentsDecoder(name, input, wireInput))
  const encoder = remembered(() => Schema.encodeUnknownEffect(Schema.toCodecJson(output)))

  const answer = (call: Call): Effect.Effect<CallToolResult, never, R> => {
    const decoded = decoder()(call.wireArguments)
    if (Result.isFailure(decoded)) {
      return Effect.succeed(
        failed(decoded.failure, "call it again with arguments as it takes them.", undefined)
      )
    }
    return handle(decoded.success, call).pipe(
      Effect.flatMap((value) =>
        Effect.map(Effect.orDie(encoder()(value)), (encoded) => answered(name, toWire(encoded), text(value)))
      ),
      Effect.catch((failure) => Effect.succeed(failed(failure, nextOf(next, failure), details?.(failure))))
    )
  }

  return {
    name,
    title,
    description,
    evenWithoutMarket: definition.evenWithoutMarket === true,
    annotations: {
      title,
      readOnlyHint: annotations.readOnly,
      destructiveHint: annotations.destructive ?? false,
      idempotentHint: annotations.idempotent ?? annotations.readOnly,
      // The desk is on this machine: no tool reaches further.
      openWorldHint: false
    },
    input: wireInput,
    output: remembered(() => wireSchemaOf(output)),
    next,
    call: (call) =>
      answer(call).pipe(
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : Effect.map(call.report(cause), bug)
        ),
        measured(name)
      )
  }
}

const nextOf = (next: Readonly<Record<string, string>>, { _tag }: Failure): string => next[_tag] ?? ""
