/**
 * The Greeks of an account: of each position, each underlying, each expiry and all of it.
 *
 * They are `ContractGreeks` times what is held, the same that the limits are held against; a share has a delta of one.
 * Deltas and gammas in shares do not add up over underlyings; their dollars do. Floats: analytics.
 */
import type { InstrumentId } from "../../domain/Identifiers.ts"
import { MICROS, type Price } from "../../domain/Money.ts"
import { underlyingOf } from "../../domain/OptionContract.ts"
import type { SessionDate, Timestamp } from "../../domain/Timestamp.ts"
import type { OptionPrices } from "../../portfolio/options/ExpiryCalendar.ts"
import type { Position } from "../../portfolio/Position.ts"
import { contractGreeks } from "../../risk/options/ContractGreeks.ts"

export interface DollarGreeks {
  /** Dollars of the underlying that it moves like. */
  readonly deltaNotional: number
  /** Dollars that `deltaNotional` gains per 1% the underlying rises. */
  readonly gammaNotional: number
  /** Dollars per point of volatility. */
  readonly vega: number
  /** Dollars a day. */
  readonly theta: number
}

export interface ShareGreeks extends DollarGreeks {
  /** Shares of the underlying that it moves like. */
  readonly delta: number
  /** Shares that delta gains per dollar the underlying rises. */
  readonly gamma: number
}

export interface PositionGreeks extends ShareGreeks {
  readonly position: Position
  /** Implied by its mark, a year; undefined for shares. */
  readonly volatility: number | undefined
}

export interface UnderlyingGreeks extends ShareGreeks {
  readonly underlying: InstrumentId
}

export interface ExpiryGreeks extends DollarGreeks {
  readonly expiry: SessionDate
}

export interface AccountGreeks {
  readonly total: DollarGreeks
  /** By id. */
  readonly byUnderlying: ReadonlyArray<UnderlyingGreeks>
  /** Of options only; the earliest first. */
  readonly byExpiry: ReadonlyArray<ExpiryGreeks>
  /** In the order of the positions. */
  readonly byPosition: ReadonlyArray<PositionGreeks>
  /** Positions without a price, of their own or of their underlying: no figure includes them. */
  readonly unknown: ReadonlyArray<InstrumentId>
}

export interface GreeksMarket {
  readonly mark: Price | undefined
  readonly spot: Price | undefined
  readonly now: Timestamp
}

/** What one position moves like; undefined without a price. */
export const greeksOf = (
  position: Position,
  { mark, now, spot }: GreeksMarket
): PositionGreeks | undefined => {
  const { contract, multiplier, quantity } = position
  const held = quantity / MICROS
  if (mark === undefined) return undefined
  if (contract === undefined) {
    const shares = held * multiplier
    return {
      position,
      delta: shares,
      deltaNotional: (shares * mark) / MICROS,
      gamma: 0,
      gammaNotional: 0,
      vega: 0,
      theta: 0,
      volatility: undefined
    }
  }
  if (spot === undefined) return undefined
  const one = contractGreeks({ contract, multiplier, mark, spot, now })
  if (Number.isNaN(one.delta)) return undefined
  return {
    position,
    delta: held * one.delta,
    deltaNotional: held * one.deltaNotional,
    gamma: held * one.gamma,
    gammaNotional: held * one.gammaNotional,
    vega: held * one.vega,
    theta: held * one.theta,
    volatility: one.volatility
  }
}

const sumOf = (rows: ReadonlyArray<DollarGreeks>, part: (row: DollarGreeks) => number): number =>
  rows.reduce((sum, row) => sum + part(row), 0)

const dollars = (rows: ReadonlyArray<DollarGreeks>): DollarGreeks => ({
  deltaNotional: sumOf(rows, (row) => row.deltaNotional),
  gammaNotional: sumOf(rows, (row) => row.gammaNotional),
  vega: sumOf(rows, (row) => row.vega),
  theta: sumOf(rows, (row) => row.theta)
})

/** Of positions on one underlying, together. */
export const together = (rows: ReadonlyArray<ShareGreeks>): ShareGreeks => ({
  ...dollars(rows),
  delta: rows.reduce((sum, row) => sum + row.delta, 0),
  gamma: rows.reduce((sum, row) => sum + row.gamma, 0)
})

const grouped = <Key extends string>(
  rows: ReadonlyArray<PositionGreeks>,
  keyOf: (row: PositionGreeks) => Key | undefined
): ReadonlyArray<readonly [Key, ReadonlyArray<PositionGreeks>]> => {
  const groups = new Map<Key, Array<PositionGreeks>>()
  for (const row of rows) {
    const key = keyOf(row)
    if (key === undefined) continue
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [row])
    else members.push(row)
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

export const accountGreeks = (positions: ReadonlyArray<Position>, prices: OptionPrices): AccountGreeks => {
  const byPosition: Array<PositionGreeks> = []
  const unknown: Array<InstrumentId> = []
  for (const position of positions) {
    if (position.quantity === 0) continue
    const found = greeksOf(position, {
      mark: prices.marks.get(position.instrumentId),
      spot: prices.underlyings.get(underlyingOf(position)),
      now: prices.now
    })
    if (found === undefined) unknown.push(position.instrumentId)
    else byPosition.push(found)
  }
  return {
    total: dollars(byPosition),
    byUnderlying: grouped(byPosition, ({ position }) => underlyingOf(position)).map(([underlying, rows]) => ({
      underlying,
      ...together(rows)
    })),
    byExpiry: grouped(byPosition, ({ position }) => position.contract?.expiry).map(([expiry, rows]) => ({
      expiry,
      ...dollars(rows)
    })),
    byPosition,
    unknown
  }
}
