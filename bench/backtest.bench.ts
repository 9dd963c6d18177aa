/**
 * The backtest engine. Bars a second of crossing means (10 and 50 days) with
 * orders, rules and ledger on 100,000 daily bars, the S&P 500 of the embedded
 * replay laid end to end, each day a session of its own; beside it, in the same
 * process, the same rule as a bare loop over the closes, which does nothing else.
 * Then a year of minute bars of one symbol, the real days of SPY there are laid
 * end to end, asked at every minute; a year of covered calls on modelled quotes;
 * and what a symbol's year takes in memory.
 *
 * Runs of both take turns; the first of them warm up and are not counted. Wall
 * time, median and best, and the processor time of the thread alone: what a busy
 * machine, the collector's and the compiler's threads disturb less. The young
 * generation is of the size that Node gives it. Where `../shared` is missing, the
 * minutes are left out.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { costsOf, type CostsPreset } from "../src/backtest/CostsPreset.ts"
import { Engine, type EngineOptions } from "../src/backtest/engine/Engine.ts"
import { loadTape } from "../src/backtest/engine/LoadTape.ts"
import { playBacktest } from "../src/backtest/engine/PlayBacktest.ts"
import type { Tape, TapeColumns, TapePaths, TapeQuotes, TapeTrack } from "../src/backtest/engine/Tape.ts"
import { dollars } from "../src/domain/Money.ts"
import type { Resolution } from "../src/domain/Quote.ts"
import { dateOfDay, sessionDate, timestamp } from "../src/domain/Timestamp.ts"
import type { BarSource } from "../src/market/BarSource.ts"
import { makeLeanFolder } from "../src/market/lean/LeanFolder.ts"
import * as EmbeddedReplay from "../src/market/replay/EmbeddedReplay.ts"
import { type Session, sessionsBetween } from "../src/market/TradingCalendar.ts"
import { researchProfile } from "../src/risk/LimitsProfile.ts"
import { makeCoveredCall } from "../src/session/strategies/CoveredCall.ts"
import { makeSmaCross } from "../src/session/strategies/SmaCross.ts"
import type { Strategy } from "../src/session/Strategy.ts"
import { quantile } from "./Sampling.ts"

const BARS = 100_000
const WARM_UP = 15
const ROUNDS = 45
const YEAR_SESSIONS = 252
const MICROS_PER_DAY = 86_400_000_000
const HALF_PAST_NINE = 14.5 * 3_600_000_000
const FOUR = 21 * 3_600_000_000

const shared = join(import.meta.dirname, "../../shared/lean-data")

const millisOf = (work: () => void): number => {
  const begun = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - begun) / 1e6
}

/** Milliseconds of processor time of this thread: with its own share of collecting garbage, without the helpers'. */
const threadMillisOf = (work: () => void): number => {
  const before = process.threadCpuUsage()
  work()
  const { system, user } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

const load = (
  source: BarSource,
  {
    costs,
    from,
    resolution,
    symbol,
    to
  }: {
    readonly symbol: string
    readonly from: string
    readonly to: string
    readonly resolution: Resolution
    readonly costs: CostsPreset
  }
) => {
  const [first, ...rest] = sessionsBetween(sessionDate(from), sessionDate(to))
  if (first === undefined) throw new Error(`no session from ${from} to ${to}`)
  return loadTape({
    sources: [source],
    symbols: [symbol],
    sessions: [first, ...rest],
    resolution,
    warmUp: 0,
    seed: 1,
    models: costsOf(costs)
  })
}

const trackOf = (tape: Tape): TapeTrack => {
  const [track] = tape.tracks
  if (track === undefined) throw new Error("a tape without a track")
  return track
}

/** Sessions on so many days, one after the other, whatever the calendar says of them. */
const daysOnEnd = (count: number): ReadonlyArray<Session> =>
  Array.from({ length: count }, (_, i) => {
    const day = (i + 1) * MICROS_PER_DAY
    return {
      date: dateOfDay(i + 1),
      open: timestamp(day + HALF_PAST_NINE),
      close: timestamp(day + FOUR),
      earlyClose: false
    }
  })

/** Session i of the tape is session i % n of these rows, moved to its own day. */
interface Laid {
  readonly rows: ReadonlyArray<{ readonly from: number; readonly until: number; readonly shift: number }>
  readonly length: number
  readonly from: Uint32Array
  readonly until: Uint32Array
}

const lay = (
  { sessions }: Tape,
  { from, until }: { readonly from: Uint32Array; readonly until: Uint32Array },
  days: ReadonlyArray<Session>
): Laid => {
  const starts = new Uint32Array(days.length)
  const ends = new Uint32Array(days.length)
  let length = 0
  const rows = days.map((day, i) => {
    const of = i % sessions.length
    const shift = day.open - (sessions[of]?.open ?? 0)
    const row = { from: from[of] ?? 0, until: until[of] ?? 0, shift }
    starts[i] = length
    length += row.until - row.from
    ends[i] = length
    return row
  })
  return { rows, length, from: starts, until: ends }
}

const column = ({ length, rows }: Laid, values: Float64Array, isTime = false): Float64Array => {
  const laid = new Float64Array(length)
  let at = 0
  for (const { from, shift, until } of rows) {
    for (let row = from; row < until; row++) laid[at++] = (values[row] ?? 0) + (isTime ? shift : 0)
  }
  return laid
}

const columns = (laid: Laid, bars: TapeColumns): TapeColumns => ({
  length: laid.length,
  tsOpen: column(laid, bars.tsOpen, true),
  tsEvent: column(laid, bars.tsEvent, true),
  open: column(laid, bars.open),
  high: column(laid, bars.high),
  low: column(laid, bars.low),
  close: column(laid, bars.close),
  volume: column(laid, bars.volume)
})

const laidPaths = (tape: Tape, path: TapePaths, days: ReadonlyArray<Session>): TapePaths => {
  const laid = lay(tape, path, days)
  return { resolution: path.resolution, ...columns(laid, path), from: laid.from, until: laid.until }
}

const laidQuotes = (tape: Tape, quotes: TapeQuotes, days: ReadonlyArray<Session>): TapeQuotes => {
  const laid = lay(tape, quotes, days)
  return {
    ...columns(laid, quotes),
    askOpen: column(laid, quotes.askOpen),
    askHigh: column(laid, quotes.askHigh),
    askLow: column(laid, quotes.askLow),
    askClose: column(laid, quotes.askClose),
    bidSize: column(laid, quotes.bidSize),
    askSize: column(laid, quotes.askSize),
    from: laid.from,
    until: laid.until
  }
}

/** The tape's sessions over and over, on days of their own. */
const onEnd = (tape: Tape, count: number): Tape => {
  const days = daysOnEnd(count)
  const track = trackOf(tape)
  const { first } = track
  const laid = lay(tape, { from: first.subarray(0, -1), until: first.subarray(1) }, days)
  return {
    ...tape,
    sessions: days,
    tracks: [
      {
        ...track,
        bars: columns(laid, track.bars),
        warmUp: 0,
        first: starts(laid),
        paths: track.paths.map((path) => laidPaths(tape, path, days)),
        quotes: track.quotes === undefined ? undefined : laidQuotes(tape, track.quotes, days),
        actions: [],
        adjusted: Float64Array.from(days, (_, i) => track.adjusted[i % tape.sessions.length] ?? 0),
        lastSession: count
      }
    ]
  }
}

const starts = ({ from, length }: Laid): Uint32Array => {
  const all = new Uint32Array(from.length + 1)
  all.set(from)
  all[from.length] = length
  return all
}

const optionsOn = (tape: Tape, strategy: Strategy, costs: CostsPreset): EngineOptions => ({
  tape,
  strategy,
  cash: dollars(1_000_000),
  profile: researchProfile,
  resumePolicy: { _tag: "Never" },
  seed: 1,
  models: costsOf(costs)
})

const playOn = (options: EngineOptions): Engine => {
  const engine = new Engine(options)
  engine.advance(Number.POSITIVE_INFINITY)
  return engine
}

/** The rule and nothing else: two running means, all in or all out at the next open. */
const bareLoop = ({ close, length, open }: TapeColumns, fast: number, slow: number): number => {
  let [quick, long, held, cash] = [0, 0, 0, 1]
  let isWanted = false
  for (let i = 0; i < length; i++) {
    const price = open[i] ?? 0
    if (isWanted && held === 0) [held, cash] = [cash / price, 0]
    else if (!isWanted && held > 0) [held, cash] = [0, held * price]
    const now = close[i] ?? 0
    quick += now - (i >= fast ? (close[i - fast] ?? 0) : 0)
    long += now - (i >= slow ? (close[i - slow] ?? 0) : 0)
    isWanted = i >= slow - 1 && quick / fast > long / slow
  }
  return cash + held * (close[length - 1] ?? 0)
}

/** Crossing means that are asked at every minute. */
const minuteMeans = (): Strategy => ({ ...makeSmaCross({ fast: 30, slow: 120 }), resolution: "1m" })

const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

const bytesOf = ({ bars, paths, quotes }: TapeTrack): number => {
  const of = (columns: TapeColumns): number =>
    Object.values(columns).reduce(
      (sum: number, one: unknown) => sum + (ArrayBuffer.isView(one) ? one.byteLength : 0),
      0
    )
  return of(bars) + paths.reduce((sum, path) => sum + of(path), 0) + (quotes === undefined ? 0 : of(quotes))
}

const measured = Effect.gen(function* () {
  const embedded = yield* EmbeddedReplay.make()
  const index = { symbol: "SPX-REPLAY", from: "2000-01-03", to: "2020-04-17", resolution: "1d" } as const
  const years = yield* load(embedded, { ...index, costs: "none" })
  const long = onEnd(years, BARS)
  const engineMillis: Array<number> = []
  const threadMillis: Array<number> = []
  const bareMillis: Array<number> = []
  let orders = 0
  let sink = 0
  const play = (): void => {
    orders = playOn(optionsOn(long, makeSmaCross({ fast: 10, slow: 50 }), "none")).played().orders.length
  }
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    let thread = 0
    const engine = millisOf(() => void (thread = threadMillisOf(play)))
    const bare = millisOf(() => void (sink += bareLoop(trackOf(long).bars, 10, 50)))
    if (round < WARM_UP) continue
    engineMillis.push(engine)
    threadMillis.push(thread)
    bareMillis.push(bare)
  }

  const calls = yield* load(embedded, {
    symbol: "AAPL",
    from: "2017-01-03",
    to: "2017-12-29",
    resolution: "1d",
    costs: "paper"
  })
  const callsBegun = process.hrtime.bigint()
  const called = yield* playBacktest({
    ...optionsOn(calls, makeCoveredCall(), "paper"),
    sources: [embedded],
    published: undefined,
    onProgress: () => Effect.void,
    onCheckpoint: () => Effect.void
  })
  const callSeconds = Number(process.hrtime.bigint() - callsBegun) / 1e9

  const outcome = {
    engineMillis,
    threadMillis,
    bareMillis,
    orders,
    sink,
    callSeconds,
    callOrders: called.orders.length,
    callSessions: calls.sessions.length,
    dailyBytes: bytesOf(trackOf(years)) / (years.sessions.length / YEAR_SESSIONS)
  }
  if (!existsSync(shared)) return { ...outcome, minutes: undefined }
  const folder = yield* makeLeanFolder({ path: shared, symbols: ["SPY"], skipBadRows: false })
  const days = yield* load(folder, {
    symbol: "SPY",
    from: "2013-10-04",
    to: "2013-10-11",
    resolution: "1m",
    costs: "paper"
  })
  const year = onEnd(days, YEAR_SESSIONS)
  const yearMillis: Array<number> = []
  let yearOrders = 0
  for (let round = 0; round < 3; round++) {
    yearMillis.push(
      millisOf(() => {
        yearOrders = playOn(optionsOn(year, minuteMeans(), "paper")).played().orders.length
      })
    )
  }
  return {
    ...outcome,
    minutes: {
      bars: trackOf(year).bars.length,
      seconds: median(yearMillis) / 1000,
      orders: yearOrders,
      days: days.sessions.length,
      bytes: bytesOf(trackOf(year))
    }
  }
}).pipe(Effect.provide(NodeServices.layer))

const found = await Effect.runPromise(measured)
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
const perSecond = (millis: ReadonlyArray<number>): number => (BARS / median(millis)) * 1000
const best = (millis: ReadonlyArray<number>): number => (BARS / Math.min(...millis)) * 1000
const megabytes = (bytes: number): number => rounded(bytes / 1024 / 1024, 2)
const outcome = {
  name: "backtest",
  unit: "bars/s",
  value: rounded(perSecond(found.engineMillis), 0),
  best: rounded(best(found.engineMillis), 0),
  threadTime: {
    value: rounded(perSecond(found.threadMillis), 0),
    best: rounded(best(found.threadMillis), 0)
  },
  warmUp: WARM_UP,
  rounds: ROUNDS,
  baseline: rounded(perSecond(found.bareMillis), 0),
  ratio: rounded(perSecond(found.engineMillis) / perSecond(found.bareMillis), 4),
  orders: found.orders,
  coveredCallYearSeconds: rounded(found.callSeconds, 2),
  coveredCallOrders: found.callOrders,
  megabytesASymbolYearOfDays: megabytes(found.dailyBytes),
  ...(found.minutes === undefined
    ? {}
    : {
        minuteYearSeconds: rounded(found.minutes.seconds, 2),
        minuteBars: found.minutes.bars,
        minuteOrders: found.minutes.orders,
        megabytesASymbolYearOfMinutes: megabytes(found.minutes.bytes)
      }),
  peakMegabytes: rounded(process.resourceUsage().maxRSS / 1024, 0)
}
const minutes =
  found.minutes === undefined
    ? "minutes left out: no ../shared"
    : `a year of minutes (${found.minutes.days} days of SPY over and over, ${found.minutes.bars} bars, ${found.minutes.orders} orders) ${outcome.minuteYearSeconds} s, ${outcome.megabytesASymbolYearOfMinutes} MB`
process.stdout.write(
  process.argv.includes("--json")
    ? `${JSON.stringify(outcome)}\n`
    : `backtest  ${outcome.value} bars/s with ${outcome.orders} orders, best ${outcome.best}; in processor time ${outcome.threadTime.value}, best ${outcome.threadTime.best}; ${outcome.rounds} rounds after ${outcome.warmUp} to warm up (bare loop ${outcome.baseline}/s, ratio ${outcome.ratio}); ${minutes}; a year of covered calls ${outcome.coveredCallYearSeconds} s; a symbol's year of days ${outcome.megabytesASymbolYearOfDays} MB; peak ${outcome.peakMegabytes} MB\n`
)
