/**
 * A sweep of 64 points (8 short by 8 long means) of `sma-cross` over 5,105 daily bars of the embedded index, on the
 * vectorised path: signals, exact books, returns, Sharpe ratio and drawdown of every point, beside the same grid in C++
 * (`../shared/baselines/grid.cpp` by g++ -O3 -march=native, where both are there), which plays floats and tells returns
 * alone. Processor time, medians of rounds that take turns; the first rounds warm up and are not counted. The young
 * generation is of the size that Node gives it, in the workers too.
 *
 * Then how a sweep that takes seconds on the event engine gets faster with two workers: wall time, the loading of
 * prices before and the start of the workers included in it.
 *
 * Targets: at most twice the C++ time; at least 1.7 times as fast on two workers where there are two cores.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { gridPoints } from "../src/backtest/Grid.ts"
import { type SweepMode, sweepPlayer } from "../src/backtest/SweepPlayer.ts"
import { sharedTape } from "../src/programs/backtest/worker/SharedTape.ts"
import { playPoints } from "../src/programs/backtest/worker/SweepPool.ts"
import { smaCross } from "../src/session/strategies/SmaCross.ts"
import { indexTape, sweptInputs } from "../test/backtest/vector/SweptTape.ts"
import { hasShared, sharedPath } from "../test/support/Shared.ts"
import { quantile } from "./Sampling.ts"

const ROUNDS = 80
const WARM = 20

const fast = [5, 8, 10, 15, 20, 25, 30, 40] as const
const slow = [50, 60, 80, 100, 120, 150, 180, 200] as const
const points = gridPoints([
  { parameter: "fast", values: fast },
  { parameter: "slow", values: slow }
])

const tape = await indexTape({})
const inputs = sweptInputs(tape)

/** Milliseconds of processor time for the whole grid, nothing kept from the round before; and its best return. */
const vectorRound = (): { readonly millis: number; readonly best: number } => {
  const before = process.cpuUsage()
  const player = sweepPlayer({
    definition: smaCross,
    tape,
    inputs,
    mode: "vector",
    playEvent: () => Effect.die("a point of this grid is not the engine's")
  })
  let best = -Infinity
  for (const [index, values] of points.entries()) {
    const played = player.playQuickly(index, values)
    if ("point" in played && played.point._tag === "Done") {
      best = Math.max(best, played.point.figures.totalReturn)
    }
  }
  const { system, user } = process.cpuUsage(before)
  return { millis: (user + system) / 1000, best }
}

interface Compiled {
  /** Milliseconds, of one run of it: the median of its own fifteen rounds. */
  readonly run: () => { readonly millis: number; readonly best: number }
  readonly close: () => void
}

const compiled = (): Compiled | undefined => {
  if (!hasShared) return undefined
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-grid-"))
  const close = (): void => rmSync(folder, { recursive: true, force: true })
  const program = join(folder, "grid")
  try {
    execFileSync("g++", ["-O3", "-march=native", sharedPath("baselines", "grid.cpp"), "-o", program])
  } catch {
    close()
    return undefined
  }
  const prices = join(import.meta.dirname, "../node_modules/vega-datasets/data/sp500-2000.csv")
  return {
    run: () => {
      const said = execFileSync(program, [prices], { encoding: "utf8" })
      const found = /cpu_med=(?<millis>[\d.]+) ms.*best \S+ (?<best>[\d.]+)/u.exec(said)?.groups
      return { millis: Number(found?.["millis"]), best: Number(found?.["best"]) }
    },
    close
  }
}

const baseline = compiled()
const ours: Array<number> = []
const theirs: Array<number> = []
let best = { ours: 0, theirs: 0 }
for (let round = 0; round < ROUNDS; round++) {
  const vector = vectorRound()
  if (round >= WARM) ours.push(vector.millis)
  if (round % 10 === 0 && baseline !== undefined) {
    const reference = baseline.run()
    theirs.push(reference.millis)
    best = { ours: vector.best, theirs: reference.best }
  }
}
baseline?.close()
if (theirs.length > 0 && !(Math.abs(best.ours / best.theirs - 1) < 1e-9)) {
  throw new Error(`the best return is ${best.ours}, and ${best.theirs} in C++`)
}

const vectorMillis = quantile(ours, 0.5)
const baselineMillis = theirs.length === 0 ? undefined : quantile(theirs, 0.5)

/** Seconds of wall time for so many points on so many workers, and what came of them. */
const poolSeconds = async (mode: SweepMode, workers: number, repeats: number) => {
  const tasks = Array.from({ length: repeats }, () => points)
    .flat()
    .map((values, index) => ({ index, values }))
  const returns = new Map<number, number>()
  const begun = process.hrtime.bigint()
  await Effect.runPromise(
    playPoints(
      {
        _tag: "Sweep",
        inputs,
        tape: sharedTape(tape),
        mode,
        market: { source: "embedded" },
        folder: "/",
        project: tmpdir()
      },
      tasks,
      {
        workers,
        pointLimitMillis: 600_000,
        onPoint: ({ point }) =>
          Effect.sync(() => {
            if (point._tag === "Done") returns.set(point.index, point.figures.totalReturn)
          })
      }
    )
  )
  return { seconds: Number(process.hrtime.bigint() - begun) / 1e9, returns }
}

/** So many grids take seconds on one worker. */
const REPEATS = 4
const one: Array<number> = []
const two: Array<number> = []
for (let round = 0; round < 3; round++) {
  const alone = await poolSeconds("event", 1, REPEATS)
  const together = await poolSeconds("event", 2, REPEATS)
  if (alone.returns.size !== points.length * REPEATS) throw new Error("points are missing")
  for (const [index, value] of alone.returns) {
    if (together.returns.get(index) !== value) throw new Error(`point ${index} differs with two workers`)
  }
  one.push(alone.seconds)
  two.push(together.seconds)
}
const [oneSeconds, twoSeconds] = [quantile(one, 0.5), quantile(two, 0.5)]

const rounded = (value: number | undefined, digits: number): number | null =>
  value === undefined ? null : Number(value.toFixed(digits))
const outcome = {
  name: "sweep",
  points: points.length,
  bars: tape.sessions.length,
  unit: "ms",
  value: rounded(vectorMillis, 2),
  baseline: rounded(baselineMillis, 2),
  ratio: rounded(baselineMillis === undefined ? undefined : vectorMillis / baselineMillis, 2),
  targetRatio: 2,
  rounds: ours.length,
  warmUp: WARM,
  /** Of the fastest rounds, which a busy machine disturbs least. */
  fastest: {
    value: rounded(Math.min(...ours), 2),
    baseline: rounded(theirs.length === 0 ? undefined : Math.min(...theirs), 2),
    ratio: rounded(theirs.length === 0 ? undefined : Math.min(...ours) / Math.min(...theirs), 2)
  },
  scaling: {
    points: points.length * REPEATS,
    cores: availableParallelism(),
    oneWorkerSeconds: rounded(oneSeconds, 2),
    twoWorkersSeconds: rounded(twoSeconds, 2),
    speedup: rounded(oneSeconds / twoSeconds, 2),
    target: 1.7
  }
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify(outcome))
} else {
  const { scaling } = outcome
  console.log(
    `vectorised path  ${outcome.points} points on ${outcome.bars} bars in ${outcome.value} ms${
      outcome.baseline === null
        ? " (no C++ to compare with)"
        : `, C++ ${outcome.baseline} ms, ratio ${outcome.ratio}, of the fastest rounds ${outcome.fastest.ratio}`
    }   at most ${outcome.targetRatio}`
  )
  console.log(
    `event engine     ${scaling.points} points: one worker ${scaling.oneWorkerSeconds} s, two ${scaling.twoWorkersSeconds} s, ${scaling.speedup} times as fast on ${scaling.cores} cores   at least ${scaling.target}`
  )
}
