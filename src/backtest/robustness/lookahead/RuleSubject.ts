/**
 * The signal rule of the vectorised path. It is given all closes at once, so
 * nothing but its own care keeps it from the future: what it wants after each
 * bar may hang on no later close.
 */
import { timestamp } from "../../../domain/Timestamp.ts"
import { exchangeDate } from "../../../market/TradingCalendar.ts"
import type { SignalRule } from "../../../session/StrategyDefinition.ts"
import type { GridValues } from "../../Grid.ts"
import type { TapeColumns, TapeTrack } from "../../engine/Tape.ts"
import { firstUnknown, perturbBars } from "./PerturbBars.ts"
import type { Change, Outcome, Stamped, Subject } from "./Stamped.ts"

/** The first rows of it. */
export const headOf = (bars: TapeColumns, length: number): TapeColumns => ({
  length,
  tsOpen: bars.tsOpen.subarray(0, length),
  tsEvent: bars.tsEvent.subarray(0, length),
  open: bars.open.subarray(0, length),
  high: bars.high.subarray(0, length),
  low: bars.low.subarray(0, length),
  close: bars.close.subarray(0, length),
  volume: bars.volume.subarray(0, length)
})

/** Bars that have ended at the cut, and the one it is inside of: its open is known. */
const begun = (bars: TapeColumns, cut: number): number => {
  const ended = firstUnknown(bars, cut)
  return ended < bars.length && (bars.tsOpen[ended] ?? Infinity) <= cut ? ended + 1 : ended
}

/** As `perturbBars`; `ended` leaves the bars out that begin after the cut. */
export const perturbOrEnd = (bars: TapeColumns, change: Change): TapeColumns =>
  change.kind === "ended"
    ? headOf(bars, begun(bars, change.cut))
    : perturbBars(bars, { ...change, keepsVolumeInside: false })

const wordOf = (want: number | undefined): string => (want === 1 ? "in" : "out")

export interface RulePlay {
  readonly rule: SignalRule
  readonly values: GridValues
  /** Bars before the first that is played. */
  readonly warmUp: number
}

export const playRule = ({ rule, values, warmUp }: RulePlay, bars: TapeColumns): Outcome => {
  const failed = (message: string): Outcome => ({ done: [], failure: { at: undefined, message } })
  let wants: unknown
  try {
    // Closes of its own: what one play keeps or writes over reaches no other.
    wants = rule.wants({ ...bars, close: bars.close.slice() }, values, new Map())
  } catch (cause) {
    return failed(cause instanceof Error ? cause.message : "it threw something that is no error")
  }
  // The rule is somebody's own code, whatever its type says.
  if (!(wants instanceof Uint8Array)) return failed("the signal rule gave no Uint8Array")
  if (wants.length !== bars.length) {
    return failed(`the signal rule gave ${wants.length} values for ${bars.length} bars`)
  }
  const done: Array<Stamped> = []
  for (let row = warmUp; row < bars.length; row++) {
    const at = bars.tsEvent[row] ?? 0
    const text = wordOf(wants[row])
    done.push({
      kind: "signal",
      bar: row - warmUp + 1,
      at,
      date: exchangeDate(timestamp(at)),
      order: "",
      text,
      gist: text
    })
  }
  return { done }
}

export const ruleSubject = (
  rule: SignalRule,
  values: GridValues,
  { bars, warmUp }: Pick<TapeTrack, "bars" | "warmUp">
): Subject<TapeColumns> => ({
  name: "signal rule",
  data: bars,
  // It is given closes alone.
  kinds: ["rise", "fall", "reversed", "shuffled", "ended"],
  times: [...bars.tsEvent.subarray(warmUp)],
  perturb: perturbOrEnd,
  play: (data) => playRule({ rule, values, warmUp }, data)
})
