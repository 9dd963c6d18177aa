/** `plimsoll backtest lookahead`: clean and leaking strategies, what cannot be played again, evidence. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { Schema } from "effect"
import { describe, expect, it, vi } from "vitest"
import { expectGood } from "../../backtest/report/Pages.ts"
import { inNewFolder, plimsoll } from "./CommandLine.ts"

vi.setConfig({ testTimeout: 120_000 })

inNewFolder()

const lookahead = ["backtest", "lookahead"]
const period = ["--from", "2008-01-02", "--to", "2008-12-31", "--cuts", "6"]

const Told = Schema.Struct({
  clean: Schema.Boolean,
  partial: Schema.Boolean,
  changed: Schema.Int,
  subjects: Schema.Array(
    Schema.Struct({
      subject: Schema.String,
      cuts: Schema.Int,
      compared: Schema.Int,
      changed: Schema.Int,
      verdict: Schema.Literals(["clean", "leak", "untold"]),
      findings: Schema.Array(Schema.Struct({ bar: Schema.Int, date: Schema.String, before: Schema.String }))
    })
  ),
  warm_up: Schema.Array(Schema.Struct({ subject: Schema.String, recommended: Schema.NullOr(Schema.Int) })),
  command: Schema.String
})
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Told))

const rule = `import { defineStrategy } from "plimsoll/strategy"
export default defineStrategy({
  name: "centred", title: "Centred", summary: "A centred mean.",
  instruments: { least: 1, most: 1 }, parameters: {},
  make: () => ({ warmUp: 5, onBar: () => [] }),
  signal: { wants: ({ close, length }) =>
    Uint8Array.from({ length }, (_, i) => (close[i + 1] > close[i - 1] ? 1 : 0)) }
})
`

describe("plimsoll backtest lookahead", () => {
  it("a clean strategy: both ways of playing it, exit code 0, evidence", async () => {
    const { code, out } = await plimsoll([...lookahead, "sma-cross", ...period, "--json"])
    expect(code).toBe(0)
    const told = decode(out)
    expect(told).toMatchObject({ clean: true, partial: false, changed: 0 })
    expect(told.subjects.map(({ cuts, subject }) => [subject, cuts])).toEqual([
      ["event engine", 6],
      ["signal rule", 60]
    ])
    expect(told.warm_up.map(({ recommended }) => recommended)).toEqual([50, 50])
    const [file = ""] = readdirSync(".plimsoll/backtests/evidence")
    expect(readFileSync(`.plimsoll/backtests/evidence/${file}`, "utf8")).toContain('"_tag":"LookAhead"')
  })

  it("a rule that looks ahead: exit code 1, the bar and both signals, a page", async () => {
    mkdirSync("algorithms", { recursive: true })
    writeFileSync("algorithms/centred.ts", rule)
    const { code, out } = await plimsoll([...lookahead, "centred", ...period, "--html", "page.html"])
    expect(code).toBe(1)
    expect(out).toContain("signal rule: it looks ahead: 60 cuts")
    expect(out).toContain("changed with the future")
    const page = readFileSync("page.html", "utf8")
    expectGood(page)
    expect(page).toContain("backtest lookahead centred")
  })

  it("a rule that keeps or overwrites closes knows no more of another play, and one that never moves is told", async () => {
    mkdirSync("algorithms", { recursive: true })
    const keeping = rule
      .replaceAll("centred", "keeping")
      .replace(
        "Uint8Array.from({ length }, (_, i) => (close[i + 1] > close[i - 1] ? 1 : 0))",
        "{ const wants = Uint8Array.from({ length }, (_, i) => (close[i] > close[i - 1] ? 1 : 0)); close.fill(1); return wants }"
      )
    writeFileSync("algorithms/keeping.ts", keeping)
    const kept = decode((await plimsoll([...lookahead, "keeping", ...period, "--json"])).out)
    // On the engine it does nothing: that shows nothing, and is not called clean.
    expect(kept.clean).toBe(false)
    expect(kept.subjects.map(({ verdict }) => verdict)).toEqual(["untold", "clean"])
    const always = rule
      .replaceAll("centred", "always")
      .replace("(close[i + 1] > close[i - 1] ? 1 : 0)", "(i % 2)")
    writeFileSync("algorithms/always.ts", always)
    const { code, out } = await plimsoll([...lookahead, "always", ...period])
    expect(code).toBe(0)
    expect(out).toContain("Nor did anything after a cut")
    // Nor is it evidence of anything.
    const evidence = ".plimsoll/backtests/evidence"
    const texts = readdirSync(evidence).map((file) => readFileSync(`${evidence}/${file}`, "utf8"))
    expect(texts.find((text) => text.includes('"algorithm":"always"'))).toMatch(/"compared":0,/u)
  })

  it("a rule that gives no column of numbers is refused in words", async () => {
    mkdirSync("algorithms", { recursive: true })
    for (const [name, gives] of [
      ["nothing", "undefined"],
      ["lookalike", "({ length })"]
    ] as const) {
      const bad = rule
        .replaceAll("centred", name)
        .replace("Uint8Array.from({ length }, (_, i) => (close[i + 1] > close[i - 1] ? 1 : 0))", gives)
      writeFileSync(`algorithms/${name}.ts`, bad)
      const { code, err, out } = await plimsoll([...lookahead, name, ...period])
      expect([code, out]).toEqual([64, ""])
      expect(err).toContain("the signal rule gave no Uint8Array")
    }
  })

  it("strategies that trade options, and numbers of cuts that are none, are refused", async () => {
    const options = await plimsoll([...lookahead, "covered-call", ...period])
    expect(options.code).toBe(64)
    expect(options.err).toContain("their future cannot be changed")
    expect((await plimsoll([...lookahead, "sma-cross", "--cuts", "0"])).code).toBe(64)
  })
})
