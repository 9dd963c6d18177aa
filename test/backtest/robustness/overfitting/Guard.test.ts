import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import {
  criteriaOf,
  type Judged,
  verdictOf
} from "../../../../src/backtest/robustness/overfitting/Criteria.ts"
import {
  guard,
  type GuardAsked,
  type Guarded
} from "../../../../src/backtest/robustness/overfitting/Guard.ts"
import { contaminationWords } from "../../../../src/backtest/robustness/Contaminated.ts"
import { sessionDate } from "../../../../src/domain/Timestamp.ts"
import { freeParameters, neighboursOf } from "../../../../src/backtest/robustness/overfitting/Neighbours.ts"
import { sampleVariance } from "../../../../src/backtest/statistics/Moments.ts"
import { sharpePerReturn } from "../../../../src/backtest/robustness/overfitting/TrialMatrix.ts"
import { noise } from "./Noise.ts"

/** A grid of one parameter per trial number; the one with the highest Sharpe ratio is judged. */
const askedOf = (columns: ReadonlyArray<Float64Array>, over: Partial<GuardAsked> = {}): GuardAsked => {
  const trials = columns
    .map((returns, i) => ({
      name: `trial ${i + 1}`,
      returns,
      place: { family: "f", parameters: { fast: i + 1 } }
    }))
    .toSorted((a, b) => sharpePerReturn(b.returns) - sharpePerReturn(a.returns))
  return {
    own: (over.field ?? trials)[0]?.returns ?? new Float64Array(),
    field: trials,
    contest: undefined,
    apart: 0,
    dates: undefined,
    blocks: 8,
    freeParameters: undefined,
    promotable: true,
    contamination: { _tag: "None" },
    ...over
  }
}

const guarded = (asked: GuardAsked): Guarded => Result.getOrThrow(guard(asked))

const recommended = (
  seeds: number,
  options: Omit<Parameters<typeof noise>[0], "seed">
): ReadonlyArray<string> =>
  Array.from(
    { length: seeds },
    (_, seed) => guarded(askedOf(noise({ ...options, seed: 500 + seed }))).verdict.recommendation
  )

const share = (all: ReadonlyArray<string>, one: string): number =>
  all.filter((each) => each === one).length / all.length

describe("what it recommends", () => {
  it("the best of trials without an edge is rejected in nearly all seeds, and never promoted", () => {
    for (const trials of [8, 32]) {
      const all = recommended(60, { trials, length: 1000 })
      expect(share(all, "reject")).toBeGreaterThanOrEqual(0.95)
      expect(all).not.toContain("promote")
    }
  })

  it("an edge of a Sharpe ratio of 2 over ten years is not rejected, in any seed", () => {
    expect(recommended(40, { trials: 16, length: 2520, edge: 2 })).not.toContain("reject")
  })

  it("every criterion is listed with value, threshold and whether it is met", () => {
    const { criteria, verdict } = guarded(askedOf(noise({ seed: 3, trials: 12, length: 600 })))
    expect(criteria.map(({ name }) => name)).toEqual([
      "pbo",
      "deflated-sharpe",
      "track-record",
      "adjusted-p",
      "pbo-low",
      "deflated-sharpe-high",
      "adjusted-p-low",
      "neighbours",
      "folds",
      "complexity",
      "limits",
      "knowledge"
    ])
    expect(verdict.recommendation).toBe("reject")
    expect(verdict.reasons.length).toBeGreaterThan(0)
  })
})

describe("criteria", () => {
  const good: Judged = {
    sharpe: 0.1,
    returns: 2520,
    pbo: 0.05,
    deflatedSharpe: 0.99,
    minimumTrackRecord: 300,
    adjustedP: 0.001,
    neighbours: 0.9,
    foldsGained: 1,
    bicDifference: -10,
    promotable: true,
    contamination: { _tag: "None" }
  }
  const verdict = (over: Partial<Judged>) => {
    const judged = { ...good, ...over }
    return verdictOf(judged, criteriaOf(judged))
  }

  it("all met: promote", () => {
    expect(verdict({})).toEqual({ recommendation: "promote", reasons: ["every criterion is met"] })
  })

  it("is never promoted when its model had read about some of it", () => {
    const contamination = {
      _tag: "Partly",
      cutoff: sessionDate("2021-05-03"),
      sessions: undefined,
      firstClean: sessionDate("2021-05-03")
    } as const
    expect(verdict({ contamination })).toEqual({
      recommendation: "paper-trade",
      reasons: [contaminationWords(contamination)]
    })
    expect(verdict({ contamination: undefined }).recommendation).toBe("paper-trade")
  })

  it.each<readonly [string, Partial<Judged>, string]>([
    ["PBO above a half", { pbo: 0.51 }, "probability of backtest overfitting: 0.51, at most 0.5 is wanted"],
    [
      "deflated below a half",
      { deflatedSharpe: 0.49 },
      "deflated Sharpe ratio: 0.49, at least 0.5 is wanted"
    ],
    ["too short", { returns: 299 }, "299 returns are fewer than the minimum track record of 300"],
    [
      "not significant",
      { adjustedP: 0.11 },
      "p-value adjusted for all tests (BHY): 0.11, at most 0.1 is wanted"
    ],
    [
      "a loss",
      { sharpe: -0.01, minimumTrackRecord: undefined, adjustedP: undefined },
      "no track record is long enough: the Sharpe ratio is not above zero"
    ]
  ])("%s rejects", (_, over, reason) => {
    const { reasons, recommendation } = verdict(over)
    expect(recommendation).toBe("reject")
    expect(reasons).toContain(reason)
  })

  it.each<readonly [string, Partial<Judged>]>([
    ["PBO above a fifth", { pbo: 0.21 }],
    ["deflated below 0.95", { deflatedSharpe: 0.94 }],
    ["neighbours without half of it", { neighbours: 0.4 }],
    ["no neighbours known", { neighbours: undefined }],
    ["folds that lost", { foldsGained: 0.5 }],
    ["parameters that cost more than they tell", { bicDifference: 1 }],
    ["research limits", { promotable: false }],
    ["limits unknown", { promotable: undefined }],
    ["PBO unknown", { pbo: undefined }],
    ["significant at ten percent only", { adjustedP: 0.08 }]
  ])("%s: paper-trade, for it stops a promotion and rejects nothing", (_, over) => {
    const { reasons, recommendation } = verdict(over)
    expect(recommendation).toBe("paper-trade")
    expect(reasons.length).toBeGreaterThan(0)
  })
})

describe("the field and the contest", () => {
  it("trials that only are counted raise what luck is expected to show", () => {
    const columns = noise({ seed: 12, trials: 10, length: 500, edge: 2 })
    const [few, many] = [guarded(askedOf(columns)), guarded(askedOf(columns, { apart: 90 }))]
    expect([few.trials, many.trials]).toEqual([10, 100])
    expect(many.luck).toBeGreaterThan(few.luck)
    expect(many.haircut?.tests).toBe(100)
  })

  it("identical and motionless trials are no trials; they are counted", () => {
    const columns = noise({ seed: 13, trials: 4, length: 200 })
    const { field } = askedOf(columns)
    const [first] = field
    if (first === undefined) throw new Error("no trial")
    const still = { ...first, name: "still", returns: new Float64Array(200) }
    const found = guarded(askedOf([], { field: [...field, { ...first, name: "again" }, still] }))
    expect([found.trials, found.repeated, found.unusable]).toEqual([4, 1, 1])
    expect(found.sharpes).toEqual(guarded(askedOf(columns)).sharpes)
  })

  it("what is about the judged one alone takes all of its returns, whatever the others have in common with it", () => {
    const { field } = askedOf(noise({ seed: 16, trials: 6, length: 400, edge: 1 }))
    const own = field[0]?.returns ?? new Float64Array()
    const cut = field.map((trial) => ({ ...trial, returns: trial.returns.slice(200) }))
    const found = guarded(askedOf([], { own, field: cut }))
    expect(found.returns).toBe(400)
    expect(found.sharpe).toBe(sharpePerReturn(own))
    expect(found.probability.returnsPerBlock).toBe(25)
    expect(found.haircut?.p).toBe(guarded(askedOf([], { own, field })).haircut?.p)
  })

  it("the judged one is a trial though it did not move in the sessions that all have in common", () => {
    const columns = noise({ seed: 18, trials: 5, length: 400 })
    const [judged = new Float64Array(), ...others] = columns
    const late = judged.map((value, i) => (i < 200 ? 0 : value))
    const contest = askedOf([late, ...others]).field
    const trials = [late, ...others].map((returns, i) => ({
      name: `trial ${i + 1}`,
      returns,
      place: { family: "f", parameters: { fast: i + 1 } }
    }))
    const first = contest.filter(({ returns }) => returns === late)
    const found = guarded(
      askedOf([], {
        own: late,
        field: trials.map((trial) => ({ ...trial, returns: trial.returns.slice(0, 200) })),
        contest: [...first, ...contest.filter(({ returns }) => returns !== late)]
      })
    )
    expect([found.trials, found.effective.total, found.haircut?.tests ?? 5]).toEqual([5, 5, 5])
    expect(found.sharpes).toHaveLength(5)
    expect(found.sharpes[0]).toBe(sharpePerReturn(late))
  })

  it("luck is of ideas: many variants of one do not hide that others were tried", () => {
    const [idea = new Float64Array(), ...others] = noise({ seed: 19, trials: 9, length: 500 })
    const variants = noise({ seed: 20, trials: 40, length: 500 }).map((column) =>
      column.map((value, i) => (idea[i] ?? 0) + 0.1 * value)
    )
    const { effective, sharpes, variance } = guarded(askedOf([...variants, ...others]))
    expect(effective.count).toBe(9)
    expect(variance).toBeCloseTo(sampleVariance(Float64Array.from(effective.sharpes)), 15)
    expect(variance).toBeGreaterThan(sampleVariance(Float64Array.from(sharpes)))
  })

  it("the choice is among the contest, luck is of the whole field", () => {
    const { field } = askedOf(noise({ seed: 14, trials: 20, length: 300 }))
    const found = guarded(askedOf([], { field, contest: field.slice(0, 5) }))
    expect(found.contest).toHaveLength(5)
    expect(found.sharpes).toHaveLength(20)
    expect(found.probability.chosen).toHaveLength(5)
  })
})

describe("neighbours", () => {
  const placed = (
    parameters: { readonly [name: string]: number | string },
    sharpe: number,
    family = "f"
  ) => ({
    family,
    parameters,
    sharpe
  })

  it("are the next values up and down of each number, and each other choice", () => {
    const trials = [
      placed({ fast: 10, slow: 50, kind: "sma" }, 0.1),
      placed({ fast: 5, slow: 50, kind: "sma" }, 0.06),
      placed({ fast: 2, slow: 50, kind: "sma" }, 0.9),
      placed({ fast: 20, slow: 50, kind: "sma" }, 0.04),
      placed({ fast: 10, slow: 60, kind: "sma" }, 0.08),
      placed({ fast: 5, slow: 60, kind: "sma" }, 0.9),
      placed({ fast: 10, slow: 50, kind: "ema" }, 0.02),
      placed({ fast: 11, slow: 50, kind: "sma" }, 0.9, "other code")
    ]
    const found = neighboursOf(trials, 0)
    expect(found?.trials).toEqual([1, 3, 4, 6])
    expect(found?.mean).toBeCloseTo(0.05, 12)
    expect(found?.kept).toBeCloseTo(0.5, 12)
    expect(found?.least).toBe(0.02)
    expect(freeParameters(trials, 0)).toBe(3)
  })

  it("none where nothing differs in one parameter alone", () => {
    expect(
      neighboursOf([placed({ fast: 1, slow: 2 }, 0.1), placed({ fast: 2, slow: 3 }, 0.1)], 0)
    ).toBeUndefined()
  })
})

describe("what cannot be judged", () => {
  it("says what is needed", () => {
    const problem = (asked: GuardAsked) => {
      const made = guard(asked)
      return Result.isFailure(made) ? [made.failure._tag, made.failure.message] : undefined
    }
    const columns = noise({ seed: 15, trials: 3, length: 100 })
    expect(problem(askedOf(columns.slice(0, 1)))).toEqual([
      "TooFewObservations",
      "the overfitting guard needs 2 different trials, and there is 1"
    ])
    expect(problem(askedOf(columns, { blocks: 5 }))?.[1]).toContain(
      "an even number of blocks from 4 to 20, not 5"
    )
    expect(problem(askedOf(columns.map((column) => column.slice(0, 15))))).toEqual([
      "TooFewObservations",
      "the probability of backtest overfitting with 8 blocks needs 16 returns of each trial, and there are 15"
    ])
    const { field } = askedOf(columns)
    const [first] = field
    if (first === undefined) throw new Error("no trial")
    expect(
      problem(askedOf([], { field: [{ ...first, returns: new Float64Array(100) }, ...field] }))?.[0]
    ).toBe("ConstantReturns")
    const bad = first.returns.slice()
    bad.set([Number.NaN], 7)
    expect(problem(askedOf([], { field: [{ ...first, returns: bad }, ...field] }))?.[0]).toBe("BadReturn")
    expect(problem(askedOf([], { field: [...field, { ...first, name: "broken", returns: bad }] }))).toEqual([
      "BadReturn",
      "return 8 of broken is no finite number"
    ])
  })
})
