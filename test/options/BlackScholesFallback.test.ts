import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { vi } from "vitest"
import { evaluate, optionBatch } from "../../src/options/BlackScholesBatch.ts"
import { batchWorkers } from "../../src/options/BlackScholesWorkers.ts"
import { kernelModule } from "../../src/options/kernels/wasm/Kernels.ts"

// A module that no machine compiles: as on one without SIMD.
vi.mock("../../src/options/kernels/wasm/KernelBytes.ts", () => ({ kernelBytes: btoa("no module") }))

const batchOfOne = () => {
  const batch = optionBatch(2)
  const { options } = batch
  for (const column of [options.sign, options.spot, options.strike, options.years, options.volatility])
    column[0] = 1
  return batch
}

it("a machine that cannot run the WebAssembly kernels has the TypeScript ones", () => {
  expect(kernelModule()).toBeUndefined()
  const batch = batchOfOne()
  expect(batch.memory).toBeUndefined()
  expect(evaluate(batch)).toEqual({ rows: 2, scalar: 1, invalid: 1 })
  // 2N(½) − 1.
  expect(batch.greeks.price[0]).toBeCloseTo(0.38292492254802624, 14)
})

it.effect("and its pool has no workers, and does all the same", () =>
  Effect.gen(function* () {
    const workers = yield* batchWorkers(2)
    const batch = batchOfOne()
    expect(yield* workers.evaluate(batch)).toEqual({ rows: 2, scalar: 1, invalid: 1 })
    expect(batch.greeks.price[0]).toBeCloseTo(0.38292492254802624, 14)
  }).pipe(Effect.scoped)
)
