/** The page of a walk-forward. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import type { Grid } from "../../../../src/backtest/Grid.ts"
import { walkForwardHtml } from "../../../../src/backtest/report/robustness/WalkForwardHtml.ts"
import type { WalkForwardReport } from "../../../../src/backtest/report/robustness/WalkForwardReport.ts"
import {
  type WalkedWindow,
  walkForwardOf
} from "../../../../src/backtest/robustness/walkforward/WalkForward.ts"
import { windowsOf } from "../../../../src/backtest/robustness/walkforward/Windows.ts"
import { figuresOf } from "../../../../src/backtest/Sweep.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { sessionsBetween } from "../../../../src/market/TradingCalendar.ts"
import { draws } from "../../engine/RandomTape.ts"
import { expectGood, wordsOf } from "../Pages.ts"

const sessions = sessionsBetween(sessionDate("2010-01-04"), sessionDate("2011-12-30")).map(({ date }) => date)
const draw = draws(4)

const course = (length: number) => {
  let equity = 1
  return figuresOf({
    equity: Float64Array.from({ length }, () => (equity *= 1 + (draw() - 0.49) * 0.02)),
    cash: 1,
    entries: 2,
    exits: 1
  })
}

const grid: Grid = [
  { parameter: "fast", values: [5, 10, 20] },
  { parameter: "<kind>", values: ["a&b", "<i>"] }
]

const windows = Result.getOrThrow(
  windowsOf({ train: 126, test: 40, embargo: 3, anchored: false }, sessions.length)
)

const walkedWindow = (window: (typeof windows)[number], i: number): WalkedWindow => {
  if (i === 2) return { _tag: "NoPoint", ...window, reason: "no point <traded> in this train window" }
  const test = course(window.test.until - window.test.from)
  return {
    _tag: "Chosen",
    ...window,
    index: i,
    values: { fast: [5, 10, 20][i % 3] ?? 5, "<kind>": i % 2 === 0 ? "a&b" : "<i>" },
    score: 1,
    trained: course(126).figures,
    tested: test.figures,
    returns: test.returns,
    rank: i === 0 ? undefined : { rank: 2, of: 6, equal: 0 }
  }
}

const walk = Result.getOrThrow(walkForwardOf(windows.map(walkedWindow), { grid, objective: "sharpe" }))

const report: WalkForwardReport = {
  algorithm: "sma-cross",
  data: "embedded replay: SPX-REPLAY, daily bars, 2010-01-04 to 2011-12-30",
  limits: "research limits: permissive, not for a desk",
  promotable: false,
  costs: "none: no fees",
  caveats: ["Quotes of options were modelled."],
  windowing: "train 126 sessions, embargo 3, test 40, rolling",
  objective: "Sharpe ratio a year",
  points: 6,
  walk,
  sessions,
  benchmark: course(walk.returns.length).returns,
  hindsight: { values: { fast: 10, "<kind>": "<i>" }, returns: course(walk.returns.length).returns },
  failed: 2,
  trials: 70,
  command: "plimsoll backtest walk-forward sma-cross --grid fast=5,10,20 --train 126 --test 40",
  generatedBy: "plimsoll 0.1.0"
}
const page = walkForwardHtml(report)

describe("the page of a walk-forward", () => {
  it("is good, and the same report gives the same bytes", () => {
    expectGood(page)
    expect(walkForwardHtml(report)).toBe(page)
  })

  it("tells what was out-of-sample, every window, and what stayed in cash", () => {
    const words = wordsOf(page)
    expect(words).toContain("Return out-of-sample")
    expect(words).toContain("Walk-forward efficiency")
    expect(words).toContain("70 backtests were run on this data set so far")
    expect(words).toContain("2 segments could not be played")
    expect(words).toContain("Quotes of options were modelled.")
    expect(words).toContain("best point in hindsight: fast 10, <kind> <i>")
    expect(words).toContain("cash: no point <traded> in this train window")
    expect(words).toContain("Not promotable")
    expect(words.match(/2 of 6/gu)?.length).toBe(windows.length - 2)
    // Two drawings of each of two pairs, two parameters and the curve: for desks and for phones.
    expect(
      page.match(/<svg[^>]*aria-labelledby/gu)?.length ?? page.match(/<figure/gu)?.length
    ).toBeGreaterThan(4)
  })

  it("draws a bar for each side of each window that has a choice", () => {
    const bars = /id="pair-sharpe"[\s\S]*?<\/figure>/u.exec(page)?.[0] ?? ""
    expect(bars).toContain("var(--bench)")
    expect(bars).toContain("var(--s0)")
  })

  it("does without what there is not", () => {
    const { hindsight: _, ...rest } = report
    const plain = walkForwardHtml({ ...rest, hindsight: undefined, failed: 0, caveats: [], promotable: true })
    expectGood(plain)
    expect(wordsOf(plain)).not.toContain("best point in hindsight")
    expect(wordsOf(plain)).not.toContain("could not be played")
  })
})
