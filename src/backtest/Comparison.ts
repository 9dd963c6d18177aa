/** Backtests side by side: what of their inputs differs, and whether their figures can be compared at all. Pure. */
import canonicalize from "canonicalize"
import { formatMicros } from "../domain/Money.ts"
import { formatResumePolicy } from "../risk/ResumePolicy.ts"
import { type BacktestInputs, pricesHash } from "./BacktestInputs.ts"

/** An input that is not the same in all of them. */
export interface Difference {
  /** "parameters", "data", "fee", … */
  readonly input: string
  /** What was tried may differ; the conditions it was tried under have to be the same for figures to be compared. */
  readonly of: "algorithm" | "conditions"
  /** How each has it, in the order of the backtests. */
  readonly values: ReadonlyArray<string>
}

export interface Comparison {
  readonly differences: ReadonlyArray<Difference>
  /** Made under the same conditions: on the same data, cash, limits and models, by the same engine. */
  readonly comparable: boolean
}

/** Digits of a hash: enough to tell two apart. */
const HASH_DIGITS = 12

type Told = readonly [input: string, of: Difference["of"], told: string, whole: unknown]

/** Parameters that are not the same in all, as "fast=5 slow=50". */
const parameterWords = (own: BacktestInputs, all: ReadonlyArray<BacktestInputs>): string => {
  const names = new Set(all.flatMap(({ algorithm }) => Object.keys(algorithm.parameters)))
  const varying = [...names].filter(
    (name) => new Set(all.map(({ algorithm }) => canonicalize([algorithm.parameters[name] ?? null]))).size > 1
  )
  return varying.map((name) => `${name}=${String(own.algorithm.parameters[name] ?? "none")}`).join(" ")
}

const modelWords = (model: unknown): string => (model === undefined ? "none" : (canonicalize(model) ?? ""))

/** Every input: how it is told, and what has to be equal. */
const inputsOf = (own: BacktestInputs, all: ReadonlyArray<BacktestInputs>): ReadonlyArray<Told> => {
  const { algorithm, cash, data, engine, models, profile, resumePolicy, seed } = own
  const { borrow, exerciseThreshold, fee, fill, lots, margin, quotes, slippage } = models
  const condition = (name: string, told: string, whole: unknown): Told => [name, "conditions", told, whole]
  const model = (name: string, value: unknown): Told => condition(name, modelWords(value), [value ?? null])
  return [
    ["algorithm", "algorithm", algorithm.name, [algorithm.name, algorithm.kind]],
    ["code", "algorithm", algorithm.codeHash.slice(0, HASH_DIGITS), algorithm.codeHash],
    ["parameters", "algorithm", parameterWords(own, all), algorithm.parameters],
    condition("engine", `${engine.name} ${engine.version}`, engine),
    condition("source", data.source, data.source),
    condition("symbols", data.symbols.join(", "), data.symbols.toSorted()),
    condition("resolution", data.resolution, data.resolution),
    condition("dates", `${data.from} to ${data.to}`, [data.from, data.to]),
    condition("data", pricesHash(data).slice(0, HASH_DIGITS), pricesHash(data)),
    condition(
      "risk-free rates",
      data.ratesHash?.slice(0, HASH_DIGITS) ?? "the program's own",
      data.ratesHash ?? null
    ),
    condition("cash", formatMicros(cash, 2), cash),
    condition("limits", profile.label, profile),
    condition("resume policy", formatResumePolicy(resumePolicy), resumePolicy),
    condition("seed", String(seed), seed),
    model("fill", fill),
    model("fee", fee),
    model("slippage", slippage),
    model("quotes", quotes),
    model("lots", lots),
    model("exercise threshold", exerciseThreshold),
    model("borrow", borrow),
    model("margin", margin)
  ]
}

export const comparisonOf = (all: ReadonlyArray<BacktestInputs>): Comparison => {
  const told = all.map((own) => inputsOf(own, all))
  const differences = (told[0] ?? []).flatMap(([input, of], i): ReadonlyArray<Difference> => {
    const wholes = new Set(told.map((inputs) => canonicalize([inputs[i]?.[3]])))
    return wholes.size > 1 ? [{ input, of, values: told.map((inputs) => inputs[i]?.[2] ?? "") }] : []
  })
  return { differences, comparable: differences.every(({ of }) => of === "algorithm") }
}
