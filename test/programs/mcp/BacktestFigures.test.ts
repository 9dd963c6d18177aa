/** What the backtest tools make of results, sections and sweeps: true to them, and bounded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { BacktestContent } from "../../../src/backtest/BacktestResult.ts"
import { costsOf } from "../../../src/backtest/CostsPreset.ts"
import type { Grid } from "../../../src/backtest/Grid.ts"
import type { SweepPoint } from "../../../src/backtest/Sweep.ts"
import { clientOrderId, instrumentId } from "../../../src/domain/Identifiers.ts"
import { dollars, pricePerShare, shares } from "../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import { sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import {
  costsName,
  curveOf,
  drawdownOf,
  figuresOf,
  inputsOf,
  luckNotes,
  promotionNotes,
  statisticsOf
} from "../../../src/programs/mcp/backtest/Figures.ts"
import { failedBacktest } from "../../../src/programs/mcp/backtest/Found.ts"
import { type AskedSections, sectionsOf } from "../../../src/programs/mcp/backtest/Sections.ts"
import { sweepFigures } from "../../../src/programs/mcp/backtest/SweepFigures.ts"
import { deskProfile, researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { sampleBacktest, sampleContent, sampleInputs } from "../../backtest/SampleBacktest.ts"

const days = sessionsBetween(sessionDate("2000-01-03"), sessionDate("2019-12-31")).map(({ date }) => date)
const day = (i: number): string => days[i] ?? "no such day"

describe("a curve", () => {
  it("has its ends and its extremes in at most sixty points", () => {
    const equity = days.map((_, i) => 100_000 + i + (i === 3000 ? 50_000 : 0) - (i === 4000 ? 60_000 : 0))
    const content = sampleContent({ dates: days, equity })
    const { points, rows } = curveOf(content, "2000-01-03", 100_000)
    assert.strictEqual(points, days.length + 1)
    assert.isAtMost(rows.length, 60)
    assert.deepStrictEqual(rows[0], ["before 2000-01-03", "100000.00"])
    assert.deepStrictEqual(rows.at(-1), [day(days.length - 1), `${equity.at(-1)}.00`])
    assert.deepInclude(rows, [day(3000), "153000.00"])
    assert.deepInclude(rows, [day(4000), "44000.00"])
  })
})

describe("the deepest fall", () => {
  const of = (...equity: ReadonlyArray<number>) =>
    drawdownOf(sampleContent({ dates: days.slice(0, equity.length), equity }), 100)
  it("is from the peak before it, the starting cash among them, until it is made good", () => {
    assert.isNull(of(100, 101, 102))
    assert.deepStrictEqual(of(90, 95), { peak: "start", trough: day(0), recovered: null })
    // 110 to 99 is ten percent, 120 to 102 fifteen; made good at 120.
    assert.deepStrictEqual(of(110, 99, 120, 102, 119, 120), {
      peak: day(2),
      trough: day(3),
      recovered: day(5)
    })
  })
})

describe("figures", () => {
  it("count denials, trips and trades, and tell what was borrowed apart", () => {
    const figures = figuresOf(
      sampleContent({
        fees: dollars(12.5),
        financing: { borrow: dollars(3), interest: dollars(1.25) },
        states: [
          {
            date: sessionDate("2017-01-03"),
            cause: "daily-loss",
            value: -0.031,
            limit: -0.03,
            equity: dollars(96_900),
            reason: "a day's loss"
          },
          { date: sessionDate("2017-01-04"), cause: "daily-loss", equity: dollars(96_900), reason: "lapsed" }
        ]
      }),
      100_000
    )
    assert.deepInclude(figures, {
      sessions: 2,
      orders: 1,
      fills: 1,
      denied: 2,
      dailyLossTrips: 1,
      drawdownTrips: 0,
      fees: "12.50",
      borrowFees: "3.00",
      interest: "1.25",
      equityEnd: "100101.50"
    })
    assert.strictEqual(figures.statistics.totalReturn, 0.001015)
    assert.isNull(figures.statistics.sharpe)
  })

  it("are bounded whatever was denied", () => {
    const denials = Array.from({ length: 100 }, (_, i) => ({
      rule: `rule-${i}`,
      count: 1,
      example: "x".repeat(5000)
    }))
    const figures = figuresOf(sampleContent({ denials }), 100_000)
    assert.strictEqual(figures.denied, 100)
    assert.isBelow(JSON.stringify(figures).length, 5000)
  })

  it("of a backtest without a session are missing", () => {
    const figures = figuresOf(sampleContent({ dates: [], equity: [] }), 100_000)
    assert.deepInclude(figures, { sessions: 0, equityEnd: null, drawdown: null })
  })
})

describe("inputs", () => {
  it("name the preset of the costs, whatever is borrowed", () => {
    assert.strictEqual(costsName(costsOf("lean")), "lean")
    assert.strictEqual(costsName({ ...costsOf("none"), borrow: { _tag: "Yearly", basisPoints: 3 } }), "none")
    assert.strictEqual(costsName({ ...costsOf("paper"), lots: "fractional" }), "custom")
  })

  it("are bounded whatever was asked for", () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`${"p".repeat(80)}${i}`, "v".repeat(500)])
    )
    const told = inputsOf(
      sampleInputs({
        algorithm: { name: "n".repeat(900), kind: "file", codeHash: "c".repeat(64), parameters },
        profile: { ...researchProfile, label: "l".repeat(2000) }
      })
    )
    assert.isBelow(JSON.stringify(told).length, 6000)
  })
})

describe("notes", () => {
  it("say what luck alone could give, and what no desk may follow", () => {
    const of = (sharpe: number) => luckNotes(statisticsOf({ sharpe, sharpeStandardError: 0.4 }))
    assert.lengthOf(of(0.79), 1)
    assert.lengthOf(of(0.81), 0)
    assert.lengthOf(of(-0.79), 1)
    assert.lengthOf(luckNotes(statisticsOf({ sharpe: null })), 0)
    assert.deepStrictEqual(promotionNotes(deskProfile), [])
    assert.include(promotionNotes(researchProfile).join(), "not promotable")
  })

  it("of a failure name the bar, the time and the order", () => {
    const told = failedBacktest("x-1", {
      kind: "threw",
      message: "TypeError: no",
      at: "2017-01-04 16:00 EST",
      bar: 2,
      order: "r1-2017-01-03-1",
      stack: "s".repeat(9000)
    })
    assert.strictEqual(
      told.message,
      "backtest x-1 failed (threw) at bar 2, 2017-01-04 16:00 EST, after order r1-2017-01-03-1: TypeError: no"
    )
    assert.isBelow(told.stack?.length ?? 0, 2100)
  })
})

const many = (count: number): Partial<BacktestContent> => {
  const [order] = sampleContent().orders
  if (order === undefined) throw new Error("no order")
  const orders = Array.from({ length: count }, (_, i) => ({
    ...order,
    id: clientOrderId(`o-${i}`),
    status: i % 3 === 0 ? ("Denied" as const) : ("Filled" as const),
    rule: "position-limit",
    reason: `${i} ${"r".repeat(600)}`,
    rationale: "w".repeat(600)
  }))
  const trades = orders.map((_, i) => ({
    instrumentId: instrumentId("SPX-REPLAY.XNYS"),
    direction: "LONG" as const,
    quantity: shares(1 + i),
    entryTime: timestamp(1_483_540_200_000_000),
    entryPrice: pricePerShare(100),
    profit: dollars(1),
    fees: dollars(0),
    mae: dollars(-1),
    mfe: dollars(2),
    orders: []
  }))
  const names = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`Statistic number ${i}`, "1.234%"]))
  return { orders, trades, statistics: { own: {}, lean: names, portfolio: {}, trade: names } }
}

const huge = sampleBacktest({ content: many(5000) })
const sections = (asked: Partial<AskedSections>) =>
  sectionsOf(huge, huge.outcome.content, { sections: ["summary"], limit: 100, cursor: undefined, ...asked })

describe("sections of a huge result", () => {
  it.effect("fit into an answer, all of them at once", () =>
    Effect.gen(function* () {
      const told = yield* sections({
        sections: ["summary", "curve", "statistics", "trades", "orders", "denied", "held", "options"]
      })
      assert.isBelow(JSON.stringify(told).length, 16_000)
      assert.strictEqual(told.trades?.total, 5000)
      assert.isAbove(told.trades?.rows.length ?? 0, 0)
      assert.isAbove(told.statistics?.lean.length ?? 0, 10)
    })
  )

  it.effect("go on in one list, row after row, and each is told once", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      let cursor: string | undefined
      do {
        const { denied } = yield* sections({ sections: ["denied"], cursor })
        seen.push(...(denied?.rows ?? []).map(({ orderId }) => orderId))
        cursor = denied?.nextCursor ?? undefined
      } while (cursor !== undefined)
      assert.lengthOf(seen, 1667)
      assert.deepStrictEqual(
        seen,
        Array.from({ length: 1667 }, (_, i) => `o-${3 * i}`)
      )
    })
  )

  it.effect("a cursor of one list is no cursor of another, nor of two", () =>
    Effect.gen(function* () {
      const both = yield* sections({ sections: ["orders", "trades"] })
      const cursor = both.orders?.nextCursor ?? undefined
      const alone = yield* sections({ sections: ["orders"], cursor })
      assert.strictEqual(alone.orders?.rows[0]?.orderId, `o-${both.orders?.rows.length}`)
      for (const wrong of [["trades"], ["orders", "trades"], ["summary"]] as const) {
        const refused = yield* Effect.result(sections({ sections: wrong, cursor }))
        assert.isTrue(Result.isFailure(refused))
      }
    })
  )

  it.effect("are only those that were asked for", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(Object.keys(yield* sections({ sections: ["curve"] })), ["curve"])
      assert.deepStrictEqual(Object.keys(yield* sections({ sections: ["summary"] })), ["inputs", "figures"])
    })
  )
})

describe("a sweep's figures", () => {
  const grid: Grid = [
    { parameter: "fast", values: [5, 8, 10] },
    { parameter: "slow", values: [50, 60] }
  ]
  /** Sharpe ratios in the grid's order: by fast, then slow. */
  const points = (sharpes: ReadonlyArray<number | null>): ReadonlyArray<SweepPoint> =>
    sharpes.map((sharpe, index) => ({
      _tag: "Done",
      index,
      values: { fast: [5, 8, 10][Math.floor(index / 2)] ?? 0, slow: index % 2 === 0 ? 50 : 60 },
      engine: "vector",
      figures: { totalReturn: (sharpe ?? 0) / 10, entries: index, exits: index, sharpe, maxDrawdown: -0.1 }
    }))

  it("are the best first, the worst, and what is one step around the best", () => {
    const told = sweepFigures(grid, points([0.1, 0.2, 0.9, 0.5, -0.3, 0.4]))
    assert.deepStrictEqual(told.columns, [
      "fast",
      "slow",
      "total_return",
      "entries",
      "sharpe",
      "max_drawdown"
    ])
    assert.deepStrictEqual(told.best[0], [8, 50, 0.09, 2, 0.9, -0.1])
    assert.deepStrictEqual(told.best[1], [8, 60, 0.05, 3, 0.5, -0.1])
    assert.deepStrictEqual(told.worst, [10, 50, -0.03, 4, -0.3, -0.1])
    // Around (8, 50) are all others: 0.1, 0.2, 0.5, −0.3 and 0.4; around (5, 60) 0.1, 0.9 and 0.5,
    // and with itself the same as around (5, 50), which is lower.
    assert.deepInclude(told.stability, {
      neighbours: 5,
      neighbourSharpe: 0.18,
      neighbourLowest: -0.3,
      plateauScore: 0.2,
      steadiest: [5, 60, 0.02, 1, 0.2, -0.1],
      sharpeMedian: 0.2,
      sharpeTenth: -0.3,
      sharpeNinetieth: 0.9
    })
    assert.strictEqual(told.stability.profitable, 0.833333)
    assert.strictEqual(told.variance?.isFull, true)
    // Means by fast 0.15, 0.7, 0.05 and by slow 0.7 ÷ 3, 1.1 ÷ 3, about 0.3; squares 0.82 in all.
    assert.deepStrictEqual(told.variance?.parts, [
      { of: "fast", share: 0.597561 },
      { of: "slow", share: 0.03252 },
      { of: "fast with slow", share: 0.369919 }
    ])
    assert.strictEqual(told.variance?.rest, 0)
  })

  it("count what was refused and what failed, with the reasons that came most", () => {
    const done = points([0.1, 0.2])
    const refused = Array.from({ length: 30 }, (_, i): SweepPoint => ({
      _tag: "Refused",
      index: 2 + i,
      values: { fast: 60, slow: 50 },
      reason: i < 20 ? "fast must be below slow" : `another ${i}`
    }))
    const failed: SweepPoint = {
      _tag: "Failed",
      index: 99,
      values: { fast: 5, slow: 50 },
      failure: { kind: "threw", message: "m".repeat(5000) }
    }
    const told = sweepFigures(grid, [...done, ...refused, failed])
    assert.deepInclude(told, { points: 33, done: 2, refused: 30, failed: 1 })
    assert.deepStrictEqual(told.reasons[0], { reason: "fast must be below slow", count: 20 })
    assert.isBelow(JSON.stringify(told).length, 3000)
  })

  it("of a sweep without a Sharpe ratio, or without a point, are none", () => {
    const flat = sweepFigures(grid, points([null, null]))
    assert.deepInclude(flat, { done: 2, worst: null })
    assert.deepInclude(flat.stability, { neighbours: 0, neighbourSharpe: null, sharpeMedian: null })
    assert.deepInclude(sweepFigures(grid, []), { points: 0, best: [], worst: null })
    assert.isNull(flat.variance)
    assert.isNull(sweepFigures(grid, []).stability.profitable)
  })
})
