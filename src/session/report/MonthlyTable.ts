/** Returns by month and year, coloured by size. */
import { Option } from "effect"
import { type EquityCurve, returnTable } from "../../portfolio/EquityCurve.ts"
import { MINUS, percent } from "./Format.ts"
import { type Html, html } from "./Html.ts"
import { returnColor, returnSteps } from "./Palette.ts"
import { monthNames } from "./Scales.ts"

/** Without the percent sign, which the caption gives. */
const cellText = (ratio: number): string => percent(ratio).replace("%", "")

const monthCell = (month: Option.Option<number>): Html =>
  Option.match(month, {
    onNone: () => html`<td class="none">–</td>`,
    onSome: (ratio) => html`<td class="${returnColor(ratio)}">${cellText(ratio)}</td>`
  })

interface NamedCurve {
  readonly name: string
  readonly curve: EquityCurve
}

const total = (year: Option.Option<number> | undefined): string =>
  year === undefined ? "–" : Option.match(year, { onNone: () => "–", onSome: cellText })

/** Months and years of one curve, with the years of another `beside` them where it is given. */
export const monthlyTable = (book: NamedCurve, id: string, beside?: NamedCurve): Html => {
  const others = new Map(
    beside === undefined ? [] : returnTable(beside.curve).map(({ year, total: other }) => [year, other])
  )
  return html`<h3 id="${id}-name">${book.name}</h3>
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
            ${beside === undefined ? "" : html`<th scope="col">${beside.name}</th>`}
          </tr>
        </thead>
        <tbody>
          ${returnTable(book.curve).map(
            ({ year, months, total: whole }) =>
              html` <tr>
                <th scope="row">${year}</th>
                ${months.map(monthCell)}
                <td class="total">${total(whole)}</td>
                ${beside === undefined ? "" : html`<td>${total(others.get(year))}</td>`}
              </tr>`
          )}
        </tbody>
      </table>
    </div>`
}

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
