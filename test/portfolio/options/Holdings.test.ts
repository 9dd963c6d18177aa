import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { instrumentId } from "../../../src/domain/Identifiers.ts"
import { MICROS, money, price, shares, signedQuantity, zeroMoney } from "../../../src/domain/Money.ts"
import type { StructureLeg } from "../../../src/options/Structure.ts"
import { hasOptions, structuresOf, structureValue } from "../../../src/portfolio/options/Holdings.ts"
import { positionValue } from "../../../src/portfolio/Ledger.ts"
import type { Position } from "../../../src/portfolio/Position.ts"
import { aapl, option, stock } from "../../options/OptionLegs.ts"

const held = (leg: StructureLeg, cost = 0): Position => ({
  instrumentId: leg.instrumentId,
  multiplier: leg.contract === undefined ? 1 : 100,
  ...(leg.contract === undefined ? {} : { contract: leg.contract }),
  quantity: signedQuantity(Math.round(leg.quantity * MICROS)),
  cost: money(cost),
  realised: zeroMoney,
  realisedFifo: zeroMoney,
  lots: []
})

const idsOf = (...legs: ReadonlyArray<StructureLeg>): ReadonlyArray<string> =>
  structuresOf(legs.map((leg) => held(leg))).map(
    ({ id, structure }) => `${structure.units} ${id.replace("AAPL-", "")}`
  )

const july = "2014-07-19"

describe("positions as structures", () => {
  it("sold calls are covered by shares as far as these go; the rest stands alone", () => {
    expect(idsOf(stock(250), option(-3, "C 95"))).toEqual([
      "2 COVERED-CALL-140613-C-95",
      "1 SINGLE-140613-C-95",
      "50 SHARES"
    ])
  })

  it("a put that is held makes a collar of a covered call of its expiry", () => {
    expect(idsOf(stock(200), option(-2, "C 95"), option(1, "P 85"), option(1, `P 80 ${july}`))).toEqual([
      "1 COLLAR-140613-85-95",
      "1 COVERED-CALL-140613-C-95",
      "1 SINGLE-140719-P-80"
    ])
  })

  it("an iron condor is one before it is two verticals, and before shares cover its call", () => {
    const condor = [option(2, "P 80"), option(-2, "P 85"), option(-2, "C 100"), option(2, "C 105")]
    expect(idsOf(...condor)).toEqual(["2 IRON-CONDOR-140613-80-85-100-105"])
    expect(idsOf(stock(200), ...condor)).toEqual(["2 IRON-CONDOR-140613-80-85-100-105", "200 SHARES"])
  })

  it("a quantity is divided between what it is part of", () => {
    expect(
      idsOf(
        option(1, "P 80"),
        option(-3, "P 85"),
        option(-1, "C 100"),
        option(1, "C 105"),
        option(1, "P 82.5")
      )
    ).toEqual(["1 IRON-CONDOR-140613-82.5-85-100-105", "1 VERTICAL-140613-P-80-85", "1 SINGLE-140613-P-85"])
  })

  it("two verticals that meet in the middle are a butterfly", () => {
    expect(idsOf(option(-2, "C 95"), option(1, "C 90"), option(1, "C 100"))).toEqual([
      "1 BUTTERFLY-140613-C-90-95-100"
    ])
  })

  it("what is sold against something bought goes before strangles, and strangles before a put alone", () => {
    expect(idsOf(option(-1, "P 85"), option(-1, "C 95"), option(1, "C 100"))).toEqual([
      "1 VERTICAL-140613-C-95-100",
      "1 SINGLE-140613-P-85"
    ])
    expect(idsOf(option(-1, "P 85"), option(-2, "C 95"))).toEqual([
      "1 STRANGLE-140613-85-95",
      "1 SINGLE-140613-C-95"
    ])
  })

  it("calendars and diagonals are of the nearest two expiries", () => {
    expect(
      idsOf(option(-1, "C 95"), option(1, `C 95 ${july}`), option(-1, "P 90"), option(1, "P 85 2014-08-16"))
    ).toEqual(["1 CALENDAR-140613-140719-C-95", "1 DIAGONAL-140613-140816-P-90-85"])
  })

  it("a contract of an adjusted series is covered by what it delivers and paired with its own only", () => {
    const adjusted = { root: "AAPL1", deliverable: shares(15) }
    expect(
      structuresOf(
        [stock(45), option(-2, "C 90", adjusted), option(1, "C 95"), option(1, "C 92", adjusted)].map((leg) =>
          held(leg)
        )
      ).map(({ id, structure }) => `${structure.units} ${id}`)
    ).toEqual([
      "2 AAPL1-COVERED-CALL-140613-C-90",
      "1 AAPL1-SINGLE-140613-C-92",
      "1 AAPL-SINGLE-140613-C-95",
      "15 AAPL-SHARES"
    ])
  })

  it("shares without options are a structure without options", () => {
    const [first] = structuresOf([held(stock(10.5))])
    expect(first).toMatchObject({ id: "AAPL-SHARES", structure: { title: "AAPL shares" } })
    expect(first !== undefined && hasOptions(first)).toBe(false)
  })

  it("the shares' part of a covered call has their cost in proportion", () => {
    const positions = [held(stock(300), 90_000_000), held(option(-1, "C 95"), -200_000_000)]
    const [covered, rest] = structuresOf(positions)
    const marks = new Map([
      [aapl, price(400_000)],
      [option(-1, "C 95").instrumentId, price(1_500_000)]
    ])
    expect(covered !== undefined && structureValue(covered, marks)).toEqual({
      cost: 30_000_000 - 200_000_000,
      marketValue: 40_000_000 - 150_000_000,
      unrealised: 60_000_000
    })
    expect(rest !== undefined && structureValue(rest, marks)).toEqual({
      cost: 60_000_000,
      marketValue: 80_000_000,
      unrealised: 20_000_000
    })
    expect(covered !== undefined && structureValue(covered, new Map())).toBeUndefined()
  })
})

const spy = instrumentId("SPY.ARCX")

const Leg = fc.oneof(
  fc
    .record({
      quantity: fc.integer({ min: -6, max: 6 }),
      right: fc.constantFrom("C", "P"),
      strike: fc.constantFrom(80, 85, 90, 92.5, 95, 100),
      expiry: fc.constantFrom("2014-06-13", july),
      series: fc.constantFrom(
        {},
        {},
        { root: "AAPL1", deliverable: shares(15) },
        { root: "SPY", underlying: spy }
      )
    })
    .map(({ expiry, quantity, right, series, strike }) =>
      option(quantity, `${right} ${strike} ${expiry}`, series)
    ),
  fc
    .record({ micros: fc.integer({ min: -500_000_000, max: 900_000_000 }), id: fc.constantFrom(aapl, spy) })
    .map(({ id, micros }) => stock(micros / MICROS, id))
)

const Positions = fc
  .uniqueArray(fc.tuple(Leg, fc.integer({ min: -1e12, max: 1e12 })), {
    selector: ([{ instrumentId: id }]) => id,
    maxLength: 24
  })
  .map((legs) => legs.map(([leg, cost]) => held(leg, cost)))

describe("whatever is held", () => {
  it("the parts sum to the whole: quantity, cost and value of each position", () => {
    fc.assert(
      fc.property(Positions, (positions) => {
        const structures = structuresOf(positions)
        const marks = new Map(
          positions.map(({ instrumentId: id }, i) => [id, price(1_234_567 * (i + 1))] as const)
        )
        let worth = 0
        for (const position of positions) {
          const parts = structures.flatMap((one) => one.parts).filter((part) => part.position === position)
          const sum = (of: (part: (typeof parts)[number]) => number): number =>
            parts.reduce((all, part) => all + of(part), 0)
          expect(sum((part) => part.quantity)).toBe(position.quantity)
          if (position.quantity === 0) continue
          expect(sum((part) => part.cost)).toBe(position.cost)
          expect(parts.every((part) => Math.sign(part.quantity) === Math.sign(position.quantity))).toBe(true)
          worth += positionValue(position, marks.get(position.instrumentId) ?? price(0))
        }
        const values = structures.map((one) => structureValue(one, marks)?.marketValue ?? Number.NaN)
        expect(values.reduce((all, value) => all + value, 0)).toBe(worth)
      })
    )
  })

  it("the order of the positions does not matter, and no two structures have one id", () => {
    fc.assert(
      fc.property(
        Positions.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
          )
        ),
        ([positions, shuffled]) => {
          const structures = structuresOf(positions)
          expect(structuresOf(shuffled)).toEqual(structures)
          expect(new Set(structures.map(({ id }) => id)).size).toBe(structures.length)
        }
      )
    )
  })

  it("a structure has a name, its legs are in whole units, and it is recognised from them alone", () => {
    fc.assert(
      fc.property(Positions, (positions) => {
        for (const { structure } of structuresOf(positions)) {
          expect(structure.name).not.toBe("CUSTOM")
          if (structure.name === "SHARES") continue
          for (const { quantity } of structure.legs)
            expect(Number.isInteger(quantity / structure.units)).toBe(true)
        }
      })
    )
  })
})
