/** Borrowed shares and money on the engine: what may be opened, what it costs by the night, and margin calls. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { costsOf } from "../../../src/backtest/CostsPreset.ts"
import type { JournalEvent, JournalEventOf } from "../../../src/domain/JournalEvent.ts"
import { MICROS, shares } from "../../../src/domain/Money.ts"
import { nightsAfter } from "../../../src/execution/paper/BorrowModel.ts"
import { regulationT } from "../../../src/execution/paper/MarginModel.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import type { Intent, Strategy, StrategyContext } from "../../../src/session/Strategy.ts"
import { type Beside, playOnEngine } from "./RunBeside.ts"

const once = (name: string, first: (context: StrategyContext) => ReadonlyArray<Intent>): Strategy => ({
  name,
  title: name,
  summary: "Decides at the first close alone.",
  description: "Decides at the first close alone.",
  parameters: {},
  meanings: {},
  instruments: { least: 1, most: 1 },
  onBar: (context) => (context.sessionIndex === 0 ? first(context) : [])
})

/** All in, as far as buying power goes: `weight` times the equity. */
const levered = (weight: number) =>
  once("levered", ({ instruments }) =>
    instruments.map(({ id }) => ({ instrumentId: id, weight, reason: "as much as there is" }))
  )

const sellShort = (count: number) =>
  once("short", ({ instruments }) =>
    instruments.map(({ id }) => ({
      _tag: "Order",
      order: {
        instrumentId: id,
        side: "SELL",
        type: { _tag: "Market" },
        size: { _tag: "Quantity", quantity: shares(count) },
        timeInForce: "AT_THE_OPEN"
      },
      reason: "it falls"
    }))
  )

const crash: Omit<Beside, "strategy"> = {
  market: { source: "embedded" },
  symbols: ["SPX-REPLAY"],
  from: "2008-09-02",
  to: "2008-12-31",
  profile: researchProfile
}
const models = { ...costsOf("none"), lots: "whole" } as const

const all = <Tag extends JournalEvent["_tag"]>(
  events: ReadonlyArray<JournalEvent>,
  tag: Tag
): ReadonlyArray<JournalEventOf<Tag>> =>
  events.filter((event): event is JournalEventOf<Tag> => event._tag === tag)

const fillsValue = (events: ReadonlyArray<JournalEvent>): number =>
  all(events, "OrderFilled").reduce((sum, { price, quantity }) => sum + (price * quantity) / MICROS, 0)

describe("a margin account", () => {
  it.effect(
    "buys for twice its equity, less the collar that orders are valued at; a cash account for its cash",
    () =>
      Effect.gen(function* () {
        const short = { ...crash, to: "2008-09-04", strategy: levered(2) }
        const cash = yield* playOnEngine({ ...short, models })
        const margin = yield* playOnEngine({ ...short, models: { ...models, margin: regulationT } })
        const [ofCash, ofMargin] = [fillsValue(cash.events) / 1e11, fillsValue(margin.events) / 1e11]
        // Purchases are valued half above the price under these limits.
        assert.closeTo(ofCash, 1 / 1.5, 0.02)
        assert.closeTo(ofMargin, 2 / 1.5, 0.02)
        assert.isBelow(margin.played.cash, 0)
      })
  )

  it.effect("is called below its maintenance margin, and sells at the next open until it is above", () =>
    Effect.gen(function* () {
      // Bought for 1.33 times the equity, a fall to less than a third would do; a higher margin calls earlier.
      const strict = { ...regulationT, maintenanceLong: 0.7, interestBasisPoints: 800 }
      const { events, played } = yield* playOnEngine({
        ...crash,
        strategy: levered(2),
        models: { ...models, margin: strict }
      })
      const calls = all(events, "OrderInitialized").filter(
        ({ rationale }) => rationale?.startsWith("margin call: ") === true
      )
      assert.isAbove(calls.length, 0)
      for (const { content, reducing, verdicts } of calls) {
        assert.strictEqual(content.side, "SELL")
        assert.strictEqual(content.timeInForce, "AT_THE_OPEN")
        assert.isTrue(reducing)
        assert.isTrue(verdicts.every(({ outcome }) => outcome !== "deny"))
      }
      // Called exactly at the closes that were below: equity less than seven tenths of what is held.
      const closes = all(events, "SessionClosed")
      const below = closes.slice(0, -1).filter(({ equity, grossExposure }) => equity < 0.7 * grossExposure)
      assert.deepStrictEqual(
        calls.map(({ tsEvent }) => tsEvent),
        below.map(({ tsEvent }) => tsEvent)
      )
      // Interest of every night that money was owed, by the calendar's nights.
      const interest = all(events, "InterestCharged")
      assert.isAbove(interest.length, 20)
      for (const { amount, debit, nights } of interest) {
        assert.closeTo(amount, (debit * 0.08 * nights) / 360, 0.5)
      }
      const sum = interest.reduce((total, { amount }) => total + amount, 0)
      assert.deepStrictEqual(played.financing, { borrow: 0, interest: sum })
      assert.strictEqual(played.fees, sum)
    })
  )

  it.effect("may sell short for twice its equity, and no more", () =>
    Effect.gen(function* () {
      const short = { ...crash, to: "2008-09-05", models: { ...models, margin: regulationT } }
      // The index stood near 1,280: 150 of it are less than 200,000, 160 more.
      const good = yield* playOnEngine({ ...short, strategy: sellShort(150) })
      assert.lengthOf(good.played.denials, 0)
      const bad = yield* playOnEngine({ ...short, strategy: sellShort(160) })
      assert.deepStrictEqual(
        bad.played.denials.map(({ rule }) => rule),
        ["buying-power"]
      )
      assert.include(bad.played.denials[0]?.example ?? "", "initial margin")
    })
  )
})

describe("shares sold short", () => {
  it.effect("cost the yearly rate of what they are worth, by the night, and nothing without a model", () =>
    Effect.gen(function* () {
      const asked = { ...crash, strategy: sellShort(30) }
      const free = yield* playOnEngine({ ...asked, models })
      const borrowed = yield* playOnEngine({
        ...asked,
        models: { ...models, borrow: { _tag: "Yearly", basisPoints: 300 } }
      })
      assert.lengthOf(all(free.events, "BorrowFeeCharged"), 0)
      assert.isUndefined(free.played.financing)
      const fees = all(borrowed.events, "BorrowFeeCharged")
      // From the fill on every close pays, the last one too.
      assert.lengthOf(fees, borrowed.played.dates.length - 1)
      for (const [i, { amount, nights, value }] of fees.entries()) {
        const date = borrowed.played.dates[i + 1]
        assert.strictEqual(nights, date === undefined ? 0 : nightsAfter(date))
        assert.closeTo(value / MICROS, borrowed.played.grossExposure[i + 1] ?? 0, 1e-6)
        assert.closeTo(amount, (value * 0.03 * nights) / 360, 0.5)
      }
      const paid = fees.reduce((sum, { amount }) => sum + amount, 0)
      assert.strictEqual(borrowed.played.financing?.borrow, paid)
      const [paying, notPaying] = [borrowed, free].map(({ played }) => played.equity.at(-1) ?? 0)
      assert.closeTo((notPaying ?? 0) - (paying ?? 0), paid / MICROS, 1e-6)
    })
  )
})
