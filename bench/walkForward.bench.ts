/**
 * The walk-forward of `../shared/oracles/wf.json`: `sma-cross` with 64 points over 5,105 daily bars of the embedded index,
 * 504 sessions to choose and 126 to try, 37 windows. On the vectorised path every point plays the whole period, all train
 * windows and all test windows, and what was chosen once more with its returns; nothing is kept from the round before.
 * Beside it, in the same run, two baselines: the same loop with what a point wants worked out anew for every segment; and
 * the event engine, on the segments of one point.
 *
 * Processor time, medians of rounds that take turns. Target: the whole of it in at most 100 ms.
 */
import { Effect, Result } from "effect"
import { Engine } from "../src/backtest/engine/Engine.ts"
import { type Grid, gridPoints } from "../src/backtest/Grid.ts"
import {
  firstAsks,
  secondAsks,
  walkedOf,
  type WalkPlan
} from "../src/backtest/robustness/walkforward/Plan.ts"
import { SegmentTable } from "../src/backtest/robustness/walkforward/SegmentTable.ts"
import type { WalkForward } from "../src/backtest/robustness/walkforward/WalkForward.ts"
import { windowsOf } from "../src/backtest/robustness/walkforward/Windows.ts"
import type { PlayedSegments, SegmentAsk } from "../src/backtest/SegmentPlayer.ts"
import { type SweepMode, sweepPlayer } from "../src/backtest/SweepPlayer.ts"
import { smaCross } from "../src/session/strategies/SmaCross.ts"
import { indexTape, sweptInputs } from "../test/backtest/vector/SweptTape.ts"
import { quantile } from "./Sampling.ts"

const ROUNDS = 40
const WARM = 8
const TARGET_MILLIS = 100

const grid: Grid = [
  { parameter: "fast", values: [5, 8, 10, 15, 20, 25, 30, 40] },
  { parameter: "slow", values: [50, 60, 80, 100, 120, 150, 180, 200] }
]
const tape = await indexTape({})
const inputs = sweptInputs(tape)
const sessions = tape.sessions.length
const points = gridPoints(grid).map((values, index) => ({ index, values }))
const windows = Result.getOrThrow(windowsOf({ train: 504, test: 126, embargo: 0, anchored: false }, sessions))
const plan: WalkPlan = { grid, points, objective: "sharpe", sessions, windows, ranks: true }

const playerOf = (mode: SweepMode) =>
  sweepPlayer({
    definition: smaCross,
    tape,
    inputs,
    mode,
    playEvent: (options) =>
      Effect.sync(() => {
        const engine = new Engine(options)
        engine.advance(Infinity)
        return engine.played()
      })
  })

type Play = (index: number, segments: ReadonlyArray<SegmentAsk>) => ReadonlyArray<PlayedSegments>

/** Milliseconds of processor time, and what came of it. */
const walk = (play: Play): { readonly millis: number; readonly found: WalkForward } => {
  const before = process.cpuUsage()
  const table = new SegmentTable()
  const take = (index: number, asks: ReadonlyArray<SegmentAsk>): void => {
    for (const played of play(index, asks)) {
      if (played._tag === "Failed") throw new Error(played.failure.message)
      for (const segment of played.segments) table.put(index, segment)
    }
  }
  for (const { index } of points) take(index, firstAsks(plan))
  for (const [index, asks] of secondAsks(plan, table)) take(index, asks)
  const found = Result.getOrThrow(walkedOf(plan, table)).walk
  const { system, user } = process.cpuUsage(before)
  return { millis: (user + system) / 1000, found }
}

const segmentsOf = (
  player: ReturnType<typeof playerOf>,
  index: number,
  segments: ReadonlyArray<SegmentAsk>
): PlayedSegments =>
  Effect.runSync(player.playSegments(index, points[index]?.values ?? {}, { objective: "sharpe", segments }))

const together = () => {
  const player = playerOf("vector")
  return walk((index, asks) => [segmentsOf(player, index, asks)])
}
/** Every segment as a call of its own: signals over all bars each time. */
const oneByOne = () => {
  const player = playerOf("vector")
  return walk((index, asks) => asks.map((ask) => segmentsOf(player, index, [ask])))
}

const ours: Array<number> = []
const naive: Array<number> = []
for (let round = 0; round < ROUNDS; round++) {
  const one = together()
  if (round >= WARM) ours.push(one.millis)
  if (round % 8 === 0) {
    const other = oneByOne()
    if (other.found.totalReturn !== one.found.totalReturn) throw new Error("the two loops do not agree")
    naive.push(other.millis)
  }
}

/** The engine on one point: all of them would take 64 times as long. */
const event = playerOf("event")
const before = process.cpuUsage()
const played = segmentsOf(event, 0, firstAsks(plan))
const { system, user } = process.cpuUsage(before)
const onColumns = segmentsOf(playerOf("vector"), 0, firstAsks(plan))
if (played._tag !== "Done" || onColumns._tag !== "Done") throw new Error("a segment failed")
for (const [i, segment] of played.segments.entries()) {
  const same = onColumns.segments[i]?.figures
  if (JSON.stringify(same) !== JSON.stringify(segment.figures)) throw new Error("the engine does not agree")
}

const { found } = together()
const millis = quantile(ours, 0.5)
const engineMillis = ((user + system) / 1000) * points.length
console.log(
  `walk-forward, ${points.length} points on ${sessions} bars, ${windows.length} windows: ${millis.toFixed(1)} ms of processor time (target ${TARGET_MILLIS} ms: ${millis <= TARGET_MILLIS ? "met" : "missed"})`
)
console.log(
  `signals anew for every segment: ${quantile(naive, 0.5).toFixed(1)} ms, ${(quantile(naive, 0.5) / millis).toFixed(1)} times as long`
)
console.log(
  `event engine: about ${(engineMillis / 1000).toFixed(1)} s (one point of ${points.length} was played), ${(engineMillis / millis).toFixed(0)} times as long`
)
console.log(
  `out-of-sample return ${found.totalReturn.toFixed(6)}, Sharpe ratio ${found.sharpe?.toFixed(6)} a year, maximum drawdown ${found.maxDrawdown.toFixed(6)}, efficiency ${found.efficiency?.toFixed(4)}`
)
