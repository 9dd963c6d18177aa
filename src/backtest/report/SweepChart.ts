/** A figure of a sweep over the one parameter that varies. */
import type { ChartPlace } from "../../session/report/ChartSvg.ts"
import { axisOver, type Mark, plot } from "../../session/report/Frame.ts"
import type { Html } from "../../session/report/Html.ts"

const sizes = { wide: { width: 1000, height: 260 }, narrow: { width: 400, height: 240 } } as const

export interface SweepLine {
  readonly parameter: string
  readonly figure: string
  /** Ascending. */
  readonly points: ReadonlyArray<readonly [parameter: number, figure: number]>
  readonly label: (value: number) => string
}

/** The axis reaches zero. */
export const sweepChart = ({ figure, label, parameter, points }: SweepLine, place: ChartPlace): Html => {
  const wide = place.screen === "wide"
  const xs = points.map(([at]) => at)
  const rough = axisOver(xs, wide ? 12 : 6, parameter, String)
  const [min, max] = [Math.min(...xs), Math.max(...xs)]
  const x = { ...rough, min, max, ticks: rough.ticks.filter(({ value }) => value >= min && value <= max) }
  const y = axisOver([0, ...points.map(([, value]) => value)], 4, figure, label)
  const marks: ReadonlyArray<Mark> = [
    {
      _tag: "Line",
      points: [
        [min, 0],
        [max, 0]
      ],
      color: "var(--axis)",
      width: 1.2
    },
    { _tag: "Line", points, color: "var(--s0)", width: 1.6 },
    { _tag: "Dots", points, color: "var(--s0)", radius: points.length > 60 ? 1.5 : 3 }
  ]
  return plot({ size: sizes[place.screen], x, y, marks }, place)
}
