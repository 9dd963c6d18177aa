/**
 * A run to draw: two simple books on the S&P 500's real history, computed here without the session engine.
 * "Trend follower" is in the index while its 50-day mean is above its 200-day mean; "Guarded holder" is in it
 * until a drawdown trip, and again 60 sessions later. Both decide on a close and trade at the next open.
 */
import { Result } from "effect"
import { readFileSync } from "node:fs"
import { dollars, money, price, toFloat, signedQuantity } from "../../../src/domain/Money.ts"
import { type SessionDate, sessionDate } from "../../../src/domain/Timestamp.ts"
import { type EquityCurve, equityCurve } from "../../../src/portfolio/EquityCurve.ts"
import { singleIndexProfile } from "../../../src/risk/LimitsProfile.ts"
import { noOptions } from "../../../src/session/OptionTrail.ts"
import type { BookReport, BreakerEvent, RunReport } from "../../../src/session/report/RunReport.ts"

const file = new URL("../../../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url)

interface History {
  readonly dates: ReadonlyArray<SessionDate>
  readonly open: Float64Array
  readonly close: Float64Array
}

const history = (): History => {
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1)
  const cells = rows.map((row) => row.split(","))
  return {
    dates: cells.map(([date = ""]) => sessionDate(date)),
    open: Float64Array.from(cells, ([, open]) => Number(open)),
    close: Float64Array.from(cells, (row) => Number(row[4]))
  }
}

const CASH = 100_000
const FEE_RATE = 0.0005

export const curveOf = (dates: ReadonlyArray<SessionDate>, equities: Float64Array): EquityCurve =>
  Result.getOrThrow(equityCurve(dates, equities))

type Ledger = Pick<
  BookReport,
  | "curve"
  | "grossExposures"
  | "traded"
  | "orders"
  | "fills"
  | "breakerEvents"
  | "positions"
  | "options"
  | "fees"
  | "cash"
>

/** Trades to all or nothing at the open that follows each close for which `wanted` says so. */
const simulate = (
  { dates, open, close }: History,
  wanted: (i: number, state: { readonly equity: number; readonly prior: number }) => boolean,
  breakerEvents: ReadonlyArray<BreakerEvent>
): Ledger => {
  const n = dates.length
  const equities = new Float64Array(n)
  const grossExposures = new Float64Array(n)
  const traded = new Float64Array(n)
  let [cash, units, fees, fills, paid] = [CASH, 0, 0, 0, 0]
  let target = false
  for (let i = 0; i < n; i++) {
    const opening = open[i] ?? 0
    if (i > 0 && target !== units > 0) {
      const quantity = target ? Math.floor(cash / (opening * (1 + FEE_RATE))) : -units
      const fee = Math.abs(quantity) * opening * FEE_RATE
      cash -= quantity * opening + fee
      units += quantity
      paid = quantity > 0 ? quantity * opening : 0
      fees += fee
      fills += 1
      traded[i] = Math.abs(quantity) * opening
    }
    equities[i] = cash + units * (close[i] ?? 0)
    grossExposures[i] = units * (close[i] ?? 0)
    target = wanted(i, { equity: equities[i] ?? 0, prior: equities[i - 1] ?? CASH })
  }
  const last = close[n - 1] ?? 0
  const position = {
    symbol: "SPX-REPLAY",
    quantity: signedQuantity(units * 1_000_000),
    cost: dollars(paid),
    price: price(Math.round(last * 1_000_000)),
    marketValue: dollars(units * last)
  }
  return {
    curve: curveOf(dates, equities),
    grossExposures,
    traded,
    orders: fills + 3,
    fills,
    breakerEvents,
    positions: units > 0 ? [position] : [],
    options: noOptions,
    fees: dollars(fees),
    cash: dollars(cash)
  }
}

const mean = (series: Float64Array, end: number, length: number): number =>
  series.subarray(end + 1 - length, end + 1).reduce((sum, x) => sum + x, 0) / length

const trendFollower = (market: History): Ledger =>
  simulate(market, (i) => i >= 199 && mean(market.close, i, 50) > mean(market.close, i, 200), [])

const guardedHolder = (market: History): Ledger => {
  const events: Array<BreakerEvent> = []
  let peak = CASH
  let out = 0
  let lapse = false
  return simulate(
    market,
    (i, { equity, prior }) => {
      const at = { date: market.dates[i] ?? sessionDate("1970-01-01"), equity: dollars(equity) }
      const loss = equity / prior - 1
      if (lapse) events.push({ ...at, kind: "lapsed", note: "The next session opened." })
      lapse = loss <= -0.03
      if (lapse) {
        events.push({
          ...at,
          kind: "daily-loss",
          value: loss,
          limit: -0.03,
          note: "Only reducing orders today."
        })
      }
      if (out > 0) {
        out -= 1
        if (out > 0) return false
        peak = equity
        events.push({ ...at, kind: "resumed", note: "Resume policy: 60 sessions after the trip." })
        return true
      }
      peak = Math.max(peak, equity)
      if (equity / peak - 1 > -0.2) return true
      events.push({
        ...at,
        kind: "drawdown",
        value: equity / peak - 1,
        limit: -0.2,
        note: "Flattened at the next open."
      })
      out = 60
      return false
    },
    events
  )
}

/** Sessions `from` to `to` (both included) of the sample run; all of them when nothing is said. */
export const sampleRun = (from = "2000-01-03", to = "2020-04-17"): RunReport => {
  const all = history()
  const first = all.dates.findIndex((date) => date >= from)
  const after = all.dates.findLastIndex((date) => date <= to) + 1
  const market: History = {
    dates: all.dates.slice(first, after),
    open: all.open.slice(first, after),
    close: all.close.slice(first, after)
  }
  return {
    runId: "2000-01-03-2020-04-17-s1",
    title: "Two books on the S&P 500, 2000 to 2020",
    period: {
      from: market.dates[0] ?? sessionDate(from),
      to: market.dates.at(-1) ?? sessionDate(to),
      sessions: market.dates.length
    },
    books: [
      {
        name: "Trend follower",
        summary: "A sample book.",
        description:
          "In the index while its 50-day mean is above its 200-day mean. Decides on the close, fills at the next open.",
        parameters: [
          { name: "fast", value: "50 sessions", meaning: "Length of the faster mean of closes." },
          { name: "slow", value: "200 sessions", meaning: "Length of the slower mean of closes." }
        ],
        startingCash: dollars(CASH),
        ...trendFollower(market),
        denied: 3,
        denials: [
          {
            rule: "buying-power",
            count: 2,
            example:
              "The order needs $100,412.50 with the collar, and $100,000.00 is there. Send a smaller one."
          },
          {
            rule: "trading-state",
            count: 1,
            example:
              "The desk is Reducing after a daily loss; only reducing orders are taken until the next open."
          }
        ],
        tradingState: "Active",
        journalHash: "3f0c6ad1b6c1f4d82a5f7c0e9b1d4a6835c2e7f9081b3d5c6a7e8f90112233ab"
      },
      {
        name: "Guarded holder",
        summary: "A sample book.",
        description:
          "Buys the index once and holds it. A drawdown trip flattens it at the next open; it buys again 60 sessions later.",
        parameters: [
          {
            name: "resume",
            value: "sessions:60",
            meaning: "Sessions from a drawdown trip until it buys again."
          }
        ],
        startingCash: dollars(CASH),
        ...guardedHolder(market),
        denied: 3,
        denials: [
          {
            rule: "drawdown",
            count: 3,
            example: "Equity is 21.3% below its peak and the limit is 20%. Resume, or send reducing orders."
          }
        ],
        tradingState: "Active",
        journalHash: "9b1d4a6835c2e7f9081b3d5c6a7e8f90112233ab3f0c6ad1b6c1f4d82a5f7c0e"
      }
    ],
    benchmark: {
      name: "Buy and hold",
      description: "The index bought with all the cash at the first close, and held.",
      curve: curveOf(
        market.dates,
        market.close.map((close) => (CASH * close) / (market.close[0] ?? 1))
      )
    },
    market: {
      source: "S&P 500 index, daily, embedded (SPX-REPLAY)",
      caveats: [
        "An index is not for sale: no fund's costs, tracking or premiums are in these prices.",
        "It is a price index. Dividends, about 2% a year over this time, are in neither the books nor buy and hold.",
        "Within a day the path is modelled: it touches the bar's open, high, low and close in an order drawn from the seed."
      ],
      separateFrom: {
        date: sessionDate("2008-01-01"),
        reason:
          "On a third of the days, nearly all before 2006, the open equals the prior close, so that orders at the open fill at a price nobody may have had."
      },
      skippedRows: []
    },
    profile: singleIndexProfile,
    resumePolicy: "sessions:60, trading resumes 60 sessions after the trip and the peak is counted anew.",
    models: {
      fill: { name: "path", description: "an order at the open fills at the bar's open" },
      fee: { name: "basis points", description: "5 basis points of what is traded" },
      slippage: { name: "none", description: "fills at the quoted price" }
    },
    seed: 1,
    command: "plimsoll run --symbols SPX-REPLAY --limits single-index --resume-policy sessions:60 --seed 1",
    generatedBy: "plimsoll 0.1.0",
    next: [
      {
        command: "plimsoll run --from 2008-01-01 --limits single-index",
        purpose: "The same books on the years whose opens can be trusted."
      },
      {
        command: "plimsoll audit verify --run 2000-01-03-2020-04-17-s1",
        purpose: "Check the run's journal."
      },
      { command: "plimsoll init", purpose: "A desk of your own, with these limits." }
    ]
  }
}

/** The money a book holds beside its positions, for checks. */
export const equityAtEnd = (book: BookReport): number =>
  toFloat(book.positions.reduce((sum, { marketValue }) => money(sum + marketValue), book.cash))
