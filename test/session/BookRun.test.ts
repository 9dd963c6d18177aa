/** One book of a run, on the hand-made market. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { dollars, money } from "../../src/domain/Money.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import { defaultLimits } from "../../src/risk/RiskLimits.ts"
import * as BookRun from "../../src/session/BookRun.ts"
import type { Strategy } from "../../src/session/Strategy.ts"
import { decisionsInMemory } from "./Decisions.ts"
import { checkBooks, goTo, holdings, journalLines, openAccount, testDesk } from "../execution/TestDesk.ts"
import { ACME, minute, sessionAt, sessions } from "../execution/TestMarket.ts"

const holder: Strategy = {
  name: "holder",
  title: "Holder",
  summary: "A strategy of this test.",
  description: "Holds a little.",
  parameters: {},
  meanings: {},
  instruments: { least: 1, most: 1 },
  onBar: () => [{ instrumentId: ACME.id, weight: 0.08, reason: "a little" }]
}

const bookOf = (cash = dollars(100_000), count = sessions.length) =>
  BookRun.make({
    strategy: holder,
    instruments: [ACME],
    sessions: sessions.slice(0, count),
    cash,
    limits: defaultLimits,
    seed: 7,
    resumePolicy: { _tag: "Never" },
    decisions: decisionsInMemory()
  })

/** A session at its close, where a strategy on daily bars acts. */
const play = Effect.fnUntraced(function* (book: BookRun.BookRun, day: number) {
  const session = sessionAt(day)
  yield* goTo(session.close)
  const [point, ...others] = book.points(session)
  if (point === undefined || others.length > 0) throw new Error("a daily book acts once a session")
  return yield* book.play(session, day, point)
})

const desk = OptionedMarketData.layer().pipe(
  Layer.provideMerge(testDesk({ clocks: "market", start: minute(0, -1) }))
)

describe("a book of a run", () => {
  it.effect(
    "decides on the close and fills at the next open, under names made of seed, session and number",
    () =>
      Effect.gen(function* () {
        const book = yield* bookOf()
        yield* book.open
        expect(yield* play(book, 0)).toEqual({
          equity: dollars(100_000),
          peakEquity: dollars(100_000),
          tradingState: "Active"
        })
        yield* play(book, 1)
        expect(yield* holdings).toBe("92000 ACME 80")
        const asked = (yield* journalLines).flatMap(({ event }) =>
          event._tag === "OrderInitialized" ? [event.clientOrderId] : []
        )
        expect(asked).toEqual(["r7-2024-03-04-1"])
        expect(yield* checkBooks).toEqual([])
      }).pipe(Effect.provide(desk))
  )

  it.effect("played twice does the same once", () =>
    Effect.gen(function* () {
      const book = yield* bookOf()
      yield* book.open
      yield* play(book, 0)
      const lines = yield* journalLines
      const again = yield* bookOf()
      yield* again.open
      yield* play(again, 0)
      expect(yield* journalLines).toEqual(lines)
    }).pipe(Effect.provide(desk))
  )

  it.effect("sends nothing for an open that the run will not see", () =>
    Effect.gen(function* () {
      const book = yield* bookOf(dollars(100_000), 1)
      yield* book.open
      yield* play(book, 0)
      expect((yield* journalLines).some(({ event }) => event._tag === "OrderInitialized")).toBe(false)
    }).pipe(Effect.provide(desk))
  )

  it.effect("does not go on in another's account, nor begin without money", () =>
    Effect.gen(function* () {
      const penniless = yield* bookOf(money(0))
      expect((yield* Effect.flip(penniless.open))._tag).toBe("AccountRefused")
      yield* openAccount()
      const stranger = yield* bookOf()
      expect(yield* Effect.flip(stranger.open)).toMatchObject({
        _tag: "AccountAlreadyOpen",
        accountId: "desk"
      })
    }).pipe(Effect.provide(desk))
  )
})
