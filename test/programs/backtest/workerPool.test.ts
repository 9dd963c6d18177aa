import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import type { BacktestInputs } from "../../../src/backtest/BacktestInputs.ts"
import { costsOf } from "../../../src/backtest/CostsPreset.ts"
import type { PlayedPoint } from "../../../src/backtest/SweepPlayer.ts"
import { dollars } from "../../../src/domain/Money.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import type { WorkerDied } from "../../../src/programs/backtest/worker/BacktestWorker.ts"
import type { SweepJob } from "../../../src/programs/backtest/worker/Messages.ts"
import { playPoints } from "../../../src/programs/backtest/worker/SweepPool.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"

const entry = join(import.meta.dirname, "workerActor.ts")

const inputs: BacktestInputs = {
  engine: { name: "plimsoll", version: "0" },
  algorithm: { name: "acted", kind: "built-in", codeHash: "0", parameters: {} },
  data: {
    source: "none",
    symbols: ["NONE"],
    resolution: "1d",
    from: sessionDate("2020-01-02"),
    to: sessionDate("2020-01-03"),
    dataset: "none",
    dataHash: "0"
  },
  cash: dollars(1000),
  profile: researchProfile,
  resumePolicy: { _tag: "Never" },
  seed: 1,
  models: costsOf("none")
}

const job: SweepJob = {
  _tag: "Sweep",
  inputs,
  tape: {
    sessions: [],
    resolution: "1d",
    tracks: [],
    seed: "1",
    quotes: "last",
    gaps: [],
    dataHash: "0"
  },
  mode: "event",
  market: { source: "embedded" },
  folder: "/",
  project: "/"
}

const tasks = (acts: ReadonlyArray<string>) => acts.map((act, index) => ({ index, values: { act } }))

/** Everything the pool tells, and how it ends. */
const played = (
  acts: ReadonlyArray<string>,
  options: { readonly workers: number; readonly pointLimitMillis?: number; readonly job?: SweepJob }
) =>
  Effect.gen(function* () {
    const told: Array<PlayedPoint> = []
    const exit = yield* Effect.exit(
      playPoints(options.job ?? job, tasks(acts), {
        workers: options.workers,
        pointLimitMillis: options.pointLimitMillis ?? 30_000,
        entry,
        onPoint: (point) => Effect.sync(() => void told.push(point))
      })
    )
    return { exit, told: told.toSorted((a, b) => a.point.index - b.point.index) }
  })

const messageOf = (exit: Exit.Exit<void, WorkerDied>): string =>
  Exit.isFailure(exit) ? String(exit.cause) : "it did not fail"

describe("playPoints", () => {
  it.live("tells every point once, whatever the number of workers", () =>
    Effect.gen(function* () {
      const acts = Array.from({ length: 100 }, () => "play")
      const [one, two, three] = yield* Effect.forEach([1, 2, 3], (workers) => played(acts, { workers }))
      assert.deepStrictEqual(
        one?.told.map(({ point }) => point.index),
        acts.map((_, i) => i)
      )
      assert.deepStrictEqual(one?.told.at(-1)?.returns, Float64Array.of(99))
      assert.deepStrictEqual(two, one)
      assert.deepStrictEqual(three, one)
    })
  )

  it.live("fails with the cause when a worker throws", () =>
    Effect.gen(function* () {
      const { exit } = yield* played(["play", "throw", "play"], { workers: 2 })
      assert.include(messageOf(exit), "TypeError: nothing to divide by")
    })
  )

  it.live("fails when a worker ends in the middle of its work", () =>
    Effect.gen(function* () {
      const { exit } = yield* played(["exit"], { workers: 1 })
      assert.include(messageOf(exit), "exit code 7")
    })
  )

  it.live("fails with what a worker says that cannot begin, and with one that has no program", () =>
    Effect.gen(function* () {
      const { exit } = yield* played(["play"], { workers: 1, job: { ...job, project: "/unusable" } })
      assert.include(messageOf(exit), "there is no such strategy")
      const missing = yield* Effect.exit(
        playPoints(job, tasks(["play"]), {
          workers: 1,
          pointLimitMillis: 30_000,
          entry: join(import.meta.dirname, "none.ts"),
          onPoint: () => Effect.void
        })
      )
      assert.include(messageOf(missing), "none.ts")
    })
  )

  it.live("gives a point up that does not come back, says where it was, and plays the others", () =>
    Effect.gen(function* () {
      const acts = ["play", "hang", ...Array.from({ length: 10 }, () => "play")]
      const { exit, told } = yield* played(acts, { workers: 2, pointLimitMillis: 2000 })
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(
        told.map(({ point }) => point._tag),
        acts.map((act) => (act === "hang" ? "Failed" : "Done"))
      )
      const point = told[1]?.point
      assert.deepStrictEqual(point?._tag === "Failed" ? point.failure : undefined, {
        kind: "time-limit",
        message: "the strategy had not come back after 2 s at bar 42, 2020-01-02 16:00 EST",
        bar: 42,
        at: "2020-01-02 16:00 EST"
      })
    })
  )

  it.live("stops workers that are busy when it is interrupted", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        playPoints(job, tasks(["play", "hang"]), {
          workers: 1,
          pointLimitMillis: 600_000,
          entry,
          onPoint: () => Effect.asVoid(Deferred.succeed(begun, undefined))
        })
      )
      yield* Deferred.await(begun)
      // Terminating a worker in an endless loop ends it: else this would wait for ever.
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    })
  )
})
