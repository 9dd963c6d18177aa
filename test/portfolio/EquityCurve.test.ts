import { describe, expect, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import {
  dailyReturns,
  deepestDrawdown,
  drawdownSeries,
  equityCurve,
  extremeDays,
  returnTable,
  ruinedOn,
  since
} from "../../src/portfolio/EquityCurve.ts"
import { curveOf, days } from "./Curves.ts"

const reasonAgainst = (dates: ReadonlyArray<string>, equities: ReadonlyArray<number>): string => {
  const result = equityCurve(
    dates.map((date) => sessionDate(date)),
    Float64Array.from(equities)
  )
  return Result.isFailure(result) ? result.failure.message : ""
}

describe("an equity curve is refused, with the reason", () => {
  it("where a date is missing, or every point", () => {
    expect(reasonAgainst(["2001-01-01"], [1, 2])).toContain("1 dates and 2 equities")
    expect(reasonAgainst([], [])).toContain("at least one point")
  })

  it("where an equity is not a finite number", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(reasonAgainst(["2001-01-01", "2001-01-02"], [1, bad])).toContain("finite equity on 2001-01-02")
    }
    expect(reasonAgainst(["2001-01-01"], [Number.NaN])).toContain("finite equity on 2001-01-01")
  })

  it("where dates do not ascend, or it starts at nothing", () => {
    expect(reasonAgainst(["2001-01-02", "2001-01-02"], [1, 1])).toContain("ascending dates")
    expect(reasonAgainst(["2001-01-02"], [0])).toContain("a start above zero")
  })
})

describe("drawdowns by hand", () => {
  // 100, 120, 90 (−25% from 120), 120 again, 108 (−10%).
  const curve = curveOf([100, 120, 90, 120, 108])

  it("the series is zero at each peak and below zero elsewhere", () => {
    expect([...drawdownSeries(curve)]).toEqual([0, 0, -0.25, 0, 108 / 120 - 1])
  })

  it("the deepest names peak, trough and the day equity was back at the peak", () => {
    expect(deepestDrawdown(curve)).toEqual(
      Option.some({ depth: -0.25, peak: days(5)[1], trough: days(5)[2], recovery: Option.some(days(5)[3]) })
    )
  })

  it("without a recovery there is none, and without a fall no drawdown", () => {
    expect(Option.getOrThrow(deepestDrawdown(curveOf([10, 5, 9]))).recovery).toEqual(Option.none())
    expect(deepestDrawdown(curveOf([1, 2, 2, 3]))).toEqual(Option.none())
  })

  it("of two equal falls the first is named, and a peak reached twice counts from its first day", () => {
    const twice = Option.getOrThrow(deepestDrawdown(curveOf([100, 100, 80, 100, 80])))
    expect(twice).toMatchObject({ peak: days(5)[0], trough: days(5)[2] })
  })

  it.prop(
    "the deepest drawdown is the least of the series",
    {
      equities: Schema.Array(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))))
    },
    ({ equities }) => {
      const any = curveOf([500, ...equities])
      const depth = Option.match(deepestDrawdown(any), { onNone: () => 0, onSome: (d) => d.depth })
      expect(depth).toBe(Math.min(...drawdownSeries(any)))
    },
    { arbitrary: { runs: 500, size: 40 } }
  )
})

describe("returns by period", () => {
  const curve = curveOf(
    [100, 110, 99, 99, 132],
    ["2001-12-28", "2001-12-31", "2002-01-02", "2002-02-28", "2002-03-01"]
  )

  it("a period counts from the last equity before it; months without a day have none", () => {
    const [first, second] = returnTable(curve)
    expect(first?.year).toBe(2001)
    expect(first?.months.map(Option.getOrNull)).toEqual([
      ...Array.from({ length: 11 }, () => null),
      110 / 100 - 1
    ])
    expect(second?.months.slice(0, 3)).toEqual([
      Option.some(99 / 110 - 1),
      Option.some(0),
      Option.some(132 / 99 - 1)
    ])
    expect([first?.total, second?.total]).toEqual([Option.some(110 / 100 - 1), Option.some(132 / 110 - 1)])
  })

  it("months compound to their year", () => {
    for (const { months, total } of returnTable(curve)) {
      const compounded = months.reduce(
        (product, month) => product * (1 + Option.getOrElse(month, () => 0)),
        1
      )
      expect(compounded - 1).toBeCloseTo(Option.getOrThrow(total), 14)
    }
  })

  it("a curve of one point has no table", () => {
    expect(returnTable(curveOf([1]))).toEqual([])
  })

  it("once the account is worth nothing there are no returns", () => {
    const ruined = curveOf([100, -5, 10], ["2001-01-31", "2001-02-01", "2001-03-01"])
    expect(returnTable(ruined)[0]?.months.every(Option.isNone)).toBe(true)
    expect(ruinedOn(ruined)).toEqual(Option.some("2001-02-01"))
    expect(extremeDays(ruined)).toEqual(Option.none())
  })
})

describe("parts of a curve", () => {
  const curve = curveOf([100, 110, 121, 60.5])

  it("daily returns are one fewer than points", () => {
    expect([...dailyReturns(curve)]).toEqual([110 / 100 - 1, 121 / 110 - 1, -0.5])
  })

  it("the best and the worst day are named", () => {
    expect(extremeDays(curve)).toMatchObject(
      Option.some({ best: { date: days(4)[1] }, worst: { date: days(4)[3], value: -0.5 } })
    )
    expect(extremeDays(curveOf([1]))).toEqual(Option.none())
  })

  it("since a date starts from the last point before it", () => {
    const later = Option.getOrThrow(since(curve, days(4)[2] ?? sessionDate("")))
    expect([...later.equities]).toEqual([110, 121, 60.5])
    expect(Option.getOrThrow(since(curve, sessionDate("1999-01-01"))).dates).toEqual(curve.dates)
    expect(since(curve, sessionDate("2050-01-01"))).toEqual(Option.none())
  })
})
