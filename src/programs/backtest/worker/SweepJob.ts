/** A worker's part in a sweep: chunk after chunk of points, until it is stopped. */
import { Effect, Queue } from "effect"
import type { PlayedSegments } from "../../../backtest/SegmentPlayer.ts"
import { sweepPlayer } from "../../../backtest/SweepPlayer.ts"
import { RunRefused } from "../../RunSetup.ts"
import { strategyNamed } from "../PrepareBacktest.ts"
import { eventPlayer } from "./EventPlayer.ts"
import type { Order, Report, SweepJob } from "./Messages.ts"

/** How a worker is connected with whoever started it. */
export interface Connection {
  readonly report: (message: Report, transferred?: ReadonlyArray<ArrayBuffer>) => void
  readonly onOrder: (listener: (order: Order) => void) => void
  readonly beat: (bar: number, now: number) => void
}

const codeChanged = (name: string): string =>
  `the code of ${name} has changed since the sweep began: begin it anew`

/** The buffer of returns goes over without a copy, unless it is shared. */
const transferable = (returns: Float64Array | undefined): ReadonlyArray<ArrayBuffer> =>
  returns?.buffer instanceof ArrayBuffer ? [returns.buffer] : []

const segmentBuffers = (played: PlayedSegments): ReadonlyArray<ArrayBuffer> =>
  played._tag === "Done" ? played.segments.flatMap(({ returns }) => transferable(returns)) : []

const begin = Effect.fnUntraced(function* (job: SweepJob, { beat }: Connection) {
  const { algorithm } = job.inputs
  const { codeHash, definition } = yield* strategyNamed(algorithm.name, job.project)
  if (codeHash !== algorithm.codeHash) {
    return yield* new RunRefused({ message: codeChanged(algorithm.name) })
  }
  const playEvent = yield* eventPlayer(job, beat)
  const { inputs, mode, tape } = job
  return sweepPlayer({ definition, tape, inputs, mode, playEvent })
})

export const playSweepJob = Effect.fnUntraced(function* (job: SweepJob, connection: Connection) {
  const { beat, onOrder, report } = connection
  const player = yield* Effect.result(begin(job, connection))
  if (player._tag === "Failure") return report({ _tag: "Unusable", message: player.failure.message })
  const orders = yield* Queue.unbounded<Order>()
  onOrder((order) => Queue.offerUnsafe(orders, order))
  report({ _tag: "Ready" })
  while (true) {
    const order = yield* Queue.take(orders)
    if (order._tag === "Stop") return
    if (order._tag === "Segments") {
      const { objective } = order
      for (const { index, segments, values } of order.tasks) {
        beat(0, 0)
        const played = yield* player.success.playSegments(index, values, { objective, segments })
        report({ _tag: "Segments", played }, segmentBuffers(played))
      }
      continue
    }
    for (const { index, values } of order.points) {
      // Of this point nothing is known yet.
      beat(0, 0)
      const { point, returns } = yield* player.success.play(index, values)
      report({ _tag: "Point", point, returns }, transferable(returns))
    }
  }
})
