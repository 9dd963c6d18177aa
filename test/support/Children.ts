/**
 * Real processes for tests of what several of them do at once: a script of the test tree, run by this Node.
 *
 * The script calls `ready()` from ChildProcess.ts once it is loaded and waits; `go` lets all of them start together.
 */
import { fork, type ChildProcess } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export interface Child {
  readonly process: ChildProcess
  /** Resolves at the first message of the script: it is loaded and waits. */
  readonly ready: Promise<void>
  readonly go: () => void
  /** Resolves when the process is gone. */
  readonly exited: Promise<{
    readonly code: number | null
    readonly signal: string | null
    readonly output: string
  }>
}

/** Starts `script`, a URL made with `new URL("…", import.meta.url)`. */
export const startChild = (script: URL, args: ReadonlyArray<string>): Child => {
  const child = fork(fileURLToPath(script), args, {
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // They load the same files again and again.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "plimsoll-test-compile-cache") }
  })
  let output = ""
  child.stdout?.on("data", (chunk) => (output += String(chunk)))
  child.stderr?.on("data", (chunk) => (output += String(chunk)))
  const exited = new Promise<{ code: number | null; signal: string | null; output: string }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, output }))
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve())
    // The end of a child that nobody waits for is in `exited`.
    child.once("close", () => reject(new Error(`the child ended before it was ready:\n${output}`)))
  })
  return { process: child, ready, go: () => void child.send("go"), exited }
}

/** Starts all together, once every one is loaded, and waits for their ends. */
export const race = async (children: ReadonlyArray<Child>) => {
  await Promise.all(children.map((child) => child.ready))
  for (const child of children) child.go()
  return Promise.all(children.map((child) => child.exited))
}
