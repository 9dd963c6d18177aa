/**
 * What decides in a run.
 *
 * A strategy is a pure function of its context, called once a session at the
 * close; its orders are sent AT_THE_OPEN and fill at the next session's open.
 * It keeps no state between calls: a run that was killed goes on from its
 * journal, and what a strategy remembered would be lost. What it needs to know
 * of the past is in the histories, what it did is in the holdings.
 *
 * Decisions feed the journal hash: only + − × ÷ and √ may lead to a weight or a
 * reason, for only these give the same bits on every machine.
 */
import { Schema } from "effect"
import type { InstrumentId } from "../domain/Identifiers.ts"
import type { Instrument } from "../domain/Instrument.ts"
import type { Money, Price, Quantity } from "../domain/Money.ts"
import type { SessionDate } from "../domain/Timestamp.ts"
import type { TradingState, TradingStateCause } from "../domain/TradingState.ts"
import type { History } from "./History.ts"

/** What is held of one instrument; strategies are long or flat. */
export interface Holding {
  readonly quantity: Quantity
  /** Price at today's close. */
  readonly mark: Price
}

/** The circuit breaker's trip that is in force. */
export interface ActiveTrip {
  readonly cause: Extract<TradingStateCause, "daily-loss" | "drawdown">
  /** Closes since the session it happened in: 0 at that session's own close. */
  readonly sessionsSince: number
}

/** Everything a strategy may know at today's close. */
export interface StrategyContext {
  readonly date: SessionDate
  /** 0 at the run's first session. */
  readonly sessionIndex: number
  /** Those of the run, the same at every session. */
  readonly instruments: ReadonlyArray<Instrument>
  /** Those that have a bar today. */
  readonly histories: ReadonlyMap<InstrumentId, History>
  /** Without those of which nothing is held. No order is working. */
  readonly holdings: ReadonlyMap<InstrumentId, Holding>
  /** Cash and holdings at their marks. */
  readonly equity: Money
  readonly cash: Money
  readonly tradingState: TradingState
  readonly activeTrip: ActiveTrip | undefined
}

/** What should be held of one instrument. An instrument without a target is left as it is. */
export interface Target {
  readonly instrumentId: InstrumentId
  /** Value as a ratio of equity, 0 or more. */
  readonly weight: number
  /** Why, in a sentence; it becomes the order's rationale. */
  readonly reason: string
}

/** By name, part of a run's inputs. */
export const StrategyParameters = Schema.Record(
  Schema.String,
  Schema.Union([Schema.Finite, Schema.String, Schema.Boolean])
)
export type StrategyParameters = typeof StrategyParameters.Type

export interface Strategy {
  /** What `--strategy` takes. */
  readonly name: string
  readonly title: string
  /** What it does, in one line. */
  readonly summary: string
  /** A paragraph for the report: what it does, and where its numbers come from. */
  readonly description: string
  readonly parameters: StrategyParameters
  /** What each parameter means, in a phrase; by the same names. */
  readonly meanings: Readonly<Record<string, string>>
  /** How many instruments it can run on; no most when null. */
  readonly instruments: { readonly least: number; readonly most: number | null }
  readonly onClose: (context: StrategyContext) => ReadonlyArray<Target>
}
