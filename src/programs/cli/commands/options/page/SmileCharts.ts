/** The smiles, one small chart an expiry: what is quoted, and what the surface makes of it. */
import type { CleanChain, Smile } from "../../../../../options/chain/OptionChain.ts"
import type { VolatilitySurface } from "../../../../../options/surface/VolatilitySurface.ts"
import { decimal, percent } from "../../../../../session/report/Format.ts"
import { type Html, html } from "../../../../../session/report/Html.ts"
import { axisOver, type Mark, plot } from "../../../../../session/report/Frame.ts"

/** Charts on a page; the expiries between are left out, and said. */
const MOST_SMILES = 12
/** Points the fitted line is drawn by. */
const LINE_POINTS = 80

const size = { width: 320, height: 230 } as const

const inPercent = (value: number): number => 100 * value

/** Expiries to draw: all, or some spread evenly with the first and the last. */
const chosen = (smiles: ReadonlyArray<Smile>): ReadonlyArray<Smile> => {
  if (smiles.length <= MOST_SMILES) return smiles
  const step = (smiles.length - 1) / (MOST_SMILES - 1)
  return Array.from({ length: MOST_SMILES }, (_, i) => smiles[Math.round(i * step)]).filter(
    (smile) => smile !== undefined
  )
}

/** The surface's line over the quoted strikes; broken where the surface has no number. */
const fitted = (smile: Smile, surface: VolatilitySurface): ReadonlyArray<readonly [number, number]> => {
  const first = smile.points[0]?.strike ?? smile.forward
  const last = smile.points.at(-1)?.strike ?? smile.forward
  return Array.from({ length: LINE_POINTS + 1 }, (_, i) => {
    const strike = first + ((last - first) * i) / LINE_POINTS
    const answer = surface.volatilityAt(strike, smile.years)
    return [strike, answer._tag === "Outside" ? Number.NaN : inPercent(answer.volatility)] as const
  })
}

const smileChart = (smile: Smile, surface: VolatilitySurface | undefined, id: string): Html => {
  const spans = smile.points.map(
    ({ askVolatility, bidVolatility, strike, volatility }) =>
      [strike, inPercent(bidVolatility ?? volatility), inPercent(askVolatility)] as const
  )
  const line = surface === undefined ? [] : fitted(smile, surface)
  // The axis is over the mids and the fit: one quote without a bid would flatten the rest.
  const mids = smile.points.map(({ volatility }) => inPercent(volatility))
  const y = axisOver([...mids, ...line.map(([, value]) => value)], 5, "IV, %", String)
  const x = axisOver(
    smile.points.map(({ strike }) => strike),
    5,
    "strike, $",
    String
  )
  const clamp = (value: number): number => Math.min(y.max, Math.max(y.min, value))
  const marks: ReadonlyArray<Mark> = [
    {
      _tag: "Line",
      points: [
        [smile.forward, y.min],
        [smile.forward, y.max]
      ],
      color: "var(--axis)",
      width: 1,
      dash: [2, 3]
    },
    {
      _tag: "Bars",
      spans: spans.map(([strike, low, high]) => [strike, clamp(low), clamp(high)] as const),
      color: "var(--bench)",
      width: 1.6
    },
    {
      _tag: "Dots",
      points: smile.points.map(({ strike, volatility }) => [strike, inPercent(volatility)] as const),
      color: "var(--s1)",
      radius: 1.8
    },
    { _tag: "Line", points: line, color: "var(--s0)", width: 1.8 }
  ]
  return plot({ size, x, y, marks }, { labelledBy: id, describedBy: `${id}-text`, screen: "wide" })
}

const fitText = (smile: Smile, surface: VolatilitySurface | undefined): string => {
  const slice = surface?.slices.find(({ expiry }) => expiry === smile.expiry)
  const forward = `forward ${decimal(smile.forward, 2)}, ${smile.points.length} strikes`
  return slice === undefined
    ? forward
    : `${forward}; error ${percent(slice.rmsError, 2)} rms, ${percent(slice.insideSpread, 0)} inside bid and ask`
}

export const smileCharts = (chain: CleanChain, surface: VolatilitySurface | undefined): Html => {
  const drawn = chosen(chain.smiles)
  return html`<div class="multiples">
      ${drawn.map(
        (smile, i) =>
          html`<div class="small">
            <h3 id="smile-${i}">
              ${smile.expiry} <span class="lede">${decimal(365 * smile.years, 0)} days</span>
            </h3>
            ${smileChart(smile, surface, `smile-${i}`)}
            <p class="fine" id="smile-${i}-text">${fitText(smile, surface)}</p>
          </div>`
      )}
    </div>
    ${
      drawn.length < chain.smiles.length
        ? html`<p class="fine">
            ${drawn.length} of ${chain.smiles.length} expiries are drawn, spread evenly.
          </p>`
        : ""
    }`
}
