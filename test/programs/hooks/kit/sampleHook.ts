/** A hook that does what it is told, for the tests of the kit: `sampleHook.ts guarding|plain|visible WHAT`. */
import {
  allow,
  ask,
  context,
  deny,
  failed,
  type HookAnswer
} from "../../../../src/programs/hooks/kit/Answer.ts"
import { toolEvent } from "../../../../src/programs/hooks/kit/Event.ts"
import { runHook } from "../../../../src/programs/hooks/kit/RunHook.ts"

const [, , kind, what, also] = process.argv

const acts: Readonly<Record<string, () => HookAnswer | Promise<HookAnswer>>> = {
  allow: () => allow,
  deny: () => deny("not today"),
  ask: () => ask("are you sure?"),
  context: () => context("the market is closed", "closed"),
  failed: () => failed("the desk cannot be read."),
  throw: () => {
    throw new Error("a defect")
  },
  reject: () => Promise.reject(new Error("a rejection")),
  never: () => {
    process.stderr.write("running\n")
    return new Promise(() => {})
  },
  exit: () => process.exit(0),
  stray: () => {
    void Promise.reject(new Error("nobody waits for it"))
    return new Promise(() => {})
  },
  late: () => {
    setTimeout(() => {
      throw new Error("thrown by a timer")
    }, 0)
    return new Promise(() => {})
  },
  busy: () => {
    while (performance.now() < 2_100) {
      // Nothing interrupts this.
    }
    return allow
  }
}

// Says when standard input is waited for by Node's stream of it.
if (also === "announce") {
  const poll = setInterval(() => {
    if (!process.getActiveResourcesInfo().some((name) => name.startsWith("Pipe"))) return
    clearInterval(poll)
    process.stderr.write("waiting\n")
  }, 1)
}

runHook({
  name: "sample",
  guarding: kind === "guarding",
  visible: kind === "visible",
  input: (json) => toolEvent(json, ["PreToolUse"]),
  run: () => (acts[what ?? ""] ?? (() => failed("no such act")))()
})

if (also === "up") process.stderr.write("up\n")
