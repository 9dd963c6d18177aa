/** A walk-forward against one that other code made: `../shared/oracles/wf.json`, its first twenty windows. */
import { readFileSync } from "node:fs"
import { Effect, Result, Schema } from "effect"
import { expect, it } from "vitest"
import { Engine } from "../../../../src/backtest/engine/Engine.ts"
import { type Grid, gridPoints } from "../../../../src/backtest/Grid.ts"
import {
  firstAsks,
  secondAsks,
  walkedOf,
  type WalkPlan
} from "../../../../src/backtest/robustness/walkforward/Plan.ts"
import { SegmentTable } from "../../../../src/backtest/robustness/walkforward/SegmentTable.ts"
import type { WalkForward } from "../../../../src/backtest/robustness/walkforward/WalkForward.ts"
import { windowsOf } from "../../../../src/backtest/robustness/walkforward/Windows.ts"
import type { SegmentAsk } from "../../../../src/backtest/SegmentPlayer.ts"
import { type SweepMode, sweepPlayer } from "../../../../src/backtest/SweepPlayer.ts"
import { smaCross } from "../../../../src/session/strategies/SmaCross.ts"
import { describeWithShared, sharedPath } from "../../../support/Shared.ts"
import { indexTape, sweptInputs } from "../../vector/SweptTape.ts"

const Pair = Schema.Tuple([Schema.Int, Schema.Int])
const Reference = Schema.fromJsonString(
  Schema.Struct({
    walk_forward: Schema.Struct({
      train: Schema.Int,
      test: Schema.Int,
      oos_first: Schema.Int,
      windows: Schema.Array(
        Schema.Struct({
          train: Pair,
          test: Pair,
          fast: Schema.Int,
          slow: Schema.Int,
          train_sharpe: Schema.Finite,
          test_return: Schema.Finite,
          test_sharpe: Schema.NullOr(Schema.Finite),
          entries: Schema.Int
        })
      ),
      oos_equity: Schema.Array(Schema.Finite)
    })
  })
)

const wholeGrid: Grid = [
  { parameter: "fast", values: [5, 8, 10, 15, 20, 25, 30, 40] },
  { parameter: "slow", values: [50, 60, 80, 100, 120, 150, 180, 200] }
]

const close = (ours: number | null | undefined, theirs: number | null | undefined): void => {
  if (theirs === null || theirs === undefined || theirs === 0) expect(ours ?? 0).toBe(theirs ?? 0)
  else expect(Math.abs((ours ?? Number.NaN) / theirs - 1)).toBeLessThan(1e-10)
}

/** A walk-forward over this tape, without a program around it. */
const walked = async (
  mode: SweepMode,
  { grid, to }: { readonly grid: Grid; readonly to?: string }
): Promise<WalkForward> => {
  const tape = await indexTape(to === undefined ? {} : { to })
  const sessions = tape.sessions.length
  const windows = Result.getOrThrow(
    windowsOf({ train: 504, test: 126, embargo: 0, anchored: false }, sessions)
  )
  const points = gridPoints(grid).map((values, index) => ({ index, values }))
  const plan: WalkPlan = { grid, points, objective: "sharpe", sessions, windows, ranks: false }
  const player = sweepPlayer({
    definition: smaCross,
    tape,
    inputs: sweptInputs(tape),
    mode,
    playEvent: (options) =>
      Effect.sync(() => {
        const engine = new Engine(options)
        engine.advance(Infinity)
        return engine.played()
      })
  })
  const table = new SegmentTable()
  const play = async (index: number, segments: ReadonlyArray<SegmentAsk>): Promise<void> => {
    const values = points[index]?.values ?? {}
    const played = await Effect.runPromise(
      player.playSegments(index, values, { objective: "sharpe", segments })
    )
    if (played._tag === "Failed") throw new Error(played.failure.message)
    for (const segment of played.segments) {
      expect(segment.engine).toBe(mode === "event" ? "event" : "vector")
      table.put(index, segment)
    }
  }
  for (const { index } of points) await play(index, firstAsks(plan))
  for (const [index, asks] of secondAsks(plan, table)) await play(index, asks)
  return Result.getOrThrow(walkedOf(plan, table)).walk
}

describeWithShared("a walk-forward", () => {
  const { walk_forward: reference } = Schema.decodeUnknownSync(Reference)(
    readFileSync(sharedPath("oracles", "wf.json"), "utf8")
  )

  const agrees = (walk: WalkForward, count: number): void => {
    for (const [i, theirs] of reference.windows.slice(0, count).entries()) {
      const ours = walk.windows[i]
      if (ours?._tag !== "Chosen") throw new Error(`window ${i} has no choice`)
      expect({
        train: [ours.train.from, ours.train.until - 1],
        test: [ours.test.from, ours.test.until - 1],
        ...ours.values,
        entries: ours.tested.entries
      }).toEqual({
        train: theirs.train,
        test: theirs.test,
        fast: theirs.fast,
        slow: theirs.slow,
        entries: theirs.entries
      })
      close(ours.trained.sharpe, theirs.train_sharpe)
      close(ours.tested.totalReturn, theirs.test_return)
      close(ours.tested.sharpe, theirs.test_sharpe)
    }
    expect(walk.first).toBe(reference.oos_first)
    for (let i = 0; i < 126 * count; i++) close(walk.equity[i], reference.oos_equity[i])
  }

  it("gives the reference's windows, choices, figures and curve on the loop over columns", async () => {
    const walk = await walked("vector", { grid: wholeGrid })
    expect(reference.windows).toHaveLength(20)
    expect(walk.windows).toHaveLength(37)
    expect(walk.windows.at(-1)?.test).toEqual({ from: 504 + 36 * 126, until: 5105 })
    agrees(walk, 20)
  })

  it("gives the same on the event engine, of the first three windows", async () => {
    const to = reference.windows[2]?.test[1] ?? 0
    const { sessions } = await indexTape({})
    const walk = await walked("event", { grid: wholeGrid, to: String(sessions[to]?.date) })
    expect(walk.windows).toHaveLength(3)
    agrees(walk, 3)
  })
})
