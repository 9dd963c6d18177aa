/**
 * Charts of lines as SVG text: two numeric axes, lines with or without a fill,
 * dots, and marks placed by the pixel.
 *
 * A page has some twenty of them. Written straight to text one takes well below
 * a millisecond, where a drawing library takes tens of them, most of it for what
 * a still picture has no use for.
 *
 * Colours are the page's custom properties (`var(--…)`), so that one drawing
 * serves light, dark and print. No text of a user's goes in: names are in the
 * legends, which are HTML.
 */
import type { ChartPlace, ChartSize } from "./ChartSvg.ts"
import { escapeText, type Html, html, trustedMarkup } from "./Html.ts"
import type { Tick } from "./Scales.ts"

/** Pixels of the plot's edges inside the picture. */
export interface Edges {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface DrawnAxis {
  readonly min: number
  readonly max: number
  readonly ticks: ReadonlyArray<Tick>
  /** What it measures: below the middle of the x axis, at the top of the y axis. */
  readonly name?: string
}

/** Values of the axes; NaN breaks a line. */
export type DrawnPoints = ReadonlyArray<readonly [x: number, y: number]>

export interface DrawnLine {
  readonly _tag: "Line"
  readonly points: DrawnPoints
  readonly color: string
  readonly width: number
  readonly dash?: ReadonlyArray<number>
  /** Corners are rounded unless they are bars. */
  readonly isBars?: true
  /** Filled down or up to a value. */
  readonly fill?: { readonly to: number; readonly opacity: number }
}

export interface DrawnDots {
  readonly _tag: "Dots"
  readonly points: DrawnPoints
  readonly color: string
  readonly radius: number
  readonly hollow?: true
}

export type Drawn = DrawnLine | DrawnDots

/** In pixels of the picture. */
export type Graphic = {
  readonly fill?: string
  readonly stroke?: string
  readonly width?: number
  readonly dash?: ReadonlyArray<number>
  /** Below the lines of the chart; above them otherwise. */
  readonly isBelow?: true
} & (
  | { readonly _tag: "Circle"; readonly x: number; readonly y: number; readonly r: number }
  | { readonly _tag: "Path"; readonly points: DrawnPoints; readonly isClosed?: true }
  | {
      readonly _tag: "Text"
      readonly x: number
      readonly y: number
      readonly text: string
      readonly fontSize: number
    }
)

export interface Drawing {
  readonly edges: Edges
  readonly fontSize: number
  readonly x: DrawnAxis
  readonly y: DrawnAxis
  /** Lowest first. */
  readonly series: ReadonlyArray<Drawn>
  readonly graphics?: ReadonlyArray<Graphic>
}

/** Pixels of an axis' ticks, and from the axes to their labels and names. */
const TICK = 5
const LABEL_GAP = 8
const NAME_GAP = { x: 28, y: 12 } as const

const rounded = (value: number, digits: number): string =>
  String(Math.round(value * 10 ** digits) / 10 ** digits)

/** To the tenth of a pixel. */
const tenth = (value: number): string => rounded(value, 1)

/** To the middle of a pixel, so that a line of one is not blurred over two. */
const crisp = (pixel: number): number => {
  const halves = Math.round(pixel * 2)
  return (halves + 1) % 2 === 0 ? halves / 2 : (halves + 1) / 2
}

interface Scale {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

const scaleOf = ({ edges, x, y }: Drawing): Scale => {
  const { bottom, left, right, top } = edges
  return {
    x: (value) => left + ((right - left) * (value - x.min)) / (x.max - x.min),
    y: (value) => bottom - ((bottom - top) * (value - y.min)) / (y.max - y.min)
  }
}

const strokeOf = (color: string, width = 1, dash: ReadonlyArray<number> = []): string =>
  `stroke="${color}"${width === 1 ? "" : ` stroke-width="${width}"`}${dash.length === 0 ? "" : ` stroke-dasharray="${dash.join(",")}"`}`

const textAt = (
  text: string,
  x: number,
  y: number,
  look: {
    readonly size: number
    readonly anchor: "start" | "middle" | "end"
    readonly fill: string
    readonly weight?: number
  }
): string =>
  `<text dominant-baseline="central" text-anchor="${look.anchor}" style="font-size:${look.size}px;font-family:inherit;${look.weight === undefined ? "" : `font-weight:${look.weight};`}" x="${tenth(x)}" y="${tenth(y)}" fill="${look.fill}">${escapeText(text)}</text>`

const MUTED = "var(--muted)"

/** Ticks inside the axis; one at its very end may be off by the last digit. */
const within = ({ max, min, ticks }: DrawnAxis): ReadonlyArray<Tick> => {
  const slack = (max - min) * 1e-9
  return ticks.filter(({ value }) => value >= min - slack && value <= max + slack)
}

const axesOf = (drawing: Drawing, scale: Scale): string => {
  const { edges, fontSize: size, x, y } = drawing
  const { bottom, left, right, top } = edges
  const line = (d: string, color: string): string =>
    `<path d="${d}" fill="none" stroke="var(--${color})"></path>`
  const [xs, ys] = [within(x), within(y)]
  return [
    ...ys.map(({ value }) => {
      const at = crisp(scale.y(value))
      return line(`M${left} ${at}L${right} ${at}`, "grid")
    }),
    line(`M${left} ${crisp(bottom)}L${right} ${crisp(bottom)}`, "axis"),
    ...xs.map(({ value }) => {
      const at = crisp(scale.x(value))
      return line(`M${at} ${bottom}L${at} ${bottom + TICK}`, "axis")
    }),
    ...ys.map(({ label, value }) =>
      textAt(label, left - LABEL_GAP, scale.y(value), { size, anchor: "end", fill: MUTED })
    ),
    ...xs.map(({ label, value }) =>
      textAt(label, scale.x(value), bottom + LABEL_GAP + size / 2, { size, anchor: "middle", fill: MUTED })
    ),
    x.name === undefined
      ? ""
      : textAt(x.name, (left + right) / 2, bottom + NAME_GAP.x + size / 2, {
          size,
          anchor: "middle",
          fill: MUTED
        }),
    y.name === undefined
      ? ""
      : textAt(y.name, left, top - NAME_GAP.y - size / 2, { size, anchor: "start", fill: MUTED })
  ].join("")
}

/** The parts of a line that hang together. */
const unbroken = (points: DrawnPoints): ReadonlyArray<DrawnPoints> => {
  const parts: Array<Array<readonly [number, number]>> = []
  let open: Array<readonly [number, number]> | undefined
  for (const point of points) {
    if (!Number.isFinite(point[1])) {
      open = undefined
    } else if (open === undefined) {
      parts.push((open = [point]))
    } else {
      open.push(point)
    }
  }
  return parts
}

const pathOf = (points: DrawnPoints): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${tenth(x)} ${tenth(y)}`).join("")

const lineOf = ({ color, dash, fill, isBars, points, width }: DrawnLine, scale: Scale): string => {
  const parts = unbroken(points).map((part) => part.map(([x, y]) => [scale.x(x), scale.y(y)] as const))
  const paths = parts.map(pathOf)
  const foot = fill === undefined ? 0 : scale.y(fill.to)
  const filled = parts.map(
    (part, i) =>
      `${paths[i] ?? ""}L${tenth(part.at(-1)?.[0] ?? 0)} ${tenth(foot)}L${tenth(part[0]?.[0] ?? 0)} ${tenth(foot)}Z`
  )
  const area =
    fill === undefined
      ? ""
      : `<path d="${filled.join("")}" fill="${color}" fill-opacity="${fill.opacity}"></path>`
  return `<g>${area}<path d="${paths.join("")}" fill="none" ${strokeOf(color, width, dash)} stroke-linejoin="${isBars === true ? "bevel" : "round"}"></path></g>`
}

/** Borders of hollow dots, pixels. */
const HOLLOW_WIDTH = 1.4

const dotsOf = ({ color, hollow, points, radius }: DrawnDots, scale: Scale): string => {
  const look = hollow === true ? `fill="var(--paper)" ${strokeOf(color, HOLLOW_WIDTH)}` : `fill="${color}"`
  const dots = points.flatMap(([x, y]) =>
    Number.isFinite(y)
      ? [`<circle cx="${tenth(scale.x(x))}" cy="${tenth(scale.y(y))}" r="${radius}" ${look}></circle>`]
      : []
  )
  return `<g>${dots.join("")}</g>`
}

const graphicOf = (graphic: Graphic): string => {
  const { dash, fill = "none", stroke, width } = graphic
  const look = `fill="${fill}"${stroke === undefined ? "" : ` ${strokeOf(stroke, width, dash)}`}`
  switch (graphic._tag) {
    case "Circle":
      return `<circle cx="${tenth(graphic.x)}" cy="${tenth(graphic.y)}" r="${graphic.r}" ${look}></circle>`
    case "Path":
      return graphic.isClosed === true
        ? `<polygon points="${graphic.points.map(([x, y]) => `${tenth(x)} ${tenth(y)}`).join(" ")}" ${look}></polygon>`
        : `<path d="${pathOf(graphic.points)}" ${look}></path>`
    case "Text":
      return textAt(graphic.text, graphic.x, graphic.y, {
        size: graphic.fontSize,
        anchor: "middle",
        fill,
        weight: 700
      })
  }
}

/** One chart as an inline SVG that fills its column. */
export const drawLines = (drawing: Drawing, { height, width }: ChartSize, place: ChartPlace): Html => {
  const { graphics = [], series } = drawing
  const scale = scaleOf(drawing)
  const markup = [
    axesOf(drawing, scale),
    ...graphics.filter(({ isBelow }) => isBelow === true).map(graphicOf),
    ...series.map((one) => (one._tag === "Line" ? lineOf(one, scale) : dotsOf(one, scale))),
    ...graphics.filter(({ isBelow }) => isBelow !== true).map(graphicOf)
  ].join("")
  return html`<svg
    class="${place.screen}"
    role="img"
    aria-labelledby="${place.labelledBy}"
    aria-describedby="${place.describedBy}"
    viewBox="0 0 ${width} ${height}"
  >
    ${trustedMarkup(markup)}
  </svg>`
}
