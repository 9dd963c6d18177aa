/**
 * The files of one small LEAN run, in the form of today and in that of before May 2024: a hundred shares of SPY
 * bought at one open and sold at another, an order that was withdrawn and one that was refused.
 *
 * Worked by hand: 100,000.00 − 100 × 470.00 − 1.00 + 100 × 475.50 − 1.00 = 100,548.00.
 */

const seconds = (iso: string): number => Date.parse(iso) / 1000

const symbol = { value: "SPY", id: "SPY R735QTJ8XC9X", permtick: "SPY" }

const order = (id: number, fields: object) => ({
  type: 4,
  id,
  contingentId: 0,
  brokerId: [String(id)],
  symbol,
  price: 0,
  priceCurrency: "USD",
  time: "2024-01-02T21:00:00Z",
  createdTime: "2024-01-02T21:00:00Z",
  quantity: 100,
  status: 3,
  properties: { timeInForce: {} },
  securityType: 1,
  direction: 0,
  value: 0,
  orderSubmissionData: { bidPrice: 469, askPrice: 469, lastPrice: 469 },
  isMarketable: true,
  ...fields
})

const orders = {
  "1": order(1, {
    price: 470,
    lastFillTime: "2024-01-03T21:00:00Z",
    value: 47_000,
    tag: "the fast average is above"
  }),
  "2": order(2, {
    price: 475.5,
    quantity: -100,
    direction: 1,
    time: "2024-01-08T21:00:00Z",
    createdTime: "2024-01-08T21:00:00Z",
    lastFillTime: "2024-01-09T21:00:00Z",
    value: -47_550
  }),
  "3": order(3, {
    type: 1,
    limitPrice: 400.25,
    status: 5,
    time: "2024-01-03T21:00:00Z",
    createdTime: "2024-01-03T21:00:00Z",
    canceledTime: "2024-01-04T21:00:00Z"
  }),
  "4": order(4, {
    type: 0,
    quantity: 1_000_000,
    status: 7,
    time: "2024-01-04T21:00:00Z",
    createdTime: "2024-01-04T21:00:00Z"
  })
}

const event = (orderId: number, orderEventId: number, time: string, fields: object) => ({
  id: `1234567890-${orderId}-${orderEventId}`,
  algorithmId: "1234567890",
  orderId,
  orderEventId,
  symbol: symbol.id,
  symbolValue: "SPY",
  symbolPermtick: "SPY",
  time: seconds(time),
  fillPrice: 0,
  fillPriceCurrency: "USD",
  fillQuantity: 0,
  direction: "buy",
  isAssignment: false,
  quantity: 100,
  ...fields
})

const fee = { orderFeeAmount: 1, orderFeeCurrency: "USD" }

const events = [
  event(1, 1, "2024-01-02T21:00:00Z", { status: "submitted" }),
  event(1, 2, "2024-01-03T21:00:00Z", { status: "filled", fillPrice: 470, fillQuantity: 100, ...fee }),
  event(3, 1, "2024-01-03T21:00:00Z", { status: "submitted", limitPrice: 400.25 }),
  event(3, 2, "2024-01-04T21:00:00Z", { status: "canceled", limitPrice: 400.25 }),
  event(4, 1, "2024-01-04T21:00:00Z", {
    status: "invalid",
    quantity: 1_000_000,
    message: "Order Error: ids: [4], Insufficient buying power to complete orders (Value:467300000)"
  }),
  event(2, 1, "2024-01-08T21:00:00Z", { status: "submitted", direction: "sell", quantity: -100 }),
  event(2, 2, "2024-01-09T21:00:00Z", {
    status: "filled",
    direction: "sell",
    quantity: -100,
    fillPrice: 475.5,
    fillQuantity: -100,
    ...fee
  })
]

/** Samples at midnight in New York are of the day before; the last is taken at the end. */
const times = [
  "2024-01-02T05:00:00Z",
  "2024-01-03T05:00:00Z",
  "2024-01-04T05:00:00Z",
  "2024-01-05T05:00:00Z",
  "2024-01-06T05:00:00Z",
  "2024-01-09T05:00:00Z",
  "2024-01-10T05:00:00Z",
  "2024-01-10T21:00:00Z"
].map(seconds)

export const sessions = [
  "2024-01-02",
  "2024-01-03",
  "2024-01-04",
  "2024-01-05",
  "2024-01-08",
  "2024-01-09",
  "2024-01-10"
]

/** Cash, and a hundred shares at each close: 468.80, 467.30, 467.90, 474.60. */
export const equity = [100_000, 99_879, 99_729, 99_789, 100_459, 100_548, 100_548]
export const benchmark = [472.65, 468.8, 467.3, 467.9, 474.6, 473.9, 476.6]
const longRatio = [0, 0.4694, 0.4686, 0.4689, 0.4724, 0, 0]

const series = (name: string, unit: string, values: ReadonlyArray<unknown>, seriesType = 0) => ({
  name,
  unit,
  index: 0,
  seriesType,
  values
})

const charts = {
  "Strategy Equity": {
    name: "Strategy Equity",
    chartType: 0,
    series: {
      Equity: series(
        "Equity",
        "$",
        [100_000, ...equity].map((value, at) => [times[at], value - 5, value + 9, value - 11, value]),
        2
      ),
      Return: series(
        "Return",
        "%",
        [0, ...equity.map((value, at) => (value / (equity[at - 1] ?? 100_000) - 1) * 100)].map(
          (value, at) => [times[at], value]
        ),
        3
      )
    }
  },
  Benchmark: {
    name: "Benchmark",
    chartType: 0,
    series: {
      Benchmark: series(
        "Benchmark",
        "$",
        [472, ...benchmark].map((value, at) => [times[at], value])
      )
    }
  },
  Exposure: {
    name: "Exposure",
    chartType: 0,
    series: {
      "Equity - Long Ratio": series(
        "Equity - Long Ratio",
        "",
        [0, ...longRatio].map((value, at) => [times[at], value])
      ),
      "Equity - Short Ratio": series(
        "Equity - Short Ratio",
        "",
        times.map((time) => [time, null])
      )
    }
  },
  // A chart of the algorithm's own may hold anything.
  Mine: { name: "Mine", chartType: 0, series: { a: { values: [["x", { y: "?" }], 3] } } }
}

const closedTrade = {
  id: "b3",
  symbols: [symbol],
  entryTime: "2024-01-03T21:00:00Z",
  entryPrice: 470,
  direction: 0,
  quantity: 100,
  exitTime: "2024-01-09T21:00:00Z",
  exitPrice: 475.5,
  profitLoss: 550,
  totalFees: 2,
  mae: -270,
  mfe: 550,
  duration: "6.00:00:00",
  endTradeDrawdown: 0,
  isWin: true,
  orderIds: [1, 2]
}

const tradeStatistics = {
  startDateTime: "2024-01-03T21:00:00Z",
  endDateTime: "2024-01-09T21:00:00Z",
  totalNumberOfTrades: 1,
  numberOfWinningTrades: 1,
  totalProfitLoss: "550",
  averageTradeDuration: "6.00:00:00",
  winLossRatio: "10",
  totalFees: "2"
}

const portfolioStatistics = {
  averageWinRate: "0.0055",
  startEquity: "100000",
  endEquity: "100548",
  compoundingAnnualReturn: "0.3193",
  drawdown: "0.003",
  totalNetProfit: "0.0055",
  sharpeRatio: "2.5",
  sortinoRatio: "3.1",
  drawdownRecovery: 4,
  valueAtRisk99: "-0.006"
}

const performance = { tradeStatistics, portfolioStatistics, closedTrades: [closedTrade] }

/** `<id>.json` of today, with a field or two that nobody knows. */
export const currentResult = {
  rollingWindow: { M1_20240131: { ...performance, closedTrades: [] } },
  charts,
  orders,
  profitLoss: { "2024-01-09T21:00:00Z": 550 },
  statistics: {
    "Total Orders": "4",
    "Start Equity": "100000",
    "End Equity": "100548",
    "Net Profit": "0.548%",
    "Sharpe Ratio": "2.5",
    "Total Fees": "$2.00",
    "Drawdown Recovery": "4"
  },
  runtimeStatistics: { Equity: "$100,548.00", Holdings: "$0.00", Fees: "-$2.00" },
  state: {
    StartTime: "2026-11-27 10:20:30",
    Status: "Completed",
    Name: "local",
    RuntimeError: "",
    StackTrace: ""
  },
  serverStatistics: { "LEAN Version": "v2.5.0.0.17677", "CPU Usage": "3.1%" },
  algorithmConfiguration: {
    accountCurrency: "USD",
    brokerage: 0,
    accountType: 0,
    parameters: { fast: "5", slow: "50", mode: "daily", "intrinio-password": "" },
    startDate: "2024-01-02 00:00:00",
    endDate: "2024-01-10 23:59:59",
    tradingDaysPerYear: 252
  },
  totalPerformance: performance,
  analysis: [
    {
      name: "FlatEquityCurve",
      issue: "The curve is flat at its end",
      sample: 1,
      count: 2,
      solutions: ["Trade"]
    }
  ],
  somethingNew: { of: ["2027"] }
}

export const currentEvents = events

const dictionaries = new Set([
  "charts",
  "series",
  "orders",
  "statistics",
  "runtimeStatistics",
  "serverStatistics",
  "profitLoss",
  "rollingWindow",
  "parameters",
  "state"
])

const special = new Map([
  ["mae", "MAE"],
  ["mfe", "MFE"]
])

const pascal = (value: unknown, areData: boolean, inSymbol: boolean): unknown => {
  if (Array.isArray(value)) return value.map((one) => pascal(one, false, inSymbol))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name =
        inSymbol && key === "id" ? "ID" : (special.get(key) ?? key.slice(0, 1).toUpperCase() + key.slice(1))
      return [
        areData ? key : name,
        pascal(inner, !areData && dictionaries.has(key), !areData && (key === "symbol" || key === "symbols"))
      ]
    })
  )
}

/** `<id>.json` of before May 2024: the same run. */
export const oldResult = (): unknown => {
  const { charts, statistics, totalPerformance, ...rest } = currentResult
  const { "Total Orders": count, ...others } = statistics
  const points = (values: ReadonlyArray<unknown>) =>
    values.map((point) => (Array.isArray(point) && point.length === 2 ? { x: point[0], y: point[1] } : point))
  const dated = (one: { readonly series: object }) => ({
    ...one,
    series: Object.fromEntries(
      Object.entries(one.series).map(([name, { values, ...series }]) => [
        name === "Return" ? "Daily Performance" : name,
        { ...series, values: points(values) }
      ])
    )
  })
  const { Mine: _, ...known } = charts
  const { symbols: __, id: ___, ...trade } = closedTrade
  return pascal(
    {
      ...rest,
      charts: Object.fromEntries(Object.entries(known).map(([name, chart]) => [name, dated(chart)])),
      statistics: { "Total Trades": count, ...others },
      totalPerformance: { ...totalPerformance, closedTrades: [{ ...trade, symbol }] }
    },
    false,
    false
  )
}

const dashed = (name: string): string => name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)

/** Order events of older versions, with dashes. */
export const oldEvents = (): unknown =>
  events.map((one) => Object.fromEntries(Object.entries(one).map(([key, value]) => [dashed(key), value])))

/** `<id>-summary.json`: as the result, with every third sample of the equity, and without closed trades. */
export const summary = () => {
  const chart = currentResult.charts["Strategy Equity"]
  const { Equity } = chart.series
  const thinned = { ...Equity, values: Equity.values.filter((_, at) => at % 3 === 0) }
  return {
    ...currentResult,
    charts: { "Strategy Equity": { ...chart, series: { Equity: thinned } } },
    totalPerformance: { tradeStatistics, portfolioStatistics, closedTrades: [] }
  }
}

export const dataReport = (asked: number, failed: number) => ({
  "succeeded-data-requests-count": asked - failed,
  "failed-data-requests-count": failed,
  "failed-data-requests-percentage": asked === 0 ? 0 : (100 * failed) / asked,
  "total-data-requests-count": asked,
  "succeeded-universe-data-requests-count": 0,
  "failed-universe-data-requests-count": 0,
  "failed-universe-data-requests-percentage": 0,
  "total-universe-data-requests-count": 0
})
