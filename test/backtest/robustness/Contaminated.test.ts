import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { backtestId } from "../../../src/backtest/BacktestId.ts"
import { summaryOf } from "../../../src/backtest/BacktestSummary.ts"
import { stamp } from "../../../src/backtest/report/TearSheetHeader.ts"
import { tearSheetHtml } from "../../../src/backtest/report/TearSheet.ts"
import {
  cleanPart,
  contaminated,
  contaminationWords,
  isPromotable,
  labelOf
} from "../../../src/backtest/robustness/Contaminated.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { inputsOf, labelNotes } from "../../../src/programs/mcp/backtest/Figures.ts"
import {
  backtestJson,
  entryJson,
  inputsJson
} from "../../../src/programs/cli/commands/backtest/BacktestJson.ts"
import { warningLines } from "../../../src/programs/cli/commands/backtest/BacktestText.ts"
import { defineStrategy } from "../../../src/session/StrategyDefinition.ts"
import { sampleBacktest, sampleInputs } from "../SampleBacktest.ts"

const days = ["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07"].map((day) => sessionDate(day))
const range = { from: sessionDate("2020-01-02"), to: sessionDate("2020-01-07") }
const plain = sampleInputs()
const withCutoff = (day: string) => ({
  algorithm: { ...plain.algorithm, knowledgeCutoff: sessionDate(day) }
})

describe("what is contaminated", () => {
  it("is nothing without a cutoff, or with one that is not after the first session", () => {
    assert.strictEqual(contaminated(range, undefined, days)._tag, "None")
    assert.strictEqual(contaminated(range, sessionDate("2020-01-02"), days)._tag, "None")
  })

  it("are the sessions before the cutoff; the first on it or after it is clean", () => {
    assert.deepStrictEqual(contaminated(range, sessionDate("2020-01-04"), days), {
      _tag: "Partly",
      cutoff: sessionDate("2020-01-04"),
      sessions: 2,
      firstClean: sessionDate("2020-01-06")
    })
    assert.propertyVal(contaminated(range, sessionDate("2020-01-07"), days), "sessions", 3)
  })

  it("is all of it when no session is left", () => {
    assert.propertyVal(contaminated(range, sessionDate("2020-01-08"), days), "_tag", "Wholly")
    assert.propertyVal(contaminated(range, sessionDate("2020-01-08"), days), "sessions", 4)
  })
})

describe("the clean part", () => {
  it("begins with what the account was worth at the last contaminated close", () => {
    const clean = cleanPart({ dates: days, equity: [100, 200, 220, 198] }, sessionDate("2020-01-04"))
    const found = Option.getOrThrow(clean)
    assert.strictEqual(found.sessions, 2)
    assert.closeTo(found.totalReturn ?? Number.NaN, 198 / 200 - 1, 1e-12)
    assert.closeTo(found.maxDrawdown ?? Number.NaN, 198 / 220 - 1, 1e-12)
  })
})

describe("a cutoff", () => {
  it("leaves the ids of strategies without one as they were", () => {
    assert.strictEqual(backtestId(plain), "sma-cross-97eec06ba6")
    assert.notStrictEqual(backtestId(sampleInputs(withCutoff("2017-01-04"))), backtestId(plain))
  })

  it("has to be a day", () => {
    const define = (knowledgeCutoff: string) => () =>
      defineStrategy({
        name: "asks",
        title: "Asks",
        summary: "Asks a model.",
        instruments: { least: 1, most: 1 },
        parameters: {},
        knowledgeCutoff,
        make: () => ({ onBar: () => [] })
      })
    assert.throws(define("2024-02-31"), /knowledgeCutoff is "2024-02-31"; expected a day/u)
    assert.throws(define("soon"), /knowledgeCutoff/u)
    assert.propertyVal(define("2024-10-01")(), "knowledgeCutoff", "2024-10-01")
  })

  it("labels every form of a result, and makes it not promotable", () => {
    const result = sampleBacktest({ inputs: withCutoff("2017-01-04") })
    assert.isFalse(isPromotable(result.inputs))
    assert.match(stamp(labelOf(result.inputs)).markup, /<strong>Contaminated<.strong>.*2017-01-04/u)
    assert.strictEqual(
      stamp(labelOf({ ...plain, profile: { ...plain.profile, promotable: true } })).markup,
      ""
    )
    assert.include(inputsJson(result.inputs).limits, { promotable: false })
    assert.isFalse(inputsOf(result.inputs).promotable)
    assert.match(labelNotes(result.inputs).join(), /^CONTAMINATED in part/u)
    assert.isTrue(isPromotable(plain))
    assert.match(warningLines(result).join("\n"), /CONTAMINATED in part: .*2017-01-04 \(1 session\)/u)
    assert.deepInclude(backtestJson(result, { result: "r", tearSheet: null }), {
      contaminated: {
        part: "some",
        knowledge_cutoff: sessionDate("2017-01-04"),
        sessions: 1,
        clean_from: sessionDate("2017-01-04"),
        clean: { sessions: 1, total_return: 0.001_014_999_999_999_988_1, sharpe: null, max_drawdown: 0 }
      }
    })
    const summary = summaryOf(result)
    assert.isFalse(summary.promotable)
    assert.match(JSON.stringify(entryJson({ _tag: "Stored", summary })), /"contaminated":"CONTAMINATED/u)
    assert.strictEqual(contaminationWords({ _tag: "None" }), undefined)
    assert.match(tearSheetHtml(result), /<strong>Contaminated<\/strong>/u)
    assert.match(tearSheetHtml(result), /clean from 2017-01-04: of what is shaded/u)
    assert.notMatch(tearSheetHtml(sampleBacktest()), /Contaminated|is shaded/u)
    assert.match(
      tearSheetHtml(sampleBacktest({ inputs: withCutoff("2030-01-02") })),
      /its model had read of all of it/u
    )
    assert.isUndefined(summaryOf(sampleBacktest()).contaminated)
  })
})
