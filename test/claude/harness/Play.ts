/**
 * Plays a script through the real Claude Code client.
 *
 * A play has a temporary project and a HOME of its own, and hands down nothing of the caller's environment: no
 * key, no setting, no proxy. It may have several runs (`claude -p`), each later one a resumption of the first.
 */
import { spawn, type ChildProcess } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { findClient } from "./Client.ts"
import { startFakeApi, type Exchange, type FakeApi, type Note } from "./FakeApi.ts"
import { type Json } from "./Json.ts"
import type { Script } from "./Script.ts"
import { eventsOf, toldIn, type Told } from "./Stream.ts"

/** For what hangs. */
const DEADLINE_MILLIS = 90_000

const OUTPUT = ["--output-format", "stream-json", "--verbose", "--include-hook-events"]

export interface Run extends Told {
  readonly code: number | null
  readonly signal: string | null
  readonly stderr: string
  /** Everything the client printed, in order. */
  readonly events: ReadonlyArray<Json>
  /** The requests to the model during this run. */
  readonly exchanges: ReadonlyArray<Exchange>
}

export interface RunOptions {
  /** Appended to the client's command line. */
  readonly args?: ReadonlyArray<string>
  /**
   * Kills the client, and nothing else, with SIGKILL once a note of this name is left and its own history holds the call
   * of this tool: it writes that a moment later, and resumes from what it has written.
   */
  readonly killAt?: { readonly note: string; readonly tool: string }
}

export interface Play {
  readonly project: string
  readonly home: string
  readonly exchanges: ReadonlyArray<Exchange>
  readonly notes: ReadonlyArray<Note>
  /**
   * Runs the client with a prompt until it ends, the second time with `--resume`.
   *
   * @throws when a step of the script failed, or when the client has not ended after a minute and a half.
   */
  readonly run: (prompt: string, options?: RunOptions) => Promise<Run>
  /** Ends what is left of the play's processes and removes its folders. */
  readonly close: () => Promise<void>
}

export interface PlayOptions {
  readonly script: Script
  /** Puts the project's files in place. */
  readonly prepare: (project: string, home: string) => void | Promise<void>
  readonly environment?: Readonly<Record<string, string>>
  /** Whether somebody has said that the folder may be trusted. Hooks and servers run in either case. */
  readonly trusted?: boolean
}

/** Writes a file below a folder; a value that is no text is written as JSON. */
export const writeInto = (folder: string, path: string, content: Json, mode = 0o644): void => {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2), { mode })
}

/** True while a process of the group is there. */
const groupLives = (leader: number): boolean => {
  try {
    process.kill(-leader, 0)
    return true
  } catch {
    return false
  }
}

/** Servers and hooks end by themselves when the client does; those that have not after a while are killed. */
const groupEnded = async (leader: number): Promise<void> => {
  for (let waits = 0; groupLives(leader); waits += 1) {
    if (waits === 250) process.kill(-leader, "SIGKILL")
    await new Promise((wake) => setTimeout(wake, 20))
  }
}

/** Looks at the client's histories until one has the text; after a few seconds it is as it is. */
const inHistory = async (home: string, text: string): Promise<void> => {
  const folder = join(home, ".claude/projects")
  for (let waits = 0; waits < 500; waits += 1) {
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : []
    const isThere = files.some(
      (file) => file.endsWith(".jsonl") && readFileSync(join(folder, file), "utf8").includes(text)
    )
    if (isThere) return
    await new Promise((wake) => setTimeout(wake, 10))
  }
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

const endOf = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve, reject) => {
    let stdout = ""
    let stderr = ""
    const deadline = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
      reject(
        new Error(
          `the client has not ended after ${DEADLINE_MILLIS / 1000} s:\n${stdout.slice(-4000)}\n${stderr}`
        )
      )
    }, DEADLINE_MILLIS)
    child.stdout?.setEncoding("utf8").on("data", (chunk) => (stdout += String(chunk)))
    child.stderr?.setEncoding("utf8").on("data", (chunk) => (stderr += String(chunk)))
    child.on("error", (cause) => {
      clearTimeout(deadline)
      reject(cause)
    })
    child.on("close", (code, signal) => {
      clearTimeout(deadline)
      resolve({ code, signal, stdout, stderr })
    })
  })

/** Nothing is inherited: what the client finds is what the play put there. */
const environmentOf = (folder: string, home: string, api: FakeApi) => ({
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: home,
  TMPDIR: folder,
  LANG: "C.UTF-8",
  SHELL: "/bin/bash",
  ANTHROPIC_BASE_URL: api.url,
  ANTHROPIC_API_KEY: "not-a-key",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_TELEMETRY: "1",
  PLAY_NOTES: `${api.url}/note`
})

export const startPlay = async (options: PlayOptions): Promise<Play> => {
  const client = findClient({ fetch: false })
  if (!client.found) throw new Error(`there is no Claude Code client: ${client.reason}`)
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-play-")))
  const project = join(folder, "project")
  const home = join(folder, "home")
  mkdirSync(project)
  writeInto(home, ".claude.json", {
    hasCompletedOnboarding: true,
    projects: { [project]: { hasTrustDialogAccepted: options.trusted !== false } }
  })
  const api = await startFakeApi(options.script)
  const leaders: Array<number> = []
  let session: string | undefined

  const run = async (prompt: string, { args = [], killAt }: RunOptions = {}): Promise<Run> => {
    const before = api.exchanges.length
    const child = spawn(
      client.path,
      ["-p", prompt, ...OUTPUT, ...args, ...(session === undefined ? [] : ["--resume", session])],
      {
        cwd: project,
        env: { ...environmentOf(folder, home, api), ...options.environment },
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own, so that what it starts can be found and ended with it.
        detached: true
      }
    )
    if (child.pid !== undefined) leaders.push(child.pid)
    if (killAt !== undefined) {
      const { note, tool } = killAt
      void api
        .noted(note)
        .then(() => inHistory(home, `"${tool}"`))
        .then(() => child.kill("SIGKILL"))
    }
    const { code, signal, stderr, stdout } = await endOf(child)
    if (child.pid !== undefined) await groupEnded(child.pid)
    const events = eventsOf(stdout)
    const told = toldIn(events)
    session ??= told.init?.sessionId
    if (api.faults.length > 0) throw new Error(`the script failed: ${api.faults.join("; ")}`)
    return { ...told, code, signal, stderr, events, exchanges: api.exchanges.slice(before) }
  }

  const close = async (): Promise<void> => {
    for (const leader of leaders) if (groupLives(leader)) process.kill(-leader, "SIGKILL")
    await api.close()
    if (process.env["KEEP_PLAYS"] === undefined) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    }
  }

  try {
    await options.prepare(project, home)
  } catch (cause) {
    await close()
    throw cause
  }
  return { project, home, exchanges: api.exchanges, notes: api.notes, run, close }
}

/** A play that is closed when `body` is done, however it ends. */
export const withPlay = async <A>(options: PlayOptions, body: (play: Play) => Promise<A>): Promise<A> => {
  const play = await startPlay(options)
  try {
    return await body(play)
  } finally {
    await play.close()
  }
}
