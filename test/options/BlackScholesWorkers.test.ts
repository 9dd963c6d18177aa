import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { rolldown } from "rolldown"
import {
  evaluate,
  INVALID_ROW,
  OK_ROW,
  type OptionBatch,
  optionBatch
} from "../../src/options/BlackScholesBatch.ts"
import { batchWorkers, MAX_ROWS_OF_ONE_THREAD } from "../../src/options/BlackScholesWorkers.ts"
import { generator } from "../../bench/Sampling.ts"

const ROWS = MAX_ROWS_OF_ONE_THREAD + 20_001
const BAD_ROWS = [0, 16_383, 16_384, 500_001, ROWS - 1]

const filled = (rows: number): OptionBatch => {
  const batch = optionBatch(rows)
  const { dividendYield, rate, sign, spot, strike, volatility, years } = batch.options
  const random = generator(5)
  for (let i = 0; i < rows; i++) {
    sign[i] = random() < 0.5 ? 1 : -1
    spot[i] = 100
    strike[i] = 50 + 100 * random()
    years[i] = 0.02 + 2 * random()
    rate[i] = 0.05 * random()
    dividendYield[i] = 0.03 * random()
    volatility[i] = 0.1 + 0.5 * random()
  }
  for (const row of BAD_ROWS) spot[row] = -1
  // No time left: for the scalar function.
  years[1] = 0
  return batch
}

const bytesOf = ({ greeks }: OptionBatch): ReadonlyArray<Buffer> =>
  [greeks.price, greeks.delta, greeks.gamma, greeks.vega, greeks.theta, greeks.rho, greeks.status].map(
    ({ buffer, byteLength, byteOffset }) => Buffer.from(buffer, byteOffset, byteLength)
  )

describe("batches on two workers", () => {
  it.effect("are to the bit those of one thread, each time they are asked", () =>
    Effect.gen(function* () {
      const alone = filled(ROWS)
      const expected = evaluate(alone)
      const shared = filled(ROWS)
      const workers = yield* batchWorkers(2)
      for (let round = 0; round < 3; round++) {
        for (const bytes of bytesOf(shared)) bytes.fill(round)
        expect(yield* workers.evaluate(shared)).toEqual(expected)
        for (const [i, bytes] of bytesOf(shared).entries()) {
          expect(bytes.equals(bytesOf(alone)[i] ?? Buffer.of()), `column ${i}`).toBe(true)
        }
      }
      expect(BAD_ROWS.map((row) => shared.greeks.status[row])).toEqual(BAD_ROWS.map(() => INVALID_ROW))
      expect(shared.greeks.status[1]).toBe(OK_ROW)
    }).pipe(Effect.scoped)
  )

  it.effect("of a pool that has been stopped are done all the same", () =>
    Effect.gen(function* () {
      const stopped = yield* Effect.scoped(batchWorkers(2))
      const batch = filled(ROWS)
      // Every row by the scalar function: none is lost.
      expect(yield* stopped.evaluate(batch)).toEqual({ rows: ROWS, scalar: ROWS, invalid: BAD_ROWS.length })
    })
  )

  it.effect("that are small stay on this thread", () =>
    Effect.gen(function* () {
      const workers = yield* batchWorkers(1)
      const batch = optionBatch(2)
      expect(yield* workers.evaluate(batch)).toEqual({ rows: 2, scalar: 2, invalid: 2 })
    }).pipe(Effect.scoped)
  )

  it("run from a bundle of one CommonJS file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "plimsoll-workers-"))
    try {
      const entry = join(folder, "entry.ts")
      const source = (name: string) => JSON.stringify(join(import.meta.dirname, "../../src/options", name))
      writeFileSync(
        entry,
        `import { Effect } from ${JSON.stringify(join(import.meta.dirname, "../../node_modules/effect/dist/index.js"))}
         import { optionBatch } from ${source("BlackScholesBatch.ts")}
         import { batchWorkers } from ${source("BlackScholesWorkers.ts")}
         const batch = optionBatch(${ROWS})
         for (const name of ["sign", "spot", "strike", "years", "volatility"]) batch.options[name].fill(1)
         Effect.runPromise(Effect.scoped(Effect.gen(function* () {
           const workers = yield* batchWorkers()
           const summary = yield* workers.evaluate(batch)
           console.log(JSON.stringify({ ...summary, price: batch.greeks.price[${ROWS - 1}] }))
         })))`
      )
      const bundle = await rolldown({ input: entry, platform: "node", external: [/^node:/], tsconfig: false })
      const file = join(folder, "bundle.cjs")
      await bundle.write({ file, format: "cjs", minify: true })
      await bundle.close()
      const said = execFileSync(process.execPath, [file], { encoding: "utf8" })
      // 2N(½) − 1.
      expect(JSON.parse(said)).toEqual({
        rows: ROWS,
        scalar: 0,
        invalid: 0,
        price: expect.closeTo(0.38292492254802624, 14)
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
