/**
 * The hidden Markov model of two regimes on 5,000 returns whose states are known: a fit from eight starts, and the walk
 * of fits that gives causal probabilities; and how often what they say of a session is right. CPU time of this process.
 */
import { Result } from "effect"
import { fitHmm } from "../src/backtest/robustness/regimes/hmm/FitHmm.ts"
import { filteredInHindsight, smoothed } from "../src/backtest/robustness/regimes/hmm/Probabilities.ts"
import { defaultWalk, walkForwardFiltered } from "../src/backtest/robustness/regimes/hmm/WalkForwardFilter.ts"
import { twoStateMarket } from "../test/backtest/robustness/regimes/SyntheticMarket.ts"
import { quantile } from "./Sampling.ts"

const RETURNS = 5000
const ROUNDS = 25
const WARM = 3
const WALKS = 5

const { series, states } = twoStateMarket(RETURNS, 11)

const timed = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { system, user } = process.cpuUsage(before)
  return (user + system) / 1000
}

const fits: Array<number> = []
for (let round = 0; round < WARM + ROUNDS; round++) {
  const millis = timed(() => Result.getOrThrow(fitHmm(series)))
  if (round >= WARM) fits.push(millis)
}
const walks = Array.from({ length: WALKS }, () => timed(() => Result.getOrThrow(walkForwardFiltered(series))))

const fit = Result.getOrThrow(fitHmm(series))
const walked = Result.getOrThrow(walkForwardFiltered(series))
const first = defaultWalk.first - 1
/** Of the sessions that all three kinds of probability tell of. */
const right = (turbulent: Float64Array): number => {
  const told = states.slice(first)
  const hits = told.filter((state, i) => (turbulent[first + i] ?? 0) > 0.5 === (state === "turbulent"))
  return Number((hits.length / told.length).toFixed(4))
}

const outcome = {
  name: "regimes",
  returns: RETURNS,
  starts: fit.starts.begun,
  steps: fit.logLikelihoods.length - 1,
  unit: "ms",
  value: Number(quantile(fits, 0.5).toFixed(1)),
  fastest: Number(Math.min(...fits).toFixed(1)),
  walk: Number(quantile(walks, 0.5).toFixed(0)),
  walkFits: walked.fits,
  accuracy: {
    filtered: right(walked.filtered.turbulent),
    filteredInHindsight: right(filteredInHindsight(series.returns, fit.parameters).turbulent),
    smoothed: right(smoothed(series.returns, fit.parameters).turbulent)
  }
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify(outcome))
} else {
  const { accuracy, fastest, steps, value, walk, walkFits } = outcome
  console.log(
    `regimes          ${RETURNS} returns, ${outcome.starts} starts of about ${steps} steps: ${value} ms (fastest ${fastest}); ${walkFits} fits of the walk ${walk} ms; right on ${accuracy.filtered} of sessions filtered, ${accuracy.filteredInHindsight} in hindsight, ${accuracy.smoothed} smoothed`
  )
}
