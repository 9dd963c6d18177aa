/** A subject of plain functions over bars. */
import type { TapeColumns } from "../../../../src/backtest/engine/Tape.ts"
import { perturbOrEnd } from "../../../../src/backtest/robustness/lookahead/RuleSubject.ts"
import {
  perturbations,
  type Stamped,
  type Subject
} from "../../../../src/backtest/robustness/lookahead/Stamped.ts"

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
