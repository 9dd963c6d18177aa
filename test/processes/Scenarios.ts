/** What processes race for: in each scenario one limit binds, and the orders ask for more than it leaves. */
import { pricePerShare } from "../../src/domain/Money.ts"
import type { Instrument } from "../../src/domain/Instrument.ts"
import type { OrderType } from "../../src/domain/Order.ts"
import type { RuleName } from "../../src/domain/Verdict.ts"
import type { RiskLimits } from "../../src/risk/RiskLimits.ts"
import type { Ask } from "../execution/TestDesk.ts"
import { ACME, BOLT, INDX } from "../execution/TestMarket.ts"
import { type Draw, pick } from "../support/Numbers.ts"

export interface Wish {
  readonly side: "BUY" | "SELL"
  readonly instrument: Instrument
  readonly quantity: number
  readonly ask: Ask
}

export interface Scenario {
  readonly name: string
  readonly limits: Partial<RiskLimits>
  /** The rules that may refuse; each order that was refused names one of them. */
  readonly binding: ReadonlyArray<(typeof RuleName)["Type"]>
  /** What the account holds before the race. */
  readonly before?: Wish
  /** Halfway through, one process moves the market on to where the day's loss is reached. */
  readonly falls?: boolean
  /** Orders carry names of their own; without, the same intention is the same order. */
  readonly named: boolean
  readonly wish: (draw: Draw) => Wish
}

/** Nothing binds. */
export const loose: Partial<RiskLimits> = {
  positionRatio: 10,
  orderNotionalRatio: 1,
  grossExposureRatio: 10,
  dailyLossRatio: 0.5,
  drawdownRatio: 0.9,
  ordersPerMinute: null,
  openOrders: 10_000,
  duplicateWindowSeconds: 0
}

const limit = (at: number): OrderType => ({ _tag: "Limit", limitPrice: pricePerShare(at) })
const rest = (at: number): Ask => ({ type: limit(at), timeInForce: "GTC" })
const buy = (instrument: Instrument, quantity: number, ask: Ask = {}): Wish => ({
  side: "BUY",
  instrument,
  quantity,
  ask
})

/** Half of them fill at once. */
const buyOrRest = (draw: Draw, instrument: Instrument, quantity: number, low: number): Wish =>
  buy(instrument, quantity, draw(2) === 0 ? {} : rest(low))

/** Small orders, of which half fill at once, for as long as there is cash. */
export const restOrFill = (draw: Draw): Wish => buyOrRest(draw, BOLT, 1 + draw(3), 40 + draw(5))

export const scenarios: ReadonlyArray<Scenario> = [
  {
    name: "position",
    limits: { ...loose, positionRatio: 0.25 },
    binding: ["position-limit"],
    named: true,
    wish: (draw) => buyOrRest(draw, BOLT, 5 + draw(20), 45)
  },
  {
    name: "gross",
    limits: { ...loose, grossExposureRatio: 0.4 },
    binding: ["gross-exposure"],
    named: true,
    wish: (draw) =>
      pick(draw, [buyOrRest(draw, BOLT, 5 + draw(40), 45), buyOrRest(draw, INDX, 1 + draw(3), 900)])
  },
  {
    name: "cash",
    limits: loose,
    binding: ["buying-power"],
    named: true,
    wish: (draw) =>
      pick(draw, [buyOrRest(draw, BOLT, 60 + draw(80), 45), buyOrRest(draw, INDX, 2 + draw(6), 900)])
  },
  {
    name: "loss",
    limits: { ...loose, dailyLossRatio: 0.01 },
    binding: ["daily-loss", "trading-state", "quote-freshness"],
    before: buy(ACME, 300),
    falls: true,
    named: true,
    // So small that the cash lasts for sixty-four processes.
    wish: (draw) => buyOrRest(draw, BOLT, 1 + draw(2), 45)
  },
  {
    name: "rate",
    limits: { ...loose, ordersPerMinute: 25, reservedForReducing: 5 },
    binding: ["message-rate"],
    named: true,
    wish: (draw) => buyOrRest(draw, BOLT, 1 + draw(10), 45)
  },
  {
    name: "open-orders",
    limits: { ...loose, openOrders: 12 },
    binding: ["open-orders"],
    named: true,
    wish: (draw) =>
      pick(draw, [
        buy(BOLT, 1 + draw(10)),
        buy(BOLT, 1 + draw(10), rest(40 + draw(5))),
        buy(BOLT, 1 + draw(10), { bracket: { takeProfit: 60, stopLoss: 40 } })
      ])
  },
  {
    name: "duplicate",
    limits: { ...loose, duplicateWindowSeconds: 600 },
    binding: ["duplicate"],
    named: true,
    wish: (draw) => buyOrRest(draw, BOLT, 1 + draw(4), 45)
  },
  {
    name: "same-intention",
    limits: { ...loose, duplicateWindowSeconds: 600 },
    binding: ["duplicate"],
    named: false,
    wish: (draw) => buyOrRest(draw, BOLT, 1 + draw(4), 45)
  },
  {
    name: "mixed",
    limits: {
      ...loose,
      positionRatio: 0.3,
      grossExposureRatio: 0.5,
      openOrders: 30,
      ordersPerMinute: 200,
      reservedForReducing: 50,
      duplicateWindowSeconds: 1
    },
    binding: [
      "position-limit",
      "gross-exposure",
      "buying-power",
      "open-orders",
      "message-rate",
      "duplicate",
      "self-trade"
    ],
    named: true,
    wish: (draw) =>
      pick(draw, [
        buyOrRest(draw, BOLT, 1 + draw(40), 40 + draw(9)),
        buyOrRest(draw, INDX, 1 + draw(3), 900),
        buy(BOLT, 1 + draw(20), { bracket: { takeProfit: 60, stopLoss: 40 } }),
        { side: "SELL", instrument: BOLT, quantity: 1 + draw(30), ask: {} },
        { side: "SELL", instrument: BOLT, quantity: 1 + draw(30), ask: rest(55) }
      ])
  }
]

export const scenarioNamed = (name: string): Scenario => {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`there is no scenario ${name}`)
  return found
}
