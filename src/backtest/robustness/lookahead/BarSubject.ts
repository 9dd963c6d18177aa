/** A subject of plain functions over bars: whatever is played on them elsewhere, and what tests plant. */
import type { TapeColumns } from "../../engine/Tape.ts"
import { perturbOrEnd } from "./RuleSubject.ts"
import { perturbations, type Stamped, type Subject } from "./Stamped.ts"

/** Opens and ends of bars. */
export const barTimes = ({ tsEvent, tsOpen }: TapeColumns): ReadonlyArray<number> =>
  [...new Set([...tsOpen, ...tsEvent])].toSorted((a, b) => a - b)

export const barSubject = (
  name: string,
  bars: TapeColumns,
  play: (bars: TapeColumns) => ReadonlyArray<Stamped>
): Subject<TapeColumns> => ({
  name,
  data: bars,
  kinds: perturbations,
  times: barTimes(bars),
  perturb: perturbOrEnd,
  play: (data) => ({ done: play(data) })
})
