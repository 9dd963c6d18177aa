/**
 * The look-ahead detector on the planted set: precision and recall over several
 * random walks, and what it takes. A leak that is not caught, and a clean
 * strategy that is called a leak, are named.
 */
import { detected } from "../test/backtest/robustness/lookahead/Detected.ts"
import { clean, leaks, subjectOf, walk } from "../test/backtest/robustness/lookahead/Planted.ts"

const SEEDS = [3, 4, 5]
const BARS = 240
const CUTS = 40

let caught = 0
let missed = 0
let wrong = 0
let right = 0
const begun = process.cpuUsage()
for (const seed of SEEDS) {
  const bars = walk(seed, BARS)
  for (const plan of leaks) {
    if (detected(subjectOf(plan, bars), { cuts: CUTS, seed }).changed > 0) caught += 1
    else {
      missed += 1
      console.log(`missed on walk ${seed}: ${plan.name}`)
    }
  }
  for (const plan of clean) {
    if (detected(subjectOf(plan, bars), { cuts: CUTS, seed }).changed === 0) right += 1
    else {
      wrong += 1
      console.log(`called a leak on walk ${seed}: ${plan.name}`)
    }
  }
}
const { system, user } = process.cpuUsage(begun)
const runs = SEEDS.length * (leaks.length + clean.length)
console.log(
  `${leaks.length} leaks and ${clean.length} clean strategies on ${SEEDS.length} walks of ${BARS} bars, ${CUTS} cuts`
)
console.log(`recall ${caught} of ${caught + missed}: ${(caught / (caught + missed)).toFixed(4)}`)
console.log(`precision ${caught} of ${caught + wrong}: ${(caught / (caught + wrong)).toFixed(4)}`)
console.log(`clean ones clean: ${right} of ${right + wrong}`)
console.log(`${((user + system) / 1000 / runs).toFixed(0)} ms of CPU a strategy`)
