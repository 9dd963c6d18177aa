/** The overfitting guard as it is run: a grid that is played for it, stored backtests, files of returns. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { afterAll, beforeAll, vi } from "vitest"
import type { BacktestResult } from "../../../../src/backtest/BacktestResult.ts"
import { BacktestStore } from "../../../../src/backtest/BacktestStore.ts"
import { TrialLedger } from "../../../../src/backtest/TrialLedger.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { backtestServices, backtestsOf } from "../../../../src/programs/backtest/BacktestServices.ts"
import type { AskedBacktest } from "../../../../src/programs/backtest/PrepareBacktest.ts"
import { prepareSweep } from "../../../../src/programs/backtest/PrepareSweep.ts"
import { overfitEvidence } from "../../../../src/programs/backtest/robustness/OverfitEvidence.ts"
import { overfitJson } from "../../../../src/programs/backtest/robustness/OverfitJson.ts"
import {
  overfitOfBacktest,
  overfitOfFile,
  overfitOfGrid
} from "../../../../src/programs/backtest/robustness/OverfitRun.ts"
import { deskFolderAt } from "../../../../src/programs/DeskFolder.ts"
import { sampleBacktest } from "../../../backtest/SampleBacktest.ts"
import { noise } from "../../../backtest/robustness/overfitting/Noise.ts"
import { askedFor, type TestProject, testProject } from "../workerStrategies.ts"

vi.setConfig({ testTimeout: 60_000 })

let project: TestProject = { folder: "", remove: () => undefined }
beforeAll(() => {
  project = testProject()
})
afterAll(() => project.remove())

let made = 0
/** A desk that nobody has used. */
const newDesk = () => {
  const folder = join(project.folder, `desk-${++made}`)
  mkdirSync(folder)
  return deskFolderAt(folder, undefined)
}
type Desk = ReturnType<typeof newDesk>

const services = (desk: Desk) => backtestServices(desk).pipe(Layer.provideMerge(NodeServices.layer))

/** Files need no ledger; what is shared with backtests asks for one. */
const servicesForFiles = Layer.unwrap(Effect.sync(() => services(newDesk())))

const judging = { blocks: 8, freeParameters: undefined }

const judgedGrid = (
  desk: Desk,
  options: {
    readonly grid?: ReadonlyArray<string>
    readonly asked?: Partial<AskedBacktest>
    readonly resume?: boolean
  } = {}
) =>
  Effect.gen(function* () {
    const place = { project: project.folder, folder: project.folder }
    const grid = options.grid ?? ["fast=5,10,20", "slow=50,100"]
    const sweep = yield* prepareSweep({ ...askedFor("sma-cross", options.asked), grid }, place)
    return yield* overfitOfGrid(sweep, {
      ...judging,
      backtests: backtestsOf(desk),
      workers: Option.some(1),
      pointLimitMillis: 60_000,
      resume: options.resume ?? false,
      onProgress: () => Effect.void
    })
  })

const since = (from: string, to: string): Partial<AskedBacktest> => ({
  from: Option.some(sessionDate(from)),
  to: Option.some(sessionDate(to))
})

describe("a grid", () => {
  it.live("is played, its points are trials, and the point with the highest Sharpe ratio is judged", () => {
    const desk = newDesk()
    return Effect.gen(function* () {
      const { overfit, sweep } = yield* judgedGrid(desk)
      const sharpes = sweep.points.map((point) =>
        point._tag === "Done" ? (point.figures.sharpe ?? -Infinity) : -Infinity
      )
      const { guarded } = overfit
      assert.closeTo(guarded.sharpe * Math.sqrt(252), Math.max(...sharpes), 1e-9)
      assert.strictEqual(guarded.contest.length, 6)
      assert.strictEqual(guarded.trials, 6)
      assert.strictEqual(guarded.complexity?.freeParameters, 2)
      assert.isAbove(guarded.neighbours?.trials.length ?? 0, 1)
      assert.strictEqual(guarded.dates?.length, guarded.returns)
      const { trials } = yield* TrialLedger
      const kept = yield* trials(sweep.inputs.data.dataset)
      assert.strictEqual(kept.length, 6)
      assert.isDefined(kept.find(({ id }) => id === overfit.id))
      // The same again, and gone on with: the same figures.
      const again = yield* judgedGrid(desk, { resume: true })
      assert.deepStrictEqual(overfitJson(again.overfit), overfitJson(overfit))
    }).pipe(Effect.provide(services(desk)))
  })

  it.live(
    "earlier trials on the data count for luck, and not for the choice; those of other years do not",
    () => {
      const desk = newDesk()
      return Effect.gen(function* () {
        const alone = yield* judgedGrid(desk, { asked: since("2010-01-04", "2014-12-31") })
        yield* judgedGrid(desk, { grid: ["fast=2,3,4", "slow=30"], asked: since("2009-01-02", "2014-06-30") })
        yield* judgedGrid(desk, { grid: ["fast=7,8", "slow=30"], asked: since("2001-01-02", "2003-12-31") })
        const { overfit } = yield* judgedGrid(desk, { asked: since("2010-01-04", "2014-12-31") })
        assert.strictEqual(overfit.guarded.trials, 9)
        assert.strictEqual(overfit.guarded.contest.length, 6)
        assert.deepStrictEqual(overfit.guarded.probability, alone.overfit.guarded.probability)
        assert.strictEqual(overfit.guarded.sharpe, alone.overfit.guarded.sharpe)
        assert.include(overfit.notes[0] ?? "", "sessions in common, of ")
      }).pipe(Effect.provide(services(desk)))
    }
  )

  it.live("of one point, or of points that never trade, says what is needed", () => {
    const desk = newDesk()
    return Effect.gen(function* () {
      const one = yield* Effect.flip(judgedGrid(desk, { grid: ["fast=5", "slow=50"] }))
      assert.strictEqual(one._tag, "TooFewObservations")
      assert.include(
        one.message,
        "the overfitting guard needs 2 different trials, and there is 1. A choice among one"
      )
      const short = yield* Effect.flip(
        judgedGrid(desk, { grid: ["fast=20,30", "slow=100"], asked: since("2008-09-15", "2008-11-28") })
      )
      assert.strictEqual(short._tag, "BadRequest")
      assert.include(short.message, "no point of the grid has a Sharpe ratio")
    }).pipe(Effect.provide(services(desk)))
  })

  it.live("its evidence says what it is about and what was found", () => {
    const desk = newDesk()
    return Effect.gen(function* () {
      const { overfit } = yield* judgedGrid(desk)
      if (overfit.inputs === undefined) return assert.fail("a backtest was judged")
      const evidence = overfitEvidence(overfit.inputs, overfit.guarded, {
        command: "backtest overfit …",
        foundAt: 7
      })
      assert.strictEqual(evidence.subject.codeHash, overfit.inputs.algorithm.codeHash)
      assert.deepStrictEqual(Object.keys(evidence.subject.parameters).toSorted(), ["fast", "slow"])
      if (evidence.finding._tag !== "Overfitting") return assert.fail("another finding")
      assert.strictEqual(evidence.finding.pbo, overfit.guarded.probability.pbo)
      assert.strictEqual(evidence.finding.recommendation, overfit.guarded.verdict.recommendation)
      const later = overfitEvidence(overfit.inputs, overfit.guarded, {
        command: "backtest overfit …",
        foundAt: 8
      })
      assert.strictEqual(later.id, evidence.id)
    }).pipe(Effect.provide(services(desk)))
  })
})

describe("a stored backtest", () => {
  it.live("is judged among all trials on its data; of one that the ledger does not know it is said", () => {
    const desk = newDesk()
    return Effect.gen(function* () {
      const store = yield* BacktestStore
      const { record } = yield* TrialLedger
      const result: BacktestResult = sampleBacktest()
      yield* store.put(result)
      const unknown = yield* Effect.flip(overfitOfBacktest("latest", judging))
      assert.strictEqual(unknown._tag, "BadRequest")
      assert.include(unknown.message, `the trial ledger has no trial ${result.id}`)

      const { algorithm, data, engine, profile } = result.inputs
      const trials = noise({ seed: 31, trials: 5, length: 400, edge: 3 }).map((returns, i) => ({
        id: i === 0 ? result.id : `other-${i}`,
        dataset: data.dataset,
        dataHash: data.dataHash,
        from: data.from,
        to: data.to,
        algorithm: algorithm.name,
        codeHash: algorithm.codeHash,
        parameters: { ...algorithm.parameters, fast: i + 2 },
        profile: profile.name,
        engine: engine.name,
        source: "backtest",
        ranAt: i,
        returns
      }))
      yield* record(trials)
      const { guarded, id } = yield* overfitOfBacktest("latest", judging)
      assert.strictEqual(id, result.id)
      assert.strictEqual(guarded.trials, 5)
      assert.strictEqual(guarded.contest.length, 5)
      assert.strictEqual(guarded.neighbours?.trials.length, 1)
      assert.strictEqual(guarded.complexity?.freeParameters, 1)
    }).pipe(Effect.provide(services(desk)))
  })
})

describe("a file of returns", () => {
  const written = (name: string, columns: ReadonlyArray<Float64Array>): string => {
    const rows = Array.from(columns[0] ?? [], (_, i) => columns.map((column) => column[i]).join(","))
    writeFileSync(
      join(project.folder, name),
      [columns.map((__, i) => `t${i + 1}`).join(","), ...rows, ""].join("\n")
    )
    return name
  }
  const judged = (file: string, column: Option.Option<string> = Option.none()) =>
    overfitOfFile(file, column, judging, project.folder)

  it.live("its best column is judged, or the one that is named; constant columns are left out", () =>
    Effect.gen(function* () {
      const columns = noise({ seed: 41, trials: 6, length: 500, edge: 4 })
      const file = written("trials.csv", [...columns, new Float64Array(500).fill(0.001)])
      const best = yield* judged(file)
      assert.strictEqual(best.title, "t1")
      assert.strictEqual(best.guarded.trials, 6)
      assert.strictEqual(best.inputs, undefined)
      assert.include(best.notes[0] ?? "", "1 of the trials have returns that do not vary")
      // Without places there are no neighbours: a promotion is stopped.
      assert.notStrictEqual(best.guarded.verdict.recommendation, "promote")
      assert.strictEqual((yield* judged(file, Option.some("t4"))).title, "t4")
      const constant = yield* Effect.flip(judged(file, Option.some("t7")))
      assert.strictEqual(constant._tag, "ConstantReturns")
      const missing = yield* Effect.flip(judged(file, Option.some("t9")))
      assert.strictEqual(missing._tag, "BadRequest")
    }).pipe(Effect.provide(servicesForFiles))
  )

  it.live("too few columns, too few returns: what is needed", () =>
    Effect.gen(function* () {
      const columns = noise({ seed: 42, trials: 3, length: 12 })
      const one = yield* Effect.flip(judged(written("one.csv", columns.slice(0, 1))))
      assert.include(one.message, "needs 2 different trials, and there is 1")
      const short = yield* Effect.flip(judged(written("short.csv", columns)))
      assert.include(short.message, "with 8 blocks needs 16 returns of each trial, and there are 12")
    }).pipe(Effect.provide(servicesForFiles))
  )

  it.live("the machine form has no value that JSON cannot hold", () =>
    Effect.gen(function* () {
      const file = written("losing.csv", noise({ seed: 43, trials: 3, length: 64, edge: -6 }).slice(0, 2))
      const json = overfitJson(yield* judged(file))
      assert.deepStrictEqual(JSON.parse(JSON.stringify(json)), json)
    }).pipe(Effect.provide(servicesForFiles))
  )
})
