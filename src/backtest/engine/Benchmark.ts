/** What a backtest's result is held against: its symbols, bought once and held. Pure. */
import { type Money, toFloat } from "../../domain/Money.ts"
import type { Tape } from "./Tape.ts"

/**
 * Dollars, one a session: the starting cash in equal parts, each in one symbol
 * from its first close on, in cash before. Splits and dividends are taken out,
 * so it is in fractions of shares, dividends are put back in, and nothing costs
 * anything.
 */
export const benchmarkOf = ({ sessions, tracks }: Tape, cash: Money): Float64Array => {
  const part = toFloat(cash) / Math.max(1, tracks.length)
  const values = new Float64Array(sessions.length)
  for (const { adjusted } of tracks) {
    const first = adjusted.find((close) => close > 0) ?? Number.NaN
    for (let i = 0; i < values.length; i++) {
      const close = adjusted[i] ?? Number.NaN
      values[i] = (values[i] ?? 0) + (close > 0 ? (part * close) / first : part)
    }
  }
  return values
}
