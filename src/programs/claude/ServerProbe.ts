/** Starts a server as `.mcp.json` says, says hello, and asks for its tools. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { Effect } from "effect"
import { version } from "../Version.ts"
import { expanded, type McpEntry } from "./McpConfig.ts"

export type Probed =
  | {
      readonly _tag: "Answered"
      readonly tools: ReadonlyArray<string>
      /** From its start to the answer to `initialize`. */
      readonly millis: number
    }
  | { readonly _tag: "Silent"; readonly problem: string }

/** A server is waited for at most. */
const LONGEST_MILLIS = 3_000

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const defined = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )

/** Never fails. The server has ended, or is told to, when it returns. */
export const probeServer = (
  entry: McpEntry,
  options: {
    /** Absolute; the server runs in it. */
    readonly project: string
    readonly environment: Readonly<Record<string, string | undefined>>
  }
): Effect.Effect<Probed> =>
  Effect.promise(async (signal) => {
    const environment = { ...options.environment, CLAUDE_PROJECT_DIR: options.project }
    const given = Object.entries(entry.environment).map(([name, value]) => [
      name,
      expanded(value, environment)
    ])
    const transport = new StdioClientTransport({
      command: expanded(entry.command, environment),
      args: entry.args.map((arg) => expanded(arg, environment)),
      cwd: options.project,
      env: { ...defined(environment), ...Object.fromEntries(given) },
      stderr: "pipe"
    })
    let said = ""
    transport.stderr?.on("data", (chunk) => (said = `${said}${String(chunk)}`.slice(0, 2_000)))
    const client = new Client({ name: "plimsoll-doctor", version })
    const at = performance.now()
    try {
      await client.connect(transport, { signal, timeout: LONGEST_MILLIS })
      const millis = Math.round(performance.now() - at)
      const { tools } = await client.listTools({}, { signal, timeout: LONGEST_MILLIS })
      return { _tag: "Answered", tools: tools.map(({ name }) => name), millis } as const
    } catch (cause) {
      const [first = ""] = said.trim().split("\n")
      return {
        _tag: "Silent",
        problem: first === "" ? messageOf(cause) : `${messageOf(cause)}; it said: ${first}`
      } as const
    } finally {
      // What it is asked to end for it may take its time for; nobody waits.
      void client.close().catch(() => undefined)
    }
  })
