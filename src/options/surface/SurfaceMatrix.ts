/** A surface as a table: strikes (or moneyness) by times, each cell with how far it may be trusted. */
import type { SurfaceAnswer, VolatilitySurface } from "./VolatilitySurface.ts"

/** strike: dollars. moneyness: strike ÷ forward. */
export type MatrixRows =
  | { readonly by: "strike"; readonly values: ReadonlyArray<number> }
  | { readonly by: "moneyness"; readonly values: ReadonlyArray<number> }

export interface MatrixCell {
  readonly strike: number
  readonly answer: SurfaceAnswer
}

export interface MatrixColumn {
  readonly years: number
  /** "2014-07-19" of a fitted expiry; undefined in between. */
  readonly expiry: string | undefined
  readonly forward: number
  /** One for each of the rows' values. */
  readonly cells: ReadonlyArray<MatrixCell>
}

export interface SurfaceMatrix {
  readonly rows: MatrixRows
  readonly columns: ReadonlyArray<MatrixColumn>
}

/** Strike ÷ forward from 70% to 130% by 5%. */
export const usualMoneyness: ReadonlyArray<number> = Array.from({ length: 13 }, (_, i) => (70 + 5 * i) / 100)

/** The matrix at the rows' values and at times in years: those of the fitted expiries unless others are given. */
export const surfaceMatrix = (
  surface: VolatilitySurface,
  {
    rows = { by: "moneyness", values: usualMoneyness },
    times = surface.slices.map(({ years }) => years)
  }: { readonly rows?: MatrixRows; readonly times?: ReadonlyArray<number> } = {}
): SurfaceMatrix => ({
  rows,
  columns: times.map((years) => {
    const forward = surface.forwardAt(years)
    return {
      years,
      expiry: surface.slices.find((slice) => slice.years === years)?.expiry,
      forward,
      cells: rows.values.map((value) => {
        const strike = rows.by === "strike" ? value : value * forward
        return { strike, answer: surface.volatilityAt(strike, years) }
      })
    }
  })
})
