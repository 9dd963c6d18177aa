/** Work that is interrupted and gone on with comes to what it would have come to, and leaves nothing when it is done. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber, Result } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  defaultOptions,
  planMonteCarlo
} from "../../../../src/backtest/robustness/montecarlo/MonteCarloPlan.ts"
import {
  walkForwardFiltered,
  walkForwardSteps,
  type Walked
} from "../../../../src/backtest/robustness/regimes/hmm/WalkForwardFilter.ts"
import { keptPaths, type WalkedPaths } from "../../../../src/programs/backtest/robustness/MonteCarloFile.ts"
import { runMonteCarlo } from "../../../../src/programs/backtest/robustness/MonteCarloRun.ts"
import { keptRegimes } from "../../../../src/programs/backtest/robustness/RegimesFile.ts"
import {
  type KeepOptions,
  type KeptWork,
  keptWhile,
  notKept,
  type Unfinished
} from "../../../../src/programs/backtest/robustness/Unfinished.ts"
import { daily, seriesOf } from "../../../backtest/robustness/montecarlo/Series.ts"
import { twoStateMarket } from "../../../backtest/robustness/regimes/SyntheticMarket.ts"

let backtests = ""
beforeEach(() => {
  backtests = mkdtempSync(join(tmpdir(), "plimsoll-unfinished-"))
})
afterEach(() => rmSync(backtests, { recursive: true, force: true }))

const files = (): ReadonlyArray<string> => {
  const folder = join(backtests, "unfinished")
  return existsSync(folder) ? readdirSync(folder) : []
}

/** What was said of keeping, when it was interrupted. */
const options = (resume: boolean, said: Array<unknown> = []): KeepOptions => ({
  backtests,
  resume,
  onInterrupt: (kept) => Effect.sync(() => said.push(Result.getOrElse(kept, ({ message }) => message))),
  onTrouble: ({ message }) => Effect.sync(() => said.push(message))
})

/** Begins it, and interrupts it when `reached` was said so often. */
const leftAfter = <A, B, E>(
  {
    kept,
    said,
    steps
  }: { readonly kept: KeptWork<A>; readonly said: Array<unknown>; readonly steps: number },
  work: (unfinished: Unfinished<A>) => Effect.Effect<B, E>
) =>
  Effect.gen(function* () {
    let left = steps
    const fiber = yield* Effect.forkChild(
      keptWhile(kept, options(false, said), ({ from, reached }) =>
        work({
          from,
          reached: (state) =>
            Effect.andThen(
              reached(state),
              Effect.suspend(() => (left-- > 1 ? Effect.void : Effect.interrupt))
            )
        })
      )
    )
    return yield* Fiber.await(fiber)
  })

describe("Monte Carlo", () => {
  const plan = Result.getOrThrow(
    planMonteCarlo(seriesOf(daily(4000)), { ...defaultOptions, method: "block", paths: 20_000, seed: 3 })
  )
  const run = (unfinished: Unfinished<WalkedPaths>) =>
    runMonteCarlo(plan, { unfinished, workers: 1, onProgress: () => Effect.void })

  it("has the same paths, of which none is walked twice", async () => {
    const whole = await Effect.runPromise(run(notKept))
    const said: Array<unknown> = []
    const left = await Effect.runPromise(leftAfter({ kept: keptPaths(plan), said, steps: 7 }, run))
    expect(left._tag).toBe("Failure")
    expect(said).toEqual([true])
    expect(files()).toHaveLength(1)
    const told: Array<number> = []
    const again = await Effect.runPromise(
      keptWhile(keptPaths(plan), options(true), (unfinished) =>
        runMonteCarlo(plan, {
          unfinished,
          workers: 2,
          stepsOfOneThread: 1,
          onProgress: ({ done }) => Effect.sync(() => told.push(done))
        })
      )
    )
    expect(again).toEqual(whole)
    // Seven stretches of a thousand paths were there.
    expect(Math.min(...told)).toBe(8000)
    expect(files()).toEqual([])
  })

  it("is of these very returns, method, seed, paths and lengths", () => {
    const ids = [
      plan,
      { ...plan, seed: 4 },
      { ...plan, paths: 20_001 },
      { ...plan, length: 3999 },
      { ...plan, method: "iid" as const },
      { ...plan, series: seriesOf(daily(4000).map((value) => value / 2)) }
    ].map((one) => keptPaths(one).id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe("the walk of hidden states", () => {
  const { series } = twoStateMarket(900, 21)
  const walk = { first: 252, every: 63, seed: 1 }

  it("goes on after any of its fits, from the file too", () => {
    const whole = Result.getOrThrow(walkForwardFiltered(series, walk))
    const kept = keptRegimes(series, walk)
    const left: Array<string | Uint8Array> = []
    for (const { walked } of Result.getOrThrow(walkForwardSteps(series, walk))) left.push(kept.encode(walked))
    expect(left).toHaveLength(whole.fits)
    for (const [i, text] of left.entries()) {
      const from: Walked | undefined = kept.decode(Buffer.from(text))
      expect(from?.fits).toBe(i + 1)
      const steps = Result.getOrThrow(walkForwardSteps(series, walk, from))
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done !== true) continue
        expect(step.value).toEqual(whole)
        break
      }
    }
  })
})

describe("what was kept", () => {
  const kept = keptRegimes(twoStateMarket(300, 1).series, { first: 252, every: 63, seed: 1 })
  const resumed = () =>
    Effect.runPromise(Effect.flip(keptWhile(kept, options(true), () => Effect.succeed("done"))))

  it("is asked for in vain where there is nothing, or another file", async () => {
    expect(await resumed()).toMatchObject({ _tag: "NothingToResume" })
    await Effect.runPromise(
      leftAfter({ kept, said: [], steps: 1 }, ({ reached }) =>
        reached(() => ({
          fits: 0,
          degenerate: 0,
          parameters: undefined,
          turbulent: new Float64Array(300).fill(Number.NaN)
        }))
      )
    )
    const [name = ""] = files()
    writeFileSync(join(backtests, "unfinished", name), '{"version":1,"fits":')
    expect(await resumed()).toMatchObject({ _tag: "SweepFolderFailed" })
  })

  it("is refused where a digit of it is another", async () => {
    const walked = (turbulent: number) => ({
      fits: 0,
      degenerate: 0,
      parameters: undefined,
      turbulent: new Float64Array(300).fill(turbulent)
    })
    const left = () => leftAfter({ kept, said: [], steps: 1 }, ({ reached }) => reached(() => walked(0.25)))
    await Effect.runPromise(left())
    const [name = ""] = files()
    const file = join(backtests, "unfinished", name)
    const text = readFileSync(file, "utf8")
    writeFileSync(file, text.replace("0.25", "0.75"))
    expect(await resumed()).toMatchObject({ _tag: "SweepFolderFailed" })
    writeFileSync(file, text.replace(name, `${name}0`))
    expect(await resumed()).toMatchObject({ _tag: "SweepFolderFailed" })
    writeFileSync(file, text)
    expect(
      await Effect.runPromise(keptWhile(kept, options(true), ({ from }) => Effect.succeed(from)))
    ).toEqual(walked(0.25))
  })

  it("cannot be kept where a file is in the way: the work is done nevertheless, and it is said", async () => {
    writeFileSync(join(backtests, "unfinished"), "in the way")
    const said: Array<unknown> = []
    const made = await Effect.runPromise(keptWhile(kept, options(false, said), () => Effect.succeed("done")))
    expect(made).toBe("done")
    expect(said).toEqual([expect.stringContaining("cannot be taken away")])
  })

  it("is nothing where nothing was reached, and that is said", async () => {
    const said: Array<unknown> = []
    await Effect.runPromise(
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(keptWhile(kept, options(false, said), () => Effect.never))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
      })
    )
    expect(said).toEqual([false])
    expect(files()).toEqual([])
  })
})
