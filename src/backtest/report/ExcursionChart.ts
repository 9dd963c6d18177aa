/** How far each trade went against its entry and how far for it, by what came of it. */
import type { ChartPlace } from "../../session/report/ChartSvg.ts"
import { plainPercent } from "../../session/report/Format.ts"
import { type Axis, axisOver, type Mark, plot } from "../../session/report/Frame.ts"
import type { Html } from "../../session/report/Html.ts"

const sizes = { wide: { width: 1000, height: 340 }, narrow: { width: 400, height: 320 } } as const

/** Parts of what the trade cost. */
export interface Excursion {
  /** Zero or below. */
  readonly adverse: number
  /** Zero or above. */
  readonly favourable: number
  readonly won: boolean
}

const over = (values: ReadonlyArray<number>, most: number, name: string): Axis =>
  axisOver([0, ...values], most, name, plainPercent)

export const excursionChart = (excursions: ReadonlyArray<Excursion>, place: ChartPlace): Html => {
  const x = over(
    excursions.map(({ adverse }) => adverse),
    place.screen === "wide" ? 10 : 5,
    "furthest against the entry"
  )
  const y = over(
    excursions.map(({ favourable }) => favourable),
    5,
    "furthest for it"
  )
  const dots = (won: boolean): Mark => ({
    _tag: "Dots",
    points: excursions
      .filter((one) => one.won === won)
      .map(({ adverse, favourable }) => [adverse, favourable]),
    color: won ? "var(--s0)" : "var(--s1)",
    radius: place.screen === "wide" ? 3.2 : 2.6,
    ...(won ? {} : { hollow: true as const })
  })
  return plot({ size: sizes[place.screen], x, y, marks: [dots(true), dots(false)] }, place)
}
