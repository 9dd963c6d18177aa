/** Backtests in their folders: whole, unreplaced, told when damaged. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { afterEach, beforeEach, vi } from "vitest"
import * as BacktestFolders from "../../src/backtest/BacktestFolders.ts"
import { backtestId, resultHash } from "../../src/backtest/BacktestId.ts"
import { BacktestStore } from "../../src/backtest/BacktestStore.ts"
import { dollars } from "../../src/domain/Money.ts"
import { bundled } from "../support/BundledScript.ts"
import { startChild } from "../support/Children.ts"
import { sampleBacktest, sampleContent, sampleFailure, sampleInputs } from "./SampleBacktest.ts"

vi.setConfig({ testTimeout: 60_000 })

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-backtests-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const store = Layer.unwrap(
  Effect.sync(() => BacktestFolders.layer({ folder: join(folder, "backtests") }))
).pipe(Layer.provide(NodeServices.layer))

const inStore = <A, E>(work: (store: BacktestStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(BacktestStore, work).pipe(Effect.provide(store))

const first = sampleBacktest()
const other = sampleBacktest({ inputs: { seed: 2 }, ranAt: first.ranAt + 1000 })
const resultOf = (id: string): string => join(folder, "backtests", id, "result.json")

describe("a backtest's id", () => {
  it("is made of the algorithm and of all its inputs, in whatever order their keys are", () => {
    const inputs = sampleInputs()
    const turned = Object.fromEntries(Object.entries(inputs).toReversed())
    expect(backtestId(inputs)).toMatch(/^sma-cross-[0-9a-f]{10}$/u)
    expect(backtestId({ ...sampleInputs(), ...turned })).toBe(backtestId(inputs))
    const changes: ReadonlyArray<Parameters<typeof sampleInputs>[0]> = [
      { seed: 2 },
      { cash: dollars(1) },
      { engine: { name: "plimsoll", version: "2" } },
      { algorithm: { ...inputs.algorithm, parameters: { fast: 5, slow: 51 } } },
      { algorithm: { ...inputs.algorithm, codeHash: "other" } },
      { data: { ...inputs.data, dataHash: "other" } }
    ]
    const ids = new Set([inputs, ...changes.map((change) => sampleInputs(change))].map(backtestId))
    expect(ids.size).toBe(changes.length + 1)
  })

  it("is a name that a folder may have, whatever the algorithm is called", () => {
    const named = (name: string) =>
      backtestId(sampleInputs({ algorithm: { ...sampleInputs().algorithm, name } }))
    expect(named("../../etc/passwd")).toMatch(/^etc-passwd-[0-9a-f]{10}$/u)
    expect(named("äöü")).toMatch(/^backtest-[0-9a-f]{10}$/u)
    expect(named("x".repeat(300)).length).toBeLessThan(80)
  })

  it("has no hash of a content that is no JSON", () => {
    expect(() => resultHash(sampleContent({ equity: [Number.NaN] }))).toThrow()
  })
})

describe("the store of backtests", () => {
  it.effect("gives a result back as it was put, by its id, the beginning of it and as the latest", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        yield* backtests.put(other)
        expect(yield* backtests.get(first.id)).toEqual(first)
        expect(yield* backtests.get(other.id.slice(0, -3))).toEqual(other)
        expect(yield* backtests.get("latest")).toEqual(other)
        expect(readdirSync(join(folder, "backtests", first.id)).toSorted()).toEqual([
          "result.json",
          "summary.json"
        ])
      })
    )
  )

  it.effect("says which there are when there is none of a name, or several", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        expect(yield* Effect.flip(backtests.get("latest"))).toMatchObject({
          _tag: "BacktestNotFound",
          message: expect.stringContaining("there is no backtest yet")
        })
        yield* backtests.put(first)
        yield* backtests.put(other)
        const none = yield* Effect.flip(backtests.get("trend"))
        expect(none.message).toBe(
          `there is no backtest "trend"; there are ${[first.id, other.id].toSorted().join(", ")}`
        )
        const several = yield* Effect.flip(backtests.get("sma-cross"))
        expect(several.message).toContain('"sma-cross" may be ')
        for (const name of ["", "..", "../backtests", "."]) {
          expect(yield* Effect.flip(backtests.get(name))).toMatchObject({ _tag: "BacktestNotFound" })
        }
      })
    )
  )

  it.effect("keeps the newer of two runs with the same result, and lists the newest first", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        yield* backtests.put(other)
        const again = { ...first, ranAt: other.ranAt + 1000 }
        yield* backtests.put(again)
        expect(yield* backtests.get(first.id)).toEqual(again)
        const list = yield* backtests.list
        expect(list).toMatchObject([
          { _tag: "Stored", summary: { id: first.id, ranAt: again.ranAt } },
          { _tag: "Stored", summary: { id: other.id, outcome: { _tag: "Finished", denied: 2, fills: 1 } } }
        ])
      })
    )
  )

  it.effect("refuses another result of the same inputs, says so and keeps the earlier one", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        const before = readFileSync(resultOf(first.id), "utf8")
        const different = sampleBacktest({ content: { equity: [100_000, 100_101.500_000_01] } })
        const error = yield* Effect.flip(backtests.put(different))
        expect(error).toMatchObject({
          _tag: "BacktestNotReproducible",
          id: first.id,
          earlier: first.outcome.hash,
          now: different.outcome.hash,
          message: expect.stringContaining("THIS BACKTEST IS NOT REPRODUCIBLE")
        })
        expect(readFileSync(resultOf(first.id), "utf8")).toBe(before)
        expect(readdirSync(join(folder, "backtests", first.id)).toSorted()).toEqual([
          "result.json",
          "summary.json"
        ])
      })
    )
  )

  it.effect("shows a failed one until a finished one takes its place, and never the other way round", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        const failure = sampleFailure()
        yield* backtests.put(failure)
        expect(yield* backtests.get(failure.id)).toEqual(failure)
        expect(yield* backtests.list).toMatchObject([{ summary: { outcome: { _tag: "Failed" } } }])
        yield* backtests.put(first)
        expect(yield* backtests.get(first.id)).toEqual(first)
        yield* backtests.put(failure)
        expect(yield* backtests.get(first.id)).toEqual(first)
        expect(yield* backtests.list).toMatchObject([{ summary: { outcome: { _tag: "Finished" } } }])
      })
    )
  )

  it.effect("tells a damaged result with its file and what is wrong, and shows the others", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        yield* backtests.put(other)
        const whole = readFileSync(resultOf(first.id), "utf8")
        const damages: ReadonlyArray<readonly [string, string]> = [
          ["", "JSON"],
          [whole.slice(0, whole.length / 2), "JSON"],
          ["\u0000".repeat(100), "JSON"],
          [whole.replace('"cash":75000000000', '"cash":"75000"'), '["outcome"]["content"]["cash"]'],
          [whole.replace('"version":1,', '"version":2,'), '["version"]'],
          [whole.replace('"bars":2', '"bars":2,"extra":1'), '["extra"]'],
          [whole.replace("100101.5", "200101.5"), "another hash than it says"],
          [whole.replace('"seed":1', '"seed":3'), "its inputs are those of sma-cross-"],
          [JSON.stringify(other), `its inputs are those of ${other.id}`]
        ]
        for (const [text, problem] of damages) {
          writeFileSync(resultOf(first.id), text)
          const error = yield* Effect.flip(backtests.get(first.id))
          expect(error).toMatchObject({ _tag: "BacktestDamaged", file: resultOf(first.id) })
          expect(error.message).toContain(problem)
          expect(error.message).toContain(`plimsoll backtest remove ${first.id}`)
          const list = yield* backtests.list
          expect(list.find((entry) => entry._tag === "Damaged")).toMatchObject({
            id: first.id,
            problem: expect.stringContaining(problem)
          })
          expect(list.find((entry) => entry._tag === "Stored")).toMatchObject({ summary: { id: other.id } })
        }
        expect(yield* backtests.get(other.id)).toEqual(other)
      })
    )
  )

  it.effect("puts a damaged result aside when the backtest is run again", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        writeFileSync(resultOf(first.id), "{")
        yield* backtests.put(first)
        expect(yield* backtests.get(first.id)).toEqual(first)
        expect(readFileSync(join(folder, "backtests", first.id, "result.damaged.json"), "utf8")).toBe("{")
      })
    )
  )

  it.effect("does not wait for what is no file, nor read a device without end", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        rmSync(resultOf(first.id))
        mkdirSync(resultOf(first.id))
        expect(yield* Effect.flip(backtests.get(first.id))).toMatchObject({
          _tag: "BacktestDamaged",
          message: expect.stringContaining("it is a folder")
        })
        rmSync(resultOf(first.id), { recursive: true })
        symlinkSync("/dev/zero", resultOf(first.id))
        expect(yield* Effect.flip(backtests.get(first.id))).toMatchObject({
          message: expect.stringContaining("it is no regular file")
        })
      })
    )
  )

  it.effect("does not believe a summary of another state of the result", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        const summary = join(folder, "backtests", first.id, "summary.json")
        const kept = readFileSync(summary, "utf8")
        copyFileSync(resultOf(first.id), `${resultOf(first.id)}.copy`)
        writeFileSync(resultOf(first.id), "{}")
        expect(yield* backtests.list).toMatchObject([{ _tag: "Damaged" }])
        copyFileSync(`${resultOf(first.id)}.copy`, resultOf(first.id))
        writeFileSync(summary, "no summary")
        expect(yield* backtests.list).toMatchObject([{ _tag: "Stored", summary: { id: first.id } }])
        expect(readFileSync(summary, "utf8")).not.toBe(kept)
      })
    )
  )

  it.effect("leaves what another process is writing alone, and clears it away a day later", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        const left = join(folder, "backtests", first.id, ".new-abc")
        mkdirSync(left)
        writeFileSync(join(left, "text"), "half of a resul")
        const now = yield* Clock.currentTimeMillis
        utimesSync(left, now / 1000, now / 1000)
        yield* backtests.put(first)
        expect(existsSync(left)).toBe(true)
        expect(yield* backtests.get(first.id)).toEqual(first)
        yield* TestClock.adjust("25 hours")
        yield* backtests.put(first)
        expect(existsSync(left)).toBe(false)
      })
    )
  )

  it.effect("says what stands in the way where nothing can be written, and leaves nothing half", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        writeFileSync(join(folder, "backtests"), "a file")
        const error = yield* Effect.flip(backtests.put(first))
        expect(error).toMatchObject({ _tag: "BacktestStoreFailed" })
        expect(error.message).toContain(`${resultOf(first.id)} cannot be written: `)
        expect(readFileSync(join(folder, "backtests"), "utf8")).toBe("a file")
      })
    )
  )

  it.effect("keeps the same result from many at once, and one of two that differ", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        const same = Array.from({ length: 16 }, () => Effect.result(backtests.put(first)))
        const puts = yield* Effect.all(same, { concurrency: "unbounded" })
        expect(puts.every(({ _tag }) => _tag === "Success")).toBe(true)

        const different = sampleBacktest({ inputs: { seed: 2 }, content: { equity: [1, 2] } })
        const rivals = yield* Effect.all(
          Array.from({ length: 16 }, (_, i) => Effect.result(backtests.put(i % 2 === 0 ? other : different))),
          { concurrency: "unbounded" }
        )
        const kept = yield* backtests.get(other.id)
        const hash = kept.outcome._tag === "Finished" ? kept.outcome.hash : ""
        rivals.forEach(({ _tag }, i) => {
          const own = i % 2 === 0 ? other.outcome.hash : different.outcome.hash
          expect(_tag).toBe(own === hash ? "Success" : "Failure")
        })
      })
    )
  )

  it.effect("has every result whole when the processes that put them are killed", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        const script = yield* Effect.promise(() =>
          bundled(new URL("processes/putBacktests.ts", import.meta.url))
        )
        for (const puts of [3, 12, 25]) {
          const children = [1, 2].map(() => startChild(script, [join(folder, "backtests")]))
          yield* Effect.promise(() => Promise.all(children.map((child) => child.ready)))
          const far = children.map(
            (child) =>
              new Promise<void>((resolve) => {
                let seen = 0
                child.process.stdout?.on("data", (chunk) => {
                  seen += String(chunk).length
                  if (seen >= puts) resolve()
                })
              })
          )
          for (const child of children) child.go()
          yield* Effect.promise(() => Promise.all(far))
          for (const child of children) child.process.kill("SIGKILL")
          yield* Effect.promise(() => Promise.all(children.map((child) => child.exited)))
          const list = yield* backtests.list
          expect(list.length).toBeGreaterThanOrEqual(Math.min(puts, 10))
          for (const entry of list) {
            expect(entry._tag).toBe("Stored")
            if (entry._tag === "Stored") {
              expect(yield* backtests.get(entry.summary.id)).toMatchObject({ id: entry.summary.id })
            }
          }
        }
      })
    )
  )

  it.effect("takes a backtest away whole, and no other", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.put(first)
        yield* backtests.put(other)
        expect(yield* backtests.remove(first.id.slice(0, -2))).toBe(first.id)
        expect(yield* backtests.list).toMatchObject([{ summary: { id: other.id } }])
        expect(readdirSync(join(folder, "backtests"))).toEqual([other.id])
        expect(yield* Effect.flip(backtests.remove(first.id))).toMatchObject({ _tag: "BacktestNotFound" })
      })
    )
  )

  it.effect("writes a tear sheet beside the result", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.putTearSheet(first.id, "<!doctype html>")
        const { tearSheet } = backtests.folderOf(first.id)
        expect(readFileSync(tearSheet, "utf8")).toBe("<!doctype html>")
        expect(yield* backtests.list).toEqual([])
      })
    )
  )
})

describe("a backtest that was interrupted", () => {
  const saved = {
    version: 1 as const,
    id: first.id,
    savedAt: 5,
    done: 1,
    of: 2,
    file: '{"a":1}',
    state: '{"b":[1,2]}'
  }

  it.effect("is listed as such and found again, by its id and as the latest, until it is dropped", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        expect(yield* Effect.flip(backtests.checkpoint("latest"))).toMatchObject({
          _tag: "BacktestNotFound",
          message: "there is no interrupted backtest to go on with"
        })
        yield* backtests.put(other)
        yield* backtests.putCheckpoint(saved)
        expect(yield* backtests.checkpoint("latest")).toEqual(saved)
        expect(yield* backtests.checkpoint(first.id.slice(0, -4))).toEqual(saved)
        expect(yield* backtests.list).toMatchObject([
          { _tag: "Stored" },
          { _tag: "Interrupted", id: first.id, done: 1, of: 2 }
        ])
        yield* backtests.dropCheckpoint(first.id)
        yield* backtests.dropCheckpoint(first.id)
        expect(yield* backtests.list).toMatchObject([{ _tag: "Stored" }])
        expect(yield* Effect.flip(backtests.checkpoint(first.id))).toMatchObject({ _tag: "BacktestNotFound" })
      })
    )
  )

  it.effect("is told as damaged when its checkpoint cannot be read", () =>
    inStore((backtests) =>
      Effect.gen(function* () {
        yield* backtests.putCheckpoint(saved)
        writeFileSync(join(folder, "backtests", first.id, "checkpoint.json"), "{}")
        expect(yield* Effect.flip(backtests.checkpoint("latest"))).toMatchObject({ _tag: "BacktestDamaged" })
        expect(yield* backtests.list).toMatchObject([{ _tag: "Damaged", id: first.id }])
      })
    )
  )
})
