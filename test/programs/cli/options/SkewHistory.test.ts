/** A day's skew against earlier ones, on a LEAN folder made for the test: generated prices, labelled GEN. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Option, Result } from "effect"
import { beforeAll, describe, expect, it, vi } from "vitest"
import { dateOfDay, dayOfDate, sessionDate } from "../../../../src/domain/Timestamp.ts"
import { session } from "../../../../src/market/TradingCalendar.ts"
import { europeanPrice } from "../../../../src/options/BlackScholes.ts"
import { readHistoryRange } from "../../../../src/programs/cli/commands/options/SkewHistory.ts"
import { inNewFolder, plimsoll, plimsollJson } from "../CommandLine.ts"

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const home = inNewFolder()

const LAST = sessionDate("2014-06-06")
const days = Array.from({ length: 33 }, (_, i) => dateOfDay(dayOfDate(LAST) - 32 + i)).filter((date) =>
  Option.isSome(session(date))
)
const expiries = ["2014-06-21", "2014-07-19", "2014-10-18"].map(sessionDate)

/** A day's closing prices at one level of volatility; the last day's is another. */
const universe = (date: string, level: number): string => {
  const rows = expiries.flatMap((expiry) => {
    const years = (dayOfDate(expiry) - dayOfDate(sessionDate(date))) / 365
    return Array.from({ length: 21 }, (_, i) => 80 + 2 * i).flatMap((strike) => {
      const volatility = level + 0.1 * Math.log(100 / strike) + 0.4 * Math.log(100 / strike) ** 2
      return ([1, -1] as const).map((sign) => {
        const price = europeanPrice(sign, 100, strike, years, 0.00125, 0, volatility).toFixed(6)
        return `${expiry.replaceAll("-", "")},${strike},${sign === 1 ? "C" : "P"},${price},${price},${price},${price},10,10,0,0,0,0,0,0`
      })
    })
  })
  const header =
    "#expiry,strike,right,open,high,low,close,volume,open_interest,implied_volatility,delta,gamma,vega,theta,rho"
  return [header, ",,,100,100,100,100,1000,,,,,,,", ...rows].join("\n")
}

describe("a day of a folder against its earlier days", () => {
  beforeAll(() => {
    const folder = join(home.folder(), "lean/option/usa/universes/gen")
    mkdirSync(folder, { recursive: true })
    for (const [i, date] of days.entries()) {
      const level = date === LAST ? 0.45 : 0.3 + 0.004 * Math.sin(i)
      // One of the days has too little of a chain.
      const text = universe(date, level)
      writeFileSync(
        join(folder, `${date.replaceAll("-", "")}.csv`),
        i === 3 ? text.split("\n").slice(0, 8).join("\n") : text
      )
    }
  })

  const args = ["options", "skew", "GEN", "--data", "lean", "--date", LAST]

  it("whose level jumped is unusual, with the statistic and the days it was compared with", async () => {
    const of = await plimsollJson([...args, "--history", "60d"])
    expect(of).toMatchObject({
      history: {
        days: days.length - 2,
        from: expect.stringContaining(days[0] ?? ""),
        left_out: [{ date: days[3], why: expect.stringContaining("usable strikes") }]
      }
    })
    const text = await plimsoll([...args, "--history", "60d", "--html", "gen.html"])
    expect(text.code).toBe(0)
    expect(text.out).toContain(`Against ${days.length - 2} earlier days:`)
    expect(text.out).toMatch(/^ {2}atm of 30 days is high: .* MAD .* z .* against \d+ earlier days/mu)
    expect(text.out).toContain("1 day left out")
  })

  it("an ordinary day is not, and later days are never looked at", async () => {
    const before = days.at(-2) ?? ""
    const ran = await plimsoll([...args.slice(0, -1), before, "--history", `${days[0]}..${LAST}`])
    expect(ran.out).toMatch(
      new RegExp(`^Against ${days.length - 3} earlier days: \\d+ measures compared, none`, "mu")
    )
  })

  it("too few days judge nothing, and a folder without any in the range says which it has", async () => {
    const few = await plimsoll([...args, "--history", "7d"])
    expect(few.out).toMatch(
      /Against history there is nothing to say: \d earlier days with a surface, 20 needed/u
    )
    const none = await plimsoll([...args, "--history", "2013-01-02..2013-02-01"])
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining(`before ${LAST} it has`) })
    const desk = await plimsoll(["options", "skew", "GEN", "--data", "lean", "--history", "tomorrow"])
    expect(desk).toMatchObject({ code: 64, err: expect.stringContaining("expected two days such as") })
  })
})

it.each([
  ["90d", "2014-03-08..2014-06-05"],
  ["2014-01-02..2014-03-01", "2014-01-02..2014-03-01"],
  ["2014-01-02 .. 2014-12-31", "2014-01-02..2014-06-05"],
  ["0d", undefined],
  ["2014-03-01..2014-01-02", undefined],
  ["2014-02-30..2014-03-01", undefined],
  ["2014-06-06..2014-06-07", undefined],
  ["", undefined]
])("--history %j before 2014-06-06 is %s", (typed, expected) => {
  const range = readHistoryRange(typed, LAST)
  expect(Result.isSuccess(range) ? `${range.success.from}..${range.success.to}` : undefined).toBe(expected)
})
