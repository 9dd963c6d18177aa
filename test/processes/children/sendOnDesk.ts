/**
 * Sends orders on a desk in a folder, and says on standard output, at once, when it asks, when the venue is about to
 * get an order, and when it has the answer: "asked o1", "sending o1", "answered o1 Filled".
 */
import { writeSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Broker } from "../../../src/execution/Broker.ts"
import {
  acts,
  agent,
  type Ask,
  deskLayer,
  fileStorage,
  limitAt,
  marketLayer,
  openAccount,
  requestFor
} from "../../execution/TestDesk.ts"
import { ACME, BOLT, minute } from "../../execution/TestMarket.ts"

const [, , folder = "", orders = "1"] = process.argv
const say = (what: string) => void writeSync(1, `${what}\n`)

const terms: ReadonlyArray<Ask> = [
  {},
  { type: limitAt(40), timeInForce: "GTC" },
  { bracket: { takeProfit: 120, stopLoss: 30 } }
]

await Effect.runPromise(
  Effect.gen(function* () {
    const broker = yield* Broker
    const { line } = yield* acts
    yield* openAccount()
    let current = ""
    line.beforeSend = Effect.sync(() => say(`sending ${current}`))
    for (let i = 1; i <= Number(orders); i++) {
      current = `o${i}`
      const instrument = i % 2 === 0 ? ACME : BOLT
      const request = yield* requestFor("BUY", instrument, i, { ...terms[i % terms.length], id: current })
      say(`asked ${current}`)
      const { order } = yield* broker.submit(request, { actor: agent })
      say(`answered ${current} ${order.status}`)
    }
  }).pipe(
    Effect.provide(
      deskLayer({ limits: { duplicateWindowSeconds: 0 } }).pipe(
        Layer.provideMerge(fileStorage(folder)),
        Layer.provideMerge(marketLayer({ start: minute(0, 5) })),
        Layer.provideMerge(NodeServices.layer)
      )
    )
  )
)
