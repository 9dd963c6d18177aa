/** What every `TrialLedger` promises; run against each implementation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { TrialLedger } from "../../src/backtest/TrialLedger.ts"
import type { StorageError } from "../../src/domain/StorageError.ts"
import { trial } from "../backtest/SampleTrial.ts"

export const suite = (name: string, layer: Layer.Layer<TrialLedger, StorageError>) => {
  describe(`TrialLedger on ${name}`, () => {
    it.effect("is empty at first", () =>
      Effect.gen(function* () {
        const ledger = yield* TrialLedger
        expect(yield* ledger.datasets).toEqual([])
        expect(yield* ledger.trials("anything")).toEqual([])
        yield* ledger.record([])
        expect(yield* ledger.datasets).toEqual([])
      }).pipe(Effect.provide(layer))
    )

    it.effect("gives trials back as they were entered, their returns to the last bit", () =>
      Effect.gen(function* () {
        const ledger = yield* TrialLedger
        const returns = Float64Array.of(0.1 + 0.2, -0, 5e-324, -1, Number.MAX_VALUE, 1 / 3)
        const one = trial("one", { returns })
        const none = trial("none", { returns: new Float64Array(0), parameters: {} })
        yield* ledger.record([one, none])
        const [first, second, ...others] = yield* ledger.trials(one.dataset)
        expect(others).toEqual([])
        expect(first).toEqual({ ...one, runs: 1 })
        expect(second).toEqual({ ...none, runs: 1 })
        expect(first?.returns.every((value, i) => Object.is(value, returns[i]))).toBe(true)
      }).pipe(Effect.provide(layer))
    )

    it.effect("counts a trial that is run again, and keeps what the first run said", () =>
      Effect.gen(function* () {
        const ledger = yield* TrialLedger
        yield* ledger.record([trial("one"), trial("two")])
        yield* ledger.record([trial("one", { source: "sensitivity", ranAt: 1_800_000_000_000 })])
        yield* ledger.record([trial("one"), trial("one")])
        const trials = yield* ledger.trials(trial("one").dataset)
        expect(trials.map(({ id, runs, source }) => ({ id, runs, source }))).toEqual([
          { id: "one", runs: 4, source: "backtest" },
          { id: "two", runs: 1, source: "backtest" }
        ])
      }).pipe(Effect.provide(layer))
    )

    it.effect("keeps the data sets apart, each in the order its trials were first run", () =>
      Effect.gen(function* () {
        const ledger = yield* TrialLedger
        const ids = ["b", "c", "a"]
        for (const id of ids) {
          yield* ledger.record([trial(id, { dataset: "first" }), trial(`${id}2`, { dataset: "second" })])
        }
        yield* ledger.record([trial("b", { dataset: "first" })])
        expect((yield* ledger.trials("first")).map(({ id }) => id)).toEqual(ids)
        expect(yield* ledger.datasets).toEqual([
          { dataset: "first", trials: 3, runs: 4 },
          { dataset: "second", trials: 3, runs: 3 }
        ])
      }).pipe(Effect.provide(layer))
    )

    it.effect("enters a whole sweep at once", () =>
      Effect.gen(function* () {
        const ledger = yield* TrialLedger
        const points = Array.from({ length: 1000 }, (_, i) =>
          trial(`point-${i}`, { returns: new Float64Array(252).fill(i / 1000) })
        )
        yield* ledger.record(points)
        const stored = yield* ledger.trials(trial("").dataset)
        expect(stored).toHaveLength(1000)
        expect(stored[999]?.returns).toEqual(new Float64Array(252).fill(0.999))
      }).pipe(Effect.provide(layer))
    )
  })
}
