/**
 * How far a look-ahead check has come: `.plimsoll/backtests/lookaheads/ID.json`, written as it goes and when it is
 * interrupted, and taken away when all was looked at. Plays are the same each time, so nothing of them is kept but what
 * they showed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Result, Schema } from "effect"
import { idOf } from "../../../backtest/BacktestId.ts"
import type { DetectOptions, Looked } from "../../../backtest/robustness/lookahead/Detect.ts"
import { perturbations } from "../../../backtest/robustness/lookahead/Stamped.ts"
import type { PreparedBacktest } from "../PrepareBacktest.ts"
import { NothingToResume, place, SweepFolderFailed, trying } from "../SweepFolder.ts"

const Finding = Schema.Struct({
  kind: Schema.Literals(["future", "same-bar", "known-price", "unrepeatable"]),
  bar: Schema.Int,
  date: Schema.String,
  at: Schema.Int,
  what: Schema.Literals(["order", "fill", "denial", "cancel", "state", "signal"]),
  order: Schema.String,
  before: Schema.String,
  after: Schema.String,
  cut: Schema.optional(Schema.Int),
  perturbation: Schema.optional(Schema.Literals(perturbations))
})

const Kept = Schema.Struct({
  subject: Schema.NonEmptyString,
  cuts: Schema.Int,
  plays: Schema.Int,
  failedPlays: Schema.Int,
  moved: Schema.Int,
  findings: Schema.Array(Finding)
})

/** The subjects that were looked at, the one in hand the last. */
const LookAheadFile = Schema.Struct({
  version: Schema.Literal(1),
  /** The command that began it, from "backtest" on. */
  command: Schema.String,
  looked: Schema.Array(Kept)
})

const encode = Schema.encodeSync(Schema.fromJsonString(LookAheadFile))
const decode = Schema.decodeUnknownResult(Schema.fromJsonString(LookAheadFile), { onExcessProperty: "error" })

/** By the name of the subject. */
export type LookedAt = ReadonlyMap<string, Looked>

const lookedAtOf = ({ looked }: typeof LookAheadFile.Type): LookedAt =>
  new Map(
    looked.map(({ findings, subject, ...rest }) => [
      subject,
      { ...rest, findings: findings.map((one) => ({ ...one, cut: one.cut, perturbation: one.perturbation })) }
    ])
  )

export interface LookAheadKeeper {
  /** What was there to go on from. */
  readonly from: LookedAt
  readonly keep: (looked: LookedAt) => Effect.Effect<void, SweepFolderFailed>
  readonly done: Effect.Effect<void, SweepFolderFailed>
}

/** Of these inputs, code and prices, and these cuts; `resume` asks for what was kept of an earlier try. */
export const lookAheadKeeper = Effect.fnUntraced(function* (
  backtests: string,
  { file: { inputs } }: PreparedBacktest,
  {
    command,
    options,
    resume
  }: { readonly command: string; readonly options: DetectOptions; readonly resume: boolean }
) {
  const id = idOf(inputs.algorithm.name, { method: "look-ahead", inputs, ...options })
  const folder = join(backtests, "lookaheads")
  const file = join(folder, `${id}.json`)
  const readFrom = Effect.fnUntraced(function* () {
    const text = yield* trying(file, "read", () =>
      existsSync(file) ? Option.some(readFileSync(file, "utf8")) : Option.none()
    )
    if (Option.isNone(text)) {
      return yield* new NothingToResume({
        message: `there is no look-ahead check ${id} in ${folder} to go on with: none of this algorithm, these inputs, prices and cuts was interrupted. Leave --resume out`
      })
    }
    const kept = decode(text.value)
    if (Result.isSuccess(kept)) return lookedAtOf(kept.success)
    return yield* new SweepFolderFailed({
      file,
      message: `${file} is no look-ahead check: begin it anew, without --resume`
    })
  })
  const from: LookedAt = resume ? yield* readFrom() : new Map()
  const keeper: LookAheadKeeper = {
    from,
    keep: (looked) =>
      trying(file, "written", () => {
        mkdirSync(folder, { recursive: true })
        const all = [...looked].map(([subject, one]) => ({ subject, ...one }))
        place(file, `${encode({ version: 1, command, looked: all })}\n`)
      }),
    done: trying(file, "taken away", () => rmSync(file, { force: true }))
  }
  return keeper
})
