/** Walk-forwards as they are run: real workers, the trial ledger, evidence, segments that are kept. */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option } from "effect"
import { afterAll, beforeAll, vi } from "vitest"
import { type Evidence, EvidenceStore } from "../../../../src/backtest/robustness/Evidence.ts"
import { isChosen } from "../../../../src/backtest/robustness/walkforward/WalkForward.ts"
import { TrialLedger } from "../../../../src/backtest/TrialLedger.ts"
import { type AskedBacktest, prepareBacktest } from "../../../../src/programs/backtest/PrepareBacktest.ts"
import {
  type AskedWalkForward,
  prepareWalkForward
} from "../../../../src/programs/backtest/robustness/WalkForwardPrepare.ts"
import { walkForwardJson } from "../../../../src/programs/backtest/robustness/WalkForwardJson.ts"
import { runWalkForward } from "../../../../src/programs/backtest/robustness/WalkForwardRun.ts"
import type { SweepOptions } from "../../../../src/programs/backtest/RunSweep.ts"
import * as TrialStore from "../../../../src/storage/TrialStore.ts"
import { askedFor, type TestProject, testProject } from "../workerStrategies.ts"

// Each phase of a walk-forward starts workers, and a busy machine takes its time for it.
vi.setConfig({ testTimeout: 120_000 })

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
  readonly windows?: Partial<AskedWalkForward["windows"]>
  readonly objective?: string
  readonly asked?: Partial<AskedBacktest>
}

const prepared = (algorithm: string, { asked, grid, objective = "sharpe", windows }: Partial<Asked> = {}) =>
  prepareWalkForward(
    {
      ...askedFor(algorithm, asked),
      grid: grid ?? ["fast=5,10", "slow=20,40"],
      objective,
      windows: { train: 90, test: 40, embargo: 0, anchored: false, ...windows }
    },
    place()
  ).pipe(Effect.provide(NodeServices.layer))

const options = ({ backtests, ...asked }: Asked): SweepOptions => ({
  backtests,
  workers: Option.some(1),
  pointLimitMillis: 60_000,
  resume: false,
  onProgress: () => Effect.void,
  ...asked
})

const servicesOf = (backtests: string, evidence: Array<Evidence> = []) =>
  Layer.mergeAll(
    TrialStore.layer({ filename: join(backtests, "trials.db") }),
    Layer.succeed(EvidenceStore, {
      put: (one) => Effect.sync(() => void evidence.push(one)),
      of: () => Effect.succeed(evidence)
    })
  ).pipe(Layer.provideMerge(NodeServices.layer))

const walked = (algorithm: string, asked: Asked) =>
  Effect.flatMap(prepared(algorithm, asked), (one) => {
    const evidence: Array<Evidence> = []
    return Effect.gen(function* () {
      const finished = yield* runWalkForward(one, options(asked))
      const ledger = yield* TrialLedger
      const trials = yield* ledger.trials(one.sweep.sweep.inputs.data.dataset)
      return { prepared: one, finished, trials, evidence, json: walkForwardJson(one, finished) }
    }).pipe(Effect.provide(servicesOf(asked.backtests, evidence)))
  })

const paper = { costs: Option.some("paper" as const) }

type Walked = Effect.Success<ReturnType<typeof walked>>
let known: Walked | undefined
/** With costs and one worker, played once: it starts two of them. */
const uninterrupted = Effect.suspend(() =>
  known === undefined
    ? Effect.tap(walked("sma-cross", { backtests: shelf(), asked: paper }), (one) =>
        Effect.sync(() => void (known = one))
      )
    : Effect.succeed(known)
)

const messageOf = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.exit(effect), (exit) => String(Exit.isFailure(exit) ? exit.cause : ""))

describe("a walk-forward", () => {
  it.live("is the same with one and two workers on the event engine, and without costs on columns", () =>
    Effect.gen(function* () {
      const one = yield* uninterrupted
      const two = yield* walked("sma-cross", {
        backtests: shelf(),
        workers: Option.some(2),
        asked: paper
      })
      assert.strictEqual(one.finished.whyEngine, "there are costs")
      assert.strictEqual(one.json.windows.length, 5)
      assert.deepStrictEqual(two.json, one.json)
      const quick = yield* walked("sma-cross", { backtests: shelf() })
      assert.strictEqual(quick.finished.whyEngine, undefined)
      assert.isAbove(quick.finished.walk.windows.filter(isChosen).length, 3)
      for (const { rank } of quick.finished.walk.windows.filter(isChosen)) {
        if (rank !== undefined) assert.isAtMost(rank.rank, rank.of)
      }
    })
  )

  it.live("enters every point once, over the whole period, and its own curve as a trial", () =>
    Effect.gen(function* () {
      const { evidence, finished, prepared: one, trials } = yield* walked("sma-cross", { backtests: shelf() })
      assert.strictEqual(trials.length, 5)
      assert.strictEqual(finished.trials, 5)
      assert.deepStrictEqual(new Set(trials.map(({ source }) => source)), new Set(["walk-forward"]))
      assert.deepStrictEqual(new Set(trials.map(({ runs }) => runs)), new Set([1]))
      const { inputs } = one.sweep.sweep
      for (const { strategy, values } of one.sweep.points) {
        const cash = Option.some(inputs.cash)
        const own = yield* prepareBacktest(askedFor("sma-cross", { parameters: values, cash }), place())
        const trial = trials.find(({ id }) => id === own.id)
        assert.deepStrictEqual(trial?.parameters, strategy.parameters)
        assert.strictEqual(trial?.returns.length, own.tape.sessions.length)
      }
      const curve = trials.find(({ id }) => id === one.id)
      assert.deepStrictEqual(curve?.parameters, {
        fast: "5,10",
        slow: "20,40",
        train: 90,
        test: 40,
        embargo: 0,
        anchored: false,
        objective: "sharpe"
      })
      assert.deepStrictEqual(curve?.returns, finished.walk.returns)
      assert.strictEqual(curve?.from, one.sweep.tape.sessions[90]?.date)
      assert.deepInclude(evidence[0]?.finding, {
        _tag: "WalkForward",
        windows: finished.walk.windows.length,
        train: 90,
        outOfSampleReturn: finished.walk.totalReturn,
        profitableWindows: finished.walk.profitable
      })
      assert.strictEqual(evidence[0]?.subject.codeHash, inputs.algorithm.codeHash)
      assert.match(evidence[0]?.command ?? "", /^backtest walk-forward sma-cross .*--train 90 --test 40$/u)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("plays a file's signal rule where segments agree with its onBar, and else the engine", () =>
    Effect.gen(function* () {
      const honest = yield* walked("above-mean", { backtests: shelf(), grid: ["fast=5,10"] })
      assert.strictEqual(honest.finished.whyEngine, undefined)
      const ahead = yield* walked("knows-close", { backtests: shelf(), grid: ["fast=5,10"] })
      assert.include(ahead.finished.whyEngine, "did not agree")
      assert.deepStrictEqual(ahead.finished.walk.returns, honest.finished.walk.returns)
    })
  )

  it.live("chooses no point in a window from which it never came back", () =>
    Effect.gen(function* () {
      const grid = ["slow=5,900"]
      const stuck = yield* walked("endless", {
        backtests: shelf(),
        grid,
        pointLimitMillis: 2500,
        windows: { train: 150, test: 103 }
      })
      assert.deepStrictEqual(
        stuck.finished.failed.map(({ failure }) => failure.kind),
        ["time-limit", "time-limit"]
      )
      assert.deepStrictEqual(
        stuck.finished.walk.windows.map((window) => isChosen(window) && window.values["slow"]),
        [900]
      )
      // The one that failed over the whole period is no trial.
      assert.strictEqual(stuck.trials.length, 2)
    })
  )

  it.live("keeps what was played when it is interrupted, and goes on from it where that is asked for", () =>
    Effect.gen(function* () {
      const whole = yield* uninterrupted
      const asked = paper
      const backtests = shelf()
      const one = yield* prepared("sma-cross", { asked })
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        runWalkForward(one, {
          ...options({ backtests }),
          onProgress: ({ done }) =>
            done < 7 ? Effect.void : Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
        }).pipe(Effect.provide(servicesOf(backtests)))
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      const file = join(backtests, "walk-forwards", one.id, "segments.jsonl")
      assert.strictEqual(readFileSync(file, "utf8").split("\n").length - 1, 7)
      // As if the process had been killed while it was writing.
      appendFileSync(file, '{"index":3,"segm')
      const again = yield* walked("sma-cross", { backtests, asked, resume: true })
      assert.strictEqual(again.finished.resumed, 7)
      assert.deepStrictEqual(again.json, whole.json)
      assert.deepStrictEqual(
        again.trials.map(({ runs }) => runs),
        [1, 1, 1, 1, 1]
      )
      // All of it is there now, the returns of the chosen among it.
      const third = yield* walked("sma-cross", { backtests, asked, resume: true })
      assert.deepStrictEqual(third.json, whole.json)
      appendFileSync(file, '{"index":"none"}\n')
      const damaged = yield* messageOf(walked("sma-cross", { backtests, asked, resume: true }))
      assert.match(damaged, /segments\.jsonl line \d+ is no line of segments/u)
      const none = yield* messageOf(walked("sma-cross", { backtests: shelf(), resume: true }))
      assert.include(none, "Leave --resume out")
    })
  )

  it.live("says what does not fit together before anything is played", () =>
    Effect.gen(function* () {
      const lengths = yield* messageOf(prepared("sma-cross", { windows: { train: 200, test: 54 } }))
      assert.include(lengths, "train 200 + test 54 is 254 sessions, and there are 253")
      assert.include(yield* messageOf(prepared("sma-cross", { objective: "sharp" })), "did you mean sharpe?")
      assert.include(
        yield* messageOf(prepared("sma-cross", { grid: ["quick=5"] })),
        'strategy sma-cross has no parameter "quick"'
      )
      const never = walked("sma-cross", { backtests: shelf(), grid: ["fast=5", "slow=240"] })
      assert.include(
        yield* messageOf(never),
        "in none of 5 windows has a point of the grid its objective, the Sharpe ratio"
      )
    })
  )
})
