/**
 * How far this engine and LEAN agree. The figures of docs/lean.md come from here:
 * `AGREEMENT=1 npx vitest run test/backtest/lean/Agreement.test.ts` prints them.
 */
import { readFileSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { Effect, Result } from "effect"
import { expect } from "vitest"
import type { FillRow } from "../../../src/backtest/BacktestRows.ts"
import { costsOf } from "../../../src/backtest/CostsPreset.ts"
import { Engine } from "../../../src/backtest/engine/Engine.ts"
import { loadTape } from "../../../src/backtest/engine/LoadTape.ts"
import { leanBacktest } from "../../../src/backtest/lean/LeanBacktest.ts"
import { contentOf, playedBars } from "../../../src/backtest/ResultOf.ts"
import { dollars, MICROS, shares, toFloat } from "../../../src/domain/Money.ts"
import type { Resolution } from "../../../src/domain/Quote.ts"
import { sessionDate, timestamp, toIso } from "../../../src/domain/Timestamp.ts"
import { regulationT } from "../../../src/execution/paper/MarginModel.ts"
import type { BarSource } from "../../../src/market/BarSource.ts"
import { makeLeanFolder } from "../../../src/market/lean/LeanFolder.ts"
import { exchangeDate, type Session, sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import { researchProfile } from "../../../src/risk/LimitsProfile.ts"
import { Feed } from "../../../src/session/Feed.ts"
import { sma } from "../../../src/session/Indicators.ts"
import type { Intent, Strategy, StrategyContext } from "../../../src/session/Strategy.ts"
import { itWithShared, sharedPath } from "../../support/Shared.ts"
import { adjustedSource, only } from "./AdjustedSource.ts"
import { naiveSmaCross, setHoldings } from "./NaiveLean.ts"

const factorFile = sharedPath("lean-data", "equity", "usa", "factor_files", "spy.csv")

const tell = (title: string, rows: ReadonlyArray<ReadonlyArray<unknown>>): void => {
  if (process.env["AGREEMENT"] === undefined) return
  process.stdout.write(`${title}\n${rows.map((row) => `  ${row.join(" | ")}\n`).join("")}`)
}

const folder = makeLeanFolder({ path: sharedPath("lean-data"), symbols: ["SPY"], skipBadRows: false })

/** SPY of the LEAN folder, adjusted; of daily bars alone, or with the hours and minutes beside them. */
const spy = (resolutions?: ReadonlyArray<Resolution>) =>
  Effect.map(folder, (source) => adjustedSource(source, factorFile, resolutions))

/** As traded, with its dividends; of daily bars alone. */
const rawSpy = Effect.map(folder, (source) => ({ ...source, listings: only(source.listings, ["1d"]) }))

const sessionsOf = (from: string, to: string): readonly [Session, ...ReadonlyArray<Session>] => {
  const [first, ...rest] = sessionsBetween(sessionDate(from), sessionDate(to))
  if (first === undefined) throw new Error("no session")
  return [first, ...rest]
}

/** LEAN's account is a margin account of two to one. */
const models = { ...costsOf("lean"), margin: regulationT }

/** LEAN took a risk-free rate of zero when it made the result that is compared with. */
const riskFree = [{ date: sessionDate("2010-01-01"), percent: 0 }]

const play = (strategy: Strategy, from: string, to: string, source: typeof rawSpy) =>
  Effect.gen(function* () {
    const tape = yield* loadTape({
      sources: [yield* source],
      symbols: ["SPY"],
      sessions: sessionsOf(from, to),
      resolution: strategy.resolution ?? "1d",
      warmUp: new Feed(strategy, []).warmUp,
      seed: 1,
      models
    })
    const cash = dollars(100_000)
    const engine = new Engine({
      tape,
      strategy,
      cash,
      profile: researchProfile,
      resumePolicy: { _tag: "Never" },
      seed: 1,
      models
    })
    engine.advance(tape.sessions.length)
    const played = engine.played()
    const backtest = { played, inputs: { cash }, bars: playedBars(tape), riskFree }
    return { backtest, played, content: contentOf(backtest) }
  }).pipe(Effect.provide(NodeServices.layer), Effect.runPromise)

const described = {
  title: "",
  summary: "",
  description: "",
  parameters: {},
  meanings: {},
  instruments: { least: 1, most: 1 }
}

/** What LEAN's `SetHoldings(symbol, 1)` orders, of the first instrument. */
const allIn = (context: StrategyContext, timeInForce: "DAY" | "AT_THE_OPEN"): ReadonlyArray<Intent> => {
  const [instrument] = context.instruments
  const closes = instrument === undefined ? undefined : context.histories.get(instrument.id)?.close
  const last = closes?.[closes.length - 1]
  if (instrument === undefined || last === undefined) return []
  const count = setHoldings(toFloat(context.equity), toFloat(last))
  const order = {
    instrumentId: instrument.id,
    side: "BUY",
    type: { _tag: "Market" },
    size: { _tag: "Quantity", quantity: shares(count) },
    timeInForce
  } as const
  return [{ _tag: "Order", order, reason: "all in" }]
}

/** BasicTemplateAlgorithm: everything into SPY at the first minute that is over. */
const basicTemplate: Strategy = {
  ...described,
  name: "basic-template",
  resolution: "1m",
  onBar: (context) =>
    context.holdings.size === 0 && context.working.length === 0 ? allIn(context, "DAY") : []
}

const fileOfLean = () => {
  const path = sharedPath("lean-results", "sample-full.json")
  const files = { path, result: readFileSync(path, "utf8"), events: undefined, log: undefined }
  return Result.getOrThrow(leanBacktest({ ...files, codeHash: undefined, name: undefined }))
}

itWithShared(
  "the SPY run of October 2013 is LEAN's, order, fee and closes to the cent",
  async () => {
    const lean = fileOfLean()
    const { backtest, content, played } = await play(basicTemplate, "2013-10-07", "2013-10-11", spy())
    expect(content.denials).toEqual([])
    const [fill] = played.fills
    const [theirs] = lean.played.fills
    expect(played.fills).toHaveLength(1)
    expect(fill?.quantity).toBe(theirs?.quantity)
    expect(fill?.price).toBe(theirs?.price)
    expect(fill?.fee).toBe(theirs?.fee)
    expect(fill?.tsEvent).toBe(theirs?.tsEvent)
    expect(played.dates).toEqual(lean.played.dates)
    const gaps = played.dates.map((_, day) => (played.equity[day] ?? 0) - (lean.played.equity[day] ?? 0))
    for (const gap of gaps) expect(Math.abs(gap)).toBeLessThan(0.005)
    const from = contentOf({ ...lean, riskFree }).statistics.lean
    const told: Readonly<Record<string, string | undefined>> = {
      "Total Orders": lean.reported?.["Total Trades"],
      ...lean.reported
    }
    const different = Object.entries(content.statistics.lean).flatMap(([name, value]) =>
      told[name] === undefined || told[name] === value ? [] : [[name, told[name], value, from[name]]]
    )
    // LEAN's number, ours, and ours of LEAN's own curve and benchmark; docs/lean.md says why.
    expect(different).toEqual([
      ["Drawdown", "2.200%", "1.200%", "1.200%"],
      ["Information Ratio", "-14.565", "-14.637", "-14.565"],
      ["Lowest Capacity Asset", "SPY R735QTJ8XC9X", "SPY", ""]
    ])
    // LEAN's benchmark has four decimals.
    const benchmark = played.benchmark.map((value) =>
      Number(((value / (played.benchmark[0] ?? 1)) * 167.42 * 0.8646266).toFixed(4))
    )
    const rounded = contentOf({ ...backtest, played: { ...played, benchmark } })
    expect(rounded.statistics.lean["Information Ratio"]).toBe("-14.565")
    tell("SPY, 2013-10-07 to 2013-10-11, minutes", [
      ["", "LEAN", "here"],
      ["time", toIso(theirs?.tsEvent ?? timestamp(0)), toIso(fill?.tsEvent ?? timestamp(0))],
      ["shares", toFloat(theirs?.quantity ?? 0), toFloat(fill?.quantity ?? 0)],
      ["price", toFloat(theirs?.price ?? 0), toFloat(fill?.price ?? 0)],
      ["fee", toFloat(theirs?.fee ?? 0), toFloat(fill?.fee ?? 0)],
      ...played.dates.map((date, day) => [
        date,
        lean.played.equity[day]?.toFixed(4),
        played.equity[day]?.toFixed(4),
        gaps[day]?.toFixed(4)
      ]),
      ...Object.entries(content.statistics.lean).map(([name, value]) => [
        name,
        lean.reported?.[name] ?? lean.reported?.[name.replace("Orders", "Trades")] ?? "",
        value
      ])
    ])
  },
  60_000
)

const crossing = (fast: number, slow: number): Strategy => {
  const [short, long] = [sma(fast), sma(slow)]
  return {
    ...described,
    name: "lean-sma-cross",
    indicators: [short, long],
    onBar: (context) => {
      const [instrument] = context.instruments
      if (instrument === undefined) return []
      const [above, below] = [context.valueOf(short, instrument.id), context.valueOf(long, instrument.id)]
      if (above === undefined || below === undefined) return []
      const held = context.holdings.get(instrument.id)
      if (above > below) return held === undefined ? allIn(context, "AT_THE_OPEN") : []
      return held === undefined ? [] : [{ instrumentId: instrument.id, weight: 0, reason: "below" }]
    }
  }
}

/** The bars of a source as the naive rules take them, and the number of the first that is played. */
const naiveBars = async (source: BarSource, from: string, to: string) => {
  const [listing] = source.listings
  if (listing === undefined) throw new Error("no SPY")
  const { id } = listing.instrument
  const range = { from: sessionDate("2003-01-02"), to: sessionDate(to) }
  const [series, actions] = await Effect.runPromise(
    Effect.all([source.series(id, "1d", range), source.corporateActions(id)])
  )
  const paid = new Map(
    actions.map((action) => [action.date, action._tag === "Dividend" ? action.amountPerShare : Number.NaN])
  )
  const bars = Array.from(series.tsOpen, (at, row) => {
    const date = exchangeDate(timestamp(at))
    return {
      date,
      open: (series.open[row] ?? 0) / MICROS,
      close: (series.close[row] ?? 0) / MICROS,
      dividend: (paid.get(date) ?? 0) / MICROS
    }
  })
  return { bars, begin: bars.findIndex(({ date }) => date >= from) }
}

const opened = (source: typeof rawSpy) => Effect.runPromise(Effect.provide(source, NodeServices.layer))

const fillsOf = (fills: ReadonlyArray<FillRow>) =>
  fills.map(({ fee, price, quantity, side, tsEvent }) => ({
    date: exchangeDate(tsEvent),
    shares: (side === "BUY" ? 1 : -1) * toFloat(quantity),
    price: toFloat(price),
    fee: toFloat(fee)
  }))

const gapsOf = (naive: ReadonlyArray<number>, equity: Float64Array): ReadonlyArray<number> =>
  naive.map((value, day) => Math.abs(value - (equity[day] ?? 0)))

const [from, to] = ["2004-01-02", "2013-12-31"] as const
const rule = { fast: 10, slow: 50, cash: 100_000 }

itWithShared(
  "the cross of means on daily SPY is LEAN's, fill by fill, over ten years of adjusted prices",
  async () => {
    const { bars, begin } = await naiveBars(await opened(spy(["1d"])), from, to)
    const { content, played } = await play(crossing(10, 50), from, to, spy(["1d"]))
    const naive = naiveSmaCross(bars, begin, rule)
    expect(content.denials).toEqual([])
    expect(naive.fills.length).toBeGreaterThan(50)
    expect(fillsOf(played.fills)).toEqual(
      naive.fills.map((fill) => ({ ...fill, fee: expect.closeTo(fill.fee, 6) }))
    )
    expect(played.equity).toHaveLength(naive.equity.length)
    const gap = Math.max(...gapsOf(naive.equity, played.equity))
    expect(gap).toBeLessThan(0.005)
    // With the hours beside the days: on early closes LEAN's daily bars go on after the close, and its hours show it.
    const { played: hourly } = await play(crossing(10, 50), from, to, spy())
    const gaps = gapsOf(naive.equity, hourly.equity)
    const apart = gaps.flatMap((one, day) => (one < 0.005 ? [] : [played.dates[day]]))
    expect(hourly.fills).toEqual(played.fills)
    expect(apart).toEqual(["2004-11-26", "2005-11-25", "2007-07-03"])
    tell(`SMA 10/50 on daily SPY, adjusted, ${from} to ${to}`, [
      ["", "LEAN's rules", "here"],
      ["fills", naive.fills.length, played.fills.length],
      ["last equity", naive.equity.at(-1)?.toFixed(4), played.equity.at(-1)?.toFixed(4)],
      ["largest gap of a close", gap.toExponential(2)],
      ["days apart with hours", apart.join(" "), Math.max(...gaps).toFixed(2)]
    ])
  },
  60_000
)

itWithShared(
  "and of raw prices with dividends in cash",
  async () => {
    const { bars, begin } = await naiveBars(await opened(rawSpy), from, to)
    const { played } = await play(crossing(10, 50), from, to, rawSpy)
    const naive = naiveSmaCross(bars, begin, rule)
    expect(fillsOf(played.fills)).toEqual(
      naive.fills.map((fill) => ({ ...fill, fee: expect.closeTo(fill.fee, 6) }))
    )
    expect(toFloat(played.dividends)).toBeGreaterThan(5_000)
    const gap = Math.max(...gapsOf(naive.equity, played.equity))
    expect(gap).toBeLessThan(0.005)
    tell(`SMA 10/50 on daily SPY, raw, ${from} to ${to}`, [
      ["", "LEAN's rules", "here"],
      ["fills", naive.fills.length, played.fills.length],
      ["last equity", naive.equity.at(-1)?.toFixed(4), played.equity.at(-1)?.toFixed(4)],
      ["dividends", "", toFloat(played.dividends)],
      ["largest gap of a close", gap.toExponential(2)]
    ])
  },
  60_000
)
