/** Why a LEAN project gave no result. */
import { Schema } from "effect"
import { BacktestInputs } from "../../backtest/BacktestInputs.ts"
import type { BacktestFailure } from "../../backtest/BacktestResult.ts"

export const leanFailureReasons = [
  /** No `lean` on the PATH. */
  "not-installed",
  /** Docker is missing, does not run, or may not be used by this user. */
  "no-docker",
  /** No lean.json in the project's folder or above it. */
  "no-lean-config",
  /** No such folder, or nothing in it that LEAN runs. */
  "no-project",
  /** Its config.json is missing or no such file. */
  "no-config",
  /** This `lean` does not know an option that was needed. */
  "old-lean",
  /** LEAN found none of the data it asked for. */
  "no-data",
  /** The algorithm failed while it ran. */
  "algorithm",
  "time-limit",
  /** `lean` ended with another code than 0. */
  "exit",
  "no-result",
  "bad-result"
] as const

export class LeanFailure extends Schema.TaggedError<LeanFailure>()("LeanFailure", {
  reason: Schema.Literals(leanFailureReasons),
  message: Schema.String,
  /** The last that `lean` wrote. */
  lines: Schema.Array(Schema.String),
  exitCode: Schema.optionalKey(Schema.Int),
  /** Where LEAN wrote what there is. */
  output: Schema.optionalKey(Schema.String),
  /** Where LEAN came so far as to say what it plays. */
  inputs: Schema.optionalKey(BacktestInputs)
}) {}

/** True where nothing was played: what is missing on this computer, or wrong with what was asked for. */
export const neverRan = ({ reason }: LeanFailure): boolean =>
  ["not-installed", "no-docker", "no-lean-config", "no-project", "no-config", "old-lean"].includes(reason)

/** As it is stored: with the last lines of the log in the stack's place. */
export const backtestFailure = ({ lines, message, reason }: LeanFailure): BacktestFailure => ({
  kind: reason === "time-limit" ? "time-limit" : reason === "no-data" ? "bad-data" : "lean",
  message,
  ...(lines.length === 0 ? {} : { stack: lines.join("\n") })
})
