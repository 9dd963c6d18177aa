/** The hook at the start of a session, as the client starts it: its bundle, in a process of its own. */
import { spawn } from "node:child_process"
import { join, resolve } from "node:path"

const bundle = join(resolve(import.meta.dirname, "../../../.."), "dist/hooks/load-context.cjs")

export interface Begun {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** What the person is shown; empty without an answer. */
  readonly banner: string
  /** What the model is told. */
  readonly context: string
}

const textAt = (value: unknown, ...path: ReadonlyArray<string>): string => {
  let at = value
  for (const part of path) at = typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined
  return typeof at === "string" ? at : ""
}

/** Begins a session in `project`; `event` is more of its event. */
export const beginSession = (
  project: string,
  event: object = {},
  environment: NodeJS.ProcessEnv = {}
): Promise<Begun> =>
  new Promise((done) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", bundle], {
      cwd: "/",
      env: {
        ...process.env,
        CLAUDE_CONFIG_DIR: join(project, "nowhere"),
        CLAUDE_PROJECT_DIR: project,
        ...environment
      },
      stdio: "pipe"
    })
    let out = ""
    let err = ""
    child.stdout.on("data", (chunk) => (out += String(chunk)))
    child.stderr.on("data", (chunk) => (err += String(chunk)))
    child.on("close", (code) => {
      const answer: unknown = out === "" ? undefined : JSON.parse(out)
      done({
        code,
        out,
        err,
        banner: textAt(answer, "systemMessage"),
        context: textAt(answer, "hookSpecificOutput", "additionalContext")
      })
    })
    child.stdin.end(
      JSON.stringify({
        session_id: "s",
        transcript_path: "/dev/null",
        cwd: project,
        hook_event_name: "SessionStart",
        source: "startup",
        ...event
      })
    )
  })
