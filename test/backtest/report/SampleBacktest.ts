/** A finished backtest to draw, made of arithmetic: any length, any number of trades, the same for the same options. */
import { Result } from "effect"
import type { BacktestContent, FinishedBacktest } from "../../../src/backtest/BacktestResult.ts"
import type { FillRow, OptionRow, OrderRow, StateRow, TradeRow } from "../../../src/backtest/BacktestRows.ts"
import { costsOf } from "../../../src/backtest/CostsPreset.ts"
import { clientOrderId, instrumentId, type InstrumentId } from "../../../src/domain/Identifiers.ts"
import { dollars, pricePerShare, quantity, shares, signedQuantity } from "../../../src/domain/Money.ts"
import { type SessionDate, sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import { type Session, sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import { performance } from "../../../src/portfolio/Performance.ts"
import { deskProfile, type LimitsProfile } from "../../../src/risk/LimitsProfile.ts"
import { bookCurve } from "../../../src/session/RunReportData.ts"

export interface SampleOptions {
  readonly name?: string
  readonly from?: string
  readonly to?: string
  /** Round trips. */
  readonly trades?: number
  readonly symbols?: readonly [string, ...ReadonlyArray<string>]
  readonly parameters?: Readonly<Record<string, number | string | boolean>>
  readonly profile?: LimitsProfile
  readonly seed?: number
  readonly costs?: "none" | "paper" | "lean"
  readonly engine?: "plimsoll" | "lean"
  readonly resolution?: "1d" | "1m"
  readonly dataHash?: string
  readonly options?: ReadonlyArray<OptionRow>
  /** Daily-loss and drawdown trips. */
  readonly states?: ReadonlyArray<StateRow>
}

const CASH = 100_000

/** Park and Miller's minimal standard generator (1988): uniform on (0, 1). */
const uniform = (seed: number): (() => number) => {
  let state = (seed * 7919 + 1) % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** About normal: twelve uniforms less six. */
const normal = (next: () => number): number => {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += next()
  return sum
}

interface Market {
  readonly sessions: ReadonlyArray<Session>
  /** By symbol, then by session. */
  readonly closes: ReadonlyArray<Float64Array>
}

const market = (sessions: ReadonlyArray<Session>, symbols: number, seed: number): Market => ({
  sessions,
  closes: Array.from({ length: symbols }, (_, k) => {
    const next = uniform(seed + 31 * k)
    let price = 80 + 40 * next()
    return Float64Array.from(sessions, (_session, i) => {
      const calm = 0.008 + 0.014 * Math.max(0, Math.sin(i / 190 + k)) ** 6
      price *= 1 + 0.00032 + calm * normal(next)
      return price
    })
  })
})

interface Trip {
  readonly entry: number
  readonly exit: number
  readonly symbol: number
}

/** Round trips spread evenly: some sessions long, or within one session where there are more than sessions. */
const tripsOf = (sessions: number, trades: number, symbols: number): ReadonlyArray<Trip> =>
  Array.from({ length: sessions < 2 ? 0 : trades }, (_, i) => {
    const start = Math.floor((i * (sessions - 1)) / trades)
    const length = Math.floor((0.65 * (sessions - 1)) / trades)
    return { entry: start, exit: Math.min(sessions - 1, start + Math.max(length, 1)), symbol: i % symbols }
  })

const idOf = (symbol: string): InstrumentId => instrumentId(`${symbol}.XNYS`)

const at = (values: Float64Array | undefined, i: number): number => values?.[i] ?? Number.NaN

interface Played {
  readonly equity: Float64Array
  readonly gross: Float64Array
  readonly net: Float64Array
  readonly traded: Float64Array
  readonly trades: ReadonlyArray<TradeRow>
  readonly orders: ReadonlyArray<OrderRow>
  readonly fills: ReadonlyArray<FillRow>
  readonly fees: number
}

const FEE = 1

const playedOf = (
  { closes, sessions }: Market,
  trips: ReadonlyArray<Trip>,
  symbols: ReadonlyArray<string>
): Played => {
  const n = sessions.length
  const [equity, gross, net, traded] = [0, 1, 2, 3].map(() => new Float64Array(n))
  const columns = { equity, gross, net, traded }
  const add = (name: keyof typeof columns, i: number, amount: number): void => {
    const column = columns[name]
    if (column !== undefined) column[i] = at(column, i) + amount
  }
  for (let i = 0; i < n; i++) add("equity", i, CASH)
  const trades: Array<TradeRow> = []
  const orders: Array<OrderRow> = []
  const fills: Array<FillRow> = []
  const overlap = Math.max(1, Math.ceil(trips.length / Math.max(1, n / 2)))
  for (const [k, { entry, exit, symbol }] of trips.entries()) {
    const prices = closes[symbol]
    const sign = k % 5 === 4 ? -1 : 1
    const held = Math.max(1, Math.floor((0.9 * CASH) / at(prices, entry) / overlap))
    const id = idOf(symbols[symbol] ?? "SPY")
    let [worst, best] = [0, 0]
    for (let i = entry; i <= exit; i++) {
      const gain = sign * held * (at(prices, i) - at(prices, entry))
      worst = Math.min(worst, gain)
      best = Math.max(best, gain)
      add("equity", i, gain - (i === exit ? 2 : 1) * FEE)
      if (i < exit) {
        add("gross", i, held * at(prices, i))
        add("net", i, sign * held * at(prices, i))
      }
    }
    const profit = sign * held * (at(prices, exit) - at(prices, entry)) - 2 * FEE
    for (let i = exit + 1; i < n; i++) add("equity", i, profit)
    add("traded", entry, held * at(prices, entry))
    add("traded", exit, held * at(prices, exit))
    const legs = [
      { name: `t-${k}-in`, side: sign > 0 ? "BUY" : "SELL", when: entry },
      { name: `t-${k}-out`, side: sign > 0 ? "SELL" : "BUY", when: exit }
    ] as const
    for (const { name, side, when } of legs) {
      const shared = { instrumentId: id, side, tsEvent: timestamp(sessions[when]?.close ?? 0) }
      fills.push({
        ...shared,
        orderId: clientOrderId(name),
        quantity: shares(held),
        price: pricePerShare(at(prices, when)),
        multiplier: 1,
        fee: dollars(FEE)
      })
      orders.push({
        ...shared,
        id: clientOrderId(name),
        type: { _tag: "Market" },
        size: { _tag: "Quantity", quantity: shares(held) },
        timeInForce: "AT_THE_OPEN",
        status: "Filled",
        filledQuantity: shares(held),
        rationale: side === "BUY" ? "fast mean above slow mean" : "fast mean below slow mean"
      })
    }
    trades.push({
      instrumentId: id,
      direction: sign > 0 ? "LONG" : "SHORT",
      quantity: shares(held),
      entryTime: timestamp(sessions[entry]?.close ?? 0),
      entryPrice: pricePerShare(at(prices, entry)),
      exitTime: timestamp(sessions[exit]?.close ?? 0),
      exitPrice: pricePerShare(at(prices, exit)),
      profit: dollars(profit),
      fees: dollars(2 * FEE),
      mae: dollars(worst),
      mfe: dollars(best),
      orders: legs.map(({ name }) => clientOrderId(name))
    })
  }
  const whole = (values: Float64Array | undefined): Float64Array => values ?? new Float64Array()
  return {
    equity: whole(equity),
    gross: whole(gross),
    net: whole(net),
    traded: whole(traded),
    trades,
    orders,
    fills,
    fees: 2 * FEE * trips.length
  }
}

const denied = (sessions: ReadonlyArray<Session>, id: InstrumentId): OrderRow => ({
  id: clientOrderId("t-denied"),
  instrumentId: id,
  side: "BUY",
  type: { _tag: "Limit", limitPrice: pricePerShare(101.5) },
  size: { _tag: "Quantity", quantity: shares(400) },
  timeInForce: "DAY",
  status: "Denied",
  tsEvent: timestamp(sessions.at(-1)?.close ?? 0),
  filledQuantity: quantity(0),
  rule: "position-limit",
  reason: "The position would be 40.6% of equity and the limit is 25%. Send a smaller order."
})

const ownOf = (
  dates: ReadonlyArray<SessionDate>,
  { equity, gross, traded }: Pick<Played, "equity" | "gross" | "traded">
): BacktestContent["statistics"]["own"] => {
  const curve = bookCurve({ dates, equity: [...equity] }, dollars(CASH))
  if (Result.isFailure(curve)) return {}
  const { statistics } = performance(curve.success, {
    grossExposures: Float64Array.from([0, ...gross]),
    tradedNotional: traded.reduce((sum, notional) => sum + notional, 0)
  })
  return Object.fromEntries(
    Object.entries(statistics).map(([name, statistic]) => [
      name,
      statistic._tag === "Value" ? statistic.value : null
    ])
  )
}

const leanFigures = {
  "Total Orders": "43",
  "Average Win": "3.12%",
  "Average Loss": "-1.44%",
  "Compounding Annual Return": "4.871%",
  Drawdown: "21.300%",
  Expectancy: "0.412",
  "Start Equity": "100000",
  "End Equity": "258000.11",
  "Net Profit": "158.000%",
  "Sharpe Ratio": "0.391",
  "Sortino Ratio": "0.412",
  "Probabilistic Sharpe Ratio": "3.411%",
  "Loss Rate": "45%",
  "Win Rate": "55%",
  "Profit-Loss Ratio": "2.17",
  Alpha: "0.012",
  Beta: "0.413",
  "Annual Standard Deviation": "0.101",
  "Annual Variance": "0.01",
  "Information Ratio": "-0.112",
  "Tracking Error": "0.121",
  "Treynor Ratio": "0.094",
  "Total Fees": "$86.00",
  "Estimated Strategy Capacity": "$0",
  "Lowest Capacity Asset": "SPY R735QTJ8XC9X",
  "Portfolio Turnover": "0.51%",
  "Drawdown Recovery": "412"
} as const

/** The whole backtest. */
export const sampleBacktest = (options: SampleOptions = {}): FinishedBacktest => {
  const {
    costs = "paper",
    engine = "plimsoll",
    from = "2000-01-03",
    name = "sma-cross",
    parameters = { fast: 10, slow: 50 },
    profile = deskProfile,
    resolution = "1d",
    seed = 1,
    symbols = ["SPY"],
    to = "2019-12-31",
    trades = 60
  } = options
  const sessions = sessionsBetween(sessionDate(from), sessionDate(to))
  const dates = sessions.map(({ date }) => date)
  const prices = market(sessions, symbols.length, seed)
  const played = playedOf(prices, tripsOf(sessions.length, trades, symbols.length), symbols)
  const first = idOf(symbols[0])
  const benchmark = dates.map((_, i) =>
    prices.closes.reduce((sum, closes) => sum + (CASH / symbols.length) * (at(closes, i) / at(closes, 0)), 0)
  )
  const content: BacktestContent = {
    dates,
    equity: [...played.equity],
    grossExposure: [...played.gross],
    netExposure: [...played.net],
    traded: [...played.traded],
    benchmark,
    cash: dollars(at(played.equity, sessions.length - 1) || CASH),
    fees: dollars(played.fees),
    dividends: dollars(0),
    bars: sessions.length * symbols.length,
    orders: trades === 0 ? [] : [...played.orders, denied(sessions, first)],
    fills: played.fills,
    trades: played.trades,
    denials:
      trades === 0
        ? []
        : [
            {
              rule: "position-limit",
              count: 12,
              example: "The position would be 40.6% of equity and the limit is 25%. Send a smaller order."
            },
            {
              rule: "buying-power",
              count: 3,
              example: "The order needs $100,412.50 with the collar, and $91,000.00 is there."
            }
          ],
    states: options.states ?? [],
    held:
      trades === 0
        ? []
        : [
            {
              instrumentId: first,
              quantity: signedQuantity(shares(12)),
              cost: dollars(1200),
              mark: pricePerShare(104.2),
              value: dollars(1250.4)
            }
          ],
    options: options.options ?? [],
    tradingState: "Active",
    statistics: {
      own: ownOf(dates, played),
      lean: leanFigures,
      portfolio: {
        sharpeRatio: 0.3912,
        sortinoRatio: 0.4123,
        compoundingAnnualReturn: 0.04871,
        drawdown: 0.213,
        drawdownRecovery: 412,
        alpha: null
      },
      trade: {
        totalNumberOfTrades: trades,
        averageTradeDuration: "54.00:00:00",
        profitFactor: 1.82,
        winRate: 0.55
      }
    },
    reported: {}
  }
  const version = engine === "lean" ? "2.5.0.0" : "0.1.0"
  return {
    version: 1,
    id: `${name.replace(/[^a-z0-9-]+/giu, "-")}-3f0c6ad1b6`,
    inputs: {
      engine: { name: engine, version },
      algorithm: {
        name,
        kind: engine === "lean" ? "lean" : "built-in",
        codeHash: "9b1d4a6835c2e7f9081b3d5c6a7e8f90112233ab3f0c6ad1b6c1f4d82a5f7c0e",
        parameters
      },
      data: {
        source: engine === "lean" ? "LEAN folder" : "embedded replay",
        symbols,
        resolution,
        from: sessionDate(from),
        to: sessionDate(to),
        dataset: `embedded replay:${symbols.join(",")}:${resolution}`,
        dataHash: options.dataHash ?? "c1f4d82a5f7c0e9b1d4a6835c2e7f9081b3d5c6a7e8f90112233ab3f0c6ad1b6"
      },
      cash: dollars(CASH),
      profile,
      resumePolicy: { _tag: "Never" },
      seed,
      models: costsOf(costs)
    },
    command: `backtest run ${name} --symbol ${symbols.join(",")} --from ${from} --to ${to}`,
    ranAt: 1_780_000_000_000,
    wallMillis: 12.4,
    outcome: {
      _tag: "Finished",
      content,
      hash: "5f7c0e9b1d4a6835c2e7f9081b3d5c6a7e8f90112233ab3f0c6ad1b6c1f4d82a"
    }
  }
}
