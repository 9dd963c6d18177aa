/** A whole backtest in a worker: its end, its limits, and where it is when it is told to stop. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Option, Ref } from "effect"
import { afterAll, beforeAll } from "vitest"
import type { EngineFault } from "../../../src/backtest/engine/EngineFault.ts"
import { playBacktest } from "../../../src/backtest/engine/PlayBacktest.ts"
import type { Played } from "../../../src/backtest/Played.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { type AskedBacktest, prepareBacktest } from "../../../src/programs/backtest/PrepareBacktest.ts"
import { playInWorker, type WorkerOptions } from "../../../src/programs/backtest/worker/PlayInWorker.ts"
import { askedFor, type TestProject, testProject } from "./workerStrategies.ts"

let project: TestProject = { folder: "", remove: () => undefined }
beforeAll(() => {
  project = testProject()
})
afterAll(() => project.remove())

const prepare = (algorithm: string, changed: Partial<AskedBacktest> = {}) =>
  prepareBacktest(askedFor(algorithm, changed), { project: project.folder, folder: project.folder }).pipe(
    Effect.provide(NodeServices.layer)
  )

const options = (changed: Partial<WorkerOptions> = {}): WorkerOptions => ({
  timeLimitMillis: 120_000,
  onProgress: () => Effect.void,
  onCheckpoint: () => Effect.void,
  ...changed
})

/** On this thread. */
const directly = (algorithm: string, changed: Partial<AskedBacktest> = {}) =>
  Effect.gen(function* () {
    const { file, sources, strategy, tape } = yield* prepare(algorithm, changed)
    const { cash, models, profile, resumePolicy, seed } = file.inputs
    return yield* playBacktest({
      tape,
      strategy,
      cash,
      models,
      profile,
      resumePolicy,
      seed,
      sources,
      published: undefined,
      onProgress: () => Effect.void,
      onCheckpoint: () => Effect.void
    })
  })

const failureOf = (exit: Exit.Exit<Played, EngineFault>) =>
  Option.getOrUndefined(Exit.findErrorOption(exit))?.failure

const failed = (algorithm: string, changed: Partial<WorkerOptions> = {}, slow = 5) =>
  Effect.gen(function* () {
    const { file } = yield* prepare(algorithm, { parameters: { slow } })
    return failureOf(yield* Effect.exit(playInWorker({ file }, options(changed))))
  })

/** Twenty years of costs: long enough to be interrupted. */
const long: Partial<AskedBacktest> = {
  from: Option.some(sessionDate("2000-01-03")),
  to: Option.some(sessionDate("2020-04-17")),
  costs: Option.some("paper")
}

describe("playInWorker", () => {
  it.live("plays what the engine plays, and tells how far it is", () =>
    Effect.gen(function* () {
      const { file, tape } = yield* prepare("sma-cross", { costs: Option.some("paper") })
      const sessions = yield* Ref.make<ReadonlyArray<number>>([])
      const played = yield* playInWorker(
        { file },
        options({ onProgress: ({ session }) => Ref.update(sessions, (told) => [...told, session]) })
      )
      assert.deepStrictEqual(played, yield* directly("sma-cross", { costs: Option.some("paper") }))
      assert.isAbove(played.fills.length, 0)
      const told = yield* Ref.get(sessions)
      assert.strictEqual(told.at(-1), tape.sessions.length)
      assert.deepStrictEqual(
        told,
        told.toSorted((a, b) => a - b)
      )
    })
  )

  it.live("stops a strategy that never returns at the time limit, and says at which bar it is", () =>
    Effect.gen(function* () {
      const failure = yield* failed("endless", { timeLimitMillis: 15_000 })
      assert.deepStrictEqual(failure, {
        kind: "time-limit",
        message:
          "it was not done after its time limit of 15 s; the last one it decided on was bar 6, 2008-01-09 16:00 EST",
        bar: 6,
        at: "2008-01-09 16:00 EST"
      })
    })
  )

  it.live("tells what a strategy throws, with bar and stack", () =>
    Effect.gen(function* () {
      const failure = yield* failed("thrower")
      assert.deepInclude(failure, { kind: "threw", bar: 6, at: "2008-01-09 16:00 EST" })
      assert.include(failure?.message, "not today")
      assert.include(failure?.stack, "thrower.ts")
    })
  )

  it.live("outlives a strategy that ends its process", () =>
    Effect.gen(function* () {
      const failure = yield* failed("leaver")
      assert.deepInclude(failure, { kind: "threw", bar: 6 })
      assert.include(failure?.message, "exit code 3")
    })
  )

  it.live("does not play code or prices that have changed since it was prepared", () =>
    Effect.gen(function* () {
      const { file } = yield* prepare("holder")
      const { inputs } = file
      const other = { ...inputs, algorithm: { ...inputs.algorithm, codeHash: "0" } }
      const code = failureOf(
        yield* Effect.exit(playInWorker({ file: { ...file, inputs: other } }, options()))
      )
      assert.include(code?.message, "the code of holder has changed")
      const priced = { ...inputs, data: { ...inputs.data, dataHash: "0" } }
      const prices = failureOf(
        yield* Effect.exit(playInWorker({ file: { ...file, inputs: priced } }, options()))
      )
      assert.include(prices?.message, "the prices have changed")
    })
  )

  it.live("interrupted, hands over a checkpoint from which another one comes to the same end", () =>
    Effect.gen(function* () {
      const { file } = yield* prepare("sma-cross", long)
      const begun = yield* Deferred.make<void>()
      const left = yield* Ref.make<string | undefined>(undefined)
      const fiber = yield* Effect.forkChild(
        playInWorker(
          { file },
          options({
            onProgress: () => Effect.asVoid(Deferred.succeed(begun, undefined)),
            onCheckpoint: (checkpoint) => Ref.set(left, checkpoint)
          })
        )
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      const resume = yield* Ref.get(left)
      assert.isDefined(resume)
      const first = yield* Ref.make<number>(0)
      const resumed = yield* playInWorker(
        { file, ...(resume === undefined ? {} : { resume }) },
        options({ onProgress: ({ session }) => Ref.update(first, (told) => (told === 0 ? session : told)) })
      )
      assert.isAbove(yield* Ref.get(first), 1)
      assert.deepStrictEqual(resumed, yield* directly("sma-cross", long))
    })
  )
})
