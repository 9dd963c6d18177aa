/** Parts that every page of charts has. */
import type { ChartPlace } from "./ChartSvg.ts"
import { type Html, html } from "./Html.ts"

/** A drawing for desks and paper, and one for phones; the style sheet shows one of them. */
export const figure = (
  id: string,
  draw: (place: ChartPlace) => Html,
  legend: Html,
  caption: string
): Html => {
  const place = (screen: ChartPlace["screen"]): ChartPlace => ({
    labelledBy: id,
    describedBy: `${id}-caption`,
    screen
  })
  return html`<figure>
    ${legend}${draw(place("wide"))}${draw(place("narrow"))}
    <figcaption id="${id}-caption">${caption}</figcaption>
  </figure>`
}

/** A part of the page under a heading that links lead to. */
export const section = (id: string, name: string, content: Html): Html =>
  html`<section>
    <h2 id="${id}">${name}</h2>
    ${content}
  </section>`
