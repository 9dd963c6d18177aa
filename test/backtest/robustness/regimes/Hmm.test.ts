/** The two-state Gaussian hidden Markov model: against all paths enumerated, against NumPy, and on known states. */
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { baumWelch, toTheTop } from "../../../../src/backtest/robustness/regimes/hmm/BaumWelch.ts"
import { fitHmm, type HmmFit } from "../../../../src/backtest/robustness/regimes/hmm/FitHmm.ts"
import {
  expectedSessions,
  forwardPass,
  type HmmParameters,
  passesFor
} from "../../../../src/backtest/robustness/regimes/hmm/GaussianHmm.ts"
import {
  gaussianLogLikelihood,
  likeliest,
  mixtureLogLikelihood
} from "../../../../src/backtest/robustness/regimes/hmm/Mixture.ts"
import {
  filteredInHindsight,
  filterWith,
  smoothed
} from "../../../../src/backtest/robustness/regimes/hmm/Probabilities.ts"
import { startsOf } from "../../../../src/backtest/robustness/regimes/hmm/Starts.ts"
import { formulaMarket, gaussiansOf, seriesOf, truth, twoStateMarket, uniformsOf } from "./SyntheticMarket.ts"

const parametersArbitrary: fc.Arbitrary<HmmParameters> = fc
  .record({
    means: fc.tuple(
      fc.double({ min: -0.02, max: 0.02, noNaN: true }),
      fc.double({ min: -0.02, max: 0.02, noNaN: true })
    ),
    deviations: fc.tuple(
      fc.double({ min: 0.003, max: 0.02, noNaN: true }),
      fc.double({ min: 0.003, max: 0.05, noNaN: true })
    ),
    startsCalm: fc.double({ min: 0, max: 1, noNaN: true }),
    staysCalm: fc.double({ min: 0, max: 1, noNaN: true }),
    staysTurbulent: fc.double({ min: 0, max: 1, noNaN: true })
  })
  .map(({ deviations, means, ...rest }) => ({
    calm: { mean: means[0], variance: deviations[0] ** 2 },
    turbulent: { mean: means[1], variance: deviations[1] ** 2 },
    ...rest
  }))

const returnsArbitrary = (maxLength: number) =>
  fc
    .array(fc.double({ min: -0.06, max: 0.06, noNaN: true }), { minLength: 1, maxLength })
    .map((values) => Float64Array.from(values))

/** Σ over all 2ⁿ paths of states of P(path) ∏ N(rₜ): straight from the definition. */
const enumerated = (returns: Float64Array, parameters: HmmParameters) => {
  const states = [parameters.calm, parameters.turbulent]
  const starts = [parameters.startsCalm, 1 - parameters.startsCalm]
  const stays = [parameters.staysCalm, parameters.staysTurbulent]
  const density = (value: number, state: number): number => {
    const { mean = 0, variance = 1 } = states[state] ?? {}
    return Math.exp(-((value - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance)
  }
  const n = returns.length
  let likelihood = 0
  const turbulent = Array.from({ length: n }, () => 0)
  for (let path = 0; path < 2 ** n; path++) {
    const stateAt = (t: number): number => (path >> t) & 1
    let weight = 1
    for (let t = 0; t < n; t++) {
      const [state, before] = [stateAt(t), stateAt(t - 1)]
      const stay = stays[before] ?? 0
      weight *= t === 0 ? (starts[state] ?? 0) : state === before ? stay : 1 - stay
      weight *= density(returns[t] ?? 0, state)
    }
    likelihood += weight
    for (let t = 0; t < n; t++) if (stateAt(t) === 1) turbulent[t] = (turbulent[t] ?? 0) + weight
  }
  return { likelihood, turbulent: turbulent.map((weight) => weight / likelihood) }
}

const fitOf = (series: ReturnType<typeof seriesOf>): HmmFit => Result.getOrThrow(fitHmm(series))

describe("given parameters", () => {
  it("likelihood, filtered and smoothed probabilities are those of all paths enumerated", () => {
    fc.assert(
      fc.property(returnsArbitrary(9), parametersArbitrary, (returns, parameters) => {
        const whole = enumerated(returns, parameters)
        fc.pre(whole.likelihood > 1e-200)
        const logLikelihood = forwardPass(returns, parameters, passesFor(returns.length))
        expect(logLikelihood).toBeCloseTo(Math.log(whole.likelihood), 7)
        const later = smoothed(returns, parameters).turbulent
        whole.turbulent.forEach((probability, t) => expect(later[t]).toBeCloseTo(probability, 8))
        // Filtered at t is smoothed at the end of the series cut after t.
        const known = filterWith(returns, parameters)
        for (let t = 0; t < returns.length; t++) {
          const cut = enumerated(returns.subarray(0, t + 1), parameters)
          if (cut.likelihood > 1e-200) expect(known[t]).toBeCloseTo(cut.turbulent[t] ?? Number.NaN, 8)
        }
      }),
      { numRuns: 60 }
    )
  })

  it("nothing underflows in ten thousand returns, of which one is forty deviations away", () => {
    const gaussian = gaussiansOf(3)
    const returns = Float64Array.from({ length: 10_000 }, () => 0.01 * gaussian())
    returns[5000] = -0.4
    const parameters: HmmParameters = {
      calm: { mean: 0, variance: 0.0001 },
      turbulent: { mean: 0, variance: 0.0004 },
      startsCalm: 1,
      staysCalm: 0.99,
      staysTurbulent: 0.9
    }
    expect(forwardPass(returns, parameters, passesFor(returns.length))).toBeGreaterThan(-Infinity)
    for (const { turbulent } of [filteredInHindsight(returns, parameters), smoothed(returns, parameters)]) {
      expect(turbulent.every((probability) => probability >= 0 && probability <= 1)).toBe(true)
      expect(turbulent[5000]).toBeGreaterThan(0.999)
    }
  })

  it("a state that seemed impossible comes back when it cannot be helped", () => {
    // No state is ever left, and the other's returns lie a thousand deviations away.
    const parameters: HmmParameters = {
      calm: { mean: 0, variance: 1e-6 },
      turbulent: { mean: 1, variance: 1e-6 },
      startsCalm: 0.5,
      staysCalm: 1,
      staysTurbulent: 1
    }
    const returns = Float64Array.of(0, 0, 1, 1, 1)
    // All calm makes three returns all but impossible, all turbulent two of them.
    expect(smoothed(returns, parameters).turbulent).toEqual(Float64Array.of(1, 1, 1, 1, 1))
    expect([...filterWith(returns, parameters)]).toEqual([0, 0, 0, expect.closeTo(0.5, 6), 1])
    const logLikelihood = forwardPass(returns, parameters, passesFor(5))
    expect(logLikelihood).toBeCloseTo(
      Math.log(0.5) + 5 * -0.5 * Math.log(2 * Math.PI * 1e-6) - 2 * 0.5 * 1e6,
      3
    )
  })
})

describe("fitted", () => {
  it("agrees with a scaled Baum and Welch in NumPy on the same series", () => {
    // NumPy 2.4.6, in probability space with scaling factors, 51 steps to a gain below 1e-12, from the same start.
    const fit = fitOf(formulaMarket())
    expect(fit.logLikelihood).toBeCloseTo(1986.693939774653, 4)
    const { calm, staysCalm, staysTurbulent, turbulent } = fit.parameters
    expect(calm.mean / -8.517116958517576e-5).toBeCloseTo(1, 2)
    expect(turbulent.mean / -3.0259467208391006e-4).toBeCloseTo(1, 2)
    expect(calm.variance / 3.919726365306052e-5).toBeCloseTo(1, 4)
    expect(turbulent.variance / 4.6722624596230055e-4).toBeCloseTo(1, 4)
    expect(staysCalm).toBeCloseTo(0.9931036543557444, 5)
    expect(staysTurbulent).toBeCloseTo(0.9854749122448166, 5)
    const { returns } = formulaMarket()
    const known = filteredInHindsight(returns, fit.parameters).turbulent
    const later = smoothed(returns, fit.parameters).turbulent
    expect([100, 160, 399, 599].map((t) => known[t])).toEqual([
      expect.closeTo(0.0030355, 4),
      expect.closeTo(0.9347409, 4),
      expect.closeTo(0.99859429, 4),
      expect.closeTo(0.97292977, 4)
    ])
    expect([100, 160, 399, 599].map((t) => later[t])).toEqual([
      expect.closeTo(2.2090452e-4, 4),
      expect.closeTo(0.996123439, 4),
      expect.closeTo(0.938728305, 4),
      expect.closeTo(0.972929771, 4)
    ])
    // SciPy 1.17.1: norm.logpdf(r, r.mean(), r.std()).sum().
    expect(gaussianLogLikelihood(returns)).toBeCloseTo(1800.1293249237476, 6)
  })

  it("finds the parameters that five thousand returns were drawn with, and their states", () => {
    const { series, states } = twoStateMarket(5000, 11)
    const fit = fitOf(series)
    const { calm, staysCalm, staysTurbulent, turbulent } = fit.parameters
    expect(fit.converged).toBe(true)
    expect(fit.verdict).toBe("two-regimes")
    expect(Math.sqrt(calm.variance)).toBeCloseTo(truth.calm.deviation, 3)
    expect(Math.abs(Math.sqrt(turbulent.variance) / truth.turbulent.deviation - 1)).toBeLessThan(0.06)
    // Four standard errors of a mean.
    const parts = states.filter((state) => state === "calm").length
    expect(Math.abs(calm.mean - truth.calm.mean)).toBeLessThan((4 * truth.calm.deviation) / Math.sqrt(parts))
    expect(Math.abs(turbulent.mean - truth.turbulent.mean)).toBeLessThan(
      (4 * truth.turbulent.deviation) / Math.sqrt(5000 - parts)
    )
    expect(Math.abs(staysCalm - truth.calm.stays)).toBeLessThan(0.006)
    expect(Math.abs(staysTurbulent - truth.turbulent.stays)).toBeLessThan(0.02)
    expect(expectedSessions(staysCalm)).toBeGreaterThan(60)
    const right = (turbulentAt: Float64Array): number =>
      states.filter((state, t) => ((turbulentAt[t] ?? 0) > 0.5 ? "turbulent" : "calm") === state).length /
      5000
    const known = right(filteredInHindsight(series.returns, fit.parameters).turbulent)
    const later = right(smoothed(series.returns, fit.parameters).turbulent)
    expect(known).toBeGreaterThan(0.92)
    expect(later).toBeGreaterThan(0.96)
    expect(later).toBeGreaterThan(known)
  })

  it("no step lowers the likelihood, from any start", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), (seed, marketSeed) => {
        const uniform = uniformsOf(marketSeed)
        const gaussian = gaussiansOf(marketSeed + 1)
        const returns = Float64Array.from(
          { length: 150 },
          () => 0.01 * gaussian() * (uniform() < 0.2 ? 3 : 1)
        )
        const { mean, variance } = likeliest(returns)
        for (const start of startsOf({ mean, variance }, { seed, starts: 3 })) {
          const climb = baumWelch(returns, start, { ...toTheTop, variance })
          if (Result.isFailure(climb)) continue
          const { logLikelihoods } = climb.success
          logLikelihoods.slice(1).forEach((value, i) => {
            expect(value).toBeGreaterThanOrEqual((logLikelihoods[i] ?? Infinity) - 1e-8)
          })
        }
      }),
      { numRuns: 20 }
    )
  })

  it("the calm state is the one of lower variance, wherever the climb began", () => {
    const { returns } = formulaMarket()
    const { mean, variance } = likeliest(returns)
    const [start] = startsOf({ mean, variance }, { seed: 1, starts: 1 })
    if (start === undefined) throw new Error("no start")
    const turned: HmmParameters = {
      calm: start.turbulent,
      turbulent: start.calm,
      startsCalm: 1 - start.startsCalm,
      staysCalm: start.staysTurbulent,
      staysTurbulent: start.staysCalm
    }
    const [one, other] = [start, turned].map((from) =>
      Result.getOrThrow(baumWelch(returns, from, { ...toTheTop, variance }))
    )
    expect(other?.parameters.calm.variance).toBeLessThan(other?.parameters.turbulent.variance ?? 0)
    expect(other?.logLikelihood).toBeCloseTo(one?.logLikelihood ?? Number.NaN, 6)
    expect(other?.parameters.staysCalm).toBeCloseTo(one?.parameters.staysCalm ?? Number.NaN, 6)
  })

  it("the same series and seed give the same fit", () => {
    expect(fitHmm(formulaMarket())).toEqual(fitHmm(formulaMarket()))
  })
})

describe("two regimes are not claimed where there are none", () => {
  it("one Gaussian is told as one Gaussian", () => {
    for (const seed of [1, 2, 3]) {
      const gaussian = gaussiansOf(seed)
      const fit = fitHmm(seriesOf(Array.from({ length: 1500 }, () => 0.0003 + 0.01 * gaussian())))
      if (Result.isSuccess(fit)) expect(fit.success.verdict).toBe("one-gaussian")
      else expect(fit.failure._tag).toBe("DegenerateRegimes")
    }
  })

  it("fat tails without memory are told as fat tails", () => {
    const gaussian = gaussiansOf(5)
    const uniform = uniformsOf(6)
    const returns = Array.from({ length: 3000 }, () => (uniform() < 0.15 ? 0.025 : 0.007) * gaussian())
    const { criteria, verdict } = fitOf(seriesOf(returns))
    expect(verdict).toBe("fat-tails")
    expect(criteria.gaussian.bic - criteria.hmm.bic).toBeGreaterThan(10)
  })

  it("AIC and BIC are of seven, five and two parameters", () => {
    const fit = fitOf(formulaMarket())
    const { gaussian, hmm, mixture } = fit.criteria
    expect([hmm.parameters, mixture?.parameters, gaussian.parameters]).toEqual([7, 5, 2])
    expect(hmm.aic).toBeCloseTo(14 - 2 * fit.logLikelihood, 9)
    expect(hmm.bic).toBeCloseTo(7 * Math.log(600) - 2 * fit.logLikelihood, 9)
    // The mixture is the Markov model of equal rows, one Gaussian the mixture of equal parts.
    expect(mixture?.logLikelihood).toBeLessThan(hmm.logLikelihood)
    expect(mixture?.logLikelihood).toBeGreaterThan(gaussian.logLikelihood)
  })

  it("a mixture whose part collapses is none", () => {
    const gaussian = gaussiansOf(9)
    const returns = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 0 : 0.01 * gaussian()))
    const near = { calm: { mean: 0, variance: 1e-7 }, turbulent: { mean: 0, variance: 1e-4 } }
    expect(mixtureLogLikelihood(returns, near)).toBeUndefined()
  })
})

describe("what cannot be fitted", () => {
  const failureOf = (returns: Iterable<number>) => Result.getOrThrow(Result.flip(fitHmm(seriesOf(returns))))

  it("too few returns, with how many it needs", () => {
    expect(failureOf(Array.from({ length: 99 }, (_, i) => i / 1000))).toMatchObject({
      _tag: "TooFewObservations",
      needs: 100,
      has: 99,
      message: "a hidden Markov model of two regimes needs 100 returns, and there are 99"
    })
  })

  it("constant returns and returns that are no numbers", () => {
    expect(failureOf(Array.from({ length: 200 }, () => 0.001))._tag).toBe("ConstantReturns")
    expect(failureOf(Array.from({ length: 200 }, (_, i) => (i === 7 ? Number.NaN : i / 1000)))).toMatchObject(
      {
        _tag: "BadReturn",
        at: 8
      }
    )
  })

  it("a strategy that was flat half the time: one state would be its zeros", () => {
    const gaussian = gaussiansOf(2)
    const failure = failureOf(Array.from({ length: 600 }, (_, i) => (i % 300 < 150 ? 0 : 0.01 * gaussian())))
    expect(failure._tag).toBe("DegenerateRegimes")
    expect(failure.message).toContain("300 of 600 are exactly 0")
  })

  it("more returns than it takes", () => {
    expect(failureOf(Array.from({ length: 25_001 }, (_, i) => (i % 7) / 1000))._tag).toBe("BadRequest")
  })
})
