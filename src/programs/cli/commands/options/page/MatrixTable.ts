/** The surface as a table whose cells are coloured by volatility; what lies outside the quotes has no number. */
import { surfaceMatrix, type SurfaceMatrix } from "../../../../../options/surface/SurfaceMatrix.ts"
import type { SurfaceAnswer, VolatilitySurface } from "../../../../../options/surface/VolatilitySurface.ts"
import { decimal, percent } from "../../../../../session/report/Format.ts"
import { type Html, html, trustedMarkup } from "../../../../../session/report/Html.ts"
import { numberHeads, table, wordHeads } from "../../../../../session/report/Table.ts"
import type { Grid } from "./SurfaceChart.ts"

const volatilityOf = (answer: SurfaceAnswer): number | undefined =>
  answer._tag === "Outside" ? undefined : answer.volatility

const daysOf = (years: number): string => `${decimal(365 * years, 0)} d`

/** Finer than the table, for the picture. */
const pictureMoneyness = Array.from({ length: 61 }, (_, i) => (70 + i) / 100)
/** Times between the expiries, so that the picture is to scale in the square root of time. */
const PICTURE_DEPTH = 30

export const pictureGrid = (surface: VolatilitySurface): Grid => {
  const first = Math.sqrt(surface.slices[0]?.years ?? 0)
  const last = Math.sqrt(surface.slices.at(-1)?.years ?? 0)
  const times = Array.from(
    { length: surface.slices.length < 2 ? 1 : PICTURE_DEPTH },
    // The ends are the expiries' own times: rounding must not put them outside.
    (_, i) =>
      i === 0
        ? (surface.slices[0]?.years ?? 0)
        : i === PICTURE_DEPTH - 1
          ? (surface.slices.at(-1)?.years ?? 0)
          : (first + ((last - first) * i) / (PICTURE_DEPTH - 1)) ** 2
  )
  const matrix = surfaceMatrix(surface, { rows: { by: "moneyness", values: pictureMoneyness }, times })
  return {
    columns: pictureMoneyness.map((value) => percent(value, 0)),
    rows: times.map(daysOf),
    volatility: matrix.columns.map(({ cells }) => cells.map(({ answer }) => volatilityOf(answer)))
  }
}

const steps = ["z0", "p1", "p2", "p3"] as const

/** Of the range of the whole table: four steps from low to high. */
const stepOf = (volatility: number, low: number, high: number): (typeof steps)[number] =>
  steps[Math.min(steps.length - 1, Math.floor((steps.length * (volatility - low)) / (high - low || 1)))] ??
  "z0"

const cell = (answer: SurfaceAnswer, low: number, high: number): Html => {
  const volatility = volatilityOf(answer)
  if (volatility === undefined) return html`<td class="none">–</td>`
  const near = answer._tag === "Near" ? html`<small title="beyond the quotes">*</small>` : ""
  return html`<td class="${trustedMarkup(stepOf(volatility, low, high))}">
    ${decimal(100 * volatility, 1)}${near}
  </td>`
}

export const matrixTable = (matrix: SurfaceMatrix): Html => {
  const values = matrix.columns
    .flatMap(({ cells }) => cells.map(({ answer }) => volatilityOf(answer)))
    .filter((value) => value !== undefined)
  const low = values.reduce((a, b) => Math.min(a, b), Infinity)
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
  return html`${table({
      id: "matrix",
      caption: "Implied volatility in percent",
      note: "expiry by strike as a share of the forward",
      look: "matrix",
      heads: [
        wordHeads("Expiry"),
        numberHeads("Days", ...matrix.rows.values.map((value) => percent(value, 0)))
      ],
      rows: matrix.columns.map(
        ({ cells, expiry, years }) =>
          html`<tr>
            <th scope="row">${expiry ?? ""}</th>
            <td>${decimal(365 * years, 0)}</td>
            ${cells.map(({ answer }) => cell(answer, low, high))}
          </tr>`
      )
    })}
    <p class="fine">
      A star marks what lies a little beyond the quotes, by the model's own wings; a dash what lies too far
      from them: there is no number.
    </p>`
}
