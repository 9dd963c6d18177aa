/** The crank with options on the desk: what it watches and brings to the books, and that it does not matter how often it is turned. */
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import type { InstrumentId } from "../../src/domain/Identifiers.ts"
import type { Instrument } from "../../src/domain/Instrument.ts"
import { formatMicros } from "../../src/domain/Money.ts"
import { MICROS_PER_MINUTE, sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { Crank } from "../../src/execution/Crank.ts"
import { PaperMarket } from "../../src/execution/paper/PaperMarket.ts"
import { contractInstrument, optionId, standardContract } from "../../src/market/OptionInstruments.ts"
import { RunSummary } from "../../src/session/RunSummary.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"
import {
  combo,
  contract,
  ironCondor,
  netLimit,
  optionDesk,
  optionMarketLayer,
  putSpread
} from "./OptionDesk.ts"
import {
  buy,
  checkBooks,
  deskLayer,
  type DeskServices,
  goTo,
  holdings,
  journalLines,
  limitAt,
  newFile,
  newOnPostgres,
  openAccount,
  type OpenStorage,
  sell,
  standing,
  turnTo
} from "./TestDesk.ts"
import { ACME, closeOf, evening, INDX, minute } from "./TestMarket.ts"

const name = (id: InstrumentId) => id.split(".")[0]

/** What became of orders and options since a journal line, in words. */
const story = Effect.map(journalLines, (lines) =>
  lines.flatMap(({ event }) => {
    switch (event._tag) {
      case "OptionAdjusted":
        return [`${name(event.instrumentId)} is ${name(event.to)}`]
      case "OptionExercised":
      case "OptionAssigned":
      case "OptionExpired":
        return [`${event._tag} ${formatMicros(event.quantity)} ${name(event.instrumentId)}: ${event.reason}`]
      case "OrderCanceled":
      case "OrderExpired":
        return [`${event.clientOrderId}: ${event.reason}`]
      default:
        return []
    }
  })
)

/** As an instrument, to be ordered by itself. */
const listed = (id: InstrumentId, on: Instrument, right: "CALL" | "PUT", strike: number, expiry: string) =>
  contractInstrument(
    id,
    standardContract(on, { root: on.symbol, expiry: sessionDate(expiry), right, strike }),
    100
  )

const LATER = sessionDate("2024-03-22")
const laterCall = listed(contract("CALL", 100, LATER), ACME, "CALL", 100, LATER)
const indexId = optionId({ root: "INDX", expiry: sessionDate("2024-03-15"), right: "CALL", strike: 1000 })
const indexCall = listed(indexId, INDX, "CALL", 1000, "2024-03-15")

/** One index contract is more than half of the account. */
const wide = { openOrders: 50, orderNotionalRatio: 1, positionRatio: 5, grossExposureRatio: 5 }

const onDesk = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(optionDesk({ clocks: "market", limits: wide })))

const marksKept = Effect.flatMap(PaperMarket, (paper) =>
  Effect.map(paper.progress, ({ marks }) => Object.keys(marks).map((id) => id.split(".")[0]))
)

describe("the crank with options", () => {
  it.effect("carries a put spread through a fall, a split and the night to its expiry", () =>
    onDesk(
      Effect.gen(function* () {
        yield* combo(putSpread, 2, { id: "v" })
        expect(yield* standing("v")).toContain("Filled 2")
        yield* combo(ironCondor, 1, { id: "ic", type: netLimit(-5), timeInForce: "GTC" })
        yield* turnTo(evening(2))
        expect(yield* holdings).toBe("100062 ACME 240315P00090000 2 ACME 240315P00095000 -2")
        // The underlying is watched, though nothing is held of it.
        expect(yield* marksKept).toEqual(["ACME 240315P00090000", "ACME", "ACME 240315P00095000"])
        yield* turnTo(evening(9))
        expect(yield* story).toEqual([
          "ic: 4 for 1 split of ACME.XNAS: its contracts change",
          "ACME 240315P00090000 is ACME 240315P00022500",
          "ACME 240315P00095000 is ACME 240315P00023750",
          "OptionAssigned 8 ACME 240315P00023750: assigned early: its time value 0.00 a contract is less than 0.349743 of interest on the strike",
          "OptionExercised 8 ACME 240315P00022500: in the money at expiry: 22.00 against a strike of 22.50"
        ])
        // 1.25 a share on 800 shares is what the spread can lose; 62 came in for it.
        expect(yield* holdings).toBe("99062")
        expect(yield* marksKept).toEqual([])
      })
    )
  )

  it.effect("settles an index option in cash at its close", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buy(indexCall, 1, { id: "i" })
        const paid = yield* standing("i")
        yield* turnTo(evening(9))
        expect(yield* story).toEqual([
          "OptionExercised 1 INDX 240315C01000000: in the money at expiry: 1100.00 against a strike of 1000.00"
        ])
        const price = Number(/@ ([\d.]+)/u.exec(paid)?.[1])
        expect(yield* holdings).toBe(String(100_000 - price + 10_000))
      })
    )
  )

  it.effect("of a contract that a reverse split adjusted, what is held can be sold", () =>
    onDesk(
      Effect.gen(function* () {
        yield* turnTo(minute(6, 5))
        const call = listed(contract("CALL", 21, LATER), ACME, "CALL", 21, LATER)
        yield* buy(call, 2, { id: "b" })
        yield* turnTo(minute(11, 5))
        expect(yield* holdings).toContain("ACME1 240322C00021000 2")
        const id = optionId({ root: "ACME1", expiry: LATER, right: "CALL", strike: 21 })
        const held = contractInstrument(id, call.contract, 100)
        yield* sell(held, 2, { id: "s" })
        expect(yield* standing("s")).toContain("Filled 2")
        expect(yield* holdings).not.toContain("ACME1")
      })
    )
  )

  it.effect("an order in a leg and combos with it meet every tick in its turn", () =>
    onDesk(
      Effect.gen(function* () {
        const leg = listed(contract("PUT", 95), ACME, "PUT", 95, "2024-03-15")
        yield* sell(leg, 1, { id: "rests", type: limitAt(0.6), timeInForce: "GTC" })
        yield* goTo(minute(0, 9))
        yield* combo(putSpread, 1, { id: "c", type: netLimit(-0.3) })
        yield* turnTo(minute(0, 12))
        expect(yield* standing("c")).toContain("Filled 1")
        yield* turnTo(evening(3))
        // ACME opens at 80: the put is worth more than was asked for it.
        expect(yield* standing("rests")).toContain("Filled 1")
      })
    )
  )

  it.effect("sells at the open of the next session what was ordered for it, a combo too", () =>
    onDesk(
      Effect.gen(function* () {
        yield* turnTo(evening(0))
        yield* combo(putSpread, 1, { id: "c", timeInForce: "AT_THE_OPEN" })
        yield* buy(laterCall, 1, { id: "one", timeInForce: "AT_THE_OPEN" })
        yield* turnTo(minute(1, 0))
        expect([yield* standing("c"), yield* standing("one")].map((text) => text.split(" ")[0])).toEqual([
          "Filled",
          "Filled"
        ])
      })
    )
  )
})

const start = minute(0, 20)

/** Structures, resting orders and shares over a gap, splits, a night's assignment and two expiries. */
const played = (stops: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* combo(putSpread, 2, { id: "v" })
    yield* combo(ironCondor, 1, { id: "ic", type: netLimit(-0.8), timeInForce: "GTC" })
    yield* combo(
      [
        ["BUY", ACME.id, 100],
        ["SELL", contract("CALL", 106)]
      ],
      1,
      { id: "cc" }
    )
    yield* buy(indexCall, 1, { id: "i", type: limitAt(12), timeInForce: "GTC" })
    yield* buy(laterCall, 1, { id: "l", type: limitAt(1), timeInForce: "GTC" })
    yield* goTo(start)
    for (const stop of stops.toSorted((x, y) => x - y)) {
      const at = timestamp(start + stop * MICROS_PER_MINUTE)
      if (at < closeOf(10)) yield* turnTo(at)
    }
    yield* turnTo(closeOf(10))
    const summary = new RunSummary()
    for (const line of yield* journalLines) summary.add(line)
    return {
      hash: summary.result().journalHash,
      story: yield* story,
      held: yield* holdings,
      problems: yield* checkBooks
    }
  }).pipe(Effect.provide(optionDesk({ clocks: "market", limits: wide })))

const Stops = Schema.Array(
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 14 * 24 * 60 })))
).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(10)))

describe("turned at whatever moments, with options", () => {
  it.effect.prop(
    "the crank gives the same journal as turned once",
    { stops: Stops },
    ({ stops }) =>
      Effect.gen(function* () {
        const once = yield* played([])
        expect(once.problems).toEqual([])
        expect(once.story.length).toBeGreaterThan(4)
        expect(yield* played(stops)).toEqual(once)
      }),
    { arbitrary: { runs: 3 }, timeout: 60_000 }
  )
})

/** Another process's desk on the same storage and market. */
const anotherDesk = Effect.fnUntraced(function* (storage: OpenStorage, holder: string) {
  const market = yield* Effect.context<Layer.Success<ReturnType<typeof optionMarketLayer>>>()
  const node = yield* Effect.context<Layer.Success<typeof NodeServices.layer>>()
  const services = yield* Layer.build(
    Layer.fresh(deskLayer({ holder, limits: wide }).pipe(Layer.provideMerge(storage())))
  )
  const all = Context.mergeAll(node, market, services)
  return <A, E>(body: Effect.Effect<A, E, DeskServices>) => Effect.provideContext(body, all)
})

const suite = (name: string, newStorage: typeof newFile) =>
  describe(`two processes on one desk with options in ${name}`, () => {
    it.effect(
      "settle an expiry once, whichever turns, and one that opens afterwards has the same book",
      () =>
        Effect.gen(function* () {
          const storage = yield* newStorage
          const a = yield* anotherDesk(storage, "a")
          const b = yield* anotherDesk(storage, "b")
          yield* a(openAccount())
          yield* a(goTo(minute(0, 5)))
          yield* a(combo(putSpread, 2, { id: "v" }))
          yield* b(combo(ironCondor, 1, { id: "ic", type: netLimit(-5), timeInForce: "GTC" }))
          yield* b(
            combo(
              [
                ["BUY", contract("CALL", 100)],
                ["SELL", contract("CALL", 104)]
              ],
              1,
              { id: "c" }
            )
          )
          const turn = Effect.flatMap(Crank, (crank) => crank.turn)
          for (const at of [evening(0), evening(2), minute(3, 0), closeOf(6), closeOf(9), evening(9)]) {
            yield* a(goTo(at))
            yield* Effect.all([a(turn), b(turn)], { concurrency: 2 })
          }
          yield* b(turn)
          const expected = yield* a(holdings)
          expect(yield* b(holdings)).toBe(expected)
          const late = yield* anotherDesk(storage, "late")
          expect(yield* late(holdings)).toBe(expected)
          expect([yield* a(checkBooks), yield* b(checkBooks), yield* late(checkBooks)]).toEqual([[], [], []])
          const ends = (yield* late(story)).filter((line) => line.startsWith("Option"))
          expect(ends).toHaveLength(4)
          // As one process alone has it.
          const alone = yield* Effect.gen(function* () {
            yield* openAccount()
            yield* goTo(minute(0, 5))
            yield* combo(putSpread, 2, { id: "v" })
            yield* combo(ironCondor, 1, { id: "ic", type: netLimit(-5), timeInForce: "GTC" })
            yield* combo(
              [
                ["BUY", contract("CALL", 100)],
                ["SELL", contract("CALL", 104)]
              ],
              1,
              { id: "c" }
            )
            yield* turnTo(evening(9))
            return { ends: yield* story, held: yield* holdings }
          }).pipe(Effect.provide(Layer.fresh(optionDesk({ limits: wide }))))
          expect({ ends: yield* late(story), held: expected }).toEqual(alone)
        }).pipe(
          Effect.scoped,
          Effect.provide(optionMarketLayer().pipe(Layer.provideMerge(NodeServices.layer)))
        ),
      120_000
    )
  })

suite("a file", newFile)
describeWithPostgres("on a server", () => suite("PostgreSQL", newOnPostgres))
