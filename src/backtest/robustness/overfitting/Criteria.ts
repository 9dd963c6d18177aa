/**
 * What the figures of the guard come to: reject, paper-trade or promote, with every
 * criterion, its figure and its threshold. ADR 38 has why, and how often noise and
 * planted edges pass.
 */
import { type Contamination, contaminationWords } from "../Contaminated.ts"
import type { Recommendation } from "../Evidence.ts"

/** The best trial falls to the middle or below in more than half of the splits: the choice is worse than a coin. */
export const REJECTED_PBO = 0.5
/** The edge is more likely luck than not. */
export const REJECTED_DEFLATED_SHARPE = 0.5
/** Chance of at least one false discovery among tests of nothing. */
export const REJECTED_P = 0.1
/** Confidence of the minimum track record. */
export const TRACK_RECORD_CONFIDENCE = 0.95
export const PROMOTED_PBO = 0.2
export const PROMOTED_DEFLATED_SHARPE = 0.95
export const PROMOTED_P = 0.05
/** The neighbours' mean Sharpe ratio ÷ the judged one's. */
export const PROMOTED_NEIGHBOURS = 0.5
/** Part of the folds that gained. */
export const PROMOTED_FOLDS = 0.6

/** What the criteria look at; undefined where it cannot be told. */
export interface Judged {
  readonly sharpe: number
  readonly returns: number
  readonly pbo: number | undefined
  readonly deflatedSharpe: number | undefined
  /** Undefined where no length would do. */
  readonly minimumTrackRecord: number | undefined
  /** Of Benjamini, Hochberg and Yekutieli; undefined where the Sharpe ratio is not above zero. */
  readonly adjustedP: number | undefined
  readonly neighbours: number | undefined
  readonly foldsGained: number | undefined
  readonly bicDifference: number | undefined
  /** Whether the limits it was made under may be carried over to a desk. */
  readonly promotable: boolean | undefined
  /** By what its language model had read about. */
  readonly contamination: Contamination | undefined
}

export interface Criterion {
  readonly name: string
  /** What is looked at, in words. */
  readonly what: string
  /** What failing it does. */
  readonly stops: "reject" | "promote"
  readonly value: number | null
  /** The value has to be at most, or at least, so much. */
  readonly bound: "most" | "least"
  readonly threshold: number
  /** 1 is yes, 0 is no. */
  readonly isFlag: boolean
  /** Null where it cannot be told: that stops a promotion, and rejects nothing. */
  readonly passed: boolean | null
}

const criterion = (
  name: string,
  what: string,
  stops: Criterion["stops"],
  value: number | undefined,
  rule: { readonly most: number } | { readonly least: number }
): Criterion => {
  const isMost = "most" in rule
  const threshold = isMost ? rule.most : rule.least
  return {
    name,
    what,
    stops,
    value: value ?? null,
    bound: isMost ? "most" : "least",
    threshold,
    isFlag: false,
    passed: value === undefined ? null : isMost ? value <= threshold : value >= threshold
  }
}

/** Fails where the Sharpe ratio is not above zero, for then there is nothing to tell. */
const known = (made: Criterion, sharpe: number): Criterion =>
  made.passed === null && !(sharpe > 0) ? { ...made, passed: false } : made

export const criteriaOf = (judged: Judged): ReadonlyArray<Criterion> => {
  const { adjustedP, deflatedSharpe, minimumTrackRecord, pbo, returns, sharpe } = judged
  const trackRecord: Criterion = {
    ...criterion("track-record", "returns, against the minimum track record length", "reject", returns, {
      least: Math.ceil(minimumTrackRecord ?? 0)
    }),
    passed: minimumTrackRecord === undefined ? (sharpe > 0 ? null : false) : returns >= minimumTrackRecord
  }
  const flag = (met: boolean | undefined): number | undefined => (met === undefined ? undefined : met ? 1 : 0)
  const clean = judged.contamination === undefined ? undefined : judged.contamination._tag === "None"
  return [
    criterion("pbo", "probability of backtest overfitting", "reject", pbo, { most: REJECTED_PBO }),
    criterion("deflated-sharpe", "deflated Sharpe ratio", "reject", deflatedSharpe, {
      least: REJECTED_DEFLATED_SHARPE
    }),
    trackRecord,
    known(
      criterion("adjusted-p", "p-value adjusted for all tests (BHY)", "reject", adjustedP, {
        most: REJECTED_P
      }),
      sharpe
    ),
    criterion("pbo-low", "probability of backtest overfitting", "promote", pbo, { most: PROMOTED_PBO }),
    criterion("deflated-sharpe-high", "deflated Sharpe ratio", "promote", deflatedSharpe, {
      least: PROMOTED_DEFLATED_SHARPE
    }),
    known(
      criterion("adjusted-p-low", "p-value adjusted for all tests (BHY)", "promote", adjustedP, {
        most: PROMOTED_P
      }),
      sharpe
    ),
    criterion(
      "neighbours",
      "neighbours' mean Sharpe ratio, as a part of its own",
      "promote",
      judged.neighbours,
      { least: PROMOTED_NEIGHBOURS }
    ),
    criterion("folds", "part of the folds that gained", "promote", judged.foldsGained, {
      least: PROMOTED_FOLDS
    }),
    criterion("complexity", "BIC of an edge less BIC of none", "promote", judged.bicDifference, { most: 0 }),
    {
      ...criterion(
        "limits",
        "limits that may be carried over to a desk",
        "promote",
        flag(judged.promotable),
        {
          least: 1
        }
      ),
      isFlag: true
    },
    {
      ...criterion("knowledge", "sessions that its model cannot have read about", "promote", flag(clean), {
        least: 1
      }),
      isFlag: true
    }
  ]
}

export interface Verdict {
  readonly recommendation: Recommendation
  /** A sentence each, with its numbers. */
  readonly reasons: ReadonlyArray<string>
}

const shown = (value: number): string => String(Number(value.toPrecision(3)))

const sentence = ({ bound, isFlag, passed, stops, threshold, value, what }: Criterion): string => {
  if (isFlag) return `${what}: ${passed === null ? "cannot be told" : "no"}`
  const wanted = `${bound === "most" ? "at most" : "at least"} ${shown(threshold)} is wanted`
  const end = stops === "reject" ? "" : " to promote"
  if (passed === null) return `${what}: cannot be told, ${wanted}${end}`
  return value === null
    ? `${what}: none, for the Sharpe ratio is not above zero`
    : `${what}: ${shown(value)}, ${wanted}${end}`
}

const trackRecordSentence = (made: Criterion, { returns }: Judged): string =>
  made.threshold > 0
    ? `${returns} returns are fewer than the minimum track record of ${made.threshold}`
    : "no track record is long enough: the Sharpe ratio is not above zero"

export const verdictOf = (judged: Judged, criteria: ReadonlyArray<Criterion>): Verdict => {
  const said = (made: Criterion): string => {
    if (made.passed !== false) return sentence(made)
    if (made.name === "track-record") return trackRecordSentence(made, judged)
    const read =
      made.name === "knowledge" && judged.contamination !== undefined
        ? contaminationWords(judged.contamination)
        : undefined
    return read ?? sentence(made)
  }
  const failed = criteria.filter(({ passed, stops }) => stops === "reject" && passed === false)
  if (failed.length > 0) return { recommendation: "reject", reasons: failed.map(said) }
  const open = criteria.filter(({ passed }) => passed !== true)
  return open.length === 0
    ? { recommendation: "promote", reasons: ["every criterion is met"] }
    : { recommendation: "paper-trade", reasons: open.map(said) }
}
