/**
 * What an American option costs by each model, one thread, in microseconds:
 * the formulas of Bjerksund and Stensland, the accurate value, the tree with
 * four cash dividends, and the volatility in a price.
 *
 * Targets: Bjerksund–Stensland 2002 at most 5 µs, the accurate value at most 2 ms.
 */
import { Result } from "effect"
import { americanVolatility } from "../src/options/AmericanImpliedVolatility.ts"
import { americanPrice } from "../src/options/AndersenLakeOffengenden.ts"
import { bjerksundStensland1993, bjerksundStensland2002 } from "../src/options/BjerksundStensland.ts"
import { leisenReimerPrice } from "../src/options/LeisenReimer.ts"
import { generator, quantile } from "./Sampling.ts"

type Inputs = readonly [
  sign: 1 | -1,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
  volatility: number
]

const random = generator(20_240_607)

/** An equity option as chains have them: a week to two years, ±40% about the money. */
const option = (): Inputs => [
  random() < 0.5 ? 1 : -1,
  100,
  60 + 80 * random(),
  0.02 + 2 * random() ** 2,
  0.005 + 0.06 * random(),
  0.002 + 0.04 * random(),
  0.1 + 0.5 * random()
]

const options = Array.from({ length: 5000 }, option)
const quarterly = [0.1, 0.35, 0.6, 0.85].map((years) => ({ years, amount: 0.5 }))

/** The median over rounds of the mean microseconds of a call; `sink` keeps the calls from being dropped. */
let sink = 0
const microseconds = (count: number, price: (inputs: Inputs) => number): number => {
  const some = options.slice(0, count)
  const rounds = Array.from({ length: 9 }, () => {
    const started = process.hrtime.bigint()
    for (const inputs of some) sink += price(inputs)
    return Number(process.hrtime.bigint() - started) / 1000 / count
  })
  return quantile(rounds.slice(2), 0.5)
}

const rows: ReadonlyArray<readonly [name: string, value: number, target?: number]> = [
  ["bjs1993", microseconds(5000, (o) => bjerksundStensland1993(...o))],
  ["bjs2002", microseconds(5000, (o) => bjerksundStensland2002(...o)), 5],
  ["american", microseconds(100, (o) => americanPrice(...o)), 2000],
  [
    "tree, 4 dividends",
    microseconds(100, ([sign, spot, strike, years, rate, dividendYield, volatility]) =>
      leisenReimerPrice({
        style: "american",
        sign,
        spot,
        strike,
        years,
        rate,
        dividendYield,
        volatility,
        dividends: quarterly
      })
    )
  ],
  [
    "volatility, bjs2002",
    microseconds(1000, (o) => {
      const [sign, spot, strike, years, rate, dividendYield] = o
      const right = sign > 0 ? "CALL" : "PUT"
      const found = americanVolatility({
        terms: { right, spot, strike, years, rate, dividendYield },
        price: bjerksundStensland2002(...o),
        style: "american",
        model: "bjs2002"
      })
      return Result.isSuccess(found) && found.success.volatility._tag === "Ok"
        ? found.success.volatility.volatility
        : 0
    })
  ]
]

if (process.argv.includes("--json")) {
  const result = {
    name: "american",
    unit: "µs",
    ...Object.fromEntries(rows.map(([name, value]) => [name, Number(value.toFixed(3))])),
    sink: Number.isFinite(sink)
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} else {
  for (const [name, value, target] of rows) {
    const limit = target === undefined ? "" : `   at most ${target}`
    process.stdout.write(`${name.padEnd(22)}${value.toFixed(2).padStart(10)} µs${limit}\n`)
  }
}
