/** What a walk-forward has to say for itself, as one value: the input of `walkForwardHtml`. All text is plain text: the page escapes it. */
import type { SessionDate } from "../../../domain/Timestamp.ts"
import type { GridValues } from "../../Grid.ts"
import type { WalkForward } from "../../robustness/walkforward/WalkForward.ts"

export interface WalkForwardReport {
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
  /** How the windows are cut, in words. */
  readonly windowing: string
  /** What the best was chosen by, in words. */
  readonly objective: string
  readonly points: number
  readonly walk: WalkForward
  /** Of all sessions: windows are numbers in it. */
  readonly sessions: ReadonlyArray<SessionDate>
  /** The symbols held out-of-sample: return of each session. */
  readonly benchmark: Float64Array
  /** The point that looks best over the whole period, out-of-sample: return of each session. */
  readonly hindsight: { readonly values: GridValues; readonly returns: Float64Array } | undefined
  /** Segments that could not be played. */
  readonly failed: number
  /** Backtests ever run on this data set, those of this walk-forward among them. */
  readonly trials: number
  /** The command line that gives it again. */
  readonly command: string
  /** Name and version of the program. */
  readonly generatedBy: string
}
