/**
 * ECharts' server-side drawing, made fit to stand in a page: solids seen from
 * above. Charts of lines are written plainly, see `Drawing.ts`.
 *
 * Colours are the page's custom properties (`var(--…)`), so that one drawing
 * serves light, dark and print. No text of a user's goes in: names are in the
 * legends, which are HTML.
 */
import { GraphicComponent } from "echarts/components"
import { type ChartOption, init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import { type Html, html, trustedMarkup } from "./Html.ts"

use([GraphicComponent, SVGRenderer])

/** CSS pixels. */
export interface ChartSize {
  readonly width: number
  readonly height: number
}

/** Ids of the elements that name and describe the drawing, and which screens it is for. */
export interface ChartPlace {
  readonly labelledBy: string
  readonly describedBy: string
  readonly screen: "wide" | "narrow"
}

/**
 * Without what a static page has no use for: namespaces, a style for the mouse,
 * and clips and classes, numbered by how many charts the process has drawn
 * before. Nothing needs clipping, for every value lies inside its axes.
 */
const strip = (svg: string): string =>
  svg
    .replace(/^<svg[^>]*>/u, "")
    .replace(/<\/svg>\s*$/u, "")
    .replace(/<style[\s\S]*?<\/style>/gu, "")
    .replace(/<defs[\s\S]*?<\/defs>| clip-path="[^"]*"/gu, "")
    .replace(/<rect[^>]*fill="none"[^>]*><\/rect>/u, "")
    .replace(/ (?:class="zr[^"]*"|pointer-events="visible"|dominant-baseline="auto")/gu, "")
    .replace(/\s*\n\s*/gu, "")

/** One chart as an inline SVG that fills its column. */
export const drawChart = (option: ChartOption, { width, height }: ChartSize, place: ChartPlace): Html => {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height })
  chart.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, ...option })
  const drawing = trustedMarkup(strip(chart.renderToSVGString()))
  chart.dispose()
  return html`<svg
    class="${place.screen}"
    role="img"
    aria-labelledby="${place.labelledBy}"
    aria-describedby="${place.describedBy}"
    viewBox="0 0 ${width} ${height}"
  >
    ${drawing}
  </svg>`
}
