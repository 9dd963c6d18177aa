/** Seeded acts on a desk: what its users and its crank do, one at a time. */
import { Effect, Option } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { type Money, dollars, money, pricePerShare } from "../../src/domain/Money.ts"
import { isTerminal, type Order, type OrderType } from "../../src/domain/Order.ts"
import type { QuoteTick } from "../../src/domain/Quote.ts"
import type { OptionRight } from "../../src/domain/OptionContract.ts"
import { MICROS_PER_MINUTE, sessionDate } from "../../src/domain/Timestamp.ts"
import { Account } from "../../src/execution/Account.ts"
import { Broker } from "../../src/execution/Broker.ts"
import { Crank } from "../../src/execution/Crank.ts"
import { KillSwitch } from "../../src/execution/KillSwitch.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { exchangeDate } from "../../src/market/TradingCalendar.ts"
import { comboRequest, contract, type Leg, netLimit } from "../execution/OptionDesk.ts"
import { agent, type Ask, requestFor } from "../execution/TestDesk.ts"
import { ACME, BOLT, INDX } from "../execution/TestMarket.ts"
import { type Draw, pick } from "../support/Numbers.ts"
import type { ActKind, Answer, Intent } from "./ActLog.ts"
import { person } from "./ProjectDesk.ts"

/** An act ready to be done: what it is called in the log, and the doing of it. */
interface Prepared<R> {
  readonly intent: Intent
  readonly run: Effect.Effect<Omit<Answer, "n" | "calls">, never, R>
}

const tagOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "_tag" in error ? String(error._tag) : String(error)

/** How an order stands, as an answer. */
export const told = (order: Order) => ({
  outcome: "done",
  status: order.status,
  filled: Number(order.filledQuantity)
})

const ruleOf = (error: unknown) =>
  typeof error === "object" && error !== null && "rule" in error ? { rule: String(error.rule) } : {}

/** A typed failure is an answer; a defect ends the process, and the parent reads it. */
export const answered = <A, E, R, Said extends { readonly outcome: string }>(
  work: Effect.Effect<A, E, R>,
  say: (value: A) => Said
) =>
  Effect.match(work, {
    onFailure: (error) => ({ outcome: tagOf(error), ...ruleOf(error) }),
    onSuccess: say
  })

const done = () => ({ outcome: "done" })

const cents = (micros: number, percent: number): number => Math.round((micros / 1e6) * percent) / 100

const limit = (at: number): OrderType => ({ _tag: "Limit", limitPrice: pricePerShare(at) })
const stop = (at: number): OrderType => ({ _tag: "StopMarket", stopPrice: pricePerShare(at) })

type Terms = readonly ["BUY" | "SELL", Ask]

const terms = ({ last }: QuoteTick, draw: Draw): Terms => {
  const at = (percent: number) => cents(last, percent)
  const choices: readonly [() => Terms, ...ReadonlyArray<() => Terms>] = [
    () => ["BUY", {}],
    () => ["BUY", { type: limit(at(80 + draw(19))), timeInForce: "GTC" }],
    () => ["BUY", { type: limit(at(101)), timeInForce: pick(draw, ["DAY", "IOC"]) }],
    () => ["BUY", { bracket: { takeProfit: at(103 + draw(5)), stopLoss: at(85 + draw(10)) } }],
    () => ["BUY", { timeInForce: "AT_THE_OPEN" }],
    () => ["SELL", {}],
    () => ["SELL", { type: limit(at(102 + draw(4))), timeInForce: "GTC" }],
    () => ["SELL", { type: stop(at(88 + draw(10))), timeInForce: "GTC" }]
  ]
  return pick(draw, choices)()
}

/** A structure on ACME around its price, of a Friday to come. */
const legsAround = (last: number, today: string, draw: Draw): ReadonlyArray<Leg> => {
  const [first = "", ...later] = FRIDAYS.filter((friday) => friday >= today)
  const expiry = sessionDate(pick(draw, [first, ...later]))
  const near = Math.max(4, Math.round(last / 1e6)) + draw(3) - 1
  const of = (right: OptionRight, away: number) => contract(right, near + away, expiry)
  return pick<ReadonlyArray<Leg>>(draw, [
    [
      ["SELL", of("PUT", 0)],
      ["BUY", of("PUT", -2)]
    ],
    [
      ["SELL", of("CALL", 1)],
      ["BUY", of("CALL", 3)]
    ],
    [
      ["BUY", of("CALL", 0)],
      ["BUY", of("PUT", 0), 2]
    ],
    [
      ["BUY", ACME.id, 100],
      ["SELL", of("CALL", 2)]
    ]
  ])
}

const FRIDAYS = ["2024-03-08", "2024-03-15", "2024-03-22"]

/** A combo's request; none where one of its legs has no quote, or has expired. */
const structure = Effect.fnUntraced(function* (id: string, draw: Draw) {
  const broker = yield* Broker
  const { last, tsEvent } = yield* broker.quote(ACME.id)
  const legs = legsAround(last, exchangeDate(tsEvent), draw)
  const rests = draw(3) === 0
  const terms: Pick<Ask, "type" | "timeInForce"> = rests
    ? { type: netLimit((legs[0]?.[2] ?? 1) > 1 ? last / 2e6 : -1 - draw(2)), timeInForce: "GTC" }
    : { timeInForce: pick(draw, ["DAY", "AT_THE_OPEN"]) }
  return yield* Effect.option(comboRequest(legs, 1 + draw(2), { ...terms, id }))
})

const shares = Effect.fnUntraced(function* (order: string, draw: Draw) {
  const broker = yield* Broker
  const instrument = pick(draw, [ACME, BOLT, INDX, ACME])
  const quote = yield* broker.quote(instrument.id)
  const [side, ask] = terms(quote, draw)
  return yield* requestFor(side, instrument, 1 + draw(instrument === INDX ? 4 : 40), { ...ask, id: order })
})

const submit = Effect.fnUntraced(function* (n: number, draw: Draw, prefix: string) {
  const broker = yield* Broker
  const order = `${prefix}${n}`
  const combo = draw(3) === 0 ? yield* structure(order, draw) : Option.none()
  const request = Option.isSome(combo) ? combo.value : yield* shares(order, draw)
  return {
    intent: { n, kind: "submit", order },
    run: answered(broker.submit(request, { actor: agent }), ({ order: placed }) => told(placed))
  } satisfies Prepared<never>
})

/** Time passes, and the crank brings the desk up to it. */
const fill = Effect.fnUntraced(function* (n: number, draw: Draw) {
  const clock = yield* MarketClockControl
  const crank = yield* Crank
  const step = pick(draw, [
    { _tag: "By", micros: (1 + draw(30)) * MICROS_PER_MINUTE },
    { _tag: "By", micros: (1 + draw(90)) * MICROS_PER_MINUTE },
    { _tag: "ToClose" },
    { _tag: "ToOpen" }
  ] as const)
  return {
    intent: { n, kind: "fill" },
    run: answered(Effect.andThen(clock.step(step), crank.upToDate), done)
  } satisfies Prepared<never>
})

/** One of the orders that may still change, if there is one. */
const oneOpen = Effect.fnUntraced(function* (draw: Draw) {
  const broker = yield* Broker
  const orders = yield* broker.orders({ limit: 1000 })
  const open = orders
    .filter(({ status }) => !isTerminal(status))
    .toSorted((a, b) => (a.clientOrderId < b.clientOrderId ? -1 : 1))
  return Option.fromUndefinedOr(open[draw(Math.max(1, open.length))])
})

const cancel = Effect.fnUntraced(function* (n: number, draw: Draw) {
  const broker = yield* Broker
  const order = yield* oneOpen(draw)
  return {
    intent: { n, kind: "cancel" },
    run: Option.match(order, {
      onNone: () => Effect.succeed({ outcome: "nothing to cancel" }),
      onSome: ({ clientOrderId }) => answered(broker.cancel(clientOrderId, { actor: agent }), told)
    })
  } satisfies Prepared<never>
})

const replace = Effect.fnUntraced(function* (n: number, draw: Draw) {
  const broker = yield* Broker
  const order = yield* oneOpen(draw)
  const nothing = {
    intent: { n, kind: "replace" },
    run: Effect.succeed({ outcome: "nothing to replace" })
  } as const
  if (Option.isNone(order)) return nothing
  const { clientOrderId, content } = order.value
  if (content.legs !== undefined) return nothing
  const quote = yield* broker.quote(content.instrumentId)
  const type =
    content.type._tag === "Limit" ? limit(cents(quote.last, content.side === "BUY" ? 90 : 104)) : content.type
  const size = content.size._tag === "Quantity" ? { ...content.size } : content.size
  return {
    intent: { n, kind: "replace" },
    run: answered(
      broker.replace(clientOrderId, { type, size, quoteId: quote.quoteId }, { actor: agent }),
      told
    )
  } satisfies Prepared<never>
})

const cash = Effect.fnUntraced(function* (n: number, draw: Draw) {
  const account = yield* Account
  const amount: Money = money(dollars(1 + draw(900)) + n)
  const isDeposit = draw(2) === 0
  return {
    intent: { n, kind: "cash", amount: isDeposit ? amount : money(-amount) },
    run: answered(isDeposit ? account.deposit(amount, person) : account.withdraw(amount, person), done)
  } satisfies Prepared<never>
})

/** Halted and resumed: a desk that stays halted would do nothing more. */
const halt = Effect.fnUntraced(function* (n: number) {
  const killSwitch = yield* KillSwitch
  return {
    intent: { n, kind: "halt" },
    run: answered(
      Effect.andThen(killSwitch.halt("a test", agent), killSwitch.resume("a test is over", person)),
      done
    )
  } satisfies Prepared<never>
})

/** Prepares the act numbered `n`; what the market shows is looked at here, before the act begins. */
export const prepare = (kind: Exclude<ActKind, "open">, n: number, draw: Draw, prefix: string) =>
  Effect.gen(function* () {
    switch (kind) {
      case "submit":
        return yield* submit(n, draw, prefix)
      case "fill":
        return yield* fill(n, draw)
      case "cancel":
        return yield* cancel(n, draw)
      case "replace":
        return yield* replace(n, draw)
      case "cancel-all": {
        const broker = yield* Broker
        return { intent: { n, kind }, run: answered(broker.cancelAll({ actor: agent }), done) }
      }
      case "drain": {
        const audit = yield* AuditLog
        return { intent: { n, kind }, run: answered(audit.flush, done) }
      }
      case "cash":
        return yield* cash(n, draw)
      case "halt":
        return yield* halt(n)
    }
  })

const weighted = [
  ...Array.from({ length: 10 }, () => "submit" as const),
  ...Array.from({ length: 6 }, () => "fill" as const),
  "cancel",
  "cancel",
  "replace",
  "cash",
  "drain"
] as const

export const anyKind = (draw: Draw): Exclude<ActKind, "open"> => weighted[draw(weighted.length)] ?? "submit"
