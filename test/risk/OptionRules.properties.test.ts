/** What holds of the rules for every account with options and every order for them. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { clientOrderId } from "../../src/domain/Identifiers.ts"
import { dollars, money } from "../../src/domain/Money.ts"
import { Verdict } from "../../src/domain/Verdict.ts"
import { tighten } from "../../src/risk/LimitsComparison.ts"
import { defaultLimits, type RiskLimits } from "../../src/risk/RiskLimits.ts"
import { evaluate } from "../../src/risk/RiskRules.ts"
import type { HeldPosition, RiskSnapshot, WorkingOrder } from "../../src/risk/RiskSnapshot.ts"
import { worstCase } from "../../src/risk/options/WorstCase.ts"
import { anyLimits } from "./AnyLimits.ts"
import {
  type Asked,
  combo,
  heldOption,
  idOf,
  type LegSpec,
  net,
  single,
  type Terms,
  termsOf,
  workingCombo,
  workingOption
} from "./OptionDesk.ts"
import { AAPL, held, limitAt, NOW, snapshot } from "./Snapshots.ts"

const whole = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const AnyTerms = Schema.Struct({
  right: Schema.Literals(["CALL", "PUT"]),
  strike: Schema.Literals([80, 85, 90, 95, 100, 105, 110, 115]),
  expiry: Schema.Literals(["2026-01-16", "2026-02-20"])
})
const AnyLeg = Schema.Struct({
  of: Schema.Union([AnyTerms, AnyTerms, AnyTerms, Schema.Literal("shares")]),
  side: Schema.Literals(["BUY", "SELL"]),
  ratio: whole(1, 2),
  cents: whole(1, 60)
})
const AnyOrder = Schema.Struct({
  legs: Schema.Array(AnyLeg).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(4))),
  units: whole(1, 3),
  net: whole(-300, 300),
  market: Schema.Boolean
})
type AnyOrder = typeof AnyOrder.Type

const priceOf = ({ right, strike }: Terms): number =>
  Math.max(0, right === "CALL" ? 100 - strike : strike - 100) + 0.5

const legOf = ({ cents, of, ratio, side }: typeof AnyLeg.Type): LegSpec => {
  if (of === "shares") return { of, side, ratio: 100 * ratio, bid: 99.99, ask: 100.01 }
  const middle = Math.round(priceOf(of) * 100) / 100
  return { of, side, ratio, bid: middle, ask: Math.round((middle + cents / 100) * 100) / 100 }
}

const nameOf = ({ of }: LegSpec): string => (of === "shares" ? "shares" : idOf(of))

/** Each instrument once. */
const legsOf = ({ legs }: AnyOrder): ReadonlyArray<LegSpec> => {
  const byName = new Map(legs.map(legOf).map((leg) => [nameOf(leg), leg]))
  return [...byName.values()]
}

const askedOf = (parts: AnyOrder): Asked => {
  const legs = legsOf(parts)
  const [first] = legs
  const type = parts.market ? ({ _tag: "Market" } as const) : net(parts.net / 100)
  if (legs.length > 1 || first === undefined) return combo(legs, type, parts.units)
  const count = first.of === "shares" ? 100 * parts.units : parts.units
  return single(first, count, parts.market ? { _tag: "Market" } : limitAt(first.ask))
}

const workingOf = (parts: AnyOrder, n: number): WorkingOrder => {
  const legs = legsOf(parts)
  const [first] = legs
  const clientOrderIdOf = { clientOrderId: clientOrderId(`w-${n}`) }
  return legs.length > 1 || first === undefined || first.of === "shares"
    ? workingCombo(legs, parts.net / 100, parts.units, clientOrderIdOf)
    : workingOption(first.side, parts.units, first.of, first.ask, clientOrderIdOf)
}

const AnyAccount = Schema.Struct({
  shares: Schema.Literals([0, 0, 100, 200, -100]),
  options: Schema.Array(Schema.Struct({ of: AnyTerms, count: whole(-2, 2) })).pipe(
    Schema.check(Schema.isMaxLength(4))
  ),
  working: Schema.Array(AnyOrder).pipe(Schema.check(Schema.isMaxLength(3))),
  cash: whole(0, 100_000),
  uncovered: Schema.Boolean
})

const positionsOf = ({ options, shares }: typeof AnyAccount.Type): ReadonlyArray<HeldPosition> => {
  const counts = new Map<string, HeldPosition>()
  for (const { count, of } of options)
    if (count !== 0) counts.set(idOf(of), heldOption(count, of, priceOf(of)))
  return [...(shares === 0 ? [] : [held(shares)]), ...counts.values()]
}

/** Loose enough that orders are often accepted. */
const roomy: RiskLimits = {
  ...defaultLimits,
  positionRatio: 3,
  orderNotionalRatio: 3,
  grossExposureRatio: 5,
  shortSales: true,
  options: {
    ...defaultLimits.options,
    spreadRatio: 2,
    vegaRatio: 1,
    totalVegaRatio: 1,
    gammaRatio: 2,
    totalGammaRatio: 2,
    thetaRatio: 1,
    totalThetaRatio: 1
  }
}

const accountOf = (parts: typeof AnyAccount.Type): Partial<RiskSnapshot> => ({
  limits: { ...roomy, options: { ...roomy.options, uncovered: parts.uncovered } },
  positions: positionsOf(parts),
  working: parts.working.map(workingOf),
  cash: dollars(parts.cash)
})

const anyAccount = Arbitrary.map(Arbitrary.schema(AnyAccount), accountOf)

const judgedOn = (
  account: Partial<RiskSnapshot>,
  { order, view }: Asked,
  changes: Partial<RiskSnapshot> = {}
) => evaluate(snapshot({ ...view, ...account, ...changes }), order)

/** What an account has on AAPL, at its worst. */
const worstOf = (positions: ReadonlyArray<HeldPosition>) =>
  worstCase({
    spot: 100_000_000,
    held: {
      shares: positions.reduce((sum, one) => sum + (one.instrumentId === AAPL ? one.quantity : 0), 0),
      options: positions.flatMap(({ contract, multiplier, quantity }) =>
        contract === undefined ? [] : [{ contract, multiplier, quantity }]
      ),
      cost: 0
    },
    working: []
  })

/** The positions with the order filled. */
const filled = (positions: ReadonlyArray<HeldPosition>, parts: AnyOrder): ReadonlyArray<HeldPosition> => {
  const legs = legsOf(parts)
  const after = new Map(positions.map((one) => [one.instrumentId, one]))
  for (const leg of legs) {
    const id = leg.of === "shares" ? AAPL : idOf(leg.of)
    const perUnit = leg.of === "shares" && legs.length === 1 ? 100 : legs.length === 1 ? 1 : (leg.ratio ?? 1)
    const change = (leg.side === "BUY" ? 1 : -1) * perUnit * parts.units * 1_000_000
    const before = after.get(id) ?? (leg.of === "shares" ? held(0) : heldOption(0, leg.of, priceOf(leg.of)))
    after.set(id, { ...before, quantity: before.quantity + change })
  }
  return [...after.values()]
}

/** The positions, with those of the order's legs the other way round. */
const opposed = (positions: ReadonlyArray<HeldPosition>, parts: AnyOrder): ReadonlyArray<HeldPosition> => {
  const empty = positions.map((one) => ({ ...one, quantity: 0 }))
  const traded = new Map(
    filled(empty, parts)
      .filter(({ quantity }) => quantity !== 0)
      .map((one) => [one.instrumentId, { ...one, quantity: 0 - one.quantity }])
  )
  return [...positions.filter(({ instrumentId }) => !traded.has(instrumentId)), ...traded.values()]
}

describe("for every account with options and every order", () => {
  it.prop(
    "there is a sound verdict of each rule, and an accepted order has the price it counts at",
    [anyAccount, AnyOrder],
    ([account, parts]) => {
      const asked = askedOf(parts)
      const { denied, netValue, valuePrice, verdicts } = judgedOn(account, asked)
      expect(verdicts.every((verdict) => Schema.is(Verdict)(verdict))).toBe(true)
      if (denied !== undefined) return
      expect(valuePrice).toBeGreaterThan(0)
      expect(netValue === undefined).toBe(asked.order.content.legs === undefined)
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop(
    "one more working order never lets a denied order through",
    [anyAccount, AnyOrder, AnyOrder],
    ([account, parts, extra]) => {
      const asked = askedOf(parts)
      const before = judgedOn(account, asked)
      const after = judgedOn(account, asked, { working: [...(account.working ?? []), workingOf(extra, 99)] })
      if (before.denied !== undefined) expect(after.denied).toBeDefined()
    },
    { arbitrary: { runs: 1000 } }
  )

  it.prop(
    "tighter limits never let through what looser ones deny",
    [anyAccount, AnyOrder, anyLimits, anyLimits],
    ([account, parts, a, b]) => {
      const asked = askedOf(parts)
      const loose = { ...a, priceCollarRatio: 0.05 }
      const tight = tighten(loose, { ...b, priceCollarRatio: 0.05 })
      if (judgedOn(account, asked, { limits: loose }).denied === undefined) return
      expect(judgedOn(account, asked, { limits: tight }).denied).toBeDefined()
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop(
    "unless limits say so, an accepted order leaves no call uncovered that was covered before",
    [anyAccount, AnyOrder],
    ([account, parts]) => {
      const limits = roomy
      const positions = account.positions ?? []
      const { denied } = judgedOn(account, askedOf(parts), { limits })
      if (denied !== undefined) return
      const [before, after] = [worstOf(positions), worstOf(filled(positions, parts))]
      expect(after.uncovered).toBeLessThanOrEqual(before.uncovered)
    },
    { arbitrary: { runs: 1000 } }
  )

  it.prop(
    "unless limits say so, what is accepted can be paid at the worst",
    [anyAccount, AnyOrder],
    ([account, parts]) => {
      const positions = account.positions ?? []
      const asked = askedOf(parts)
      const { denied, netValue, reducing, valuePrice } = judgedOn(account, asked, {
        limits: roomy,
        working: []
      })
      if (denied !== undefined || reducing) return
      const sign = asked.order.content.side === "BUY" ? 1 : -1
      // A unit is a hundred shares' worth of whatever it is.
      const cost = (netValue ?? sign * (valuePrice ?? Number.NaN)) * 100 * parts.units
      const { boundedFloor } = worstOf(filled(positions, parts))
      expect((account.cash ?? 0) - cost + boundedFloor).toBeGreaterThanOrEqual(-1)
    },
    { arbitrary: { runs: 1000 } }
  )

  it.prop(
    "a reducing order makes the worst no worse, and is denied by no rule that it is exempt from",
    [anyAccount, AnyOrder, Schema.Boolean],
    ([anyone, parts, closing]) => {
      const asked = askedOf(parts)
      const account = closing ? { ...anyone, positions: opposed(anyone.positions ?? [], parts) } : anyone
      const lost = {
        equity: money(1),
        recentOrders: [{ content: asked.order.content, tsMarket: NOW, tsSteady: NOW }]
      }
      const evaluation = judgedOn({ ...account, ...lost }, asked)
      if (!evaluation.reducing) return
      const positions = account.positions ?? []
      const [before, after] = [worstOf(positions), worstOf(filled(positions, parts))]
      expect(after.uncovered).toBeLessThanOrEqual(before.uncovered)
      const exempt = [
        "duplicate",
        "position-limit",
        "gross-exposure",
        "option-greeks",
        "daily-loss",
        "drawdown"
      ]
      const denials = evaluation.verdicts.filter(({ outcome }) => outcome === "deny").map(({ rule }) => rule)
      expect(
        denials.filter((rule) => [...exempt, "buying-power", "option-coverage"].includes(rule))
      ).toStrictEqual([])
    },
    { arbitrary: { runs: 1000 } }
  )

  it("closing orders are among them", () => {
    const terms: Terms = { right: "PUT", strike: 90 }
    const asked = single({ side: "BUY", of: terms, bid: 0.5, ask: 0.6 })
    expect(termsOf(terms).strike).toBe(90_000_000)
    expect(judgedOn({ positions: [heldOption(-1, terms, 0.5)] }, asked).reducing).toBe(true)
  })
})
