/**
 * What LEAN does with daily bars, written down from the description of its models and nothing of this program's:
 * `EquityFillModel` (a market order sent after the close is one for the next open, and fills there whole),
 * `InteractiveBrokersFeeModel` (half a cent a share, a dollar at least), `SetHoldings` with its free quarter of a
 * percent, `Liquidate`. With raw prices a dividend is paid in cash on its day, before the open, for what is held.
 * Dollars as floats.
 */

/** The fee of one order. */
export const leanFee = (shares: number): number => Math.max(1, 0.005 * shares)

/** Shares that `SetHoldings(symbol, 1)` orders from cash. */
export const setHoldings = (equity: number, price: number): number => {
  const target = equity * (1 - 0.0025)
  let shares = Math.floor(target / price)
  while (shares > 0 && shares * price + leanFee(shares) > target) shares--
  return shares
}

export interface NaiveBar {
  readonly date: string
  readonly open: number
  readonly close: number
  /** Dollars a share, paid on this day; none of adjusted prices. */
  readonly dividend: number
}

export interface NaiveFill {
  readonly date: string
  readonly shares: number
  readonly price: number
  readonly fee: number
}

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** SMA cross on daily bars; `begin` is the number of the first bar that is played, those before warm up. */
export const naiveSmaCross = (
  bars: ReadonlyArray<NaiveBar>,
  begin: number,
  { cash: start, fast, slow }: { readonly fast: number; readonly slow: number; readonly cash: number }
) => {
  let cash = start
  let held = 0
  let pending = 0
  const fills: Array<NaiveFill> = []
  const equity: Array<number> = []
  for (let t = begin; t < bars.length; t++) {
    const bar = bars[t]
    if (bar === undefined) break
    cash += held * bar.dividend
    if (pending !== 0) {
      const fee = leanFee(Math.abs(pending))
      cash -= pending * bar.open + fee
      held += pending
      fills.push({ date: bar.date, shares: pending, price: bar.open, fee })
      pending = 0
    }
    const value = cash + held * bar.close
    equity.push(value)
    if (t + 1 < slow) continue
    const closes = bars.slice(0, t + 1).map(({ close }) => close)
    const isAbove = mean(closes.slice(-fast)) > mean(closes.slice(-slow))
    if (isAbove && held === 0) pending = setHoldings(value, bar.close)
    if (!isAbove && held > 0) pending = -held
  }
  return { fills, equity, cash, held }
}
