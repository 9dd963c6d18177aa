/** The detector gone on with from where it was left comes to what it would have come to. */
import { Result } from "effect"
import { expect, it } from "vitest"
import { detect, type Looked } from "../../../../src/backtest/robustness/lookahead/Detect.ts"
import { detected } from "./Detected.ts"
import { clean, leaks, subjectOf, walk } from "./Planted.ts"

const bars = walk(7, 120)
const options = { cuts: 9, seed: 7 }

const plans = [clean[0], leaks[0], leaks.at(-1)].flatMap((plan) => (plan === undefined ? [] : [plan]))

it.each(plans)("$name, left after any of its cuts", (plan) => {
  const whole = detected(subjectOf(plan, bars), options)
  const left: Array<Looked> = []
  for (const step of detect(subjectOf(plan, bars), options)) left.push(step.looked())
  expect(left).toHaveLength(options.cuts + 1)
  for (const from of left) {
    const steps = detect(subjectOf(plan, bars), options, from)
    const first = steps.next()
    if (first.done === true) throw new Error("it took no step")
    expect(first.value).toMatchObject({ done: from.cuts, of: options.cuts })
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done !== true) continue
      expect(Result.getOrThrow(step.value)).toEqual(whole)
      break
    }
  }
})
