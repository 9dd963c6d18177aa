/**
 * Works on a desk in a folder and stops where it is told to, until it is told to go on.
 *
 * Arguments: folder; "turn" (the crank, held up while it fetches the market's ticks) or "submit" (an order, held up
 * between its journaling and its sending); the market time, in minutes after the first open; and how it goes on:
 * "on", or "die" at a call to the disk of what it does next. It says where it stands by messages, and what came of it
 * last.
 */
import { Effect, Exit, Layer } from "effect"
import { NodeServices } from "@effect/platform-node"
import { Crank } from "../../../src/execution/Crank.ts"
import { MarketData } from "../../../src/market/MarketData.ts"
import { acts, buy, deskLayer, fileStorage, marketLayer } from "../../execution/TestDesk.ts"
import { ACME, minute } from "../../execution/TestMarket.ts"
import { watchCalls } from "../Deaths.ts"

const [, , folder = "", what = "", at = "0", end = "on"] = process.argv
const calls = watchCalls()

const say = (message: string) => Effect.sync(() => void process.send?.(message))

let isHeldUp = false
/** Held up here, the first time. */
const hold = Effect.gen(function* () {
  if (isHeldUp) return
  isHeldUp = true
  const word = new Promise<void>((resolve) => {
    process.once("message", () => resolve())
  })
  yield* say("held up")
  yield* Effect.promise(() => word)
  if (end === "die") calls.arm(9)
})

const market = Layer.effect(
  MarketData,
  Effect.map(MarketData, (real) =>
    MarketData.of({
      ...real,
      ticks: (request) => Effect.tap(real.ticks(request), () => (what === "turn" ? hold : Effect.void))
    })
  )
).pipe(Layer.provideMerge(marketLayer({ start: minute(0, Number(at)) })))

const turn = Effect.gen(function* () {
  const crank = yield* Crank
  yield* crank.upToDate
})

const submit = Effect.gen(function* () {
  const { line } = yield* acts
  line.beforeFlush = hold
  yield* buy(ACME, 10, { id: "slow" })
})

const exit = await Effect.runPromiseExit(
  (what === "turn" ? turn : submit).pipe(
    Effect.provide(
      deskLayer({ holder: "held up" }).pipe(
        Layer.provideMerge(fileStorage(folder)),
        Layer.provideMerge(market),
        Layer.provideMerge(NodeServices.layer)
      )
    )
  )
)
process.send?.(Exit.isSuccess(exit) ? "done" : String(exit.cause), () => process.disconnect?.())
