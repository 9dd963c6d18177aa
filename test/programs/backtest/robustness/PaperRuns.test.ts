/** Which runs count as paper sessions of a backtest: what is read of their folders. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { dollars } from "../../../../src/domain/Money.ts"
import { symbol } from "../../../../src/domain/Identifiers.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { deskFolderAt } from "../../../../src/programs/DeskFolder.ts"
import { paperRuns } from "../../../../src/programs/backtest/robustness/PaperRuns.ts"
import * as RunFolder from "../../../../src/programs/RunFolder.ts"
import { runFile } from "../../../../src/programs/RunPreparation.ts"
import { venueModelsOf } from "../../../../src/programs/VenueModelsConfig.ts"
import { deskProfile, researchProfile } from "../../../../src/risk/LimitsProfile.ts"
import type { StrategyParameters } from "../../../../src/session/Strategy.ts"
import type { RunInputs } from "../../../../src/session/RunInputs.ts"
import { sampleInputs } from "../../../backtest/SampleBacktest.ts"

const begun = { codeHash: "c0de", parameters: { fast: 5, slow: 50 } }

/** After the sample backtest, which ends on 2017-01-04; Monday to Friday. */
const inputsOf = (changed: Partial<RunInputs> = {}): RunInputs => ({
  strategies: ["sma-cross"],
  algorithms: { "sma-cross": begun },
  symbols: ["SPX-REPLAY"],
  from: sessionDate("2017-01-09"),
  to: sessionDate("2017-01-13"),
  cash: dollars(100_000),
  profile: deskProfile,
  resumePolicy: { _tag: "Sessions", count: 20 },
  seed: 1,
  models: venueModelsOf(undefined),
  ...changed
})

/** In a project with these runs, each with its result, where it has one. */
const found = (...runs: ReadonlyArray<readonly [inputs: RunInputs, result: string | undefined]>) =>
  foundFor("backtest run sma-cross", ...runs)

const foundFor = (
  command: string,
  ...runs: ReadonlyArray<readonly [inputs: RunInputs, result: string | undefined]>
) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = deskFolderAt(yield* files.makeTempDirectoryScoped(), undefined)
    for (const [inputs, result] of runs) {
      const run = yield* RunFolder.create(
        join(folder.home, "runs"),
        runFile(inputs, { source: "embedded" }, "/project")
      )
      if (result !== undefined) writeFileSync(join(run.path, "result.json"), result)
    }
    return yield* paperRuns({ inputs: sampleInputs(), command }, folder)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const resultOf = (strategy: string, fills: number): string =>
  JSON.stringify({ more: 1, books: [{ strategy, fills, other: 2 }] })
const done = resultOf("sma-cross", 3)

it.effect("a finished run of the strategy after the backtest's end counts, with its sessions and fills", () =>
  Effect.gen(function* () {
    expect(yield* found([inputsOf(), done])).toMatchObject([
      {
        differs: [],
        sessions: ["2017-01-09", "2017-01-10", "2017-01-11", "2017-01-12", "2017-01-13"],
        fills: 3
      }
    ])
  })
)

it.effect("nothing counts of an unfinished run, of the backtest's own sessions, of other strategies", () =>
  Effect.gen(function* () {
    expect(
      yield* found(
        [inputsOf(), undefined],
        [inputsOf({ from: sessionDate("2017-01-04") }), done],
        [inputsOf({ algorithms: { trend: begun } }), done],
        // Of before runs kept what they were begun with.
        [{ ...inputsOf(), algorithms: {} }, done],
        [inputsOf(), resultOf("trend", 3)],
        [inputsOf(), "{}"]
      )
    ).toEqual([])
    expect(yield* found()).toEqual([])
  })
)

it.effect("other code, parameters, symbols and limits are told", () =>
  Effect.gen(function* () {
    const other = (changed: { readonly codeHash?: string; readonly parameters?: StrategyParameters }) =>
      inputsOf({ algorithms: { "sma-cross": { ...begun, ...changed } } })
    const all = yield* found(
      [other({ codeHash: "other" }), done],
      [other({ parameters: { fast: 6, slow: 50 } }), done],
      [other({ parameters: { ...begun.parameters, more: 1 } }), done],
      [inputsOf({ symbols: [symbol("FUND")] }), done],
      [inputsOf({ profile: researchProfile }), done],
      [inputsOf({ cash: dollars(5) }), done],
      [inputsOf({ resumePolicy: { _tag: "Never" } }), done]
    )
    expect(all.map(({ differs }) => differs.join()).toSorted()).toEqual([
      "another resume policy: never",
      "other cash: 5.00",
      "other code",
      "other limits: research",
      "other parameters: fast=6",
      "other parameters: more=1",
      "other symbols: FUND"
    ])
  })
)

it.effect("prices of another source are told, and what is no run is passed over", () =>
  Effect.gen(function* () {
    const [one] = yield* foundFor("backtest run sma-cross --csv 'X=a b.csv' --seed 1", [inputsOf(), done])
    expect(one?.differs).toEqual(["other prices: embedded"])
    const files = yield* FileSystem.FileSystem
    const folder = deskFolderAt(yield* files.makeTempDirectoryScoped(), undefined)
    const runs = join(folder.home, "runs")
    yield* files.makeDirectory(join(runs, "halfway"), { recursive: true })
    writeFileSync(join(runs, ".DS_Store"), "")
    writeFileSync(join(runs, "halfway", "result.json"), done)
    expect(yield* paperRuns({ inputs: sampleInputs(), command: "backtest run sma-cross" }, folder)).toEqual(
      []
    )
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
)
