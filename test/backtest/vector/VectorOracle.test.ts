/** The vectorised path against a reference grid that other code made: `../shared/oracles/wf.json`. */
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { Effect, Schema } from "effect"
import { sweepPlayer } from "../../../src/backtest/SweepPlayer.ts"
import { smaCross } from "../../../src/session/strategies/SmaCross.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { indexTape, sweptInputs } from "./SweptTape.ts"

const Reference = Schema.fromJsonString(
  Schema.Struct({
    grid: Schema.Array(
      Schema.Struct({
        fast: Schema.Int,
        slow: Schema.Int,
        total_return: Schema.Finite,
        entries: Schema.Int,
        exits: Schema.Int,
        sharpe: Schema.Finite,
        max_drawdown: Schema.Finite
      })
    )
  })
)

describeWithShared("the vectorised path on the reference grid", () => {
  const { grid } = Schema.decodeUnknownSync(Reference)(readFileSync(sharedPath("oracles", "wf.json"), "utf8"))

  it("agrees to a ten-billionth, trade counts exactly", async () => {
    const tape = await indexTape({})
    const player = sweepPlayer({
      definition: smaCross,
      tape,
      inputs: sweptInputs(tape),
      mode: "vector",
      playEvent: () => Effect.die("a point of this grid is not the engine's")
    })
    expect(grid.length).toBeGreaterThanOrEqual(32)
    for (const [index, row] of grid.entries()) {
      const { fast, slow } = row
      const { point } = await Effect.runPromise(player.play(index, { fast, slow }))
      const figures = point._tag === "Done" ? point.figures : undefined
      expect([fast, slow, figures?.entries, figures?.exits]).toEqual([fast, slow, row.entries, row.exits])
      for (const [ours, theirs] of [
        [figures?.totalReturn, row.total_return],
        [figures?.sharpe, row.sharpe],
        [figures?.maxDrawdown, row.max_drawdown]
      ]) {
        expect(Math.abs((ours ?? Number.NaN) / (theirs ?? Number.NaN) - 1)).toBeLessThan(1e-10)
      }
    }
  })
})
