/** Returns drawn from a seed: independent, normal. */
import { generator } from "../../../../bench/Sampling.ts"

/** Draws from the standard normal distribution (Box and Muller, 1958). */
export const normals = (seed: number) => {
  const next = generator(seed)
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}

/** Trials of so many returns each, 1% a day; the first has this Sharpe ratio a year, the others none. */
export const noise = (options: {
  readonly seed: number
  readonly trials: number
  readonly length: number
  readonly edge?: number
}): ReadonlyArray<Float64Array> => {
  const { edge = 0, length, seed, trials } = options
  const draw = normals(seed)
  return Array.from({ length: trials }, (_, trial) =>
    Float64Array.from({ length }, () => 0.01 * (draw() + (trial === 0 ? edge / Math.sqrt(252) : 0)))
  )
}

export const seriesOf = (columns: ReadonlyArray<Float64Array>) =>
  columns.map((returns, i) => ({ name: `trial ${i + 1}`, returns, dates: undefined }))
