/** Sweeps as they are run: real workers, the trial ledger, points that are kept. */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option } from "effect"
import { afterAll, beforeAll } from "vitest"
import { donePoints } from "../../../src/backtest/Sweep.ts"
import { TrialLedger } from "../../../src/backtest/TrialLedger.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import type { AskedBacktest } from "../../../src/programs/backtest/PrepareBacktest.ts"
import { prepareBacktest } from "../../../src/programs/backtest/PrepareBacktest.ts"
import { prepareSweep } from "../../../src/programs/backtest/PrepareSweep.ts"
import { runSweep, type SweepOptions } from "../../../src/programs/backtest/RunSweep.ts"
import * as TrialStore from "../../../src/storage/TrialStore.ts"
import { askedFor, type TestProject, testProject } from "./workerStrategies.ts"

let project: TestProject = { folder: "", remove: () => undefined }
beforeAll(() => {
  project = testProject()
})
afterAll(() => project.remove())

let made = 0
/** A folder of backtests nobody has used. */
const shelf = (): string => {
  const folder = join(project.folder, `backtests-${++made}`)
  mkdirSync(folder)
  return folder
}

const place = () => ({ project: project.folder, folder: project.folder })

interface Asked extends Partial<SweepOptions> {
  readonly backtests: string
  readonly grid?: ReadonlyArray<string>
  readonly asked?: Partial<AskedBacktest>
}

const ledgerOf = (backtests: string) =>
  TrialStore.layer({ filename: join(backtests, "trials.db") }).pipe(Layer.provideMerge(NodeServices.layer))

const prepared = (algorithm: string, { asked, grid = ["fast=5,8,10", "slow=50,60"] }: Partial<Asked> = {}) =>
  prepareSweep({ ...askedFor(algorithm, asked), grid }, place()).pipe(Effect.provide(NodeServices.layer))

const options = (asked: Asked): SweepOptions => ({
  workers: Option.some(1),
  pointLimitMillis: 60_000,
  resume: false,
  onProgress: () => Effect.void,
  ...asked
})

const swept = (algorithm: string, asked: Asked) =>
  Effect.flatMap(prepared(algorithm, asked), (sweep) =>
    Effect.gen(function* () {
      const finished = yield* runSweep(sweep, options(asked))
      const ledger = yield* TrialLedger
      const trials = yield* ledger.trials(sweep.sweep.inputs.data.dataset)
      return { finished, trials, points: finished.sweep.points, done: donePoints(finished.sweep.points) }
    }).pipe(Effect.provide(ledgerOf(asked.backtests)))
  )

describe("a sweep", () => {
  it.live("is the same with one, two and three workers, on either engine", () =>
    Effect.gen(function* () {
      const asked = { costs: Option.some("paper" as const) }
      const [one, two, three] = yield* Effect.forEach([1, 2, 3], (workers) =>
        swept("sma-cross", { backtests: shelf(), workers: Option.some(workers), asked })
      )
      assert.strictEqual(one?.done.length, 6)
      assert.deepStrictEqual(new Set(one?.done.map(({ engine }) => engine)), new Set(["event"]))
      assert.strictEqual(one?.finished.whyEngine, "there are costs")
      assert.deepStrictEqual(two?.points, one?.points)
      assert.deepStrictEqual(three?.points, one?.points)
    })
  )

  it.live("enters every point as the trial that a backtest of its own would be, with its returns", () =>
    Effect.gen(function* () {
      const { done, finished, trials } = yield* swept("sma-cross", { backtests: shelf() })
      assert.strictEqual(finished.sweep.trials, 6)
      assert.strictEqual(finished.whyEngine, undefined)
      assert.deepStrictEqual(new Set(done.map(({ engine }) => engine)), new Set(["vector"]))
      for (const { figures, values } of done) {
        const cash = Option.some(finished.sweep.inputs.cash)
        const own = yield* prepareBacktest(askedFor("sma-cross", { parameters: values, cash }), place())
        const trial = trials.find(({ id }) => id === own.id)
        assert.deepStrictEqual(trial?.parameters, values)
        assert.strictEqual(trial?.dataHash, own.file.inputs.data.dataHash)
        assert.strictEqual(trial?.source, "sensitivity")
        assert.strictEqual(trial?.returns.length, own.tape.sessions.length)
        const grown = trial?.returns.reduce((equity, change) => equity * (1 + change), 1) ?? 0
        assert.closeTo(grown - 1, figures.totalReturn, 1e-12)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("refuses points that do not go together or have too few bars, and plays the others", () =>
    Effect.gen(function* () {
      const { done, points } = yield* swept("sma-cross", {
        backtests: shelf(),
        grid: ["fast=5,60", "slow=50,240,400"],
        asked: { from: Option.some(sessionDate("2000-01-03")), to: Option.some(sessionDate("2000-12-29")) }
      })
      assert.deepStrictEqual(
        points.map((point) => point._tag),
        ["Done", "Done", "Refused", "Refused", "Done", "Refused"]
      )
      assert.deepStrictEqual(
        done.map(({ index }) => index),
        [0, 1, 4]
      )
      const [, , tooLong, crossed] = points
      assert.include(tooLong?._tag === "Refused" ? tooLong.reason : "", "needs 400")
      assert.include(crossed?._tag === "Refused" ? crossed.reason : "", "fast is 60 and slow is 50")
    })
  )

  it.live(
    "plays a strategy in a file on its signal rule where that agrees with its onBar, else on the engine",
    () =>
      Effect.gen(function* () {
        const grid = ["fast=5..40:5"]
        const [honest, untrue] = yield* Effect.forEach(["holder", "untrue-holder"], (name) =>
          swept(name, { backtests: shelf(), grid })
        )
        assert.deepStrictEqual(new Set(honest?.done.map(({ engine }) => engine)), new Set(["vector"]))
        assert.deepStrictEqual(new Set(untrue?.done.map(({ engine }) => engine)), new Set(["event"]))
        assert.include(untrue?.finished.whyEngine, "did not agree")
        assert.deepStrictEqual(
          untrue?.done.map(({ figures }) => figures),
          honest?.done.map(({ figures }) => figures)
        )
      })
  )

  it.live("does not take a signal rule that looks ahead at one value of the grid", () =>
    Effect.gen(function* () {
      const grid = ["fast=5..40:5"]
      const honest = yield* swept("holder", { backtests: shelf(), grid })
      const ahead = yield* swept("sometimes-ahead", { backtests: shelf(), grid })
      assert.include(ahead.finished.whyEngine, "did not agree")
      assert.deepStrictEqual(
        ahead.done.map(({ figures }) => figures),
        honest.done.map(({ figures }) => figures)
      )
    })
  )

  it.live("does not take a signal rule where the engine failed at what was compared", () =>
    Effect.gen(function* () {
      const { finished, points, trials } = yield* swept("always-throws", {
        backtests: shelf(),
        grid: ["fast=1..40"]
      })
      assert.include(finished.whyEngine, "did not agree")
      assert.deepStrictEqual(new Set(points.map(({ _tag }) => _tag)), new Set(["Failed"]))
      assert.strictEqual(trials.length, 0)
    })
  )

  it.live("does not let a rule in a file change what another point is played on", () =>
    Effect.gen(function* () {
      const grid = ["fast=1..40"]
      const honest = yield* swept("holder", { backtests: shelf(), grid })
      for (const workers of [1, 2]) {
        const { done } = yield* swept("badly-cached", {
          backtests: shelf(),
          grid,
          workers: Option.some(workers)
        })
        assert.deepStrictEqual(done, honest.done)
      }
    })
  )

  it.live("keeps points of which a strategy throws or never returns as failed, without a trial", () =>
    Effect.gen(function* () {
      const grid = ["slow=5,900"]
      const thrown = yield* swept("thrower", { backtests: shelf(), grid })
      const [failed, played] = thrown.points
      assert.strictEqual(played?._tag, "Done")
      assert.strictEqual(failed?._tag === "Failed" ? failed.failure.bar : undefined, 6)
      assert.include(failed?._tag === "Failed" ? failed.failure.message : "", "not today")
      assert.strictEqual(thrown.trials.length, 1)

      const stuck = yield* swept("endless", { backtests: shelf(), grid, pointLimitMillis: 4000 })
      const [late, other] = stuck.points
      assert.strictEqual(other?._tag, "Done")
      assert.deepInclude(late?._tag === "Failed" ? late.failure : {}, { kind: "time-limit", bar: 6 })
    })
  )

  it.live("keeps what was played when it is interrupted, and goes on from it where that is asked for", () =>
    Effect.gen(function* () {
      const backtests = shelf()
      const grid = ["fast=5,8,10", "slow=5,900"]
      const sweep = yield* prepared("thrower", { grid })
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        runSweep(sweep, {
          ...options({ backtests }),
          onProgress: ({ done }) =>
            done < 2 ? Effect.void : Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
        }).pipe(Effect.provide(ledgerOf(backtests)))
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      const file = join(backtests, "sweeps", sweep.id, "points.jsonl")
      assert.strictEqual(readFileSync(file, "utf8").split("\n").length - 1, 2)
      // As if the process had been killed while it was writing.
      appendFileSync(file, '{"_tag":"Done","ind')

      const again = yield* swept("thrower", { backtests, grid, resume: true })
      assert.deepStrictEqual(
        again.points.map(({ _tag }) => _tag),
        ["Failed", "Done", "Failed", "Done", "Failed", "Done"]
      )
      // The one that was done was not played again; the failed one was tried once more.
      assert.strictEqual(again.finished.resumed, 1)
      assert.deepStrictEqual(
        again.trials.map(({ runs }) => runs),
        [1, 1, 1]
      )
      const anew = yield* swept("thrower", { backtests, grid })
      assert.strictEqual(anew.finished.resumed, 0)
      assert.deepStrictEqual(
        anew.trials.map(({ runs }) => runs),
        [2, 2, 2]
      )
    })
  )

  it.live("has nothing to go on with where none was begun, and says where a line is damaged", () =>
    Effect.gen(function* () {
      const backtests = shelf()
      const none = yield* Effect.exit(swept("sma-cross", { backtests, resume: true }))
      assert.include(String(Exit.isFailure(none) ? none.cause : ""), "Leave --resume out")
      const { finished } = yield* swept("sma-cross", { backtests })
      const file = join(backtests, "sweeps", finished.sweep.id, "points.jsonl")
      appendFileSync(file, '{"_tag":"Done","index":"none"}\n')
      const damaged = yield* Effect.exit(swept("sma-cross", { backtests, resume: true }))
      assert.include(String(Exit.isFailure(damaged) ? damaged.cause : ""), "points.jsonl line 7")
    })
  )
})
