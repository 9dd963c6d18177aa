/**
 * A page that needs nothing else: no network, and no script but one of this
 * program's own. Every text in it is escaped, and its content security policy
 * forbids whatever is not in it.
 */
import { sha256 } from "../../domain/Sha256.ts"
import { type Html, html, trustedMarkup } from "./Html.ts"
import { styleSheet } from "./Styles.ts"

/** Nothing is fetched, and nothing runs but the script with this hash. */
const contentPolicy = (script: string): string =>
  `default-src 'none'; style-src 'unsafe-inline'; img-src data:${
    script === "" ? "" : `; script-src 'sha256-${Buffer.from(sha256(script), "hex").toString("base64")}'`
  }`

export interface PageParts {
  readonly title: string
  /** Rules of this page's own, beside those of every page. */
  readonly styles?: string
  /** A script of this program's own, run when the page is there; the page has to be whole without it. */
  readonly script?: string
  readonly header: Html
  readonly main: Html
  readonly footer: string
}

/** The whole page, as UTF-8 text; the same parts give the same bytes. */
export const pageText = ({ footer, header, main, script = "", styles = "", title }: PageParts): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${trustedMarkup(contentPolicy(script))}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Plimsoll</title>
        <style>
          ${trustedMarkup(styleSheet)}${trustedMarkup(styles)}
        </style>
      </head>
      <body>
        <div class="page">
          ${header}
          <main>${main}</main>
          <footer>${footer}</footer>
        </div>
        ${script === "" ? "" : trustedMarkup(`<script>${script}</script>`)}
      </body>
    </html> `.markup

const mark = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <g fill="none" stroke="currentColor" stroke-width="1.8">
    <circle cx="12" cy="12" r="7" />
    <path d="M1 12h22" />
  </g>
</svg>`

/** What kind of page it is, small, above its name. */
export const overline = (text: string): Html => html`<p class="overline">${mark} ${text}</p>`

/** Links to the page's sections, by their ids. */
export const sectionLinks = (sections: ReadonlyArray<readonly [id: string, name: string]>): Html =>
  html`<nav aria-label="Sections">
    <ul>
      ${sections.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
    </ul>
  </nav>`

/** What was looked at and when, in a line below the page's name. */
export const facts = (lines: ReadonlyArray<string>): Html =>
  html`<ul class="facts">
    ${lines.map((line) => html`<li>${line}</li>`)}
  </ul>`

/** What a reader has to know before the numbers; nothing without notes. */
export const notice = (heading: string, notes: ReadonlyArray<string>): Html =>
  notes.length === 0
    ? html``
    : html`<aside class="notice">
        <h2>${heading}</h2>
        <ul>
          ${notes.map((note) => html`<li>${note}</li>`)}
        </ul>
      </aside>`
