/** Hooks as the client runs them: a process that gets an event on standard input and answers. */
import { spawn, type StdioOptions } from "node:child_process"
import { fileURLToPath } from "node:url"
import { bundled } from "../../support/BundledScript.ts"

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface Asked {
  /** Standard input; `null` leaves it open. */
  readonly stdin: string | null
  readonly args?: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** What a hook finds around it, and nothing of the tests' own environment. */
export const bareEnvironment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  ...extra
})

export const startProcess = (
  command: string,
  args: ReadonlyArray<string>,
  {
    environment,
    cwd,
    stdio = ["pipe", "pipe", "pipe"]
  }: {
    readonly environment: Readonly<Record<string, string>>
    readonly cwd?: string
    readonly stdio?: StdioOptions
  }
) => {
  const child = spawn(command, args, { env: environment, cwd, stdio })
  let stdout = ""
  let stderr = ""
  child.stdout?.on("data", (chunk) => (stdout += String(chunk)))
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)))
  // A hook may end before it has read all.
  child.stdin?.on("error", () => {})
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  /** Resolves when the process has said `text` on standard error. */
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve()
      }
      child.stderr?.on("data", look)
      child.once("close", () => reject(new Error(`it ended before it said ${text}: ${stderr}`)))
      look()
    })
  return { child, ended, said }
}

/** Runs a hook's entry, a URL made with `new URL("…", import.meta.url)`, and waits for its end. */
export const runHookScript = async (
  script: URL,
  { stdin, args = [], environment = {}, cwd }: Asked
): Promise<Ended> => {
  const path = fileURLToPath(await bundled(script))
  const { child, ended } = startProcess(process.execPath, [path, ...args], {
    environment: bareEnvironment(environment),
    ...(cwd === undefined ? {} : { cwd })
  })
  if (stdin !== null) child.stdin?.end(stdin)
  const end = await ended
  child.stdin?.destroy()
  return end
}

export const toolEventOf = (
  event: string,
  toolName: string,
  toolInput: unknown,
  more: Readonly<Record<string, unknown>> = {}
): Record<string, unknown> => ({
  session_id: "session-1",
  transcript_path: "/tmp/t.jsonl",
  cwd: "/tmp",
  permission_mode: "default",
  hook_event_name: event,
  tool_name: toolName,
  tool_input: toolInput,
  tool_use_id: "toolu_1",
  ...more
})
