/** How steady the chosen values of each parameter were from window to window. Pure. */
import type { Grid, GridValues } from "../../Grid.ts"
import type { ParameterValue } from "../../../session/Parameters.ts"

/** Of one parameter, over the windows that have a choice. */
export interface ParameterStability {
  readonly parameter: string
  /** Every value of the grid, in its order, and in how many windows it was chosen. */
  readonly values: ReadonlyArray<{ readonly value: ParameterValue; readonly windows: number }>
  /** Part of the windows that have the value chosen most often. */
  readonly mostOften: number
  /** How often it changed from one window to the next. */
  readonly changes: number
  /** Steps of the grid between the lowest and the highest value chosen ÷ steps of the whole axis; null of one value. */
  readonly spread: number | null
}

/** `chosen` are the choices in the windows' order. */
export const stabilityOf = (
  grid: Grid,
  chosen: ReadonlyArray<GridValues>
): ReadonlyArray<ParameterStability> =>
  grid.map(({ parameter, values }) => {
    const places = chosen.map((point) => values.findIndex((value) => value === point[parameter]))
    const counts = values.map((value, place) => ({
      value,
      windows: places.filter((other) => other === place).length
    }))
    const [low, high] = places.reduce(
      ([least, most], place) => [Math.min(least, place), Math.max(most, place)],
      [Infinity, -Infinity]
    )
    return {
      parameter,
      values: counts,
      mostOften: chosen.length === 0 ? 0 : Math.max(...counts.map(({ windows }) => windows)) / chosen.length,
      changes: places.filter((place, i) => i > 0 && place !== places[i - 1]).length,
      spread: values.length < 2 || chosen.length === 0 ? null : (high - low) / (values.length - 1)
    }
  })
