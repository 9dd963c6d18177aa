/** The event-driven engine: the desk's own pure functions in a plain loop. */
import type { Actor } from "../../domain/Actor.ts"
import type { JournalEvent } from "../../domain/JournalEvent.ts"
import type { Money } from "../../domain/Money.ts"
import type { LimitsProfile } from "../../risk/LimitsProfile.ts"
import type { ResumePolicy } from "../../risk/ResumePolicy.ts"
import type { Strategy } from "../../session/Strategy.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import type { Played } from "../Played.ts"
import type { Tape } from "./Tape.ts"

/** What is played, on what, with what. */
export interface EngineOptions {
  readonly tape: Tape
  readonly strategy: Strategy
  readonly cash: Money
  readonly profile: LimitsProfile
  readonly resumePolicy: ResumePolicy
  readonly seed: number
  readonly models: BacktestModels
  /** Every event of the journal, as `plimsoll run` would write it. */
  readonly onEvent?: (event: JournalEvent, actor: Actor) => void
  /** Told before each call of the strategy: the number of the bar from 1, and the time of the decision. */
  readonly heartbeat?: (bar: number, now: number) => void
  /** Plays every tick, also where nothing can come of it: slower, with the same result. */
  readonly everyTick?: boolean
}

/** How far an engine is, as JSON text: with the same options another one goes on from it to the very same result. */
export type EngineCheckpoint = string

/** Plays session after session; between two calls it can be asked how it stands. Throws `EngineFault`. */
export interface BacktestEngine {
  /** Number of the session that is played next, from 0; that of all sessions at the end. */
  readonly next: number
  /** Equity at the last close played. */
  readonly equity: Money
  /** Plays the sessions before this number. */
  readonly advance: (until: number) => void
  readonly checkpoint: () => EngineCheckpoint
  /** What was played so far. */
  readonly played: () => Played
}
