/**
 * Results from before a language model's knowledge cutoff: whoever asks such a
 * model about those days asks somebody who has read how they ended. They are
 * contaminated, and nothing may be promoted on them.
 */
import { Option, Result } from "effect"
import type { SessionDate } from "../../domain/Timestamp.ts"
import { equityCurve } from "../../portfolio/EquityCurve.ts"
import { performance, type Statistic } from "../../portfolio/Performance.ts"
import type { BacktestInputs } from "../BacktestInputs.ts"
import type { BacktestContent } from "../BacktestResult.ts"

/** How much of a backtest is from before the cutoff. A session on the day of the cutoff is clean. */
export type Contamination =
  | { readonly _tag: "None" }
  | {
      readonly _tag: "Partly"
      readonly cutoff: SessionDate
      /** Before the cutoff; undefined where the sessions are not known. */
      readonly sessions: number | undefined
      /** The first clean session; the cutoff itself where the sessions are not known. */
      readonly firstClean: SessionDate
    }
  | { readonly _tag: "Wholly"; readonly cutoff: SessionDate; readonly sessions: number | undefined }

/** Of a backtest from..to; `dates` are its sessions, where they are known. */
export const contaminated = (
  { from, to }: { readonly from: SessionDate; readonly to: SessionDate },
  cutoff: SessionDate | undefined,
  dates?: ReadonlyArray<SessionDate>
): Contamination => {
  if (cutoff === undefined || cutoff <= from) return { _tag: "None" }
  const sessions = dates?.filter((date) => date < cutoff).length
  if (sessions === 0) return { _tag: "None" }
  const firstClean = dates === undefined ? cutoff : dates.find((date) => date >= cutoff)
  return cutoff > to || firstClean === undefined
    ? { _tag: "Wholly", cutoff, sessions }
    : { _tag: "Partly", cutoff, sessions, firstClean }
}

/**
 * With what somebody says besides the code: it adds a cutoff, or moves it later.
 * An earlier one would call clean what the code calls contaminated.
 */
export const movedCutoff = (
  declared: SessionDate | undefined,
  asked: SessionDate | undefined
): Result.Result<SessionDate | undefined, string> =>
  declared !== undefined && asked !== undefined && asked < declared
    ? Result.fail(
        `the knowledge cutoff ${declared} is declared, and ${asked} is earlier: one that is said besides can only be later`
      )
    : Result.succeed(asked ?? declared)

/** Inputs with that cutoff; as they are where there is none. */
export const withCutoff = (inputs: BacktestInputs, cutoff: SessionDate | undefined): BacktestInputs =>
  cutoff === undefined ? inputs : { ...inputs, algorithm: { ...inputs.algorithm, knowledgeCutoff: cutoff } }

/** By what a backtest was made of. */
export const contaminationOf = (
  { algorithm, data }: Pick<BacktestInputs, "algorithm" | "data">,
  dates?: ReadonlyArray<SessionDate>
): Contamination => contaminated(data, algorithm.knowledgeCutoff, dates)

/** Whether something of it may be carried over to a desk: by its limits, and by what its model knew. */
export const isPromotable = (
  inputs: Pick<BacktestInputs, "algorithm" | "data" | "profile">,
  dates?: ReadonlyArray<SessionDate>
): boolean => inputs.profile.promotable && contaminationOf(inputs, dates)._tag === "None"

const counted = (sessions: number | undefined): string =>
  sessions === undefined ? "" : ` (${sessions} ${sessions === 1 ? "session" : "sessions"})`

/** In one line; undefined when it is clean. */
export const contaminationWords = (found: Contamination): string | undefined => {
  switch (found._tag) {
    case "None":
      return undefined
    case "Partly":
      return `CONTAMINATED in part: not promotable; what is before the knowledge cutoff ${found.cutoff}${counted(found.sessions)} its model has read about, clean from ${found.firstClean} on`
    case "Wholly":
      return `CONTAMINATED: not promotable; all of it${counted(found.sessions)} is before the knowledge cutoff ${found.cutoff}: its model has read how it ended`
  }
}

/** What stands over everything that is made of a backtest's results. */
export interface Label {
  /** Of the limits profile, and whether what was made under it may be carried over to a desk. */
  readonly label: string
  readonly promotable: boolean
  /** In one line; undefined when it is clean. */
  readonly contaminated?: string | undefined
}

export const labelOf = (
  inputs: Pick<BacktestInputs, "algorithm" | "data" | "profile">,
  dates?: ReadonlyArray<SessionDate>
): Label => ({
  label: inputs.profile.label,
  promotable: inputs.profile.promotable,
  contaminated: contaminationWords(contaminationOf(inputs, dates))
})

/** Its one line, where there is one; none of what is no backtest's. */
export const contaminationLines = (
  inputs: Pick<BacktestInputs, "algorithm" | "data"> | undefined,
  dates?: ReadonlyArray<SessionDate>
): ReadonlyArray<string> => {
  if (inputs === undefined) return []
  const words = contaminationWords(contaminationOf(inputs, dates))
  return words === undefined ? [] : [words]
}

/** Figures of the clean part alone; null where they cannot be told. */
export interface CleanPart {
  readonly from: SessionDate
  readonly sessions: number
  readonly totalReturn: number | null
  /** A year. */
  readonly sharpe: number | null
  /** Zero or negative. */
  readonly maxDrawdown: number | null
}

const valueOf = (statistic: Statistic): number | null => (statistic._tag === "Value" ? statistic.value : null)

/** From the cutoff on, begun with what the account was worth before; none where nothing or everything is clean. */
export const cleanPart = (
  { dates, equity }: Pick<BacktestContent, "dates" | "equity">,
  cutoff: SessionDate | undefined
): Option.Option<CleanPart> => {
  const first = cutoff === undefined ? -1 : dates.findIndex((date) => date >= cutoff)
  const from = dates[first]
  if (from === undefined || first < 1) return Option.none()
  const curve = equityCurve(dates.slice(first - 1), Float64Array.from(equity.slice(first - 1)))
  const sessions = dates.length - first
  if (Result.isFailure(curve)) {
    return Option.some({ from, sessions, totalReturn: null, sharpe: null, maxDrawdown: null })
  }
  const { statistics } = performance(curve.success, {
    grossExposures: new Float64Array(sessions + 1),
    tradedNotional: 0
  })
  return Option.some({
    from,
    sessions,
    totalReturn: valueOf(statistics.totalReturn),
    sharpe: valueOf(statistics.sharpe),
    maxDrawdown: valueOf(statistics.maxDrawdown)
  })
}
