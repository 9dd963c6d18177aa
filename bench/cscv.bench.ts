/**
 * The probability of backtest overfitting with 16 blocks (12,870 splits) on 64 trials of 5,000 returns, by sums over
 * blocks, beside what the definition says: for each split the returns of its halves are put together and every trial's
 * Sharpe ratio is worked out from them. Both in this process, one after the other; the logits have to agree.
 *
 * The straightforward way is measured on a part of the splits, evenly spaced, and its time scaled to all of them unless
 * `--whole` is given.
 */
import { Result } from "effect"
import {
  type OverfittingProbability,
  overfittingProbability
} from "../src/backtest/robustness/overfitting/OverfittingProbability.ts"
import { trialMatrix } from "../src/backtest/robustness/overfitting/TrialMatrix.ts"
import { noise, seriesOf } from "../test/backtest/robustness/overfitting/Noise.ts"
import { quantile } from "./Sampling.ts"

const TRIALS = 64
const RETURNS = 5000
const BLOCKS = 16
const ROUNDS = 25
const WARM = 5
/** Of the splits the straightforward way plays one in so many. */
const ONE_IN = process.argv.includes("--whole") ? 1 : 20

const columns = noise({ seed: 1, trials: TRIALS, length: RETURNS, edge: 1 })
const matrix = Result.getOrThrow(trialMatrix(seriesOf(columns), "the bench"))

const timed = <A>(work: () => A): { readonly millis: number; readonly made: A } => {
  const before = process.cpuUsage()
  const made = work()
  const { system, user } = process.cpuUsage(before)
  return { millis: (user + system) / 1000, made }
}

const halves = (from: number, size: number): ReadonlyArray<ReadonlyArray<number>> =>
  size === 0
    ? [[]]
    : Array.from({ length: BLOCKS - from }, (_, i) => from + i).flatMap((first) =>
        halves(first + 1, size - 1).map((rest) => [first, ...rest])
      )

const size = Math.floor(RETURNS / BLOCKS)
const begin = RETURNS - size * BLOCKS

const sharpeOver = (column: Float64Array, blocks: ReadonlyArray<number>): number => {
  let sum = 0
  for (const block of blocks) {
    for (let i = 0; i < size; i++) sum += column[begin + block * size + i] ?? 0
  }
  const mean = sum / (blocks.length * size)
  let squares = 0
  for (const block of blocks) {
    for (let i = 0; i < size; i++) squares += ((column[begin + block * size + i] ?? 0) - mean) ** 2
  }
  return mean / Math.sqrt(squares / (blocks.length * size - 1))
}

const everyBlock = Array.from({ length: BLOCKS }, (_, block) => block)

const logitOf = (inside: ReadonlyArray<number>): number => {
  const chosen = columns.map((column) => sharpeOver(column, inside))
  const outside = everyBlock.filter((block) => !inside.includes(block))
  const judged = columns.map((column) => sharpeOver(column, outside))
  const own = judged[chosen.indexOf(Math.max(...chosen))] ?? 0
  const rank = judged.filter((one) => one <= own).length
  return Math.log(rank / (TRIALS + 1 - rank))
}

const splits = halves(0, BLOCKS / 2)
const part = splits.filter((_, i) => i % ONE_IN === 0)

const ours: Array<number> = []
let found: OverfittingProbability | undefined
for (let round = 0; round < WARM + ROUNDS; round++) {
  const { made, millis } = timed(() => Result.getOrThrow(overfittingProbability(matrix, BLOCKS)))
  found = made
  if (round >= WARM) ours.push(millis)
}
const plain = timed(() => part.map(logitOf))
if (found === undefined) throw new Error("nothing was measured")

const counts = (logits: Iterable<number>): ReadonlyMap<string, number> => {
  const all = new Map<string, number>()
  for (const logit of logits) all.set(logit.toFixed(9), (all.get(logit.toFixed(9)) ?? 0) + 1)
  return all
}
const all = counts(found.logits)
for (const [logit, count] of counts(plain.made)) {
  const has = all.get(logit) ?? 0
  if (has < count || (ONE_IN === 1 && has !== count))
    throw new Error(`the logit ${logit} comes ${has} times, not ${count}`)
}

const value = quantile(ours, 0.5)
const baseline = (plain.millis * splits.length) / part.length
const outcome = {
  name: "cscv",
  trials: TRIALS,
  returns: RETURNS,
  blocks: BLOCKS,
  splits: splits.length,
  unit: "ms",
  value: Number(value.toFixed(2)),
  fastest: Number(Math.min(...ours).toFixed(2)),
  baseline: Number(baseline.toFixed(0)),
  baselineSplits: part.length,
  ratio: Number((value / baseline).toFixed(5)),
  pbo: Number(found.pbo.toFixed(4))
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify(outcome))
} else {
  console.log(
    `CSCV             ${TRIALS} trials, ${RETURNS} returns, ${BLOCKS} blocks, ${splits.length} splits in ${outcome.value} ms; every split worked out anew ${outcome.baseline} ms (of ${part.length} splits), ${Math.round(baseline / value)} times as long`
  )
}
