/**
 * Combo orders a second through the whole guarded path, one submitter: a call
 * vertical bought and sold again on the modelled market, two legs and four,
 * beside orders for shares on the same desk in the same run.
 */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { accountId, clientOrderId, type InstrumentId } from "../src/domain/Identifiers.ts"
import { dollars, shares } from "../src/domain/Money.ts"
import type { OrderRequest } from "../src/domain/Order.ts"
import { comboId, comboQuoteId, type OrderLeg } from "../src/domain/OrderLeg.ts"
import { Account } from "../src/execution/Account.ts"
import { Broker } from "../src/execution/Broker.ts"
import type { QuoteTick } from "../src/domain/Quote.ts"
import { MarketData } from "../src/market/MarketData.ts"
import * as EmbeddedReplay from "../src/market/replay/EmbeddedReplay.ts"
import { actor, benchDesk, removeDesk, requestFor } from "./BenchDesk.ts"

const ORDERS = 400
const ROUNDS = 3

const strikes = ["00095000", "00100000", "00105000", "00110000"]

/** Bought low and sold high for two legs; a condor of calls for four. */
const sides: Readonly<Record<2 | 4, ReadonlyArray<OrderLeg["side"]>>> = {
  2: ["BUY", "SELL"],
  4: ["BUY", "SELL", "SELL", "BUY"]
}

const opposite = { BUY: "SELL", SELL: "BUY" } as const

const requestOf = (quotes: ReadonlyArray<QuoteTick>, n: number): OrderRequest => {
  const plan = sides[quotes.length === 4 ? 4 : 2]
  const legs = quotes.map(({ instrumentId }, i): OrderLeg => {
    const side = plan[i] ?? "BUY"
    return { instrumentId, side: n % 2 === 0 ? side : opposite[side], ratio: 1 }
  })
  const legQuoteIds = quotes.map(({ quoteId }) => quoteId)
  return {
    clientOrderId: clientOrderId(`c-${quotes.length}-${n}`),
    instrumentId: comboId(legs),
    side: "BUY",
    type: { _tag: "Market" },
    size: { _tag: "Quantity", quantity: shares(1) },
    timeInForce: "DAY",
    legs,
    legQuoteIds,
    quoteId: comboQuoteId(legQuoteIds),
    repeat: true
  }
}

const contracts = (count: 2 | 4) =>
  Effect.forEach(strikes.slice(0, count), (strike) =>
    MarketData.use((data) => data.instrument(`AAPL 160715C${strike}`))
  )

const perSecond = (legs: 1 | 2 | 4): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"))
  return Effect.gen(function* () {
    const account = yield* Account
    const broker = yield* Broker
    yield* account.open({ accountId: accountId("bench"), cash: dollars(100_000_000), actor })
    const ids: ReadonlyArray<InstrumentId> =
      legs === 1 ? [EmbeddedReplay.aaplId] : (yield* contracts(legs)).map(({ id }) => id)
    const quotes = yield* Effect.forEach(ids, broker.quote)
    const [first] = quotes
    if (first === undefined) throw new Error("no quote")
    const submit = (n: number) =>
      broker.submit(
        legs === 1
          ? requestFor(first, { name: `s-${n}`, side: n % 2 === 0 ? "BUY" : "SELL", quantity: 1 })
          : requestOf(quotes, n),
        { actor }
      )
    for (let n = 0; n < 50; n++) yield* submit(n)
    const begun = process.hrtime.bigint()
    for (let n = 50; n < 50 + ORDERS; n++) yield* submit(n)
    return ORDERS / (Number(process.hrtime.bigint() - begun) / 1e9)
  }).pipe(
    Effect.provide(benchDesk({ folder })),
    Effect.scoped,
    Effect.ensuring(Effect.promise(() => removeDesk(folder))),
    Effect.runPromise
  )
}

const middle = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const measured: Record<1 | 2 | 4, Array<number>> = { 1: [], 2: [], 4: [] }
for (let round = 0; round < ROUNDS; round++) {
  for (const legs of [1, 2, 4] as const) measured[legs].push(await perSecond(legs))
}
const baseline = middle(measured[1])
const results = ([2, 4] as const).map((legs) => {
  const value = middle(measured[legs])
  return {
    legs,
    value: Math.round(value),
    baseline: Math.round(baseline),
    ratio: Number((value / baseline).toFixed(2)),
    orders: ORDERS
  }
})

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ name: "combos", unit: "orders/s", results })}\n`)
} else {
  process.stdout.write("legs   combos (1/s)   shares (1/s)   ratio   orders\n")
  for (const { baseline: shares, legs, orders, ratio, value } of results) {
    process.stdout.write(
      `${String(legs).padStart(4)}${String(value).padStart(15)}${String(shares).padStart(15)}${String(ratio).padStart(8)}${String(orders).padStart(9)}\n`
    )
  }
}
