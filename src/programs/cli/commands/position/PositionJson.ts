/** Positions in options for machines: money as decimals, Greeks as numbers, names as on the wire. */
import { formatMicros } from "../../../../domain/Money.ts"
import { toIso } from "../../../../domain/Timestamp.ts"
import type { DollarGreeks, ShareGreeks } from "../../../../execution/options/AccountGreeks.ts"
import type { OptionDesk, ValuedStructure } from "../../../../execution/options/OptionDesk.ts"
import type { Extreme, Outcome } from "../../../../options/Payoff.ts"
import type { ExpiryRow } from "../../../../portfolio/options/ExpiryCalendar.ts"
import { structureCost } from "../../../../portfolio/options/Holdings.ts"
import type { OptionWarning } from "../../../../portfolio/options/OptionWarnings.ts"
import * as Ledger from "../../../../portfolio/Ledger.ts"
import type { Position } from "../../../../portfolio/Position.ts"
import { symbolOf } from "../../LegWords.ts"

const orNull = (micros: number | undefined): string | null =>
  micros === undefined ? null : formatMicros(micros)

export const structureJson = (one: ValuedStructure) => ({
  id: one.id,
  name: one.structure.name,
  title: one.structure.title,
  units: one.structure.units,
  underlying: symbolOf(one.underlying),
  cost: formatMicros(structureCost(one)),
  market_value: orNull(one.value?.marketValue),
  unrealised: orNull(one.value?.unrealised),
  parts: one.parts.map(({ cost, position, quantity }) => ({
    symbol: symbolOf(position.instrumentId),
    quantity: formatMicros(quantity),
    cost: formatMicros(cost)
  }))
})

export const positionJson =
  ({ prices }: Pick<OptionDesk, "prices">) =>
  (position: Position) => ({
    symbol: symbolOf(position.instrumentId),
    quantity: formatMicros(position.quantity),
    average_price: formatMicros(Ledger.averagePrice(position)),
    mark: orNull(prices.marks.get(position.instrumentId)),
    ...(position.contract === undefined
      ? {}
      : {
          underlying: symbolOf(position.contract.underlying),
          right: position.contract.right,
          strike: formatMicros(position.contract.strike),
          expiry: position.contract.expiry,
          multiplier: position.multiplier,
          shares_per_contract: formatMicros(position.contract.deliverable)
        })
  })

export const dollarGreeksJson = ({ deltaNotional, gammaNotional, theta, vega }: DollarGreeks) => ({
  delta_notional: deltaNotional,
  gamma_notional_per_percent: gammaNotional,
  vega_per_point: vega,
  theta_per_day: theta
})

export const shareGreeksJson = (greeks: ShareGreeks) => ({
  delta_shares: greeks.delta,
  gamma: greeks.gamma,
  ...dollarGreeksJson(greeks)
})

export const greeksJson = ({ greeks }: Pick<OptionDesk, "greeks">) => ({
  total: dollarGreeksJson(greeks.total),
  by_underlying: greeks.byUnderlying.map((row) => ({
    underlying: symbolOf(row.underlying),
    ...shareGreeksJson(row)
  })),
  by_expiry: greeks.byExpiry.map((row) => ({ expiry: row.expiry, ...dollarGreeksJson(row) })),
  by_position: greeks.byPosition.map((row) => ({
    symbol: symbolOf(row.position.instrumentId),
    quantity: formatMicros(row.position.quantity),
    ...shareGreeksJson(row),
    implied_volatility: row.volatility ?? null
  })),
  without_price: greeks.unknown.map(symbolOf)
})

export const expiryJson = (row: ExpiryRow) => ({
  symbol: symbolOf(row.position.instrumentId),
  quantity: formatMicros(row.position.quantity),
  last_trading: row.lastTrading === undefined ? null : toIso(row.lastTrading),
  settlement: row.settlement === undefined ? null : toIso(row.settlement),
  sessions_left: row.sessionsLeft,
  underlying_price: orNull(row.spot),
  in_the_money: row.inTheMoney === undefined ? null : row.inTheMoney > 0,
  /** Dollars a contract; below zero when out of the money. */
  moneyness: orNull(row.inTheMoney),
  outcome: row.outcome ?? null,
  shares: formatMicros(row.shares),
  cash: formatMicros(row.cash)
})

export const warningJson = ({ instrumentIds, kind, message, underlying }: OptionWarning) => ({
  kind,
  underlying: symbolOf(underlying),
  symbols: instrumentIds.map(symbolOf),
  message
})

const extremeJson = (of: Extreme) =>
  of._tag === "Unlimited" ? { limited: false } : { limited: true, profit: of.profit, at: of.at ?? null }

export const outcomeJson = (
  { breakEvens, cost, exact, horizonYears, maxGain, maxLoss, profitable }: Outcome,
  probability: number | undefined
) => ({
  horizon_years: horizonYears,
  exact,
  cost,
  break_evens: breakEvens,
  profitable: profitable.map(({ from, to }) => ({ from, to: to ?? null })),
  max_gain: extremeJson(maxGain),
  max_loss: extremeJson(maxLoss),
  probability_of_profit: probability ?? null
})
