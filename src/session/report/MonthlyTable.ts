/** Returns by month and year, coloured by size. */
import { Option } from "effect"
import { returnTable } from "../../portfolio/EquityCurve.ts"
import { MINUS, percent } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import { returnColor, returnSteps } from "./Palette.ts"
import type { BookReport } from "./RunReport.ts"
import { monthNames } from "./Scales.ts"

/** Without the percent sign, which the caption gives. */
const cellText = (ratio: number): string => percent(ratio).replace("%", "")

const monthCell = (month: Option.Option<number>): Html =>
  Option.match(month, {
    onNone: () => html`<td class="none">–</td>`,
    onSome: (ratio) => html`<td class="${returnColor(ratio)}">${cellText(ratio)}</td>`
  })

export const monthlyTable = (book: BookReport, id: string): Html =>
  html`<h3 id="${id}-name">${book.name}</h3>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-name">
      <table id="${id}" class="months">
        <caption>
          Monthly returns in percent
        </caption>
        <thead>
          <tr>
            <th scope="col">Year</th>
            ${monthNames.map((month) => html`<th scope="col">${month}</th>`)}
            <th scope="col">Total</th>
          </tr>
        </thead>
        <tbody>
          ${returnTable(book.curve).map(
            ({ year, months, total }) =>
              html` <tr>
                <th scope="row">${year}</th>
                ${months.map(monthCell)}
                <td class="total">${Option.match(total, { onNone: () => "–", onSome: cellText })}</td>
              </tr>`
          )}
        </tbody>
      </table>
    </div>`

const [small, middle, large] = returnSteps

/** What the colours mean. */
export const monthlyKey = (): Html => {
  const [low, mid, high] = [small, middle, large].map((step) => cellText(step).replace(".0", ""))
  const steps = [
    ["n3", `${MINUS}${high} and below`],
    ["n2", `${MINUS}${high} to ${MINUS}${mid}`],
    ["n1", `${MINUS}${mid} to ${MINUS}${low}`],
    ["z0", `within ±${low}`],
    ["p1", `${low} to ${mid}`],
    ["p2", `${mid} to ${high}`],
    ["p3", `${high} and above`]
  ] as const
  return html`<ul class="key">
    ${steps.map(([name, meaning]) => html`<li><span class="swatch ${name}"></span>${meaning}</li>`)}
  </ul>`
}
