/** The term structure: volatility at the forward, constant maturities, and the forward volatilities between. */
import type { TermStructure } from "../../../../../options/surface/TermStructure.ts"
import { decimal, percent } from "../../../../../session/report/Format.ts"
import { type Html, html } from "../../../../../session/report/Html.ts"
import type { ChartPlace } from "../../../../../session/report/ChartSvg.ts"
import { axisOver, type Mark, plot } from "../../../../../session/report/Frame.ts"

const sizes = { wide: { width: 1000, height: 360 }, narrow: { width: 400, height: 300 } } as const

const DAYS_A_YEAR = 365

const inPercent = (value: number): number => 100 * value

/** Steps: a forward volatility holds from one expiry to the next. */
const steps = ({ forward }: TermStructure): ReadonlyArray<readonly [number, number]> =>
  forward.flatMap((span) => {
    const y = span._tag === "Value" ? inPercent(span.volatility) : Number.NaN
    return [[DAYS_A_YEAR * span.fromYears, y] as const, [DAYS_A_YEAR * span.toYears, y] as const]
  })

export const termChart = (term: TermStructure, place: ChartPlace): Html => {
  const atm = term.atm.map(({ volatility, years }) => [DAYS_A_YEAR * years, inPercent(volatility)] as const)
  const constant = term.constantMaturity.flatMap(({ answer, days }) =>
    answer._tag === "Outside" ? [] : [[days, inPercent(answer.volatility)] as const]
  )
  const forward = steps(term)
  const marks: ReadonlyArray<Mark> = [
    { _tag: "Line", points: forward, color: "var(--bench)", width: 1.2 },
    { _tag: "Line", points: atm, color: "var(--s0)", width: 1.8 },
    { _tag: "Dots", points: atm, color: "var(--s0)", radius: 3 },
    { _tag: "Dots", points: constant, color: "var(--s1)", radius: 4, hollow: true }
  ]
  const x = axisOver(
    [0, ...atm.map(([days]) => days), ...constant.map(([days]) => days)],
    place.screen === "wide" ? 10 : 4,
    "days to expiry",
    String
  )
  const y = axisOver(
    [...atm, ...constant, ...forward].map(([, value]) => value),
    6,
    "volatility, %",
    String
  )
  return plot({ size: sizes[place.screen], x, y, marks }, place)
}

const shapeWords = {
  contango: "Contango: later volatility is higher.",
  backwardation: "Backwardation: later volatility is lower.",
  flat: "Flat: near and far differ by less than one part in a hundred."
} as const

export const termLegend: Html = html`<ul class="legend">
  <li><span class="line bg-s0"></span>at the forward, by expiry</li>
  <li><span class="mark ring"></span>constant maturity</li>
  <li><span class="line bg-bench"></span>forward volatility between expiries</li>
</ul>`

export const termCaption = ({ slope }: TermStructure): string =>
  slope === undefined
    ? "Between expiries total variance is linear in time."
    : `${shapeWords[slope.shape]} ${slope.nearDays} days ${percent(slope.nearVolatility, 2)}, ${slope.farDays} days ${percent(slope.farVolatility, 2)}; near over far ${decimal(slope.ratio, 3)}. Between expiries total variance is linear in time.`
