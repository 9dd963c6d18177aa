import { describe, expect, it } from "@effect/vitest"
import { dollars, money } from "../../src/domain/Money.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import { buy, held, ofShares, outcomeOf, sell, snapshot, verdictOf } from "./Snapshots.ts"

const one = buy(ofShares(1))

describe("daily-loss", () => {
  it("a loss one micro short of 3% passes, 3% is denied", () => {
    expect(outcomeOf("daily-loss", { equity: money(97_000_000_001) }, one)).toBe("pass")
    expect(outcomeOf("daily-loss", { equity: money(97_000_000_000) }, one)).toBe("deny")
  })

  it("deposits and withdrawals are no result", () => {
    const deposited = { equity: dollars(147_000), netFlows: dollars(50_000) }
    const withdrawn = { equity: dollars(50_000), netFlows: dollars(-50_000) }
    expect(outcomeOf("daily-loss", deposited, one)).toBe("deny")
    expect(outcomeOf("daily-loss", withdrawn, one)).toBe("pass")
  })

  it("a limit that is no whole number of micros is not rounded down", () => {
    const view = { priorCloseEquity: money(1_000_000_001), peakEquity: money(1_000_000_001) }
    // 3% is 30,000,000.03: a loss of 30,000,000 is below it.
    expect(outcomeOf("daily-loss", { ...view, equity: money(970_000_001) }, one)).toBe("pass")
    expect(outcomeOf("daily-loss", { ...view, equity: money(970_000_000) }, one)).toBe("deny")
  })

  it("shows the loss below zero beside its limit, and exempts reducing orders", () => {
    const lossy = { equity: dollars(95_000), positions: [held(10)] }
    expect(verdictOf(evaluate(snapshot(lossy), one), "daily-loss")).toMatchObject({
      value: -0.05,
      limit: -0.03,
      unit: "ratio"
    })
    const exempt = verdictOf(evaluate(snapshot(lossy), sell(ofShares(1))), "daily-loss")
    expect(exempt).toMatchObject({ outcome: "exempt", value: -0.05, limit: -0.03 })
  })
})

describe("drawdown", () => {
  const view = { priorCloseEquity: dollars(80_000) }

  it("a fall one micro short of 20% passes, 20% is denied", () => {
    expect(outcomeOf("drawdown", { ...view, equity: money(80_000_000_001) }, one)).toBe("pass")
    expect(outcomeOf("drawdown", { ...view, equity: money(80_000_000_000) }, one)).toBe("deny")
  })

  it("exempts reducing orders", () => {
    expect(outcomeOf("drawdown", { equity: dollars(70_000), positions: [held(10)] }, sell(ofShares(1)))).toBe(
      "exempt"
    )
  })
})
