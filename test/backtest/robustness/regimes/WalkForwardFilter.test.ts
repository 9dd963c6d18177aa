/** Filtered probabilities know no future: neither later returns nor parameters fitted on them. */
import { Result } from "effect"
import { expect, expectTypeOf, it } from "vitest"
import { fitHmm } from "../../../../src/backtest/robustness/regimes/hmm/FitHmm.ts"
import {
  type Filtered,
  type FilteredInHindsight,
  filteredInHindsight,
  filteredLabels,
  hindsightDiffers,
  type Smoothed,
  smoothed
} from "../../../../src/backtest/robustness/regimes/hmm/Probabilities.ts"
import {
  walkForwardFiltered,
  walkForwardSteps
} from "../../../../src/backtest/robustness/regimes/hmm/WalkForwardFilter.ts"
import { gaussiansOf, seriesOf, twoStateMarket } from "./SyntheticMarket.ts"

const { series, states } = twoStateMarket(900, 21)
const options = { first: 252, every: 63, seed: 1 }
const walked = Result.getOrThrow(walkForwardFiltered(series, options))

it("nothing is told before the first fit, and everything after it", () => {
  const { turbulent } = walked.filtered
  expect(turbulent.findIndex((probability) => !Number.isNaN(probability))).toBe(251)
  expect(turbulent.subarray(251).every((probability) => probability >= 0 && probability <= 1)).toBe(true)
  expect(walked.fits).toBe(11)
})

it("a later return changes no earlier probability, whereas it changes those in hindsight", () => {
  const cut = 700
  const gaussian = gaussiansOf(99)
  const other = seriesOf(series.returns.map((value, t) => (t < cut ? value : 0.06 * gaussian())))
  const again = Result.getOrThrow(walkForwardFiltered(other, options))
  expect(again.filtered.turbulent.subarray(0, cut)).toEqual(walked.filtered.turbulent.subarray(0, cut))
  expect(again.filtered.turbulent.subarray(cut)).not.toEqual(walked.filtered.turbulent.subarray(cut))
  for (const later of [filteredInHindsight, smoothed]) {
    const [one, two] = [series, other].map(({ name, returns }) =>
      later(
        returns,
        Result.getOrThrow(fitHmm({ name, returns, dates: undefined })).parameters
      ).turbulent.subarray(300, cut)
    )
    expect(two).not.toEqual(one)
  }
})

it("a series cut short has the same probabilities up to there, wherever it is cut", () => {
  for (const length of [253, 314, 315, 316, 500]) {
    const cut = Result.getOrThrow(
      walkForwardFiltered({ ...series, returns: series.returns.subarray(0, length) }, options)
    )
    expect(cut.filtered.turbulent).toEqual(walked.filtered.turbulent.subarray(0, length))
  }
})

it("labels are right most of the time on known states, and hindsight differs on some", () => {
  const { labels } = filteredLabels(walked.filtered)
  const told = labels.flatMap((label, t) => (label === undefined ? [] : [label === states[t]]))
  expect(told.filter(Boolean).length / told.length).toBeGreaterThan(0.85)
  const later = smoothed(series.returns, Result.getOrThrow(fitHmm(series)).parameters)
  const differs = hindsightDiffers(walked.filtered, later)
  expect(differs).toBeGreaterThan(0)
  expect(differs).toBeLessThan(0.2)
})

it("probabilities of one kind are not taken for another", () => {
  expectTypeOf(filteredLabels).parameter(0).toEqualTypeOf<Filtered>()
  expectTypeOf<Smoothed>().not.toExtend<Filtered>()
  expectTypeOf<FilteredInHindsight>().not.toExtend<Filtered>()
  expectTypeOf<Filtered>().not.toExtend<Smoothed>()
  expectTypeOf<FilteredInHindsight>().not.toExtend<Smoothed>()
})

it("progress is told a fit at a time", () => {
  const steps = Result.getOrThrow(walkForwardSteps(series, options))
  expect(Array.from(steps, ({ done, of }) => `${done} of ${of}`)).toEqual(
    Array.from({ length: 11 }, (_, i) => `${i + 1} of 11`)
  )
})

it("fits without two states keep the parameters there were, and are counted", () => {
  const flat = seriesOf([...series.returns.subarray(0, 260), ...Array.from({ length: 900 }, () => 0)])
  const result = Result.getOrThrow(walkForwardFiltered(flat, options))
  expect(result.degenerate).toBeGreaterThan(0)
  expect(result.filtered.turbulent.subarray(251).every((probability) => probability >= 0)).toBe(true)
})

it("too short a series is told how many it needs", () => {
  const short = { ...series, returns: series.returns.subarray(0, 504) }
  expect(Result.getOrThrow(Result.flip(walkForwardFiltered(short)))).toMatchObject({
    _tag: "TooFewObservations",
    needs: 505,
    has: 504
  })
})
