/**
 * For which backtests the loop over columns gives what the event engine gives.
 * What is not listed here is the engine's.
 */
import canonicalize from "canonicalize"
import { MAX_PRICE_MICROS } from "../../domain/Money.ts"
import { type LimitsProfile, researchProfile } from "../../risk/LimitsProfile.ts"
import { hashLimits } from "../../risk/RiskLimits.ts"
import type { SignalRule } from "../../session/StrategyDefinition.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import { costsOf } from "../CostsPreset.ts"
import type { Tape, TapeTrack } from "../engine/Tape.ts"

export interface Candidate {
  readonly signal: SignalRule | undefined
  readonly tape: Tape
  readonly profile: LimitsProfile
  readonly models: BacktestModels
}

/** Limits are compared by what they are, not by what they are called. */
const researchHash = hashLimits(researchProfile.limits)

const said = (models: BacktestModels): string => canonicalize(models) ?? ""

const withoutCosts = said(costsOf("none"))

const hasBarEverySession = ({ first }: TapeTrack, sessions: number): boolean => {
  for (let i = 0; i < sessions; i++) if ((first[i + 1] ?? 0) - (first[i] ?? 0) !== 1) return false
  return true
}

/** A purchase is valued at the price and the collar, and that has to be a price. */
const hasUsualPrices = ({ bars }: TapeTrack): boolean =>
  bars.close.every((close) => close > 0 && close <= MAX_PRICE_MICROS / 2)

const trackProblem = (track: TapeTrack, sessions: number): string | undefined => {
  if (track.instrument._tag === "Option" || track.instrument.multiplier !== 1) {
    return "it does not trade plain shares"
  }
  if (track.actions.length > 0) return "there are splits or dividends"
  if (track.lastSession < sessions) return "the instrument stops trading"
  if (track.quotes !== undefined || track.paths.some(({ resolution }) => resolution !== "1d")) {
    return "ticks are made of more than daily bars"
  }
  if (!hasBarEverySession(track, sessions)) return "there are sessions without a bar"
  return hasUsualPrices(track) ? undefined : "prices are too high to be ordered at"
}

/** Why the event engine has to play it, in words that follow "because"; undefined where the loop does. */
export const whyEngine = ({ models, profile, signal, tape }: Candidate): string | undefined => {
  if (signal === undefined) return "the strategy has no signal rule"
  if (said(models) !== withoutCosts) return "there are costs"
  if (hashLimits(profile.limits) !== researchHash) return "the limits may deny orders"
  if (tape.resolution !== "1d") return "it decides on finer bars than days"
  const [track, ...others] = tape.tracks
  if (track === undefined || others.length > 0) return "it trades several symbols"
  return trackProblem(track, tape.sessions.length)
}
