/** Two sets of limits against each other: where they differ, and what is safe under both. */
import type { OptionLimits, RiskLimits } from "./RiskLimits.ts"

/** One field in which a candidate differs; values as they read in the limits file. */
export interface LimitsDifference {
  readonly field: string
  readonly sealed: string
  readonly candidate: string
  /** looser: allows an order that the sealed value refuses. */
  readonly direction: "looser" | "tighter"
}

interface NumericField {
  readonly name: string
  readonly of: (limits: RiskLimits) => number
  /** The value that refuses more. */
  readonly tighter: (a: number, b: number) => number
}

const least = (name: string, of: (limits: RiskLimits) => number): NumericField => ({
  name,
  of,
  tighter: Math.min
})
const most = (name: string, of: (limits: RiskLimits) => number): NumericField => ({
  name,
  of,
  tighter: Math.max
})

const numericFields: ReadonlyArray<NumericField> = [
  least("positionRatio", (limits) => limits.positionRatio),
  least("orderNotionalRatio", (limits) => limits.orderNotionalRatio),
  least("grossExposureRatio", (limits) => limits.grossExposureRatio),
  least("dailyLossRatio", (limits) => limits.dailyLossRatio),
  least("drawdownRatio", (limits) => limits.drawdownRatio),
  least("priceCollarRatio", (limits) => limits.priceCollarRatio),
  least("ordersPerMinute", (limits) => limits.ordersPerMinute ?? Number.POSITIVE_INFINITY),
  // More kept back for reducing orders is less for new risk.
  most("reservedForReducing", (limits) => limits.reservedForReducing),
  least("openOrders", (limits) => limits.openOrders),
  most("duplicateWindowSeconds", (limits) => limits.duplicateWindowSeconds),
  least("quoteStalenessSeconds.equity", (limits) => limits.quoteStalenessSeconds.equity),
  least("quoteStalenessSeconds.index", (limits) => limits.quoteStalenessSeconds.index),
  least("quoteStalenessSeconds.option", (limits) => limits.quoteStalenessSeconds.option),
  least("options.spreadRatio", (limits) => limits.options.spreadRatio),
  least("options.vegaRatio", (limits) => limits.options.vegaRatio),
  least("options.totalVegaRatio", (limits) => limits.options.totalVegaRatio),
  least("options.gammaRatio", (limits) => limits.options.gammaRatio),
  least("options.totalGammaRatio", (limits) => limits.options.totalGammaRatio),
  least("options.thetaRatio", (limits) => limits.options.thetaRatio),
  least("options.totalThetaRatio", (limits) => limits.options.totalThetaRatio)
]

interface FlagField {
  readonly name: string
  readonly of: (limits: RiskLimits) => boolean
}

/** True admits more. */
const flagFields: ReadonlyArray<FlagField> = [
  { name: "shortSales", of: (limits) => limits.shortSales },
  { name: "options.uncovered", of: (limits) => limits.options.uncovered }
]

const tightenOptions = (a: OptionLimits, b: OptionLimits): OptionLimits => ({
  uncovered: a.uncovered && b.uncovered,
  spreadRatio: Math.min(a.spreadRatio, b.spreadRatio),
  vegaRatio: Math.min(a.vegaRatio, b.vegaRatio),
  totalVegaRatio: Math.min(a.totalVegaRatio, b.totalVegaRatio),
  gammaRatio: Math.min(a.gammaRatio, b.gammaRatio),
  totalGammaRatio: Math.min(a.totalGammaRatio, b.totalGammaRatio),
  thetaRatio: Math.min(a.thetaRatio, b.thetaRatio),
  totalThetaRatio: Math.min(a.totalThetaRatio, b.totalThetaRatio)
})

const fewerMessages = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

/**
 * The tighter value of each field: an order these admit is admitted by both.
 * The restricted list is the union. (One caveat, by design: a narrower price
 * collar also values market orders a little lower.)
 */
export const tighten = (sealed: RiskLimits, candidate: RiskLimits): RiskLimits => {
  const ordersPerMinute = fewerMessages(sealed.ordersPerMinute, candidate.ordersPerMinute)
  const reserved = Math.max(sealed.reservedForReducing, candidate.reservedForReducing)
  const sealedAge = sealed.quoteStalenessSeconds
  const candidateAge = candidate.quoteStalenessSeconds
  return {
    positionRatio: Math.min(sealed.positionRatio, candidate.positionRatio),
    orderNotionalRatio: Math.min(sealed.orderNotionalRatio, candidate.orderNotionalRatio),
    grossExposureRatio: Math.min(sealed.grossExposureRatio, candidate.grossExposureRatio),
    dailyLossRatio: Math.min(sealed.dailyLossRatio, candidate.dailyLossRatio),
    drawdownRatio: Math.min(sealed.drawdownRatio, candidate.drawdownRatio),
    priceCollarRatio: Math.min(sealed.priceCollarRatio, candidate.priceCollarRatio),
    ordersPerMinute,
    // The reserve is part of the rate: it cannot be more than the whole.
    reservedForReducing: ordersPerMinute === null ? reserved : Math.min(reserved, ordersPerMinute),
    openOrders: Math.min(sealed.openOrders, candidate.openOrders),
    duplicateWindowSeconds: Math.max(sealed.duplicateWindowSeconds, candidate.duplicateWindowSeconds),
    quoteStalenessSeconds: {
      equity: Math.min(sealedAge.equity, candidateAge.equity),
      index: Math.min(sealedAge.index, candidateAge.index),
      option: Math.min(sealedAge.option, candidateAge.option)
    },
    restricted: [...new Set([...sealed.restricted, ...candidate.restricted])].toSorted(),
    shortSales: sealed.shortSales && candidate.shortSales,
    options: tightenOptions(sealed.options, candidate.options)
  }
}

const shown = (value: number): string => (value === Number.POSITIVE_INFINITY ? "no limit" : String(value))

/** Every field in which the candidate differs from the sealed limits; empty when they mean the same. */
export const differences = (sealed: RiskLimits, candidate: RiskLimits): ReadonlyArray<LimitsDifference> => {
  const found: Array<LimitsDifference> = []
  for (const { name, of, tighter } of numericFields) {
    const ours = of(sealed)
    const theirs = of(candidate)
    if (ours === theirs) continue
    found.push({
      field: name,
      sealed: shown(ours),
      candidate: shown(theirs),
      direction: tighter(ours, theirs) === theirs ? "tighter" : "looser"
    })
  }
  const ours = [...new Set(sealed.restricted)].toSorted()
  const theirs = [...new Set(candidate.restricted)].toSorted()
  if (ours.join() !== theirs.join()) {
    found.push({
      field: "restricted",
      sealed: ours.join(", ") || "none",
      candidate: theirs.join(", ") || "none",
      direction: ours.every((symbol) => theirs.includes(symbol)) ? "tighter" : "looser"
    })
  }
  for (const { name, of } of flagFields) {
    if (of(sealed) === of(candidate)) continue
    found.push({
      field: name,
      sealed: String(of(sealed)),
      candidate: String(of(candidate)),
      direction: of(candidate) ? "looser" : "tighter"
    })
  }
  return found
}
