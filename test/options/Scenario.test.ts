import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { europeanGreeks, europeanPrice } from "../../src/options/BlackScholes.ts"
import { legModel } from "../../src/options/LegModel.ts"
import { signOf } from "../../src/options/OptionInputs.ts"
import type { Leg, LegModel } from "../../src/options/Position.ts"
import { scenarioGrid } from "../../src/options/Scenario.ts"

const model: LegModel = {
  price: (i) =>
    europeanPrice(signOf(i.right), i.spot, i.strike, i.years, i.rate, i.dividendYield, i.volatility),
  greeks: (i) =>
    europeanGreeks(signOf(i.right), i.spot, i.strike, i.years, i.rate, i.dividendYield, i.volatility)
}

const put = {
  _tag: "Option",
  right: "PUT",
  strike: 95,
  years: 0.5,
  rate: 0.03,
  dividendYield: 0.01,
  volatility: 0.3,
  style: "EUROPEAN",
  quantity: 2,
  multiplier: 100,
  entryPrice: 4
} as const
const legs: ReadonlyArray<Leg> = [put, { _tag: "Shares", quantity: 150, entryPrice: 98 }]

const axes = { spots: [80, 95, 110], volatilityShifts: [-0.05, 0, 0.1], elapsedYears: [0, 0.25, 0.5] }
const grid = Result.getOrThrow(scenarioGrid(legs, axes, model))

describe("a scenario grid", () => {
  it("has a cell for each price, volatility and time, in that order from the inside", () => {
    expect(grid.cells).toHaveLength(27)
    expect(
      grid.cells.slice(0, 4).map((cell) => [cell.elapsedYears, cell.volatilityShift, cell.spot])
    ).toEqual([
      [0, -0.05, 80],
      [0, -0.05, 95],
      [0, -0.05, 110],
      [0, 0, 80]
    ])
  })

  it("a cell is every leg repriced there, and its profit that less the cost", () => {
    expect(grid.cost).toBe(2 * 100 * 4 + 150 * 98)
    for (const cell of grid.cells) {
      const value = europeanPrice(
        -1,
        cell.spot,
        95,
        0.5 - cell.elapsedYears,
        0.03,
        0.01,
        0.3 + cell.volatilityShift
      )
      expect(cell.value).toBeCloseTo(200 * value + 150 * cell.spot, 8)
      expect(cell.profit).toBeCloseTo(cell.value - grid.cost, 10)
    }
  })

  it("its Greeks are the slopes of its values", () => {
    const step = 1e-4
    const fine = Result.getOrThrow(
      scenarioGrid(
        legs,
        {
          spots: [95 - step, 95, 95 + step],
          volatilityShifts: [-step, 0, step],
          elapsedYears: [0.25 - step, 0.25, 0.25 + step]
        },
        model
      )
    )
    const at = (time: number, volatility: number, price: number) => {
      const cell = fine.cells[9 * time + 3 * volatility + price]
      if (cell === undefined) throw new Error("no such cell")
      return cell
    }
    const here = at(1, 1, 1)
    expect(here.delta).toBeCloseTo((at(1, 1, 2).value - at(1, 1, 0).value) / (2 * step), 4)
    expect(here.vega).toBeCloseTo((at(1, 2, 1).value - at(1, 0, 1).value) / (2 * step), 3)
    expect(here.theta).toBeCloseTo((at(2, 1, 1).value - at(0, 1, 1).value) / (2 * step), 3)
    expect(here.gamma).toBeCloseTo((at(1, 1, 2).delta - at(1, 1, 0).delta) / (2 * step), 3)
    expect(here.vanna).toBeCloseTo((at(1, 2, 1).delta - at(1, 0, 1).delta) / (2 * step), 3)
    expect(here.volga).toBeCloseTo((at(1, 2, 1).vega - at(1, 0, 1).vega) / (2 * step), 2)
  })

  it("at the expiry an option is worth its intrinsic value", () => {
    const last = grid.cells.filter((cell) => cell.elapsedYears === 0.5)
    expect(last.map(({ value }) => value)).toEqual(
      last.map(({ spot }) => 200 * Math.max(0, 95 - spot) + 150 * spot)
    )
  })

  it("no volatility falls below zero", () => {
    const [low, none] = [-5, -0.3].map((shift) =>
      Result.getOrThrow(
        scenarioGrid(legs, { spots: [90], volatilityShifts: [shift], elapsedYears: [0] }, model)
      )
    )
    expect(low?.cells[0]?.value).toBe(none?.cells[0]?.value)
  })

  it.each([
    ["elapsedYears", { ...axes, elapsedYears: [0.6] }],
    ["spots", { ...axes, spots: [100, Number.NaN] }],
    ["spots", { ...axes, spots: [0] }],
    ["volatilityShifts", { ...axes, volatilityShifts: [Infinity] }],
    ["cells", { ...axes, spots: [] }],
    ["cells", { ...axes, spots: Array.from({ length: 100_001 }, () => 1) }]
  ])("%s that make no sense are refused", (field, wrong) => {
    const refused = scenarioGrid(legs, wrong, model)
    expect(Result.isFailure(refused) && refused.failure.field).toBe(field)
  })

  it("of extreme prices and positions is still a number", () => {
    const extreme = Result.getOrThrow(
      scenarioGrid(
        [
          { ...put, quantity: 1e12 },
          { ...put, quantity: -1e12, right: "CALL" }
        ],
        { spots: [5e-324, 1e-200, 1e100], volatilityShifts: [0, 1e300], elapsedYears: [0, 0.5] },
        model
      )
    )
    for (const cell of extreme.cells)
      for (const value of Object.values(cell)) expect(value).toSatisfy(Number.isFinite)
  })
})

describe("legs valued by the model that fits them", () => {
  const inputs = {
    right: "PUT",
    spot: 90,
    strike: 100,
    years: 1,
    rate: 0.06,
    dividendYield: 0,
    volatility: 0.2
  } as const

  it("a European leg has Black and Scholes's value and Greeks, an American put more", () => {
    for (const accuracy of ["fast", "accurate"] as const) {
      const chosen = legModel(accuracy)
      expect(chosen.price(inputs, "EUROPEAN")).toBe(model.price(inputs, "EUROPEAN"))
      expect(chosen.greeks(inputs, "EUROPEAN")).toEqual(model.greeks(inputs, "EUROPEAN"))
      expect(chosen.price(inputs, "AMERICAN")).toBeGreaterThan(model.price(inputs, "EUROPEAN") + 0.5)
      expect(chosen.greeks(inputs, "AMERICAN").price).toBe(chosen.price(inputs, "AMERICAN"))
    }
  })
})
