import { execFileSync } from "node:child_process"
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, expect, it } from "vitest"
import { MAX_EVENT_BYTES } from "../../../../src/programs/hooks/kit/ReadStdin.ts"
import { bundled } from "../../../support/BundledScript.ts"
import { bareEnvironment, runHookScript, startProcess, toolEventOf } from "../HookProcess.ts"

const script = new URL("sampleHook.ts", import.meta.url)
const event = JSON.stringify(toolEventOf("PreToolUse", "Bash", { command: "ls" }))

const run = (kind: "guarding" | "plain" | "visible", what: string, stdin: string | null = event) =>
  runHookScript(script, { stdin, args: [kind, what] })

let path = ""
beforeAll(async () => {
  path = fileURLToPath(await bundled(script))
})

const BLOCKED = "Blocked, because the guard could not do its work."

describe("a hook's answer", () => {
  it("that allows is exit 0 and not a word", async () => {
    expect(await run("guarding", "allow")).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
  })

  it("that denies is exit 2, its reason on standard error, and nothing on standard output", async () => {
    expect(await run("guarding", "deny")).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr: "not today\n"
    })
  })

  it("that asks is exit 0 and one JSON object", async () => {
    const { code, stdout, stderr } = await run("guarding", "ask")
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toBe(
      '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"ask","permissionDecisionReason":"are you sure?"}}'
    )
  })

  it("that adds context is exit 0 and one JSON object, its banner for the person", async () => {
    const { code, stdout } = await run("plain", "context")
    expect(code).toBe(0)
    expect(stdout).toBe(
      '{"systemMessage":"closed","hookSpecificOutput":{"hookEventName":"PreToolUse","additionalContext":"the market is closed"}}'
    )
  })
})

const unexpected: ReadonlyArray<readonly [what: string, act: string, stdin: string | null, says: string]> = [
  ["empty standard input", "allow", "", "standard input is empty"],
  ["blank standard input", "allow", " \n", "standard input is empty"],
  ["text that is no JSON", "allow", "hello", "not a JSON object"],
  ["half an event", "allow", event.slice(0, -10), "not a JSON object"],
  ["two events", "allow", event + event, "not a JSON object"],
  ["a list", "allow", "[]", "not a JSON object"],
  ["null", "allow", "null", "not a JSON object"],
  ["an unknown event", "allow", event.replace("PreToolUse", "PreToolUsed"), "the event is PreToolUsed"],
  ["an event without its name", "allow", "{}", "without a name"],
  ["an event without a tool's name", "allow", event.replace('"tool_name"', '"tool"'), "no usable tool_name"],
  [
    "an event without the tool's input",
    "allow",
    event.replace('{"command":"ls"}', "[]"),
    "no usable tool_input"
  ],
  ["an event without the call's id", "allow", event.replace("toolu_1", ""), "no usable tool_use_id"],
  ["an event larger than any file", "allow", `"${"x".repeat(MAX_EVENT_BYTES)}"`, "larger than"],
  ["a desk that cannot be read", "failed", event, "the desk cannot be read"],
  ["a defect", "throw", event, "a defect"],
  ["a rejected promise", "reject", event, "a rejection"],
  ["a rejection that nobody waits for", "stray", event, "nobody waits for it"],
  ["an error thrown by a timer", "late", event, "thrown by a timer"],
  ["an answer that never comes", "never", event, "longer than 2 seconds"],
  ["an answer that comes too late", "busy", event, "longer than 2 seconds"],
  ["standard input that stays open", "allow", null, "longer than 2 seconds"]
]

describe("what is unexpected", () => {
  it.each(unexpected)("blocks in a guarding hook: %s", async (_, act, stdin, says) => {
    const { code, stdout, stderr } = await run("guarding", act, stdin)
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(says)
    expect(stderr).toContain(BLOCKED)
  })

  it.each(unexpected)("is only said in another hook: %s", async (_, act, stdin, says) => {
    const { code, stdout, stderr } = await run("plain", act, stdin)
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" })
    expect(stderr).toContain(`sample: `)
    expect(stderr).toContain(says)
  })

  it("is exit 1 in a hook whose failure a person must see", async () => {
    const { code, stderr } = await run("visible", "failed")
    expect({ code, stderr }).toEqual({ code: 1, stderr: "sample: the desk cannot be read.\n" })
  })

  it("is that a library ends the process: it blocks, whatever code the library gave", async () => {
    expect((await run("guarding", "exit")).code).toBe(2)
  })

  it("is a denial by a hook that is no guard", async () => {
    expect((await run("plain", "deny")).code).toBe(0)
  })

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("is %s: a guarding hook blocks", async (signal) => {
    const { child, ended, said } = startProcess(process.execPath, [path, "guarding", "never"], {
      environment: bareEnvironment()
    })
    child.stdin?.end(event)
    await said("running")
    child.kill(signal)
    const { code, stderr } = await ended
    expect(code).toBe(2)
    expect(stderr).toContain(signal)
  })

  it("is SIGTERM while standard input is still open", async () => {
    const { child, ended, said } = startProcess(process.execPath, [path, "guarding", "allow", "up"], {
      environment: bareEnvironment()
    })
    await said("up")
    child.kill("SIGTERM")
    const { code } = await ended
    child.stdin?.destroy()
    expect(code).toBe(2)
  })
})

describe("standard output that nobody reads", () => {
  it.each([
    ["closed", ">&-"],
    ["the null device", ">/dev/null"],
    ["a full disk", ">/dev/full"]
  ])("blocks what a person was to be asked: %s", async (_, redirection) => {
    const { child, ended } = startProcess(
      "/bin/sh",
      ["-c", `exec "$0" "$@" ${redirection}`, process.execPath, path, "guarding", "ask"],
      {
        environment: bareEnvironment()
      }
    )
    child.stdin?.end(event)
    const { code, stderr } = await ended
    expect(code).toBe(2)
    expect(stderr).toContain("could not be written to standard output")
  })

  it("blocks when its reader is gone", async () => {
    const { child, ended } = startProcess(process.execPath, [path, "guarding", "ask"], {
      environment: bareEnvironment()
    })
    child.stdout?.destroy()
    child.stdin?.end(event)
    expect((await ended).code).toBe(2)
  })

  it("does not keep a denial from blocking, and neither does a closed standard error", async () => {
    const { child, ended } = startProcess(
      "/bin/sh",
      ["-c", 'exec "$0" "$@" >&- 2>&-', process.execPath, path, "guarding", "deny"],
      {
        environment: bareEnvironment()
      }
    )
    child.stdin?.end(event)
    expect((await ended).code).toBe(2)
  })
})

it("an event comes through a pipe that does not block, too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hook-fifo-"))
  try {
    const fifo = join(folder, "stdin")
    execFileSync("mkfifo", [fifo])
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
    const writer = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
    writeSync(writer, event.slice(0, 20))
    // The shell hands it on as it is; Node would make standard input block.
    const hand = 'exec "$0" "$@" <&3'
    const { ended, said } = startProcess(
      "/bin/sh",
      ["-c", hand, process.execPath, path, "guarding", "allow", "announce"],
      {
        environment: bareEnvironment(),
        stdio: ["ignore", "pipe", "pipe", reader]
      }
    )
    await said("waiting")
    writeSync(writer, event.slice(20))
    closeSync(writer)
    closeSync(reader)
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "waiting\n" })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it("an event of several megabytes is read whole", async () => {
  const large = JSON.stringify(toolEventOf("PreToolUse", "Write", { content: "x".repeat(6_000_000) }))
  expect((await run("guarding", "deny", large)).stderr).toBe("not today\n")
})
