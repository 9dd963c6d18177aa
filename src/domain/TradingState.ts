/** Whether the desk takes new risk (NautilusTrader's three states). */
import { Schema } from "effect"

/** Active: all orders. Reducing: cancels and reducing orders. Halted: cancels, and reducing orders a person sends by hand. */
export const tradingStates = ["Active", "Reducing", "Halted"] as const
export const TradingState = Schema.Literals(tradingStates)
export type TradingState = typeof TradingState.Type

/** Why the state is what it is. */
export const tradingStateCauses = [
  /** The account was opened. */
  "opened",
  /** The day's loss passed its limit; lapses at the next session's open. */
  "daily-loss",
  /** The fall from the peak passed its limit; a person resumes, or a run's resume policy. */
  "drawdown",
  /** The kill switch. */
  "kill-switch",
  /** The next session opened after a daily-loss trip. */
  "session-open",
  /** A person resumed. */
  "resumed",
  /** A run's resume policy resumed. */
  "resume-policy"
] as const
export const TradingStateCause = Schema.Literals(tradingStateCauses)
export type TradingStateCause = typeof TradingStateCause.Type
