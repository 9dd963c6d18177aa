/** From what is asked for to the inputs of a backtest, or what does not fit together. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { afterAll, beforeAll } from "vitest"
import { costsOf } from "../../../src/backtest/CostsPreset.ts"
import { symbol } from "../../../src/domain/Identifiers.ts"
import { dollars } from "../../../src/domain/Money.ts"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import {
  type AskedBacktest,
  datasetOf,
  noFinancing,
  prepareBacktest
} from "../../../src/programs/backtest/PrepareBacktest.ts"
import { deskProfile, researchProfile, singleIndexProfile } from "../../../src/risk/LimitsProfile.ts"
import { askedFor } from "./SampleAsk.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-prepare-"))
  const rows = Array.from({ length: 30 }, (_, i) => {
    const day = new Date(Date.UTC(2024, 1, 20) + i * 86_400_000)
    return [0, 6].includes(day.getUTCDay()) ? [] : [`${day.toISOString().slice(0, 10)},10,11,9,10.5,1000`]
  }).flat()
  writeFileSync(join(folder, "fund.csv"), ["date,open,high,low,close,volume", ...rows].join("\n"))
  writeFileSync(
    join(folder, "spoiled.csv"),
    ["date,open,high,low,close,volume", rows[0], "2024-02-21,10,11,9,-1,5", ...rows.slice(2)].join("\n")
  )
  writeFileSync(join(folder, "nan.csv"), "date,open,high,low,close,volume\n2024-01-02,10,11,9,NaN,1000\n")
  mkdirSync(join(folder, "algorithms", "lean-one"), { recursive: true })
  writeFileSync(join(folder, "algorithms", "lean-one", "config.json"), "{}")
  writeFileSync(join(folder, "algorithms", "lean-one", "main.py"), "pass")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const asked = askedFor("2017-01-03", "2017-12-29")

const prepare = (changed: Partial<AskedBacktest> = {}) =>
  prepareBacktest(asked(changed), { folder, project: folder }).pipe(Effect.provide(NodeServices.layer))

const csv = (file: string): AskedBacktest["market"] => ({ source: "csv", files: { [symbol("FUND")]: file } })
const everything = { from: Option.none(), to: Option.none() }

describe("a backtest that is asked for", () => {
  it.effect("tells the prices of its sessions apart from those of its warm-up", () =>
    Effect.gen(function* () {
      const [short, long] = yield* Effect.forEach([50, 200], (slow) => prepare({ parameters: { slow } }))
      const [of, other] = [short?.file.inputs.data, long?.file.inputs.data]
      expect(of?.dataHash).not.toBe(other?.dataHash)
      expect(of?.sessionsHash).toMatch(/^[0-9a-f]{64}$/u)
      expect(of?.sessionsHash).toBe(other?.sessionsHash)
    })
  )

  it.effect("has defaults for everything that is not said, and a command that says it all", () =>
    Effect.gen(function* () {
      const { file, id, strategy, tape } = yield* prepare()
      const { inputs } = file
      expect(inputs).toMatchObject({
        algorithm: { name: "sma-cross", kind: "built-in", parameters: { fast: 10, slow: 50 } },
        data: {
          source: "embedded replay",
          symbols: ["SPX-REPLAY"],
          resolution: "1d",
          from: "2017-01-03",
          to: "2017-12-29",
          dataset: "embedded replay, SPX-REPLAY, 1d",
          dataHash: tape.dataHash
        },
        cash: dollars(100_000),
        profile: singleIndexProfile,
        resumePolicy: { _tag: "Sessions", count: 20 },
        seed: 1,
        models: costsOf("paper")
      })
      expect(id).toMatch(/^sma-cross-[0-9a-f]{10}$/u)
      expect(strategy.parameters).toEqual(inputs.algorithm.parameters)
      expect(file.command).toBe(
        "backtest run sma-cross --param fast=10 --param slow=50 --symbols SPX-REPLAY --from 2017-01-03 --to 2017-12-29 --cash 100000 --costs paper --limits single-index --resume-policy sessions:20 --seed 1"
      )
    })
  )

  it.effect("is the same backtest when its defaults are said, and another when anything differs", () =>
    Effect.gen(function* () {
      const { id } = yield* prepare()
      const said = yield* prepare({
        parameters: { fast: 10, slow: 50 },
        symbols: ["SPX-REPLAY"],
        cash: Option.some(dollars(100_000)),
        costs: Option.some("paper"),
        limits: Option.some("single-index"),
        seed: Option.some(1)
      })
      expect(said.id).toBe(id)
      const others = yield* Effect.forEach(
        [
          { typed: { fast: "8" } },
          { cash: Option.some(dollars(50_000)) },
          { costs: Option.some("lean" as const) },
          { limits: Option.some("research") },
          { seed: Option.some(2) },
          { to: Option.some(sessionDate("2017-12-28")) },
          { financing: { ...noFinancing, borrow: Option.some(50) } },
          { financing: { ...noFinancing, margin: Option.some("reg-t" as const) } },
          { algorithm: "buy-and-hold" }
        ],
        (changed) => Effect.map(prepare(changed), (other) => other.id)
      )
      expect(new Set([id, ...others]).size).toBe(others.length + 1)
    })
  )

  it.effect("takes the limits that a run would take", () =>
    Effect.gen(function* () {
      const shares = yield* prepare({ symbols: ["AAPL"] })
      expect(shares.file.inputs.profile).toEqual(deskProfile)
      const both = yield* prepare({ symbols: ["SPX-REPLAY", "AAPL"] })
      expect(both.file.inputs.profile).toEqual(deskProfile)
      const research = yield* prepare({ limits: Option.some("research") })
      expect(research.file.inputs.profile).toEqual(researchProfile)
    })
  )

  it.effect("has as many symbols as its strategy needs when none are named", () =>
    Effect.gen(function* () {
      const { file } = yield* prepare({ algorithm: "pair-reversion" })
      expect(file.inputs.data.symbols).toEqual(["SPX-REPLAY", "AAPL"])
    })
  )

  it.effect("borrows and lends as it was told", () =>
    Effect.gen(function* () {
      const { file } = yield* prepare({
        financing: { borrow: Option.some(75), margin: Option.some("reg-t"), marginRate: Option.some(600) }
      })
      expect(file.inputs.models).toMatchObject({
        borrow: { _tag: "Yearly", basisPoints: 75 },
        margin: { _tag: "RegulationT", interestBasisPoints: 600 }
      })
      expect(file.command).toContain(" --borrow 75 --margin reg-t --margin-rate 600 ")
    })
  )

  it.effect("tells how a person's own file was read", () =>
    Effect.gen(function* () {
      const { file, notes } = yield* prepare({
        market: csv("fund.csv"),
        algorithm: "buy-and-hold",
        ...everything
      })
      expect(notes.join("\n")).toContain("fund.csv")
      expect(file.inputs.data.symbols).toEqual(["FUND"])
      expect(file.command).toContain("--csv FUND=fund.csv")
    })
  )

  it.effect("tells the rows that were left out because it was asked to", () =>
    Effect.gen(function* () {
      const { notes } = yield* prepare({
        market: { source: "csv", files: { [symbol("FUND")]: "spoiled.csv" }, badRows: "skip" },
        algorithm: "buy-and-hold",
        ...everything
      })
      expect(notes.join("\n")).toMatch(/left out 1 row:\n {2}\S+spoiled\.csv row 3: /u)
    })
  )

  it("is of one data set whatever the order of its symbols", () => {
    expect(datasetOf("here", ["B", "A"], "1d")).toBe(datasetOf("here", ["A", "B"], "1d"))
    expect(datasetOf("here", ["A", "B"], "1m")).not.toBe(datasetOf("here", ["A", "B"], "1d"))
  })
})

describe("what does not fit together", () => {
  const refusals: ReadonlyArray<
    readonly [what: string, changed: Partial<AskedBacktest>, tag: string, message: string]
  > = [
    ["an unknown algorithm", { algorithm: "sma-crs" }, "UnknownAlgorithm", "The nearest is sma-cross"],
    ["no algorithm's name", { algorithm: "../etc" }, "UnknownAlgorithm", 'no strategy "../etc"'],
    ["an unknown parameter, typed", { typed: { fsat: "5" } }, "BadGrid", "did you mean fast?"],
    ["an unknown parameter", { parameters: { fsat: 5 } }, "BadParameter", 'no parameter "fsat"'],
    [
      "a parameter outside its range, typed",
      { typed: { fast: "0" } },
      "BadGrid",
      "expected a whole number from 1 to 2000"
    ],
    ["a parameter that is no number", { typed: { fast: "five" } }, "BadGrid", "expected a whole number"],
    [
      "a parameter outside its range",
      { parameters: { fast: 2.5 } },
      "BadParameter",
      "expected a whole number"
    ],
    ["parameters that do not go together", { parameters: { fast: 60 } }, "BadParameter", "sma-cross"],
    [
      "an unknown symbol",
      { symbols: ["AAPLE"] },
      "RunRefused",
      "no source has AAPLE; there is AAPL, SPX-REPLAY"
    ],
    [
      "too many symbols",
      { algorithm: "pair-reversion", symbols: ["AAPL"] },
      "RunRefused",
      "does not run on 1 symbol: it takes 2 symbols"
    ],
    [
      "dates outside the data",
      { from: Option.some(sessionDate("1999-01-04")) },
      "RunRefused",
      "the data reach from 2000-01-03 to 2020-04-17"
    ],
    [
      "dates the wrong way round",
      { from: Option.some(sessionDate("2018-01-03")) },
      "RunRefused",
      "--from 2018-01-03 is after --to 2017-12-29"
    ],
    [
      "a weekend",
      { from: Option.some(sessionDate("2017-01-07")), to: Option.some(sessionDate("2017-01-08")) },
      "RunRefused",
      "the exchange was closed"
    ],
    [
      "too few bars for the warm-up",
      { from: Option.some(sessionDate("2000-01-03")), to: Option.some(sessionDate("2000-02-01")) },
      "TooFewBars",
      "SPX-REPLAY has 21 bars of 1d up to 2000-02-01: the strategy needs 50 before its first decision"
    ],
    [
      "an unknown profile",
      { limits: Option.some("loose") },
      "RunRefused",
      "there are desk, single-index, research"
    ],
    [
      "a rate without a margin account",
      { financing: { ...noFinancing, marginRate: Option.some(5) } },
      "RunRefused",
      "needs a margin account"
    ],
    ["a LEAN project", { algorithm: "lean-one" }, "RunRefused", "lean-one is a LEAN project"],
    [
      "a folder that is not there",
      { market: { source: "lean", path: "nowhere" } },
      "MarketSourceError",
      "nowhere"
    ],
    ["a price that is no number", { market: csv("nan.csv"), ...everything }, "BadMarketData", "nan.csv"]
  ]

  it.effect.each(refusals)("%s", ([, changed, tag, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(prepare(changed))
      expect(error._tag).toBe(tag)
      expect(error.message).toContain(message)
    })
  )
})
