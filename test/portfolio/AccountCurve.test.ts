import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { dollars, money } from "../../src/domain/Money.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { type AccountClose, accountCurve } from "../../src/portfolio/AccountCurve.ts"
import { dailyReturns, ruinedOn } from "../../src/portfolio/EquityCurve.ts"
import { days } from "./Curves.ts"

/** Equity, deposits and withdrawals of each day, in dollars. */
const closes = (
  rows: ReadonlyArray<readonly [equity: number, deposits?: number, withdrawals?: number]>
): ReadonlyArray<AccountClose> =>
  days(rows.length + 1)
    .slice(1)
    .flatMap((date, i) => {
      const row = rows[i]
      if (row === undefined) return []
      const [equity, deposits = 0, withdrawals = 0] = row
      return [
        { date, equity: dollars(equity), deposits: dollars(deposits), withdrawals: dollars(withdrawals) }
      ]
    })

const curveOf = (rows: Parameters<typeof closes>[0]) => Option.getOrThrow(accountCurve(closes(rows)))

describe("an account's own curve", () => {
  it("begins with what was deposited, the day before the first close", () => {
    const curve = curveOf([[101_000, 100_000], [99_990]])
    expect(curve.dates).toEqual(days(3))
    expect([...curve.equities].map((x) => Number(x.toFixed(6)))).toEqual([100_000, 101_000, 99_990])
  })

  it("a deposit is invested from the day's start, a withdrawal until its end; neither is a return", () => {
    // 1000 gains 10%; 900 more come in and all 2000 gain 5%; half of it goes out after a day without change.
    const returns = dailyReturns(curveOf([[1100, 1000], [2100, 900], [1050, 0, 1050], [1050]]))
    expect([...returns].map((x) => Number(x.toFixed(12)))).toEqual([0.1, 0.05, 0, 0])
  })

  it("an account that was emptied and filled again goes on where it was", () => {
    const curve = curveOf([[110, 100], [0, 0, 110], [0], [55, 50]])
    expect([...curve.equities].map((x) => Number(x.toFixed(9)))).toEqual([100, 110, 110, 110, 121])
  })

  it("an account that lost all stays at nothing, whatever is deposited later", () => {
    const curve = curveOf([[100, 100], [-5], [995, 1000]])
    expect(Option.isSome(ruinedOn(curve))).toBe(true)
    expect(curve.equities.at(-1)).toBe(curve.equities.at(-2))
  })

  it("there is none without a close, or when nothing was ever deposited", () => {
    expect(Option.isNone(accountCurve([]))).toBe(true)
    expect(Option.isNone(accountCurve(closes([[0], [0]])))).toBe(true)
  })

  const amount = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000_000 })))
  it.prop(
    "is flat while nothing is won or lost, whatever comes in and goes out",
    { start: amount, flows: Schema.Array(Schema.Tuple([amount, amount])) },
    ({ flows, start }) => {
      let equity = start + 1
      const rows: Array<AccountClose> = []
      const dates = days(flows.length + 2)
      for (const [i, [deposits, asked]] of [[start + 1, 0] as const, ...flows].entries()) {
        const withdrawals = i === 0 ? 0 : Math.min(asked, equity + deposits)
        equity = (i === 0 ? 0 : equity) + deposits - withdrawals
        rows.push({
          date: dates[i + 1] ?? sessionDate(""),
          equity: money(equity),
          deposits: money(deposits),
          withdrawals: money(withdrawals)
        })
      }
      const { equities } = Option.getOrThrow(accountCurve(rows))
      for (const value of equities) expect(value).toBe(equities[0])
    },
    { arbitrary: { runs: 300, size: 30 } }
  )
})
