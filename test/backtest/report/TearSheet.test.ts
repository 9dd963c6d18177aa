import { describe, expect, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import { MOST_ORDERS } from "../../../src/backtest/report/OrderSection.ts"
import { MOST_CHANGES, tearSheetHtml } from "../../../src/backtest/report/TearSheet.ts"
import { MOST_TRADES } from "../../../src/backtest/report/TradeSection.ts"
import type { BacktestContent, FinishedBacktest } from "../../../src/backtest/BacktestResult.ts"
import type { OptionRow, StateRow } from "../../../src/backtest/BacktestRows.ts"
import { dollars, money, pricePerShare, quantity } from "../../../src/domain/Money.ts"
import { dateOfDay, dayOfDate, sessionDate } from "../../../src/domain/Timestamp.ts"
import { returnTable } from "../../../src/portfolio/EquityCurve.ts"
import { statisticDefinitions } from "../../../src/portfolio/Performance.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { bookCurve } from "../../../src/session/RunReportData.ts"
import { cellsOf, drawingOf, lineOf, tableOf, tagsOf } from "../../session/report/Page.ts"
import { expectGood, markupOf, wordsOf } from "./Pages.ts"
import { sampleBacktest } from "./SampleBacktest.ts"
import { withTexts } from "./Texts.ts"

const states: ReadonlyArray<StateRow> = [
  {
    date: sessionDate("2003-03-05"),
    cause: "daily-loss",
    value: -0.031,
    limit: -0.03,
    equity: dollars(91_000),
    reason: "The day's loss passed its limit."
  },
  { date: sessionDate("2003-03-06"), cause: "session-open", equity: dollars(91_000), reason: "Lapsed." },
  {
    date: sessionDate("2008-10-08"),
    cause: "drawdown",
    value: -0.21,
    limit: -0.2,
    equity: dollars(81_000),
    reason: "The fall passed its limit."
  }
]

const options: ReadonlyArray<OptionRow> = [
  {
    date: sessionDate("2004-01-05"),
    kind: "sold",
    symbol: "SPY   040117C00115000",
    quantity: quantity(1_000_000),
    price: pricePerShare(1.2),
    amount: dollars(120),
    note: "covered call"
  },
  {
    date: sessionDate("2004-01-17"),
    kind: "expired",
    symbol: "SPY   040117C00115000",
    quantity: quantity(1_000_000),
    price: null,
    amount: null,
    note: "out of the money"
  }
]

const long = sampleBacktest({ states, options })
const page = tearSheetHtml(long)
const year = sampleBacktest({ from: "2010-01-04", to: "2010-12-31", trades: 12, states, options })

const withContent = (result: FinishedBacktest, content: Partial<BacktestContent>): FinishedBacktest => ({
  ...result,
  outcome: { ...result.outcome, content: { ...result.outcome.content, ...content } }
})

/** "−12.30" as a number. */
const read = (text: string | undefined): number =>
  Number((text ?? "").replace("−", "-").replace(/[$,%+]/gu, ""))

describe("the page of a backtest", () => {
  it("needs nothing from outside, is sound, and has one script that its policy names", () => {
    expectGood(page)
    expect(page.match(/<script>/gu)).toHaveLength(1)
  })

  it("is the same, byte for byte, for the same result", () => {
    tearSheetHtml(year)
    expect(tearSheetHtml(sampleBacktest({ states, options }))).toBe(page)
  })

  it("shows its statistics as they are in the result", () => {
    const rows = tableOf(page, "own-statistics-table")
    const { own } = long.outcome.content.statistics
    expect(rows.map(([name]) => name)).toEqual(statisticDefinitions.map(({ name }) => name))
    for (const [i, { key, shownAs }] of statisticDefinitions.entries()) {
      const value = own[key] ?? Number.NaN
      expect(Math.abs(read(rows[i]?.[1]) - value * (shownAs === "percent" ? 100 : 1))).toBeLessThan(0.00501)
    }
    expect(Object.fromEntries(tableOf(page, "lean-statistics-table"))).toEqual(
      long.outcome.content.statistics.lean
    )
  })

  it("shows the return of every month and year", () => {
    const { dates, equity } = long.outcome.content
    const years = returnTable(Result.getOrThrow(bookCurve({ dates, equity }, long.inputs.cash)))
    const rows = tableOf(page, "months")
    expect(rows.map(([name]) => name)).toEqual(years.map((one) => String(one.year)))
    for (const [i, { months, total }] of years.entries()) {
      for (const [k, ratio] of [...months, total].entries()) {
        const text = rows[i]?.[k + 1]
        if (Option.isNone(ratio)) expect(text).toBe("–")
        else expect(Math.abs(read(text) - ratio.value * 100)).toBeLessThan(0.0501)
      }
    }
  })

  it("lists every trade with its profit, and what they come to", () => {
    const { trades } = long.outcome.content
    const rows = tableOf(page, "trades-table")
    expect(rows).toHaveLength(trades.length)
    for (const [i, trade] of trades.entries()) {
      expect(rows[i]?.[2]).toBe(trade.direction.toLowerCase())
      expect(read(rows[i]?.[8])).toBeCloseTo(trade.profit / 1e6, 2)
      expect(read(rows[i]?.[10])).toBeCloseTo(trade.mae / 1e6, 2)
      expect(read(rows[i]?.[11])).toBeCloseTo(trade.mfe / 1e6, 2)
    }
    const won = trades.filter(({ profit }) => profit > 0).length
    expect(wordsOf(page)).toContain(`${won} of ${trades.length}`)
  })

  it("gives a trade's return over what it was worth at its entry, contracts by their multiplier", () => {
    const [trade] = year.outcome.content.trades
    const [fill] = year.outcome.content.fills
    if (trade === undefined || fill === undefined) throw new Error("no trade in the sample")
    const one = {
      ...trade,
      quantity: quantity(2_000_000),
      entryPrice: pricePerShare(5),
      profit: dollars(150)
    }
    const option = withContent(year, { trades: [one], fills: [{ ...fill, multiplier: 100 }] })
    expect(tableOf(tearSheetHtml(option), "trades-table")[0]?.[9]).toBe("+15.00%")
  })

  it("lists the denied orders by their rule, with an example, and every trip, numbered as on the curve", () => {
    expect(tableOf(page, "denials-table").map(([rule, n]) => [rule, n])).toEqual([
      ["position-limit", "12"],
      ["buying-power", "3"]
    ])
    expect(tableOf(page, "stops-table").map((row) => row.slice(0, 3))).toEqual([
      ["1", "2008-10-08", "Drawdown trip"]
    ])
    expect(tableOf(page, "daily-loss-table").map((row) => [row[0], row[4]])).toEqual([
      ["2003-03-05", "2003-03-06"]
    ])
    expect(drawingOf(page, "equity-log", "wide")).toMatch(/font-weight:700[^>]*>1<\/text>/u)
  })

  it("lists what became of options", () => {
    expect(tableOf(page, "option-events-table").map(([date, event]) => [date, event])).toEqual([
      ["2004-01-05", "Sold 1"],
      ["2004-01-17", "Expired 1"]
    ])
    expect(tearSheetHtml(sampleBacktest())).not.toContain('id="options"')
  })

  it("says how to make it again: command, id, hashes, engine, seed", () => {
    const text = wordsOf(page)
    for (const told of [
      `plimsoll ${long.command}`,
      long.id,
      long.outcome.hash,
      long.inputs.algorithm.codeHash,
      long.inputs.data.dataHash,
      "plimsoll 0.1.0"
    ]) {
      expect(text).toContain(told)
    }
  })

  it("is stamped when nothing may be carried over to a desk, and only then", () => {
    const research = tearSheetHtml(sampleBacktest({ profile: researchProfile, from: "2019-01-02" }))
    expect(research).toContain("<strong>Not promotable</strong>")
    expect(wordsOf(research)).toContain(researchProfile.label)
    expect(page).not.toContain("Not promotable")
  })

  it("draws equity on both axes, of which one is shown first", () => {
    for (const id of ["equity", "equity-log"]) {
      for (const screen of ["wide", "narrow"] as const) {
        expect(lineOf(drawingOf(page, id, screen), "s0").length).toBeGreaterThan(100)
        expect(lineOf(drawingOf(page, id, screen), "bench").length).toBeGreaterThan(100)
      }
    }
    expect(page.match(/type="radio"[^>]*checked/gu)).toHaveLength(1)
  })

  it("says which window it rolls over, or why none", () => {
    expect(wordsOf(page)).toContain("Of the 126 sessions up to each")
    const nine = tearSheetHtml(sampleBacktest({ from: "2010-01-04", to: "2010-09-30" }))
    expect(wordsOf(nine)).toContain("Of the 63 sessions up to each")
    expect(wordsOf(tearSheetHtml(sampleBacktest({ from: "2010-01-04", to: "2010-03-31" })))).toContain(
      "Left out: a window of a quarter needs 126 sessions at least, and there are 61."
    )
  })
})

describe("texts of a result", () => {
  const plain = tagsOf(markupOf(tearSheetHtml(withTexts(year, "x"))))

  it.prop(
    "cannot become markup, whatever they hold",
    [Schema.String, Schema.String],
    ([before, after]) => {
      const hostile = `${before}"'><script>alert(1)</script><img src=x onerror=y>&lt;${after}`
      const hostilePage = tearSheetHtml(withTexts(year, hostile))
      expect(tagsOf(markupOf(hostilePage))).toEqual(plain)
      expect(hostilePage.match(/<script>/gu)).toHaveLength(1)
    },
    { arbitrary: { runs: 12 } }
  )

  it("are all on the page", () => {
    const texts = new Set<string>()
    const marked = withTexts(year, (field) => {
      texts.add(`<${field}>`)
      return `<${field}>`
    })
    const shown = wordsOf(tearSheetHtml(marked))
    expect([...texts].filter((text) => !shown.includes(text))).toEqual([])
  })
})

describe("results that lack parts", () => {
  it("of LEAN say what is missing, and show what LEAN said beside what was computed here", () => {
    const lean = withContent(
      sampleBacktest({ engine: "lean", from: "2013-10-07", to: "2013-10-11", trades: 1 }),
      {
        benchmark: [],
        grossExposure: [],
        netExposure: [],
        traded: [],
        fills: [],
        trades: [],
        reported: {
          "Sharpe Ratio": "8.888",
          "Total Trades": "1",
          "Some Newer Figure": "7",
          "Portfolio: sharpeRatio": "8.8881",
          "Trades: winRate": "0.5",
          "Runtime: Equity": "$101,691.92",
          "Analysis: Stale prices": "a sample (3 times)",
          "Note 1": "Two orders of combinations were left out."
        }
      }
    )
    const shown = tearSheetHtml(lean)
    expectGood(shown)
    const text = wordsOf(shown)
    expect(text).toContain("A backtest by QuantConnect LEAN")
    expect(text).toContain("LEAN's result holds no benchmark: curves stand alone.")
    expect(text).toContain("LEAN's result does not say what was exposed")
    expect(text).toContain("LEAN's result does not say what was traded each session")
    expect(text).not.toContain("Held: the starting cash")
    const rows = new Map(tableOf(shown, "lean-statistics-table").map(([name, ...values]) => [name, values]))
    expect(rows.get("Sharpe Ratio")).toEqual(["0.391", "8.888"])
    expect(rows.get("Total Orders")).toEqual(["43", "1"])
    expect(rows.get("Some Newer Figure")).toEqual(["–", "7"])
    expect(rows.has("Note 1")).toBe(false)
    expect(tableOf(shown, "portfolio-statistics-table")[0]).toEqual(["Sharpe ratio", "0.3912", "8.8881"])
    expect(tableOf(shown, "trade-statistics-table").at(-1)).toEqual(["Win rate", "0.55", "0.5"])
    expect(tableOf(shown, "lean-besides-table")).toEqual([
      ["Runtime", "Equity", "$101,691.92"],
      ["Analysis", "Stale prices", "a sample (3 times)"]
    ])
    expect(text.indexOf("Two orders of combinations were left out.")).toBeGreaterThan(
      text.indexOf("What this cannot tell")
    )
    expect(text).toContain("LEAN has none, and none of the desk's rules was in force.")
  })

  it("do not take columns of zeros for what was exposed when orders filled", () => {
    const zeros = year.outcome.content.dates.map(() => 0)
    const shown = wordsOf(
      tearSheetHtml(withContent(year, { grossExposure: zeros, netExposure: zeros, traded: zeros }))
    )
    expect(shown).toContain("The result does not say what was exposed")
  })

  it("without a session are a page all the same", () => {
    const none = tearSheetHtml(sampleBacktest({ from: "2019-12-25", to: "2019-12-25", trades: 0 }))
    expectGood(none)
    expect(wordsOf(none)).toContain("nothing can be drawn")
  })

  it("say before all else that quotes of options were a model's", () => {
    const sample = sampleBacktest({ from: "2019-01-02" })
    const of = (modelledOrders: number): string => {
      const content = { ...sample.outcome.content, optionOrders: { orders: 7, modelledOrders } }
      return wordsOf(tearSheetHtml({ ...sample, outcome: { ...sample.outcome, content } }))
    }
    expect(of(7)).toMatch(
      /What this cannot tell\s+All option orders were made on modelled quotes: no market showed these prices/u
    )
    expect(of(3)).toMatch(/What this cannot tell\s+3 of 7 option orders were made on modelled quotes/u)
    expect(of(0)).toContain("Options were decided on published quotes")
    expect(wordsOf(tearSheetHtml(sample))).not.toContain("option orders")
  })

  it("without a trade say so", () => {
    const none = tearSheetHtml(sampleBacktest({ from: "2019-01-02", trades: 0 }))
    expectGood(none)
    expect(wordsOf(none)).toContain("It sent no order: nothing can be told of the strategy.")
    expect(wordsOf(none)).toContain("Nothing was traded.")
    expect(wordsOf(none)).toContain("No order was denied.")
  })

  it.each([
    ["three sessions", sampleBacktest({ from: "2019-12-26", to: "2019-12-30", trades: 1 })],
    ["one session", sampleBacktest({ from: "2019-12-30", to: "2019-12-30", trades: 0 })],
    ["minute bars", sampleBacktest({ from: "2019-11-01", resolution: "1m", trades: 200 })]
  ])("of %s are sound", (_, result) => {
    expectGood(tearSheetHtml(result))
  })

  it("that were ruined draw equity to below zero, without a logarithmic axis or rolling figures", () => {
    const equity = year.outcome.content.equity.map((value, i) => (i > 100 ? -500 : value))
    const ruined = tearSheetHtml(withContent(year, { equity }))
    expectGood(ruined)
    expect(ruined).not.toContain("equity-log")
    expect(wordsOf(ruined)).toContain("the account was worth nothing or less")
  })

  it("that ended under a trip, without costs, or within a year say so first", () => {
    const shown = wordsOf(
      tearSheetHtml(
        withContent(sampleBacktest({ from: "2019-10-01", costs: "none", trades: 2 }), {
          tradingState: "Reducing"
        })
      )
    )
    expect(shown).toContain("Trading ended Reducing")
    expect(shown).toContain("Neither fees nor a spread nor slippage were counted")
    expect(shown).toContain("Only 64 sessions")
  })
})

describe("large results", () => {
  const many = sampleBacktest({ trades: 3000, symbols: ["SPY", "AAPL", "GOOG"] })
  const shown = tearSheetHtml(many)

  it("list the latest trades and orders and say where the others are", () => {
    expectGood(shown)
    const trades = tableOf(shown, "trades-table")
    expect(trades).toHaveLength(MOST_TRADES)
    expect([trades[0]?.[0], trades.at(-1)?.[0]]).toEqual(["2001", "3000"])
    expect(cellsOf(shown, "orders-table")).toHaveLength(MOST_ORDERS)
    const text = wordsOf(shown)
    expect(text).toContain("The latest 1,000 of 3,000 trades; the 2,000 before them are in result.json.")
    expect(text).toContain("The latest 500 of 6,001 orders")
  })

  it("are bounded in size: below 1.6 MB for twenty years and three thousand trades", () => {
    expect(Buffer.byteLength(shown)).toBeLessThan(1_600_000)
    expect(Buffer.byteLength(page)).toBeLessThan(500_000)
  })

  it("with a trip on every session list the latest", () => {
    const trips = year.outcome.content.dates.flatMap((_, i): ReadonlyArray<StateRow> => [
      {
        date: dateOfDay(dayOfDate(sessionDate("2010-01-04")) + i),
        cause: "daily-loss",
        value: -0.04,
        limit: -0.03,
        equity: money(90_000_000_000),
        reason: "again"
      },
      {
        date: dateOfDay(dayOfDate(sessionDate("2010-01-04")) + i + 1),
        cause: "session-open",
        equity: money(90_000_000_000),
        reason: "lapsed"
      }
    ])
    const tripped = tearSheetHtml(withContent(year, { states: trips }))
    expectGood(tripped)
    expect(cellsOf(tripped, "daily-loss-table")).toHaveLength(MOST_CHANGES / 2)
    expect(wordsOf(tripped)).toContain(
      `The ${trips.length - MOST_CHANGES} changes before them are in result.json.`
    )
  })
})
