/** Runs a hook as Claude Code does: its command, its environment, its timeout, an event on standard input. */
import { type ChildProcess, spawn } from "node:child_process"
import { Effect } from "effect"
import type { HookHandler } from "./SettingsFile.ts"

export interface HookSurroundings {
  /** The project's folder, absolute; the hook runs in it. */
  readonly project: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Waited for at most, in milliseconds, also when its own timeout is longer. */
  readonly longestMillis: number
}

/** How a hook ended. */
export interface HookRun {
  /** Undefined when a signal ended it, or when it never began. */
  readonly code: number | undefined
  readonly out: string
  readonly err: string
  /** What kept it from ending by itself: it could not be started, took too long, or was killed. */
  readonly problem: string | undefined
  readonly millis: number
}

/** What the client waits for a hook that names no timeout, in seconds. */
const DEFAULT_TIMEOUT_SECONDS = 600

/** More of what a hook writes is not read. */
const MAX_OUTPUT = 64 * 1024

/** What a process writes is waited for so long after its end: a child of its own may have kept the pipe. */
const AFTER_END_MILLIS = 200

/** `${CLAUDE_PROJECT_DIR}` in a command that no shell expands. */
const placed = (text: string, environment: HookSurroundings["environment"]): string =>
  text.replaceAll(
    /\$\{(?<name>CLAUDE_PROJECT_DIR|CLAUDE_PLUGIN_ROOT)\}/gu,
    (whole, name: string) => environment[name] ?? whole
  )

const started = (
  { args, command = "" }: HookHandler,
  { environment, project }: HookSurroundings
): ChildProcess => {
  const options = { cwd: project, env: environment, stdio: "pipe", detached: true } as const
  return args === undefined
    ? spawn("/bin/sh", ["-c", command], options)
    : spawn(
        placed(command, environment),
        args.map((arg) => placed(arg, environment)),
        options
      )
}

/** With everything it has started. */
const kill = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has gone already.
  }
}

const collected = (stream: ChildProcess["stdout"]): (() => string) => {
  let text = ""
  stream?.on("data", (chunk) => {
    if (text.length < MAX_OUTPUT) text = `${text}${String(chunk)}`.slice(0, MAX_OUTPUT)
  })
  stream?.on("error", () => undefined)
  return () => text
}

/** Never fails: what goes wrong is in `problem`. Interrupted, the hook is killed. */
export const runHookProcess = (
  handler: HookHandler,
  event: unknown,
  given: HookSurroundings
): Effect.Effect<HookRun> =>
  Effect.callback<HookRun>((resume) => {
    const at = performance.now()
    const surroundings = {
      ...given,
      environment: { ...given.environment, CLAUDE_PROJECT_DIR: given.project }
    }
    const ended = (run: Pick<HookRun, "code" | "problem">, out: string, err: string): void =>
      resume(Effect.succeed({ ...run, out, err, millis: Math.round(performance.now() - at) }))
    let child: ChildProcess
    try {
      child = started(handler, surroundings)
    } catch (cause) {
      const problem = `it could not be started (${cause instanceof Error ? cause.message : String(cause)})`
      ended({ code: undefined, problem }, "", "")
      return undefined
    }
    const out = collected(child.stdout)
    const err = collected(child.stderr)
    const end = (run: Pick<HookRun, "code" | "problem">): void => {
      clearTimeout(timer)
      ended(run, out(), err())
    }
    const waitMillis = Math.min(
      given.longestMillis,
      (handler.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000
    )
    const timer = setTimeout(() => {
      kill(child)
      end({ code: undefined, problem: `it took longer than ${waitMillis / 1_000} s` })
    }, waitMillis)
    const afterExit = (code: number | null, signal: string | null): void =>
      end(
        code === null
          ? { code: undefined, problem: `it was killed (${signal ?? "by nobody knows what"})` }
          : { code, problem: undefined }
      )
    child.on("error", ({ message }) =>
      end({ code: undefined, problem: `it could not be started (${message})` })
    )
    child.on("close", afterExit)
    child.on("exit", (code, signal) => {
      setTimeout(() => {
        kill(child)
        afterExit(code, signal)
      }, AFTER_END_MILLIS).unref()
    })
    child.stdin?.on("error", () => undefined)
    child.stdin?.end(JSON.stringify(event))
    return Effect.sync(() => {
      clearTimeout(timer)
      kill(child)
    })
  })
