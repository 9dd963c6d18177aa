/** A server of the Model Context Protocol, from a list of tools and resources. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import {
  CallToolRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  type Progress,
  ReadResourceRequestSchema
} from "@modelcontextprotocol/sdk/types.js"
import { Clock, type Context, Effect, Exit } from "effect"
import { nearest } from "../../../domain/Nearest.ts"
import { fromMillis, toIso } from "../../../domain/Timestamp.ts"
import { reportBug } from "../../cli/Failures.ts"
import { err } from "../../cli/Terminal.ts"
import { version } from "../../Version.ts"
import { failed, MAX_ANSWER } from "./Answer.ts"
import { healthTool } from "./HealthTool.ts"
import type { DeskServices, DeskUnavailable, OpenedDesk } from "./OpenedDesk.ts"
import { idIn, isTemplate, type Resource } from "./Resource.ts"
import type { Call, Tool } from "./Tool.ts"
import { toWire } from "./Wire.ts"

/** A server as it is defined. */
export interface ServerDefinition {
  /** "broker": how it is called on the command line and in `.mcp.json`. */
  readonly name: string
  readonly title: string
  /** For the model, once, when it connects. */
  readonly instructions: string
  readonly tools: ReadonlyArray<Tool<DeskServices>>
  readonly resources: ReadonlyArray<Resource<DeskServices>>
}

const deskNext =
  "health_check says how the desk stands; a person may have to run `plimsoll init` or `plimsoll doctor`. No order was sent."

const closed = (error: DeskUnavailable) => failed(error, deskNext, undefined)

/** The client's own name of a call. */
const callIdOf = (meta: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const id = meta?.["claudecode/toolUseId"]
  return typeof id === "string" && id !== "" ? id : undefined
}

type Notify = (progress: Progress & { readonly progressToken: string | number }) => Promise<void>

const progressOf = (token: string | number | undefined, notify: Notify): Call["progress"] =>
  token === undefined
    ? () => Effect.void
    : (done, total, message) =>
        // A client that is gone hears nothing: the call itself is interrupted by its signal.
        Effect.promise(() =>
          notify({ progressToken: token, progress: done, total, message }).catch(() => undefined)
        )

/** What is on its way when the client leaves is finished, unless it takes longer. */
const LONGEST_DRAIN_SECONDS = 3

/**
 * Serves a definition on a transport until it closes. Calls run side by side,
 * each interrupted by its own request's signal. `drained` waits for those under
 * way when nothing more is to come.
 */
export const serve = Effect.fnUntraced(function* (
  definition: ServerDefinition,
  desk: OpenedDesk,
  transport: Transport
) {
  const context: Context.Context<never> = yield* Effect.context<never>()
  const runNow = Effect.runPromiseExitWith(context)
  const running = new Set<Promise<unknown>>()
  const run: typeof runNow = (work, options) => {
    const call = runNow(work, options)
    running.add(call)
    void call.finally(() => running.delete(call))
    return call
  }
  const { tools } = definition
  const health = healthTool(definition.name, desk, yield* Clock.currentTimeMillis)
  const listed = [...tools, health]
  const byName = new Map(tools.map((tool) => [tool.name, tool]))

  const server = new Server(
    { name: `plimsoll-${definition.name}`, title: definition.title, version },
    { capabilities: { tools: {}, resources: {} }, instructions: definition.instructions }
  )

  const onDesk = <A>(
    work: Effect.Effect<A, never, DeskServices>,
    { evenWithoutMarket }: { readonly evenWithoutMarket: boolean }
  ): Effect.Effect<A, DeskUnavailable> =>
    Effect.flatMap(evenWithoutMarket ? desk.anyhow : desk.services, (services) =>
      Effect.provideContext(work, services)
    )

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: listed.map(({ annotations, description, input, name, output, title }) => ({
      name,
      title,
      description,
      inputSchema: { ...input(), required: [...input().required] },
      outputSchema: { ...output(), required: [...output().required] },
      annotations
    }))
  }))

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { _meta: meta, arguments: wireArguments = {}, name } = params
    const call: Call = {
      callId: callIdOf(meta),
      wireArguments,
      report: (cause) =>
        Effect.map(Clock.currentTimeMillis, (millis) => {
          const { lines } = reportBug(cause, desk.folder, toIso(fromMillis(millis)))
          for (const line of lines) err(line)
          return lines.join(" ")
        }),
      progress: progressOf(meta?.progressToken, (progress) =>
        extra.sendNotification({ method: "notifications/progress", params: progress })
      )
    }
    const tool = byName.get(name)
    if (tool === undefined && name !== health.name) {
      const names = listed.map((one) => one.name)
      throw new McpError(
        ErrorCode.InvalidParams,
        `no tool "${name.slice(0, 100)}" in ${definition.name}; did you mean ${nearest(name, names, 1).join("")}? There are ${names.join(", ")}`
      )
    }
    const work =
      tool === undefined
        ? health.call(call)
        : onDesk(tool.call(call), tool).pipe(Effect.catch((error) => Effect.succeed(closed(error))))
    const exit = await run(work, { signal: extra.signal })
    if (Exit.isSuccess(exit)) return exit.value
    throw new McpError(ErrorCode.InternalError, "the call was canceled")
  })

  const { resources } = definition
  const described = ({ description, name, title }: Resource<DeskServices>) => ({
    name,
    title,
    description,
    mimeType: "application/json"
  })
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: resources.filter((one) => !isTemplate(one)).map((one) => ({ uri: one.uri, ...described(one) }))
  }))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: resources
      .filter(isTemplate)
      .map((one) => ({ uriTemplate: one.uri, ...described(one) }))
  }))
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }, extra) => {
    const { uri } = params
    for (const resource of resources) {
      const id = idIn(resource.uri, uri)
      if (id === undefined) continue
      const read = resource.read(id).pipe(
        Effect.match({
          onSuccess: (value) => ({ text: JSON.stringify(toWire(value)) }),
          onFailure: ({ _tag, message }) => ({ error: `${_tag}: ${message}` })
        })
      )
      const exit = await run(
        onDesk(read, { evenWithoutMarket: true }).pipe(
          Effect.catch(({ message }) => Effect.succeed({ error: `DeskUnavailable: ${message}` }))
        ),
        { signal: extra.signal }
      )
      if (Exit.isFailure(exit)) throw new McpError(ErrorCode.InternalError, "the resource could not be read")
      if ("error" in exit.value) throw new McpError(ErrorCode.InternalError, exit.value.error)
      const { text } = exit.value
      if (text.length > MAX_ANSWER) {
        throw new McpError(
          ErrorCode.InternalError,
          `${uri} has ${text.length} characters, more than ${MAX_ANSWER}: ask the tools, which answer in pages`
        )
      }
      return { contents: [{ uri, mimeType: "application/json", text }] }
    }
    throw new McpError(
      ErrorCode.InvalidParams,
      `no resource ${uri.slice(0, 200)}; there are ${resources.map((one) => one.uri).join(", ") || "none"}`
    )
  })

  // Not before the client has its answer: opening the desk takes longer than saying hello.
  Object.assign(server, { oninitialized: () => void run(desk.warm) })
  yield* Effect.acquireRelease(
    Effect.promise(() => server.connect(transport)),
    () => Effect.promise(() => server.close())
  )
  const drained = Effect.promise(() => Promise.allSettled(running)).pipe(
    Effect.timeoutOption(`${LONGEST_DRAIN_SECONDS} seconds`),
    Effect.asVoid
  )
  return { server, drained }
})
