/** Figures in a row, large, each under its name. */
import { type Html, html } from "./Html.ts"

export const tile = (term: string, value: Html | string): Html =>
  html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`

export const tileRow = (tiles: Html | ReadonlyArray<Html>): Html => html`<dl class="tiles">${tiles}</dl>`
