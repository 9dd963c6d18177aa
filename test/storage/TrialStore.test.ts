/** The trial ledger on SQLite: its contract, several processes, a file that is damaged. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { afterEach, beforeEach, vi } from "vitest"
import { TrialLedger } from "../../src/backtest/TrialLedger.ts"
import * as TrialStore from "../../src/storage/TrialStore.ts"
import { trial } from "../backtest/SampleTrial.ts"
import { suite } from "../contracts/TrialLedgerContract.ts"
import { bundled } from "../support/BundledScript.ts"
import { race, startChild } from "../support/Children.ts"

vi.setConfig({ testTimeout: 60_000 })

const inFile = Layer.unwrap(
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    return TrialStore.layer({ filename: `${yield* files.makeTempDirectoryScoped()}/trials.db` })
  })
).pipe(Layer.provide(NodeServices.layer), Layer.orDie)

suite("SQLite in memory", TrialStore.layerMemory)
suite("SQLite in a file", inFile)

describe("the file of the trial ledger", () => {
  let folder = ""
  let filename = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-trials-"))
    filename = join(folder, "trials.db")
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const inLedger = <A, E>(work: (ledger: TrialLedger["Service"]) => Effect.Effect<A, E>) =>
    Effect.flatMap(TrialLedger, work).pipe(
      Effect.provide(Layer.unwrap(Effect.sync(() => TrialStore.layer({ filename }))))
    )

  const script = () => bundled(new URL("processes/enterTrials.ts", import.meta.url))

  it.effect("counts what several processes enter at once, to the last one", () =>
    Effect.gen(function* () {
      const child = yield* Effect.promise(script)
      const owns = ["a", "b", "c", "d"]
      const ended = yield* Effect.promise(() =>
        race(owns.map((own) => startChild(child, [filename, own, "20"])))
      )
      expect(ended.map(({ code, output }) => (code === 0 ? "" : output))).toEqual(["", "", "", ""])
      const trials = yield* inLedger((ledger) => ledger.trials(trial("").dataset))
      const shared = trials.filter(({ id }) => id.startsWith("everybody-"))
      expect(shared).toHaveLength(100)
      expect(shared.every(({ runs }) => runs === 4)).toBe(true)
      expect(trials).toHaveLength(100 + 4 * 100)
    })
  )

  it.effect("has each lot whole or not at all when its process is killed", () =>
    Effect.gen(function* () {
      const child = startChild(yield* Effect.promise(script), [filename, "killed", "1000000"])
      yield* Effect.promise(() => child.ready)
      const entered = new Promise<void>((resolve) => {
        let seen = 0
        child.process.stdout?.on("data", (chunk) => {
          seen += String(chunk).split("\n").length - 1
          if (seen > 30) resolve()
        })
      })
      child.go()
      yield* Effect.promise(() => entered)
      child.process.kill("SIGKILL")
      yield* Effect.promise(() => child.exited)
      const [count] = yield* inLedger((ledger) => ledger.datasets)
      expect(count?.trials).toBeGreaterThanOrEqual(300)
      expect((count?.trials ?? 0) % 10).toBe(0)
      expect(yield* inLedger((ledger) => ledger.trials(trial("").dataset))).toHaveLength(count?.trials ?? 0)
    })
  )

  it.effect("is told with its name and what to do when it is damaged, and left as it is", () =>
    Effect.gen(function* () {
      writeFileSync(filename, "this is no database at all, it is text".repeat(100))
      const before = readFileSync(filename)
      const error = yield* Effect.flip(inLedger((ledger) => ledger.datasets))
      expect(error).toMatchObject({ _tag: "StorageFailed" })
      expect(error.message).toContain(`the trial ledger ${filename} is damaged`)
      expect(error.message).toContain("away, and a new ledger is begun")
      expect(error.message).not.toContain("plimsoll recover")
      expect(readFileSync(filename).equals(before)).toBe(true)
    })
  )

  it.effect("is told as damaged when its end is missing", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 200 }, (_, i) => trial(`t-${i}`, { returns: new Float64Array(500) }))
      yield* inLedger((ledger) => ledger.record(many))
      truncateSync(filename, 40_960)
      const error = yield* Effect.flip(inLedger((ledger) => ledger.trials(trial("").dataset)))
      expect(error.message).toContain(`the trial ledger ${filename} is damaged`)
    })
  )

  it.effect("names the trial that was changed outside", () =>
    Effect.gen(function* () {
      const changes = [
        "returns = zeroblob(16)",
        "returns = zeroblob(8)",
        "parameters = '{}'",
        "algorithm = 'other'",
        "ran_at = ran_at + 1"
      ]
      for (const change of changes) {
        yield* inLedger((ledger) => ledger.record([trial("one"), trial("two")]))
        const db = new DatabaseSync(filename)
        db.exec(`UPDATE trials SET ${change} WHERE id = 'two'`)
        db.close()
        const error = yield* Effect.flip(inLedger((ledger) => ledger.trials(trial("").dataset)))
        expect(error).toMatchObject({ _tag: "StorageCorrupt", key: "two" })
        expect(error.message).toContain(`the trial ledger ${filename} is damaged in the trial two`)
        for (const end of ["", "-wal", "-shm"]) rmSync(`${filename}${end}`, { force: true })
      }
    })
  )

  it.effect("is left as it is by an older program", () =>
    Effect.gen(function* () {
      yield* inLedger((ledger) => ledger.record([trial("one")]))
      const db = new DatabaseSync(filename)
      db.exec("INSERT INTO plimsoll_trial_migrations (migration_id, name) VALUES (99, 'of the future')")
      db.close()
      const error = yield* Effect.flip(inLedger((ledger) => ledger.datasets))
      expect(error.message).toContain("the trial ledger is of version 99")
      expect(error.message).toContain("written by a newer plimsoll")
    })
  )

  it.effect("says which folder is missing", () =>
    Effect.gen(function* () {
      filename = join(folder, "nowhere", "trials.db")
      const error = yield* Effect.flip(inLedger((ledger) => ledger.datasets))
      expect(error.message).toContain("nowhere does not exist")
    })
  )
})
