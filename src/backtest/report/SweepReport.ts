/** What a sweep has to say for itself, as one value: the input of `sensitivityHtml`. All text is plain text: the page escapes it. */

import type { SweepSensitivity } from "../robustness/sensitivity/SweepSensitivity.ts"

/** One of the values that a parameter was tried with. */
export type SweptValue = number | string | boolean

/** A parameter and the values it was tried with, in the order they are shown. */
export interface SweptParameter {
  readonly name: string
  readonly values: ReadonlyArray<SweptValue>
}

export type SweptPoint =
  | {
      readonly _tag: "Played"
      /** One a parameter, in the parameters' order. */
      readonly values: ReadonlyArray<SweptValue>
      /** Ratio: 0.2 is 20%. */
      readonly totalReturn: number
      /** Per year; null where it cannot be told. */
      readonly sharpe: number | null
      /** Zero or negative. */
      readonly maxDrawdown: number
      /** Times a position was opened. */
      readonly entries: number
    }
  | {
      /** Not played, such as a fast mean that is slower than the slow one. */
      readonly _tag: "Refused"
      readonly values: ReadonlyArray<SweptValue>
      readonly reason: string
    }

export interface SweepReport {
  readonly title: string
  readonly algorithm: string
  /** What was played: source, symbols, resolution and period, in words. */
  readonly data: string
  /** Label of the limits profile, and whether what was made under it may be carried over to a desk. */
  readonly limits: string
  readonly promotable: boolean
  /** Where its model had read about some of it: in one line. */
  readonly contaminated?: string | undefined
  /** What was assumed of costs, in words. */
  readonly costs: string
  /** What else has to be known of the prices, a sentence each. */
  readonly caveats: ReadonlyArray<string>
  readonly parameters: ReadonlyArray<SweptParameter>
  readonly points: ReadonlyArray<SweptPoint>
  /** What they say of the parameters. */
  readonly sensitivity: SweepSensitivity
  /** Backtests ever run on this data set, those of this sweep among them. */
  readonly trials: number
  /** The command line that gives it again. */
  readonly command: string
  /** Name and version of the program. */
  readonly generatedBy: string
}
