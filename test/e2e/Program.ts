/** The program as it is installed: its launcher and bundles, in processes of their own. */
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const repository = resolve(import.meta.dirname, "../..")

export const launcher = join(repository, "bin/plimsoll")

/** Builds the bundles when a source is newer than they are. */
export const buildIfStale = (): void => {
  const built = spawnSync(process.execPath, [join(repository, "scripts/build.ts"), "--if-stale"], {
    encoding: "utf8"
  })
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stderr}`)
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Most memory that a process has had so far; 0 where that cannot be told. */
const peakMemory = (pid: number | undefined): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8")
    return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

export interface HowItRuns {
  readonly env?: NodeJS.ProcessEnv
  /** As another user. */
  readonly uid?: number
  /** What it is sent when it has not ended by itself by then. */
  readonly end?: { readonly afterMillis: number; readonly signal: NodeJS.Signals }
}

/** Types a command in `folder`; its memory is looked at now and then. */
export const runProgram = (
  folder: string,
  args: ReadonlyArray<string>,
  { end, env = {}, uid }: HowItRuns = {}
): Promise<Ran & { readonly peakBytes: number }> =>
  new Promise((done) => {
    const child = spawn(launcher, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
      ...(end === undefined ? {} : { timeout: end.afterMillis, killSignal: end.signal })
    })
    let out = ""
    let err = ""
    let peakBytes = 0
    const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakMemory(child.pid))), 50)
    child.stdout.on("data", (chunk) => (out += String(chunk)))
    child.stderr.on("data", (chunk) => (err += String(chunk)))
    child.on("close", (code) => {
      clearInterval(watch)
      done({ code, out, err, peakBytes })
    })
  })

/** A project of its own, under `parent`; `run` types a command there, as another user when `uid` is given. */
export const newProject = (parent = tmpdir()) => {
  const folder = realpathSync(mkdtempSync(join(parent, "plimsoll-e2e-")))
  const run = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}, uid?: number): Promise<Ran> =>
    runProgram(folder, args, { env, ...(uid === undefined ? {} : { uid }) })
  return { folder, run, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** True where `script` (util-linux) can give a program a terminal. */
export const hasTerminal: boolean =
  process.platform === "linux" && spawnSync("script", ["--version"]).status === 0

/**
 * Runs a command on a terminal of its own; `answer` is typed once, when the
 * text it is made from has been shown.
 */
export const onTerminal = (
  folder: string,
  args: ReadonlyArray<string>,
  answer: (shown: string) => string | undefined
): Promise<Ran> =>
  new Promise((done) => {
    const command = [launcher, ...args].map((word) => `'${word}'`).join(" ")
    const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: folder })
    let out = ""
    let answered = false
    child.stdout.on("data", (chunk) => {
      out += String(chunk)
      const typed = answered ? undefined : answer(out)
      if (typed === undefined) return
      answered = true
      child.stdin.write(`${typed}\n`)
    })
    child.on("close", (code) => done({ code, out, err: "" }))
  })
