/** The look-ahead detector to its end, without a stop. */
import { Result } from "effect"
import {
  detect,
  type Detected,
  type DetectOptions
} from "../../../../src/backtest/robustness/lookahead/Detect.ts"
import type { Subject } from "../../../../src/backtest/robustness/lookahead/Stamped.ts"

export const detected = <D>(subject: Subject<D>, options: DetectOptions): Detected => {
  const steps = detect(subject, options)
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return Result.getOrThrow(step.value)
  }
}
