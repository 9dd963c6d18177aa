import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { dayOfDate } from "../../../src/domain/Timestamp.ts"
import type {
  Holding,
  OptionHolding,
  PossibleHolding,
  UnderlyingPosition
} from "../../../src/risk/options/UnderlyingPosition.ts"
import { worstCase } from "../../../src/risk/options/WorstCase.ts"
import { holding, option } from "./Contracts.ts"

const spot = 100_000_000
const only = (held: Holding) => worstCase({ spot, held, working: [] })
const dollarsOf = (micros: number): number => micros / 1_000_000
const loss = (held: Holding): number => dollarsOf(only(held).loss)

const JUNE = { expiry: "2026-06-19" }

describe("the worst case of", () => {
  it.each<readonly [string, Holding, number]>([
    ["nothing", holding([]), 0],
    ["shares: all of it", holding([], 10_000, 100), 10_000],
    ["a bought call: its price", holding([option(1, "CALL", 100)], 250), 250],
    ["a bought put: its price", holding([option(3, "PUT", 100)], 600), 600],
    ["a covered call: the shares less the premium", holding([option(-1, "CALL", 110)], 9800, 100), 9800],
    ["a cash-secured put: its strike less the premium", holding([option(-1, "PUT", 90)], -200), 8800],
    [
      "a bull put vertical: its width less the credit",
      holding([option(-1, "PUT", 90), option(1, "PUT", 85)], -120),
      380
    ],
    [
      "a bear call vertical: its width less the credit",
      holding([option(-1, "CALL", 110), option(1, "CALL", 115)], -100),
      400
    ],
    ["a bought vertical: its debit", holding([option(1, "CALL", 100), option(-1, "CALL", 105)], 210), 210],
    [
      "an iron condor: one side's width less the credit",
      holding(
        [option(1, "PUT", 85), option(-1, "PUT", 90), option(-1, "CALL", 110), option(1, "CALL", 115)],
        -180
      ),
      320
    ],
    [
      "a butterfly: its debit",
      holding([option(1, "CALL", 95), option(-2, "CALL", 100), option(1, "CALL", 105)], 90),
      90
    ],
    [
      "a collar: down to the put",
      holding([option(1, "PUT", 90), option(-1, "CALL", 110)], 10_050, 100),
      1050
    ],
    ["a calendar: its debit", holding([option(-1, "CALL", 100), option(1, "CALL", 100, JUNE)], 350), 350],
    [
      "a diagonal with the higher strike bought: the difference and the debit",
      holding([option(-1, "CALL", 100), option(1, "CALL", 105, JUNE)], 150),
      650
    ],
    [
      "two calendars: their debits",
      holding(
        [
          option(-1, "CALL", 100),
          option(2, "CALL", 100, JUNE),
          option(-1, "CALL", 100, { expiry: "2026-02-20" })
        ],
        700
      ),
      700
    ],
    [
      "a calendar the other way round, of puts: the strike, for nothing covers the put that lives on",
      holding([option(1, "PUT", 100), option(-1, "PUT", 100, JUNE)], -300),
      9700
    ]
  ])("%s", (_, held, expected) => {
    expect(loss(held)).toBe(expected)
  })

  it("an uncovered call has no bound, and up to twice the price is what it is there", () => {
    const naked = only(holding([option(-2, "CALL", 110)], -300))
    expect(naked).toMatchObject({
      loss: Number.POSITIVE_INFINITY,
      floor: Number.NEGATIVE_INFINITY,
      unlimited: true,
      uncovered: 200_000_000,
      atSpot: 200_000_000
    })
    expect(dollarsOf(naked.boundedLoss)).toBe(2 * 9000 - 300)
  })

  it("a call covered by one that expires before it is uncovered", () => {
    const reversed = only(holding([option(1, "CALL", 100), option(-1, "CALL", 100, JUNE)], -300))
    expect(reversed.loss).toBe(Number.POSITIVE_INFINITY)
    expect(reversed.uncovered).toBe(100_000_000)
  })

  it("spreads of two expiries cover themselves, whichever ends first, each by its width", () => {
    const calls = holding(
      [
        option(-1, "CALL", 110),
        option(1, "CALL", 115),
        option(-1, "CALL", 110, JUNE),
        option(1, "CALL", 120, JUNE)
      ],
      -300
    )
    expect(only(calls)).toMatchObject({ uncovered: 0, unlimited: false })
    expect(loss(calls)).toBe(500 + 1000 - 300)
    const puts = holding(
      [
        option(-2, "PUT", 90),
        option(2, "PUT", 85),
        option(-2, "PUT", 95, JUNE),
        option(2, "PUT", 85, JUNE),
        option(-1, "CALL", 110, JUNE),
        option(1, "CALL", 115, JUNE)
      ],
      -500
    )
    // In January both sides of what lives on count.
    expect(loss(puts)).toBe(1000 + 2000 + 500 - 500)
  })

  it("of what lives on, a long covers a short of an earlier expiry, of its style and its deliverable", () => {
    const january = [option(1, "CALL", 200)]
    const of = (short: OptionHolding, long: OptionHolding): number => loss(holding([...january, short, long]))
    const MARCH = { expiry: "2026-03-20" }
    expect(of(option(-1, "PUT", 90, MARCH), option(1, "PUT", 85, JUNE))).toBe(500)
    expect(of(option(-1, "PUT", 90, MARCH), option(1, "PUT", 95, JUNE))).toBe(0)
    expect(of(option(-1, "PUT", 90, JUNE), option(1, "PUT", 85, MARCH))).toBe(9000)
    const european = { style: "EUROPEAN" } as const
    expect(of(option(-1, "PUT", 90, { ...JUNE, ...european }), option(1, "PUT", 85, JUNE))).toBe(9000)
    expect(
      of(option(-1, "PUT", 90, { ...JUNE, ...european }), option(1, "PUT", 85, { ...JUNE, ...european }))
    ).toBe(500)
    expect(
      of(option(-1, "PUT", 90, { ...MARCH, ...european }), option(1, "PUT", 85, { ...JUNE, ...european }))
    ).toBe(9000)
    expect(of(option(-1, "PUT", 90, { ...JUNE, deliverable: 150 }), option(1, "PUT", 85, JUNE))).toBe(9000)
    expect(of(option(-1, "PUT", 90, { ...JUNE, expirySession: "AM" }), option(1, "PUT", 85, JUNE))).toBe(500)
  })

  it("the calls with the lower strike are covered first, whatever puts are between", () => {
    const long = option(1, "CALL", 55, JUNE)
    const shorts = [option(-1, "CALL", 60, JUNE), option(-1, "PUT", 50, JUNE), option(-1, "CALL", 50, JUNE)]
    const of = (options: ReadonlyArray<OptionHolding>): number =>
      only(holding([option(1, "CALL", 200), long, ...options])).boundedLoss
    expect(of(shorts)).toBe(of(shorts.toReversed()))
    expect(of(shorts)).toBe(of(shorts.toSorted((a, b) => a.contract.strike - b.contract.strike)))
  })

  it("a working sale of what is held long takes away no more than it is worth at the least", () => {
    const held = holding([option(1, "CALL", 90), option(2, "CALL", 100, JUNE)], 2000)
    const sale = (count: number, group?: string): PossibleHolding => ({
      ...holding([option(0 - count, "CALL", 100, JUNE)], -500 * count),
      ...(group === undefined ? {} : { group })
    })
    const of = (working: ReadonlyArray<PossibleHolding>) => dollarsOf(worstCase({ spot, held, working }).loss)
    expect(of([sale(1)])).toBe(2000)
    expect(of([sale(1), sale(1)])).toBe(2000)
    expect(of([sale(2, "a"), sale(2, "a")])).toBe(2000)
    // A third is not held; and the long one of a spread covers its short one.
    expect(of([sale(1), sale(1), sale(1)])).toBe(Number.POSITIVE_INFINITY)
    const spread = holding([option(1, "PUT", 90), option(-1, "PUT", 90, JUNE), option(1, "PUT", 85, JUNE)], 0)
    const leg = holding([option(-1, "PUT", 85, JUNE)], -100)
    expect(dollarsOf(worstCase({ spot, held: spread, working: [leg] }).loss)).toBe(500 + 8500 - 100)
  })

  describe("a working sale of what has expired by then", () => {
    const FEB = { expiry: "2026-02-20" }
    const calendar = holding([option(1, "CALL", 115), option(1, "CALL", 115, FEB)], 500)
    const order = holding([option(-1, "CALL", 120, FEB)], -100)
    const sale: PossibleHolding = holding([option(-1, "CALL", 115)], -200)
    const of = (working: ReadonlyArray<PossibleHolding>, held = calendar) =>
      worstCase({ spot, held, order, working })

    it("is met by what is held of it", () => {
      // The February vertical, and what January's cost at the most.
      expect(dollarsOf(of([]).loss)).toBe(400)
      expect(of([sale])).toMatchObject({ loss: 400_000_000, uncovered: 0, unlimited: false })
    })

    it("is not met by what an order before it sells, and is by what one of its group does", () => {
      expect(of([sale, sale])).toMatchObject({ loss: Number.POSITIVE_INFINITY, uncovered: 100_000_000 })
      const exit = { ...sale, group: "a" }
      expect(of([exit, exit])).toMatchObject({ loss: 400_000_000, uncovered: 0 })
      expect(of([exit, exit, sale]).uncovered).toBe(100_000_000)
      const two = holding([option(2, "CALL", 115), option(1, "CALL", 115, FEB)], 500)
      expect(of([exit, sale, exit], two)).toMatchObject({ loss: 400_000_000, uncovered: 0 })
    })

    it("is met as far as the strikes and the contracts go", () => {
      const lower: PossibleHolding = holding([option(-1, "CALL", 110)], -300)
      expect(dollarsOf(of([lower]).loss)).toBe(400 + 500 - 300)
      expect(of([holding([option(-3, "CALL", 115)], -600)]).uncovered).toBe(200_000_000)
      // What is held short of it meets nothing.
      const short = holding([option(-1, "CALL", 120), option(1, "CALL", 115, FEB)], 100)
      expect(of([sale], short).uncovered).toBe(200_000_000)
    })

    it("closes a vertical beside one of a later expiry", () => {
      const held = holding(
        [option(-1, "PUT", 90), option(1, "PUT", 85), option(-1, "PUT", 90, FEB), option(1, "PUT", 85, FEB)],
        -300
      )
      const closing: PossibleHolding = holding([option(1, "PUT", 90), option(-1, "PUT", 85)], 50)
      const after = (working: ReadonlyArray<PossibleHolding>) =>
        dollarsOf(worstCase({ spot, held, working }).loss)
      expect(after([])).toBe(1000 - 300)
      expect(after([closing])).toBe(1000 - 300 + 50)
      const bought = holding(
        held.options.map((one) => ({ ...one, quantity: 0 - one.quantity })),
        300
      )
      const selling: PossibleHolding = holding([option(-1, "PUT", 90), option(1, "PUT", 85)], -100)
      const left = (working: ReadonlyArray<PossibleHolding>) =>
        dollarsOf(worstCase({ spot, held: bought, working }).loss)
      expect(left([selling])).toBe(300)
      expect(left([selling, selling])).toBe(300 + 500 - 200)
    })

    it("is not met by what has expired since", () => {
      const longs = [option(1, "PUT", 95, JUNE), option(1, "CALL", 200, { expiry: "2028-01-21" })]
      const left = (count: number, working: ReadonlyArray<PossibleHolding>) =>
        dollarsOf(worstCase({ spot, held: holding([option(count, "PUT", 90), ...longs], 300), working }).loss)
      const selling: PossibleHolding = holding([option(-1, "PUT", 90)])
      const exit = { ...selling, group: "a" }
      expect(left(1, [selling])).toBe(300)
      expect(left(1, [selling, selling])).toBe(300 + 9000)
      expect(left(1, [holding([option(-1, "PUT", 95)])])).toBe(300 + 500)
      expect(left(2, [exit, exit, selling])).toBe(300)
      expect(left(2, [exit, selling, exit, selling])).toBe(300 + 9000)
    })

    it("that is a number past all others is still counted", () => {
      const huge: PossibleHolding = holding([option(-1e300, "CALL", 115)])
      expect(of([huge, huge]).uncovered).toBeGreaterThan(1e290)
      expect(of([huge, huge]).loss).toBe(Number.POSITIVE_INFINITY)
    })
  })

  it("an order that closes what lives on is netted with it", () => {
    const held = holding([option(-1, "PUT", 90), option(1, "PUT", 85), option(1, "PUT", 90, JUNE)], 300)
    const order = holding([option(-1, "PUT", 90, JUNE)], -400)
    expect(dollarsOf(worstCase({ spot, held, order, working: [] }).loss)).toBe(400)
  })

  it("a ratio spread has the calls uncovered that are one too many", () => {
    expect(only(holding([option(1, "CALL", 100), option(-3, "CALL", 110)], 0)).uncovered).toBe(200_000_000)
    expect(only(holding([option(-3, "CALL", 110)], 0, 250)).uncovered).toBe(50_000_000)
  })

  it("short shares alone are no uncovered call: they are looked at up to twice the price", () => {
    const short = only(holding([], -10_000, -100))
    expect(short).toMatchObject({ uncovered: 0, unlimited: true, atExpiry: undefined })
    expect(dollarsOf(short.loss)).toBe(10_000)
    const hedged = only(holding([option(1, "CALL", 105)], -9700, -100))
    expect(hedged.unlimited).toBe(false)
    expect(dollarsOf(hedged.loss)).toBe(800)
  })

  it("European options that live on are bounded by 10% a year of interest and of yield", () => {
    const european = { style: "EUROPEAN" } as const
    const held = holding(
      [option(-1, "CALL", 100, european), option(1, "CALL", 100, { ...european, expiry: "2027-01-16" })],
      500
    )
    const worst = only(held)
    // At twice the price S − K is owed, and 0.9 S − K is there.
    expect(worst).toMatchObject({ atSpot: 200_000_000, unlimited: true, uncovered: 0 })
    expect(dollarsOf(worst.loss)).toBe(500 + 2000)
  })

  it("an adjusted contract counts by what it delivers", () => {
    const adjusted = { deliverable: 150, cash: 40 }
    expect(loss(holding([option(-1, "PUT", 60, adjusted)], -100))).toBe(6000 - 40 - 100)
    expect(only(holding([option(-1, "CALL", 60, adjusted)], 0, 100)).uncovered).toBe(50_000_000)
  })

  it("what works counts where it would lose, and not where it would gain", () => {
    const put = (cost: number): Holding => holding([option(-1, "PUT", 90)], cost)
    const both = (working: ReadonlyArray<PossibleHolding>) =>
      dollarsOf(worstCase({ spot, held: put(-200), working }).loss)
    expect(both([holding([option(1, "PUT", 85)], 50)])).toBe(8800)
    expect(both([put(-200)])).toBe(17_600)
    expect(
      both([
        { ...put(-200), group: "a" },
        { ...put(-100), group: "a" }
      ])
    ).toBe(8800 + 8900)
  })

  it("a missing number is no number, and a price is needed only where a loss has no end", () => {
    expect(loss(holding([option(Number.NaN, "CALL", 100)], 1))).toBeNaN()
    expect(loss(holding([], Number.NaN))).toBeNaN()
    const without = (held: Holding) => worstCase({ spot: Number.NaN, held, working: [] }).loss
    expect(without(holding([option(1, "CALL", 100)], 1))).toBe(1_000_000)
    expect(without(holding([option(-1, "CALL", 100)], 1))).toBeNaN()
  })
})

/** What one contract pays at a price, in dollars. */
const pays = ({ contract }: OptionHolding, price: number): number => {
  const delivered = (price * contract.deliverable) / 1_000_000 + contract.deliverableCash / 1_000_000
  const strike = contract.strike / 10_000
  return Math.max(0, contract.right === "CALL" ? delivered - strike : strike - delivered)
}

/** What one option is worth by itself at an expiry and a price, in dollars, as the design says it in words. */
const worthAlone = (one: OptionHolding, day: number, price: number): number => {
  const { contract, quantity } = one
  const own = dayOfDate(contract.expiry)
  const count = quantity / 1_000_000
  if (own <= day) return count * pays(one, price)
  const delivered = (price * contract.deliverable) / 1_000_000 + contract.deliverableCash / 1_000_000
  const strike = contract.strike / 10_000
  const call = contract.right === "CALL"
  if (count < 0) return count * Math.max(0, call ? delivered : strike - contract.deliverableCash / 1_000_000)
  if (contract.style === "AMERICAN") return count * pays(one, price)
  const kept = 1 - (0.1 * (own - day)) / 365
  return count * Math.max(0, call ? delivered * kept - strike : strike * kept - delivered)
}

/** The same contract as one. */
const nettedOf = (options: ReadonlyArray<OptionHolding>): ReadonlyArray<OptionHolding> => {
  const byTerms = new Map<string, OptionHolding>()
  for (const one of options) {
    const name = JSON.stringify(one.contract)
    byTerms.set(name, { ...one, quantity: one.quantity + (byTerms.get(name)?.quantity ?? 0) })
  }
  return [...byTerms.values()].filter(({ quantity }) => quantity !== 0)
}

/** Contract by contract. */
const unitsOf = (options: ReadonlyArray<OptionHolding>, sign: 1 | -1): ReadonlyArray<OptionHolding> =>
  options
    .filter(({ quantity }) => quantity * sign > 0)
    .flatMap((one) =>
      Array.from({ length: Math.abs(one.quantity) / 1_000_000 }, () => ({
        ...one,
        quantity: sign * 1_000_000
      }))
    )

const lexically = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  for (const [at, one] of a.entries()) if (one !== b[at]) return one - (b[at] ?? 0)
  return 0
}

/** Twos of a short and a long contract, as `Pairs.ts` says in words which. */
const naivePairs = (
  options: ReadonlyArray<OptionHolding>
): ReadonlyArray<readonly [OptionHolding, OptionHolding]> => {
  const shorts = unitsOf(options, -1).toSorted((a, b) =>
    lexically(
      [0 - dayOfDate(a.contract.expiry), a.contract.strike * (a.contract.right === "CALL" ? 1 : -1)],
      [0 - dayOfDate(b.contract.expiry), b.contract.strike * (b.contract.right === "CALL" ? 1 : -1)]
    )
  )
  const free = new Set(unitsOf(options, 1))
  const found = new Map<OptionHolding, OptionHolding>()
  for (const round of ["of one expiry", "of a later one"]) {
    for (const short of shorts) {
      const { deliverable, deliverableCash, expiry, right, strike, style } = short.contract
      const rank = ({ contract }: OptionHolding): ReadonlyArray<number> => {
        const better = (contract.strike - strike) * (right === "CALL" ? -1 : 1)
        return [better >= 0 ? 0 : 1, Math.abs(better), dayOfDate(contract.expiry)]
      }
      const [best] = [...free]
        .filter(({ contract }) => contract.right === right && contract.style === style)
        .filter(
          ({ contract }) =>
            contract.deliverable === deliverable && contract.deliverableCash === deliverableCash
        )
        .filter(({ contract }) =>
          round === "of one expiry"
            ? contract.expiry === expiry
            : contract.expiry > expiry && style === "AMERICAN"
        )
        .toSorted((a, b) => lexically(rank(a), rank(b)))
      if (found.has(short) || best === undefined) continue
      found.set(short, best)
      free.delete(best)
    }
  }
  return [...found]
}

/** The most that a short contract can ever pay more than a long one. */
const mostBetween = (short: OptionHolding, long: OptionHolding): number =>
  Math.max(
    0,
    ...[0, 10, 25, 60, 100, 150, 1000, 100_000].map((price) => pays(short, price) - pays(long, price))
  )

/** What something made; of what expired before, expiry by expiry, what it is worth. */
interface Made {
  readonly sum: number
  readonly before: ReadonlyMap<number, number>
}

/** What something made at an expiry and a price. */
type Profit = (day: number, price: number) => Made

/** What expired before counts where it is owed. */
const totalOf = ({ before, sum }: Made): number =>
  [...before.values()].reduce((all, worth) => all + Math.min(0, worth), sum)

/** What is there, and orders that have filled. */
type Joined = (own: Made, filled: ReadonlyArray<Made>) => number

/** What orders owe of an expiry is met by what there is of it. */
const jointly: Joined = (own, filled) => {
  const before = new Map(own.before)
  let { sum } = own
  for (const one of filled) {
    sum += one.sum
    for (const [day, worth] of one.before) before.set(day, (before.get(day) ?? 0) + Math.min(0, worth))
  }
  return totalOf({ sum, before })
}

/** What orders owe of an expiry nothing meets. */
const separately: Joined = (own, filled) => filled.reduce((sum, one) => sum + totalOf(one), totalOf(own))

interface Covered {
  readonly short: OptionHolding
  readonly long: OptionHolding
  readonly least: number
}

/** `covered` are looked at together. */
const profitOf = (
  { cost, shares }: Holding,
  singles: ReadonlyArray<OptionHolding>,
  covered: ReadonlyArray<Covered>,
  ...[day, price]: Parameters<Profit>
): Made => {
  let sum = (shares / 1_000_000) * price - cost / 1_000_000
  const before = new Map<number, number>()
  for (const one of singles) {
    const own = dayOfDate(one.contract.expiry)
    const worth = worthAlone(one, day, price)
    if (own < day) before.set(own, (before.get(own) ?? 0) + worth)
    else sum += worth
  }
  for (const { least, long, short } of covered)
    sum += Math.max(least, worthAlone(short, day, price) + worthAlone(long, day, price))
  return { sum, before }
}

/** What no pair has taken. */
const leftOf = (options: ReadonlyArray<OptionHolding>, taken: ReadonlyArray<OptionHolding>) =>
  nettedOf([...options, ...taken.map((one) => ({ ...one, quantity: 0 - one.quantity }))])

/** `sold` are contracts of a working order that are sales of what is held. */
const naiveProfit = (all: Holding, sold: ReadonlyArray<OptionHolding> = []): Profit => {
  const options = leftOf(nettedOf(all.options), sold)
  const pairs = naivePairs(options)
  const left = leftOf(options, pairs.flat())
  const covered = pairs.map(([short, long]) => ({ short, long, least: 0 - mostBetween(short, long) }))
  return (day, price) => {
    const isActive = ({ short }: Covered): boolean => dayOfDate(short.contract.expiry) > day
    const apart = covered.filter((one) => !isActive(one)).flatMap(({ long, short }) => [short, long])
    const livesOn = ({ contract }: OptionHolding): boolean => dayOfDate(contract.expiry) > day
    const given = sold
      .filter(livesOn)
      .reduce((sum, one) => sum + worthAlone({ ...one, quantity: 0 - one.quantity }, day, price), 0)
    const singles = [...left, ...apart, ...sold.filter((one) => !livesOn(one))]
    const made = profitOf(all, singles, covered.filter(isActive), day, price)
    return { ...made, sum: made.sum - given }
  }
}

/** Of each working order the contracts that are sales of long ones that are held and in no pair; a group shares its own. */
const salesOfHeld = (position: UnderlyingPosition): ReadonlyMap<Holding, ReadonlyArray<OptionHolding>> => {
  const options = nettedOf(together(position).options)
  const nameOf = ({ contract }: OptionHolding): string => JSON.stringify(contract)
  const free = unitsOf(leftOf(options, naivePairs(options).flat()), 1).map(nameOf)
  const ofGroups = new Map<string, Array<string>>()
  return new Map(
    position.working.map((one) => {
      const shared = [...(ofGroups.get(one.group ?? "") ?? [])]
      const sold = unitsOf(nettedOf(one.options), -1).filter((unit) => {
        const again = shared.indexOf(nameOf(unit))
        if (again !== -1) shared.splice(again, 1)
        if (again !== -1) return true
        const at = free.indexOf(nameOf(unit))
        if (at === -1) return false
        free.splice(at, 1)
        if (one.group !== undefined)
          ofGroups.set(one.group, [...(ofGroups.get(one.group) ?? []), nameOf(unit)])
        return true
      })
      return [one, sold]
    })
  )
}

/** Each option by itself, whatever covers it. */
const profitAlone =
  (all: Holding): Profit =>
  (day, price) =>
    profitOf(all, all.options, [], day, price)

/** The position and the order as one. */
const together = ({ held, order }: UnderlyingPosition): Holding => ({
  shares: held.shares + (order?.shares ?? 0),
  cost: held.cost + (order?.cost ?? 0),
  options: [...held.options, ...(order?.options ?? [])]
})

/** Every set of working orders of which at most one of each group is in it. */
const subsets = (working: ReadonlyArray<PossibleHolding>): ReadonlyArray<ReadonlyArray<PossibleHolding>> =>
  working
    .reduce<ReadonlyArray<ReadonlyArray<PossibleHolding>>>(
      (all, one) => [...all, ...all.map((set) => [...set, one])],
      [[]]
    )
    .filter((set) => {
      const groups = set.flatMap(({ group }) => group ?? [])
      return new Set(groups).size === groups.length
    })

const expiriesOf = (position: UnderlyingPosition): ReadonlyArray<number> => {
  const days = [together(position), ...position.working].flatMap(({ options }) =>
    nettedOf(options).map(({ contract }) => dayOfDate(contract.expiry))
  )
  return days.length === 0 ? [0] : [...new Set(days)]
}

const naiveLoss = (
  position: UnderlyingPosition,
  prices: ReadonlyArray<number>,
  joined: Joined,
  profit: (all: Holding, sold: ReadonlyArray<OptionHolding>) => Profit = naiveProfit
): number => {
  let worst = Number.NEGATIVE_INFINITY
  const own = profit(together(position), [])
  const sales = salesOfHeld(position)
  const profits = new Map(position.working.map((one) => [one, profit(one, sales.get(one) ?? [])]))
  const sets = subsets(position.working)
  for (const day of expiriesOf(position)) {
    for (const price of prices) {
      const made = new Map([...profits].map(([one, of]) => [one, of(day, price)]))
      const mine = own(day, price)
      for (const set of sets) {
        const filled = set.flatMap((one) => made.get(one) ?? [])
        worst = Math.max(worst, 0 - joined(mine, filled))
      }
    }
  }
  return worst
}

const whole = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const AnyOption = Schema.Struct({
  count: whole(-3, 3),
  right: Schema.Literals(["CALL", "PUT"]),
  strike: Schema.Union([whole(1, 20), Schema.Literals([9, 10, 11])]),
  expiry: Schema.Literals(["2026-01-16", "2026-02-20", "2026-06-19", "2028-01-21"]),
  style: Schema.Literals(["AMERICAN", "AMERICAN", "EUROPEAN"]),
  deliverable: Schema.Literals([100, 100, 100, 150, 33]),
  cash: Schema.Literals([0, 0, 40])
})
const AnyHolding = Schema.Struct({
  options: Schema.Array(AnyOption).pipe(Schema.check(Schema.isMaxLength(4))),
  shares: Schema.Literals([0, 0, 100, 300, -100, 57]),
  cost: whole(-3000, 3000)
})
const AnyPosition = Schema.Struct({
  held: AnyHolding,
  order: Schema.NullOr(AnyHolding),
  working: Schema.Array(Schema.Struct({ of: AnyHolding, group: Schema.Literals(["", "", "a"]) })).pipe(
    Schema.check(Schema.isMaxLength(4))
  )
})

const heldOf = ({ cost, options, shares }: typeof AnyHolding.Type): Holding =>
  holding(
    options.map(({ count, right, strike, ...terms }) => option(count, right, strike * 5, terms)),
    cost,
    shares
  )

const positionOf = ({ held, order, working }: typeof AnyPosition.Type): UnderlyingPosition => ({
  spot: 50_000_000,
  held: heldOf(held),
  ...(order === null ? {} : { order: heldOf(order) }),
  working: working.map(({ group, of }) => (group === "" ? heldOf(of) : { ...heldOf(of), group }))
})

/** Of few contracts, so that the same ones meet. */
const crowded = (one: typeof AnyHolding.Type): typeof AnyHolding.Type => ({
  ...one,
  options: one.options.map((terms) => ({
    ...terms,
    strike: 10 + (terms.strike % 3),
    style: "AMERICAN",
    deliverable: 100,
    cash: 0,
    expiry: terms.expiry === "2026-02-20" ? "2026-01-16" : terms.expiry
  }))
})
const crowdedOf = ({ held, order, working }: typeof AnyPosition.Type): UnderlyingPosition =>
  positionOf({
    held: crowded(held),
    order: order === null ? null : crowded(order),
    working: working.map(({ group, of }) => ({ group, of: crowded(of) }))
  })

/** What is held is bought, and what works sells of its first expiry. */
const closingOf = ({ held, order, working }: typeof AnyPosition.Type): UnderlyingPosition => {
  const bought = crowded(held)
  return crowdedOf({
    held: { ...bought, options: bought.options.map((one) => ({ ...one, count: Math.abs(one.count) })) },
    order,
    working: working.map(({ group, of }) => ({
      group,
      of: {
        ...of,
        options: of.options.map((one) => ({
          ...one,
          count: 0 - Math.abs(one.count),
          expiry: "2026-01-16" as const
        }))
      }
    }))
  })
}

/** From nothing to twice the highest strike, every dollar. */
const grid = Array.from({ length: 221 }, (_, n) => n)
const FAR = 1_000_000
const TOLERANCE = 0.01

describe("for every structure and all that works beside it", () => {
  it.prop(
    "nothing on a grid of prices is worse, at any expiry and whichever orders fill, and it is no worse than orders that nothing meets",
    [AnyPosition],
    ([parts]) => {
      for (const position of [positionOf(parts), crowdedOf(parts), closingOf(parts)]) {
        const found = worstCase(position)
        const loss = dollarsOf(found.boundedLoss)
        const at = [found.atSpot / 1_000_000]
        expect(Math.max(0, naiveLoss(position, at, separately))).toBeGreaterThan(loss - TOLERANCE)
        const prices = [...at, ...(found.unlimited ? grid.filter((price) => price <= 100) : grid)]
        expect(loss).toBeGreaterThan(naiveLoss(position, prices, jointly) - TOLERANCE)
      }
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "the worst is one that happens, with one order or one group, and where no order owes of an earlier expiry",
    [AnyPosition],
    ([parts]) => {
      const lastDay = "2028-01-21"
      const last = parts.working.map(({ group: name, of }) => ({
        group: name,
        of: { ...of, options: of.options.map((terms) => ({ ...terms, expiry: lastDay }) as const) }
      }))
      const one = { ...parts, working: parts.working.slice(0, 1) }
      const group = { ...parts, working: parts.working.map(({ of }) => ({ of, group: "a" as const })) }
      const ofLast = { ...parts, working: last }
      for (const position of [
        ...[one, group, ofLast].flatMap((some) => [positionOf(some), crowdedOf(some)]),
        closingOf(one),
        closingOf(group)
      ]) {
        const found = worstCase(position)
        const claimed = naiveLoss(position, [found.atSpot / 1_000_000], jointly)
        expect(Math.abs(Math.max(0, claimed) - dollarsOf(found.boundedLoss))).toBeLessThan(TOLERANCE)
      }
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "it is no more than where each option counts by itself",
    [AnyPosition],
    ([parts]) => {
      for (const position of [positionOf(parts), crowdedOf(parts)]) {
        const found = worstCase(position)
        const prices = found.unlimited ? grid.filter((price) => price <= 100) : grid
        const alone = naiveLoss(position, [found.atSpot / 1_000_000, ...prices], separately, profitAlone)
        expect(dollarsOf(found.boundedLoss)).toBeLessThan(Math.max(0, alone) + TOLERANCE)
      }
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "a loss without end is found where it is, and only there",
    [AnyPosition],
    ([parts]) => {
      const position = positionOf(parts)
      const rise = (joined: Joined): number =>
        naiveLoss(position, [2 * FAR], joined) - naiveLoss(position, [FAR], joined)
      const { unlimited } = worstCase(position)
      if (rise(jointly) > 1) expect(unlimited).toBe(true)
      if (unlimited) expect(rise(separately)).toBeGreaterThan(1)
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "without working orders, calls are uncovered by what shares do not make up for",
    [AnyHolding],
    ([parts]) => {
      const held = heldOf(parts)
      const found = only(held)
      const american = {
        ...held,
        options: held.options.map((one) => ({
          ...one,
          contract: { ...one.contract, style: "AMERICAN" as const }
        }))
      }
      const slopes = expiriesOf({ spot, held, working: [] }).map(
        (day) =>
          (totalOf(profitAlone(american)(day, 2 * FAR)) - totalOf(profitAlone(american)(day, FAR))) / FAR
      )
      const least = Math.min(...slopes)
      const shares = held.shares / 1_000_000
      const expected = Math.max(0, Math.min(0, shares) - least)
      expect(found.uncovered / 1_000_000).toBeCloseTo(expected, 3)
      expect(Number.isFinite(found.loss)).toBe(expected < 1e-6)
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "one more working order never makes it better",
    [AnyPosition, AnyHolding],
    ([parts, extra]) => {
      const position = positionOf(parts)
      const more = worstCase({ ...position, working: [...position.working, heldOf(extra)] })
      const before = worstCase(position)
      expect(more.boundedLoss).toBeGreaterThanOrEqual(before.boundedLoss)
      expect(more.uncovered).toBeGreaterThanOrEqual(before.uncovered)
    },
    { arbitrary: { runs: 400 } }
  )
})
