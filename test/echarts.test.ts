import * as charts from "echarts/charts"
import * as components from "echarts/components"
import { init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

/** The names our declarations promise. */
const declared = (file: string): ReadonlyArray<string> =>
  [
    ...readFileSync(join(import.meta.dirname, "../types/echarts", file), "utf8").matchAll(
      /^export const (\w+)/gmu
    )
  ].map(([, name = ""]) => name)

it("every name our declarations of ECharts promise is there", () => {
  expect(Object.keys(charts)).toEqual(expect.arrayContaining([...declared("charts.d.ts")]))
  expect(Object.keys(components)).toEqual(expect.arrayContaining([...declared("components.d.ts")]))
})

it("ECharts draws a chart as SVG text without a document", () => {
  use([charts.LineChart, components.GridComponent, SVGRenderer])
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 200, height: 100 })
  chart.setOption({
    animation: false,
    xAxis: { type: "value" },
    yAxis: { type: "value" },
    series: [
      {
        type: "line",
        data: [
          [0, 1],
          [1, 2]
        ]
      }
    ]
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  expect(svg).toMatch(/^<svg width="200" height="100"[^>]*>[\s\S]*<\/svg>$/u)
})
