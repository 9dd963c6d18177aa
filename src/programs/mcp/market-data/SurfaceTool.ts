/** `get_vol_surface`. */
import { Effect, Schema } from "effect"
import { cleaned, surfaceOf } from "../../../market/ChainAnalysis.ts"
import type { MarketChain } from "../../../market/MarketChain.ts"
import { OptionMarket } from "../../../market/OptionMarket.ts"
import { dropReasons } from "../../../options/chain/OptionChain.ts"
import { skew } from "../../../options/surface/Skew.ts"
import { surfaceMatrix } from "../../../options/surface/SurfaceMatrix.ts"
import { termStructure } from "../../../options/surface/TermStructure.ts"
import type {
  ArbitrageReport,
  SliceFit,
  SurfaceAnswer,
  VolatilitySurface
} from "../../../options/surface/VolatilitySurface.ts"
import * as Pages from "../kit/Pages.ts"
import { tool } from "../kit/Tool.ts"
import { AskedSymbol } from "./Asked.ts"
import {
  boundedNotes,
  chainHead,
  chainNotes,
  daysOf,
  dollarText,
  fiveDecimals,
  headOf,
  headText,
  insufficientSteps,
  optionalRatio,
  optionSteps,
  sixDigits
} from "./OptionWire.ts"

/** Strike ÷ forward of the matrix's columns. */
const moneyness = [0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 1, 1.025, 1.05, 1.1, 1.15, 1.2, 1.3]
/** Characters of the expiries. */
const MAX_EXPIRIES = 12_000
/** A slice whose fit is further from the quotes is pointed at. */
const POOR_FIT = 0.01
const models = [
  "svi",
  "ssvi",
  "linear",
  "cubic",
  "thin-plate",
  "multiquadric",
  "inverse",
  "gaussian"
] as const

const Ratio = Schema.NullOr(Schema.Finite)

const Output = Schema.Struct({
  ...chainHead,
  model: Schema.Literals(models),
  /** Quotes of the chain, those that passed the cleaning, and the others by reason. */
  quotes: Schema.Int,
  kept: Schema.Int,
  dropped: Schema.Array(Schema.Struct({ reason: Schema.Literals(dropReasons), count: Schema.Int })),
  /** Root mean square error of the fit, in volatility. */
  rmsError: Schema.Finite,
  expiries: Schema.Array(
    Schema.Struct({
      expiry: Schema.String,
      days: Schema.Finite,
      forward: Schema.String,
      atmIv: Ratio,
      /** Of 25 delta: call less put, and their mean less ATM. */
      riskReversal: Ratio,
      butterfly: Ratio,
      /** (Put − call) ÷ ATM. */
      normalizedSkew: Ratio,
      /** dσ/dk · √T at the forward. */
      standardSlope: Ratio,
      strikes: Schema.Int,
      rmsError: Schema.Finite,
      /** Part of the strikes whose fit lies between bid and ask. */
      insideSpread: Schema.Finite,
      /** Volatility at each of `moneyness`; null where the surface has none. */
      iv: Schema.Array(Ratio),
      /** A letter for each: i inside the quoted strikes, n near them, o outside. */
      trust: Schema.String
    })
  ),
  /** Strike ÷ forward. */
  moneyness: Schema.Array(Schema.Finite),
  constantMaturity: Schema.Array(Schema.Struct({ days: Schema.Finite, iv: Ratio, trust: Schema.String })),
  /** Near ÷ far: above 1 is backwardation. */
  slope: Schema.NullOr(
    Schema.Struct({
      nearDays: Schema.Finite,
      farDays: Schema.Finite,
      ratio: Schema.Finite,
      shape: Schema.String
    })
  ),
  /** Places where prices would allow a profit without risk: of the quotes' mids, and of the fit. */
  arbitrage: Schema.Struct({
    butterflyBefore: Schema.Int,
    calendarBefore: Schema.Int,
    butterflyAfter: Schema.Int,
    calendarAfter: Schema.Int
  }),
  notes: Schema.Array(Schema.String)
})

const letters = { Inside: "i", Near: "n", Outside: "o" } as const

const ivOf = (answer: SurfaceAnswer): number | null =>
  answer._tag === "Outside" ? null : fiveDecimals(answer.volatility)

const expiryRows = (surface: VolatilitySurface): (typeof Output.Type)["expiries"] => {
  const skews = new Map(skew(surface).expiries.map((one) => [one.years, one]))
  const matrix = surfaceMatrix(surface, { rows: { by: "moneyness", values: moneyness } })
  return surface.slices.map((slice: SliceFit, i) => {
    const found = skews.get(slice.years)
    const cells = matrix.columns[i]?.cells ?? []
    return {
      expiry: slice.expiry,
      days: daysOf(slice.years),
      forward: dollarText(slice.forward),
      atmIv: optionalRatio(found?.atm),
      riskReversal: optionalRatio(found?.measures?.riskReversal),
      butterfly: optionalRatio(found?.measures?.butterfly),
      normalizedSkew: optionalRatio(found?.measures?.normalized),
      standardSlope: optionalRatio(found?.standardSlope),
      strikes: slice.points,
      rmsError: sixDigits(slice.rmsError),
      insideSpread: fiveDecimals(slice.insideSpread),
      iv: cells.map(({ answer }) => ivOf(answer)),
      trust: cells.map(({ answer }) => letters[answer._tag]).join("")
    }
  })
}

const arbitrageOf = (before: ArbitrageReport, after: ArbitrageReport) => ({
  butterflyBefore: before.butterfly.length,
  calendarBefore: before.calendar.length,
  butterflyAfter: after.butterfly.length,
  calendarAfter: after.calendar.length
})

const told = (chain: MarketChain, surface: VolatilitySurface): typeof Output.Type => {
  const { drops, kept, quotes, smiles } = cleaned(chain)
  const term = termStructure(surface)
  const rows = expiryRows(surface)
  const expiries = Pages.fitting(rows, MAX_EXPIRIES)
  const poor = surface.slices.filter(({ rmsError }) => rmsError > POOR_FIT).map(({ expiry }) => expiry)
  const left = smiles.length - surface.slices.length
  return {
    ...headOf(chain),
    model: surface.model,
    quotes,
    kept,
    dropped: drops,
    rmsError: sixDigits(surface.rmsError),
    expiries,
    moneyness,
    constantMaturity: term.constantMaturity.map(({ answer, days }) => ({
      days,
      iv: ivOf(answer),
      trust: answer._tag === "Inside" ? "inside" : answer.why
    })),
    slope:
      term.slope === undefined
        ? null
        : {
            nearDays: term.slope.nearDays,
            farDays: term.slope.farDays,
            ratio: fiveDecimals(term.slope.ratio),
            shape: term.slope.shape
          },
    arbitrage: arbitrageOf(surface.before, surface.after),
    notes: boundedNotes([
      ...chainNotes(chain),
      ...(left > 0 ? [`${left} expiries have too few usable strikes to be fitted`] : []),
      ...(expiries.length < rows.length
        ? [`${rows.length - expiries.length} later expiries are fitted and not told`]
        : []),
      ...(poor.length > 0
        ? [
            `the fit is poor (over ${POOR_FIT} of volatility) at ${poor.slice(0, 8).join(", ")}: do not trust it there`
          ]
        : [])
    ])
  }
}

const percent = (ratio: number | null): string => (ratio === null ? "?" : `${(100 * ratio).toFixed(1)}%`)

export const getVolSurface = tool({
  name: "get_vol_surface",
  title: "Volatility surface",
  description:
    "The implied volatility surface of a symbol now: per expiry ATM, 25-delta risk reversal and butterfly, skew and IV by strike ÷ forward; constant maturities, term slope, fit errors and arbitrage before and after. model: svi (default, without arbitrage), ssvi, or a radial basis.",
  annotations: { readOnly: true },
  input: Schema.Struct({ symbol: AskedSymbol, model: Schema.optionalKey(Schema.Literals(models)) }),
  output: Output,
  next: { ...optionSteps, ...insufficientSteps },
  handle: Effect.fnUntraced(function* ({ model = "svi", symbol }) {
    const options = yield* OptionMarket
    const chain = yield* options.chain(symbol)
    return told(chain, yield* Effect.fromResult(surfaceOf(chain, model)))
  }),
  text: (answer) => {
    const { arbitrage, constantMaturity, expiries, rmsError, slope } = answer
    const known = constantMaturity.filter(({ iv }) => iv !== null)
    const [first] = expiries
    const levels =
      known.length > 0
        ? known.map(({ days, iv }) => `${percent(iv)} at ${days} days`).join(", ")
        : first === undefined
          ? "unknown"
          : `${percent(first.atmIv)} at ${first.expiry}`
    return `${headText(answer)}: ATM ${levels}${slope === null ? "" : ` (${slope.shape})`}; ${expiries.length} expiries, fit error ${percent(rmsError)}, arbitrage after the fit ${arbitrage.butterflyAfter + arbitrage.calendarAfter}`
  }
})
