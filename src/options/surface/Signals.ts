/**
 * What is unusual of a surface, with the statistic that says so. Nothing here
 * says what to do about it.
 */
import type { SessionDate } from "../../domain/Timestamp.ts"
import { median, robustScore, type RobustScore } from "./RobustScore.ts"
import type { ExpirySkew, SkewReport } from "./Skew.ts"
import type { HistorySource, Measure, MeasureName, VolatilitySnapshot } from "./VolatilityHistory.ts"
import type { SliceFit } from "./VolatilitySurface.ts"

/** What a measure was compared with. */
export type Comparison =
  | {
      readonly _tag: "History"
      /** Market times of the first and last snapshot used. */
      readonly from: string
      readonly to: string
      /** Every source among them. */
      readonly sources: ReadonlyArray<HistorySource>
    }
  | { readonly _tag: "Neighbours"; readonly expiries: ReadonlyArray<SessionDate> }

/** What was measured, and where. */
export interface Measured {
  readonly measure: MeasureName
  readonly days: number
  /** Of a fitted expiry. */
  readonly expiry: SessionDate | undefined
}

export interface Signal extends Measured, RobustScore {
  readonly z: number
  readonly comparedWith: Comparison
  /** |z| from here on is unusual. */
  readonly threshold: number
  readonly reading: "high" | "low" | "usual"
  /** The same in a sentence. */
  readonly text: string
}

/** A measure that could not be judged. */
export interface Unjudged extends Measured {
  readonly value: number
  readonly n: number
  readonly needed: number
  readonly why: string
}

export interface SignalReport {
  readonly symbol: string
  readonly asOf: string
  /** Every measure that could be judged, the most unusual first. */
  readonly signals: ReadonlyArray<Signal>
  readonly unjudged: ReadonlyArray<Unjudged>
}

/** Iglewicz and Hoaglin's, 1993. */
export const UNUSUAL_FROM = 3.5
/** Earlier days that a comparison with history needs. */
export const HISTORY_NEEDED = 20
/** Neighbouring expiries that a comparison needs, and takes at most on each side. */
export const NEIGHBOURS_NEEDED = 4
const NEIGHBOURS_A_SIDE = 3
/**
 * A tenth of a point: neighbours that agree more closely than that, as a
 * model's do, make nothing unusual of what no quote could show.
 */
const LEAST_DIFFERENCE = 0.001

const told = (value: number): string => {
  const rounded = Number(value.toPrecision(4))
  return String(rounded)
}

const against = (comparison: Comparison, n: number): string =>
  comparison._tag === "History"
    ? `${n} earlier days (${comparison.from.slice(0, 10)} to ${comparison.to.slice(0, 10)}, ${comparison.sources.join(" and ")})`
    : `${n} neighbouring expiries (${comparison.expiries.join(", ")})`

const signalOf = (
  measured: Measured,
  score: RobustScore & { readonly z: number },
  { comparison, threshold }: { readonly comparison: Comparison; readonly threshold: number }
): Signal => {
  const reading = score.z >= threshold ? "high" : score.z <= -threshold ? "low" : "usual"
  const where = measured.expiry ?? `${measured.days} days`
  return {
    ...measured,
    ...score,
    comparedWith: comparison,
    threshold,
    reading,
    text:
      `${measured.measure} of ${where} is ${reading}: ${told(score.value)}, median ${told(score.median)}, ` +
      `MAD ${told(score.mad)}, z ${score.z.toFixed(2)} (unusual from ${threshold}), against ${against(comparison, score.n)}`
  }
}

type Judged = { readonly signal: Signal } | { readonly unjudged: Unjudged }

const judge = (
  measured: Measured,
  {
    comparison,
    leastMad = 0,
    needed,
    others,
    threshold,
    value
  }: {
    readonly value: number
    readonly others: ReadonlyArray<number>
    readonly needed: number
    readonly leastMad?: number
    readonly threshold: number
    readonly comparison: Comparison
  }
): Judged => {
  const score = robustScore(value, others, leastMad)
  const unjudged = (why: string) => ({
    unjudged: { ...measured, value, n: others.length, needed, why }
  })
  if (score === undefined || others.length < needed) {
    return unjudged(`${others.length} to compare with, ${needed} needed`)
  }
  const { z } = score
  return z === undefined
    ? unjudged("all it is compared with are the same: no spread to measure by")
    : { signal: signalOf(measured, { ...score, z }, { comparison, threshold }) }
}

const reportOf = (
  { asOf, symbol }: { readonly symbol: string; readonly asOf: string },
  judged: ReadonlyArray<Judged>
): SignalReport => ({
  symbol,
  asOf,
  signals: judged
    .flatMap((one) => ("signal" in one ? [one.signal] : []))
    .toSorted((a, b) => Math.abs(b.z) - Math.abs(a.z)),
  unjudged: judged.flatMap((one) => ("unjudged" in one ? [one.unjudged] : []))
})

/** No volatility, and no difference of two, is beyond it: what is stored may be, and may be no number. */
const MOST = 1e6

const isMeasured = ({ value }: Measure): boolean => Math.abs(value) <= MOST

/**
 * Each measure of a snapshot against the same one of earlier snapshots of the
 * symbol. Snapshots of the same time or later are not looked at.
 */
export const againstHistory = (
  now: VolatilitySnapshot,
  history: ReadonlyArray<VolatilitySnapshot>,
  {
    needed = HISTORY_NEEDED,
    threshold = UNUSUAL_FROM
  }: { readonly needed?: number; readonly threshold?: number } = {}
): SignalReport => {
  const earlier = history
    .filter(({ asOf, symbol }) => symbol === now.symbol && asOf < now.asOf)
    .toSorted((a, b) => (a.asOf < b.asOf ? -1 : 1))
  return reportOf(
    now,
    now.measures.filter(isMeasured).map(({ days, name, value }) => {
      const used = earlier.flatMap(({ asOf, measures, source }) => {
        const same = measures
          .filter(isMeasured)
          .find((measure) => measure.name === name && measure.days === days)
        return same === undefined ? [] : [{ asOf, source, value: same.value }]
      })
      return judge(
        { measure: name, days, expiry: undefined },
        {
          value,
          others: used.map((one) => one.value),
          needed,
          threshold,
          comparison: {
            _tag: "History",
            from: used[0]?.asOf ?? "",
            to: used[used.length - 1]?.asOf ?? "",
            sources: [...new Set(used.map(({ source }) => source))]
          }
        }
      )
    })
  )
}

/** The slope of a line through points that a few outliers do not move (Theil 1950, Sen 1968). */
const theilSen = (points: ReadonlyArray<{ readonly x: number; readonly y: number }>): number => {
  const slopes = points.flatMap((a, i) =>
    points.slice(i + 1).flatMap((b) => (b.x === a.x ? [] : [(b.y - a.y) / (b.x - a.x)]))
  )
  return slopes.length === 0 ? 0 : median(slopes)
}

const measuresOf = ({ atm, measures, standardSlope }: ExpirySkew) => [
  { measure: "atm", value: atm } as const,
  ...(measures === undefined
    ? []
    : [
        { measure: "risk-reversal", value: measures.riskReversal } as const,
        { measure: "butterfly", value: measures.butterfly } as const,
        { measure: "normalized-skew", value: measures.normalized } as const
      ]),
  { measure: "standard-slope", value: standardSlope } as const
]

/**
 * Each expiry against those around it, up to three on each side. All of these
 * measures go with time by themselves: a neighbour's value is carried to this
 * expiry along the neighbours' own trend in √T (Theil and Sen's) before the
 * median and MAD are taken. What the fits miss is the least MAD, and a tenth of
 * a point of volatility: a smaller one would be an accident.
 */
export const againstNeighbours = (
  { asOf, expiries, symbol }: SkewReport,
  slices: ReadonlyArray<SliceFit>,
  {
    needed = NEIGHBOURS_NEEDED,
    threshold = UNUSUAL_FROM
  }: { readonly needed?: number; readonly threshold?: number } = {}
): SignalReport => {
  const precision = Math.max(LEAST_DIFFERENCE, median(slices.map(({ rmsError }) => rmsError)))
  const judged = expiries.flatMap((own, i) => {
    const around = [
      ...expiries.slice(Math.max(i - NEIGHBOURS_A_SIDE, 0), i),
      ...expiries.slice(i + 1, i + 1 + NEIGHBOURS_A_SIDE)
    ]
    return measuresOf(own).map(({ measure, value }) => {
      const points = around.flatMap((other) => {
        const same = measuresOf(other).find((one) => one.measure === measure)
        return same === undefined || other.expiry === undefined
          ? []
          : [{ x: Math.sqrt(other.years), y: same.value, expiry: other.expiry }]
      })
      const trend = theilSen(points)
      return judge(
        { measure, days: Math.round(own.years * 365), expiry: own.expiry },
        {
          value,
          others: points.map(({ x, y }) => y + trend * (Math.sqrt(own.years) - x)),
          needed,
          threshold,
          // A share of the volatility, and a slope by the standard deviation, which is as much of one.
          leastMad:
            measure === "normalized-skew" || measure === "standard-slope" ? precision / own.atm : precision,
          comparison: { _tag: "Neighbours", expiries: points.map(({ expiry }) => expiry) }
        }
      )
    })
  })
  return reportOf({ symbol, asOf }, judged)
}
