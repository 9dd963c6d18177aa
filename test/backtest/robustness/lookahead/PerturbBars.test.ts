import { assert, boolean, constantFrom, integer, property } from "fast-check"
import { describe, expect, it } from "vitest"
import { perturbBars } from "../../../../src/backtest/robustness/lookahead/PerturbBars.ts"
import { perturbTape } from "../../../../src/backtest/robustness/lookahead/PerturbTape.ts"
import { perturbations } from "../../../../src/backtest/robustness/lookahead/Stamped.ts"
import { indexTape } from "../../vector/SweptTape.ts"
import { walk } from "./Planted.ts"

const columns = ["open", "high", "low", "close", "volume"] as const

describe("bars with another future", () => {
  it("keep all that is known at the cut, and change all that is not; they stay bars", () => {
    assert(
      property(
        integer({ min: 1, max: 1000 }),
        integer({ min: 0, max: 58 }),
        boolean(),
        constantFrom(...perturbations.filter((kind) => kind !== "ended")),
        (seed, row, isInside, kind) => {
          const bars = walk(seed, 60)
          const cut = (isInside ? bars.tsOpen[row] : bars.tsEvent[row]) ?? 0
          const made = perturbBars(bars, { cut, kind, seed, keepsVolumeInside: false })
          const known = isInside ? row : row + 1
          for (const column of columns) {
            expect(made[column].subarray(0, known)).toEqual(bars[column].subarray(0, known))
          }
          if (isInside) expect(made.open[row]).toBe(bars.open[row])
          const isAnother = (column: "close" | "volume"): number =>
            made[column].reduce((sum, value, i) => sum + (i >= known && value !== bars[column][i] ? 1 : 0), 0)
          expect(isAnother("volume")).toBeGreaterThan(0.9 * (60 - known) - 1)
          if (kind === "rise" || kind === "fall") expect(isAnother("close")).toBe(60 - known)
          if (kind === "volume") expect(isAnother("close")).toBe(0)
          for (let i = 0; i < 60; i++) {
            const [open = 0, high = 0, low = 0, close = 0] = [
              made.open[i],
              made.high[i],
              made.low[i],
              made.close[i]
            ]
            expect(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close)).toBe(true)
            expect([open, high, low, close, made.volume[i] ?? 0].every(Number.isInteger)).toBe(true)
          }
          expect(perturbBars(bars, { cut, kind, seed, keepsVolumeInside: false })).toEqual(made)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("a tape's ticks change with its bars, and the tape it was made of does not", async () => {
    const tape = await indexTape({ from: "2008-01-02", to: "2008-03-31", warmUp: 10 })
    const before = structuredClone(tape.tracks[0]?.bars.close)
    const cut = tape.sessions[20]?.close ?? 0
    const [made] = perturbTape(tape, { kind: "rise", cut, seed: 4 }).tracks
    const [own] = tape.tracks
    expect(own?.bars.close).toEqual(before)
    const from = 31
    expect(made?.bars.close.subarray(0, from)).toEqual(own?.bars.close.subarray(0, from))
    expect(made?.bars.close[from]).not.toBe(own?.bars.close[from])
    expect(made?.paths[0]?.close[20]).toBe(own?.paths[0]?.close[20])
    expect(made?.paths[0]?.close[21]).not.toBe(own?.paths[0]?.close[21])
  })
})
