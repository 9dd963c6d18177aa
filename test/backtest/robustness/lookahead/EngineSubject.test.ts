import { beforeAll, describe, expect, it } from "vitest"
import { Result } from "effect"
import { costsOf } from "../../../../src/backtest/CostsPreset.ts"
import type { Tape } from "../../../../src/backtest/engine/Tape.ts"
import { detected } from "./Detected.ts"
import { engineSubject } from "../../../../src/backtest/robustness/lookahead/EngineSubject.ts"
import { untoldOf, verdictOf } from "../../../../src/backtest/robustness/lookahead/Detect.ts"
import { playRule, ruleSubject } from "../../../../src/backtest/robustness/lookahead/RuleSubject.ts"
import { checkWarmUp } from "../../../../src/backtest/robustness/lookahead/WarmUpCheck.ts"
import { engineWarmUp, ruleWarmUp } from "../../../../src/backtest/robustness/lookahead/WarmUpSubjects.ts"
import { dollars, price, quantity } from "../../../../src/domain/Money.ts"
import { researchProfile } from "../../../../src/risk/LimitsProfile.ts"
import type { Strategy } from "../../../../src/session/Strategy.ts"
import type { StrategyLogic } from "../../../../src/session/StrategyDefinition.ts"
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

describe("inside a bar whose prices are modelled from all of it", () => {
  const at = (
    minutes: number,
    decide: StrategyLogic["onBar"]
  ): NonNullable<StrategyLogic["schedule"]>[number] => ({
    at: { _tag: "AfterOpen", minutes },
    on: "session",
    decide
  })
  /** Half of the account from the first close on, and what is scheduled. */
  const scheduled = (schedule: NonNullable<StrategyLogic["schedule"]>): Strategy => ({
    ...makeSmaCross(),
    warmUp: 20,
    indicators: [],
    onBar: ({ holdings, instruments: [one], sessionIndex }) =>
      one === undefined || holdings.has(one.id) || sessionIndex > 0
        ? []
        : [{ instrumentId: one.id, weight: 0.5, reason: "To see marks." }],
    schedule
  })
  const foundIn = (strategyOf: () => Strategy) =>
    detected(engineSubject(options(tape, strategyOf)), { cuts: 12, seed: 1 })

  it("a strategy that goes with the marks of the day so far is found", () => {
    const found = foundIn(() => {
      let last = 0
      return scheduled(
        [10, 20, 30, 60, 90].map((minutes) =>
          at(minutes, ({ holdings, instruments: [one] }) => {
            const mark = one === undefined ? undefined : holdings.get(one.id)?.mark
            if (one === undefined || mark === undefined) return []
            const isUp = mark > last
            last = mark
            return minutes === 10
              ? []
              : [{ instrumentId: one.id, weight: isUp ? 0.9 : 0.2, reason: "So far." }]
          })
        )
      )
    })
    expect(found.changed).toBeGreaterThan(0)
    expect(new Set(found.findings.map(({ kind }) => kind))).toEqual(new Set(["inside-bar"]))
    const [first] = found.findings
    expect(first).toMatchObject({ what: "intent" })
    // It is of the day whose later prices were changed.
    expect(new Date((first?.cut ?? 0) / 1000).toISOString().slice(0, 10)).toBe(first?.date)
  })

  const limitAt =
    (at_: (mark: number, close: number) => number): StrategyLogic["onBar"] =>
    ({ holdings, instruments: [one] }) => {
      const mark = one === undefined ? undefined : holdings.get(one.id)?.mark
      if (one === undefined || mark === undefined) return []
      return [
        {
          _tag: "Order",
          order: {
            instrumentId: one.id,
            side: "BUY",
            type: {
              _tag: "Limit",
              limitPrice: price(Math.round(at_(mark, 1_000_000_000) / 10_000) * 10_000)
            },
            size: { _tag: "Quantity", quantity: quantity(1_000_000) },
            timeInForce: "DAY"
          },
          reason: "A limit."
        }
      ]
    }

  it("one whose orders have prices of the day so far is found, though side and kind stay the same", () => {
    const found = foundIn(() =>
      scheduled([
        at(
          60,
          limitAt((mark) => 0.99 * mark)
        )
      ])
    )
    expect(found.findings.some(({ kind }) => kind === "inside-bar")).toBe(true)
    expect(
      foundIn(() =>
        scheduled([
          at(
            60,
            limitAt((_, close) => 0.5 * close)
          )
        ])
      ).findings
    ).toEqual([])
  })

  it("one that wants the same weight at ten is clean, though what it takes to get there hangs on the marks", () => {
    const same: StrategyLogic["onBar"] = ({ instruments, tradingState }) =>
      tradingState === "Active"
        ? instruments.map(({ id }) => ({ instrumentId: id, weight: 0.6, reason: "Always." }))
        : []
    const found = foundIn(() => scheduled([at(30, same)]))
    expect(found.findings).toEqual([])
    expect(verdictOf(found)).toBe("clean")
  })

  it("one whose orders go to the venue by the clock is clean, whatever fills the day's prices make of them", () => {
    const found = foundIn(() =>
      scheduled([
        at(30, ({ holdings, instruments: [one], working }) =>
          one === undefined || !holdings.has(one.id) || working.length > 0
            ? []
            : [
                {
                  _tag: "Order",
                  order: {
                    instrumentId: one.id,
                    side: "SELL",
                    type: { _tag: "StopMarket", stopPrice: price(900_000_000) },
                    size: { _tag: "Quantity", quantity: quantity(1_000_000) },
                    timeInForce: "GTC"
                  },
                  reason: "A stop."
                }
              ]
        ),
        at(240, ({ working }) => working.map(({ clientOrderId }) => ({ _tag: "Cancel", clientOrderId })))
      ])
    )
    expect(found.findings).toEqual([])
    expect(found.compared).toBeGreaterThan(50)
    expect(verdictOf(found)).toBe("clean")
  })
})

describe("what shows nothing", () => {
  const base = { subject: "it", cuts: [1], planned: 1, plays: 202, moved: 9, changed: 0, findings: [] }
  it.each([
    ["nothing-done", { ...base, compared: 0, failedPlays: 0 }],
    ["failed", { ...base, compared: 9, failedPlays: 11 }],
    ["unmoved", { ...base, compared: 9, failedPlays: 0, moved: 0 }],
    [undefined, { ...base, compared: 9, failedPlays: 10 }]
  ] as const)("%s", (why, found) => {
    expect(untoldOf(found)).toBe(why)
    expect(verdictOf(found)).toBe(why === undefined ? "clean" : "untold")
    expect(verdictOf({ ...found, changed: 1 })).toBe("leak")
  })

  it("a rule that throws what is no error fails in words", () => {
    const [track] = tape.tracks
    if (track === undefined) throw new Error("no track")
    const wants = (): never => {
      throw Object.create(null)
    }
    expect(playRule({ rule: { wants }, values: {}, warmUp: 20 }, track.bars).failure?.message).toBe(
      "it threw something that is no error"
    )
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
