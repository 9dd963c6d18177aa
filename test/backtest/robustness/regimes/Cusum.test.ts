/** CUSUM charts: run lengths as approximated and as simulated, and changes that were planted. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import {
  ALLOWANCE,
  cusum,
  defaultCusum,
  standardNormal,
  watchChanges
} from "../../../../src/backtest/robustness/regimes/Cusum.ts"
import {
  oneSidedRunLength,
  runLength,
  thresholdFor
} from "../../../../src/backtest/robustness/regimes/RunLength.ts"
import { gaussiansOf, seriesOf } from "./SyntheticMarket.ts"

describe("run lengths", () => {
  it("are those of Montgomery's table for k = 0.5, as well as the approximation has them", () => {
    // "Introduction to Statistical Quality Control", h = 4 and 5: exact run lengths of both sides.
    expect(runLength({ allowance: 0.5, threshold: 4 }, 0) / 168).toBeCloseTo(1, 1)
    expect(runLength({ allowance: 0.5, threshold: 5 }, 0) / 465).toBeCloseTo(1, 1)
    for (const [threshold, shift, exact] of [
      [4, 0.5, 26.6],
      [4, 1, 8.38],
      [4, 2, 3.34],
      [5, 0.5, 38],
      [5, 1, 10.4],
      [5, 2, 4.01]
    ] as const) {
      expect(runLength({ allowance: 0.5, threshold }, shift) / exact).toBeCloseTo(1, 1)
    }
  })

  it("have no gap where the drift is zero", () => {
    const chart = { allowance: 0.5, threshold: 4 }
    const height = 4 + 1.166
    expect(oneSidedRunLength(chart, 0.5)).toBeCloseTo(height ** 2, 9)
    for (const off of [1e-7, 1e-5, 1e-4]) {
      expect(oneSidedRunLength(chart, 0.5 + off) / oneSidedRunLength(chart, 0.5 - off)).toBeCloseTo(1, 2)
      expect(oneSidedRunLength(chart, 0.5 + off) / height ** 2).toBeCloseTo(1, 2)
    }
  })

  it("the threshold is the one that has the run length", () => {
    for (const asked of [50, 500, 2520, 1_000_000]) {
      for (const allowance of Object.values(ALLOWANCE)) {
        expect(runLength({ allowance, threshold: thresholdFor(asked, allowance) }, 0) / asked).toBeCloseTo(
          1,
          6
        )
      }
    }
  })
})

describe("while nothing changes", () => {
  it("each chart alarms about as seldom as it was asked to", () => {
    const gaussian = gaussiansOf(17)
    const returns = Float64Array.from({ length: 600_000 }, gaussian)
    const { alarms, watched } = watchChanges(returns, {
      averageRunLength: 500,
      calibration: 252,
      reference: standardNormal
    })
    expect(watched).toBe(600_000)
    const each = (chart: string) => watched / alarms.filter((alarm) => alarm.chart === chart).length
    // About 1,100 alarms each: 3% is a standard error, the approximation is good to a tenth (the root is a little skew).
    expect(each("mean")).toBeGreaterThan(440)
    expect(each("mean")).toBeLessThan(600)
    expect(each("variance")).toBeGreaterThan(440)
    expect(each("variance")).toBeLessThan(680)
  })

  it("references that are estimated cost some false alarms, not many; fat tails no more", () => {
    const gaussian = gaussiansOf(23)
    /** Student's t with four degrees of freedom. */
    const fat = () =>
      gaussian() / Math.sqrt((gaussian() ** 2 + gaussian() ** 2 + gaussian() ** 2 + gaussian() ** 2) / 4)
    for (const draw of [gaussian, fat]) {
      let [alarms, watched] = [0, 0]
      for (let k = 0; k < 60; k++) {
        const result = watchChanges(Float64Array.from({ length: 2520 }, draw), defaultCusum)
        alarms += result.alarms.length
        watched += result.watched
      }
      // Nominal 1,260 of both charts together.
      expect(watched / alarms).toBeGreaterThan(600)
      expect(watched / alarms).toBeLessThan(2000)
    }
  })
})

describe("planted changes", () => {
  const planted = (seed: number, change: (z: number) => number) => {
    const gaussian = gaussiansOf(seed)
    const returns = Array.from({ length: 1200 }, (_, t) => (t < 700 ? 0.01 * gaussian() : change(gaussian())))
    return Result.getOrThrow(cusum(seriesOf(returns))).alarms
  }

  it("a volatility twice as high is found in about two weeks, mostly by its own chart", () => {
    const found = Array.from({ length: 80 }, (_, k) => {
      const [alarm] = planted(k * 7919, (z) => 0.022 * z).filter(({ at }) => at >= 700)
      return alarm === undefined ? [] : [alarm]
    }).flat()
    const middle = (values: ReadonlyArray<number>): number =>
      values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
    // Where a false alarm came shortly before, nothing was watched.
    expect(found.length).toBeGreaterThan(74)
    expect(middle(found.map(({ at }) => at - 700))).toBeLessThan(15)
    expect(Math.abs(middle(found.map(({ changed }) => changed - 700)))).toBeLessThan(5)
    // Wider returns move the mean's sums too: about one in six of these is told as a change of the mean.
    const own = found.filter(({ chart, direction }) => chart === "variance" && direction === "up")
    expect(own.length / found.length).toBeGreaterThan(0.7)
    expect(own.length / found.length).toBeLessThan(0.95)
  })

  it("a volatility of two fifths is found as one that fell", () => {
    for (const seed of [1, 2, 3]) {
      const [alarm] = planted(seed, (z) => 0.004 * z).filter(({ at }) => at >= 700)
      expect(alarm).toMatchObject({ chart: "variance", direction: "down" })
      expect(alarm?.at).toBeLessThan(735)
    }
  })

  it("a mean one deviation lower is found as one that fell", () => {
    for (const seed of [1, 2, 3]) {
      const [alarm] = planted(seed, (z) => 0.01 * z - 0.01).filter(({ at }) => at >= 700)
      expect(alarm).toMatchObject({ chart: "mean", direction: "down" })
      expect(alarm?.at).toBeLessThan(740)
      expect(Math.abs((alarm?.changed ?? 0) - 700)).toBeLessThan(25)
    }
  })

  it("after an alarm the new level is the reference: the change alarms once", () => {
    const after = planted(3, (z) => 0.03 * z).filter(({ at }) => at >= 700)
    expect(after).toHaveLength(1)
  })

  it("a later return changes no earlier alarm", () => {
    const gaussian = gaussiansOf(4)
    const returns = Array.from({ length: 2000 }, (_, t) => (t < 600 ? 0.01 : 0.025) * gaussian())
    const whole = Result.getOrThrow(cusum(seriesOf(returns))).alarms
    for (const length of [300, 650, 1100]) {
      const cut = Result.getOrThrow(cusum(seriesOf(returns.slice(0, length)))).alarms
      expect(cut).toEqual(whole.filter(({ at }) => at < length))
    }
  })
})

describe("what cannot be charted", () => {
  it("too few returns, run lengths that mean nothing, constant returns", () => {
    const gaussian = gaussiansOf(4)
    const returns = Array.from({ length: 252 }, () => 0.01 * gaussian())
    expect(Result.getOrThrow(Result.flip(cusum(seriesOf(returns))))).toMatchObject({ needs: 253, has: 252 })
    expect(
      Result.getOrThrow(Result.flip(cusum(seriesOf(returns), { averageRunLength: 3, calibration: 100 })))
        .message
    ).toBe("an average run length of 3 sessions: expected 50 to 1000000")
    expect(Result.getOrThrow(Result.flip(cusum(seriesOf(Array.from({ length: 300 }, () => 0)))))._tag).toBe(
      "ConstantReturns"
    )
  })

  it("a stretch that does not vary is no reference: the first that varies is", () => {
    const gaussian = gaussiansOf(8)
    const returns = Array.from({ length: 900 }, (_, t) => (t < 400 ? 0 : 0.01 * gaussian()))
    const { alarms, watched } = Result.getOrThrow(cusum(seriesOf(returns)))
    expect(watched).toBeGreaterThan(0)
    expect(alarms.every(({ at }) => at >= 400)).toBe(true)
  })

  it("a stretch that varies by rounding alone is no reference either", () => {
    const gaussian = gaussiansOf(8)
    const rounding = (t: number): number => 0.0004 + (t % 3) * 1e-17
    const returns = Array.from({ length: 900 }, (_, t) => (t < 400 ? rounding(t) : 0.01 * gaussian()))
    const { alarms } = Result.getOrThrow(cusum(seriesOf(returns)))
    expect(alarms.every(({ at }) => at >= 400)).toBe(true)
    const none = cusum(seriesOf(Array.from({ length: 600 }, (_, t) => (t === 599 ? 0.001 : rounding(t)))))
    expect(Result.getOrThrow(none).alarms).toEqual([])
  })
})
