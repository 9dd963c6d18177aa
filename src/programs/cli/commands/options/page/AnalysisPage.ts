/** A page that a command leaves of what it worked out. */
import { type Html, html } from "../../../../../session/report/Html.ts"
import { facts, pageText } from "../../../../../session/report/Page.ts"

export const analysisPage = (page: {
  readonly title: string
  readonly styles: string
  readonly heading: string
  /** What it is of, and when. */
  readonly facts: ReadonlyArray<string>
  readonly main: Html
  /** "Plimsoll 0.1.0" */
  readonly generatedBy: string
}): string =>
  pageText({
    title: page.title,
    styles: page.styles,
    header: html`<header>
      <h1>${page.heading}</h1>
      ${facts(page.facts)}
    </header>`,
    main: page.main,
    footer: `${page.generatedBy}. Analysis of past or modelled prices; not advice.`
  })
