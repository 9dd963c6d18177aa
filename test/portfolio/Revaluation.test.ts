import { describe, expect, it } from "@effect/vitest"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import type { SessionDate } from "../../src/domain/Timestamp.ts"
import { revalue } from "../../src/portfolio/Revaluation.ts"
import { days } from "./Curves.ts"

const acme = instrumentId("ACME.XNYS")
const bolt = instrumentId("BOLT.XNYS")
const cold = instrumentId("COLD.XNYS")

/** Closes from the first day on; undefined is a day without one. */
const closes = (values: ReadonlyArray<number | undefined>): ReadonlyMap<SessionDate, number> =>
  new Map(
    days(values.length).flatMap((date, i) => {
      const close = values[i]
      return close === undefined ? [] : [[date, close] as const]
    })
  )

describe("holdings revalued through history", () => {
  it("a day's profit is today's value times that day's return, summed; a short gains when the price falls", () => {
    const { dates, limitedBy, profits, withoutHistory } = revalue(
      [
        { instrumentId: acme, value: 1000, closes: closes([100, 110, 99]) },
        { instrumentId: bolt, value: -400, closes: closes([50, 40, 50]) }
      ],
      days(3)
    )
    expect(Array.from(profits, (x) => Number(x.toFixed(9)))).toEqual([100 + 80, -100 - 100])
    expect(dates).toEqual(days(3).slice(1))
    expect(limitedBy).toBeUndefined()
    expect(withoutHistory).toEqual([])
  })

  it("only days count of which every holding has a close, and of the session before; the shortest history is named", () => {
    const { dates, limitedBy, profits } = revalue(
      [
        { instrumentId: acme, value: 1000, closes: closes([100, 101, 102, 103, 104, 105]) },
        { instrumentId: bolt, value: 1000, closes: closes([undefined, 50, 50, undefined, 50, 50]) }
      ],
      days(6)
    )
    // Bolt's returns are of the third and the sixth day; the fifth would be of two sessions.
    expect(dates).toEqual([days(6)[2], days(6)[5]])
    expect(profits).toHaveLength(2)
    expect(limitedBy).toBe(bolt)
  })

  it("a holding without a return is named and left out of the profits, not taken for one that never moves", () => {
    const { limitedBy, profits, withoutHistory } = revalue(
      [
        { instrumentId: acme, value: 1000, closes: closes([100, 110]) },
        { instrumentId: bolt, value: 1000, closes: closes([50]) },
        { instrumentId: cold, value: 1000, closes: closes([]) }
      ],
      days(2)
    )
    expect(profits).toHaveLength(1)
    expect(profits[0]).toBeCloseTo(100, 9)
    expect(withoutHistory).toEqual([bolt, cold])
    expect(limitedBy).toBeUndefined()
  })

  it("a price of zero gives no return after it", () => {
    const { dates, profits } = revalue(
      [{ instrumentId: acme, value: 1000, closes: closes([100, 0, 5, 6]) }],
      days(4)
    )
    expect(dates).toEqual([days(4)[1], days(4)[3]])
    expect(profits[0]).toBe(-1000)
  })

  it("nothing held, or nothing to look back on, gives no profits", () => {
    expect(revalue([], days(5)).profits).toHaveLength(0)
    expect(revalue([{ instrumentId: acme, value: 1, closes: closes([1]) }], []).profits).toHaveLength(0)
    expect(revalue([{ instrumentId: acme, value: 1, closes: closes([1]) }], days(1)).withoutHistory).toEqual([
      acme
    ])
  })
})
