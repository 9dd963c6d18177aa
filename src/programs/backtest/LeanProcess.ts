/**
 * Runs `lean` as a process of its own group, and ends all of it.
 *
 * `lean` starts a container and listens for SIGINT alone: then it kills the
 * container and goes. SIGTERM would end `lean` and leave the container running.
 * So a run is ended by SIGINT; what is still there some seconds later by
 * SIGTERM and then SIGKILL, children that left the group included; and the
 * container by its name, which `lean` writes into the output folder, in case
 * nobody else came to that.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect, Schema } from "effect"

export interface LeanCommand {
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The output folder, where the container's name will be. */
  readonly output: string
  readonly onLine: (line: string) => void
  /** What it has after each signal, when it is ended. */
  readonly patienceMillis: number
}

export type LeanEnd =
  | { readonly _tag: "Exited"; readonly code: number }
  | { readonly _tag: "Killed"; readonly signal: string }
  | { readonly _tag: "NotStarted"; readonly why: string }

/** Waited for between looks whether all of it is gone. */
const LOOK_AGAIN_MILLIS = 50
/** Output that comes after the process's own end: a child of its own may have kept the pipe. */
const AFTER_END_MILLIS = 300
/** A line that does not end is cut. */
const MAX_UNFINISHED = 65_536
/** `docker kill` is not waited for longer. */
const PATIENCE_DOCKER_MILLIS = 10_000

/** A reader that hands on whole lines, and what is left at the end. */
const lineReader = (onLine: (line: string) => void) => {
  const decoder = new TextDecoder()
  let rest = ""
  return {
    take: (chunk: Uint8Array): void => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n|\r/u)
      rest = lines.pop() ?? ""
      for (const line of lines) onLine(line)
      if (rest.length > MAX_UNFINISHED) {
        onLine(rest)
        rest = ""
      }
    },
    end: (): void => {
      if (rest !== "") onLine(rest)
      rest = ""
    }
  }
}

interface Running {
  readonly pid: number
  readonly parent: number
  readonly group: number
}

/** What runs, of all users; undefined where the system does not tell. What has ended and is only not waited for does not run. */
const running = (): ReadonlyArray<Running> | undefined => {
  try {
    return readdirSync("/proc").flatMap((name) => {
      if (!/^\d+$/u.test(name)) return []
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8")
        // "pid (name) state parent group …": the name may hold anything, blanks and parentheses too.
        const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
        return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent), group: Number(group) }]
      } catch {
        // It has ended meanwhile.
        return []
      }
    })
  } catch {
    return undefined
  }
}

/** Those of `known` that still run, the group of `leader`, and all their descendants. */
const family = (
  all: ReadonlyArray<Running>,
  leader: number,
  known: ReadonlySet<number>
): ReadonlySet<number> => {
  const found = new Set(all.flatMap(({ group, pid }) => (group === leader || known.has(pid) ? [pid] : [])))
  let size = -1
  while (size !== found.size) {
    size = found.size
    for (const { parent, pid } of all) if (found.has(parent)) found.add(pid)
  }
  return found
}

const send = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    // It is gone, or it is another user's (`lean` may have asked sudo for Docker).
    return false
  }
}

/** Ends the group of `leader` and what has left it: by SIGINT, then by what is harder to overhear. */
const endTree = async (leader: number, patienceMillis: number): Promise<void> => {
  let known: ReadonlySet<number> = new Set([leader])
  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    const all = running()
    // Where nothing tells what runs, the group has to do.
    known = all === undefined ? new Set([-leader]) : family(all, leader, known)
    for (const pid of known) send(pid, signal)
    for (let waited = 0; waited < patienceMillis; waited += LOOK_AGAIN_MILLIS) {
      const now = running()
      const left =
        now === undefined ? [...known].filter((pid) => send(pid, 0)) : [...family(now, leader, known)]
      if (left.length === 0) return
      await sleep(LOOK_AGAIN_MILLIS)
    }
  }
}

/** What `lean` keeps beside a result; of its fields one is read. */
const OutputConfig = Schema.Struct({ container: Schema.NonEmptyString })
const decodeOutputConfig = Schema.decodeUnknownSync(Schema.fromJsonString(OutputConfig))

/** The name `lean` gave its container; undefined before it gave one. */
const containerOf = (output: string): string | undefined => {
  try {
    const { container } = decodeOutputConfig(readFileSync(join(output, "config"), "utf8"))
    // Nothing that an option could hide in.
    return /^[A-Za-z0-9][\w.-]*$/u.test(container) ? container : undefined
  } catch {
    return undefined
  }
}

const killContainer = ({ environment, output }: LeanCommand): Promise<void> => {
  const container = containerOf(output)
  if (container === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    const options = { env: { ...environment }, timeout: PATIENCE_DOCKER_MILLIS }
    // One that is gone already is what was wanted.
    execFile("docker", ["kill", container], options, () => resolve())
  })
}

/** Runs it to its end. Interrupted, all of it is ended first. */
export const runLeanProcess = (command: LeanCommand): Effect.Effect<LeanEnd> =>
  Effect.callback<LeanEnd>((resume) => {
    let child: ChildProcess
    try {
      child = spawn(command.program, command.args, {
        cwd: command.cwd,
        env: { ...command.environment },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true
      })
    } catch (cause) {
      resume(
        Effect.succeed({ _tag: "NotStarted", why: cause instanceof Error ? cause.message : String(cause) })
      )
      return undefined
    }
    const readers = [child.stdout, child.stderr].map((stream) => {
      const reader = lineReader(command.onLine)
      stream?.on("data", reader.take)
      stream?.on("error", () => undefined)
      return reader
    })
    let isOver = false
    const over = (end: LeanEnd): void => {
      if (isOver) return
      isOver = true
      for (const reader of readers) reader.end()
      resume(Effect.succeed(end))
    }
    const ended = (code: number | null, signal: NodeJS.Signals | null): void =>
      over(code === null ? { _tag: "Killed", signal: signal ?? "a signal" } : { _tag: "Exited", code })
    child.on("error", ({ message }) => over({ _tag: "NotStarted", why: message }))
    child.on("close", ended)
    child.on("exit", (code, signal) => {
      setTimeout(() => {
        if (child.pid !== undefined) send(-child.pid, "SIGKILL")
        ended(code, signal)
      }, AFTER_END_MILLIS).unref()
    })
    return Effect.promise(async () => {
      isOver = true
      if (child.pid !== undefined) await endTree(child.pid, command.patienceMillis)
      await killContainer(command)
    })
  })
