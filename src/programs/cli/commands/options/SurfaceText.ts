/** A surface, its term structure and its skew as tables for a terminal. */
import type { ExpirySkew, SkewLeg, SkewReport } from "../../../../options/surface/Skew.ts"
import { surfaceMatrix } from "../../../../options/surface/SurfaceMatrix.ts"
import type { TermStructure } from "../../../../options/surface/TermStructure.ts"
import type { SurfaceAnswer, VolatilitySurface } from "../../../../options/surface/VolatilitySurface.ts"
import { percent, type Style, table } from "../../Format.ts"
import { digits } from "./OptionText.ts"

/** Strike ÷ forward of the columns: what fits a terminal. */
const moneyness = [0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2]

const days = (years: number): string => (365 * years).toFixed(0)
const dollars = (value: number): string => value.toFixed(2)
const volatility = (value: number): string => `${(100 * value).toFixed(1)}%`
const points = (value: number): string => `${value < 0 ? "" : "+"}${(100 * value).toFixed(2)}`

/** A number inside the quotes, dimmed near them, and none outside. */
const cell = (answer: SurfaceAnswer, style: Style): string => {
  switch (answer._tag) {
    case "Inside":
      return volatility(answer.volatility)
    case "Near":
      return style.dim(volatility(answer.volatility))
    case "Outside":
      return style.dim("-")
  }
}

const allButFirst = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i + 1)

export const surfaceLines = (surface: VolatilitySurface, style: Style): ReadonlyArray<string> => {
  const matrix = surfaceMatrix(surface, { rows: { by: "moneyness", values: moneyness } })
  const { after, before } = surface
  return [
    ...table(
      [
        ["expiry", "days", ...moneyness.map((value) => `${(100 * value).toFixed(0)}%`)].map(style.bold),
        ...matrix.columns.map(({ cells, expiry, years }) => [
          expiry ?? "",
          days(years),
          ...cells.map(({ answer }) => cell(answer, style))
        ])
      ],
      { right: allButFirst(moneyness.length + 1) }
    ),
    style.dim("columns: strike as a share of the forward; dimmed: near the quotes; -: outside them"),
    "",
    ...table(
      [
        ["expiry", "days", "forward", "strikes", "fit, rms", "largest", "inside spread"].map(style.bold),
        ...surface.slices.map((slice) => [
          slice.expiry,
          days(slice.years),
          dollars(slice.forward),
          String(slice.points),
          percent(slice.rmsError),
          percent(slice.maxError),
          percent(slice.insideSpread)
        ])
      ],
      { right: allButFirst(6) }
    ),
    "",
    `${surface.model}, ${percent(surface.rmsError)} rms error of volatility; arbitrage in the quotes' mids: ${before.butterfly.length} butterfly, ${before.calendar.length} calendar; in the fit: ${after.butterfly.length} and ${after.calendar.length}`
  ]
}

export const termLines = (term: TermStructure, style: Style): ReadonlyArray<string> => {
  const { slope } = term
  return [
    ...table(
      [
        ["expiry", "days", "forward", "at the forward", "forward volatility"].map(style.bold),
        ...term.atm.map((one, i) => {
          const forward = term.forward[i]
          return [
            one.expiry,
            days(one.years),
            dollars(one.forward),
            volatility(one.volatility),
            forward === undefined
              ? ""
              : forward._tag === "Value"
                ? volatility(forward.volatility)
                : style.red("variance falls")
          ]
        })
      ],
      { right: allButFirst(4) }
    ),
    "",
    ...table(
      [
        ["constant maturity", "volatility", ""].map(style.bold),
        ...term.constantMaturity.map(({ answer, days: maturity }) => [
          `${maturity} days`,
          cell(answer, style),
          answer._tag === "Inside" ? "" : style.dim(answer.why)
        ])
      ],
      { right: [1] }
    ),
    "",
    slope === undefined
      ? "No slope: fewer than two constant maturities have a volatility."
      : `${slope.shape}: ${slope.nearDays} days ${volatility(slope.nearVolatility)}, ${slope.farDays} days ${volatility(slope.farVolatility)}; near ÷ far ${slope.ratio.toFixed(3)}, ${points(slope.perYear)} points a year`
  ]
}

const leg = (one: SkewLeg, style: Style): ReadonlyArray<string> => {
  if (one._tag === "Outside") return [style.dim("-"), style.dim("-")]
  const shown = volatility(one.volatility)
  return [dollars(one.strike), one.trust === "inside" ? shown : style.dim(shown)]
}

const measures = ({ measures: of }: ExpirySkew, style: Style): ReadonlyArray<string> =>
  of === undefined
    ? [style.dim("-"), style.dim("-"), style.dim("-")]
    : [points(of.riskReversal), points(of.butterfly), digits(of.normalized, 3)]

export const skewLines = (report: SkewReport, style: Style): ReadonlyArray<string> => {
  const delta = (100 * report.delta).toFixed(0)
  return [
    ...table(
      [
        [
          "expiry",
          "days",
          "at fwd",
          `${delta}Δ put`,
          "vol",
          `${delta}Δ call`,
          "vol",
          "risk rev",
          "butterfly",
          "norm",
          "slope·√T"
        ].map(style.bold),
        ...report.expiries.map((one) => [
          one.expiry ?? "",
          days(one.years),
          volatility(one.atm),
          ...leg(one.put, style),
          ...leg(one.call, style),
          ...measures(one, style),
          digits(one.standardSlope, 3)
        ])
      ],
      { right: allButFirst(10) }
    ),
    style.dim(
      "risk reversal: call less put, points; butterfly: their mean less at the forward, points; norm: (put − call) ÷ at the forward"
    )
  ]
}
