/** A server on a desk of its own in a temporary folder, and the SDK's client beside it, in one process. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js"
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Layer, Scope } from "effect"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import * as Warnings from "../../../src/programs/cli/Warnings.ts"
import { MAX_ANSWER } from "../../../src/programs/mcp/kit/Answer.ts"
import { serve, type ServerDefinition } from "../../../src/programs/mcp/kit/McpServer.ts"
import { openedDesk, type DeskServices } from "../../../src/programs/mcp/kit/OpenedDesk.ts"

const platform = Layer.mergeAll(NodeServices.layer, Warnings.layer)

export interface Answered {
  /** What a program reads of a success. */
  readonly value: Readonly<Record<string, unknown>>
  /** The texts, one after the other. */
  readonly text: string
  readonly isError: boolean
}

const isText = (block: CallToolResult["content"][number]): block is Extract<typeof block, { type: "text" }> =>
  block.type === "text"

export interface ServedDesk {
  readonly folder: string
  readonly client: Client
  /** Calls a tool; an answer that is too long fails the test. */
  readonly call: (
    name: string,
    args?: Readonly<Record<string, unknown>>,
    callId?: string
  ) => Promise<Answered>
  /** Runs an effect on the server's own desk. */
  readonly onDesk: <A, E>(work: Effect.Effect<A, E, DeskServices>) => Promise<A>
  readonly close: () => Promise<void>
}

/** A project folder with a configuration and no desk yet. */
export const newProject = (config: unknown = { market: { source: "embedded" } }): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-mcp-")))
  writeFileSync(join(folder, "plimsoll.json"), typeof config === "string" ? config : JSON.stringify(config))
  return folder
}

/** Serves `definition` on the desk of `folder`; closing leaves the folder unless it was made here. */
export const serveDesk = async (
  definition: ServerDefinition,
  options: { readonly folder?: string; readonly config?: unknown } = {}
): Promise<ServedDesk> => {
  const folder = options.folder ?? newProject(options.config)
  const scope = Effect.runSync(Scope.make())
  const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair()
  const started = Effect.gen(function* () {
    const desk = yield* openedDesk(deskFolderAt(folder, undefined), `test-${process.pid}-${definition.name}`)
    yield* serve(definition, desk, serverEnd)
    return desk
  }).pipe(Effect.provideService(Scope.Scope, scope), Effect.provide(platform))
  const desk = await Effect.runPromise(started)
  const client = new Client({ name: "test", version: "1" })
  await client.connect(clientEnd)
  // The client checks structured answers against the output schemas it has been told.
  await client.listTools()

  return {
    folder,
    client,
    call: async (name, args = {}, callId) => {
      const result = await client.callTool({
        name,
        arguments: { ...args },
        ...(callId === undefined ? {} : { _meta: { "claudecode/toolUseId": callId } })
      })
      const length = JSON.stringify(result).length
      if (length > MAX_ANSWER) throw new Error(`${name} answered with ${length} characters`)
      const content = Array.isArray(result.content) ? result.content : []
      return {
        value:
          result.structuredContent && typeof result.structuredContent === "object"
            ? { ...result.structuredContent }
            : {},
        text: content
          .filter(isText)
          .map((block: { readonly text: string }) => block.text)
          .join("\n"),
        isError: result.isError === true
      }
    },
    onDesk: (work) =>
      Effect.runPromise(
        Effect.flatMap(desk.services, (services) => Effect.provideContext(work, services)).pipe(
          Effect.provide(Warnings.layer)
        )
      ),
    close: async () => {
      await client.close()
      await Effect.runPromise(Scope.close(scope, Exit.void))
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    }
  }
}
