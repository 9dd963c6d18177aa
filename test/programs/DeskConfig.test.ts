import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { configJsonSchema, decodeConfig, initialConfig } from "../../src/programs/DeskConfig.ts"

const problemsOf = (text: string): ReadonlyArray<string> =>
  Result.match(decodeConfig("plimsoll.json", text), {
    onFailure: ({ problems }) => problems,
    onSuccess: () => []
  })

describe("plimsoll.json", () => {
  it("takes what init writes, and an empty object", () => {
    expect(problemsOf(initialConfig("./x.json", "100000"))).toEqual([])
    expect(problemsOf("{}")).toEqual([])
  })

  it("takes money as text or as a number, exactly", () => {
    for (const cash of ['"1234.56"', "1234.56"]) {
      const config = Result.getOrThrow(decodeConfig("f", `{"paper": {"startingCash": ${cash}}}`))
      expect(config.paper?.startingCash).toBe(1_234_560_000)
    }
  })

  it.each([
    ["text that is no JSON, with its place", '{\n  "seed": 1,\n}', /^plimsoll\.json:3:1: not JSON: /u],
    ["something that is no object", "[]", "plimsoll.json: expected object"],
    ["an unknown field", '{"limit": {}}', "plimsoll.json: limit: no such field"],
    [
      "an unknown limit",
      '{"limits": {"positionRatios": 1}}',
      "plimsoll.json: limits.positionRatios: no such field"
    ],
    [
      "a limit of another kind",
      '{"limits": {"positionRatio": "x"}}',
      "plimsoll.json: limits.positionRatio: expected number"
    ],
    [
      "a limit out of bounds",
      '{"limits": {"dailyLossRatio": 2}}',
      "plimsoll.json: limits.dailyLossRatio: expected a value between 0.001 and 1"
    ],
    [
      "a profile that is not for a desk",
      '{"limits": {"profile": "research"}}',
      'plimsoll.json: limits.profile: expected "desk" | "single-index"'
    ],
    [
      "an unknown source",
      '{"market": {"source": "feed"}}',
      'plimsoll.json: market.source: expected "embedded" | "lean" | "csv"'
    ],
    [
      "a sector without a name",
      '{"instruments": {"MYFUND": {"sector": ""}}}',
      "plimsoll.json: instruments.MYFUND.sector: expected a name of 1 to 64 printable characters, without quotes and backslashes"
    ],
    [
      "an instrument under a name that no symbol has",
      '{"instruments": {"my fund": {"sector": "x"}}}',
      /^plimsoll\.json: instruments\.my fund: /u
    ],
    ["a source without its path", '{"market": {"source": "lean"}}', "plimsoll.json: market.path: missing"],
    [
      "a fee model without its numbers",
      '{"paper": {"fee": {"model": "ratio"}}}',
      "plimsoll.json: paper.fee.basisPoints: missing"
    ],
    [
      "cash below zero",
      '{"paper": {"startingCash": -5}}',
      "plimsoll.json: paper.startingCash: expected an amount above zero, at most a billion"
    ],
    [
      "cash in words",
      '{"paper": {"startingCash": "much"}}',
      /^plimsoll\.json: paper\.startingCash: expected an amount as a plain decimal/u
    ],
    ["a seed that is not whole", '{"seed": 1.5}', "plimsoll.json: seed: expected an integer"],
    [
      "a start that is no date",
      '{"market": {"source": "embedded", "start": "2017"}}',
      /^plimsoll\.json: market\.start: /u
    ]
  ])("names the field and what was expected of %s", (_case, text, expected) => {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  it("refuses a field that is said twice, for a person reads the first and the parser takes the last", () => {
    expect(problemsOf('{"limits": {"positionRatio": 0.1,\n "positionRatio": 0.9}}')).toEqual([
      "plimsoll.json:2:2: positionRatio is said twice"
    ])
    expect(problemsOf('{"seed": 1, "market": {"source": "embedded"}, "\\u0073eed": 2}')).toHaveLength(1)
    expect(problemsOf('{"market": {"source": "csv", "files": {"SEED": "a: {"}}, "seed": 1}')).toEqual([])
  })

  it("passes over a byte order mark", () => {
    expect(problemsOf('\uFEFF{"seed": 1}')).toEqual([])
  })

  it("tells everything that is wrong, a line each", () => {
    expect(problemsOf('{"seed": "x", "limits": {"openOrders": 0}}')).toHaveLength(2)
  })
})

describe("a half-written plimsoll.json", () => {
  it("is refused in one line that names file, line and column, wherever it was cut", () => {
    const text = initialConfig("./.plimsoll/plimsoll.schema.json", "100000")
    expect(Result.isSuccess(decodeConfig("plimsoll.json", text))).toBe(true)
    for (let length = 0; length < text.trimEnd().length; length++) {
      const decoded = decodeConfig("plimsoll.json", text.slice(0, length))
      const said = Result.isFailure(decoded) ? decoded.failure.message : "accepted"
      expect([length, said]).toEqual([
        length,
        expect.stringMatching(/^plimsoll\.json:\d+:\d+: not JSON: [^\n]+$/u)
      ])
    }
  })
})

describe("schemas/plimsoll.schema.json", () => {
  it("is what the code says: run scripts/write-schema.ts after a change", () => {
    const file = resolve(import.meta.dirname, "../../schemas/plimsoll.schema.json")
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
  })

  it("refuses unknown fields too, so that an editor marks them", () => {
    expect(configJsonSchema()).toMatchObject({ additionalProperties: false })
  })
})
