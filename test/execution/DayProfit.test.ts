/** The account's days on a desk that trades: every day's profit by instrument adds up to its change of equity, to the micro. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"
import type { SessionDate } from "../../src/domain/Timestamp.ts"
import { dollars } from "../../src/domain/Money.ts"
import { MICROS_PER_MINUTE, sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { MAX_DAYS } from "../../src/execution/AccountDays.ts"
import { dayProfits, type DayProfits } from "../../src/execution/DayProfit.ts"
import { DeskHistory } from "../../src/execution/DeskHistory.ts"
import { SteppedClock } from "../../src/market/SteppedClock.ts"
import { combo, contract, optionDesk, putSpread } from "./OptionDesk.ts"
import {
  acts,
  buy,
  dateOf,
  journalLines,
  openAccount,
  person,
  sell,
  testDesk,
  type TestDeskOptions,
  turnTo
} from "./TestDesk.ts"
import { ACME, BOLT, closeOf, evening, INDX, minute, sessions } from "./TestMarket.ts"

const desk = (options: TestDeskOptions = {}) => DeskHistory.layer.pipe(Layer.provideMerge(testDesk(options)))

/** A dollar an order. */
const withFees: TestDeskOptions = {
  models: {
    fill: { _tag: "Immediate" },
    fee: { _tag: "PerShare", perShare: dollars(0.01), minimum: dollars(1), maximumBasisPoints: 10_000 },
    slippage: { _tag: "None" }
  },
  limits: { shortSales: true, positionRatio: 5, grossExposureRatio: 10, orderNotionalRatio: 5 }
}

const profits = (days = 1, session?: SessionDate) =>
  dayProfits({ days, ...(session === undefined ? {} : { session }) })

/** What does not add up in an answer. */
const problemsOf = ({ day, days, status }: DayProfits): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const total = Option.getOrThrow(day.total)
  const rows = day.byInstrument.reduce((sum, row) => sum + Option.getOrThrow(row.total), 0)
  if (rows + day.cashCorrections !== total)
    problems.push(`${day.date}: the instruments are ${rows} of ${total}`)
  if (Option.getOrThrow(day.unattributed) !== 0) problems.push(`${day.date}: something is not attributed`)
  for (const one of days) {
    const gained = Option.getOrThrow(one.equity) - one.priorCloseEquity - one.netFlows
    if (Option.getOrThrow(one.total) !== gained)
      problems.push(`${one.date}: total is not the change of equity`)
    const parts =
      one.realised + Option.getOrThrow(one.unrealisedChange) + one.dividends - one.fees + one.corrections
    if (parts !== gained) problems.push(`${one.date}: the parts are ${parts} of ${gained}`)
  }
  const [latest] = days
  if (latest !== undefined && latest.state !== "closed") {
    if (Option.getOrThrow(latest.total) !== Option.getOrThrow(status.dayResult))
      problems.push("the day under way is not the desk's own result")
  }
  return problems
}

describe("a session's profit by example", () => {
  it.effect("counts from the prior close to now: realised, unrealised, fees, by symbol", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(minute(2, 5))
      // ACME is at 100 and falls to 80 at the next open; BOLT stays at 50.
      yield* buy(ACME, 10)
      yield* buy(BOLT, 20)
      const first = yield* profits()
      expect(first.day).toMatchObject({ date: dateOf(2), state: "open", realised: 0, fees: dollars(2) })
      // Bought at the ask, valued at the last: a cent a share.
      expect(first.day.total).toEqual(Option.some(dollars(-0.1 - 0.2 - 2)))

      yield* turnTo(minute(3, 5))
      yield* sell(ACME, 4)
      const { account } = yield* acts
      yield* account.deposit(dollars(1000), person)
      const { day, days } = yield* profits(2)
      const [acme, bolt] = day.byInstrument
      // Sold 4 at 79.99 that cost 100.01; 6 more lie at 80 that were at 100.
      expect(acme).toMatchObject({
        instrumentId: ACME.id,
        realised: dollars(4 * (79.99 - 100.01)),
        unrealisedChange: Option.some(dollars(6 * (80 - 100.01) - 10 * (100 - 100.01))),
        fees: dollars(1),
        total: Option.some(dollars(4 * (79.99 - 100) + 6 * (80 - 100) - 1))
      })
      expect(bolt).toMatchObject({ instrumentId: BOLT.id, realised: 0, total: Option.some(0) })
      expect(day.netFlows).toBe(dollars(1000))
      expect(days.map(({ date, state }) => [date, state])).toEqual([
        [dateOf(3), "open"],
        [dateOf(2), "closed"]
      ])
    }).pipe(Effect.provide(desk(withFees)))
  )

  it.effect(
    "a dividend and a split of the morning belong to their session, and gain and lose nothing by themselves",
    () =>
      Effect.gen(function* () {
        yield* openAccount()
        yield* turnTo(minute(4, 5))
        yield* buy(BOLT, 100)
        yield* buy(ACME, 7)
        yield* turnTo(evening(5))
        const paid = yield* profits()
        expect(paid.day).toMatchObject({
          date: dateOf(5),
          state: "closed",
          dividends: dollars(50),
          realised: 0
        })
        expect(paid.day.byInstrument.find(({ instrumentId }) => instrumentId === BOLT.id)).toMatchObject({
          dividends: dollars(50),
          unrealisedChange: Option.some(0)
        })
        // ACME rises from 80 to 84, and is split 4 for 1 to 21.
        expect(paid.day.total).toEqual(Option.some(dollars(50 + 7 * 4)))
        yield* turnTo(evening(6))
        const split = yield* profits()
        expect(split.day).toMatchObject({
          date: dateOf(6),
          total: Option.some(0),
          unattributed: Option.some(0)
        })
      }).pipe(Effect.provide(desk()))
  )

  it.effect(
    "an account that has had no session yet has one day, without profit, and its deposit is no profit",
    () =>
      Effect.gen(function* () {
        yield* openAccount()
        const { day, days } = yield* profits(5)
        expect(day).toMatchObject({
          date: undefined,
          state: "between",
          total: Option.some(0),
          since: undefined
        })
        expect(day.priorCloseEquity).toBe(dollars(100_000))
        expect(days).toHaveLength(1)
      }).pipe(Effect.provide(desk()))
  )

  it.effect(
    "between sessions the last one is shown; a session of before by its date; one that is not kept is refused",
    () =>
      Effect.gen(function* () {
        yield* openAccount()
        yield* turnTo(minute(2, 5))
        yield* buy(ACME, 10)
        yield* turnTo(evening(3))
        expect((yield* profits()).day).toMatchObject({ date: dateOf(3), total: Option.some(dollars(-200)) })
        const before = yield* profits(10, dateOf(2))
        expect(before.day).toMatchObject({ date: dateOf(2), state: "closed" })
        expect(before.days.map(({ date }) => date)).toEqual([dateOf(2), dateOf(1), dateOf(0)])
        const refused = yield* Effect.flip(profits(1, sessionDate("2024-02-29")))
        expect(refused).toMatchObject({ _tag: "SessionNotKept" })
        expect(refused.message).toContain(`${dateOf(0)} to ${dateOf(3)}`)
      }).pipe(Effect.provide(desk()))
  )

  it.effect("an account that was begun anew begins its days anew", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(minute(2, 5))
      yield* buy(ACME, 10)
      yield* turnTo(evening(3))
      const { account } = yield* acts
      yield* profits(10)
      yield* account.reset({ cash: dollars(5000), actor: person })
      yield* turnTo(evening(4))
      const { day, days } = yield* profits(10)
      expect(days.map(({ date }) => date)).toEqual([dateOf(4)])
      expect(day).toMatchObject({
        total: Option.some(0),
        equity: Option.some(dollars(5000)),
        byInstrument: []
      })
    }).pipe(Effect.provide(desk()))
  )
})

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
const instruments = [ACME, BOLT, INDX]
const Command = Schema.Struct({
  kind: Schema.Literals(["buy", "buy", "sell", "sell", "deposit", "withdraw", "step", "step", "step"]),
  which: between(0, 2),
  size: between(1, 60),
  minutes: between(1, 2500)
})

describe("whatever is traded on whatever days", () => {
  it.effect.prop(
    "each day adds up by part and by instrument, and all days with the flows are the account's equity",
    { commands: Schema.Array(Command).pipe(Schema.check(Schema.isMinLength(15), Schema.isMaxLength(40))) },
    ({ commands }) =>
      Effect.gen(function* () {
        const { account, view } = yield* acts
        yield* openAccount()
        yield* turnTo(minute(0, 5))
        yield* buy(ACME, 25)
        const last = closeOf(sessions.length - 1)
        for (const { kind, minutes, size, which } of commands) {
          const instrument = instruments[which] ?? ACME
          if (kind === "step") {
            const now = yield* Effect.flatMap(SteppedClock, (clock) => clock.now)
            yield* turnTo(timestamp(Math.min(now + minutes * MICROS_PER_MINUTE, last)))
          } else if (kind === "deposit") yield* account.deposit(dollars(size * 100), person)
          else if (kind === "withdraw") yield* Effect.result(account.withdraw(dollars(size * 100), person))
          else yield* Effect.result((kind === "buy" ? buy : sell)(instrument, size))
          expect(problemsOf(yield* profits(MAX_DAYS))).toEqual([])
        }
        const { days } = yield* profits(MAX_DAYS)
        for (const { date } of days) {
          if (date !== undefined) expect(problemsOf(yield* profits(1, date))).toEqual([])
        }
        const ledger = yield* view.ledger
        const past = yield* DeskHistory.use((history) => history.past)
        expect(past.days.today.ledger).toEqual(ledger)
        const status = yield* view.status
        const gained = days.reduce((sum, { total }) => sum + Option.getOrThrow(total), 0)
        expect(gained + ledger.deposits - ledger.withdrawals).toBe(Option.getOrThrow(status.equity))
        expect(days.reduce((sum, { fees }) => sum + fees, 0)).toBe(ledger.fees)
        expect(days.reduce((sum, { realised }) => sum + realised, 0)).toBe(ledger.realised)
        // The days before are the same, read anew by another process.
        const anew = yield* profits(MAX_DAYS).pipe(Effect.provide(Layer.fresh(DeskHistory.layer)))
        expect(anew.days).toEqual(days)
      }).pipe(Effect.provide(desk(withFees))),
    { arbitrary: { runs: 12, size: 40 } }
  )
})

describe("a market that has ended", () => {
  it.effect("a holding without a price leaves unknown what depends on one, and tells the rest", () =>
    Effect.gen(function* () {
      yield* openAccount()
      yield* turnTo(minute(13, 5))
      yield* buy(ACME, 10)
      // ACME's data ends on Friday; this is Monday, half an hour after the open.
      const weekend = 65 * 60 * MICROS_PER_MINUTE
      yield* turnTo(timestamp(evening(14) + weekend))
      const monday = sessionDate("2024-03-25")
      const { day } = yield* profits()
      expect(day).toMatchObject({
        date: monday,
        state: "open",
        realised: 0,
        equity: Option.none(),
        unrealisedChange: Option.none(),
        total: Option.none(),
        unattributed: Option.none()
      })
      expect(day.byInstrument).toMatchObject([{ instrumentId: ACME.id, total: Option.none() }])
      // At its close the account is valued at the last price there was.
      yield* turnTo(timestamp(evening(14) + weekend + 7 * 60 * MICROS_PER_MINUTE))
      const closed = yield* profits()
      expect(closed.day).toMatchObject({ date: monday, state: "closed", total: Option.some(0) })
      expect(problemsOf(closed)).toEqual([])
    }).pipe(Effect.provide(desk()))
  )
})

describe("days with options", () => {
  it.effect(
    "add up through an adjustment, an early assignment, an expiry, and shares that were delivered",
    () =>
      Effect.gen(function* () {
        yield* openAccount()
        yield* turnTo(minute(0, 5))
        yield* combo(putSpread, 2, { id: "puts" })
        yield* combo(
          [
            ["SELL", contract("CALL", 100)],
            ["BUY", contract("CALL", 106)]
          ],
          1,
          { id: "calls" }
        )
        yield* combo(
          [
            ["BUY", ACME.id, 100],
            ["SELL", contract("CALL", 104)]
          ],
          1,
          { id: "covered" }
        )
        const problems: Array<string> = []
        const kinds = new Set<string>()
        for (let day = 0; day < 11; day++) {
          for (const at of [minute(day, 200), closeOf(day), evening(day)]) {
            yield* turnTo(at)
            problems.push(...problemsOf(yield* profits(3)))
          }
        }
        for (const { event } of yield* journalLines) kinds.add(event._tag)
        expect(problems).toEqual([])
        for (const kind of ["OptionAdjusted", "OptionAssigned", "OptionExpired", "SplitApplied"])
          expect(kinds).toContain(kind)
        // Each day by itself too, once it is over.
        for (let day = 0; day < 11; day++) expect(problemsOf(yield* profits(1, dateOf(day)))).toEqual([])
      }).pipe(
        Effect.provide(
          DeskHistory.layer.pipe(
            Layer.provideMerge(optionDesk({ ...withFees, limits: { ...withFees.limits, openOrders: 50 } }))
          )
        )
      )
  )
})
