/** Opens a race's desk, waits for the start, and submits as fast as it can. Argument: `Racing` as JSON. */
import { Effect, Schema } from "effect"
import { MICROS_PER_MINUTE } from "../../../src/domain/Timestamp.ts"
import { Broker } from "../../../src/execution/Broker.ts"
import { MarketClockControl } from "../../../src/market/MarketClockControl.ts"
import { agent, requestFor } from "../../execution/TestDesk.ts"
import { minute } from "../../execution/TestMarket.ts"
import { ready } from "../../support/ChildProcess.ts"
import { numbers } from "../../support/Numbers.ts"
import { openLog } from "../ActLog.ts"
import { answered, told } from "../Acts.ts"
import { openRace, raceDesk } from "../RaceDesk.ts"
import { Racing } from "../Racing.ts"
import { scenarioNamed } from "../Scenarios.ts"

const racing = Schema.decodeUnknownSync(Schema.fromJsonString(Racing))(process.argv[2])
const { number, orders, together } = racing
const scenario = scenarioNamed(racing.scenario)
const log = openLog(racing.log)
const draw = numbers(racing.seed)
const WARM_ORDERS = 20
const warmDraw = numbers(racing.seed + 1)
const numbered = Array.from({ length: orders }, (_, i) => ({
  n: number * 10_000 + i,
  i,
  wish: scenario.wish(draw)
}))

/** The first half of the market's fall has been played; this is the rest of it. */
const fall = Effect.gen(function* () {
  const clock = yield* MarketClockControl
  yield* clock.step({ _tag: "By", micros: 120 * MICROS_PER_MINUTE })
})

const submit = Effect.fnUntraced(function* ({ i, n, wish }: (typeof numbered)[number]) {
  const broker = yield* Broker
  if (scenario.falls === true && number === 0 && i === Math.floor(orders / 2)) yield* fall
  const { ask, instrument, quantity, side } = wish
  const order = scenario.named ? { id: `r${n}` } : {}
  const request = yield* requestFor(side, instrument, quantity, { ...ask, ...order })
  log({ intent: { n, kind: "submit", ...(scenario.named ? { order: `r${n}` } : {}) } })
  const answer = yield* answered(broker.submit(request, { actor: agent }), (placed) => ({
    ...told(placed.order),
    ...(placed.repeated ? { outcome: "repeated" } : {}),
    order: placed.order.clientOrderId
  }))
  log({ answer: { n, calls: 0, ...answer } })
})

/** Done before the start, on a desk of its own: the race is about orders, and not about who has loaded what. */
const warmUp = Effect.gen(function* () {
  yield* openRace(minute(0, 5))
  for (let i = 0; i < WARM_ORDERS; i++) {
    const broker = yield* Broker
    const { ask, instrument, quantity, side } = scenario.wish(warmDraw)
    const request = yield* requestFor(side, instrument, quantity, { ...ask, id: `warm${i}` })
    yield* answered(broker.submit(request, { actor: agent }), ({ order }) => told(order))
  }
}).pipe(
  Effect.provide(
    raceDesk({ folder: `${racing.folder}/warm-${number}`, database: "memory" }, scenario.limits, "warm")
  )
)

const work = Effect.gen(function* () {
  const broker = yield* Broker
  // Opened and warm before the start: the race is about orders.
  yield* broker.reconcile
  yield* Effect.promise(ready)
  yield* Effect.forEach(numbered, submit, { concurrency: together, discard: true })
}).pipe(Effect.provide(raceDesk(racing, scenario.limits, `racer-${number}`)))

await Effect.runPromise(Effect.andThen(warmUp, work))
