/** Why a result of LEAN's could not be read. */
import { Schema } from "effect"

export class LeanResultError extends Schema.TaggedError<LeanResultError>()("LeanResultError", {
  reason: Schema.Literals([
    /** No such file or folder. */
    "not-found",
    /** A folder without a result. */
    "no-result",
    "too-large",
    "unreadable",
    /** It ends in the middle, or is no JSON. */
    "damaged",
    /** JSON, and no result of LEAN's; or a field that is read has another form. */
    "not-lean",
    /** LEAN's summary, whose curve is too coarse. */
    "too-coarse",
    /** A run that left no equity curve: it ended before its first session. */
    "no-curve"
  ]),
  path: Schema.String,
  message: Schema.String
}) {}
