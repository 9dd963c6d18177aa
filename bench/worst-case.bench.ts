/**
 * What the worst case of a position in one underlying costs: twenty legs over four expiries, alone
 * and with working orders beside them. As baseline, in the same run, a search of a grid of prices from zero to
 * twice the highest strike for every expiry, each order filled that makes it worse, which finds no loss that is greater. Then an order judged by all rules on
 * an account with those options, beside the same order on an account of shares.
 *
 * Target: the worst case of twenty legs at most 1 ms.
 */
import { intrinsicValue } from "../src/domain/OptionContract.ts"
import { dayOfDate, type SessionDate } from "../src/domain/Timestamp.ts"
import { pairsOf, type Term, termsOf, widthOf } from "../src/risk/options/Pairs.ts"
import type { Holding, OptionHolding, UnderlyingPosition } from "../src/risk/options/UnderlyingPosition.ts"
import { worstCase } from "../src/risk/options/WorstCase.ts"
import { evaluate } from "../src/risk/RiskRules.ts"
import { contractOf, holding, option } from "../test/risk/options/Contracts.ts"
import { combo, heldOption, net } from "../test/risk/OptionDesk.ts"
import { buy, held, ofShares, snapshot } from "../test/risk/Snapshots.ts"
import { generator, quantile } from "./Sampling.ts"

const LEGS = 20
const ROUNDS = 200
const GRID_STEPS = 2000
const EXPIRIES = ["2026-01-16", "2026-02-20", "2026-06-19", "2027-01-15"]

const random = generator(7)
const below = (count: number): number => Math.floor(random() * count)

/** Twenty legs: as many bought as sold, so that calls are covered in most. */
const legs = (): ReadonlyArray<OptionHolding> =>
  Array.from({ length: LEGS }, (_, n) =>
    option((n % 2 === 0 ? 1 : -1) * (1 + below(3)), n % 4 < 2 ? "CALL" : "PUT", 60 + below(80), {
      expiry: EXPIRIES[below(EXPIRIES.length)] ?? "2026-01-16",
      style: below(5) === 0 ? "EUROPEAN" : "AMERICAN"
    })
  )

const position = (working: number): UnderlyingPosition => ({
  spot: 100_000_000,
  held: holding(legs(), 1000, 100 * below(3)),
  working: Array.from({ length: working }, () => holding(legs().slice(0, 4), 100))
})

/** Of a contract by itself, whatever covers it. */
const worthAt = (
  { contract, multiplier }: OptionHolding,
  sign: 1 | -1,
  expiry: SessionDate,
  spot: number
) => {
  const intrinsic = intrinsicValue(contract, multiplier, spot)
  if (contract.expiry <= expiry) return sign * intrinsic
  if (sign < 0) return 0 - (contract.right === "CALL" ? spot * 100 : contract.strike * multiplier)
  if (contract.style === "AMERICAN") return intrinsic
  const kept = 1 - (0.1 * (dayOfDate(contract.expiry) - dayOfDate(expiry))) / 365
  const [share, strike] =
    contract.right === "CALL" ? [spot * kept, contract.strike] : [spot, contract.strike * kept]
  return Math.max(0, (contract.right === "CALL" ? 1 : -1) * (share - strike) * multiplier)
}

/** A holding as options and pairs of them, each as a row. */
const rowsOf = ({ options }: Holding) => {
  const terms = termsOf(0, options)
  const pairs = pairsOf(terms)
  const pairedOf = (term: Term): number =>
    pairs.reduce((sum, { count, long, short }) => sum + (long === term || short === term ? count : 0), 0)
  const optionOf = ({ expiry, isCall, isEuropean, strike }: Term): OptionHolding =>
    option(1, isCall ? "CALL" : "PUT", strike / 100 / 1_000_000, {
      expiry,
      style: isEuropean ? "EUROPEAN" : "AMERICAN"
    })
  const singles = terms.map((term) => ({
    option: optionOf(term),
    count: Math.abs(term.contracts) - pairedOf(term),
    sign: term.contracts < 0 ? (-1 as const) : (1 as const)
  }))
  const twos = pairs.map((pair) => ({
    ...pair,
    least: 0 - widthOf(pair),
    short: optionOf(pair.short),
    long: optionOf(pair.long)
  }))
  return { singles, twos }
}

type Rows = ReturnType<typeof rowsOf>

/** What is worth so much, and of what expired before, by expiry, what it is worth. */
interface Made {
  readonly sum: number
  readonly before: ReadonlyMap<SessionDate, number>
}

const profit = (
  { cost, shares }: Holding,
  { singles, twos }: Rows,
  expiry: SessionDate,
  spot: number
): Made => {
  let sum = (shares / 1_000_000) * spot - cost
  const before = new Map<SessionDate, number>()
  const add = (own: SessionDate, worth: number): void => {
    if (own < expiry) before.set(own, (before.get(own) ?? 0) + worth)
    else sum += worth
  }
  for (const { count, option: one, sign } of singles)
    add(one.contract.expiry, count * worthAt(one, sign, expiry, spot))
  for (const { count, least, long, short } of twos) {
    const [owed, had] = [worthAt(short, -1, expiry, spot), worthAt(long, 1, expiry, spot)]
    if (short.contract.expiry > expiry) sum += count * Math.max(least, owed + had)
    else {
      add(short.contract.expiry, count * owed)
      add(long.contract.expiry, count * had)
    }
  }
  return { sum, before }
}

const totalOf = ({ before, sum }: Made): number => {
  let all = sum
  for (const worth of before.values()) all += Math.min(0, worth)
  return all
}

const filledWith = (made: Made, order: Made): Made => {
  const before = new Map(made.before)
  for (const [own, worth] of order.before) before.set(own, (before.get(own) ?? 0) + Math.min(0, worth))
  return { sum: made.sum + order.sum, before }
}

const searched = ({ held: own, working }: UnderlyingPosition): number => {
  let worst = 0
  const rows = new Map([own, ...working].map((one) => [one, rowsOf(one)]))
  const of = (one: Holding, expiry: SessionDate, spot: number): Made =>
    profit(one, rows.get(one) ?? { singles: [], twos: [] }, expiry, spot)
  for (const expiry of new Set(
    [own, ...working].flatMap(({ options }) => options.map((one) => one.contract.expiry))
  )) {
    for (let step = 0; step <= GRID_STEPS; step++) {
      // Twice the price is as far as an unbounded loss is looked at.
      const spot = Math.round((step / GRID_STEPS) * 200_000_000)
      let made = of(own, expiry, spot)
      for (const one of working) {
        const filled = filledWith(made, of(one, expiry, spot))
        if (totalOf(filled) < totalOf(made)) made = filled
      }
      worst = Math.max(worst, 0 - totalOf(made))
    }
  }
  return worst
}

/** Median milliseconds of one call. */
const millis = (act: () => void, rounds: number): number => {
  const times: Array<number> = []
  for (let n = -rounds / 4; n < rounds; n++) {
    const started = process.hrtime.bigint()
    act()
    if (n >= 0) times.push(Number(process.hrtime.bigint() - started) / 1e6)
  }
  return quantile(times, 0.5)
}

const cases = [
  { name: "20 legs", position: position(0) },
  { name: "20 legs, 10 orders", position: position(10) }
].map(({ name, position: one }) => {
  const took = millis(() => worstCase(one), ROUNDS * 10)
  const baseline = millis(() => searched(one), 8)
  if (worstCase(one).boundedLoss < searched(one) - 1)
    throw new Error(`${name}: a price on the grid is worse than the worst case`)
  return { name, millis: took, gridMillis: baseline, ratio: took / baseline }
})

/** Twenty contracts held, and an order for a vertical; an order for shares where only shares are held. */
const vertical = combo(
  [
    { side: "SELL", of: { right: "PUT", strike: 90 }, bid: 0.9, ask: 1 },
    { side: "BUY", of: { right: "PUT", strike: 85 }, bid: 0.5, ask: 0.55 }
  ],
  net(-0.35)
)
const strikes = Array.from({ length: LEGS }, (_, n) => 60 + 4 * n)
const withOptions = snapshot({
  ...vertical.view,
  positions: strikes.map((strike, n) =>
    heldOption(
      n % 2 === 0 ? 1 : -1,
      { right: contractOf("PUT", strike).right, strike },
      Math.max(0.5, strike - 99)
    )
  )
})
const sharesOnly = snapshot({ positions: [held(50)] })
const shares = buy(ofShares(1))
const rules = {
  optionsMicros: 1000 * millis(() => evaluate(withOptions, vertical.order), 4000),
  sharesMicros: 1000 * millis(() => evaluate(sharesOnly, shares), 20_000)
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ name: "worst-case", legs: LEGS, targetMillis: 1, cases, rules }))
} else {
  for (const { gridMillis, millis: took, name, ratio } of cases) {
    console.log(
      `${name.padEnd(20)}${(took * 1000).toFixed(1).padStart(9)} µs   ${ratio.toFixed(5)} of a search of ${GRID_STEPS} prices an expiry (${gridMillis.toFixed(1)} ms)   at most 1 ms`
    )
  }
  console.log(
    `all rules           ${rules.optionsMicros.toFixed(1).padStart(9)} µs   a vertical on an account of ${LEGS} contracts; shares ${rules.sharesMicros.toFixed(1)} µs`
  )
}
