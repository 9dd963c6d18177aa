/** The recursive-indicator check of a strategy on a tape: on the engine, and of its signal rule. */
import type { SignalRule } from "../../../session/StrategyDefinition.ts"
import type { GridValues } from "../../Grid.ts"
import type { Tape } from "../../engine/Tape.ts"
import { cutSegment } from "../../SegmentCut.ts"
import { cutWarmUp } from "../../WarmUpCut.ts"
import { type EngineSubjectOptions, playOnEngine } from "./EngineSubject.ts"
import { playRule } from "./RuleSubject.ts"
import type { WarmUpSubject } from "./WarmUpCheck.ts"

/** Warm-up that is looked for before the sessions that are compared, as multiples of the declared one. */
const MULTIPLES = 16
/** Bars of it of a strategy that declares none. */
const BARS_WITHOUT = 320

const earlierBars = (tape: Tape): number =>
  tape.tracks.reduce((least, { warmUp }) => Math.min(least, warmUp), Infinity)

/**
 * The later sessions of the tape with the earlier ones as warm-up: as many of
 * them as 16 times the declared warm-up takes, half of all at most.
 */
export const laterSessions = (tape: Tape, declared: number): Tape => {
  const { sessions, tracks } = tape
  const wanted = declared === 0 ? BARS_WITHOUT : MULTIPLES * declared
  const half = Math.floor(sessions.length / 2)
  let from = 0
  while (from < half && tracks.some(({ first }) => (first[from] ?? 0) < wanted)) from += 1
  return from === 0 ? tape : cutSegment(tape, { from, until: sessions.length })
}

export const engineWarmUp = (options: EngineSubjectOptions, declared: number): WarmUpSubject => {
  const tape = laterSessions(options.tape, declared)
  return {
    name: "event engine",
    declared,
    available: earlierBars(tape),
    play: (warmUp) => playOnEngine(options, cutWarmUp(tape, warmUp), Infinity)
  }
}

export const ruleWarmUp = (
  rule: SignalRule,
  values: GridValues,
  { declared, tape: whole }: { readonly declared: number; readonly tape: Tape }
): WarmUpSubject => {
  const tape = laterSessions(whole, declared)
  return {
    name: "signal rule",
    declared,
    available: earlierBars(tape),
    play: (length) => {
      const [track] = cutWarmUp(tape, length).tracks
      return track === undefined ? { done: [] } : playRule({ rule, values, warmUp: track.warmUp }, track.bars)
    }
  }
}
