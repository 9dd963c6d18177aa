/** The desk held against the venue: lost orders, lost changes, cash and positions that differ. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import { dollars, money, shares, signedQuantity } from "../../src/domain/Money.ts"
import { MICROS_PER_SECOND, timestamp } from "../../src/domain/Timestamp.ts"
import * as Ledger from "../../src/portfolio/Ledger.ts"
import { BrokerContext } from "../../src/execution/BrokerContext.ts"
import * as GuardedBroker from "../../src/execution/GuardedBroker.ts"
import * as KillSwitch from "../../src/execution/KillSwitch.ts"
import { Venue } from "../../src/execution/Venue.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import {
  acts,
  agent,
  buy,
  checkBooks,
  count,
  deskLayer,
  type DeskServices,
  goTo,
  holdings,
  limitAt,
  openAccount,
  orderNamed,
  person,
  requestFor,
  sell,
  standing,
  tagsAfter,
  testDesk,
  turnTo
} from "./TestDesk.ts"
import { ACME, BOLT, INDX, minute } from "./TestMarket.ts"

const onDesk = <A, E>(body: Effect.Effect<A, E, DeskServices>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(testDesk()))

/** Some seconds on, within the same minute of the market. */
const seconds = (n: number) => timestamp(minute(0, 5) + n * MICROS_PER_SECOND)

const holding = (id: InstrumentId, quantity: number) => ({ [id]: signedQuantity(shares(quantity)) })

describe("cash and positions", () => {
  it.effect("that agree with the venue's are left alone", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal } = yield* acts
        yield* buy(ACME, 50)
        yield* turnTo(minute(6, 30))
        yield* sell(ACME, 100)
        const head = yield* journal.head
        yield* broker.reconcile
        expect(yield* journal.head).toBe(head)
        const { account } = yield* (yield* Venue).statement
        expect(account).toEqual({
          cash: (yield* (yield* acts).view.ledger).cash,
          positions: holding(ACME.id, 100)
        })
      })
    )
  )

  it.effect("follow the venue where they differ, by journaled corrections that the status shows", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal, line, view } = yield* acts
        yield* buy(ACME, 50)
        const head = yield* journal.head
        line.holds = ({ cash, positions }) => ({
          cash: money(cash - dollars(500)),
          positions: { ...positions, ...holding(ACME.id, 60), ...holding(BOLT.id, -7) }
        })
        yield* broker.reconcile
        expect(yield* tagsAfter(head)).toEqual(["PositionCorrected", "PositionCorrected", "CashCorrected"])
        const ledger = yield* view.ledger
        expect(yield* holdings).toBe("94499.5 ACME 60 BOLT -7")
        // Ten shares at 100 came, seven at 50 are owed, 500 in cash went.
        expect(ledger.corrections).toBe(dollars(1000 - 350 - 500))
        expect(Ledger.trialBalance(ledger)).toBe(0)
        expect(yield* view.status).toMatchObject({ corrections: { _tag: "Some", value: { count: 3 } } })
        const after = yield* journal.head
        yield* broker.reconcile
        expect(yield* journal.head).toBe(after)
        line.holds = (account) => account
        yield* broker.reconcile
        expect(yield* holdings).toBe("94999.5 ACME 50")
      })
    )
  )

  it.effect(
    "are compared as of one line of the venue's record: an order that fills meanwhile is no difference",
    () =>
      onDesk(
        Effect.gen(function* () {
          const { broker, journal, line } = yield* acts
          let asked = 0
          line.holds = (account) => {
            asked += 1
            return account
          }
          const venue = yield* Venue
          const again = broker.reconcile
          yield* buy(BOLT, 1)
          const head = yield* journal.head
          // The fill is at the venue and not yet in the journal.
          yield* venue.send(
            [
              {
                clientOrderId: orderNamed("elsewhere"),
                instrumentId: ACME.id,
                side: "BUY",
                type: { _tag: "Market" },
                size: count(5),
                timeInForce: "DAY"
              }
            ],
            Effect.succeed(true)
          )
          yield* again
          expect(asked).toBeGreaterThan(0)
          expect(yield* tagsAfter(head)).toEqual(["OrderAccepted", "OrderFilled"])
        })
      )
  )

  it.effect("are held against the venue's before the first order: without its statement none passes", () =>
    onDesk(
      Effect.gen(function* () {
        const { line } = yield* acts
        line.answers = false
        expect(yield* Effect.flip(buy(ACME, 5))).toMatchObject({ _tag: "VenueUnanswered" })
        line.answers = true
        line.holds = ({ cash, positions }) => ({ cash, positions: { ...positions, ...holding(INDX.id, 3) } })
        yield* buy(ACME, 5)
        expect(yield* holdings).toContain("INDX 3")
        line.holds = (account) => account
        yield* (yield* acts).broker.reconcile
      })
    )
  )
})

describe("an order the venue had taken", () => {
  it.effect("and has no more is closed as lost, and its instrument trades on", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        yield* buy(ACME, 50, { id: "kept", type: limitAt(90), timeInForce: "GTC" })
        yield* buy(ACME, 40, { id: "lost", type: limitAt(91), timeInForce: "GTC" })
        line.forgotten.add(orderNamed("lost"))
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Canceled")
        expect(yield* standing("kept")).toBe("Accepted")
        yield* buy(ACME, 10)
        line.forgotten.clear()
        // The venue remembers it after all: it is not to work.
        yield* broker.reconcile
        expect(yield* (yield* Venue).working).toEqual(["kept"])
      })
    )
  )

  it.effect("and that another process sent while the venue was asked is not taken for lost", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker } = yield* acts
        const other = Layer.fresh(deskLayer({ holder: "another" }))
        yield* Effect.gen(function* () {
          yield* buy(ACME, 50, { id: "theirs", type: limitAt(90), timeInForce: "GTC" })
        }).pipe(Effect.provide(other))
        yield* broker.reconcile
        expect(yield* standing("theirs")).toBe("Accepted")
      })
    )
  )
})

describe("a cancel that comes to the venue before its order", () => {
  it.effect("is asked for again when the order arrives", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        const [going, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        line.beforeSend = Effect.andThen(Deferred.succeed(going, undefined), Deferred.await(go))
        const caller = yield* Effect.forkChild(
          buy(ACME, 50, { id: "late", type: limitAt(90), timeInForce: "GTC" })
        )
        yield* Deferred.await(going)
        const canceled = yield* broker.cancel(orderNamed("late"), { actor: agent })
        expect(canceled.status).toBe("Unknown")
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(caller)
        expect(yield* standing("late")).toBe("Canceled")
        expect(yield* (yield* Venue).working).toEqual([])
      })
    )
  )

  it.effect("is asked for again by reconciliation when its sender died", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line } = yield* acts
        line.send = "lose-request"
        const request = yield* requestFor("BUY", ACME, 50, {
          id: "late",
          type: limitAt(90),
          timeInForce: "GTC"
        })
        yield* Effect.exit(broker.submit(request, { actor: agent }))
        yield* broker.cancel(orderNamed("late"), { actor: agent })
        line.send = "works"
        const { bracket: _, clientOrderId: __, quoteId: ___, ...content } = request
        yield* (yield* Venue).send([{ clientOrderId: orderNamed("late"), ...content }], Effect.succeed(true))
        yield* broker.reconcile
        expect(yield* standing("late")).toBe("Canceled")
      })
    )
  )
})

describe("an order sent again by reconciliation", () => {
  it.effect("is canceled when trading was halted on its way", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, killSwitch, line, view } = yield* acts
        line.send = "lose-request"
        yield* Effect.exit(buy(ACME, 50, { id: "lost", type: limitAt(90), timeInForce: "GTC" }))
        line.send = "works"
        line.beforeSend = Effect.orDie(Effect.ignore(killSwitch.halt("stop", person)))
        yield* broker.reconcile
        line.beforeSend = Effect.void
        expect(yield* standing("lost")).toBe("Canceled")
        expect(yield* view.status).toMatchObject({ tradingState: "Halted", working: [] })
      })
    )
  )

  const looksAgain = Effect.fnUntraced(function* (happens: Effect.Effect<void>) {
    const { broker, line } = yield* acts
    line.send = "lose-request"
    yield* Effect.exit(buy(ACME, 50, { id: "lost", type: limitAt(90), timeInForce: "GTC" }))
    line.send = "works"
    line.afterKnows = Effect.suspend(() => {
      line.afterKnows = Effect.void
      return happens
    })
    yield* broker.reconcile
    expect(line.sent).toEqual([])
    expect(yield* standing("lost")).toBe("Unknown")
  })

  it.effect("is not sent when trading is halted while the venue is asked for it", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, line } = yield* acts
        const [tripped, goOn] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        const ended = yield* Deferred.make<void>()
        const halting = Effect.andThen(
          Effect.ignore(killSwitch.halt("stop", person)),
          Deferred.succeed(ended, undefined)
        )
        // The halt is journaled, and has canceled nothing yet.
        const trip = Effect.suspend(() => {
          line.beforeFlush = Effect.suspend(() => {
            line.beforeFlush = Effect.void
            return Effect.andThen(Deferred.succeed(tripped, undefined), Deferred.await(goOn))
          })
          return Effect.andThen(Effect.forkDetach(halting), Deferred.await(tripped))
        })
        yield* looksAgain(trip)
        yield* Deferred.succeed(goOn, undefined)
        yield* Deferred.await(ended)
      })
    )
  )

  it.effect("is not sent when the market moves while the venue is asked for it", () =>
    onDesk(
      Effect.gen(function* () {
        const clock = yield* SteppedClock
        yield* looksAgain(Effect.ignore(clock.set(seconds(1))))
      })
    )
  )

  it.effect("is not sent when trading is halted", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, killSwitch, line } = yield* acts
        line.send = "lose-request"
        yield* Effect.exit(buy(ACME, 50, { id: "lost", type: limitAt(90), timeInForce: "GTC" }))
        yield* Effect.exit(killSwitch.halt("stop", person))
        line.send = "works"
        yield* broker.reconcile
        expect(line.sent).toEqual([])
        yield* goTo(seconds(11))
        yield* broker.reconcile
        expect(yield* standing("lost")).toBe("Rejected")
      })
    )
  )
})

describe("a change that the venue never answered", () => {
  it.effect("is given up in time, and the order counts with its own terms again", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, line, view } = yield* acts
        yield* buy(ACME, 10, { id: "a", type: limitAt(90), timeInForce: "GTC" })
        const { quoteId } = yield* broker.quote(ACME.id)
        line.replace = "lose-request"
        const asked = broker.replace(orderNamed("a"), { size: count(110), quoteId }, { actor: agent })
        expect(yield* Effect.flip(asked)).toMatchObject({ _tag: "VenueUnanswered" })
        line.replace = "works"
        yield* buy(ACME, 100, { type: limitAt(90), timeInForce: "GTC" })
        const room = buy(ACME, 100, { type: limitAt(90), timeInForce: "GTC", repeat: true })
        expect(yield* Effect.flip(room)).toMatchObject({ rule: "position-limit" })
        yield* goTo(seconds(11))
        yield* room
        const sizes = (yield* view.status).working.map(({ content }) => content.size)
        expect(sizes).toEqual([count(10), count(100), count(100)])
      })
    )
  )
})

/** A halt that leaves the order "stuck" working: the venue ignores what is asked of it. */
const haltWithStuck = Effect.gen(function* () {
  const { killSwitch, line } = yield* acts
  yield* buy(ACME, 50, { id: "stuck", type: limitAt(90), timeInForce: "GTC" })
  line.cancel = "ignored"
  yield* Effect.flip(killSwitch.halt("enough", agent))
})

describe("a halt that the venue does not carry out", () => {
  it.effect("is not verified by who was asking while a person acknowledged it", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, view } = yield* acts
        yield* haltWithStuck
        const seen = yield* killSwitch.settle
        const acknowledged = yield* Effect.cached(
          Effect.orDie(killSwitch.acknowledge({ seen, reason: "called", actor: person }))
        )
        const slow = Layer.effect(
          Venue,
          Effect.map(Venue, (real) =>
            Venue.of({ ...real, working: Effect.andThen(acknowledged, real.working) })
          )
        )
        const another = KillSwitch.layer.pipe(
          Layer.provide(Layer.fresh(GuardedBroker.layer)),
          Layer.provide(Layer.fresh(BrokerContext.layer({ clocks: "both" }))),
          Layer.provide(slow)
        )
        yield* KillSwitch.KillSwitch.use(({ settle }) => settle).pipe(Effect.provide(Layer.fresh(another)))
        expect(yield* view.status).toMatchObject({ halt: { _tag: "Some", value: "acknowledged" } })
        expect(yield* (yield* Venue).working).toEqual(["stuck"])
      })
    )
  )

  it.effect("that a person acknowledges lets nothing through that has not arrived", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, killSwitch, line } = yield* acts
        line.send = "lose-request"
        yield* Effect.exit(buy(ACME, 50, { id: "lost", type: limitAt(90), timeInForce: "GTC" }))
        line.send = "works"
        line.answers = false
        yield* Effect.flip(killSwitch.halt("enough", agent))
        const seen = yield* killSwitch.unsettled
        expect(seen).toEqual(["lost"])
        expect(yield* killSwitch.acknowledge({ seen, reason: "seen", actor: person })).toEqual({
          leftAlone: [],
          notHeardOf: ["lost"]
        })
        line.answers = true
        const sent = line.sent.length
        yield* broker.reconcile
        expect(line.sent).toHaveLength(sent)
        expect(yield* standing("lost")).not.toContain("Accepted")
      })
    )
  )

  it.effect("is tried again by every process until nothing works, and then is verified", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, line, view } = yield* acts
        yield* haltWithStuck
        expect(yield* killSwitch.settle).toEqual(["stuck"])
        expect(yield* view.status).toMatchObject({ halt: { _tag: "Some", value: "unsettled" } })
        line.cancel = "works"
        expect(yield* killSwitch.settle).toEqual([])
        expect(yield* view.status).toMatchObject({
          halt: { _tag: "Some", value: "verified" },
          working: []
        })
      })
    )
  )

  it.effect("is not resumed from before a person has acknowledged what may be working", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, killSwitch, line, view } = yield* acts
        yield* haltWithStuck
        const refused = yield* Effect.flip(killSwitch.resume("all good", person))
        expect(refused).toMatchObject({ _tag: "ResumeRefused" })
        expect(refused.message).toContain("stuck")
        const seen = yield* killSwitch.settle
        const by = { seen, reason: "the venue's desk was called", actor: person }
        for (const refused of [
          { ...by, actor: agent },
          { ...by, seen: [] }
        ]) {
          expect(yield* Effect.flip(killSwitch.acknowledge(refused))).toMatchObject({
            _tag: "AcknowledgeRefused"
          })
        }
        expect(yield* killSwitch.acknowledge(by)).toEqual({ leftAlone: ["stuck"], notHeardOf: [] })
        expect(yield* standing("stuck")).toBe("Accepted")
        expect(yield* view.status).toMatchObject({ halt: { _tag: "Some", value: "acknowledged" } })
        expect(yield* killSwitch.settle).toEqual([])
        const asked = line.canceled.length
        yield* goTo(seconds(31))
        yield* broker.reconcile
        expect(line.canceled).toHaveLength(asked)
        expect(yield* killSwitch.resume("all good", person)).toBe("Active")
        yield* broker.reconcile
        expect(line.canceled).toHaveLength(asked)
        line.cancel = "works"
        yield* broker.cancel(orderNamed("stuck"), { actor: agent })
        expect(yield* standing("stuck")).toBe("Canceled")
      })
    )
  )

  it.effect("is looked at again when somebody halts again: what was acknowledged, and a person's exit", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, line, view } = yield* acts
        yield* buy(ACME, 50)
        yield* haltWithStuck
        yield* killSwitch.acknowledge({ seen: yield* killSwitch.settle, reason: "seen", actor: person })
        yield* Effect.flip(killSwitch.halt("again", agent))
        expect(yield* killSwitch.settle).toEqual(["stuck"])
        expect(yield* view.status).toMatchObject({ halt: { _tag: "Some", value: "unsettled" } })
        line.cancel = "works"
        expect(yield* killSwitch.settle).toEqual([])
        yield* sell(ACME, 20, { id: "exit", type: limitAt(120), timeInForce: "GTC", actor: person })
        expect(yield* standing("exit")).toContain("Accepted")
        line.cancel = "ignored"
        expect(yield* Effect.flip(killSwitch.halt("and again", agent))).toMatchObject({ working: ["exit"] })
        expect(yield* killSwitch.settle).toEqual(["exit"])
        line.cancel = "works"
        expect(yield* killSwitch.settle).toEqual([])
        expect(yield* standing("exit")).toBe("Canceled")
        expect(yield* view.status).toMatchObject({ halt: { _tag: "Some", value: "verified" } })
      })
    )
  )

  it.effect("says that the venue does not answer, and stands", () =>
    onDesk(
      Effect.gen(function* () {
        const { killSwitch, line, view } = yield* acts
        yield* buy(ACME, 50, { id: "a", type: limitAt(90), timeInForce: "GTC" })
        line.answers = false
        const said = yield* Effect.flip(killSwitch.halt("enough", agent))
        expect(said).toMatchObject({ _tag: "OrdersStillWorking" })
        expect(said.message).toContain("does not answer")
        expect(yield* view.status).toMatchObject({ tradingState: "Halted" })
        line.answers = true
        expect(yield* killSwitch.settle).toEqual([])
      })
    )
  )

  it.effect(
    "takes back an order of before the halt that arrives after it was verified, not a person's exit",
    () =>
      onDesk(
        Effect.gen(function* () {
          const { broker, killSwitch, line, view } = yield* acts
          yield* buy(ACME, 50)
          line.send = "lose-request"
          const request = yield* requestFor("BUY", BOLT, 50, {
            id: "late",
            type: limitAt(40),
            timeInForce: "GTC"
          })
          yield* Effect.exit(broker.submit(request, { actor: agent }))
          line.send = "works"
          yield* goTo(seconds(12))
          yield* killSwitch.halt("enough", agent)
          expect(yield* standing("late")).toBe("Rejected")
          yield* turnTo(minute(0, 6))
          yield* sell(ACME, 50, { id: "exit", type: limitAt(120), timeInForce: "GTC", actor: person })
          const { bracket: _, clientOrderId: __, quoteId: ___, ...content } = request
          yield* (yield* Venue).send(
            [{ clientOrderId: orderNamed("late"), ...content }],
            Effect.succeed(true)
          )
          yield* broker.reconcile
          expect(yield* (yield* Venue).working).toEqual(["exit"])
          expect(yield* killSwitch.settle).toEqual([])
          expect(yield* view.status).toMatchObject({ halt: { _tag: "Some", value: "verified" } })
        })
      )
  )
})
