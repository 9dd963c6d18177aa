/** Figures of the last so many sessions, at each session. */
import { DAYS_PER_YEAR } from "../../portfolio/Performance.ts"

/** Sessions of half a year and of a quarter. */
const windows = [126, 63] as const

/** Windows that fit into the returns at least twice; undefined of fewer than two quarters. */
export const windowOf = (returns: number): number | undefined =>
  windows.find((window) => returns >= 2 * window)

/** The fewest returns that are worth a window. */
export const FEWEST_RETURNS = 126

export interface Rolling {
  /** Standard deviation (n − 1) times √252; one a return, NaN until the window is full. */
  readonly volatility: Float64Array
  /** Mean over standard deviation, times √252; NaN too where the returns do not vary. */
  readonly sharpe: Float64Array
}

/** Returns closer than this differ by rounding alone. */
const LEAST_DEVIATION = 1e-12

/** Two passes over each window, so that no error piles up along the way. */
export const rolling = (returns: Float64Array, window: number): Rolling => {
  const volatility = new Float64Array(returns.length).fill(Number.NaN)
  const sharpe = new Float64Array(returns.length).fill(Number.NaN)
  for (let end = window; end <= returns.length; end++) {
    const part = returns.subarray(end - window, end)
    let sum = 0
    for (const value of part) sum += value
    const mean = sum / window
    let squares = 0
    for (const value of part) squares += (value - mean) ** 2
    const deviation = Math.sqrt(squares / (window - 1))
    volatility[end - 1] = deviation * Math.sqrt(DAYS_PER_YEAR)
    if (deviation > LEAST_DEVIATION) sharpe[end - 1] = (mean / deviation) * Math.sqrt(DAYS_PER_YEAR)
  }
  return { volatility, sharpe }
}
