/**
 * What was found out about a strategy, as it is kept: small figures with what
 * they are about. A promotion rests on it, and says what of it is missing.
 */
import canonicalize from "canonicalize"
import { Context, type Effect, Schema } from "effect"
import { formatMicros, Money } from "../../domain/Money.ts"
import { SessionDate } from "../../domain/Timestamp.ts"
import { formatResumePolicy } from "../../risk/ResumePolicy.ts"
import type { ParameterValue } from "../../session/Parameters.ts"
import { StrategyParameters } from "../../session/Strategy.ts"
import { idOf } from "../BacktestId.ts"
import { type BacktestInputs, pricesHash } from "../BacktestInputs.ts"
import type { BacktestModels } from "../BacktestModels.ts"
import { CostsPreset, costsOf } from "../CostsPreset.ts"
import type { BacktestStoreFailed } from "../BacktestStoreErrors.ts"

/** A figure; null where it cannot be told. */
const Figure = Schema.NullOr(Schema.Finite)

/** What evidence is about. */
export const EvidenceSubject = Schema.Struct({
  algorithm: Schema.NonEmptyString,
  /** SHA-256, hex, as `TriedAlgorithm` has it: evidence holds for this code alone. */
  codeHash: Schema.NonEmptyString,
  /** Those that do not vary; of a whole backtest all of them. */
  parameters: StrategyParameters,
  dataset: Schema.NonEmptyString,
  from: SessionDate,
  to: SessionDate,
  /** Name of the limits profile. */
  profile: Schema.NonEmptyString,
  /** What was assumed of a market and its venue: a name of `--costs`, or a hash of the models. */
  costs: Schema.NonEmptyString,
  /** Of the prices, whatever warm-up was played before them. */
  pricesHash: Schema.NonEmptyString,
  /** Starting cash: fees have a least, and shares are whole. */
  cash: Money,
  /** After a drawdown trip, as it is typed. */
  resumePolicy: Schema.NonEmptyString,
  /** What the modelled path inside a bar is drawn from. */
  seed: Schema.Int,
  /** The engine's version. */
  engine: Schema.NonEmptyString
})
export type EvidenceSubject = typeof EvidenceSubject.Type

/** "none", "paper", "lean"; of other models "custom-" and a hash of them. */
export const costsIdentity = (models: BacktestModels): string =>
  CostsPreset.literals.find((name) => canonicalize(costsOf(name)) === canonicalize(models)) ??
  idOf("custom", models)

/** What evidence is about that was made of these inputs. */
export const subjectOf = ({
  algorithm,
  cash,
  data,
  engine,
  models,
  profile,
  resumePolicy,
  seed
}: BacktestInputs): EvidenceSubject => ({
  algorithm: algorithm.name,
  codeHash: algorithm.codeHash,
  parameters: algorithm.parameters,
  dataset: data.dataset,
  from: data.from,
  to: data.to,
  profile: profile.name,
  costs: costsIdentity(models),
  pricesHash: pricesHash(data),
  cash,
  resumePolicy: formatResumePolicy(resumePolicy),
  seed,
  engine: engine.version
})

/** What evidence and a run of a desk both are about. */
export type Conditions = Pick<EvidenceSubject, "codeHash" | "profile" | "cash" | "resumePolicy">

/** In words, what of these is other than of one's own. */
export const otherConditions = (theirs: Conditions, own: Conditions): ReadonlyArray<string> => [
  ...(theirs.codeHash === own.codeHash ? [] : ["other code"]),
  ...(theirs.profile === own.profile ? [] : [`other limits: ${theirs.profile}`]),
  ...(theirs.cash === own.cash ? [] : [`other cash: ${formatMicros(theirs.cash, 2)}`]),
  ...(theirs.resumePolicy === own.resumePolicy ? [] : [`another resume policy: ${theirs.resumePolicy}`])
]

/** The same of one parameter; undefined of one that there is not. */
export const otherParameter = (
  name: string,
  theirs: ParameterValue | undefined,
  own: ParameterValue | undefined
): ReadonlyArray<string> =>
  theirs === own ? [] : [`other parameters: ${name}=${theirs === undefined ? "none" : String(theirs)}`]

export const Recommendation = Schema.Literals(["reject", "paper-trade", "promote"])
export type Recommendation = typeof Recommendation.Type

/** What was found. Ratios; Sharpe ratios a year are named so, others are per return. */
export const Finding = Schema.TaggedUnion({
  WalkForward: {
    /** The grid it chose from: the values of each parameter that varies. */
    axes: Schema.Record(
      Schema.String,
      Schema.Array(Schema.Union([Schema.Finite, Schema.String, Schema.Boolean]))
    ),
    windows: Schema.Int,
    train: Schema.Int,
    test: Schema.Int,
    embargo: Schema.Int,
    anchored: Schema.Boolean,
    objective: Schema.NonEmptyString,
    outOfSampleReturn: Schema.Finite,
    outOfSampleSharpeYearly: Figure,
    /** Zero or negative. */
    outOfSampleMaxDrawdown: Schema.Finite,
    /** Annualised out-of-sample return ÷ annualised in-sample return of the chosen points. */
    efficiency: Figure,
    profitableWindows: Schema.Int
  },
  Overfitting: {
    trials: Schema.Int,
    effectiveTrials: Figure,
    /** Probability of backtest overfitting. */
    pbo: Figure,
    probabilisticSharpe: Figure,
    deflatedSharpe: Figure,
    /** Returns needed; null where no length would do. */
    minimumTrackRecord: Figure,
    recommendation: Recommendation,
    reasons: Schema.Array(Schema.String)
  },
  LookAhead: {
    /** That were asked for, and looked at: of fewer on the engine a leak is more easily missed. */
    cuts: Schema.Int,
    /** Decisions and fills that were compared: of the engine or of the signal rule, whichever had fewer. */
    compared: Schema.Int,
    /** Of them those that changed with the future. */
    changed: Schema.Int,
    /** Decisions that a longer warm-up changes. */
    warmUpChanged: Schema.Int
  }
})
export type Finding = typeof Finding.Type

/** Of the form of the file; files of another one are of another version of the program, and say nothing to this one. */
export const EVIDENCE_VERSION = 2

export const Evidence = Schema.Struct({
  version: Schema.Literal(EVIDENCE_VERSION),
  /** Made of what was asked: the same question again takes the place of the earlier answer. */
  id: Schema.NonEmptyString,
  subject: EvidenceSubject,
  finding: Finding,
  /** The command that gives it again, without the program's name. */
  command: Schema.String,
  /** Milliseconds since 1970. */
  foundAt: Schema.Int
})
export type Evidence = typeof Evidence.Type

export class EvidenceStore extends Context.Service<
  EvidenceStore,
  {
    readonly put: (evidence: Evidence) => Effect.Effect<void, BacktestStoreFailed>
    /** Of the algorithm of that name, whatever its code was, oldest first; what cannot be read is told as a failure that names the file. */
    readonly of: (algorithm: string) => Effect.Effect<ReadonlyArray<Evidence>, BacktestStoreFailed>
  }
>()("plimsoll/backtest/robustness/Evidence/EvidenceStore") {}
