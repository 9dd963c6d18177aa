/** Makes a process of a hook. Every way out of it ends in the right exit code. */
import { fstatSync, statSync, writeSync } from "node:fs"
import { resolve } from "node:path"
import { type Ending, endingOf, endingOfUnexpected } from "./Answer.ts"
import { DEADLINE_MILLIS, type Hook, type HookSurroundings, Unusable } from "./Hook.ts"
import { isObject, type JsonObject, parseJson, textAt } from "./Json.ts"
import { readStdin } from "./ReadStdin.ts"

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Writes all of it, or throws. A pipe that is full for the moment is tried again. */
const writeAll = (fd: number, text: string): void => {
  const bytes = Buffer.from(text, "utf8")
  let written = 0
  let refusals = 0
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written)
    } catch (cause) {
      const full = cause instanceof Error && "code" in cause && cause.code === "EAGAIN"
      if (!full || ++refusals > 1_000) throw cause
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

/** Whether nobody reads standard output. Node opens the null device in the place of one that is closed. */
const isUnheard = (): boolean => {
  const stats = fstatSync(1)
  return stats.isCharacterDevice() && stats.rdev === statSync("/dev/null").rdev
}

/** What is said on standard output decides the call: when it cannot be said, that is unexpected. */
const tell = (ending: Ending, unheard: (problem: string) => Ending): number => {
  let { code, out, err } = ending
  if (out !== "") {
    try {
      if (isUnheard()) throw new Error("it is closed")
      writeAll(1, out)
    } catch (cause) {
      ;({ code, err } = unheard(`the answer could not be written to standard output: ${messageOf(cause)}.`))
    }
  }
  if (err !== "") {
    try {
      writeAll(2, err.endsWith("\n") ? err : `${err}\n`)
    } catch {
      // The exit code still says it.
    }
  }
  return code
}

/**
 * Ends at once. `process.exit` would wait for a thread that still reads or looks up a name; a new image of the
 * process does not.
 */
const leave = (code: number): void => {
  try {
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`], {})
  } catch {
    // Then the slower way.
  }
  process.exit(code)
}

const surroundingsAt = (event: JsonObject): HookSurroundings => {
  const environment = process.env
  const { CLAUDE_PROJECT_DIR: given = "" } = environment
  const cwd = resolve(textAt(event, "cwd") ?? process.cwd())
  return { project: given === "" ? cwd : resolve(given), cwd, environment }
}

const endingFor = async <Facts>(hook: Hook<Facts>): Promise<Ending> => {
  const text = await readStdin()
  if (text instanceof Unusable) return endingOfUnexpected(hook, text.problem)
  if (text.trim() === "") return endingOfUnexpected(hook, "standard input is empty; an event was expected.")
  const event = parseJson(text)
  if (!isObject(event)) {
    return endingOfUnexpected(hook, "standard input is not a JSON object; an event was expected.")
  }
  const facts = hook.input(event)
  if (facts instanceof Unusable) return endingOfUnexpected(hook, facts.problem)
  const answer = await hook.run(facts, surroundingsAt(event))
  return endingOf(hook, textAt(event, "hook_event_name") ?? "", answer)
}

export const runHook = <Facts>(hook: Hook<Facts>): void => {
  const deadlineMillis = hook.deadlineMillis ?? DEADLINE_MILLIS
  const unexpected = (problem: string): Ending => endingOfUnexpected(hook, problem)
  let ended = false

  const end = (ending: Ending, exit: (code: number) => void = process.exit): void => {
    if (ended) return
    ended = true
    exit(tell(ending, unexpected))
  }

  // Whoever ends the process otherwise, a library for one, has not answered.
  process.on("exit", () => {
    if (!ended) process.exitCode = unexpected("").code
  })
  process.on("uncaughtException", (cause) => end(unexpected(`it failed: ${messageOf(cause)}.`)))
  process.on("unhandledRejection", (cause) => end(unexpected(`it failed: ${messageOf(cause)}.`)))
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => end(unexpected(`it was told to stop (${signal}).`), leave))
  }
  const late = (): Ending => unexpected(`it took longer than ${deadlineMillis / 1_000} seconds.`)
  // Counted from the start of the process, as `performance.now` does.
  setTimeout(() => end(late(), leave), Math.max(0, deadlineMillis - performance.now()))

  endingFor(hook).then(
    // Nothing could interrupt a hook that computed or waited for a disk.
    (ending) => end(performance.now() > deadlineMillis ? late() : ending),
    (cause: unknown) => end(unexpected(`it failed: ${messageOf(cause)}.`))
  )
}
