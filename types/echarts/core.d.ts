/**
 * The part of ECharts that the reports use, declared here because its own declarations do not compile under
 * `exactOptionalPropertyTypes`, and excusing libraries from checking would excuse Effect's as well. The names
 * are those of ECharts 6.1; tests draw a chart with each of them.
 */

/** A chart type, a component or a renderer, to be given to `use`. */
export interface Extension {
  readonly "~echarts/Extension": never
}

/** https://echarts.apache.org/en/option.html */
export type ChartOption = Readonly<Record<string, unknown>>

export interface Chart {
  setOption(option: ChartOption): void
  renderToSVGString(): string
  dispose(): void
}

/** Server-side drawing: no document, SVG text as the result. Width and height are in CSS pixels. */
export interface DrawingOptions {
  readonly renderer: "svg"
  readonly ssr: true
  readonly width: number
  readonly height: number
}

export function use(extensions: ReadonlyArray<Extension>): void
export function init(
  document: null,
  theme: string | Readonly<Record<string, unknown>> | null,
  options: DrawingOptions
): Chart
