/** Orders, and what is counted by the minute, over each night on which New York's clocks are set. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { MICROS_PER_MINUTE, MICROS_PER_SECOND, sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import { MarketClockControl } from "../../src/market/MarketClockControl.ts"
import { fromExchangeTime, nextSession, previousSession } from "../../src/market/TradingCalendar.ts"
import { clockChanges } from "../support/DaylightSaving.ts"
import { marketNow, openReplay, replayDesk, stepTo } from "./ReplayDesk.ts"
import { acts, type Ask, buy, checkBooks, journalLines, limitAt, standing } from "./TestDesk.ts"
import { ACME } from "./TestMarket.ts"

const HOUR = 60 * MICROS_PER_MINUTE

/** Steps the replay to the next bell, and brings the desk along. */
const ring = Effect.fnUntraced(function* (bell: "ToOpen" | "ToClose") {
  const control = yield* MarketClockControl
  const { crank } = yield* acts
  yield* control.step({ _tag: bell })
  yield* crank.upToDate
})

const resting = (id: string, ask: Ask = {}) =>
  buy(ACME, 1, { id, type: limitAt(90), timeInForce: "GTC", ...ask })

const ruleOf = <A, E extends { readonly _tag: string; readonly rule?: string }, R>(
  order: Effect.Effect<A, E, R>
) => Effect.map(Effect.flip(order), (error) => error.rule ?? error._tag)

describe("over a night on which the clocks are set", () => {
  it.effect.each(clockChanges)("$date, in $season", ({ date }) => {
    const sunday = sessionDate(date)
    const before = previousSession(sunday)
    const after = nextSession(sunday)
    return Effect.gen(function* () {
      yield* openReplay(timestamp(before.open + 5 * MICROS_PER_MINUTE), 0)
      yield* resting("day", { timeInForce: "DAY" })
      yield* resting("gtc")

      yield* ring("ToClose")
      expect(yield* marketNow).toBe(before.close)
      expect([yield* standing("day"), yield* standing("gtc")]).toEqual(["Expired", "Accepted"])

      // Half past one of the night, and an hour later, when in autumn the clocks show it again.
      const halfPastOne = fromExchangeTime(sunday, 1.5 * HOUR)
      yield* stepTo(halfPastOne)
      expect(yield* ruleOf(resting("no", { timeInForce: "DAY" }))).toBe("market-hours")
      yield* buy(ACME, 2, { id: "open", timeInForce: "AT_THE_OPEN" })
      yield* buy(ACME, 3, { id: "open-3", timeInForce: "AT_THE_OPEN" })
      yield* stepTo(timestamp(halfPastOne + 59 * MICROS_PER_SECOND))
      expect(yield* ruleOf(buy(ACME, 4, { id: "fast", timeInForce: "AT_THE_OPEN" }))).toBe("message-rate")
      yield* stepTo(timestamp(halfPastOne + HOUR - MICROS_PER_SECOND))
      expect(yield* ruleOf(buy(ACME, 2, { id: "twice", timeInForce: "AT_THE_OPEN" }))).toBe("duplicate")
      yield* stepTo(timestamp(halfPastOne + HOUR))
      yield* buy(ACME, 2, { id: "later", timeInForce: "AT_THE_OPEN" })

      yield* ring("ToOpen")
      expect(yield* marketNow).toBe(after.open)
      expect([yield* standing("open"), yield* standing("gtc")]).toEqual(["Filled 2 @ 100", "Accepted"])
      const fills = (yield* journalLines).flatMap(({ event }) =>
        event._tag === "OrderFilled" ? [event.tsEvent] : []
      )
      expect(fills).toEqual([after.open, after.open, after.open])

      yield* ring("ToClose")
      expect(yield* standing("gtc")).toBe("Accepted")
      expect(yield* checkBooks).toEqual([])
    }).pipe(
      Effect.provide(
        replayDesk({
          market: [{ instrument: ACME, days: [100, 100], actions: [] }],
          over: [before, after],
          // In market time alone: the machine's clock stands still here.
          clocks: "market",
          limits: { ordersPerMinute: 2, reservedForReducing: 0, duplicateWindowSeconds: 3600 }
        })
      )
    )
  })
})
