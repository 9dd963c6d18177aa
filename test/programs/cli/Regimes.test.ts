/** `plimsoll backtest regimes`: of a stored backtest and of files; what does not fit. */
import { readFileSync, writeFileSync } from "node:fs"
import { beforeAll, describe, expect, it, vi } from "vitest"
import { twoStateMarket } from "../../backtest/robustness/regimes/SyntheticMarket.ts"
import { inNewFolder, plimsoll, plimsollJson } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000 })

inNewFolder()

const regimes = ["backtest", "regimes"]

beforeAll(() => {
  const { returns } = twoStateMarket(600, 5).series
  const write = (name: string, lines: Iterable<string>) => writeFileSync(name, [...lines].join("\n"))
  write("two.csv", ["fund,spx", ...Array.from(returns, (value) => `${value / 2},${value}`)])
  write("short.csv", Array.from(returns.subarray(0, 80), String))
  write(
    "constant.csv",
    Array.from(returns, () => "0.001")
  )
  write(
    "holed.csv",
    Array.from(returns, (value, t) => (t === 4 ? "NaN" : String(value)))
  )
})

describe("a stored backtest", () => {
  it("has its benchmark for a market: rules, states, alarms, by date", async () => {
    const run = ["backtest", "run", "sma-cross", "--from", "2006-01-03", "--to", "2010-12-31"]
    expect((await plimsoll(run)).code).toBe(0)
    const told = await plimsollJson([...regimes, "latest"])
    expect(told).toMatchObject({
      market: "SPX-REPLAY held",
      sessions: 1259,
      from: "2006-01-03",
      to: "2010-12-31",
      rules: {
        trend: {
          known_from: "2006-11-13",
          by_regime: [{ regime: "bull" }, { regime: "sideways" }, { regime: "bear" }]
        }
      },
      hmm: { verdict: "two-regimes", filtered: { by_regime: [{ regime: "calm" }, { regime: "turbulent" }] } }
    })
    // The storm of 2007 and 2008 raised the volatility, and a chart told so.
    expect(told).toHaveProperty(
      "cusum.alarms",
      expect.arrayContaining([expect.objectContaining({ chart: "variance", direction: "up" })])
    )
    const page = await plimsoll([...regimes, "latest", "--html", "regimes.html"])
    expect(page.code).toBe(0)
    expect(page.out).toContain("Two hidden states")
    expect(page.out).not.toMatch(/NaN|Infinity|undefined/u)
    expect(readFileSync("regimes.html", "utf8")).toMatch(/plimsoll backtest regimes sma-cross-[0-9a-f]{10}/u)
  })
})

describe("a file", () => {
  it("has a column for the market, and every session with --daily", async () => {
    const told = await plimsollJson([
      ...regimes,
      "--returns",
      "two.csv",
      "--column",
      "fund",
      "--market",
      "spx",
      "--method",
      "hmm",
      "--first",
      "300",
      "--daily"
    ])
    expect(told).toMatchObject({ strategy: "fund", market: "spx", sessions: 600, from: 1, to: 600 })
    expect(told).not.toHaveProperty("rules")
    expect(told).toHaveProperty("daily.length", 600)
    expect(told).toHaveProperty("daily.298.turbulent_filtered", null)
    expect(told).toHaveProperty("daily.299.turbulent_filtered", expect.any(Number))
    expect(told).toHaveProperty("daily.0.turbulent_smoothed", expect.any(Number))
  })

  it("is its own market without one", async () => {
    const { code, out } = await plimsoll([
      ...regimes,
      "--returns",
      "two.csv",
      "--column",
      "spx",
      "--method",
      "cusum"
    ])
    expect(code).toBe(0)
    expect(out).toContain("spx, session 1 to session 600")
    expect(out).not.toContain("  market")
  })
})

describe("what does not fit", () => {
  it.each([
    [[], 64, "name a backtest (its id, or latest), or a file of returns"],
    [["--returns", "two.csv"], 64, 'choose one with --column, of "fund", "spx"'],
    [["--returns", "two.csv", "--column", "fund", "--market", "dax"], 64, 'has no column "dax"'],
    [["latest", "--market", "spx"], 64, "a backtest's market is its benchmark"],
    [["--returns", "short.csv"], 64, "a regime by rules needs 219 returns, and there are 80"],
    [["--returns", "short.csv", "--method", "hmm"], 64, "needs 100 returns, and there are 80"],
    [["--returns", "constant.csv"], 64, "the returns of constant.csv are all 0.001"],
    [["--returns", "holed.csv"], 64, "holed.csv line 5"],
    [["latest", "--method", "astrology"], 64, "Invalid value for flag --method"],
    [["latest", "--arl", "3"], 64, "expected sessions from 50 to 1000000, not 3"]
  ])("%j", async (args, code, message) => {
    const ran = await plimsoll([...regimes, ...args])
    expect(ran).toMatchObject({ code, out: "" })
    expect(ran.err).toContain(message)
  })
})
