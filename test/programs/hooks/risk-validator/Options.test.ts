/** The hook on a desk that trades the modelled options of the embedded AAPL: it says what the broker says. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { vi } from "vitest"
import { type InstrumentId, instrumentId } from "../../../../src/domain/Identifiers.ts"
import { netPrice, shares } from "../../../../src/domain/Money.ts"
import type { OrderRequest } from "../../../../src/domain/Order.ts"
import { comboId, comboQuoteId, type OrderLeg } from "../../../../src/domain/OrderLeg.ts"
import { argumentsHashOf } from "../../../../src/execution/ArgumentsHash.ts"
import { Broker } from "../../../../src/execution/Broker.ts"
import { DeskView } from "../../../../src/execution/DeskView.ts"
import { PermitStore } from "../../../../src/execution/PermitStore.ts"
import { aaplId } from "../../../../src/market/replay/EmbeddedReplay.ts"
import { structuresOf } from "../../../../src/portfolio/options/Holdings.ts"
import { agent } from "../../../execution/TestDesk.ts"
import type { Ended } from "../HookProcess.ts"
import { hookDesk, onDesk, permitsIn, platform, stepBy } from "./HookDesk.ts"

// Each test opens a desk and starts a process or two.
vi.setConfig({ testTimeout: 120_000 })

const settings = {
  market: { source: "embedded", start: "2016-06-06" },
  limits: { duplicateWindowSeconds: 0 },
  paper: { startingCash: "100000", fee: { model: "zero" } }
}

type Desk = Effect.Success<ReturnType<typeof hookDesk>>

/** A desk ten minutes into its first session; AAPL is at about 98 dollars. */
const desk = Effect.gen(function* () {
  const made = yield* hookDesk(undefined, settings)
  yield* stepBy(made.folder, 600)
  return made
})

type Services = Effect.Services<ReturnType<typeof hookDesk>>
const test = <E>(name: string, body: () => Effect.Effect<void, E, Services>) =>
  it.live(name, () => body().pipe(Effect.scoped, Effect.provide(platform)))

const EXPIRY = "160617"
const symbolOf = (right: "C" | "P", strike: number): string =>
  `AAPL ${EXPIRY}${right}${String(strike * 1000).padStart(8, "0")}`
const idOf = (symbol: string): InstrumentId => (symbol === "AAPL" ? aaplId : instrumentId(`${symbol}.OPRA`))

interface WireLeg {
  readonly symbol: string
  readonly side: "BUY" | "SELL"
  readonly ratio?: number
}

const putSpread: ReadonlyArray<WireLeg> = [
  { symbol: symbolOf("P", 95), side: "SELL" },
  { symbol: symbolOf("P", 90), side: "BUY" }
]

const orderLegs = (legs: ReadonlyArray<WireLeg>): ReadonlyArray<OrderLeg> =>
  legs.map(({ ratio = 1, side, symbol }) => ({ instrumentId: idOf(symbol), side, ratio }))

/** What a call says, and the request it is for, on quotes asked for now. */
const comboCall = ({ folder }: Desk, legs: ReadonlyArray<WireLeg>, limit?: string) =>
  onDesk(
    folder,
    Effect.gen(function* () {
      const broker = yield* Broker
      const quotes = yield* Effect.forEach(legs, ({ symbol }) => broker.quote(idOf(symbol)))
      const legQuoteIds = quotes.map(({ quoteId }) => quoteId)
      const taken = orderLegs(legs)
      const request: OrderRequest = {
        instrumentId: comboId(taken),
        side: "BUY",
        type:
          limit === undefined
            ? { _tag: "Market" }
            : { _tag: "NetLimit", netPrice: netPrice(Math.round(Number(limit) * 1_000_000)) },
        size: { _tag: "Quantity", quantity: shares(2) },
        timeInForce: "DAY",
        legs: taken,
        quoteId: comboQuoteId(legQuoteIds),
        legQuoteIds
      }
      const input = {
        legs: legs.map((leg, at) => ({ ...leg, quote_id: legQuoteIds[at] })),
        quantity: "2",
        ...(limit === undefined ? {} : { limit_price: limit }),
        rationale: "a test"
      }
      return { input, request }
    })
  )

const allowed = { code: 0, signal: null, stdout: "", stderr: "" }

const deniedBy = ({ code, stderr, stdout }: Ended): string => {
  expect({ code, stdout }).toStrictEqual({ code: 2, stdout: "" })
  return stderr
}

const rulesIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?:by the rule|and by) ([a-z-]+)/gu)].flatMap(([, rule]) => rule ?? [])

describe("risk-validator on orders with legs", () => {
  test("allows a vertical, whose permit the broker takes, and closes it by its name", () =>
    Effect.gen(function* () {
      const made = yield* desk
      const { input, request } = yield* comboCall(made, putSpread)
      expect(yield* made.ask({ input })).toStrictEqual(allowed)
      expect(permitsIn(made.folder)).toMatchObject([{ tool: "place_order", quoteId: request.quoteId }])
      const structure = yield* onDesk(
        made.folder,
        Effect.gen(function* () {
          const broker = yield* Broker
          const permit = {
            callId: "toolu_1",
            tool: "place_order",
            argumentsHash: argumentsHashOf("place_order", input)
          } as const
          const { order } = yield* broker.submit(request, { actor: agent, permit })
          expect(order.status).toBe("Filled")
          expect(yield* (yield* PermitStore).find("toolu_1")).toEqual(Option.none())
          const { positions } = yield* (yield* DeskView).status
          return structuresOf(positions.map(({ position }) => position))[0]
        })
      )
      const close = (name: string, more: object = {}) =>
        made.ask({ tool: "mcp__broker__close_position", input: { symbol: name, rationale: "done", ...more } })
      const id = structure?.id ?? "none"
      expect(id).toMatch(/^AAPL-VERTICAL/u)
      expect(yield* close(id)).toStrictEqual(allowed)
      expect(yield* close(id.toLowerCase(), { quantity: "1" })).toStrictEqual(allowed)
      expect(deniedBy(yield* close(id, { quantity: "3" }))).toMatch(
        /2 are held: expected a number from 1 to 2/u
      )
      // The put that was bought is what covers the other.
      expect(deniedBy(yield* close(symbolOf("P", 90)))).toMatch(/denied by the rule/u)
      expect(yield* close(`aapl  ${symbolOf("P", 95).slice(5)}`)).toStrictEqual(allowed)
      expect(deniedBy(yield* close(symbolOf("C", 110)))).toMatch(
        /there is no position in AAPL 160617C00110000/u
      )
      expect(deniedBy(yield* close("AAPL-VERTICAL-160617-P-80-85"))).toMatch(/no instrument/u)
    }))

  test("denies by the rules the broker denies by", () =>
    Effect.gen(function* () {
      const made = yield* desk
      const calls: ReadonlyArray<ReadonlyArray<WireLeg>> = [
        putSpread,
        [
          { symbol: "AAPL", side: "BUY", ratio: 100 },
          { symbol: symbolOf("C", 103), side: "SELL" }
        ],
        [
          { symbol: symbolOf("C", 103), side: "SELL", ratio: 2 },
          { symbol: symbolOf("C", 108), side: "BUY" }
        ],
        [
          { symbol: symbolOf("P", 95), side: "SELL" },
          { symbol: symbolOf("C", 103), side: "SELL" }
        ]
      ]
      for (const legs of calls) {
        for (const limit of [undefined, "-0.05", "40"]) {
          const { input, request } = yield* comboCall(made, legs, limit)
          const ended = yield* made.ask({ input })
          const preview = yield* onDesk(
            made.folder,
            Broker.use((broker) => broker.preview(request, { actor: agent }))
          )
          const refused = preview.verdicts.flatMap(({ outcome, rule }) => (outcome === "deny" ? [rule] : []))
          expect(rulesIn(ended.stderr), JSON.stringify(input)).toStrictEqual(refused)
          expect(ended.code).toBe(refused.length === 0 ? 0 : 2)
        }
      }
    }))

  test("judges a change of one on quotes of all its legs", () =>
    Effect.gen(function* () {
      const made = yield* desk
      const { request } = yield* comboCall(made, putSpread, "-9")
      const orderId = yield* onDesk(
        made.folder,
        Broker.use((broker) =>
          Effect.map(broker.submit(request, { actor: agent }), ({ order }) => order.clientOrderId)
        )
      )
      const change = (more: object) =>
        made.ask({
          tool: "mcp__broker__replace_order",
          input: { order_id: orderId, limit_price: "-8", rationale: "nearer", ...more }
        })
      expect(yield* change({ quote_ids: request.legQuoteIds })).toStrictEqual(allowed)
      expect(permitsIn(made.folder)).toMatchObject([{ tool: "replace_order", quoteId: request.quoteId }])
      expect(deniedBy(yield* change({ quote_id: request.legQuoteIds?.[0], limit_price: "8" }))).toMatch(
        /has 2 legs/u
      )
      expect(deniedBy(yield* change({}))).toMatch(/quote_ids/u)
    }))

  test("says of arguments that do not fit together what the broker's server says", () =>
    Effect.gen(function* () {
      const made = yield* desk
      const { input } = yield* comboCall(made, putSpread)
      const said = (more: object) => Effect.map(made.ask({ input: { ...input, ...more } }), deniedBy)
      expect(yield* said({ symbol: "AAPL" })).toMatch(/takes no symbol/u)
      expect(yield* said({ stop_price: "1" })).toMatch(/takes no stop/u)
      expect(yield* said({ quantity: "1.5" })).toMatch(/whole number of units/u)
      const [first, second] = input.legs
      expect(yield* said({ legs: [first] })).toMatch(/legs/u)
      expect(yield* said({ legs: [first, { ...second, symbol: first?.symbol }] })).toMatch(/is there twice/u)
      expect(yield* said({ legs: [first, { ...second, symbol: "MSFT 160617P00050000" }] })).toMatch(
        /no instrument "MSFT 160617P00050000"/u
      )
      expect(yield* said({ legs: [first, { ...second, quote_id: "q-0000000000000000" }] })).toMatch(
        /quote-freshness/u
      )
    }))
})

describe("a night before a settlement in the morning", () => {
  test("has the last mark of what can no longer be traded: orders from the open go on, as the broker says", () =>
    Effect.gen(function* () {
      const made = yield* hookDesk(undefined, {
        ...settings,
        market: { source: "embedded", start: "2017-01-19" },
        paper: { startingCash: "1000000", fee: { model: "zero" } }
      })
      yield* stepBy(made.folder, 600)
      const request = (id: InstrumentId, more: Pick<OrderRequest, "size" | "timeInForce">) =>
        Effect.gen(function* () {
          const broker = yield* Broker
          const { quoteId } = yield* broker.quote(id)
          const made: OrderRequest = {
            instrumentId: id,
            side: "BUY",
            type: { _tag: "Market" },
            quoteId,
            ...more
          }
          return made
        })
      const one = { _tag: "Quantity" as const, quantity: shares(1) }
      yield* onDesk(
        made.folder,
        Effect.gen(function* () {
          const broker = yield* Broker
          const id = instrumentId("SPX 170120C02250000.OPRA")
          const { order } = yield* broker.submit(yield* request(id, { size: one, timeInForce: "DAY" }), {
            actor: agent
          })
          expect(order.status).toBe("Filled")
        })
      )
      // To 09:20 of the expiry, which was traded until the close before.
      yield* stepBy(made.folder, 23 * 3600 + 40 * 60)
      const asked = yield* onDesk(made.folder, request(aaplId, { size: one, timeInForce: "AT_THE_OPEN" }))
      const input = {
        symbol: "AAPL",
        side: "BUY",
        quantity: "1",
        time_in_force: "AT_THE_OPEN",
        quote_id: asked.quoteId,
        rationale: "a test"
      }
      expect(yield* made.ask({ input })).toStrictEqual(allowed)
      const preview = yield* onDesk(
        made.folder,
        Effect.flatMap(Broker, (broker) => broker.preview(asked, { actor: agent }))
      )
      expect(preview.verdicts.filter(({ outcome }) => outcome === "deny")).toEqual([])
    }))
})
