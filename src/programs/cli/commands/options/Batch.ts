/**
 * What becomes of the rows of a CSV: columns found by header, results appended.
 *
 * Columns that no computation asks for pass through as they are. One that has the name of a result gives way to it, so
 * that a name in the output is always ours; results stand last, in their order.
 */
import { Result } from "effect"
import {
  bjerksundStensland1993Formula,
  bjerksundStensland2002Formula
} from "../../../../options/BjerksundStensland.ts"
import type { ModelName } from "../../../../options/ModelSelection.ts"
import { americanVolatility } from "../../../../options/AmericanImpliedVolatility.ts"
import {
  type ImpliedVolatility,
  impliedVolatility,
  statusName
} from "../../../../options/ImpliedVolatility.ts"
import {
  checkInputs,
  invalid,
  type InvalidInputs,
  type OptionInputs,
  type OptionTerms,
  signOf
} from "../../../../options/OptionInputs.ts"
import { greeksBy, priceBy } from "../../../../options/OptionModel.ts"
import { csvField, type CsvRecord } from "./CsvRecords.ts"
import { readNumber, shortest } from "./NumberText.ts"

export type Computation =
  | { readonly _tag: "Price"; readonly model: ModelName | "bjs1993-formula" | "bjs2002-formula" }
  | { readonly _tag: "Greeks"; readonly model: ModelName }
  | { readonly _tag: "Volatility"; readonly model: ModelName }

const termNames = ["type", "S", "K", "T", "r", "q"] as const
type NumberName = "S" | "K" | "T" | "r" | "q" | "sigma" | "price"

const lastName = (computation: Computation): "sigma" | "price" =>
  computation._tag === "Volatility" ? "price" : "sigma"

export const greekNames = ["price", "delta", "gamma", "vega", "theta", "rho", "vanna", "volga"] as const

const resultNames = (computation: Computation): ReadonlyArray<string> => {
  switch (computation._tag) {
    case "Price":
      return ["price", "status"]
    case "Greeks":
      return [...greekNames, "status"]
    case "Volatility":
      return ["sigma", "status"]
  }
}

export interface RowDone {
  /** The row of the output. */
  readonly text: string
  /** What was wrong with it, where it could not be computed. */
  readonly problem: string | undefined
}

export interface Batch {
  readonly header: string
  readonly results: ReadonlyArray<string>
  /** Columns of the input that gave way to results. */
  readonly replaced: ReadonlyArray<string>
  readonly row: (record: CsvRecord) => RowDone
}

/** Where a column is: by its name, or by its name in another case where no other column has that. */
const placeOf = (header: ReadonlyArray<string>, name: string): Result.Result<number, string> => {
  const plain = header.map((text) => text.trim())
  const exact = plain.flatMap((text, i) => (text === name ? [i] : []))
  const found =
    exact.length > 0
      ? exact
      : plain.flatMap((text, i) => (text.toLowerCase() === name.toLowerCase() ? [i] : []))
  const [first, second] = found
  if (first === undefined) return Result.fail(`no column ${name}`)
  return second === undefined ? Result.succeed(first) : Result.fail(`two columns are named ${name}`)
}

const rightOf = (text: string): "CALL" | "PUT" | undefined => {
  switch (text.trim().toUpperCase()) {
    case "C":
    case "CALL":
      return "CALL"
    case "P":
    case "PUT":
      return "PUT"
    default:
      return undefined
  }
}

type Cells = Result.Result<ReadonlyArray<string>, string>

/** Our names of inputs as the file has them. */
const fieldNames: Readonly<Record<string, string>> = {
  spot: "S",
  strike: "K",
  years: "T",
  rate: "r",
  dividendYield: "q",
  volatility: "sigma"
}

const wordsOf = ({ expected, field, value }: InvalidInputs): string =>
  `${fieldNames[field] ?? field} is ${value}: expected ${expected}`

const priced = (
  model: Extract<Computation, { _tag: "Price" }>["model"],
  inputs: OptionInputs
): Result.Result<number, InvalidInputs> => {
  if (model !== "bjs1993-formula" && model !== "bjs2002-formula") return priceBy(model, inputs)
  const formula = model === "bjs1993-formula" ? bjerksundStensland1993Formula : bjerksundStensland2002Formula
  return Result.flatMap(
    checkInputs(inputs),
    ({ dividendYield, rate, right, spot, strike, volatility, years }) => {
      const value = formula(signOf(right), spot, strike, years, rate, dividendYield, volatility)
      return Number.isFinite(value)
        ? Result.succeed(value)
        : Result.fail(invalid("volatility", volatility, "inputs for which the bare formula has a value"))
    }
  )
}

const volatilityIn = (
  model: ModelName,
  terms: OptionTerms,
  price: number
): Result.Result<ImpliedVolatility, InvalidInputs> =>
  model === "bsm"
    ? impliedVolatility(terms, price)
    : Result.map(
        americanVolatility({ terms, price, style: "american", model }),
        ({ volatility }) => volatility
      )

const cellsOf = (
  computation: Computation,
  right: "CALL" | "PUT",
  values: Readonly<Record<Exclude<NumberName, "sigma" | "price">, number>>,
  last: number
): Cells => {
  const terms = {
    right,
    spot: values.S,
    strike: values.K,
    years: values.T,
    rate: values.r,
    dividendYield: values.q
  }
  switch (computation._tag) {
    case "Price":
      return Result.mapBoth(priced(computation.model, { ...terms, volatility: last }), {
        onFailure: wordsOf,
        onSuccess: (price) => [shortest(price), "ok"]
      })
    case "Greeks":
      return Result.mapBoth(greeksBy(computation.model, { ...terms, volatility: last }), {
        onFailure: wordsOf,
        onSuccess: (greeks) => [...greekNames.map((name) => shortest(greeks[name])), "ok"]
      })
    case "Volatility":
      return Result.mapBoth(volatilityIn(computation.model, terms, last), {
        onFailure: wordsOf,
        onSuccess: (answer) => [answer._tag === "Ok" ? shortest(answer.volatility) : "", statusName(answer)]
      })
  }
}

/** The batch for a file of this header; or, in words, what the header lacks. */
export const batchFor = (
  header: ReadonlyArray<string>,
  computation: Computation
): Result.Result<Batch, string> =>
  Result.gen(function* () {
    const needed = [...termNames, lastName(computation)]
    const places = needed.map((name) => placeOf(header, name))
    const wrong = places.flatMap((place) => (Result.isFailure(place) ? [place.failure] : []))
    if (wrong.length > 0) {
      return yield* Result.fail(
        `${wrong.join(", ")}: the first line has to name ${needed.join(", ")} (others pass through); it says ${header
          .slice(0, 20)
          .map((name) => `"${name.slice(0, 40)}"`)
          .join(", ")}${header.length > 20 ? ", …" : ""}`
      )
    }
    const [type = 0, S = 0, K = 0, T = 0, r = 0, q = 0, last = 0] = places.map((place) =>
      Result.getOrElse(place, () => 0)
    )
    const results = resultNames(computation)
    const kept = header.map((name) => !results.includes(name.trim()))
    const replaced = header.filter((_, i) => kept[i] === false)
    const passes = (fields: ReadonlyArray<string>): string =>
      fields
        .filter((_, i) => kept[i] === true)
        .map(csvField)
        .join(",")
    const empty = results.map((name) => (name === "status" ? "invalid" : ""))

    const compute = (fields: ReadonlyArray<string>): Cells => {
      if (fields.length !== header.length) {
        return Result.fail(`has ${fields.length} fields: expected ${header.length}, as in the first line`)
      }
      const right = rightOf(fields[type] ?? "")
      if (right === undefined) {
        return Result.fail(`type is "${(fields[type] ?? "").slice(0, 40)}": expected C or P`)
      }
      const values = { S: 0, K: 0, T: 0, r: 0, q: 0 }
      for (const [name, place] of [
        ["S", S],
        ["K", K],
        ["T", T],
        ["r", r],
        ["q", q]
      ] as const) {
        const value = readNumber(fields[place] ?? "")
        if (Result.isFailure(value)) return Result.fail(`${name} ${value.failure}`)
        values[name] = value.success
      }
      const value = readNumber(fields[last] ?? "")
      return Result.isFailure(value)
        ? Result.fail(`${lastName(computation)} ${value.failure}`)
        : cellsOf(computation, right, values, value.success)
    }

    return {
      header: [passes(header), ...results].join(","),
      results,
      replaced,
      row: ({ fields, text }) => {
        const cells = compute(fields)
        // A row with too few fields still has each result under its name.
        const all = header.map((_, i) => fields[i] ?? "")
        const passed = replaced.length === 0 && fields.length === header.length ? text : passes(all)
        const ours = Result.getOrElse(cells, () => empty).join(",")
        return {
          text: `${passed},${ours}`,
          problem: Result.isFailure(cells) ? cells.failure : undefined
        }
      }
    }
  })
