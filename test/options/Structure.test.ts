import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { pricePerShare, shares } from "../../src/domain/Money.ts"
import { recognise, structureId, type StructureLeg } from "../../src/options/Structure.ts"
import { option, stock } from "./OptionLegs.ts"

const july = "2014-07-19"

interface Known {
  readonly legs: ReadonlyArray<StructureLeg>
  readonly name: string
  readonly title: string
  readonly id: string
  readonly units?: number
}

const known: ReadonlyArray<Known> = [
  {
    legs: [option(-2, "P 90"), option(2, "P 85")],
    name: "VERTICAL",
    title: "AAPL bull put vertical 2014-06-13 90/85",
    id: "AAPL-VERTICAL-140613-P-85-90",
    units: 2
  },
  {
    legs: [option(-1, "C 90"), option(1, "C 95")],
    name: "VERTICAL",
    title: "AAPL bear call vertical 2014-06-13 90/95",
    id: "AAPL-VERTICAL-140613-C-90-95"
  },
  {
    legs: [option(1, `C 95 ${july}`), option(-1, "C 95")],
    name: "CALENDAR",
    title: "AAPL long call calendar 2014-06-13/2014-07-19 95",
    id: "AAPL-CALENDAR-140613-140719-C-95"
  },
  {
    legs: [option(-1, `P 90 ${july}`), option(1, "P 92.5")],
    name: "DIAGONAL",
    title: "AAPL short put diagonal 2014-06-13 92.5/2014-07-19 90",
    id: "AAPL-DIAGONAL-140613-140719-P-92.5-90"
  },
  {
    legs: [option(3, "C 95"), option(3, "P 95")],
    name: "STRADDLE",
    title: "AAPL long straddle 2014-06-13 95",
    id: "AAPL-STRADDLE-140613-95",
    units: 3
  },
  {
    legs: [option(-1, "C 100"), option(-1, "P 90")],
    name: "STRANGLE",
    title: "AAPL short strangle 2014-06-13 90/100",
    id: "AAPL-STRANGLE-140613-90-100"
  },
  {
    legs: [option(1, "P 80"), option(-1, "P 85"), option(-1, "C 100"), option(1, "C 105")],
    name: "IRON_CONDOR",
    title: "AAPL short iron condor 2014-06-13 80/85/100/105",
    id: "AAPL-IRON-CONDOR-140613-80-85-100-105"
  },
  {
    legs: [option(-1, "P 85"), option(1, "P 95"), option(1, "C 95"), option(-1, "C 100")],
    name: "IRON_BUTTERFLY",
    title: "AAPL long iron butterfly 2014-06-13 85/95/100",
    id: "AAPL-IRON-BUTTERFLY-140613-85-95-100"
  },
  {
    legs: [option(2, "C 90"), option(-4, "C 95"), option(2, "C 100")],
    name: "BUTTERFLY",
    title: "AAPL long call butterfly 2014-06-13 90/95/100",
    id: "AAPL-BUTTERFLY-140613-C-90-95-100",
    units: 2
  },
  {
    legs: [stock(200), option(-2, "C 95")],
    name: "COVERED_CALL",
    title: "AAPL covered call 2014-06-13 95",
    id: "AAPL-COVERED-CALL-140613-C-95",
    units: 2
  },
  {
    legs: [option(1, "P 85"), stock(100), option(-1, "C 95")],
    name: "COLLAR",
    title: "AAPL collar 2014-06-13 85/95",
    id: "AAPL-COLLAR-140613-85-95"
  },
  {
    legs: [option(-1, "P 85")],
    name: "CASH_SECURED_PUT",
    title: "AAPL cash-secured put 2014-06-13 85",
    id: "AAPL-SINGLE-140613-P-85"
  },
  {
    legs: [option(5, "C 85")],
    name: "SINGLE",
    title: "AAPL long call 2014-06-13 85",
    id: "AAPL-SINGLE-140613-C-85",
    units: 5
  },
  { legs: [stock(-30)], name: "SHARES", title: "AAPL short shares", id: "AAPL-SHARES", units: 30 }
]

describe("structures by name", () => {
  it.each(known)("$title", ({ id, legs, name, title, units = 1 }) => {
    const found = recognise(legs)
    expect(found).toMatchObject({ name, title, units })
    expect(structureId(found)).toBe(id)
  })

  it("are the same in whatever order the legs are given, and with a leg in two parts", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...known).chain(({ legs }) => fc.tuple(fc.constant(legs), shuffled(legs))),
        ([legs, other]) => {
          const split = other.flatMap((leg) => [
            { ...leg, quantity: leg.quantity - 7 },
            { ...leg, quantity: 7 }
          ])
          expect(recognise(split)).toEqual(recognise(legs))
        }
      )
    )
  })

  it("of opposite legs have the same id: a structure is closed by its own name", () => {
    for (const { id, legs, name } of known) {
      if (name === "COVERED_CALL" || name === "COLLAR") continue
      const closing = legs.map((leg) => ({ ...leg, quantity: -leg.quantity }))
      expect(structureId(recognise(closing))).toBe(id)
    }
  })
})

describe("what has no name is custom", () => {
  const custom: ReadonlyArray<readonly [string, ReadonlyArray<StructureLeg>]> = [
    ["a ratio spread", [option(1, "C 95"), option(-2, "C 100")]],
    ["a box", [option(1, "C 90"), option(-1, "C 95"), option(-1, "P 90"), option(1, "P 95")]],
    ["shares for half of the call", [stock(50), option(-1, "C 95")]],
    ["shares sold with a put", [stock(-100), option(-1, "P 85")]],
    ["a collar whose put is above its call", [stock(100), option(1, "P 100"), option(-1, "C 95")]],
    ["an iron condor of two expiries", [...(known[6]?.legs.slice(0, 3) ?? []), option(1, `C 105 ${july}`)]],
    [
      "a vertical of two deliverables",
      [option(1, "C 90", { root: "AAPL1", deliverable: shares(15) }), option(-1, "C 95")]
    ],
    [
      "legs of two underlyings",
      [option(1, "C 90"), option(-1, "C 95", { underlying: instrumentId("SPY.ARCX"), root: "SPY" })]
    ]
  ]
  it.each(custom)("%s", (_, legs) => {
    expect(recognise(legs).name).toBe("CUSTOM")
    expect(structureId(recognise(legs))).toMatch(/^[A-Z0-9+]+-CUSTOM-[0-9A-F]{8}$/u)
  })

  it("a sold put that is settled in cash is no cash-secured put", () => {
    const put = option(-1, "P 1800", { root: "SPX", settlement: "CASH", strike: pricePerShare(1800) })
    expect(recognise([put])).toMatchObject({ name: "SINGLE", title: "SPX short put 2014-06-13 1800" })
  })

  it("a covered call of an adjusted series needs the shares that the series delivers", () => {
    const call = option(-2, "C 90", { root: "AAPL1", deliverable: shares(15) })
    expect(recognise([stock(30), call])).toMatchObject({
      name: "COVERED_CALL",
      title: "AAPL1 covered call 2014-06-13 90",
      units: 2
    })
    expect(recognise([stock(200), call]).name).toBe("CUSTOM")
  })

  it("nothing at all is custom without legs", () => {
    expect(recognise([option(1, "C 95"), option(-1, "C 95")])).toMatchObject({ name: "CUSTOM", legs: [] })
  })
})

const shuffled = <A>(all: ReadonlyArray<A>) =>
  fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length })
