/** What an engine makes of its inputs, before anything is worked out from it. */
import type { JournalEventOf } from "../domain/JournalEvent.ts"
import type { Money } from "../domain/Money.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import type { BarSeries } from "../market/BarSeries.ts"
import type { TradingState } from "../domain/TradingState.ts"
import type { Financing } from "./Financing.ts"
import type {
  DenialRow,
  FillRow,
  HeldRow,
  OptionOrders,
  OptionRow,
  OrderRow,
  StateRow
} from "./BacktestRows.ts"

/** What changes a position without an order of its own: splits, and what becomes of options. */
export type PositionMove = JournalEventOf<
  "SplitApplied" | "OptionExercised" | "OptionAssigned" | "OptionExpired" | "OptionAdjusted"
>

/** The raw bars an instrument was played on. */
export type PlayedBars = Omit<BarSeries, "instrument">

export interface Played {
  /** The sessions played. Columns have one value a session, at its close, in dollars. */
  readonly dates: ReadonlyArray<SessionDate>
  readonly equity: Float64Array
  readonly grossExposure: Float64Array
  /** Long less short. */
  readonly netExposure: Float64Array
  /** Bought and sold in the session. */
  readonly traded: Float64Array
  /** The symbols bought with the starting cash at their first closes and held, splits and dividends taken out. */
  readonly benchmark: Float64Array
  readonly cash: Money
  /** Sums of the whole. */
  readonly fees: Money
  readonly dividends: Money
  /** Of a backtest with a borrow or a margin model. */
  readonly financing?: Financing
  /** Bars that ended, over all instruments. */
  readonly bars: number
  readonly orders: ReadonlyArray<OrderRow>
  readonly fills: ReadonlyArray<FillRow>
  /** In the journal's order. */
  readonly moves: ReadonlyArray<PositionMove>
  readonly denials: ReadonlyArray<DenialRow>
  readonly states: ReadonlyArray<StateRow>
  readonly held: ReadonlyArray<HeldRow>
  readonly options: ReadonlyArray<OptionRow>
  /** Where options were ordered, and it is known on which quotes. */
  readonly optionOrders?: OptionOrders
  readonly tradingState: TradingState
}
