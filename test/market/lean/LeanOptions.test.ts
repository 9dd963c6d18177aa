/** A LEAN folder's options: on a folder made for the test, whose prices are a model's and labelled GEN, and on real ones. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { type SessionDate, sessionDate, type Timestamp } from "../../../src/domain/Timestamp.ts"
import type { BarSourceError } from "../../../src/market/BarSource.ts"
import {
  type LeanChain,
  type LeanChainRequest,
  type LeanOptions,
  openLeanOptions
} from "../../../src/market/lean/LeanOptions.ts"
import { fromExchangeTime } from "../../../src/market/TradingCalendar.ts"
import { cleanChain } from "../../../src/options/chain/Cleaning.ts"
import type { CleanChain } from "../../../src/options/chain/OptionChain.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"
import { withLeanFolder, zipOfMany } from "./Zip.ts"

const DAY = sessionDate("2014-06-06")

const at = (date: SessionDate, hours: number, minutes = 0, seconds = 0): Timestamp =>
  fromExchangeTime(date, ((hours * 60 + minutes) * 60 + seconds) * 1e6)

const run = <A>(effect: Effect.Effect<A, BarSourceError>): Promise<A> => Effect.runPromise(effect)

const opened = (path: string, skipBadRows = false): Effect.Effect<LeanOptions, BarSourceError> =>
  openLeanOptions({ path, skipBadRows }).pipe(Effect.provide(NodeServices.layer))

const messageOf = (effect: Effect.Effect<unknown, BarSourceError>): Promise<string> =>
  Effect.runPromise(
    Effect.match(effect, { onFailure: ({ message }) => message, onSuccess: () => "succeeded" })
  )

const minuteName = (right: string, strike: number, expiry = "20140621"): string =>
  `20140606_gen_minute_quote_american_${right}_${strike * 10_000}_${expiry}.csv`

const minutes = (...rows: ReadonlyArray<string>): string => rows.join("\n")

/** Start of a minute as LEAN's rows have it. */
const stamp = (hours: number, minute: number): number => (hours * 60 + minute) * 60_000

const side = (price: number): string => `${Array.from({ length: 4 }, () => price * 10_000).join(",")},5`

/** Calls and puts about 100 dollars, as one minute shows them. */
const quoteZip = (): Uint8Array => {
  const rows: Record<string, string> = {}
  for (const strike of [90, 95, 100, 105, 110]) {
    for (const right of ["call", "put"]) {
      const intrinsic = Math.max(0, right === "call" ? 100 - strike : strike - 100)
      const mid = intrinsic + 2 - Math.abs(strike - 100) / 10
      rows[minuteName(right, strike)] = minutes(
        `${stamp(9, 30)},${side(mid - 0.1)},${side(mid + 0.1)}`,
        `${stamp(9, 31)},${side(mid)},${side(mid + 0.2)}`,
        `${stamp(15, 59)},${side(mid + 0.1)},${side(mid + 0.2)}`
      )
    }
  }
  return zipOfMany(rows)
}

const inFolder = (
  files: Readonly<Record<string, Uint8Array | string>>,
  body: (path: string) => Promise<void>
): Promise<void> => withLeanFolder(files, body, "")

const MINUTES = "option/usa/minute/gen/20140606_quote_american.zip"
const UNIVERSE = "option/usa/universes/gen/20140606.csv"
const HEADER =
  "#expiry,strike,right,open,high,low,close,volume,open_interest,implied_volatility,delta,gamma,vega,theta,rho"

const quoteOf = ({ raw }: LeanChain, contract: string) =>
  raw.expiries.flatMap(({ quotes }) => quotes).find((one) => one.contract === contract)

describe("the options of a LEAN folder made for the test", () => {
  it("are known at each minute's end, never before, and age from then on", () =>
    inFolder({ [MINUTES]: quoteZip() }, async (path) => {
      const options = await run(opened(path))
      expect(options.underlyings).toEqual(["GEN"])
      expect(await run(options.dates("gen"))).toEqual([DAY])
      const bidAt = async (request: LeanChainRequest) => {
        const chain = await run(options.chain("GEN", DAY, request))
        const quote = quoteOf(chain, "GEN 140621C00100000")
        return [chain.raw.asOf.slice(11, 19), quote?.bid, quote?.ageSeconds]
      }
      expect(await bidAt({ at: at(DAY, 9, 31) })).toEqual(["13:31:00", 1.9, 0])
      expect(await bidAt({ at: at(DAY, 9, 31, 59) })).toEqual(["13:31:00", 1.9, 0])
      expect(await bidAt({ at: at(DAY, 9, 32) })).toEqual(["13:32:00", 2, 0])
      expect(await bidAt({ at: at(DAY, 9, 40) })).toEqual(["13:40:00", 2, 8 * 60])
      expect(await bidAt({})).toEqual(["20:00:00", 2.1, 0])
      expect(await messageOf(options.chain("GEN", DAY, { at: at(DAY, 9, 30, 59) }))).toContain(
        "none that was known at the time asked for"
      )
      const newest = async (now: Timestamp) =>
        Option.getOrUndefined(Option.map(await run(options.newest("GEN", now)), ({ raw }) => raw.asOf))
      expect(await newest(at(DAY, 9, 30))).toBeUndefined()
      expect(await newest(at(DAY, 9, 45))).toBe("2014-06-06T13:45:00.000000Z")
      expect(await newest(at(sessionDate("2014-06-10"), 9))).toBe("2014-06-06T20:00:00.000000Z")
    }))

  it("of the next minutes are read out of the same zip, which is unpacked once", () =>
    inFolder({ [MINUTES]: quoteZip() }, async (path) => {
      const options = await run(opened(path))
      const bidAt = async (now: Timestamp) =>
        Option.getOrUndefined(
          Option.map(
            await run(options.newest("GEN", now)),
            (chain) => quoteOf(chain, "GEN 140621C00100000")?.bid
          )
        )
      expect(await bidAt(at(DAY, 9, 31))).toBe(1.9)
      rmSync(join(path, MINUTES))
      expect(await bidAt(at(DAY, 9, 32))).toBe(2)
      expect(await bidAt(at(DAY, 16))).toBe(2.1)
    }))

  it("give the spot by parity where the folder has no equity, and the policy rate where it has no rates", () =>
    inFolder({ [MINUTES]: quoteZip() }, async (path) => {
      const options = await run(opened(path))
      const { notes, rate, raw, spot } = await run(options.chain("GEN", DAY, { at: at(DAY, 9, 45) }))
      expect(spot.from).toBe("put–call parity of the nearest expiry")
      expect(spot.price).toBeCloseTo(100, 2)
      expect(raw.spot).toBe(spot.price)
      expect(rate).toMatchObject({ source: "policy", rate: 0.00125 })
      expect(notes.join()).toContain("federal funds target")
      expect(raw.expiries[0]?.years).toBeCloseTo((14 + 6.25 / 24) / 365, 10)
    }))

  it("take trades and open interest beside the quotes", () =>
    inFolder(
      {
        [MINUTES]: quoteZip(),
        "option/usa/minute/gen/20140606_trade_american.zip": zipOfMany({
          [minuteName("call", 100).replace("quote", "trade")]: minutes(
            `${stamp(9, 40)},20000,20000,20000,20000,3`,
            `${stamp(9, 50)},21000,22000,21000,22000,4`
          )
        }),
        "option/usa/minute/gen/20140606_openinterest_american.zip": zipOfMany({
          [minuteName("call", 100).replace("quote", "openinterest")]: "23520000,77"
        })
      },
      async (path) => {
        const options = await run(opened(path))
        const early = await run(options.chain("GEN", DAY, { at: at(DAY, 9, 45) }))
        expect(quoteOf(early, "GEN 140621C00100000")).toMatchObject({ last: 2, volume: 3, openInterest: 77 })
        const close = await run(options.chain("GEN", DAY))
        expect(quoteOf(close, "GEN 140621C00100000")).toMatchObject({ last: 2.2, volume: 7 })
        expect(quoteOf(close, "GEN 140621P00100000")).toMatchObject({ last: undefined, volume: undefined })
      }
    ))

  it("are a day's from the session's close on, by the rows of that day alone", () =>
    inFolder(
      {
        "option/usa/daily/gen_2014_quote_american.zip": zipOfMany({
          "gen_quote_american_call_1000000_20140621.csv": `20140606 00:00,${side(2)},${side(2.1)}\n20140609 00:00,${side(3)},${side(3.1)}`,
          "gen_quote_american_put_1000000_20140621.csv": `20140606 00:00,${side(2)},${side(2.1)}`,
          "gen_quote_american_put_1000000_20140530.csv": "no row: it had expired"
        }),
        [UNIVERSE]: `${HEADER}\n,,,99,101,98,100,5,,,,,,,\n20140621,100,C,2,2,2,2,1,,0.2,0.5,0,0,0,0`
      },
      async (path) => {
        const options = await run(opened(path))
        expect(await run(options.dates("GEN"))).toEqual(["2014-06-06", "2014-06-09"])
        const early = await messageOf(options.chain("GEN", DAY, { at: at(DAY, 15, 59) }))
        expect(early).toContain("none that was known")
        // Without an equity or enough pairs, the universe's own row is the spot.
        const chain = await run(options.chain("GEN", DAY, { source: "lean-universe" }))
        expect(chain.source).toBe("lean-universe")
        expect(chain.raw.spot).toBe(100)
        expect(quoteOf(chain, "GEN 140621C00100000")).toMatchObject({
          bid: undefined,
          ask: undefined,
          last: 2
        })
        expect(chain.published.get("GEN 140621C00100000")).toMatchObject({
          impliedVolatility: 0.2,
          delta: 0.5
        })
      }
    ))

  it.each<[string, Record<string, Uint8Array | string>, string]>([
    [
      "a zip that is cut off",
      { [MINUTES]: quoteZip().subarray(0, 900) },
      "option/usa/minute/gen/20140606_quote_american.zip: it has no end record"
    ],
    [
      "a price that is none",
      { [MINUTES]: zipOfMany({ [minuteName("call", 100)]: `${stamp(9, 30)},x,x,x,x,1,${side(2)}` }) },
      `${minuteName("call", 100)}:1: expected the bid's open, high, low and close as numbers`
    ],
    [
      "a missing column",
      {
        [MINUTES]: zipOfMany({
          [minuteName("call", 100)]: minutes(`${stamp(9, 30)},${side(2)},${side(3)}`, `${stamp(9, 31)},1,2`)
        })
      },
      `${minuteName("call", 100)}:2: expected 11 columns, got 3`
    ],
    [
      "a time that is none",
      { [MINUTES]: zipOfMany({ [minuteName("call", 100)]: `09:30,${side(2)},${side(3)}` }) },
      `${minuteName("call", 100)}:1: expected the row's time in column 1, got "09:30"`
    ],
    [
      "rows out of order",
      {
        [MINUTES]: zipOfMany({
          [minuteName("put", 100)]: minutes(
            `${stamp(9, 31)},${side(2)},${side(3)}`,
            `${stamp(9, 30)},${side(2)},${side(3)}`
          )
        })
      },
      `${minuteName("put", 100)}:2: ${stamp(9, 30)} is earlier than the row before`
    ],
    [
      "a low above the close",
      {
        [MINUTES]: zipOfMany({
          [minuteName("put", 100)]: `${stamp(9, 30)},20000,20000,20001,20000,1,${side(2)}`
        })
      },
      "the bid's open and close are not between its low and high"
    ],
    [
      "an entry of another name",
      { [MINUTES]: zipOfMany({ "readme.csv": "1" }) },
      "expected a name that ends as _call_4300000_20230901.csv"
    ],
    [
      "an unknown right in a universe",
      { [UNIVERSE]: `${HEADER}\n20140621,100,X,2,2,2,2,1,,0,0,0,0,0,0` },
      'option/usa/universes/gen/20140606.csv:2: expected right as C or P, got "X"'
    ],
    [
      "a universe without a column",
      { [UNIVERSE]: `${HEADER.replace(",strike", "")}\n` },
      "option/usa/universes/gen/20140606.csv:1: expected a header with the column strike"
    ]
  ])("%s is reported with file and row", (_, files, expected) =>
    inFolder(files, async (path) => {
      const options = await run(opened(path))
      expect(await messageOf(options.chain("GEN", DAY))).toContain(expected)
    })
  )

  it("leave bad rows out and list them, when told to", () =>
    inFolder(
      {
        [MINUTES]: quoteZip(),
        [MINUTES.replace("quote", "trade")]: zipOfMany({ [minuteName("call", 100)]: `${stamp(9, 30)},x` })
      },
      async (path) => {
        expect(await messageOf(Effect.flatMap(opened(path), (all) => all.chain("GEN", DAY)))).toContain(
          `${minuteName("call", 100)}:1: expected a time, open, high, low, close and volume`
        )
        const options = await run(opened(path, true))
        const { bad, notes, raw } = await run(options.chain("GEN", DAY))
        expect(bad.map(({ row }) => row)).toEqual([1])
        expect(notes).toContain("1 bad rows or files left out")
        expect(raw.expiries[0]?.quotes).toHaveLength(10)
      }
    ))

  it("have no spot from quotes that are stale", () =>
    inFolder({ [MINUTES]: quoteZip() }, async (path) => {
      const options = await run(opened(path))
      expect(await messageOf(options.chain("GEN", DAY, { at: at(DAY, 12) }))).toContain(
        "no price of GEN then"
      )
    }))

  it("a bad rate is reported when the folder is opened", () =>
    inFolder(
      {
        [MINUTES]: quoteZip(),
        "alternative/interest-rate/usa/interest-rate.csv": "DATE,PCREDIT8\n2003-01-09,2.25\nyesterday,2"
      },
      async (path) => {
        expect(await messageOf(opened(path))).toContain(
          'alternative/interest-rate/usa/interest-rate.csv:3: expected a date as YYYY-MM-DD in column 1, got "yesterday"'
        )
        const options = await run(opened(path, true))
        const { bad, rate } = await run(options.chain("GEN", DAY))
        expect(bad).toHaveLength(1)
        expect(rate).toMatchObject({ source: "file" })
        expect(rate.from).toContain("2.25%")
      }
    ))

  it("that are not there are named, with what is", () =>
    inFolder({ [MINUTES]: quoteZip() }, async (path) => {
      const options = await run(opened(path))
      expect(await messageOf(options.chain("AAPL", DAY))).toContain(
        "has no options of AAPL; it has those of GEN"
      )
      expect(await messageOf(options.chain("GEN", sessionDate("2014-06-09")))).toContain(
        "has no options of GEN on 2014-06-09; it has those of 2014-06-06"
      )
      expect(await messageOf(options.chain("GEN", sessionDate("2014-06-07")))).toContain("Saturday")
      expect(await messageOf(options.chain("GEN", sessionDate("1950-01-03")))).toContain(
        "outside the exchange's"
      )
      expect(await messageOf(opened(`${path}/nothing`))).toContain("has no US options that can be used")
    }))
})

describeWithShared("the real chains of the LEAN folder", () => {
  const folder = Effect.runSync(Effect.cached(opened(sharedPath("lean-data"))))

  const chainOf = (symbol: string, date: string, request: LeanChainRequest = {}) =>
    run(Effect.flatMap(folder, (options) => options.chain(symbol, sessionDate(date), request)))

  const counted = ({ drops, kept, quotes }: CleanChain) => ({
    quotes,
    kept,
    ...Object.fromEntries(drops.map(({ count, reason }) => [reason, count]))
  })

  const reported = async (symbol: string, date: string, request: LeanChainRequest = {}) => {
    const { raw } = await chainOf(symbol, date, request)
    const clean = cleanChain(raw)
    return { raw, clean, counts: counted(clean) }
  }

  const yields = ({ smiles }: CleanChain): ReadonlyArray<number> =>
    smiles.map(({ dividendYield }) => Number((100 * dividendYield).toFixed(1)))

  it("are AAPL before and after its split, GOOG and SPY", async () => {
    const options = await run(folder)
    expect(options.underlyings).toEqual(["AAPL", "GOOG", "SPY"])
    expect(await run(options.dates("AAPL"))).toEqual(["2014-06-06", "2014-06-09"])
    expect(await run(options.dates("GOOG"))).toEqual(["2015-12-23"])
    expect(await run(options.dates("SPY"))).toEqual(["2023-08-03", "2024-01-04"])
  })

  it("AAPL's on 2014-06-06, before the split: 2,352 quotes, twelve forwards of parity", async () => {
    const { clean, counts, raw } = await reported("AAPL", "2014-06-06")
    expect(raw.spot).toBe(645.525)
    expect(counts).toEqual({ quotes: 2352, kept: 1978, "zero-bid": 117, wide: 85, expired: 172 })
    expect(clean.smiles.map(({ source }) => source)).toEqual(Array.from({ length: 12 }, () => "parity"))
  })

  it("AAPL's on 2014-06-09, after it: 2,180 quotes, a seventh of the price and the same yields", async () => {
    const { clean, counts, raw } = await reported("AAPL", "2014-06-09")
    expect(raw.spot).toBe(93.695)
    expect(raw.splits).toEqual([{ date: "2014-06-09", ratio: 7 }])
    expect(counts).toEqual({ quotes: 2180, kept: 1973, "zero-bid": 198, wide: 9 })
    const before = yields((await reported("AAPL", "2014-06-06")).clean)
    // Of the expiries from August on; in days before an expiry a yield is mostly noise.
    yields(clean)
      .slice(7)
      .forEach((after, i) => {
        expect(Math.abs(after - (before[i + 7] ?? 0))).toBeLessThanOrEqual(0.2)
      })
  })

  it("AAPL's yields show the dividend of August 2014 and no other before November", async () => {
    const { clean } = await reported("AAPL", "2014-06-09")
    const paid = new Map(
      clean.smiles.map(({ expiry, forward, rate, years }) => [
        expiry,
        clean.spot - forward * Math.exp(-rate * years)
      ])
    )
    // $0.47 a share on 7 August. Calls exercised on the day before hide a third of it so near to expiry.
    const august = (paid.get(sessionDate("2014-08-16")) ?? 0) - (paid.get(sessionDate("2014-07-25")) ?? 0)
    expect(august).toBeGreaterThan(0.28)
    expect(august).toBeLessThan(0.47)
  })

  it("AAPL's universes: one of the other basis, one of both", async () => {
    const before = await reported("AAPL", "2014-06-06", { source: "lean-universe" })
    expect(before.counts).toEqual({ quotes: 2180, kept: 0, "wrong-split-basis": 2180 })
    const after = await reported("AAPL", "2014-06-09", { source: "lean-universe" })
    // As many as the quotes of the session before have contracts that had not expired.
    expect(after.counts).toMatchObject({ quotes: 4360, kept: 1888, "wrong-split-basis": 2352 - 172 })
    const wrong = (strike: number): boolean => strike > 200
    expect(after.clean.smiles.flatMap(({ points }) => points).filter(({ strike }) => wrong(strike))).toEqual(
      []
    )
    const { notes, published } = await chainOf("AAPL", "2014-06-09", { source: "lean-universe" })
    expect(published.size).toBe(4360)
    expect(notes.join("\n")).toContain("gives the underlying as 92.72, which is not its price")
  })

  it("GOOG's on 2015-12-23: one expiry, a day off, with open interest", async () => {
    const { clean, counts, raw } = await reported("GOOG", "2015-12-23")
    expect(raw.expiries.map(({ expiry }) => expiry)).toEqual(["2015-12-24"])
    // An early close: 13:00 of the day after.
    expect(raw.expiries[0]?.years).toBeCloseTo(21 / 24 / 365, 12)
    expect(raw.expiries[0]?.quotes.every(({ openInterest }) => openInterest !== undefined)).toBe(true)
    expect(counts).toMatchObject({ quotes: 118, kept: 63, "no-ask": 10, "zero-bid": 40 })
    expect(clean.smiles[0]?.points.length).toBeGreaterThanOrEqual(6)
    expect(Math.abs((clean.smiles[0]?.forward ?? 0) / 750.31 - 1)).toBeLessThan(5e-4)
  })

  it("SPY's on 2023-08-03: four contracts, no parity from two strikes and so no dividend", async () => {
    const { clean, counts } = await reported("SPY", "2023-08-03")
    expect(counts).toEqual({ quotes: 4, kept: 4 })
    expect(clean.smiles[0]).toMatchObject({ source: "spot", dividendYield: 0 })
  })

  it("SPY's universe of 2024-01-04: deep calls alone, so no smile", async () => {
    const { clean, counts, raw } = await reported("SPY", "2024-01-04")
    expect(raw.spot).toBe(467.28)
    expect(counts).toEqual({ quotes: 36, kept: 17, "below-lower-bound": 19 })
    expect(clean.smiles).toEqual([])
  })
})
