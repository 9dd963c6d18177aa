/** What several backtests have in common and what sets them apart. Pure. */
import { Option, Result } from "effect"
import { dailyReturns, type EquityCurve, equityCurve, ruinedOn } from "../../portfolio/EquityCurve.ts"
import { dollars } from "../../session/report/Format.ts"
import { formatResumePolicy } from "../../risk/ResumePolicy.ts"
import { type BacktestInputs, pricesHash } from "../BacktestInputs.ts"
import type { FinishedBacktest } from "../BacktestResult.ts"
import { modelLines } from "./Provenance.ts"

/** What a backtest was made from, one value a run; a dash where a run has none. */
export interface InputLine {
  readonly name: string
  readonly values: ReadonlyArray<string>
  readonly differs: boolean
  readonly kind: "parameter" | "code" | "data" | "costs" | "limits" | "single limit" | "engine" | "start"
}

const lineOf = (kind: InputLine["kind"], name: string, values: ReadonlyArray<string>): InputLine => ({
  kind,
  name,
  values,
  differs: new Set(values).size > 1
})

/** Names in the order they come first. */
const namesOf = (lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => [
  ...new Set(lists.flat())
]

const limitLines = (all: ReadonlyArray<BacktestInputs>): ReadonlyArray<InputLine> => {
  const flat = all.map(({ profile }) => flatten(profile.limits))
  return namesOf(flat.map((limits) => [...limits.keys()]))
    .map((name) =>
      lineOf(
        "single limit",
        name,
        flat.map((limits) => limits.get(name) ?? "–")
      )
    )
    .filter(({ differs }) => differs)
}

/** "options.vegaRatio" to "0.01". */
const flatten = (record: object, before = ""): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(record).flatMap(([name, value]): ReadonlyArray<readonly [string, string]> =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? [...flatten(value, `${before}${name}.`)]
        : [[`${before}${name}`, Array.isArray(value) ? value.join(", ") : String(value)]]
    )
  )

/** Every input of every run side by side; single limits only where they differ. */
export const inputLines = (results: ReadonlyArray<FinishedBacktest>): ReadonlyArray<InputLine> => {
  const all = results.map(({ inputs }) => inputs)
  const of = (kind: InputLine["kind"], name: string, value: (inputs: BacktestInputs) => string): InputLine =>
    lineOf(kind, name, all.map(value))
  const costs = all.map(({ models }) => new Map(modelLines(models)))
  return [
    of("code", "algorithm", ({ algorithm }) => algorithm.name),
    ...namesOf(all.map(({ algorithm }) => Object.keys(algorithm.parameters))).map((name) =>
      of("parameter", name, ({ algorithm }) => String(algorithm.parameters[name] ?? "–"))
    ),
    of("code", "hash of the code", ({ algorithm }) => algorithm.codeHash),
    of("data", "hash of the data", ({ data }) => pricesHash(data)),
    of("data", "source", ({ data }) => data.source),
    of("data", "symbols", ({ data }) => data.symbols.join(", ")),
    of("data", "bars", ({ data }) => data.resolution),
    of("data", "from", ({ data }) => data.from),
    of("data", "to", ({ data }) => data.to),
    ...namesOf(costs.map((lines) => [...lines.keys()])).map((name) =>
      lineOf(
        "costs",
        name.toLowerCase(),
        costs.map((lines) => lines.get(name) ?? "–")
      )
    ),
    of("limits", "limits", ({ profile }) => `${profile.name}: ${profile.label}`),
    ...limitLines(all),
    of("limits", "after a drawdown trip", ({ resumePolicy }) => formatResumePolicy(resumePolicy)),
    of("start", "cash", ({ cash }) => dollars(cash)),
    of("start", "seed", ({ seed }) => String(seed)),
    of("engine", "engine", ({ engine }) => `${engine.name} ${engine.version}`)
  ]
}

/** Why figures may not be held against each other, a sentence each; none when they may. */
export const incomparable = (results: ReadonlyArray<FinishedBacktest>): ReadonlyArray<string> => {
  const differ = (value: (inputs: BacktestInputs) => string): boolean =>
    new Set(results.map(({ inputs }) => value(inputs))).size > 1
  const played = results.map(({ outcome: { content } }) => `${content.dates[0]} ${content.dates.at(-1)}`)
  const sameSymbols = !differ(({ data }) => data.symbols.join(","))
  return [
    ...(new Set(played).size > 1 ? ["The periods differ: what one run went through the other did not."] : []),
    ...(sameSymbols ? [] : ["The symbols differ: these are results of different markets."]),
    ...(sameSymbols && differ(({ data }) => pricesHash(data))
      ? ["The data differ, though the symbols are the same: another source, resolution or correction."]
      : [])
  ]
}

/** What is no reason to refuse a comparison, but part of every difference. */
export const mixed = (results: ReadonlyArray<FinishedBacktest>): ReadonlyArray<string> => {
  const lines = inputLines(results)
  const differs = (kind: InputLine["kind"], name?: string): boolean =>
    lines.some((line) => line.kind === kind && line.differs && (name === undefined || line.name === name))
  return [
    ...(differs("costs") ? ["Costs and fills differ: part of every difference is theirs."] : []),
    ...(differs("limits") ? ["Limits differ: what one run was denied the other may have been let do."] : []),
    ...(differs("engine")
      ? [
          "The engines or their versions differ: fills at other moments and prices are part of every difference."
        ]
      : [])
  ]
}

/** The same curve, beginning with 100. */
export const rebased = ({ dates, equities }: EquityCurve): Option.Option<EquityCurve> => {
  const start = equities[0] ?? Number.NaN
  return Result.getSuccess(
    equityCurve(
      dates,
      equities.map((equity) => (100 * equity) / start)
    )
  )
}

export interface Correlation {
  readonly value: number
  /** Sessions that both have. */
  readonly sessions: number
}

/** Fewer common sessions say nothing of how two runs go together. */
const FEWEST_COMMON = 20

/** Returns by date; none once the account was worth nothing. */
export const returnsByDate = (curve: EquityCurve): ReadonlyMap<string, number> => {
  if (Option.isSome(ruinedOn(curve))) return new Map()
  const returns = dailyReturns(curve)
  return new Map(Array.from(returns, (value, i) => [curve.dates[i + 1] ?? "", value]))
}

/** Pearson's correlation of the returns of the sessions that both have; undefined of fewer than twenty, and where one does not vary. */
export const correlation = (
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>
): Correlation | undefined => {
  const pairs = [...a].flatMap(([date, x]) => {
    const y = b.get(date)
    return y === undefined ? [] : [[x, y] as const]
  })
  const n = pairs.length
  if (n < FEWEST_COMMON) return undefined
  let [sumX, sumY] = [0, 0]
  for (const [x, y] of pairs) {
    sumX += x
    sumY += y
  }
  let [xx, yy, xy] = [0, 0, 0]
  for (const [x, y] of pairs) {
    const [dx, dy] = [x - sumX / n, y - sumY / n]
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  const scale = Math.sqrt(xx) * Math.sqrt(yy)
  return scale > 1e-15 ? { value: Math.max(-1, Math.min(1, xy / scale)), sessions: n } : undefined
}
