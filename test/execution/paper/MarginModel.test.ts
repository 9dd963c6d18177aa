/** The margin account: what may be opened, what has to be kept, and what a call sells, by tables worked out by hand. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { InstrumentId } from "../../../src/domain/Identifiers.ts"
import { dollars, type Money, money, pricePerShare, shares } from "../../../src/domain/Money.ts"
import {
  besideCall,
  buyingPower,
  type CalledOrder,
  type ClosedAccount,
  initialMargin,
  marginCall,
  MarginModel,
  regulationT
} from "../../../src/execution/paper/MarginModel.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { evaluate } from "../../../src/risk/RiskRules.ts"
import type { HeldPosition, RiskSnapshot } from "../../../src/risk/RiskSnapshot.ts"
import {
  AAPL,
  buy,
  call,
  CALL,
  deniedBy,
  held,
  limits,
  MSFT,
  NOW,
  ofDollars,
  ofShares,
  quote,
  sell,
  snapshot,
  verdictOf,
  working
} from "../../risk/Snapshots.ts"

/** Wide enough that margin alone speaks. */
const wide = limits({
  ...researchProfile.limits,
  priceCollarRatio: 0.05,
  quoteStalenessSeconds: limits().quoteStalenessSeconds
})
const margin = initialMargin(regulationT)

/** An account at 100 a share: cash, and equity from what is held. */
const account = (cash: number, positions: ReadonlyArray<HeldPosition> = []): Partial<RiskSnapshot> => ({
  limits: wide,
  ...(margin === undefined ? {} : { margin }),
  cash: dollars(cash),
  equity: dollars(cash + positions.reduce((sum, { quantity }) => sum + (quantity / 1_000_000) * 100, 0)),
  positions
})

const short = (count: number) => held(-count, { instrumentId: MSFT })
const long = (count: number) => held(count, { instrumentId: MSFT })

describe("the initial margin", () => {
  it("lets an account in cash buy twice its equity and not a micro more", () => {
    assert.strictEqual(deniedBy(account(10_000), buy(ofDollars(20_000))), "accepted")
    assert.strictEqual(deniedBy(account(10_000), buy(ofDollars(20_000.000001))), "buying-power")
    const { margin: _, ...inCash } = account(10_000)
    assert.strictEqual(deniedBy(inCash, buy(ofDollars(10_000.000001))), "buying-power")
  })

  it("counts what is held, what works and what is short", () => {
    // Equity 15,000 carries 30,000; 10,000 are held.
    assert.strictEqual(deniedBy(account(5000, [long(100)]), buy(ofDollars(20_000))), "accepted")
    assert.strictEqual(deniedBy(account(5000, [long(100)]), buy(ofDollars(20_001))), "buying-power")
    // Equity 10,000: 15,000 of cash less 5,000 short, which take 2,500 of it; 7,500 carry 15,000.
    assert.strictEqual(deniedBy(account(15_000, [short(50)]), buy(ofDollars(15_000))), "accepted")
    assert.strictEqual(deniedBy(account(15_000, [short(50)]), buy(ofDollars(15_001))), "buying-power")
    // Money owed: equity 6,000 with 10,000 held takes 5,000; 1,000 carries 2,000, half of it on order.
    const owing = { ...account(-4000, [long(100)]), working: [working("BUY", ofDollars(1000))] }
    assert.strictEqual(deniedBy(owing, buy(ofDollars(1000))), "accepted")
    assert.strictEqual(deniedBy(owing, buy(ofDollars(1001))), "buying-power")
  })

  it("is half the value of a short sale", () => {
    assert.strictEqual(deniedBy(account(10_000), sell(ofShares(200))), "accepted")
    assert.strictEqual(deniedBy(account(10_000), sell(ofShares(201))), "buying-power")
  })

  it("says what it comes to, against the equity", () => {
    const verdict = verdictOf(
      evaluate(snapshot(account(-4000, [long(100)])), buy(ofDollars(4000))),
      "buying-power"
    )
    assert.deepInclude(verdict, {
      outcome: "deny",
      value: 7000,
      limit: 6000,
      message:
        "The order brings the initial margin to $7000.00, more than the equity of $6000.00: send a smaller one."
    })
  })

  it("never stands in the way of an order that reduces", () => {
    assert.strictEqual(deniedBy(account(-99_000, [held(1000)]), sell(ofShares(1000))), "accepted")
    assert.strictEqual(deniedBy(account(1000, [held(-10)]), buy(ofShares(10))), "accepted")
  })

  it("denies where the equity or a price is missing", () => {
    const unpriced = account(10_000, [held(10, { instrumentId: MSFT, mark: undefined })])
    assert.strictEqual(
      deniedBy({ ...unpriced, equity: dollars(10_000) }, buy(ofDollars(1))),
      "position-limit"
    )
    const unvalued = { ...account(10_000), equity: undefined }
    assert.strictEqual(
      verdictOf(evaluate(snapshot(unvalued), buy(ofDollars(1))), "buying-power")?.outcome,
      "deny"
    )
  })

  it("lends nothing on options, nor on the shares they are on", () => {
    const optionQuote = quote({ id: CALL, bid: 20 })
    const view = {
      ...account(-4000, [held(100)]),
      instrument: call,
      citedQuote: optionQuote,
      currentQuote: optionQuote,
      underlyings: new Map([[AAPL, pricePerShare(100)]])
    }
    assert.strictEqual(deniedBy(view, buy(ofShares(1), { instrumentId: CALL })), "buying-power")
  })
})

const closed = (cash: number, positions: ReadonlyArray<HeldPosition>): ClosedAccount => ({
  positions,
  limits: wide,
  now: NOW,
  underlyings: new Map([[AAPL, pricePerShare(100)]]),
  marks: new Map(),
  cash: dollars(cash),
  equity: money(
    dollars(cash) +
      positions.reduce(
        (sum, { mark, multiplier, quantity }) => sum + (quantity / 1_000_000) * (mark ?? 0) * multiplier,
        0
      )
  ),
  incrementOf: () => shares(1)
})

/** "SELL 20 AAPL". */
const said = (orders: ReadonlyArray<CalledOrder>): ReadonlyArray<string> =>
  orders.map(
    ({ content: { instrumentId, side, size } }) =>
      `${side} ${size._tag === "Quantity" ? size.quantity / 1_000_000 : "?"} ${instrumentId.split(".")[0]}`
  )

describe("what can be bought for", () => {
  const power = (model: MarginModel | undefined, cash: number, positions: ReadonlyArray<HeldPosition> = []) =>
    buyingPower(model, { ...closed(cash, positions), working: [] }, dollars(cash))

  it("is the cash of a cash account, and what the equity beyond the margin carries of a margin account", () => {
    assert.strictEqual(power(undefined, 10_000), dollars(10_000))
    assert.strictEqual(power({ _tag: "None" }, 10_000), dollars(10_000))
    assert.strictEqual(power(regulationT, 10_000), dollars(20_000))
    assert.strictEqual(power(regulationT, 5000, [held(100)]), dollars(20_000))
    assert.strictEqual(power(regulationT, 15_000, [held(-50)]), dollars(15_000))
    assert.strictEqual(power(regulationT, -5000, [held(100)]), 0)
    assert.strictEqual(power(regulationT, -6000, [held(100)]), 0)
    assert.strictEqual(power(regulationT, 5000, [held(1, { mark: undefined })]), 0)
  })

  it("is exactly what the rule lets through", () => {
    for (const [cash, count] of [
      [10_000.01, 0],
      [-3123.45, 77],
      [20_000, -33]
    ] as const) {
      const positions = count === 0 ? [] : [held(count)]
      const most = power(regulationT, cash, positions)
      const asked = (amount: Money) => buy({ _tag: "Notional", notional: amount }, { instrumentId: MSFT })
      const view = {
        ...account(cash, positions),
        instrument: { ...(snapshot().instrument ?? call), id: MSFT },
        citedQuote: quote({ id: MSFT }),
        currentQuote: quote({ id: MSFT })
      }
      assert.strictEqual(deniedBy(view, asked(most)), "accepted")
      assert.strictEqual(deniedBy(view, asked(money(most + 2))), "buying-power")
    }
  })
})

describe("a margin call", () => {
  it("reduces what is long until a quarter of it is one's own", () => {
    // 20,000 held, 15,500 owed: 4,500 of equity and 5,000 of margin. 180 shares: 18,000, 13,500, 4,500, 4,500.
    const orders = marginCall(regulationT, closed(-15_500, [held(200)]))
    assert.deepStrictEqual(said(orders), ["SELL 20 AAPL"])
    assert.deepStrictEqual(orders[0], {
      content: {
        instrumentId: AAPL,
        side: "SELL",
        type: { _tag: "Market" },
        size: { _tag: "Quantity", quantity: shares(20) },
        timeInForce: "AT_THE_OPEN"
      },
      reason: "margin call: the equity of $4500.00 is less than the maintenance margin of $5000.00"
    })
  })

  it("buys back what is short until three tenths of it are one's own, in whole shares", () => {
    // 10,000 short, 12,900 of cash: 2,900 of equity, 3,000 of margin. A thirtieth of 100 shares is 3⅓, so 4.
    assert.deepStrictEqual(said(marginCall(regulationT, closed(12_900, [held(-100)]))), ["BUY 4 AAPL"])
  })

  it("takes the same part of each position", () => {
    // 40,000 long and 10,000 short: 10,000 + 3,000 of margin; equity 11,700, a tenth too little.
    const orders = marginCall(regulationT, closed(-18_300, [long(400), held(-100)]))
    assert.deepStrictEqual(said(orders), ["BUY 10 AAPL", "SELL 40 MSFT"])
  })

  it("comes at a micro below, and not at the margin itself", () => {
    assert.deepStrictEqual(marginCall(regulationT, closed(-15_000, [held(200)])), [])
    assert.deepStrictEqual(said(marginCall(regulationT, closed(-15_000.000001, [held(200)]))), [
      "SELL 1 AAPL"
    ])
  })

  it("sells everything where nothing is one's own any more", () => {
    assert.deepStrictEqual(said(marginCall(regulationT, closed(-21_000, [held(200)]))), ["SELL 200 AAPL"])
  })

  it("leaves options and the shares they are on, and takes the rest", () => {
    const option = held(1, {
      instrumentId: CALL,
      multiplier: 100,
      mark: pricePerShare(5),
      ...(call._tag === "Option" ? { contract: call.contract } : {})
    })
    // Equity 10,000 + 500 + 20,000 − 26,500 = 4,000; the 10,000 and the 500 are paid in full, so the rest lacks.
    const orders = marginCall(regulationT, closed(-26_500, [held(100), option, long(200)]))
    assert.deepStrictEqual(said(orders), ["SELL 200 MSFT"])
  })

  it("is not made of what cannot be told, nor in a cash account", () => {
    assert.deepStrictEqual(marginCall(regulationT, closed(-99_000, [held(1, { mark: undefined })])), [])
    assert.deepStrictEqual(marginCall(undefined, closed(-99_000, [held(200)])), [])
    assert.deepStrictEqual(marginCall({ _tag: "None" }, closed(-99_000, [held(200)])), [])
    assert.deepStrictEqual(marginCall(regulationT, closed(-99_000, [])), [])
  })

  it("leaves the strategy's orders in other instruments", () => {
    const called = marginCall(regulationT, closed(-15_500, [held(200)]))
    const own = [sell(ofShares(200)), buy(ofShares(1), { instrumentId: MSFT })]
    assert.deepStrictEqual(besideCall(called, own), own.slice(1))
    assert.deepStrictEqual(besideCall([], own), own)
    const combo = {
      ...buy(ofShares(1)).content,
      instrumentId: MSFT,
      legs: [{ instrumentId: AAPL, side: "BUY" as const, ratio: 1 }]
    }
    assert.deepStrictEqual(besideCall(called, [{ content: combo }]), [])
  })

  const Position = Schema.Struct({
    shares: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -5000, maximum: 5000 }))),
    cents: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 100, maximum: 50_000 })))
  })

  it.prop(
    "met at the marks it was made of, leaves none behind",
    {
      a: Position,
      b: Position,
      debt: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -500_000, maximum: 2_000_000 })))
    },
    ({ a, b, debt }) => {
      const at = (id: InstrumentId, { cents, shares: count }: typeof a) =>
        held(count, { instrumentId: id, mark: pricePerShare(cents / 100) })
      const before = closed(-debt, [at(AAPL, a), at(MSFT, b)])
      const orders = marginCall(regulationT, before)
      let cash = before.cash
      const positions = before.positions.map((position) => {
        const order = orders.find(({ content }) => content.instrumentId === position.instrumentId)
        if (order?.content.size._tag !== "Quantity" || position.mark === undefined) return position
        const sign = order.content.side === "BUY" ? 1 : -1
        const { quantity } = order.content.size
        cash = money(cash - sign * position.mark * (quantity / 1_000_000))
        // It reduces and never turns.
        assert.strictEqual(sign, 0 - Math.sign(position.quantity))
        assert.isAtMost(quantity, Math.abs(position.quantity))
        return { ...position, quantity: position.quantity + sign * quantity }
      })
      assert.deepStrictEqual(marginCall(regulationT, { ...before, positions, cash }), [])
    }
  )
})

describe("a margin model", () => {
  it("is stored and read back, and refuses ratios that are none", () => {
    const decode = Schema.decodeUnknownOption(MarginModel)
    assert.deepStrictEqual(
      decode(structuredClone(regulationT)),
      Schema.decodeUnknownOption(MarginModel)(regulationT)
    )
    for (const initial of [0, 1.5, -0.5, Number.NaN, 0.1234567]) {
      assert.strictEqual(decode({ ...regulationT, initial })._tag, "None")
    }
    assert.strictEqual(decode({ ...regulationT, interestBasisPoints: 100_001 })._tag, "None")
  })
})
