import { describe, expect, it } from "vitest"
import { Result } from "effect"
import { gridPoints, MAX_POINTS, readGrid, readValue, sizeOf } from "../../src/backtest/Grid.ts"
import { bestOf, figuresOf, machineRow, type SweepPoint, turnsOf } from "../../src/backtest/Sweep.ts"
import { choice, decimal, flag, whole } from "../../src/session/Parameters.ts"
import { defineStrategy } from "../../src/session/StrategyDefinition.ts"
import { InstrumentId } from "../../src/domain/Identifiers.ts"
import { shares } from "../../src/domain/Money.ts"

const definition = defineStrategy({
  name: "two-means",
  title: "Two means",
  summary: "for tests",
  instruments: { least: 1, most: 1 },
  parameters: {
    fast: whole({ default: 10, minimum: 1, maximum: 500, meaning: "closes" }),
    slow: whole({ default: 50, minimum: 2, maximum: 5000, meaning: "closes" }),
    band: decimal({ default: 0, minimum: -1, maximum: 1, meaning: "around it" }),
    shorts: flag({ default: false, meaning: "also the other way" }),
    mean: choice({ choices: ["simple", "weighted"], default: "simple", meaning: "kind" })
  },
  make: () => ({ onBar: () => [] })
})

const grid = (...texts: ReadonlyArray<string>) =>
  Result.match(readGrid(definition, texts), {
    onFailure: ({ message }) => message,
    onSuccess: (axes) => axes.map(({ parameter, values }) => [parameter, ...values])
  })

describe("readGrid", () => {
  it("takes lists, ranges, and both in one list, each kind of parameter as its own kind of value", () => {
    expect(grid("fast=5,8,10", "slow=50..70:10, 100")).toEqual([
      ["fast", 5, 8, 10],
      ["slow", 50, 60, 70, 100]
    ])
    expect(grid("fast=3..5")).toEqual([["fast", 3, 4, 5]])
    expect(grid("shorts=false,true", "mean=weighted")).toEqual([
      ["shorts", false, true],
      ["mean", "weighted"]
    ])
  })

  it("counts decimals as by hand, the last one included when a step meets it", () => {
    expect(grid("band=0.1..0.5:0.1")).toEqual([["band", 0.1, 0.2, 0.3, 0.4, 0.5]])
    expect(grid("band=-0.05..0.06:0.05")).toEqual([["band", -0.05, 0, 0.05]])
  })

  it("names the nearest parameter for one that there is not", () => {
    expect(grid("fsat=5")).toBe(
      'strategy two-means has no parameter "fsat": did you mean fast? It has fast, slow, band, shorts, mean'
    )
    expect(grid("constructor=5")).toContain('no parameter "constructor"')
  })

  it("says what is wrong with a list: nothing in it, a value outside its range, one that is twice there, no number", () => {
    expect(grid()).toBe("a sweep needs a grid: say it as NAME=5,8,10 or NAME=5..40:5")
    expect(grid("fast")).toContain('"fast" is no grid')
    expect(grid("fast=")).toContain("the grid of fast has an empty value")
    expect(grid("fast=5,,8")).toContain("the grid of fast has an empty value")
    expect(grid("fast=5,600")).toBe(
      "the grid of fast has 600: expected a whole number from 1 to 500, as a list or FIRST..LAST:STEP"
    )
    expect(grid("fast=2.5")).toContain("the grid of fast has 2.5")
    expect(grid("fast=five")).toContain('the grid of fast has "five"')
    expect(grid("fast=NaN")).toContain('the grid of fast has "NaN"')
    expect(grid("fast=5,8,5")).toBe("the grid of fast has 5 twice")
    expect(grid("fast=5..8,6")).toBe("the grid of fast has 6 twice")
    expect(grid("fast=10..5")).toContain('the grid of fast has "10..5"')
    expect(grid("fast=5..10:0")).toContain('the grid of fast has "5..10:0"')
    expect(grid("mean=geometric")).toContain("expected one of simple, weighted")
    expect(grid("fast=5", "fast=8")).toBe("fast has two grids: put its values in one list")
  })

  it("refuses more points than a sweep can have, and says what to do", () => {
    expect(grid("fast=1..64", "slow=101..164")).toHaveLength(2)
    expect(grid("fast=1..65", "slow=101..164")).toBe(
      `the grid has 4160 points, and ${MAX_POINTS} is the most of one sweep: take larger steps, sweep part of it at a time, or draw a sample of it`
    )
    expect(grid("band=-1..1:0.000001")).toContain('the grid of band has "-1..1:0.000001"')
  })
})

describe("gridPoints", () => {
  it("goes through the last axis fastest, in the order that was given", () => {
    const read = Result.getOrThrow(readGrid(definition, ["slow=60,50", "fast=5,8,10"]))
    expect(sizeOf(read)).toBe(6)
    expect(gridPoints(read).map(({ fast, slow }) => `${String(slow)}/${String(fast)}`)).toEqual([
      "60/5",
      "60/8",
      "60/10",
      "50/5",
      "50/8",
      "50/10"
    ])
  })
})

describe("readValue", () => {
  it("takes one value within its range", () => {
    expect(readValue(definition, "slow", "80")).toEqual(Result.succeed(80))
    expect(Result.isFailure(readValue(definition, "slow", "80,90"))).toBe(true)
    expect(Result.isFailure(readValue(definition, "slow", "1"))).toBe(true)
    expect(Result.isFailure(readValue(definition, "slwo", "80"))).toBe(true)
  })
})

describe("figuresOf", () => {
  const cash = 100
  const of = (...equity: ReadonlyArray<number>) =>
    figuresOf({ equity: Float64Array.from(equity), cash, entries: 2, exits: 1 })

  it("gives what a table worked out by hand gives", () => {
    // Returns 0, 10%, −10%, 0, 20%: mean 4%, deviations −4, 6, −14, −4, 16 points, sum of squares 0.052.
    const { figures, returns } = of(100, 110, 99, 99, 118.8)
    expect(Array.from(returns, (one) => Number(one.toFixed(12)))).toEqual([0, 0.1, -0.1, 0, 0.2])
    expect(figures.totalReturn).toBeCloseTo(0.188, 12)
    expect(figures.sharpe).toBeCloseTo((0.04 / Math.sqrt(0.052 / 4)) * Math.sqrt(252), 10)
    expect(figures.maxDrawdown).toBeCloseTo(-0.1, 12)
    expect(figures).toMatchObject({ entries: 2, exits: 1 })
  })

  it("finds the deepest fall, whether a new peak comes after it or not", () => {
    expect(of(100, 50, 200, 150).figures.maxDrawdown).toBe(-0.5)
    expect(of(100, 90, 200, 80).figures.maxDrawdown).toBe(-0.6)
    expect(of(110, 105, 120, 118, 130).figures.maxDrawdown).toBe(105 / 110 - 1)
  })

  it("counts the starting cash as a return's start and as a peak", () => {
    const { figures, returns } = of(90, 95)
    expect(returns[0]).toBe(90 / 100 - 1)
    expect(figures.maxDrawdown).toBe(90 / 100 - 1)
  })

  it("has no Sharpe ratio where returns do not vary, and a fall of nothing where nothing fell", () => {
    const still = { totalReturn: 0, entries: 2, exits: 1, sharpe: null, maxDrawdown: 0 }
    expect(of(100, 100, 100).figures).toEqual(still)
    expect(of(100).figures).toEqual(still)
    expect(of(150).figures.sharpe).toBeNull()
  })
})

describe("turnsOf", () => {
  const fill = (id: string, side: "BUY" | "SELL", count: number) => ({
    instrumentId: InstrumentId.make(id),
    side,
    quantity: shares(count)
  })

  it("counts openings and closings of each instrument, not the fills in between", () => {
    const fills = [
      fill("A.XNYS", "BUY", 10),
      fill("B.XNYS", "SELL", 5),
      fill("A.XNYS", "BUY", 10),
      fill("A.XNYS", "SELL", 15),
      fill("A.XNYS", "SELL", 5),
      fill("B.XNYS", "BUY", 5),
      fill("A.XNYS", "BUY", 1)
    ]
    expect(turnsOf(fills)).toEqual({ entries: 3, exits: 2 })
  })

  it("counts a fill that changes sides as both", () => {
    expect(turnsOf([fill("A.XNYS", "BUY", 10), fill("A.XNYS", "SELL", 30)])).toEqual({ entries: 2, exits: 1 })
  })
})

describe("points", () => {
  const done = (index: number, sharpe: number | null): SweepPoint => ({
    _tag: "Done",
    index,
    values: { fast: index, slow: 50 },
    engine: "vector",
    figures: { totalReturn: 0.1, entries: 3, exits: 2, sharpe, maxDrawdown: -0.2 }
  })
  const refused: SweepPoint = { _tag: "Refused", index: 9, values: {}, reason: "no" }

  it("are best by the highest Sharpe ratio, the first of equal ones", () => {
    expect(bestOf([refused, done(1, null), done(2, -1), done(3, 2), done(4, 2), done(5, 1)])?.index).toBe(3)
    expect(bestOf([refused, done(1, null)])).toBeUndefined()
  })

  it("are rows of exactly the parameters and the four figures for machines", () => {
    const point = done(5, 0.5)
    expect(point._tag === "Done" ? JSON.stringify(machineRow(point)) : "").toBe(
      '{"fast":5,"slow":50,"total_return":0.1,"entries":3,"sharpe":0.5,"max_drawdown":-0.2}'
    )
  })
})
