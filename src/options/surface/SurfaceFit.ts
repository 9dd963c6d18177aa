/** A volatility surface from a cleaned chain. */
import { Result } from "effect"
import type { CleanChain, Smile, SmilePoint } from "../chain/OptionChain.ts"
import { SAME_TIME_YEARS } from "../Position.ts"
import { arbitrageOf, arbitrageOfQuotes, type TimedCurve } from "./Arbitrage.ts"
import { type RadialCoordinates, radialModel } from "./RadialSurface.ts"
import { fitSsvi, type SsviSlice } from "./Ssvi.ts"
import { type SviSlice, sviVariance } from "./Svi.ts"
import type { MoneynessRange } from "./SviBounds.ts"
import { fitSvi, type SmileColumns } from "./SviFit.ts"
import { placeOf, ssviModel, sviModel, type VarianceModel } from "./VarianceModel.ts"
import {
  InsufficientQuotes,
  type InterpolationModel,
  type SliceFit,
  type SurfaceAnswer,
  type VolatilitySurface
} from "./VolatilitySurface.ts"

export interface SurfaceSettings {
  /** "svi" unless it is said. */
  readonly model?: InterpolationModel
  /** Of the radial basis functions alone, in scipy's sense; zero unless it is said. */
  readonly smoothing?: number
  /** Of the same: "scaled" (k ÷ √T and √T, each to [0, 1]) unless it is said; "raw" is k and T. */
  readonly coordinates?: RadialCoordinates
}

/** Strikes an expiry needs to be fitted: as many as SVI has parameters. */
export const POINTS_NEEDED = 5

/** Beyond the quoted strikes, in standard deviations at the forward, an answer is "near". */
const NEAR_DEVIATIONS = 0.5
/** Before the first expiry, and after the last, as shares of its time: "near". */
const NEAR_BEFORE = 0.5
const NEAR_AFTER = 1.25

/** Half a spread that is no better than this, in volatility, gains no more weight. */
const SPREAD_FLOOR = 0.003

interface Quoted {
  readonly smile: Smile
  readonly columns: SmileColumns
  readonly low: number
  readonly high: number
}

const columnsOf = ({ points, years }: Smile): SmileColumns => {
  const half = points.map(({ askVolatility, bidVolatility, volatility }) => {
    const spread =
      bidVolatility === undefined ? askVolatility - volatility : (askVolatility - bidVolatility) / 2
    return Math.max(spread, 0)
  })
  const raw = half.map((spread) => 1 / Math.hypot(spread, SPREAD_FLOOR))
  const size = Math.hypot(...raw)
  return {
    years,
    moneyness: Float64Array.from(points, (point) => point.logMoneyness),
    volatility: Float64Array.from(points, (point) => point.volatility),
    weight: Float64Array.from(raw, (weight) => weight / size)
  }
}

/** Beyond these a logarithm, a volatility and its time are no market's, and squares of them may be no numbers. */
const MOST = 100

/** As `cleanChain` leaves one; a chain may come from elsewhere. */
const isPoint = ({ askVolatility, bidVolatility = 0, logMoneyness, volatility }: SmilePoint): boolean =>
  Math.abs(logMoneyness) <= MOST &&
  volatility > 0 &&
  volatility <= MOST &&
  Math.abs(askVolatility) <= MOST &&
  Math.abs(bidVolatility) <= MOST

/** Nor is a longer life. */
const MOST_YEARS = 1000

/** Strikes closer than this share are one. */
const SAME_STRIKE = 1e-9

/** Those that can be fitted, ascending, one a strike. */
const pointsOf = ({ points }: Smile): ReadonlyArray<SmilePoint> =>
  points
    .filter(isPoint)
    .toSorted((one, other) => one.logMoneyness - other.logMoneyness)
    .filter(
      ({ logMoneyness }, i, all) => logMoneyness - (all[i - 1]?.logMoneyness ?? -Infinity) > SAME_STRIKE
    )

/** Smiles that can be fitted, earliest first; of two that end at one time the first. */
const quotedOf = (chain: CleanChain): ReadonlyArray<Quoted> =>
  chain.smiles
    .map((smile) => ({ ...smile, points: pointsOf(smile) }))
    .filter(
      ({ forward, points, years }) =>
        points.length >= POINTS_NEEDED &&
        forward > 0 &&
        forward < Infinity &&
        years > 0 &&
        years <= MOST_YEARS
    )
    .toSorted((one, other) => one.years - other.years)
    .filter(({ years }, i, all) => years - (all[i - 1]?.years ?? 0) > SAME_TIME_YEARS)
    .map((smile) => {
      const columns = columnsOf(smile)
      return {
        smile,
        columns,
        low: columns.moneyness[0] ?? 0,
        high: columns.moneyness[columns.moneyness.length - 1] ?? 0
      }
    })

interface Fitted {
  readonly model: VarianceModel
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly value: number }>
}

const named = (prefix: string, values: { readonly [name: string]: number }) =>
  Object.entries(values).map(([name, value]) => ({ name: `${prefix} ${name}`, value }))

/** The range of both, with the room that answers near it have. */
const joined = (one: Quoted, other: Quoted | undefined): MoneynessRange => {
  const room = ({ columns: { moneyness, volatility, years }, high, low }: Quoted): MoneynessRange => {
    const nearest = moneyness.reduce(
      (best, k, i) => (Math.abs(k) < Math.abs(moneyness[best] ?? 0) ? i : best),
      0
    )
    const deviation = (volatility[nearest] ?? 0) * Math.sqrt(years)
    return { low: Math.min(low, 0) - deviation, high: Math.max(high, 0) + deviation }
  }
  const [a, b] = [room(one), room(other ?? one)]
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) }
}

/**
 * Each expiry by itself first: what later ones then show of their own quotes
 * bounds the wings of those before, which have none there.
 */
const fittedSvi = (quoted: ReadonlyArray<Quoted>): Fitted => {
  const alone = quoted.map(
    (quote) =>
      fitSvi(quote.columns, {
        alone: undefined,
        before: undefined,
        range: joined(quote, undefined),
        above: () => Infinity
      }).slice
  )
  const slices: Array<SviSlice> = []
  quoted.forEach((quote, i) => {
    const above = (k: number): number =>
      quoted.reduce((least, { high, low }, j) => {
        const slice = alone[j]
        return j > i && slice !== undefined && k >= low && k <= high
          ? Math.min(least, sviVariance(slice, k))
          : least
      }, Infinity)
    const range = joined(quote, quoted[i - 1])
    slices.push(fitSvi(quote.columns, { alone: alone[i], before: slices[i - 1], range, above }).slice)
  })
  return {
    model: sviModel(
      quoted.map(({ smile }) => smile.years),
      slices
    ),
    parameters: slices.flatMap(({ a, b: size, m, rho, width }, i) =>
      named(quoted[i]?.smile.expiry ?? "", { a, b: size, rho, m, sigma: width })
    )
  }
}

const fittedSsvi = (quoted: ReadonlyArray<Quoted>): Fitted => {
  const slices: Array<SsviSlice> = []
  for (const { columns } of quoted) slices.push(fitSsvi(columns, slices[slices.length - 1]))
  return {
    model: ssviModel(
      quoted.map(({ smile }) => smile.years),
      slices
    ),
    parameters: slices.flatMap(({ psi, rho, theta }, i) =>
      named(quoted[i]?.smile.expiry ?? "", { theta, rho, psi })
    )
  }
}

const fitted = (quoted: ReadonlyArray<Quoted>, settings: SurfaceSettings): Fitted => {
  const model = settings.model ?? "svi"
  if (model === "svi") return fittedSvi(quoted)
  if (model === "ssvi") return fittedSsvi(quoted)
  return {
    model: radialModel(
      quoted.map(({ columns }) => columns),
      { model, smoothing: settings.smoothing ?? 0, coordinates: settings.coordinates ?? "scaled" }
    ),
    parameters: [{ name: "smoothing", value: settings.smoothing ?? 0 }]
  }
}

const sliceFit = ({ columns, smile }: Quoted, model: VarianceModel): SliceFit => {
  let squares = 0
  let largest = 0
  let inside = 0
  for (const { askVolatility, bidVolatility, logMoneyness, volatility } of smile.points) {
    const fit = Math.sqrt(Math.max(model.curveAt(logMoneyness, smile.years).variance, 0) / smile.years)
    const error = Math.abs(fit - volatility)
    squares += error * error
    largest = Math.max(largest, error)
    if (fit <= askVolatility && fit >= (bidVolatility ?? 0)) inside += 1
  }
  const count = columns.moneyness.length
  return {
    expiry: smile.expiry,
    years: smile.years,
    forward: smile.forward,
    points: count,
    rmsError: Math.sqrt(squares / count),
    maxError: largest,
    insideSpread: inside / count
  }
}

/** ln(forward ÷ spot) is linear between expiries and from zero at no time; after the last it goes on at that rate. */
const forwardCurve = (spot: number, quoted: ReadonlyArray<Quoted>) => {
  const times = [0, ...quoted.map(({ smile }) => smile.years)]
  const carries = [0, ...quoted.map(({ smile }) => Math.log(smile.forward / spot))]
  const last = carries[carries.length - 1] ?? 0
  return (years: number): number => {
    const place = placeOf(times, Math.max(years, 0))
    if (place._tag === "After") return spot * Math.exp(last * (1 + place.beyond))
    if (place._tag === "Before") return spot
    const from = carries[place.index] ?? 0
    const to = carries[place.index + 1] ?? from
    return spot * Math.exp(from + place.share * (to - from))
  }
}

/** The quoted log-moneyness at a time: k ÷ √T of the ends, linear between expiries and constant beyond. */
const rangeCurve = (quoted: ReadonlyArray<Quoted>) => {
  const times = quoted.map(({ smile }) => smile.years)
  const ends = quoted.map(({ high, low, smile }) => ({
    low: low / Math.sqrt(smile.years),
    high: high / Math.sqrt(smile.years)
  }))
  return (years: number): { readonly low: number; readonly high: number } => {
    const place = placeOf(times, years)
    const index = place._tag === "Between" ? place.index : place._tag === "Before" ? 0 : times.length - 1
    const from = ends[index] ?? { low: 0, high: 0 }
    const to = ends[index + 1]
    const share = place._tag === "Between" && to !== undefined ? place.share : 0
    const root = Math.sqrt(years)
    return {
      low: root * (from.low + share * ((to ?? from).low - from.low)),
      high: root * (from.high + share * ((to ?? from).high - from.high))
    }
  }
}

const answers = (
  quoted: ReadonlyArray<Quoted>,
  model: VarianceModel,
  forwardAt: (years: number) => number
) => {
  const rangeAt = rangeCurve(quoted)
  const first = quoted[0]?.smile.years ?? 0
  const last = quoted[quoted.length - 1]?.smile.years ?? 0
  const volatility = (k: number, years: number) =>
    Math.sqrt(Math.max(model.curveAt(k, years).variance, 0) / years)
  /** The closest place between quoted strikes and expiries. */
  const outside = (strike: number, years: number, why: string): SurfaceAnswer => {
    const time = Math.min(Math.max(Number.isNaN(years) ? first : years, first), last)
    const { high, low } = rangeAt(time)
    const asked = Math.log(strike / forwardAt(time))
    const k = Math.min(Math.max(Number.isNaN(asked) ? 0 : asked, low), high)
    return {
      _tag: "Outside",
      why,
      nearest: { strike: forwardAt(time) * Math.exp(k), years: time, volatility: volatility(k, time) }
    }
  }
  return (strike: number, years: number): SurfaceAnswer => {
    if (!(strike > 0 && strike < Infinity)) return outside(strike, years, `${strike} is no strike`)
    if (!(years > 0)) return outside(strike, years, `${years} years is no time to come`)
    if (years < NEAR_BEFORE * first) return outside(strike, years, "long before the first expiry")
    if (years > NEAR_AFTER * last) return outside(strike, years, "long after the last expiry")
    const k = Math.log(strike / forwardAt(years))
    const { high, low } = rangeAt(years)
    const variance = Math.max(model.curveAt(0, years).variance, 0)
    const room = NEAR_DEVIATIONS * Math.min(Math.sqrt(variance), MOST)
    if (k < low - room) return outside(strike, years, "far below the lowest quoted strike")
    if (k > high + room) return outside(strike, years, "far above the highest quoted strike")
    const found = volatility(k, years)
    if (!(found > 0 && found < Infinity)) return outside(strike, years, "the model has no variance there")
    const why = [
      ...(years < first ? ["before the first expiry"] : []),
      ...(years > last ? ["after the last expiry"] : []),
      // The ends themselves are inside, whatever the logarithm rounds to.
      ...(k < low - 1e-12 ? ["below the lowest quoted strike"] : []),
      ...(k > high + 1e-12 ? ["above the highest quoted strike"] : [])
    ]
    return why.length === 0
      ? { _tag: "Inside", volatility: found }
      : { _tag: "Near", volatility: found, why: why.join(", ") }
  }
}

/** The slices, three times between each two, and the near ends of time. */
const curvesOf = (
  quoted: ReadonlyArray<Quoted>,
  model: VarianceModel,
  forwardAt: (years: number) => number
): ReadonlyArray<TimedCurve> => {
  const rangeAt = rangeCurve(quoted)
  const curve = (years: number, quote: Quoted | undefined): TimedCurve => {
    const { high, low } = rangeAt(years)
    const variance = Math.max(model.curveAt(0, years).variance, 0)
    const room = NEAR_DEVIATIONS * Math.min(Math.sqrt(variance), MOST)
    return {
      expiry: quote?.smile.expiry,
      years,
      forward: forwardAt(years),
      low: low - room,
      high: high + room,
      at: (k) => model.curveAt(k, years)
    }
  }
  const first = quoted[0]?.smile.years ?? 0
  const last = quoted[quoted.length - 1]?.smile.years ?? 0
  return [
    curve(NEAR_BEFORE * first, undefined),
    ...quoted.flatMap((quote, i) => {
      const next = quoted[i + 1]
      const { years } = quote.smile
      const between = next === undefined ? [] : [0.25, 0.5, 0.75]
      return [
        curve(years, quote),
        ...between.map((share) => curve(years + share * ((next?.smile.years ?? years) - years), undefined))
      ]
    }),
    curve(NEAR_AFTER * last, undefined)
  ]
}

/**
 * A surface of the chain's smiles, or how many quotes it lacks. Expiries with
 * fewer than `POINTS_NEEDED` strikes are left out.
 */
export const fitSurface = (
  chain: CleanChain,
  settings: SurfaceSettings = {}
): Result.Result<VolatilitySurface, InsufficientQuotes> => {
  const quoted = quotedOf(chain)
  if (quoted.length === 0) {
    const found = Math.max(0, ...chain.smiles.map(({ points }) => points.length))
    return Result.fail(
      new InsufficientQuotes({
        symbol: chain.symbol,
        wanted: "a surface",
        found,
        needed: POINTS_NEEDED,
        message: `${chain.symbol}: no expiry has ${POINTS_NEEDED} usable strikes (the best has ${found}), so there is no surface`
      })
    )
  }
  const { model, parameters } = fitted(quoted, settings)
  const forwardAt = forwardCurve(chain.spot, quoted)
  const slices = quoted.map((quote) => sliceFit(quote, model))
  const count = slices.reduce((sum, { points }) => sum + points, 0)
  return Result.succeed({
    symbol: chain.symbol,
    spot: chain.spot,
    asOf: chain.asOf,
    model: settings.model ?? "svi",
    parameters,
    slices,
    leftOut: chain.smiles
      .filter(({ expiry }) => slices.every((slice) => slice.expiry !== expiry))
      .map(({ expiry, points }) => ({ expiry, points: points.length })),
    rmsError: Math.sqrt(
      slices.reduce((sum, { points, rmsError }) => sum + points * rmsError ** 2, 0) / count
    ),
    before: arbitrageOfQuotes(quoted.map(({ smile }) => smile)),
    after: arbitrageOf(curvesOf(quoted, model, forwardAt)),
    volatilityAt: answers(quoted, model, forwardAt),
    forwardAt
  })
}
