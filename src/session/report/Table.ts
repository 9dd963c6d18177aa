/** A table under a caption, that scrolls by itself where the page is too narrow for it. */
import { type Html, html, type HtmlValue } from "./Html.ts"

/** Heads of columns of words. */
export const wordHeads = (...names: ReadonlyArray<string>): ReadonlyArray<Html> =>
  names.map((name) => html`<th scope="col">${name}</th>`)

/** Heads of columns of numbers, which stand to the right. */
export const numberHeads = (...names: ReadonlyArray<string>): ReadonlyArray<Html> =>
  names.map((name) => html`<th scope="col" class="number">${name}</th>`)

export interface TableParts {
  /** "orders": the table is `orders-table`, its caption `orders-caption`. */
  readonly id: string
  readonly caption: string
  /** Small, beside the caption. */
  readonly note?: string
  /** A class of the style sheet. */
  readonly look?: string
  /** In the order of the columns. */
  readonly heads: HtmlValue
  readonly rows: HtmlValue
}

export const table = ({ caption, heads, id, look = "", note, rows }: TableParts): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-caption">
    <table id="${id}-table" class="${look}">
      <caption id="${id}-caption">
        ${caption}${note === undefined ? "" : html` <small>${note}</small>`}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
