import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { afterEach, beforeEach } from "vitest"
import { projectHash } from "../../../src/programs/backtest/CodeFiles.ts"
import { backtestFailure, neverRan } from "../../../src/programs/backtest/LeanFailure.ts"
import type { LeanProgress } from "../../../src/programs/backtest/LeanLog.ts"
import { type LeanRunOptions, runLean } from "../../../src/programs/backtest/LeanRunner.ts"
import { installedLean, leanProjectIn } from "../../support/lean/Installed.ts"
import { equity } from "../../support/lean/LeanRunFiles.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-lean-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const setUp = (mode: string) => {
  const { acts, environment } = installedLean(folder, mode)
  const project = leanProjectIn(folder)
  const run = (options: LeanRunOptions = {}, given: object = {}) =>
    Effect.provide(runLean({ project, environment, ...given }, options), NodeServices.layer)
  return {
    acts,
    project,
    run,
    fails: (options: LeanRunOptions = {}, given: object = {}) => Effect.flip(run(options, given))
  }
}

it.live("a project is played: its lines as they come, how far it is, and its result", () =>
  Effect.gen(function* () {
    const { acts, project, run } = setUp("current")
    const lines: Array<string> = []
    const progress: Array<LeanProgress> = []
    const { content, inputs, notes, path } = yield* run({
      onLog: (line) => lines.push(line),
      onProgress: (one) => progress.push(one)
    })
    expect(content.equity).toEqual(equity)
    expect(content.fills).toHaveLength(2)
    expect(inputs.algorithm).toMatchObject({
      name: "cross",
      codeHash: projectHash(project),
      parameters: { fast: 5, slow: 50 }
    })
    expect(notes).toEqual(["LEAN did not find 1 of the 9 data files it asked for"])
    expect(path).toMatch(/algorithms\/cross\/backtests\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\/1234567890\.json$/u)
    expect(lines[0]).toContain("LEAN ALGORITHMIC TRADING ENGINE")
    expect(lines.at(-1)).toMatch(/^Successfully ran/u)
    expect(progress.map(({ date, phase, ratio }) => [phase, date, ratio])).toEqual([
      ["running", undefined, 0],
      ["running", "2024-01-04", 2 / 9],
      ["running", "2024-01-09", 7 / 9],
      ["ending", "2024-01-09", 1],
      ["ending", "2024-01-09", 1]
    ])
    expect(acts()).toHaveLength(1)
    expect(acts()[0]).toMatch(/\["backtest",".*cross","--output",".*"\]/u)
  })
)

it.live("an older LEAN's files are read alike", () =>
  Effect.gen(function* () {
    const { content } = yield* setUp("old").run()
    expect(content.equity).toEqual(equity)
    expect(content.fees).toBe(2_000_000)
  })
)

it.live("parameters go with those of config.json, which lean would drop otherwise", () =>
  Effect.gen(function* () {
    const { inputs } = yield* setUp("current").run({}, { parameters: { fast: 8, "a name": "x y" } })
    expect(inputs.algorithm.parameters).toEqual({ fast: 8, slow: 50, "a name": "x y" })
  })
)

it.live("two runs in one second do not share a folder", () =>
  Effect.gen(function* () {
    const { project, run } = setUp("current")
    yield* Effect.all([run(), run()], { concurrency: 2 })
    yield* run()
    expect(readdirSync(join(project, "backtests"))).toHaveLength(3)
  })
)

const isThere = (pid: number): boolean => {
  try {
    return !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

/** Runs until the stand-in has told its processes, then does something with the run. */
const whileItHangs = (mode: string, options: LeanRunOptions = {}) =>
  Effect.gen(function* () {
    const { acts, run } = setUp(mode)
    const told = yield* Deferred.make<ReadonlyArray<number>>()
    const onLog = (line: string): void => {
      const pids = /^PIDS (?<pids>.+)$/u.exec(line)?.groups?.["pids"]
      if (pids !== undefined) Deferred.doneUnsafe(told, Effect.succeed(pids.split(" ").map(Number)))
    }
    const fiber = yield* Effect.forkChild(Effect.result(run({ ...options, onLog, patienceMillis: 500 })))
    const pids = yield* Deferred.await(told)
    return { acts, fiber, pids }
  })

it.live(
  "a run that is canceled takes with it every process it started, deaf ones and those that left the group",
  () =>
    Effect.gen(function* () {
      const { acts, fiber, pids } = yield* whileItHangs("hang")
      expect(pids).toHaveLength(3)
      expect(pids.map(isThere)).toEqual([true, true, true])
      yield* Fiber.interrupt(fiber)
      expect(pids.map(isThere)).toEqual([false, false, false])
      // SIGINT first: that is what makes lean kill its container; and the container by its name to be sure.
      expect(acts().slice(1)).toEqual(["SIGINT", "docker kill lean_cli_0123456789abcdef"])
    }),
  40_000
)

it.live(
  "one that minds no signal at all is killed",
  () =>
    Effect.gen(function* () {
      const { acts, fiber, pids } = yield* whileItHangs("deaf")
      yield* Fiber.interrupt(fiber)
      expect(pids.map(isThere)).toEqual([false, false, false])
      expect(acts().slice(1)).toEqual(["SIGINT", "SIGTERM", "docker kill lean_cli_0123456789abcdef"])
    }),
  40_000
)

it.live(
  "one that takes too long is ended the same way, and what LEAN had said of it is kept",
  () =>
    Effect.gen(function* () {
      const { fiber, pids } = yield* whileItHangs("hang", { timeLimitMillis: 3_000 })
      const ended = yield* Fiber.join(fiber)
      expect(pids.map(isThere)).toEqual([false, false, false])
      const failure = ended._tag === "Failure" ? ended.failure : undefined
      expect(failure).toMatchObject({
        reason: "time-limit",
        message: "LEAN took longer than 3 s and was ended",
        inputs: { data: { from: "2024-01-02", to: "2024-01-10" }, cash: 100_000_000_000 }
      })
      expect(failure === undefined ? undefined : backtestFailure(failure)).toMatchObject({
        kind: "time-limit",
        stack: expect.stringContaining("Begin DataStream")
      })
    }),
  40_000
)

it.live("without lean, without Docker, without a lean.json and with an old lean it says what to do", () =>
  Effect.gen(function* () {
    const missing = yield* setUp("current").fails({}, { environment: { PATH: "/nowhere" } })
    expect(missing).toMatchObject({
      reason: "not-installed",
      message: expect.stringContaining("pip install lean")
    })
    const docker = yield* setUp("no-docker").fails()
    expect(docker).toMatchObject({
      reason: "no-docker",
      message: expect.stringContaining("start Docker"),
      lines: expect.arrayContaining(["Error: Please make sure Docker is installed and running"])
    })
    const config = yield* setUp("no-lean-config").fails()
    expect(config).toMatchObject({ reason: "no-lean-config", message: expect.stringContaining("lean init") })
    const old = yield* setUp("old-lean").fails({}, { parameters: { fast: 8 } })
    expect(old).toMatchObject({ reason: "old-lean", message: expect.stringContaining("upgrade") })
    expect([missing, docker, config, old].map(neverRan)).toEqual([true, true, true, true])
  })
)

it.live("a project that is none is not handed to lean", () =>
  Effect.gen(function* () {
    const { acts, fails, project } = setUp("current")
    expect(yield* fails({}, { project: join(folder, "nowhere") })).toMatchObject({ reason: "no-project" })
    expect(yield* fails({}, { project: folder })).toMatchObject({
      reason: "no-project",
      message: expect.stringContaining("neither main.py nor Main.cs")
    })
    writeFileSync(join(project, "config.json"), "{parameters")
    expect(yield* fails()).toMatchObject({
      reason: "no-config",
      message: expect.stringContaining("config.json")
    })
    rmSync(join(project, "config.json"))
    expect(yield* fails()).toMatchObject({
      reason: "no-config",
      message: expect.stringContaining("has no config.json")
    })
    expect(acts()).toEqual([])
    expect(existsSync(join(project, "backtests"))).toBe(false)
  })
)

it.live("a run that never began leaves no folder behind", () =>
  Effect.gen(function* () {
    const { fails, project } = setUp("no-docker")
    yield* fails()
    expect(existsSync(join(project, "backtests"))).toBe(false)
  })
)

it.live(
  "an algorithm's own error, an exit code, no result, half a result and no data are told apart",
  () =>
    Effect.gen(function* () {
      const algorithm = yield* setUp("algorithm-error").fails()
      expect(algorithm).toMatchObject({
        reason: "algorithm",
        message: "the algorithm failed: 'NoneType' object has no attribute 'close'"
      })
      expect(backtestFailure(algorithm)).toMatchObject({
        kind: "lean",
        stack: expect.stringContaining("STATISTICS::")
      })
      const exit = yield* setUp("exit").fails()
      expect(exit).toMatchObject({
        reason: "exit",
        exitCode: 1,
        message: "lean ended with exit code 1: Engine.Run(): System.OutOfMemoryException"
      })
      expect(neverRan(exit)).toBe(false)
      expect(yield* setUp("no-result").fails()).toMatchObject({ reason: "no-result" })
      expect(yield* setUp("truncated").fails()).toMatchObject({
        reason: "bad-result",
        message: expect.stringContaining("no whole JSON file")
      })
      const data = yield* setUp("no-data").fails()
      expect(data).toMatchObject({
        reason: "no-data",
        message: expect.stringContaining("none of the 9 data files")
      })
      expect(backtestFailure(data).kind).toBe("bad-data")
    }),
  20_000
)
