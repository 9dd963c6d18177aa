/** What holds of the rules for every account and every order. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { clientOrderId } from "../../src/domain/Identifiers.ts"
import { dollars, type Money, money, price, quantity, shares } from "../../src/domain/Money.ts"
import type { OrderSide, OrderSize, OrderType } from "../../src/domain/Order.ts"
import { floorShare, notionalCeil, partsPerMillion } from "../../src/risk/ExactRatio.ts"
import { tighten } from "../../src/risk/LimitsComparison.ts"
import { PERMIT_LIFE_MICROS } from "../../src/risk/PermitSeen.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import type { HeldPosition, ProposedOrder, RiskSnapshot, WorkingOrder } from "../../src/risk/RiskSnapshot.ts"
import { anyLimits } from "./AnyLimits.ts"
import { AAPL, held, MSFT, NOW, permitted, quote, secondsBefore, snapshot } from "./Snapshots.ts"

const whole = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Cents around the market of 100.00, and thousandths of a share. */
const OrderParts = Schema.Struct({
  buying: Schema.Boolean,
  own: Schema.Boolean,
  type: Schema.Literals(["Market", "Limit", "StopMarket", "StopLimit", "TrailingStopMarket"]),
  cents: whole(9000, 11_000),
  byNotional: Schema.Boolean,
  size: whole(1, 400_000),
  group: Schema.Literals(["none", "a", "b"])
})
type OrderParts = typeof OrderParts.Type

const typeOf = ({ cents, type }: OrderParts): OrderType => {
  const at = price(cents * 10_000)
  switch (type) {
    case "Market":
      return { _tag: "Market" }
    case "Limit":
      return { _tag: "Limit", limitPrice: at }
    case "StopMarket":
      return { _tag: "StopMarket", stopPrice: at }
    case "StopLimit":
      return { _tag: "StopLimit", stopPrice: at, limitPrice: at }
    case "TrailingStopMarket":
      return { _tag: "TrailingStopMarket", trailingOffset: at }
  }
}
const sideOf = ({ buying }: OrderParts): OrderSide => (buying ? "BUY" : "SELL")
const sizeOf = ({ byNotional, size }: OrderParts): OrderSize =>
  byNotional
    ? { _tag: "Notional", notional: money(size * 100_000) }
    : { _tag: "Quantity", quantity: quantity(size * 1000) }

const proposed = (parts: OrderParts): ProposedOrder => ({
  content: {
    instrumentId: AAPL,
    side: sideOf(parts),
    type: typeOf(parts),
    size: sizeOf(parts),
    timeInForce: "DAY",
    ...(parts.group === "none" ? {} : { ocoGroup: parts.group })
  },
  repeat: false
})

const workingOf = (parts: OrderParts, n: number): WorkingOrder => ({
  clientOrderId: clientOrderId(`w-${n}`),
  instrumentId: parts.own ? AAPL : MSFT,
  side: sideOf(parts),
  type: typeOf(parts),
  leaves: sizeOf(parts),
  valuePrice: price(parts.cents * 10_000),
  multiplier: 1,
  ocoGroup: parts.group === "none" ? undefined : parts.group,
  held: false
})

const AccountParts = Schema.Struct({
  own: whole(-300, 300),
  other: whole(-300, 300),
  cash: whole(0, 200_000),
  equity: whole(50_000, 150_000),
  working: Schema.Array(OrderParts).pipe(Schema.check(Schema.isMaxLength(5))),
  sent: whole(0, 32),
  sentAge: whole(0, 70),
  quoteAge: whole(0, 20),
  state: Schema.Literals(["Active", "Active", "Reducing", "Halted"])
})

const account = (parts: typeof AccountParts.Type): RiskSnapshot => {
  const positions: Array<HeldPosition> = []
  if (parts.own !== 0) positions.push(held(parts.own))
  if (parts.other !== 0) positions.push(held(parts.other, { instrumentId: MSFT }))
  const times = Array.from({ length: parts.sent }, () => secondsBefore(parts.sentAge))
  return snapshot({
    tradingState: parts.state,
    positions,
    cash: dollars(parts.cash),
    equity: dollars(parts.equity),
    working: parts.working.map(workingOf),
    messageTimes: { market: times, steady: times },
    citedQuote: quote({ ageSeconds: parts.quoteAge })
  })
}

const anyAccount = Arbitrary.map(Arbitrary.schema(AccountParts), account)
const anyOrder = Arbitrary.map(Arbitrary.schema(OrderParts), proposed)
/** Loose enough that orders are often accepted. */
const roomy: RiskLimits = {
  ...defaultLimits,
  positionRatio: 0.5,
  orderNotionalRatio: 0.3,
  drawdownRatio: 0.6,
  dailyLossRatio: 0.6,
  shortSales: true
}

const PermitParts = Schema.Struct({
  given: Schema.Boolean,
  sameTool: Schema.Boolean,
  sameArguments: Schema.Boolean,
  vouches: Schema.Boolean,
  ageMicros: Schema.Union([
    whole(0, 1_000_000_000),
    Schema.Literals([PERMIT_LIFE_MICROS, PERMIT_LIFE_MICROS + 1])
  ])
})

const permitOf = (parts: typeof PermitParts.Type) =>
  permitted({
    ageMicros: parts.ageMicros,
    given: parts.given
      ? {
          ...(parts.sameTool ? {} : { tool: "replace_order" }),
          ...(parts.sameArguments ? {} : { argumentsHash: "b" }),
          ...(parts.vouches ? { quoteId: quote({}).quoteId } : {})
        }
      : undefined
  })

describe("for every account and order", () => {
  it.prop(
    "asking for a permit never lets through what is denied without, but for a quote that it vouches for",
    [anyAccount, anyOrder, PermitParts],
    ([state, order, parts]) => {
      const before = evaluate(state, order)
      const after = evaluate({ ...state, permit: permitOf(parts) }, order)
      const isGood =
        parts.given && parts.sameTool && parts.sameArguments && parts.ageMicros <= PERMIT_LIFE_MICROS
      expect(after.verdicts[0]?.outcome).toBe(isGood ? "pass" : "deny")
      if (!isGood) expect(after.denied?.rule).toBe("permit")
      for (const [n, verdict] of after.verdicts.entries()) {
        if (verdict.rule === "permit" || (verdict.rule === "quote-freshness" && isGood && parts.vouches))
          continue
        expect(verdict).toStrictEqual(before.verdicts[n])
      }
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop(
    "one more working order never lets a denied order through",
    [anyAccount, anyOrder, Schema.Boolean, Arbitrary.schema(OrderParts)],
    ([state, order, loose, extra]) => {
      const limits = loose ? roomy : defaultLimits
      const before = evaluate({ ...state, limits }, order)
      const more = [...(state.working ?? []), workingOf(extra, 99)]
      const after = evaluate({ ...state, limits, working: more }, order)
      if (before.denied !== undefined) expect(after.denied).toBeDefined()
      if (after.reducing) expect(before.reducing).toBe(true)
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop(
    "tighter limits never let through what looser ones deny (the collar, which also values, being the same)",
    [anyAccount, anyOrder, anyLimits, anyLimits],
    ([state, order, a, b]) => {
      const loose = { ...a, priceCollarRatio: 0.05 }
      const tight = tighten(loose, { ...b, priceCollarRatio: 0.05 })
      if (evaluate({ ...state, limits: loose }, order).denied !== undefined) {
        expect(evaluate({ ...state, limits: tight }, order).denied).toBeDefined()
      }
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop(
    "a reducing order is never denied by a rule it is exempt from, whatever the account has lost",
    [anyAccount, anyOrder],
    ([state, order]) => {
      const lost = {
        ...state,
        equity: money(1),
        recentOrders: [{ content: order.content, tsMarket: NOW, tsSteady: NOW }]
      }
      const evaluation = evaluate(lost, order)
      if (!evaluation.reducing) return
      const denials = evaluation.verdicts.filter(({ outcome }) => outcome === "deny").map(({ rule }) => rule)
      const exempt = [
        "duplicate",
        "position-limit",
        "gross-exposure",
        "daily-loss",
        "drawdown",
        "buying-power"
      ]
      expect(denials.filter((rule) => exempt.includes(rule))).toStrictEqual([])
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop(
    "without short sales no order that is accepted can turn a long position short",
    [anyAccount, anyOrder],
    ([state, order]) => {
      const evaluation = evaluate(state, order)
      if (evaluation.denied === undefined && order.content.side === "SELL")
        expect(evaluation.reducing).toBe(true)
    },
    { arbitrary: { runs: 500 } }
  )
})

/** An account that takes orders: each accepted one works for a while, then fills in full at its value price. */
interface Paper {
  readonly cash: Money
  readonly positions: ReadonlyArray<HeldPosition>
  readonly working: ReadonlyArray<WorkingOrder>
}

/** A market without a spread and a collar of nothing: filling at the value price leaves equity as it was. */
const still = {
  ...defaultLimits,
  priceCollarRatio: 0,
  ordersPerMinute: null,
  openOrders: 100,
  duplicateWindowSeconds: 0
}

const fill = (paper: Paper, order: WorkingOrder): Paper => {
  if (order.leaves._tag === "Notional") return paper
  const sign = order.side === "BUY" ? 1 : -1
  const before =
    paper.positions.find(({ instrumentId }) => instrumentId === order.instrumentId)?.quantity ?? 0
  const after = before + sign * order.leaves.quantity
  const others = paper.positions.filter(({ instrumentId }) => instrumentId !== order.instrumentId)
  const position: HeldPosition = {
    instrumentId: order.instrumentId,
    quantity: after,
    mark: price(100_000_000),
    multiplier: 1
  }
  return {
    cash: money(paper.cash - sign * order.leaves.quantity * 100),
    positions: after === 0 ? others : [...others, position],
    working: paper.working.filter((other) => other !== order)
  }
}

describe("a sequence of accepted orders", () => {
  const Step = Schema.Struct({
    buying: Schema.Boolean,
    own: Schema.Boolean,
    count: whole(1, 99),
    fills: whole(0, 2)
  })

  it.prop(
    "never brings a position or the gross exposure past its limit, nor cash below zero",
    [Schema.Array(Step).pipe(Schema.check(Schema.isMinLength(20), Schema.isMaxLength(60)))],
    ([steps]) => {
      const equity = dollars(100_000)
      let paper: Paper = { cash: equity, positions: [], working: [] }
      let accepted = 0
      for (const [n, step] of steps.entries()) {
        const id = step.own ? AAPL : MSFT
        const side: OrderSide = step.buying || n === 0 ? "BUY" : "SELL"
        const market = quote({ id })
        const size: OrderSize = { _tag: "Quantity", quantity: shares(step.count) }
        const state = snapshot({ ...paper, equity, limits: still, citedQuote: market, currentQuote: market })
        const instrument = state.instrument === undefined ? undefined : { ...state.instrument, id }
        const type: OrderType = { _tag: "StopMarket", stopPrice: price(100_000_000) }
        const content = { instrumentId: id, side, type, size, timeInForce: "DAY" } as const
        const { denied, valuePrice } = evaluate({ ...state, instrument }, { content, repeat: false })
        if (denied === undefined && valuePrice !== undefined) {
          accepted += 1
          const order = { ...workingOf({ ...empty, own: step.own }, n), side, type, leaves: size, valuePrice }
          paper = { ...paper, working: [...paper.working, order] }
        }
        for (let i = 0; i < step.fills; i++) {
          const next = paper.working[0]
          if (next !== undefined) paper = fill(paper, next)
        }
        const values = paper.positions.map(({ quantity }) => notionalCeil(100_000_000, Math.abs(quantity), 1))
        expect(Math.max(0, ...values)).toBeLessThanOrEqual(floorShare(equity, partsPerMillion(0.25)))
        expect(values.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(equity)
        expect(paper.positions.every(({ quantity }) => quantity >= 0)).toBe(true)
        expect(paper.cash).toBeGreaterThanOrEqual(0)
      }
      expect(accepted).toBeGreaterThan(0)
    },
    { arbitrary: { runs: 200 } }
  )

  const empty: OrderParts = {
    buying: true,
    own: true,
    type: "Market",
    cents: 10_000,
    byNotional: false,
    size: 1,
    group: "none"
  }
})
