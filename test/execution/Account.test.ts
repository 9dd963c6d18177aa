/** The account's life. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { accountId } from "../../src/domain/Identifiers.ts"
import { dollars, money } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import { Broker } from "../../src/execution/Broker.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  count,
  type DeskServices,
  goTo,
  holdings,
  limitAt,
  openAccount,
  orderNamed,
  person,
  sell,
  standing,
  testDesk,
  turnTo
} from "./TestDesk.ts"
import { ACME, minute } from "./TestMarket.ts"

const onDesk = <A, E>(body: Effect.Effect<A, E, DeskServices>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk()))

const refused = (message: string) => expect.objectContaining({ _tag: "AccountRefused", message })

describe("an account", () => {
  it.effect("opens before the first session of the calendar", () =>
    Effect.gen(function* () {
      yield* openAccount()
      const { journal } = yield* acts
      expect((yield* journal.read({ after: 0, limit: 1 })).map(({ event }) => event._tag)).toEqual([
        "AccountOpened"
      ])
    }).pipe(
      // 1998-01-02 08:30 in New York, an hour before the first open there is.
      Effect.provide(testDesk({ start: timestamp(Date.UTC(1998, 0, 2, 13, 30) * 1000) }))
    )
  )

  it.effect("is needed for everything", () =>
    Effect.gen(function* () {
      const { account, killSwitch, view } = yield* acts
      yield* goTo(minute(0, 5))
      const said = [
        yield* Effect.flip(buy(ACME, 10)),
        yield* Effect.flip(killSwitch.halt("enough", agent)),
        yield* Effect.flip(view.status),
        yield* Effect.flip(account.deposit(dollars(1), person)),
        yield* Effect.flip(account.reset({ cash: dollars(1), actor: person }))
      ]
      expect(new Set(said.map(({ _tag }) => _tag))).toEqual(new Set(["AccountNotOpen"]))
    }).pipe(Effect.provide(testDesk()))
  )

  it.effect("is opened once, by whoever comes first", () =>
    onDesk(
      Effect.gen(function* () {
        const { journal } = yield* acts
        const head = yield* journal.head
        const second = yield* Effect.flip(openAccount(dollars(5)))
        expect(second).toMatchObject({ _tag: "AccountAlreadyOpen", accountId: "desk" })
        expect(yield* journal.head).toBe(head)
      })
    )
  )

  it.effect("is not opened twice by two at once", () =>
    Effect.gen(function* () {
      const both = yield* Effect.all([Effect.result(openAccount()), Effect.result(openAccount())], {
        concurrency: 2
      })
      expect(both.filter(Result.isSuccess)).toHaveLength(1)
      expect(yield* holdings).toBe("100000")
    }).pipe(Effect.provide(testDesk()))
  )

  it.effect("takes no amount that is nothing, less, or too much", () =>
    onDesk(
      Effect.gen(function* () {
        const { account } = yield* acts
        for (const amount of [0, -1, 2e15]) {
          const said = yield* Effect.flip(account.deposit(money(amount), person))
          expect(said).toMatchObject({ _tag: "AccountRefused" })
        }
        for (let n = 0; n < 7; n++) yield* account.deposit(dollars(1_000_000_000), person)
        expect(yield* Effect.flip(account.deposit(dollars(1_000_000_000), person))).toEqual(
          refused(
            "the account holds 7000100000.00 of deposits, and at most 8000000000.00 can be kept exactly"
          )
        )
      })
    )
  )

  it.effect("gives its money to a person only, and what orders have taken to nobody", () =>
    onDesk(
      Effect.gen(function* () {
        const { account } = yield* acts
        expect(yield* Effect.flip(account.withdraw(dollars(1), agent))).toEqual(
          refused("only a person can withdraw money, and mcp:broker is none (agent)")
        )
        yield* buy(ACME, 90, { type: limitAt(90) })
        expect(yield* Effect.flip(account.withdraw(dollars(92_000), person))).toEqual(
          refused(
            "the account has 100000.00 in cash, 8100.00 of it for working orders and short positions: less than 92000.00 is free"
          )
        )
        yield* account.withdraw(dollars(91_900), person)
        expect(yield* holdings).toBe("8100")
      })
    )
  )
})

describe("what is not there to be withdrawn", () => {
  const free = (amount: number) =>
    Effect.gen(function* () {
      const { account } = yield* acts
      expect(yield* Effect.flip(account.withdraw(dollars(amount + 1), person))).toMatchObject({
        _tag: "AccountRefused"
      })
      yield* account.withdraw(dollars(amount), person)
    })

  it.effect("is what a change costs that the venue has not answered", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        yield* buy(ACME, 10, { id: "a", type: limitAt(90), timeInForce: "GTC" })
        const { quoteId } = yield* broker.quote(ACME.id)
        line.replace = "lose-request"
        const asked = broker.replace(orderNamed("a"), { size: count(100), quoteId }, { actor: agent })
        expect(yield* Effect.flip(asked)).toMatchObject({ _tag: "VenueUnanswered" })
        line.replace = "works"
        yield* free(91_000)
      })
    )
  )

  it.effect("is what a short position brought, and as much again", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* goTo(minute(0, 5))
      yield* sell(ACME, 50)
      expect(yield* holdings).toBe("104999.5 ACME -50")
      yield* free(94_999)
      expect(yield* checkBooks).toEqual([])
    }).pipe(Effect.provide(testDesk({ limits: { shortSales: true } })))
  )
})

describe("a reset", () => {
  it.effect("cancels, begins anew, and leaves the old book readable under its name", () =>
    onDesk(
      Effect.gen(function* () {
        const { account, broker, journal, view } = yield* acts
        yield* buy(ACME, 50, { id: "old" })
        yield* buy(ACME, 40, { id: "rest", type: limitAt(90), timeInForce: "GTC" })
        yield* turnTo(minute(0, 30))
        const names = yield* account.reset({ cash: dollars(50_000), actor: person })
        expect(names).toEqual({ archived: "desk", opened: "desk-2" })
        expect(yield* holdings).toBe("50000")
        expect(yield* standing("rest")).toBe("Canceled")
        expect(yield* standing("old")).toBe("Filled 50 @ 100.01")
        expect(yield* broker.orders({ limit: 10 })).toEqual([])
        const old = yield* journal.orders({ accountId: accountId("desk"), limit: 10 })
        expect(old.map(({ order }) => order.clientOrderId).toSorted()).toEqual(["old", "rest"])
        expect(yield* view.fills({ accountId: accountId("desk"), after: 0, limit: 10 })).toHaveLength(1)
        expect(yield* view.fills({ after: 0, limit: 10 })).toEqual([])
        yield* turnTo(minute(1, 5))
        yield* buy(ACME, 40)
        expect(yield* holdings).toBe("45999.6 ACME 40")
        expect(yield* account.reset({ cash: dollars(1), actor: person })).toMatchObject({ opened: "desk-3" })
      })
    )
  )

  it.effect("is a person's, and no way around a halt", () =>
    onDesk(
      Effect.gen(function* () {
        const { account, killSwitch } = yield* acts
        const anew = { cash: dollars(50_000) }
        expect(yield* Effect.flip(account.reset({ ...anew, actor: agent }))).toMatchObject({
          _tag: "AccountRefused"
        })
        yield* killSwitch.halt("enough", agent)
        expect(yield* Effect.flip(account.reset({ ...anew, actor: person }))).toEqual(
          refused("trading is halted: a person resumes it first, with a reason, and then resets the account")
        )
      })
    )
  )

  it.effect("waits for an order that is on its way", () =>
    onDesk(
      Effect.gen(function* () {
        const { account, line } = yield* acts
        yield* Broker.use((broker) => broker.reconcile)
        let said: unknown
        line.beforeSend = account.reset({ cash: dollars(1), actor: person }).pipe(
          Effect.flip,
          Effect.map((error) => {
            said = error
          }),
          Effect.orDie
        )
        yield* Effect.exit(buy(ACME, 50, { id: "late", type: limitAt(90) }))
        expect(said).toEqual(refused("orders are still working (late): cancel them first, then reset"))
        expect(yield* holdings).toBe("100000")
      })
    )
  )
})
