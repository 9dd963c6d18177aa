/** The account of a desk that trades options: its fills, its days and its reconciliation, through expiry. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { dollars, shares, signedQuantity } from "../../src/domain/Money.ts"
import { dayProfits } from "../../src/execution/DayProfit.ts"
import { DeskHistory } from "../../src/execution/DeskHistory.ts"
import { fillRows } from "../../src/portfolio/FillRows.ts"
import type { OrderRequest } from "../../src/domain/Order.ts"
import { contract, optionDesk } from "./OptionDesk.ts"
import { acts, agent, checkBooks, count, goTo, openAccount, tagsAfter, turnTo } from "./TestDesk.ts"
import { ACME, closeOf, evening, minute } from "./TestMarket.ts"

const desk = () => DeskHistory.layer.pipe(Layer.provideMerge(optionDesk()))

const onDesk = <A, E>(body: Effect.Effect<A, E, Layer.Success<ReturnType<typeof desk>>>) =>
  Effect.gen(function* () {
    yield* openAccount()
    yield* goTo(minute(0, 5))
    yield* body
    expect(yield* checkBooks).toEqual([])
  }).pipe(Effect.provide(desk()))

/** Two contracts of each, with ACME at 100. */
const buyBoth = Effect.gen(function* () {
  const { broker } = yield* acts
  for (const instrumentId of [contract("PUT", 95), contract("CALL", 105)]) {
    const { quoteId } = yield* broker.quote(instrumentId)
    const request: OrderRequest = {
      instrumentId,
      side: "BUY",
      type: { _tag: "Market" },
      size: count(2),
      timeInForce: "DAY",
      quoteId
    }
    yield* broker.submit(request, { actor: agent })
  }
})

describe("an account with options", () => {
  it.effect("lists their ends among its fills, in both directions", () =>
    onDesk(
      Effect.gen(function* () {
        const { view } = yield* acts
        yield* buyBoth
        yield* turnTo(evening(11))
        const fills = yield* view.fills({ after: 0, limit: 100 })
        const rows = fills.flatMap(({ fill }) => fillRows(fill))
        // Split 4 for 1 on day 6: eight puts of 23.75 and calls of 26.25, with ACME at 22 on the last day.
        expect(
          rows.map(({ instrumentId, kind, quantity, side }) => [kind, side, instrumentId, quantity])
        ).toEqual([
          ["TRADE", "BUY", contract("PUT", 95), shares(2)],
          ["TRADE", "BUY", contract("CALL", 105), shares(2)],
          ["EXPIRY", "SELL", contract("CALL", 26.25), shares(8)],
          ["EXERCISE", "SELL", contract("PUT", 23.75), shares(8)],
          ["DELIVERY", "SELL", ACME.id, shares(800)]
        ])
        const newest = yield* view.latestFills({ limit: 100 })
        expect(newest).toEqual(fills.toReversed())
      })
    )
  )

  it.effect("has days whose parts add up, whatever ends in them", () =>
    onDesk(
      Effect.gen(function* () {
        yield* buyBoth
        for (let day = 0; day < 12; day++) {
          yield* turnTo(closeOf(day))
          const { day: one } = yield* dayProfits({ days: 1 })
          const total = Option.getOrThrow(one.total)
          expect(Option.getOrThrow(one.equity) - one.priorCloseEquity).toBe(total)
          expect(one.byInstrument.reduce((sum, row) => sum + Option.getOrThrow(row.total), 0)).toBe(total)
          expect(one.unattributed).toEqual(Option.some(0))
          const put = one.byInstrument.find(({ instrumentId }) => instrumentId === contract("PUT", 23.75))
          const stock = one.byInstrument.find(({ instrumentId }) => instrumentId === ACME.id)
          // Exercised at 22: the put's profit ends there, and the shares begin with none.
          if (day === 9) expect(Option.getOrThrow(stock?.total ?? Option.none())).toBe(0)
          if (day === 10) expect([put, stock?.total]).toEqual([undefined, Option.some(dollars(1_600))])
        }
      })
    )
  )

  it.effect("is reconciled quietly, and takes over a contract of the venue's with its terms", () =>
    onDesk(
      Effect.gen(function* () {
        const { broker, journal, line, view } = yield* acts
        yield* buyBoth
        const head = yield* journal.head
        yield* broker.reconcile
        expect(yield* journal.head).toBe(head)
        const call = contract("CALL", 110)
        line.holds = ({ cash, positions }) => ({
          cash,
          positions: { ...positions, [call]: signedQuantity(shares(5)) }
        })
        yield* broker.reconcile
        expect(yield* tagsAfter(head)).toEqual(["PositionCorrected"])
        const { positions } = yield* view.ledger
        expect(positions[call]).toMatchObject({
          quantity: shares(5),
          multiplier: 100,
          contract: { underlying: ACME.id, right: "CALL" }
        })
        line.holds = (account) => account
        yield* broker.reconcile
      })
    )
  )
})
