/** What is made of a chain whose every number is known. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { printOcc } from "../../src/domain/OccSymbol.ts"
import { sessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import {
  analyse,
  atmVolatility,
  atQuotedVolatility,
  cleaned,
  midOf,
  surfaceOf,
  termsOf,
  uncertaintyOf
} from "../../src/market/ChainAnalysis.ts"
import type { ContractQuote, MarketChain } from "../../src/market/MarketChain.ts"
import { europeanPrice } from "../../src/options/BlackScholes.ts"
import type { RawExpiry, RawQuote } from "../../src/options/chain/OptionChain.ts"
import { indexOf } from "./Fixtures.ts"

const SPOT = 100
const RATE = 0.02
const YIELD = 0.03
const VOLATILITY = 0.2

/** Bid and ask a cent around the value at 20%, the bid rounded down to the cent and gone below one. */
const quoteOf = (years: number, strike: number, right: "CALL" | "PUT"): RawQuote => {
  const value = europeanPrice(right === "CALL" ? 1 : -1, SPOT, strike, years, RATE, YIELD, VOLATILITY)
  return {
    contract: printOcc({ root: "IDX", expiry: sessionDate("2015-06-19"), right, strike }),
    right,
    strike,
    bid: Math.max(0, value - 0.01) < 0.01 ? 0 : value - 0.01,
    ask: value + 0.01,
    last: undefined,
    ageSeconds: 0,
    volume: undefined,
    openInterest: undefined
  }
}

const expiryOf = (date: string, years: number): RawExpiry => ({
  expiry: sessionDate(date),
  years,
  rate: RATE,
  quotes: Array.from({ length: 31 }, (_, i) => 55 + 3 * i).flatMap((strike) => [
    quoteOf(years, strike, "CALL"),
    quoteOf(years, strike, "PUT")
  ])
})

const expiries = [expiryOf("2015-03-20", 0.1), expiryOf("2015-06-19", 0.35), expiryOf("2015-12-18", 0.85)]

const chain: MarketChain = {
  snapshotId: "c-0000000000000000",
  underlying: indexOf("IDX"),
  source: "lean-quote",
  modelled: [],
  shownAt: timestamp(0),
  askedAt: timestamp(0),
  raw: { symbol: "IDX", style: "EUROPEAN", spot: SPOT, asOf: "2015-02-11T21:00:00.000000Z", expiries },
  dividendYield: 0,
  origins: { spot: "made", rate: "made", dividendYield: "made", model: undefined },
  notes: []
}

const contractOf = (years: number, strike: number, right: "CALL" | "PUT"): ContractQuote => {
  const expiry = expiries.find((one) => one.years === years)
  if (expiry === undefined) throw new Error("no such expiry")
  return { chain, expiry, quote: quoteOf(years, strike, right) }
}

const succeeded = <A, E>(result: Result.Result<A, E>): A =>
  Result.getOrThrowWith(result, (failure) => new Error(JSON.stringify(failure)))

describe("a contract of a market's chain", () => {
  it("is carried at the yield that put-call parity implies, and says so", () => {
    const { terms, yieldFrom } = termsOf(contractOf(0.35, 100, "CALL"))
    expect(terms.dividendYield).toBeCloseTo(YIELD, 3)
    expect(yieldFrom).toContain("put-call parity of 2015-06-19")
    const modelled = termsOf({ ...contractOf(0.35, 100, "CALL"), chain: { ...chain, source: "model" } })
    expect(modelled.terms.dividendYield).toBe(0)
  })

  it("has the volatility of its own mid, and is worth that mid at it", () => {
    for (const [strike, right] of [
      [91, "PUT"],
      [100, "CALL"],
      [112, "CALL"],
      [88, "CALL"]
    ] as const) {
      const found = succeeded(analyse(contractOf(0.35, strike, right), "accurate"))
      expect(found).toMatchObject({ volatilityFrom: "mid", trust: undefined, quoted: { status: "ok" } })
      expect(found.volatility).toBeCloseTo(VOLATILITY, 2)
      expect(found.value.model).toBe("bsm")
      expect(found.value.greeks.price).toBeCloseTo(midOf(contractOf(0.35, strike, right).quote) ?? 0, 10)
      const quick = succeeded(atQuotedVolatility(contractOf(0.35, strike, right)))
      expect(quick.greeks?.delta).toBeCloseTo(found.value.greeks.delta, 10)
    }
  })

  it("without a bid takes the surface's volatility at its strike, as far as the surface goes", () => {
    const contract = contractOf(0.1, 91, "PUT")
    const bidless = { ...contract, quote: { ...contract.quote, bid: 0 } }
    const found = succeeded(analyse(bidless, "fast"))
    expect(found).toMatchObject({ volatilityFrom: "surface", quoted: { status: "no_price" } })
    expect(found.volatility).toBeCloseTo(VOLATILITY, 1)
    const far = Result.flip(analyse(contractOf(0.1, 55, "PUT"), "fast"))
    expect(succeeded(far)).toMatchObject({ _tag: "InsufficientQuotes", symbol: "IDX" })
  })

  it("has no volatility in a price below its intrinsic value, and the status says so", () => {
    const contract = contractOf(0.35, 85, "CALL")
    const cheap = { ...contract, quote: { ...contract.quote, bid: 10, ask: 10.1 } }
    const found = succeeded(analyse(cheap, "fast"))
    expect(found.quoted).toEqual({ status: "below_intrinsic", volatility: undefined })
    expect(found.volatilityFrom).toBe("surface")
  })

  it("whose sides cross or are missing has no middle", () => {
    const { quote } = contractOf(0.35, 100, "CALL")
    expect(midOf({ ...quote, bid: 2, ask: 1 })).toBeUndefined()
    expect(midOf({ ...quote, bid: undefined })).toBeUndefined()
    expect(midOf({ ...quote, ask: undefined })).toBeUndefined()
    expect(midOf({ ...quote, bid: 1, ask: 2 })).toBe(1.5)
  })

  it("is as uncertain of its volatility as its spread leaves open", () => {
    const contract = contractOf(0.35, 100, "CALL")
    const { value } = succeeded(analyse(contract, "fast"))
    expect(uncertaintyOf(contract.quote, value.greeks)).toBeCloseTo(0.01 / value.greeks.vega, 12)
  })
})

describe("a chain", () => {
  it("is cleaned and fitted once, however often it is handed out", () => {
    expect(cleaned({ ...chain, askedAt: timestamp(5) })).toBe(cleaned(chain))
    expect(surfaceOf({ ...chain, askedAt: timestamp(5) })).toBe(surfaceOf(chain))
    expect(surfaceOf(chain, "ssvi")).not.toBe(surfaceOf(chain))
  })

  it("has its volatility at the forward between the strikes around it, and none where a side is missing", () => {
    const smile = cleaned(chain).smiles[1]
    if (smile === undefined) throw new Error("no smile")
    expect(atmVolatility(smile)).toBeCloseTo(VOLATILITY, 2)
    const above = smile.points.filter(({ logMoneyness }) => logMoneyness > 0)
    expect(atmVolatility({ ...smile, points: above })).toBeUndefined()
    expect(atmVolatility({ ...smile, points: [] })).toBeUndefined()
  })
})
