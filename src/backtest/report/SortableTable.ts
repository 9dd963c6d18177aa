/** A table of many rows that sorts by its heads and filters by words, where scripts run. */
import { type Html, html } from "../../session/report/Html.ts"
import { table, type TableParts } from "../../session/report/Table.ts"

export interface SortableParts extends TableParts {
  /** What a filter is to say it looks in: "trades". Without one there is no field. */
  readonly filters?: string
  /** What to type there: "a symbol, long, short, won". */
  readonly hint?: string
}

export const sortableTable = ({ filters, hint = "", look = "", ...parts }: SortableParts): Html =>
  html`${
      filters === undefined
        ? ""
        : html`<div class="tools" data-for="${parts.id}-table" hidden>
            <label for="${parts.id}-filter">Filter ${filters}</label>
            <input
              id="${parts.id}-filter"
              type="search"
              autocomplete="off"
              spellcheck="false"
              placeholder="${hint}"
            />
            <output for="${parts.id}-filter" aria-live="polite"></output>
          </div>`
    }
    <div class="tall">${table({ ...parts, look: `sorts ${look}` })}</div>`
