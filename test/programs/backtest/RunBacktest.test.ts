/** A backtest in a worker: kept with its trial and page, failed, interrupted and gone on with. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Option } from "effect"
import { afterEach, beforeAll, beforeEach, vi } from "vitest"
import type { BacktestResult } from "../../../src/backtest/BacktestResult.ts"
import { BacktestStore } from "../../../src/backtest/BacktestStore.ts"
import { TrialLedger } from "../../../src/backtest/TrialLedger.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { backtestServices } from "../../../src/programs/backtest/BacktestServices.ts"
import { type AskedBacktest, prepareBacktest } from "../../../src/programs/backtest/PrepareBacktest.ts"
import {
  reopenBacktest,
  runBacktest,
  type RunBacktestOptions
} from "../../../src/programs/backtest/RunBacktest.ts"
import { deskFolderAt } from "../../../src/programs/DeskFolder.ts"
import { bundled } from "../../support/BundledScript.ts"
import { askedFor } from "./SampleAsk.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let entry = ""
beforeAll(async () => {
  entry = fileURLToPath(
    await bundled(new URL("../../../src/programs/backtest/worker/worker.ts", import.meta.url))
  )
})

let project = ""
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "plimsoll-run-backtest-"))
  mkdirSync(join(project, "algorithms"))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

const services = Layer.unwrap(Effect.sync(() => backtestServices(deskFolderAt(project, undefined)))).pipe(
  Layer.provideMerge(NodeServices.layer)
)

const asked = askedFor("2010-01-04", "2012-12-31")

const prepare = (changed: Partial<AskedBacktest> = {}) =>
  prepareBacktest(asked(changed), { folder: project, project })

const options = (changed: Partial<RunBacktestOptions> = {}): RunBacktestOptions => ({
  onProgress: () => Effect.void,
  entry,
  ...changed
})

const run = Effect.fnUntraced(function* (
  changed: Partial<AskedBacktest> = {},
  how: Partial<RunBacktestOptions> = {}
) {
  return yield* runBacktest(yield* prepare(changed), options(how))
})

const hashOf = ({ outcome }: BacktestResult): string =>
  outcome._tag === "Finished" ? outcome.hash : outcome.failure.message

/** A strategy in a file: `body` is what `onBar` does, `context` at hand. */
const writeStrategy = (name: string, body: string): void =>
  writeFileSync(
    join(project, "algorithms", `${name}.ts`),
    `import { defineStrategy } from "plimsoll/strategy"

export default defineStrategy({
  name: "${name}",
  title: "A test",
  summary: "A test.",
  instruments: { least: 1, most: 1 },
  parameters: {},
  make: () => ({
    onBar: (context) => {
      ${body}
    }
  })
})
`
  )

describe("a backtest that comes to its end", () => {
  it.live("is kept with its page and its trial, and run again it is the same with one more run", () =>
    Effect.gen(function* () {
      const first = yield* run()
      const { folderOf, get, list } = yield* BacktestStore
      expect(first.outcome._tag).toBe("Finished")
      expect(yield* get(first.id)).toEqual(first)
      expect(readFileSync(folderOf(first.id).tearSheet, "utf8")).toMatch(/^<!doctype html>/iu)

      const again = yield* run()
      expect(again.id).toBe(first.id)
      expect(hashOf(again)).toBe(hashOf(first))
      expect(yield* list).toHaveLength(1)

      const { trials } = yield* TrialLedger
      const [trial, ...others] = yield* trials(first.inputs.data.dataset)
      expect(others).toEqual([])
      expect(trial).toMatchObject({ id: first.id, runs: 2, source: "backtest", profile: "single-index" })
      if (first.outcome._tag !== "Finished") return
      const { dates, equity } = first.outcome.content
      expect(trial?.returns).toHaveLength(dates.length)
      const grown = trial?.returns.reduce((product, ratio) => product * (1 + ratio), 100_000)
      expect(grown).toBeCloseTo(equity.at(-1) ?? 0, 4)
    }).pipe(Effect.provide(services))
  )

  it.live("tells how far it is, session by session, to the last", () =>
    Effect.gen(function* () {
      const steps: Array<number> = []
      const result = yield* run(
        {},
        {
          onProgress: ({ session, sessions }) =>
            Effect.sync(() => {
              expect(session).toBeLessThanOrEqual(sessions)
              steps.push(session)
            })
        }
      )
      expect(steps.length).toBeGreaterThan(1)
      expect(steps).toEqual(steps.toSorted((a, b) => a - b))
      const sessions = result.outcome._tag === "Finished" ? result.outcome.content.dates.length : 0
      expect(steps.at(-1)).toBe(sessions)
    }).pipe(Effect.provide(services))
  )

  it.live("carries the label of research limits", () =>
    Effect.gen(function* () {
      const { inputs } = yield* run({ limits: Option.some("research") })
      expect(inputs.profile).toMatchObject({ name: "research", promotable: false })
    }).pipe(Effect.provide(services))
  )
})

describe("a backtest that cannot go on", () => {
  it.live("is kept as failed with bar, time and stack when its strategy throws, and is no trial", () =>
    Effect.gen(function* () {
      const finished = yield* run()
      writeStrategy(
        "thrower",
        `if (context.sessionIndex === 7) throw new TypeError("no such luck")\n      return []`
      )
      const failed = yield* run({ algorithm: "thrower" })
      expect(failed.outcome).toMatchObject({
        _tag: "Failed",
        failure: { kind: "threw", message: expect.stringContaining("no such luck"), bar: 8 }
      })
      if (failed.outcome._tag === "Failed") {
        expect(failed.outcome.failure.at).toContain("2010-01-13")
        expect(failed.outcome.failure.stack).toContain("thrower.ts")
      }
      const { get } = yield* BacktestStore
      expect(yield* get(failed.id)).toEqual(failed)
      expect(yield* get(finished.id)).toEqual(finished)
      const { datasets } = yield* TrialLedger
      expect(yield* datasets).toMatchObject([{ trials: 1, runs: 1 }])
    }).pipe(Effect.provide(services))
  )

  it.live("is stopped when it does not come back, and says where it was", () =>
    Effect.gen(function* () {
      writeStrategy("endless", `for (;;) if (context.sessionIndex < 3) return []`)
      const failed = yield* run({ algorithm: "endless" }, { timeLimitMillis: 5000 })
      expect(failed.outcome).toMatchObject({
        _tag: "Failed",
        failure: { kind: "time-limit", bar: 4, message: expect.stringContaining("time limit of 5 s") }
      })
    }).pipe(Effect.provide(services))
  )

  it.live("is kept as failed when its strategy asks for what is no number", () =>
    Effect.gen(function* () {
      writeStrategy(
        "no-number",
        `return context.instruments.map(({ id }) => ({ instrumentId: id, weight: Number.NaN, reason: "none" }))`
      )
      const failed = yield* run({ algorithm: "no-number" })
      expect(failed.outcome._tag).toBe("Failed")
    }).pipe(Effect.provide(services))
  )
})

/** Interrupts it once so many sessions are played. */
const interruptedAfter = Effect.fnUntraced(function* (
  sessions: number,
  begun: { readonly changed?: Partial<AskedBacktest>; readonly how?: Partial<RunBacktestOptions> } = {}
) {
  const isFar = yield* Deferred.make<void>()
  const prepared = yield* prepare(begun.changed)
  const fiber = yield* Effect.forkChild(
    runBacktest(
      prepared,
      options({
        ...begun.how,
        onProgress: ({ session }) =>
          session >= sessions ? Effect.asVoid(Deferred.succeed(isFar, undefined)) : Effect.void
      })
    )
  )
  yield* Deferred.await(isFar)
  yield* Fiber.interrupt(fiber)
  return prepared.id
})

const twenty = { from: Option.some(sessionDate("2000-01-03")), to: Option.some(sessionDate("2020-04-17")) }

describe("a backtest that is interrupted", () => {
  it.live("leaves a checkpoint and no result, and gone on with comes to the same result", () =>
    Effect.gen(function* () {
      const id = yield* interruptedAfter(500, { changed: twenty })
      const { checkpoint, list } = yield* BacktestStore
      expect(yield* list).toMatchObject([{ _tag: "Interrupted", id, of: 5105 }])
      const saved = yield* checkpoint("latest")
      expect(saved.done).toBeGreaterThanOrEqual(500)
      expect(saved.done).toBeLessThan(5105)
      expect(readdirSync(join(project, ".plimsoll", "backtests", id))).toEqual(["checkpoint.json"])

      const { prepared, resume } = yield* reopenBacktest(Option.none())
      const steps: Array<number> = []
      const resumed = yield* runBacktest(
        prepared,
        options({ resume, onProgress: ({ session }) => Effect.sync(() => void steps.push(session)) })
      )
      expect(steps[0]).toBeGreaterThan(saved.done)
      expect(resumed.id).toBe(id)
      expect(existsSync(join(project, ".plimsoll", "backtests", id, "checkpoint.json"))).toBe(false)

      // The store would refuse another result of the same inputs.
      const whole = yield* run(twenty)
      expect(whole.id).toBe(id)
      expect(hashOf(whole)).toBe(hashOf(resumed))
    }).pipe(Effect.provide(services))
  )

  it.live("is not gone on with when its code has changed since", () =>
    Effect.gen(function* () {
      const body = "return []"
      writeStrategy("mine", body)
      const id = yield* interruptedAfter(300, { changed: { ...twenty, algorithm: "mine" } })
      writeStrategy("mine", `// changed\n      ${body}`)
      const error = yield* Effect.flip(reopenBacktest(Option.some(id)))
      expect(error).toMatchObject({
        _tag: "RunRefused",
        message: expect.stringContaining(
          "the code of mine has changed since; run it again from its beginning"
        )
      })
    }).pipe(Effect.provide(services))
  )

  it.live("is looked for in vain where there is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(reopenBacktest(Option.none()))
      expect(error._tag).toBe("BacktestNotFound")
      expect(error.message).toBe("there is no interrupted backtest to go on with")
    }).pipe(Effect.provide(services))
  )
})
