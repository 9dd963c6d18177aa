/** A project with strategies in files, for what workers do with them, and backtests as they are asked for in it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Option } from "effect"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { type AskedBacktest, noFinancing } from "../../../src/programs/backtest/PrepareBacktest.ts"

/** Holds from the session `fast` on; its onBar does as `act` says at session `slow`. */
const strategyText = (name: string, body: string, signal = ""): string => `
import { defineStrategy, whole } from "plimsoll/strategy"

export default defineStrategy({
  name: "${name}",
  title: "Acts",
  summary: "for tests",
  instruments: { least: 1, most: 1 },
  parameters: {
    fast: whole({ default: 1, minimum: 1, maximum: 1000, meaning: "for tests" }),
    slow: whole({ default: 1, minimum: 1, maximum: 1000, meaning: "for tests" })
  },
  make: ({ fast, slow }) => ({
    onBar: (context) => {
      const { instruments, holdings, sessionIndex } = context
      const id = instruments[0].id
      ${body}
    }
  })${signal}
})
`

const holdFrom = `
      return sessionIndex >= fast && !holdings.has(id) ? [{ instrumentId: id, weight: 1, reason: "held" }] : []`

const signalFrom = (shift: number): string => `,
  signal: {
    wants: (bars, { fast }) => Uint8Array.from(bars.close, (_, i) => (i >= Number(fast) + ${shift} ? 1 : 0))
  }`

const signalWith = (body: string): string => `,
  signal: {
    wants: (bars, { fast }, cache) => {${body}
      return Uint8Array.from(bars.close, (_, i) => (i >= fast ? 1 : 0))
    }
  }`

const aboveBefore = `
      const history = context.histories.get(id)
      if (history === undefined || history.length <= fast) return []
      const isWanted = history.close[history.length - 1] > history.close[history.length - 1 - fast]
      return isWanted === holdings.has(id) ? [] : [{ instrumentId: id, weight: isWanted ? 1 : 0, reason: "held" }]`

const signalAbove = (shift: number): string => `,
  signal: {
    wants: ({ close }, { fast }) =>
      Uint8Array.from(close, (_, i) => (i >= Number(fast) && close[i + ${shift}] > close[i - Number(fast)] ? 1 : 0))
  }`

const files: Readonly<Record<string, string>> = {
  holder: strategyText("holder", holdFrom, signalFrom(0)),
  "untrue-holder": strategyText("untrue-holder", holdFrom, signalFrom(1)),
  // As the strategy is, but for one value of the grid, at which it knows the next close.
  "sometimes-ahead": strategyText(
    "sometimes-ahead",
    holdFrom,
    signalWith(`
      if (fast === 15) return Uint8Array.from(bars.close, (close, i) => (bars.close[i + 1] > close ? 1 : 0))`)
  ),
  "badly-cached": strategyText(
    "badly-cached",
    holdFrom,
    signalWith(`
      const kept = cache.get("wants") ?? Float64Array.from(bars.close, (_, i) => (i >= fast ? 1 : 0))
      cache.set("wants", kept)
      bars.close.fill(1_000_000)
      return Uint8Array.from(kept)`)
  ),
  // Long after a close above that of `fast` bars before, as its rule says.
  "above-mean": strategyText("above-mean", aboveBefore, signalAbove(0)),
  // The same but for its rule, which knows the next close.
  "knows-close": strategyText("knows-close", aboveBefore, signalAbove(1)),
  "always-throws": strategyText("always-throws", `throw new TypeError("never")`, signalFrom(0)),
  endless: strategyText("endless", `if (sessionIndex === slow) for (;;);${holdFrom}`),
  leaver: strategyText("leaver", `if (sessionIndex === slow) globalThis.process.exit(3);${holdFrom}`),
  thrower: strategyText("thrower", `if (sessionIndex === slow) throw new TypeError("not today");${holdFrom}`)
}

export interface TestProject {
  readonly folder: string
  readonly remove: () => void
}

export const testProject = (): TestProject => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-workers-"))
  mkdirSync(join(folder, "algorithms"))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, "algorithms", `${name}.ts`), text)
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A year of the index, without costs. */
export const askedFor = (algorithm: string, changed: Partial<AskedBacktest> = {}): AskedBacktest => ({
  algorithm,
  parameters: {},
  typed: {},
  market: { source: "embedded" },
  symbols: [],
  from: Option.some(sessionDate("2008-01-02")),
  to: Option.some(sessionDate("2008-12-31")),
  cash: Option.none(),
  costs: Option.some("none"),
  financing: noFinancing,
  limits: Option.some("research"),
  resumePolicy: Option.none(),
  seed: Option.none(),
  words: { from: "--from", to: "--to", symbols: "--symbols" },
  ...changed
})
