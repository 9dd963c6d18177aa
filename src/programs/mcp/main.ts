/** `plimsoll mcp NAME`: a server on standard input and output. Standard output carries the protocol and nothing else. */
import { Console } from "node:console"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { Deferred, Effect, Layer, Path } from "effect"
import { surroundings, holder } from "../cli/Surroundings.ts"
import { err } from "../cli/Terminal.ts"
import * as Warnings from "../cli/Warnings.ts"
import { openedDesk } from "./kit/OpenedDesk.ts"
import { serve } from "./kit/McpServer.ts"
import type { ServerName } from "./ServerNames.ts"
import { serverNamed } from "./Servers.ts"

/** A message of a client is at most this long. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

const platform = Layer.mergeAll(NodeFileSystem.layer, Path.layer, Warnings.layer)

/** Serves until the client closes its end, or the process is told to stop. */
const program = (name: ServerName, options: { readonly requirePermit: boolean }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const ended = yield* Deferred.make<void>()
      const end = () => Deferred.doneUnsafe(ended, Effect.void)
      process.stdin.once("end", end)
      process.stdin.once("close", end)
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end)
      // A client that is gone reads no answer.
      process.stdout.on("error", end)
      const { folder } = surroundings()
      const definition = yield* serverNamed(name, options)
      const transport = new StdioServerTransport(process.stdin, process.stdout, {
        maxBufferSize: MAX_MESSAGE_BYTES
      })
      const desk = yield* openedDesk(folder, holder())
      const { drained, server } = yield* serve(definition, desk, transport)
      Object.assign(server, {
        onerror: (error: Error) => err(`plimsoll mcp ${name}: ${error.message.slice(0, 500)}`),
        onclose: end
      })
      yield* Deferred.await(ended)
      yield* drained
    })
  ).pipe(Effect.provide(platform))

export const run = (name: ServerName, options: { readonly requirePermit: boolean }): void => {
  // A stray message of a library must not become a line of the protocol.
  globalThis.console = new Console(process.stderr, process.stderr)
  void Effect.runPromise(program(name, options)).then(
    () => process.exit(0),
    (error: unknown) => {
      err(`plimsoll mcp ${name}: ${error instanceof Error ? error.message : String(error)}`)
      process.exit(1)
    }
  )
}
