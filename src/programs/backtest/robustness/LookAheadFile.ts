/**
 * How far a look-ahead check has come. Plays are the same each time, so nothing of them is kept but what they showed.
 */
import { Option, Schema } from "effect"
import { idOf } from "../../../backtest/BacktestId.ts"
import type { DetectOptions, Looked } from "../../../backtest/robustness/lookahead/Detect.ts"
import { findingKinds } from "../../../backtest/robustness/lookahead/Findings.ts"
import { perturbations } from "../../../backtest/robustness/lookahead/Stamped.ts"
import { version } from "../../Version.ts"
import type { PreparedBacktest } from "../PrepareBacktest.ts"
import type { KeptWork } from "./Unfinished.ts"

const Count = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))

const Finding = Schema.Struct({
  kind: Schema.Literals(findingKinds),
  bar: Schema.Int,
  date: Schema.String,
  at: Schema.Int,
  what: Schema.Literals(["order", "fill", "denial", "cancel", "state", "signal", "intent"]),
  order: Schema.String,
  before: Schema.String,
  after: Schema.String,
  cut: Schema.optional(Schema.Int),
  perturbation: Schema.optional(Schema.Literals(perturbations))
})

/** The subjects that were looked at, the one in hand the last. */
const LookAheadFile = Schema.fromJsonString(
  Schema.Struct({
    version: Schema.Literal(1),
    looked: Schema.Array(
      Schema.Struct({
        subject: Schema.NonEmptyString,
        cuts: Count,
        plays: Count,
        failedPlays: Count,
        moved: Count,
        findings: Schema.Array(Finding)
      })
    )
  })
)
const encode = Schema.encodeSync(LookAheadFile)
const decode = Schema.decodeUnknownOption(LookAheadFile, { onExcessProperty: "error" })

/** By the name of the subject. */
export type LookedAt = ReadonlyMap<string, Looked>

const lookedAtOf = ({ looked }: typeof LookAheadFile.Type): LookedAt =>
  new Map(
    looked.map(({ findings, subject, ...rest }) => [
      subject,
      { ...rest, findings: findings.map((one) => ({ ...one, cut: one.cut, perturbation: one.perturbation })) }
    ])
  )

/** Of these inputs, code and prices, and these cuts. */
export const keptLookAhead = (
  { file: { inputs } }: PreparedBacktest,
  options: DetectOptions
): KeptWork<LookedAt> => ({
  id: idOf(inputs.algorithm.name, { method: "look-ahead", program: version, inputs, ...options }),
  what: "look-ahead check",
  encode: (looked) =>
    `${encode({ version: 1, looked: [...looked].map(([subject, one]) => ({ subject, ...one })) })}\n`,
  decode: (bytes) => Option.getOrUndefined(Option.map(decode(new TextDecoder().decode(bytes)), lookedAtOf))
})
