import { assert, describe, it } from "@effect/vitest"
import {
  costsIdentity,
  type Evidence,
  EVIDENCE_VERSION,
  type Finding,
  subjectOf
} from "../../../../src/backtest/robustness/Evidence.ts"
import {
  LEAST_PAPER_SESSIONS,
  type PaperRun,
  type PromotionAsked,
  promotionOf,
  type StepName
} from "../../../../src/backtest/robustness/promotion/Promotion.ts"
import { costsOf } from "../../../../src/backtest/CostsPreset.ts"
import { dollars } from "../../../../src/domain/Money.ts"
import { dateOfDay, dayOfDate, sessionDate } from "../../../../src/domain/Timestamp.ts"
import { sampleBacktest } from "../../SampleBacktest.ts"

const backtest = sampleBacktest()
const { algorithm, profile } = backtest.inputs
const subject = subjectOf(backtest.inputs)

const evidence = (finding: Finding, changed: Partial<Evidence["subject"]> = {}, foundAt = 1): Evidence => ({
  version: EVIDENCE_VERSION,
  id: `${finding._tag}-${foundAt}`,
  subject: { ...subject, ...changed },
  finding,
  command: "backtest something",
  foundAt
})

const walkForward: Finding = {
  _tag: "WalkForward",
  axes: { fast: [5, 10], slow: [50, 100] },
  windows: 4,
  train: 504,
  test: 126,
  embargo: 0,
  anchored: false,
  objective: "sharpe",
  outOfSampleReturn: 0.1,
  outOfSampleSharpeYearly: 0.8,
  outOfSampleMaxDrawdown: -0.1,
  efficiency: 0.6,
  profitableWindows: 3
}
const overfitting: Finding = {
  _tag: "Overfitting",
  trials: 20,
  effectiveTrials: 5,
  pbo: 0.1,
  probabilisticSharpe: 0.99,
  deflatedSharpe: 0.97,
  minimumTrackRecord: 300,
  recommendation: "promote",
  reasons: []
}
const lookAhead: Finding = { _tag: "LookAhead", cuts: 40, compared: 500, changed: 0, warmUpChanged: 0 }

const sessions = Array.from({ length: LEAST_PAPER_SESSIONS }, (_, i) =>
  dateOfDay(dayOfDate(sessionDate("2018-01-01")) + i)
)
const paper: PaperRun = {
  run: "20180101-120000",
  differs: [],
  sessions,
  fills: 3
}
const whole: PromotionAsked = {
  backtest,
  codeNow: { _tag: "Loaded", hash: algorithm.codeHash },
  evidence: [evidence(walkForward), evidence(overfitting), evidence(lookAhead)],
  paper: [paper]
}

const stateOf = (asked: PromotionAsked, name: StepName) => {
  const { complete, steps } = promotionOf(asked)
  assert.strictEqual(
    complete,
    steps.every(({ state }) => state === "found")
  )
  return steps.find((step) => step.name === name)?.state
}
const replaced = (finding: Finding, changed: Partial<Evidence["subject"]> = {}): PromotionAsked => ({
  ...whole,
  evidence: [...whole.evidence.filter((one) => one.finding._tag !== finding._tag), evidence(finding, changed)]
})

describe("promotionOf", () => {
  it("is complete when every step is found, and asks for no command then", () => {
    const { complete, steps } = promotionOf(whole)
    assert.isTrue(complete)
    assert.deepStrictEqual(
      steps.map(({ command, state }) => [state, command]),
      steps.map(() => ["found", undefined])
    )
  })

  it("has every step missing that there is nothing of, with the command that provides it", () => {
    const { complete, steps } = promotionOf({ ...whole, evidence: [], paper: [] })
    assert.isFalse(complete)
    for (const step of steps.slice(2)) {
      assert.strictEqual(step.state, "missing")
      assert.isString(step.command)
    }
  })

  it("asks for paper sessions after the backtest's last one, on its prices, in words a shell takes", () => {
    const { inputs } = backtest
    const { steps } = promotionOf({
      ...whole,
      evidence: [],
      backtest: {
        ...backtest,
        inputs: { ...inputs, algorithm: { ...algorithm, parameters: { note: "it's", slow: 50 } } },
        command:
          "backtest run sma-cross --param 'note=it'\\''s' --param slow=50 --data '/my prices' --skip-bad-rows"
      },
      paper: []
    })
    const commandOf = (name: StepName) => steps.find((step) => step.name === name)?.command
    assert.include(
      commandOf("paper"),
      `--param 'note=it'\\''s' --param slow=50 --data '/my prices' --skip-bad-rows --symbols`
    )
    const [, from = ""] =
      / --from (\S+) --cash \S+ --limits \S+ --resume-policy /u.exec(commandOf("paper") ?? "") ?? []
    assert.isAbove(dayOfDate(sessionDate(from)), dayOfDate(inputs.data.to))
    assert.strictEqual(
      commandOf("walk-forward"),
      "backtest walk-forward sma-cross --data '/my prices' --skip-bad-rows --grid note=VALUES --grid slow=VALUES"
    )
  })

  it("tells why code cannot be loaded", () => {
    const { steps } = promotionOf({
      ...whole,
      codeNow: { _tag: "Invalid", problem: "mine.ts:3: no such name" }
    })
    assert.deepInclude(steps[0], { name: "code", state: "stale", says: ["mine.ts:3: no such name"] })
  })

  it("takes code that has changed for stale, and code that is gone for missing", () => {
    assert.strictEqual(stateOf({ ...whole, codeNow: { _tag: "Loaded", hash: "other" } }, "code"), "stale")
    assert.strictEqual(stateOf({ ...whole, codeNow: { _tag: "Gone" } }, "code"), "missing")
  })

  it("fails a backtest under research limits, without costs, without fills, or contaminated", () => {
    const failing = [
      sampleBacktest({ inputs: { profile: { ...profile, promotable: false } } }),
      sampleBacktest({ inputs: { models: costsOf("none") } }),
      sampleBacktest({ content: { fills: [] } }),
      sampleBacktest({
        inputs: { algorithm: { ...algorithm, knowledgeCutoff: sessionDate("2017-01-04") } }
      })
    ]
    for (const one of failing) assert.strictEqual(stateOf({ ...whole, backtest: one }, "backtest"), "failed")
  })

  it("asks for a failed backtest again with costs, limits of a desk, and clean sessions", () => {
    const commandOf = (words: string, inputs: Parameters<typeof sampleBacktest>[0]) =>
      promotionOf({
        ...whole,
        backtest: { ...sampleBacktest(inputs), command: `backtest run sma-cross ${words}` }
      }).steps.find(({ name }) => name === "backtest")?.command
    assert.strictEqual(
      commandOf("--from 2017-01-03 --costs none --limits research --seed 1", {
        inputs: { profile: { ...profile, promotable: false }, models: costsOf("none") }
      }),
      "backtest run sma-cross --from 2017-01-03 --costs paper --seed 1"
    )
    assert.strictEqual(
      commandOf("--from 2017-01-03 --limits single-index", {
        inputs: { algorithm: { ...algorithm, knowledgeCutoff: sessionDate("2017-01-04") } }
      }),
      "backtest run sma-cross --from 2017-01-04 --limits single-index"
    )
  })

  it("changes options of the command, and no text of a parameter that looks like one", () => {
    const command =
      "backtest run sma-cross --param 'note=a --from 1 --costs none' --from 2017-01-03 --costs none"
    const { steps } = promotionOf({
      ...whole,
      backtest: { ...sampleBacktest({ inputs: { models: costsOf("none") } }), command }
    })
    assert.strictEqual(
      steps.find(({ name }) => name === "backtest")?.command,
      "backtest run sma-cross --param 'note=a --from 1 --costs none' --from 2017-01-03 --costs paper"
    )
  })

  it("fails what went against the strategy", () => {
    assert.strictEqual(
      stateOf(replaced({ ...walkForward, outOfSampleReturn: -0.1 }), "walk-forward"),
      "failed"
    )
    assert.strictEqual(stateOf(replaced({ ...walkForward, efficiency: null }), "walk-forward"), "failed")
    assert.strictEqual(
      stateOf(replaced({ ...overfitting, recommendation: "paper-trade" }), "overfitting"),
      "failed"
    )
    assert.strictEqual(stateOf(replaced({ ...lookAhead, changed: 1 }), "look-ahead"), "failed")
    assert.strictEqual(stateOf(replaced({ ...lookAhead, warmUpChanged: 1 }), "look-ahead"), "failed")
    assert.strictEqual(stateOf(replaced({ ...lookAhead, compared: 0 }), "look-ahead"), "failed")
  })

  it("takes evidence of other code, parameters, data, sessions or limits for stale", () => {
    const others: ReadonlyArray<Partial<Evidence["subject"]>> = [
      { codeHash: "other" },
      { parameters: { fast: 6, slow: 50 } },
      { dataset: "other" },
      { to: sessionDate("2017-01-05") },
      { profile: "research" },
      { costs: "none" },
      { pricesHash: "other" },
      { cash: dollars(5) },
      { resumePolicy: "never" },
      { seed: 77 },
      { engine: "0.0.1" }
    ]
    for (const other of others) {
      if (other.parameters === undefined) {
        assert.strictEqual(stateOf(replaced(walkForward, other), "walk-forward"), "stale")
      }
      assert.strictEqual(stateOf(replaced(overfitting, other), "overfitting"), "stale")
      assert.strictEqual(stateOf(replaced(lookAhead, other), "look-ahead"), "stale")
    }
  })

  it("holds of a walk-forward only for the points of its grid, and for its fixed parameters", () => {
    const says = (axes: Extract<Finding, { readonly _tag: "WalkForward" }>["axes"], fixed = {}) => {
      const asked = replaced({ ...walkForward, axes }, { parameters: fixed })
      return promotionOf(asked).steps.find(({ name }) => name === "walk-forward")
    }
    assert.propertyVal(says({ fast: [5, 10], slow: [50] }), "state", "found")
    assert.propertyVal(says({ fast: [5, 10] }, { slow: 50 }), "state", "found")
    assert.propertyVal(says({ fast: [6, 7], slow: [50] }), "state", "stale")
    assert.strictEqual(says({ fast: [6, 7], slow: [50] })?.says[0], "its grid has no fast=5")
    assert.strictEqual(says({ fast: [5] }, { slow: 60 })?.says[0], "other parameters: slow=60")
    assert.strictEqual(says({ fast: [5] })?.says[0], "other parameters: slow=none")
  })

  it("names the costs of evidence that does not count them", () => {
    const asked = replaced(walkForward, { costs: costsIdentity(costsOf("none")) })
    const found = promotionOf(asked).steps.find(({ name }) => name === "walk-forward")
    assert.strictEqual(found?.says[0], "other costs: none")
    assert.match(costsIdentity({ ...costsOf("none"), lots: "whole" }), /^custom-[0-9a-f]{10}$/u)
  })

  it("tells of the evidence that differs in least", () => {
    const asked = {
      ...whole,
      evidence: [
        evidence(lookAhead, { profile: "research" }, 1),
        evidence(lookAhead, { profile: "research", codeHash: "other" }, 9)
      ]
    }
    const found = promotionOf(asked).steps.find(({ name }) => name === "look-ahead")
    assert.strictEqual(found?.says[0], "other limits: research")
  })

  it("believes the newest evidence that holds, whatever is newer of other code, and says how often it was asked", () => {
    const later = evidence({ ...overfitting, recommendation: "reject", reasons: ["a reason"] }, {}, 5)
    const other = evidence(overfitting, { codeHash: "other" }, 9)
    const asked = { ...whole, evidence: [...whole.evidence, other, later] }
    assert.strictEqual(stateOf(asked, "overfitting"), "failed")
    const says = promotionOf(asked).steps.find(({ name }) => name === "overfitting")?.says
    assert.include(says?.at(-1), "asked 2 times of this backtest, 1 of them failed")
  })

  it("lets a leak that was found stand, whatever is looked at later, and takes no check of few cuts", () => {
    const leak = evidence({ ...lookAhead, changed: 2 }, {}, 1)
    const clean = evidence({ ...lookAhead, cuts: 400 }, {}, 5)
    const few = evidence({ ...lookAhead, cuts: 2 }, {}, 9)
    const asked = (...all: ReadonlyArray<Evidence>) => ({
      ...whole,
      evidence: [...whole.evidence.filter(({ finding }) => finding._tag !== "LookAhead"), ...all]
    })
    assert.strictEqual(stateOf(asked(leak, clean, few), "look-ahead"), "failed")
    assert.strictEqual(stateOf(asked(clean, few), "look-ahead"), "found")
    assert.strictEqual(stateOf(asked(few), "look-ahead"), "failed")
  })

  it("counts a paper session once, and none of a run of something else", () => {
    const half = { ...paper, sessions: sessions.slice(0, LEAST_PAPER_SESSIONS / 2) }
    assert.strictEqual(stateOf({ ...whole, paper: [half, half] }, "paper"), "missing")
    assert.strictEqual(stateOf({ ...whole, paper: [{ ...paper, fills: 0 }] }, "paper"), "missing")
    const other = { ...paper, differs: ["other code", "other limits: research"] }
    const nearer = { ...paper, run: "20170101-120000", differs: ["other parameters: fast=6"] }
    assert.strictEqual(stateOf({ ...whole, paper: [other, paper] }, "paper"), "found")
    assert.deepInclude(promotionOf({ ...whole, paper: [other, nearer] }).steps.at(-1), {
      state: "stale",
      says: ["none of 2 runs is of this backtest: 20170101-120000 has other parameters: fast=6"]
    })
  })
})
