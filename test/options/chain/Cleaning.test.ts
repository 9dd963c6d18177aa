/** Cleaning on chains made by a model; those of markets are in test/market/lean/LeanOptions.test.ts. */
import { expect, describe, it } from "vitest"
import * as fc from "fast-check"
import { sessionDate } from "../../../src/domain/Timestamp.ts"
import { cleanChain } from "../../../src/options/chain/Cleaning.ts"
import type { CleanChain, DropReason, RawChain, RawQuote } from "../../../src/options/chain/OptionChain.ts"
import { generatedQuotes, skewed, strikesFrom } from "./GeneratedQuotes.ts"

const countOf = (chain: CleanChain, reason: DropReason): number =>
  chain.drops.find((drop) => drop.reason === reason)?.count ?? 0

const dropped = (chain: CleanChain): number => chain.drops.reduce((sum, { count }) => sum + count, 0)

/** A chain whose quotes at these strikes are changed. */
const withChanged = (strike: number, right: RawQuote["right"], changes: Partial<RawQuote>): CleanChain =>
  cleanChain(
    generatedQuotes({
      change: (quote, expiry) =>
        expiry === 1 && quote.strike === strike && quote.right === right ? { ...quote, ...changes } : quote
    })
  )

it("a contract that is left out has its reason, and no other has one", () => {
  const chain = withChanged(100, "CALL", { bid: 9, ask: 8 })
  expect(chain.dropped.size).toBe(dropped(chain))
  expect([...chain.dropped].filter(([, reason]) => reason === "crossed")).toHaveLength(1)
  for (const { points } of chain.smiles) {
    expect(points.filter(({ contract }) => chain.dropped.has(contract))).toEqual([])
  }
})

describe("a generated European chain", () => {
  const clean = cleanChain(generatedQuotes({ half: 0.01 }))

  it("gives back the forward, the yield and every volatility it was made with", () => {
    expect(clean.smiles).toHaveLength(3)
    for (const smile of clean.smiles) {
      expect(smile.source).toBe("parity")
      expect(smile.forward).toBeCloseTo(100 * Math.exp(0.01 * smile.years), 4)
      expect(smile.dividendYield).toBeCloseTo(0.02, 4)
      for (const point of smile.points) {
        if (point.bidVolatility === undefined) continue
        expect(point.volatility).toBeCloseTo(skewed(point.strike, 100), 4)
      }
    }
  })

  it("has one point a strike, out of the money, bid below middle below ask", () => {
    for (const { forward, points } of clean.smiles) {
      const strikes = points.map(({ strike }) => strike)
      expect(strikes).toEqual([...new Set(strikes)].toSorted((a, b) => a - b))
      for (const { askVolatility, bidVolatility, right, strike, vega, volatility } of points) {
        expect(right).toBe(strike < forward ? "PUT" : "CALL")
        expect(bidVolatility ?? 0).toBeLessThan(volatility)
        expect(askVolatility).toBeGreaterThan(volatility)
        expect(vega).toBeGreaterThan(0)
      }
    }
  })

  it("owes its forwards nothing to the rate that is assumed", () => {
    const raw = generatedQuotes()
    const other = cleanChain({ ...raw, expiries: raw.expiries.map((one) => ({ ...one, rate: 0.05 })) })
    other.smiles.forEach((smile) => {
      expect(smile.forward).toBeCloseTo(100 * Math.exp(0.01 * smile.years), 2)
      expect(smile.dividendYield).toBeCloseTo(0.04, 2)
    })
  })
})

describe("a generated American chain", () => {
  it("gives back forward, yield and volatilities: what early exercise is worth is taken off", () => {
    const clean = cleanChain(generatedQuotes({ style: "AMERICAN", half: 0.005, rate: 0.05 }))
    for (const smile of clean.smiles) {
      const forward = 100 * Math.exp(0.03 * smile.years)
      expect(Math.abs(smile.forward / forward - 1)).toBeLessThan(2e-4)
      for (const point of smile.points) {
        if (point.bidVolatility !== undefined) {
          expect(Math.abs(point.volatility - skewed(point.strike, 100))).toBeLessThan(1e-3)
        }
      }
    }
  })
})

describe("every reason to leave a quote out", () => {
  it.each<[DropReason, Partial<RawQuote>]>([
    ["no-ask", { ask: undefined }],
    ["no-ask", { ask: 0 }],
    ["zero-bid", { bid: 0 }],
    ["zero-bid", { bid: undefined }],
    ["crossed", { bid: 9, ask: 8 }],
    ["stale", { ageSeconds: 3600 }],
    ["stale", { ageSeconds: Number.NaN }],
    ["wide", { bid: 0.5, ask: 3 }],
    ["below-lower-bound", { bid: 0.4, ask: 0.5 }],
    ["above-upper-bound", { bid: 101, ask: 102 }],
    ["not-a-number", { bid: Number.NaN }],
    ["not-a-number", { ask: Number.POSITIVE_INFINITY }],
    ["not-a-number", { bid: -1 }]
  ])("%s is counted once: %o", (reason, changes) => {
    const clean = withChanged(90, "CALL", changes)
    const ordinary = cleanChain(generatedQuotes())
    expect(countOf(clean, reason) - countOf(ordinary, reason)).toBe(1)
    expect(clean.kept).toBe(ordinary.kept - 1)
    expect(clean.kept + dropped(clean)).toBe(clean.quotes)
  })

  it("an expiry that has passed is dropped whole", () => {
    const clean = cleanChain(generatedQuotes({ days: [0, 30, 91] }))
    expect(countOf(clean, "expired")).toBe(50)
    expect(clean.smiles).toHaveLength(2)
  })

  it("strikes of before a split are of another basis, worthless puts too", () => {
    const ordinary = generatedQuotes({ style: "AMERICAN" })
    const old = generatedQuotes({ style: "AMERICAN", spot: 700, strikes: strikesFrom(300, 900, 50) })
    const splits = [{ date: sessionDate("2014-06-06"), ratio: 7 }]
    const mixed: RawChain = {
      ...ordinary,
      splits,
      expiries: ordinary.expiries.map((expiry, i) => ({
        ...expiry,
        quotes: [...expiry.quotes, ...(old.expiries[i]?.quotes ?? [])]
      }))
    }
    const clean = cleanChain(mixed)
    expect(countOf(clean, "wrong-split-basis")).toBe(3 * 26)
    expect(clean.smiles.map(({ points }) => points)).toEqual(
      cleanChain({ ...ordinary, splits }).smiles.map(({ points }) => points)
    )
  })

  it("the contracts of after a split are those of another basis before it", () => {
    const clean = cleanChain({
      ...generatedQuotes({ style: "AMERICAN" }),
      spot: 700,
      splits: [{ date: sessionDate("2014-06-09"), ratio: 7 }]
    })
    expect(clean.drops).toEqual([{ reason: "wrong-split-basis", count: clean.quotes }])
  })
})

describe("forwards", () => {
  it("come from the neighbours where an expiry has no pairs", () => {
    const onlyCalls = (quote: RawQuote, expiry: number) =>
      expiry === 1 && quote.right === "PUT" ? undefined : quote
    const [first, second, third] = cleanChain(generatedQuotes({ change: onlyCalls })).smiles
    expect([first?.source, second?.source, third?.source]).toEqual(["parity", "neighbours", "parity"])
    expect(second?.dividendYield).toBeCloseTo(0.02, 3)
    expect(second?.standardError).toBeUndefined()
  })

  it("are the spot's where no expiry has pairs: no dividend is guessed", () => {
    const clean = cleanChain(
      generatedQuotes({ change: (quote) => (quote.right === "PUT" ? undefined : quote) })
    )
    for (const { dividendYield, forward, source, years } of clean.smiles) {
      expect(source).toBe("spot")
      expect(dividendYield).toBe(0)
      expect(forward).toBeCloseTo(100 * Math.exp(0.03 * years), 10)
    }
  })

  it("are not moved by a few wrong quotes", () => {
    const wrong = (quote: RawQuote) =>
      [95, 100, 105].includes(quote.strike) && quote.right === "CALL"
        ? { ...quote, bid: (quote.bid ?? 0) + 1, ask: (quote.ask ?? 0) + 1 }
        : quote
    for (const smile of cleanChain(generatedQuotes({ change: wrong })).smiles) {
      expect(smile.forward).toBeCloseTo(100 * Math.exp(0.01 * smile.years), 2)
      expect(smile.outliers).toBeGreaterThanOrEqual(3)
    }
  })
})

describe("a chain of closing prices", () => {
  it("takes each for both sides", () => {
    const closes = generatedQuotes({
      change: (quote) => ({ ...quote, bid: undefined, ask: undefined, last: quote.ask })
    })
    const clean = cleanChain(closes)
    expect(clean.kept).toBeGreaterThan(100)
    for (const { askVolatility, bidVolatility, volatility } of clean.smiles.flatMap((one) => one.points)) {
      expect(bidVolatility).toBe(volatility)
      expect(askVolatility).toBe(volatility)
    }
  })
})

const anyNumber = fc.oneof(
  fc.double(),
  fc.double({ min: 0, max: 500 }),
  fc.constantFrom(0, -1, Number.NaN, Infinity, -Infinity, 1e308, 5e-324)
)
const anyQuote = fc.record({
  contract: fc.constant("GEN 140613C00100000"),
  right: fc.constantFrom("CALL" as const, "PUT" as const),
  strike: anyNumber,
  bid: fc.option(anyNumber, { nil: undefined }),
  ask: fc.option(anyNumber, { nil: undefined }),
  last: fc.option(anyNumber, { nil: undefined }),
  ageSeconds: anyNumber,
  volume: fc.constant(undefined),
  openInterest: fc.constant(undefined)
})
const anyChain = fc.record({
  symbol: fc.constant("GEN"),
  style: fc.constantFrom("AMERICAN" as const, "EUROPEAN" as const),
  spot: fc.oneof(anyNumber, fc.constant(100)),
  asOf: fc.constant("2014-06-06T20:00:00.000000Z"),
  expiries: fc.array(
    fc.record({
      expiry: fc.constant(sessionDate("2014-06-13")),
      years: fc.oneof(anyNumber, fc.double({ min: 0, max: 3, noNaN: true })),
      rate: fc.oneof(anyNumber, fc.double({ min: -0.05, max: 0.2, noNaN: true })),
      quotes: fc.array(anyQuote, { maxLength: 12 })
    }),
    { maxLength: 3 }
  ),
  splits: fc.array(fc.record({ date: fc.constant(sessionDate("2014-06-09")), ratio: anyNumber }), {
    maxLength: 1
  })
})

describe("whatever stands in a chain", () => {
  it("every quote is kept or counted, and no number of the result is none", () => {
    fc.assert(
      fc.property(anyChain, (raw) => {
        const clean = cleanChain(raw)
        expect(clean.kept + dropped(clean)).toBe(clean.quotes)
        expect(clean.kept).toBeGreaterThanOrEqual(0)
        for (const smile of clean.smiles) {
          const { dividendYield, forward, points, standardError = 0 } = smile
          const numbers = [forward, dividendYield, standardError]
          for (const one of points) {
            numbers.push(
              one.logMoneyness,
              one.bidVolatility ?? 0,
              one.volatility,
              one.askVolatility,
              one.vega
            )
          }
          expect(numbers.filter((number) => !Number.isFinite(number))).toEqual([])
        }
      }),
      { numRuns: 500 }
    )
  })
})
