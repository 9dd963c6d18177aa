/**
 * How often the overfitting guard rejects, holds back and promotes the best of several trials: of noise, of noise that
 * is correlated as a grid's points are, and of planted edges. Beside it, what the probability of overfitting, the
 * deflated Sharpe ratio and the minimum track record would have rejected without the p-value adjusted for all tests.
 */
import { Result } from "effect"
import { guard } from "../src/backtest/robustness/overfitting/Guard.ts"
import { sharpePerReturn } from "../src/backtest/robustness/overfitting/TrialMatrix.ts"
import { normals } from "../test/backtest/robustness/overfitting/Noise.ts"

const BLOCKS = 16
const YEAR = 252
const SEEDS = process.argv.includes("--short") ? 20 : 200

/** Daily deviation of every trial. */
const DEVIATION = 0.01

interface Field {
  readonly name: string
  readonly trials: number
  readonly length: number
  /** Of a trial with the one before it on the grid, or with the others of its idea. */
  readonly correlation: number
  /** The idea of each trial; undefined: each goes with its neighbours, less with those farther off. */
  readonly ideaOf: ((trial: number) => number) | undefined
  /** Sharpe ratio a year of those that have any. */
  readonly edge: number
  readonly withEdge: (trial: number) => boolean
}

const nobody = (): boolean => false
const first = (trial: number): boolean => trial === 0
const inGroups =
  (size: number) =>
  (trial: number): number =>
    Math.floor(trial / size)
const everybody = (): boolean => true

const fields: ReadonlyArray<Field> = [
  {
    name: "8 without an edge, 1,000 returns",
    trials: 8,
    length: 1000,
    correlation: 0,
    ideaOf: undefined,
    edge: 0,
    withEdge: nobody
  },
  {
    name: "64 without an edge, 1,000 returns",
    trials: 64,
    length: 1000,
    correlation: 0,
    ideaOf: undefined,
    edge: 0,
    withEdge: nobody
  },
  {
    name: "16 without, all correlated by 0.5",
    trials: 16,
    length: 1000,
    correlation: 0.5,
    ideaOf: () => 0,
    edge: 0,
    withEdge: nobody
  },
  {
    name: "24 without, 8 ideas of 3 variants",
    trials: 24,
    length: 1000,
    correlation: 0.9,
    ideaOf: inGroups(3),
    edge: 0,
    withEdge: nobody
  },
  {
    name: "50 without, 40 of them of one idea",
    trials: 50,
    length: 1000,
    correlation: 0.95,
    ideaOf: (trial) => Math.max(0, trial - 39),
    edge: 0,
    withEdge: nobody
  },
  {
    name: "48 without, a grid of neighbours",
    trials: 48,
    length: 1000,
    correlation: 0.9,
    ideaOf: undefined,
    edge: 0,
    withEdge: nobody
  },
  {
    name: "an edge of 1 in one of 16",
    trials: 16,
    length: 2500,
    correlation: 0,
    ideaOf: undefined,
    edge: 1,
    withEdge: first
  },
  {
    name: "an edge of 1.5 in one of 16",
    trials: 16,
    length: 2500,
    correlation: 0,
    ideaOf: undefined,
    edge: 1.5,
    withEdge: first
  },
  {
    name: "an edge of 2 in one of 16",
    trials: 16,
    length: 2500,
    correlation: 0,
    ideaOf: undefined,
    edge: 2,
    withEdge: first
  },
  {
    name: "an edge of 1.5 in 4 neighbours of 16",
    trials: 16,
    length: 2500,
    correlation: 0.9,
    ideaOf: inGroups(4),
    edge: 1.5,
    withEdge: (trial) => trial < 4
  },
  {
    name: "an edge of 1.5 in all of a grid of 16",
    trials: 16,
    length: 2500,
    correlation: 0.9,
    ideaOf: undefined,
    edge: 1.5,
    withEdge: everybody
  }
]

/** One idea's trials share √ρ of an own series; a grid's follow each other as an autoregression does. */
const columnsOf = (
  { correlation, edge, ideaOf, length, trials, withEdge }: Field,
  seed: number
): ReadonlyArray<Float64Array> => {
  const draw = normals(seed)
  const series = (): Float64Array => Float64Array.from({ length }, draw)
  const mixed = (shared: Float64Array, part: number): Float64Array =>
    shared.map((value) => Math.sqrt(part) * value + Math.sqrt(1 - part) * draw())
  const shared: Array<Float64Array> = []
  const all: Array<Float64Array> = []
  for (let trial = 0; trial < trials; trial++) {
    const before = all.at(-1)
    if (ideaOf === undefined) {
      all.push(before === undefined ? series() : mixed(before, correlation ** 2))
    } else {
      const idea = ideaOf(trial)
      const own = (shared[idea] ??= series())
      all.push(mixed(own, correlation))
    }
  }
  return all.map((column, trial) => {
    const drift = withEdge(trial) ? edge / Math.sqrt(YEAR) : 0
    return column.map((value) => DEVIATION * (value + drift))
  })
}

const judge = (field: Field, seed: number) => {
  const trials = columnsOf(field, seed)
    .map((returns, i) => ({
      name: `trial ${i + 1}`,
      returns,
      place: { family: "planted", parameters: { fast: i + 1 } }
    }))
    .toSorted((a, b) => sharpePerReturn(b.returns) - sharpePerReturn(a.returns))
  const own = trials[0]?.returns ?? new Float64Array()
  const { criteria, verdict } = Result.getOrThrow(
    guard({
      own,
      field: trials,
      contest: undefined,
      apart: 0,
      dates: undefined,
      blocks: BLOCKS,
      freeParameters: undefined,
      promotable: true,
      contamination: { _tag: "None" }
    })
  )
  const usual = criteria.filter(({ name }) => ["pbo", "deflated-sharpe", "track-record"].includes(name))
  return { recommendation: verdict.recommendation, usual: usual.some(({ passed }) => passed === false) }
}

const rates = fields.map((field) => {
  const all = Array.from({ length: SEEDS }, (_, seed) => judge(field, 9000 + seed))
  const share = (is: (one: (typeof all)[number]) => boolean): number => all.filter(is).length / SEEDS
  return {
    name: field.name,
    withoutAdjusted: share(({ usual }) => usual),
    reject: share(({ recommendation }) => recommendation === "reject"),
    paperTrade: share(({ recommendation }) => recommendation === "paper-trade"),
    promote: share(({ recommendation }) => recommendation === "promote")
  }
})

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ name: "guard", seeds: SEEDS, blocks: BLOCKS, rates }))
} else {
  const percent = (part: number): string => `${(100 * part).toFixed(1)}%`.padStart(8)
  console.log(`overfitting guard, ${SEEDS} seeds each, ${BLOCKS} blocks; the best trial is judged`)
  console.log(`${"".padEnd(40)}without p  reject   paper promote`)
  for (const one of rates) {
    console.log(
      `${one.name.padEnd(40)}${percent(one.withoutAdjusted)} ${percent(one.reject)}${percent(one.paperTrade)}${percent(one.promote)}`
    )
  }
}
