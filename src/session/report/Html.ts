/**
 * Markup that cannot be injected into: a template in which every value is
 * escaped unless it is markup itself.
 *
 * Values may stand between tags and inside quoted attributes, nowhere else.
 */

/** Markup, as opposed to text. Only `html` and `trustedMarkup` make it. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

/** What a template takes: text and numbers are escaped, markup is not, lists are joined. */
export type HtmlValue = string | number | Html | ReadonlyArray<HtmlValue>

const entities: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"]
])

/** Text as markup shows it; control characters and halves of surrogate pairs, which no page may hold, become U+FFFD. */
export const escapeText = (text: string): string =>
  text
    .replace(/[&<>"']/gu, (character) => entities.get(character) ?? "")
    .replace(/(?![\t\n\r])\p{Cc}|\p{Cs}/gu, "\u{FFFD}")

const render = (value: HtmlValue): string => {
  if (value instanceof Html) return value.markup
  if (typeof value === "string") return escapeText(value)
  if (typeof value === "number") return escapeText(String(value))
  return value.map(render).join("")
}

/** html`<td>${text}</td>`; the template's own indentation is left out. */
export const html = (parts: TemplateStringsArray, ...values: ReadonlyArray<HtmlValue>): Html =>
  new Html(parts.map((part, i) => part.replace(/\s*\n\s*/gu, "\n") + render(values[i] ?? "")).join(""))

/** Markup from elsewhere in this program (a drawn chart, a style sheet): it must hold no text of a user's. */
export const trustedMarkup = (markup: string): Html => new Html(markup)
