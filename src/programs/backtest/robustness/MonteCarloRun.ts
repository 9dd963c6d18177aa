/** Walks the paths of a plan, on several threads where there are many, and sums them up. */
import { availableParallelism } from "node:os"
import { Effect } from "effect"
import { summarized } from "../../../backtest/robustness/montecarlo/MonteCarlo.ts"
import type { MonteCarloPlan } from "../../../backtest/robustness/montecarlo/MonteCarloPlan.ts"
import { type PathColumns, walkPaths } from "../../../backtest/robustness/montecarlo/PathKernel.ts"
import {
  bootstrapWalker,
  PATHS_AT_ONCE,
  type PathWalker
} from "../../../backtest/robustness/montecarlo/wasm/Bootstrap.ts"
import type { WalkedPaths } from "./MonteCarloFile.ts"
import { pathWorkers, type Stretch, type StretchWalker } from "./MonteCarloWorkers.ts"
import type { Unfinished } from "./Unfinished.ts"

export interface MonteCarloProgress {
  readonly done: number
  readonly paths: number
}

export interface MonteCarloRunOptions {
  /** Threads; as many as there are cores when undefined. */
  readonly workers: number | undefined
  readonly onProgress: (progress: MonteCarloProgress) => Effect.Effect<void>
  readonly unfinished: Unfinished<WalkedPaths>
  /** Up to so many steps stay on the calling thread; the tests' own. */
  readonly stepsOfOneThread?: number
}

/** Up to so many steps are walked on the calling thread, which does them in some tenths of a second. */
const STEPS_OF_ONE_THREAD = 100_000_000
/** Steps between two looks at whether it should stop. */
const STEPS_AT_ONCE = 4_000_000

const stretchesOf = ({ length, paths }: MonteCarloPlan): ReadonlyArray<Stretch> => {
  const size = Math.min(PATHS_AT_ONCE, Math.max(4, Math.floor(STEPS_AT_ONCE / length)))
  return Array.from({ length: Math.ceil(paths / size) }, (_, i) => ({
    first: i * size,
    paths: Math.min(size, paths - i * size)
  }))
}

/** Where a stretch's figures go. */
const partOf = ({ falls, growths }: PathColumns, { first, paths }: Stretch): PathColumns => ({
  falls: falls.subarray(first, first + paths),
  growths: growths.subarray(first, first + paths)
})

/** What a worker answered goes where it belongs; of one that has died the stretch is walked here. */
const takeStretch = (
  walker: StretchWalker,
  walkHere: PathWalker,
  columns: PathColumns,
  stretch: Stretch
): Effect.Effect<void> =>
  Effect.map(walker(stretch), (answer) => {
    const part = partOf(columns, stretch)
    if (answer === undefined) return walkHere(stretch.first, part)
    part.falls.set(answer.falls)
    part.growths.set(answer.growths)
  })

/** The columns of all paths. */
const walked = (
  plan: MonteCarloPlan,
  {
    onProgress,
    stepsOfOneThread = STEPS_OF_ONE_THREAD,
    unfinished: { from, reached },
    workers = availableParallelism()
  }: MonteCarloRunOptions
): Effect.Effect<PathColumns> =>
  Effect.gen(function* () {
    const { length, paths, source } = plan
    const { columns, isWalked } = from ?? {
      columns: { falls: new Float64Array(paths), growths: new Float64Array(paths) },
      isWalked: new Uint8Array(paths)
    }
    const stretches = stretchesOf(plan).filter(({ first }) => isWalked[first] === 0)
    const walkHere: PathWalker = bootstrapWalker(source) ?? ((first, part) => walkPaths(source, first, part))
    const isMany = length * paths > stepsOfOneThread && workers > 1
    const pool = isMany ? yield* pathWorkers(source, workers) : []
    const here: StretchWalker = () => Effect.undefined
    const left = stretches.values()
    let done = paths - stretches.reduce((sum, stretch) => sum + stretch.paths, 0)
    const work = (walker: StretchWalker) =>
      Effect.gen(function* () {
        for (const stretch of left) {
          yield* takeStretch(walker, walkHere, columns, stretch)
          isWalked.fill(1, stretch.first, stretch.first + stretch.paths)
          done += stretch.paths
          yield* onProgress({ done, paths })
          yield* reached(() => ({ columns, isWalked }))
          yield* Effect.yieldNow
        }
      })
    yield* Effect.forEach(pool.length === 0 ? [here] : pool, work, {
      concurrency: "unbounded",
      discard: true
    })
    return columns
  }).pipe(Effect.scoped)

/** Everything there is to tell of the plan's paths. */
export const runMonteCarlo = Effect.fn("runMonteCarlo")(function* (
  plan: MonteCarloPlan,
  options: MonteCarloRunOptions
) {
  const columns = yield* walked(plan, options)
  return yield* Effect.fromResult(summarized(plan, columns))
})
