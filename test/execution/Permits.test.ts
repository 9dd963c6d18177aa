/** Orders of a server that asks for a permit: none without one, and one for each. */
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { dollars } from "../../src/domain/Money.ts"
import type { OrderRequest } from "../../src/domain/Order.ts"
import type { Timestamp } from "../../src/domain/Timestamp.ts"
import { Broker, type By } from "../../src/execution/Broker.ts"
import {
  argumentsHashOf,
  type Permit,
  PERMIT_LIFE_MICROS,
  type PermitTool
} from "../../src/execution/Permit.ts"
import { PermitStore } from "../../src/execution/PermitStore.ts"
import { SteadyClock } from "../../src/market/SteadyClock.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  deskLayer,
  type DeskServices,
  goTo,
  journalLines,
  limitAt,
  marketLayer,
  newFile,
  newOnPostgres,
  openAccount,
  orderNamed,
  person,
  requestFor,
  standing,
  tagsAfter,
  testDesk,
  type TestDeskOptions
} from "./TestDesk.ts"
import { ACME, BOLT, minute, standardMarket } from "./TestMarket.ts"

/** A desk with its account, five minutes into the first session; the books are checked afterwards. */
const onDesk = <A, E, R>(body: Effect.Effect<A, E, R>, options: TestDeskOptions = {}) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk(options)))

/** What the hook leaves for a call with these arguments. */
const allow = Effect.fnUntraced(function* (
  callId: string,
  args: unknown,
  changes: {
    readonly tool?: PermitTool
    readonly quoteId?: Permit["quoteId"]
    readonly ageMicros?: number
  } = {}
) {
  const store = yield* PermitStore
  const steady = yield* SteadyClock
  const { ageMicros = 0, quoteId, tool = "place_order" } = changes
  yield* store.put({
    callId,
    tool,
    argumentsHash: argumentsHashOf(tool, args),
    ...(quoteId === undefined ? {} : { quoteId }),
    agent: "strategy-dev",
    sessionId: "s-1",
    steadyAt: (yield* steady.now) - ageMicros
  })
})

/** The call as the server sees it. */
const call = (callId: string | undefined, args: unknown, tool: PermitTool = "place_order"): By => ({
  actor: agent,
  permit: { callId, tool, argumentsHash: argumentsHashOf(tool, args) }
})

const submit = (request: OrderRequest, by: By) =>
  Effect.flatMap(Broker, (broker) => broker.submit(request, by))
const permitOf = (callId: string) => Effect.flatMap(PermitStore, (store) => store.find(callId))
const caller = (callId: string) => ({ agent: "strategy-dev", sessionId: "s-1", callId })

/** Denied for want of a permit. */
const unpermitted = { _tag: "OrderDenied", rule: "permit" }

describe("an order without a permit, where one is needed", () => {
  it.effect(
    "is denied, journaled and audited, never sent, and the message says that the hook did not run",
    () =>
      onDesk(
        Effect.gen(function* () {
          const { audit, broker, journal, line } = yield* acts
          yield* buy(BOLT, 1)
          const [head, sent] = [yield* journal.head, line.sent.length]
          const request = yield* requestFor("BUY", ACME, 50)
          const denied = yield* Effect.flip(submit(request, call("toolu_1", request)))
          expect(denied).toMatchObject(unpermitted)
          expect(denied.message).toContain("the hook risk-validator did not allow this call")
          expect(denied.message).toContain("plimsoll doctor")
          expect(yield* tagsAfter(head)).toEqual(["OrderInitialized", "OrderDenied"])
          const entries = yield* audit.entries({ fromSequence: head + 1, limit: 10 })
          expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
            "order.initialized done",
            "order.denied denied"
          ])
          expect(line.sent).toHaveLength(sent)
          const name = "clientOrderId" in denied ? denied.clientOrderId : undefined
          expect(Option.getOrThrow(yield* broker.order(orderNamed(String(name)))).status).toBe("Denied")
        })
      )
  )

  it.effect("is denied too when the call has no name, or one that no client gives", () =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", ACME, 50)
        yield* allow("toolu_1", request)
        for (const callId of [undefined, "", "toolu_1 ", "\0", "\uD800", "t".repeat(100_000)]) {
          expect(yield* Effect.flip(submit(request, call(callId, request)))).toMatchObject(unpermitted)
        }
      })
    )
  )

  it.effect("leaves its name free: on a paused clock the same order passes with a permit", () =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", ACME, 50)
        yield* Effect.flip(submit(request, call("toolu_1", request)))
        yield* allow("toolu_2", request)
        const { order, repeated } = yield* submit(request, call("toolu_2", request))
        expect({ status: order.status, repeated }).toEqual({ status: "Filled", repeated: false })

        const named = yield* requestFor("BUY", BOLT, 10, { id: "mine" })
        yield* Effect.flip(submit(named, call("toolu_3", named)))
        yield* allow("toolu_4", named)
        yield* submit(named, call("toolu_4", named))
        expect(yield* standing("mine")).toBe("Filled 10 @ 50.01")
      })
    )
  )

  it.effect("is journaled once however often one call sends it", () =>
    onDesk(
      Effect.gen(function* () {
        const { journal } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        const first = yield* Effect.flip(submit(request, call("toolu_1", request)))
        const head = yield* journal.head
        const again = yield* Effect.flip(submit(request, call("toolu_1", request)))
        expect(again).toEqual(first)
        expect(yield* journal.head).toBe(head)
        yield* Effect.flip(submit(request, call("toolu_2", request)))
        expect(yield* tagsAfter(head)).toEqual(["OrderInitialized", "OrderDenied"])
      })
    )
  )

  it.effect("is previewed as one with: a preview needs none and says so", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        const { denied, verdicts } = yield* broker.preview(request, call("toolu_1", request))
        expect(denied).toBe(undefined)
        expect(verdicts[0]).toMatchObject({ rule: "permit", outcome: "pass" })
        expect(verdicts[0]?.message).toContain("a preview")
      })
    )
  )
})

describe("an order with a permit", () => {
  it.effect(
    "is filled; the permit is gone, and journal and audit log name the agent, the session and the call",
    () =>
      onDesk(
        Effect.gen(function* () {
          const { audit, broker } = yield* acts
          const request = yield* requestFor("BUY", ACME, 50, { bracket: { stopLoss: 90 } })
          yield* allow("toolu_1", request)
          const { order, verdicts } = yield* submit(request, call("toolu_1", request))
          expect(order.status).toBe("Filled")
          expect(verdicts[0]).toMatchObject({ rule: "permit", outcome: "pass" })
          expect(yield* permitOf("toolu_1")).toEqual(Option.none())
          const [asked] = yield* broker.history(order.clientOrderId)
          expect(asked?.event).toMatchObject({ _tag: "OrderInitialized", caller: caller("toolu_1") })
          const entries = yield* audit.entries({ fromSequence: asked?.sequence ?? 0, limit: 1 })
          expect(entries).toMatchObject([{ details: { event: { caller: caller("toolu_1") } } }])
        })
      )
  )

  it.effect("takes it for itself alone: a deliberate repeat needs another", () =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", ACME, 50, { repeat: true })
        yield* allow("toolu_1", request)
        yield* submit(request, call("toolu_1", request))
        expect(yield* Effect.flip(submit(request, call("toolu_1", request)))).toMatchObject(unpermitted)
        yield* allow("toolu_2", request)
        expect((yield* submit(request, call("toolu_2", request))).repeated).toBe(false)
      })
    )
  )

  it.effect("takes it even when another rule denies the order", () =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", ACME, 500)
        yield* allow("toolu_1", request)
        expect(yield* Effect.flip(submit(request, call("toolu_1", request)))).toMatchObject({
          rule: "order-size"
        })
        expect(yield* permitOf("toolu_1")).toEqual(Option.none())
      })
    )
  )

  it.effect("is denied when the permit is for other arguments, another tool or another call", () =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", ACME, 50)
        const other = { ...request, size: (yield* requestFor("BUY", ACME, 51)).size }
        yield* allow("toolu_1", request)
        const denied = yield* Effect.flip(submit(other, call("toolu_1", other)))
        expect(denied).toMatchObject(unpermitted)
        expect(denied.message).toContain("other arguments")
        yield* allow("toolu_2", request, { tool: "close_position" })
        expect(yield* Effect.flip(submit(request, call("toolu_2", request)))).toMatchObject(unpermitted)
        yield* allow("toolu_3", request)
        expect(yield* Effect.flip(submit(request, call("toolu_4", request)))).toMatchObject(unpermitted)
        const lines = yield* journalLines
        expect(lines.filter(({ event }) => "caller" in event)).toEqual([])
      })
    )
  )

  it.effect("may come fifteen minutes after the hook, on a paused market, and not a microsecond later", () =>
    onDesk(
      Effect.gen(function* () {
        const first = yield* requestFor("BUY", ACME, 50)
        const second = yield* requestFor("BUY", BOLT, 50)
        yield* allow("toolu_1", first)
        yield* allow("toolu_2", second, { ageMicros: 1 })
        yield* TestClock.adjust(PERMIT_LIFE_MICROS / 1000)
        expect((yield* submit(first, call("toolu_1", first))).order.status).toBe("Filled")
        const denied = yield* Effect.flip(submit(second, call("toolu_2", second)))
        expect(denied).toMatchObject({ ...unpermitted, value: 900.000001, limit: 900 })
        yield* allow("toolu_3", second)
        expect((yield* submit(second, call("toolu_3", second))).order.status).toBe("Filled")
      })
    )
  )

  it.effect("that was asked for before gets its first outcome, whatever permit it comes with", () =>
    onDesk(
      Effect.gen(function* () {
        const { journal } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        yield* allow("toolu_1", request)
        const first = yield* submit(request, call("toolu_1", request))
        const head = yield* journal.head
        yield* allow("toolu_2", request)
        for (const callId of ["toolu_1", "toolu_2", undefined]) {
          const again = yield* submit(request, call(callId, request))
          expect(again).toEqual({ ...first, repeated: true })
        }
        expect(yield* journal.head).toBe(head)
        expect(Option.isSome(yield* permitOf("toolu_2"))).toBe(true)
      })
    )
  )

  it.effect("does not find it on an account that was begun anew meanwhile", () =>
    onDesk(
      Effect.gen(function* () {
        const { account } = yield* acts
        const request = yield* requestFor("BUY", ACME, 50)
        yield* allow("toolu_1", request)
        yield* account.reset({ cash: dollars(100_000), actor: person })
        expect(yield* permitOf("toolu_1")).toEqual(Option.none())
        expect(yield* Effect.flip(submit(request, call("toolu_1", request)))).toMatchObject(unpermitted)
        yield* allow("toolu_2", request)
        expect((yield* submit(request, call("toolu_2", request))).order.status).toBe("Filled")
      })
    )
  )

  it.effect("shares it with none that is decided in the same transaction", () =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", BOLT, 10, { repeat: true })
        yield* allow("toolu_1", request)
        const exits = yield* Effect.forEach(
          Array.from({ length: 10 }),
          () => Effect.exit(submit(request, call("toolu_1", request))),
          { concurrency: "unbounded" }
        )
        expect(exits.filter(Exit.isSuccess)).toHaveLength(1)
        const tags = yield* tagsAfter(0)
        expect(tags.filter((tag) => tag === "OrderFilled")).toHaveLength(1)
      })
    )
  )
})

/** The market's replay goes on, the computer's clock as long as a person thinks. */
const later = Effect.fnUntraced(function* (at: Timestamp) {
  const clock = yield* SteppedClock
  yield* clock.set(at)
  yield* TestClock.adjust("10 minutes")
})

describe("a quote that aged while a person was asked", () => {
  const marketAt = (next: number) => [
    { instrument: ACME, days: [100, ...Array.from({ length: 14 }, () => next)], actions: [] },
    ...standardMarket.slice(1)
  ]

  it.effect.each<readonly [number, string]>([
    [100.49, "Filled"],
    [100.51, "quote-freshness"],
    [99.53, "Filled"],
    [99.49, "quote-freshness"]
  ])("from 100 with the market at %d: %s", ([next, outcome]) =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", ACME, 50)
        yield* allow("toolu_1", request, { quoteId: request.quoteId })
        yield* later(minute(1, 5))
        const said = yield* submit(request, call("toolu_1", request)).pipe(
          Effect.map(({ order }) => ({ outcome: order.status, message: "" })),
          Effect.catchTag("OrderDenied", ({ message, rule }) => Effect.succeed({ outcome: rule, message }))
        )
        expect(said.outcome).toBe(outcome)
        if (outcome !== "Filled") expect(said.message).toMatch(/^Requote: /u)
      }),
      { market: marketAt(next) }
    )
  )

  it.effect("passes with the permit of its own call alone", () =>
    onDesk(
      Effect.gen(function* () {
        const request = yield* requestFor("BUY", ACME, 50)
        yield* allow("toolu_1", request)
        yield* later(minute(1, 5))
        const denied = yield* Effect.flip(submit(request, call("toolu_1", request)))
        expect(denied).toMatchObject({ rule: "quote-freshness" })
        expect(denied.message).not.toContain("Requote")
      })
    )
  )
})

describe("a replacement, where a permit is needed", () => {
  const resting = buy(ACME, 10, { id: "rests", type: limitAt(90), timeInForce: "GTC" })
  const to = (at: number) =>
    Effect.map(
      Effect.flatMap(Broker, (broker) => broker.quote(ACME.id)),
      ({ quoteId }) => ({ type: limitAt(at), quoteId })
    )

  it.effect("is denied without one and leaves the order as it was", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal } = yield* acts
        yield* resting
        const head = yield* journal.head
        const change = yield* to(91)
        const by = call("toolu_1", change, "replace_order")
        const denied = yield* Effect.flip(broker.replace(orderNamed("rests"), change, by))
        expect(denied).toMatchObject({ ...unpermitted, clientOrderId: "rests" })
        expect(yield* journal.head).toBe(head)
      })
    )
  )

  it.effect("takes it with one, and the journal names the caller", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* resting
        const change = yield* to(91)
        yield* allow("toolu_1", change, { tool: "replace_order" })
        const by = call("toolu_1", change, "replace_order")
        const order = yield* broker.replace(orderNamed("rests"), change, by)
        expect(order.content.type).toEqual(limitAt(91))
        expect(yield* permitOf("toolu_1")).toEqual(Option.none())
        const asked = (yield* journalLines).map(({ event }) => event)
        expect(asked.find(({ _tag }) => _tag === "OrderPendingUpdate")).toMatchObject({
          caller: caller("toolu_1")
        })
        const again = yield* Effect.flip(broker.replace(orderNamed("rests"), change, by))
        expect(again).toMatchObject(unpermitted)
      })
    )
  )

  it.effect("that another rule denies leaves no trace, and its permit where it was", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal } = yield* acts
        yield* resting
        const head = yield* journal.head
        const change = yield* to(120)
        yield* allow("toolu_1", change, { tool: "replace_order" })
        const by = call("toolu_1", change, "replace_order")
        const denied = yield* Effect.flip(broker.replace(orderNamed("rests"), change, by))
        expect(denied).toMatchObject({ rule: "price-collar" })
        expect(yield* journal.head).toBe(head)
        expect(Option.isSome(yield* permitOf("toolu_1"))).toBe(true)
      })
    )
  )
})

describe("closing a position, where a permit is needed", () => {
  it.effect("is denied without one and done with one, on a paused clock too", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* buy(ACME, 50)
        const args = { symbol: "ACME" }
        const denied = yield* Effect.flip(
          broker.closePosition(ACME.id, call("toolu_1", args, "close_position"))
        )
        expect(denied).toMatchObject(unpermitted)
        yield* allow("toolu_2", args, { tool: "close_position" })
        const { order } = yield* broker.closePosition(ACME.id, call("toolu_2", args, "close_position"))
        expect(order.status).toBe("Filled")
      })
    )
  )

  it.effect("is taken back with a cancel that needs none", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        yield* buy(ACME, 10, { id: "rests", type: limitAt(90) })
        expect((yield* broker.cancel(orderNamed("rests"), { actor: agent })).status).toBe("Canceled")
      })
    )
  )
})

/** Two processes' desks on one database race; tells how each order ended. */
const race = (newStorage: typeof newFile, repeat: boolean) =>
  Effect.gen(function* () {
    const storage = yield* newStorage
    const market = yield* Effect.context<Layer.Success<ReturnType<typeof marketLayer>>>()
    const node = yield* Effect.context<Layer.Success<typeof NodeServices.layer>>()
    const open = Effect.fnUntraced(function* (holder: string) {
      const desk = yield* Layer.build(Layer.fresh(deskLayer({ holder }).pipe(Layer.provideMerge(storage()))))
      const services = Context.merge(node, Context.merge(market, desk))
      return <A, E>(body: Effect.Effect<A, E, DeskServices>) => Effect.provideContext(body, services)
    })
    const [a, b] = [yield* open("a"), yield* open("b")]
    yield* a(openAccount())
    yield* a(goTo(minute(0, 5)))
    const request = yield* a(requestFor("BUY", BOLT, 10, { repeat }))
    yield* a(allow("toolu_1", request))
    const exits = yield* Effect.forEach(
      [a, b, a, b],
      (on) => Effect.exit(on(submit(request, call("toolu_1", request)))),
      {
        concurrency: "unbounded"
      }
    )
    expect([yield* a(checkBooks), yield* b(checkBooks)]).toEqual([[], []])
    const tags = yield* a(tagsAfter(0))
    return {
      done: exits.filter(Exit.isSuccess).length,
      fills: tags.filter((tag) => tag === "OrderFilled").length
    }
  }).pipe(Effect.scoped, Effect.provide(marketLayer().pipe(Layer.provideMerge(NodeServices.layer))))

const racesOn = (name: string, newStorage: typeof newFile) => {
  it.effect(`two processes with one permit make one order, ${name}`, () =>
    Effect.gen(function* () {
      expect(yield* race(newStorage, true)).toEqual({ done: 1, fills: 1 })
      // The same intention: each is told of the one order.
      expect(yield* race(newStorage, false)).toEqual({ done: 4, fills: 1 })
    })
  )
}

racesOn("in a file", newFile)
describeWithPostgres("with a server", () => racesOn("on PostgreSQL", newOnPostgres))
