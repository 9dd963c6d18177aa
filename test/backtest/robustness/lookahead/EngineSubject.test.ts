import { beforeAll, describe, expect, it } from "vitest"
import { Result } from "effect"
import { costsOf } from "../../../../src/backtest/CostsPreset.ts"
import type { Tape } from "../../../../src/backtest/engine/Tape.ts"
import { detected } from "./Detected.ts"
import { engineSubject } from "../../../../src/backtest/robustness/lookahead/EngineSubject.ts"
import { ruleSubject } from "../../../../src/backtest/robustness/lookahead/RuleSubject.ts"
import { checkWarmUp } from "../../../../src/backtest/robustness/lookahead/WarmUpCheck.ts"
import { engineWarmUp, ruleWarmUp } from "../../../../src/backtest/robustness/lookahead/WarmUpSubjects.ts"
import { dollars } from "../../../../src/domain/Money.ts"
import { researchProfile } from "../../../../src/risk/LimitsProfile.ts"
import type { Strategy } from "../../../../src/session/Strategy.ts"
import { definitions, findStrategy } from "../../../../src/session/strategies/Strategies.ts"
import { makeSmaCross, smaCross } from "../../../../src/session/strategies/SmaCross.ts"
import { indexTape } from "../../vector/SweptTape.ts"

const options = (tape: Tape, strategyOf: (tape: Tape) => Strategy) => ({
  tape,
  strategyOf,
  cash: dollars(1_000_000),
  profile: researchProfile,
  resumePolicy: { _tag: "Never" } as const,
  seed: 1,
  models: costsOf("paper")
})

let tape: Tape
let long: Tape
beforeAll(async () => {
  tape = await indexTape({ from: "2007-01-03", to: "2008-12-31", warmUp: 260 })
  long = await indexTape({ from: "2001-01-02", to: "2009-12-31", warmUp: 60 })
})

const bought = (strategy: Strategy, wanted: (row: number) => boolean): Strategy => ({
  ...strategy,
  warmUp: 20,
  indicators: [],
  onBar: ({ histories, holdings, instruments: [one] }) => {
    const history = one === undefined ? undefined : histories.get(one.id)
    if (one === undefined || history === undefined) return []
    const isWanted = wanted(history.length - 1)
    if (isWanted === holdings.has(one.id)) return []
    return [{ instrumentId: one.id, weight: isWanted ? 1 : 0, reason: "Wanted." }]
  }
})

describe("the event engine under other futures", () => {
  it.each(
    [...definitions.keys()].filter((name) => !["covered-call", "put-spread", "pair-reversion"].includes(name))
  )("%s decides and fills the same", (name) => {
    const strategy = Result.getOrThrow(findStrategy(name))
    const found = detected(engineSubject(options(tape, () => strategy)), { cuts: 12, seed: 1 })
    expect(found.findings).toEqual([])
    expect(found.failedPlays).toBe(0)
    expect(found.compared).toBeGreaterThan(0)
  })

  it("finds a strategy that reads tomorrow's close from the tape", () => {
    const leak = (of: Tape): Strategy =>
      bought(makeSmaCross(), (row) => {
        const close = of.tracks[0]?.bars.close
        return (close?.[row + 1] ?? 0) > (close?.[row] ?? 0)
      })
    const found = detected(engineSubject(options(tape, leak)), { cuts: 12, seed: 1 })
    expect(found.changed).toBeGreaterThan(0)
    const [first] = found.findings
    expect(first?.kind).toBe("future")
    expect(first?.bar).toBeGreaterThan(0)
    expect(first?.order).not.toBe("")
    expect(first?.date).toMatch(/^200[78]-/u)
  })

  it("finds a strategy that does not do the same twice", () => {
    let calls = 0
    const drifting = bought(makeSmaCross(), () => (calls += 1) % 7 < 3)
    const found = detected(engineSubject(options(tape, () => drifting)), { cuts: 4, seed: 1 })
    expect(found.findings.some(({ kind }) => kind === "unrepeatable")).toBe(true)
  })
})

describe("a signal rule under other futures", () => {
  it("that of sma-cross wants the same", () => {
    const [track] = tape.tracks
    if (track === undefined || smaCross.signal === undefined) throw new Error("no rule")
    const found = detected(ruleSubject(smaCross.signal, { fast: 10, slow: 50 }, track), { cuts: 60, seed: 1 })
    expect(found.findings).toEqual([])
    expect(found.cuts.length).toBe(60)
    expect(found.compared).toBeGreaterThan(400)
  })

  it("one that centres its mean is found, with the bar and both signals", () => {
    const [track] = tape.tracks
    if (track === undefined) throw new Error("no track")
    const centred = {
      wants: ({ close, length }: { readonly length: number; readonly close: Float64Array }) =>
        Uint8Array.from({ length }, (_, i) => ((close[i + 1] ?? 0) > (close[i - 1] ?? 0) ? 1 : 0))
    }
    const found = detected(ruleSubject(centred, {}, track), { cuts: 40, seed: 1 })
    expect(found.changed).toBeGreaterThan(5)
    expect(found.findings[0]).toMatchObject({ kind: "future", what: "signal" })
  })
})

describe("the recursive-indicator check", () => {
  it("means of a window need no more than they declare", () => {
    const strategy = makeSmaCross({ fast: 5, slow: 20 })
    const checked = checkWarmUp(
      engineWarmUp(
        options(long, () => strategy),
        20
      )
    )
    expect(checked.steps.map(({ warmUp }) => warmUp).slice(0, 3)).toEqual([20, 40, 80])
    expect(checked.steps.every(({ changed }) => changed === 0)).toBe(true)
    expect(checked.recommended).toBe(20)
  })

  it("an exponential mean that is asked too early is found, and how much it needs", () => {
    const strategy: Strategy = {
      ...makeSmaCross(),
      indicators: [],
      warmUp: 20,
      onBar: ({ histories, holdings, instruments: [one] }) => {
        const history = one === undefined ? undefined : histories.get(one.id)
        if (one === undefined || history === undefined) return []
        // Begun with the first close that it is given, as many programs do.
        let mean = history.close[0] ?? 0
        for (let i = 1; i < history.length; i++) mean += (2 / 101) * ((history.close[i] ?? 0) - mean)
        const isWanted = (history.close[history.length - 1] ?? 0) > mean
        if (isWanted === holdings.has(one.id)) return []
        return [{ instrumentId: one.id, weight: isWanted ? 1 : 0, reason: "Above its mean." }]
      }
    }
    const checked = checkWarmUp(
      engineWarmUp(
        options(long, () => strategy),
        20
      )
    )
    const [first] = checked.steps
    expect(first?.changed).toBeGreaterThan(0)
    expect(first?.first?.bar).toBeGreaterThan(0)
    expect(checked.recommended ?? Infinity).toBeGreaterThan(20)
  })

  it("a cumulative sum never settles", () => {
    const rule = {
      wants: ({ close, length }: { readonly length: number; readonly close: Float64Array }) => {
        let sum = 0
        return Uint8Array.from({ length }, (_, i) => {
          sum += close[i] ?? 0
          return Math.floor(sum / 1e9) % 2
        })
      }
    }
    const checked = checkWarmUp(ruleWarmUp(rule, {}, { declared: 20, tape: long }))
    expect(checked.steps.every(({ changed }) => changed > 0)).toBe(true)
    expect(checked.recommended).toBeNull()
  })

  it("says so where there are no earlier bars", () => {
    const played = checkWarmUp({ name: "x", declared: 50, available: 50, play: () => ({ done: [] }) })
    expect(played).toEqual({ subject: "x", declared: 50, longest: 50, steps: [], recommended: null })
  })
})
