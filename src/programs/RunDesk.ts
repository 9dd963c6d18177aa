/** A run from beginning to end: prepared or reopened, played, told. */
import { createHash } from "node:crypto"
import { Clock, Effect, FileSystem, Layer, Option } from "effect"
import type { Instrument } from "../domain/Instrument.ts"
import { toFloat } from "../domain/Money.ts"
import { type Timestamp, timestamp } from "../domain/Timestamp.ts"
import { MarketClock } from "../market/MarketClock.ts"
import { MarketData } from "../market/MarketData.ts"
import type { BarSource } from "../market/BarSource.ts"
import * as OptionedMarketData from "../market/OptionedMarketData.ts"
import type { PublishedOptions } from "../market/PublishedChains.ts"
import * as SourcedMarketData from "../market/SourcedMarketData.ts"
import { exchangeDate, type Session, sessionsBetween } from "../market/TradingCalendar.ts"
import { maxDrawdown, sharpe, type Statistic, totalReturn } from "../portfolio/Performance.ts"
import { contractCount, netPremium } from "../session/OptionTrail.ts"
import { playSessions, resumeIndex, type RunProgress } from "../session/Run.ts"
import { type Closes, type FinishedBook, runReport } from "../session/RunReportData.ts"
import type { RunInputs } from "../session/RunInputs.ts"
import type { RunReport } from "../session/report/RunReport.ts"
import type { Strategy } from "../session/Strategy.ts"
import { marketOptions } from "./MarketSources.ts"
import type { RunFile, RunFolder } from "./RunFolder.ts"
import * as RunProgram from "./RunProgram.ts"
import { strategiesOf } from "./RunStrategies.ts"

/** Before the first session opens: the accounts are opened on a closed market. */
const LEAD_MICROS = 60_000_000

/** The market of a run, its clock stepped by the engine; options that were not published are modelled. */
export const runMarket = (options: {
  readonly sources: ReadonlyArray<BarSource>
  readonly published: PublishedOptions | undefined
  readonly seed: number
  readonly start: Timestamp
}) =>
  OptionedMarketData.layer({ published: options.published }).pipe(
    Layer.provide(SourcedMarketData.layer({ sources: options.sources, seed: String(options.seed) })),
    Layer.provideMerge(MarketClock.layerStepped({ start: options.start }))
  )

const bookFolder = (folder: RunFolder, strategy: Strategy): string => `${folder.path}/${strategy.name}`

/** Where a run that was begun has to go on: the least its books have reached; none for a new one. */
const reached = Effect.fnUntraced(function* (folder: RunFolder, strategies: ReadonlyArray<Strategy>) {
  const fs = yield* FileSystem.FileSystem
  const instants: Array<Timestamp> = []
  for (const strategy of strategies) {
    const book = bookFolder(folder, strategy)
    if (!(yield* fs.exists(`${book}/desk.db`))) return Option.none<Timestamp>()
    const last = yield* RunProgram.lastInstant(book)
    if (Option.isNone(last)) return Option.none<Timestamp>()
    instants.push(last.value)
  }
  return Option.some(timestamp(Math.min(...instants)))
})

/** Daily closes of an instrument over the sessions played, splits and dividends taken out. */
const closesOf = Effect.fnUntraced(function* (instrument: Instrument, sessions: ReadonlyArray<Session>) {
  const data = yield* MarketData
  const first = sessions[0]
  const last = sessions.at(-1)
  if (first === undefined || last === undefined) return { instrument, dates: [], closes: [] }
  const bars = yield* data.bars({
    instrumentId: instrument.id,
    resolution: "1d",
    from: timestamp(first.open - 1),
    until: last.close,
    adjustment: "adjusted"
  })
  const byDate = new Map(bars.map((bar) => [exchangeDate(bar.tsOpen), bar.close]))
  let close: number = bars[0]?.close ?? 0
  const closes: Closes = {
    instrument,
    dates: sessions.map(({ date }) => date),
    closes: sessions.map(({ date }) => (close = byDate.get(date) ?? close))
  }
  return closes
})

export interface FinishedRun {
  readonly books: readonly [FinishedBook, ...ReadonlyArray<FinishedBook>]
  readonly report: RunReport
  /** Over all books; a single book's own hash. */
  readonly journalHash: string
}

const hashOf = (books: ReadonlyArray<FinishedBook>): string => {
  const [only, ...others] = books
  if (only !== undefined && others.length === 0) return only.summary.journalHash
  const hash = createHash("sha256")
  for (const { strategy, summary } of books) hash.update(`${strategy.name}:${summary.journalHash}\n`)
  return hash.digest("hex")
}

export interface RunOptions {
  readonly folder: RunFolder
  readonly file: RunFile
  readonly sources: ReadonlyArray<BarSource>
  readonly generatedBy: string
  readonly next: RunReport["next"]
  /** After each session. */
  readonly onProgress: (progress: RunProgress, elapsedMillis: number) => Effect.Effect<void>
}

/**
 * Plays a run from where it stands to its end. The market is opened on a clock
 * that starts where the run does; so this is the whole of it, from the sources on.
 */
export const playRun = Effect.fn("playRun")(function* (options: RunOptions) {
  const { file, folder, sources } = options
  const { inputs } = file
  const strategies = yield* strategiesOf(inputs, file.project ?? file.folder)
  const sessions = sessionsBetween(inputs.from, inputs.to)
  const before = yield* reached(folder, strategies)
  const opening = timestamp((sessions[0]?.open ?? 0) - LEAD_MICROS)
  const start = Option.getOrElse(before, () => opening)
  const from = Option.match(before, { onNone: () => 0, onSome: (at) => resumeIndex(sessions, at) })
  const published = yield* marketOptions({ market: file.market }, file.folder)
  return yield* playFrom({ ...options, inputs, strategies, sessions, from }).pipe(
    Effect.scoped,
    Effect.provide(runMarket({ sources, published, seed: inputs.seed, start }))
  )
})

const playFrom = Effect.fnUntraced(function* (
  options: RunOptions & {
    readonly inputs: RunInputs
    readonly strategies: ReadonlyArray<Strategy>
    readonly sessions: ReadonlyArray<Session>
    readonly from: number
  }
) {
  const { folder, from, inputs, sessions, strategies } = options
  const fs = yield* FileSystem.FileSystem
  const data = yield* MarketData
  const instruments = yield* Effect.forEach(inputs.symbols, data.instrument)
  const begun = yield* Clock.currentTimeMillis
  const books = yield* Effect.forEach(strategies, (strategy) =>
    Effect.gen(function* () {
      const path = bookFolder(folder, strategy)
      yield* fs.makeDirectory(path, { recursive: true })
      const book = yield* RunProgram.openBook({ folder: path, inputs, strategy, instruments, sessions })
      yield* book.open
      return book
    })
  )
  yield* playSessions({
    sessions,
    from,
    books,
    onProgress: (progress) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => options.onProgress(progress, now - begun))
  })
  const finished: Array<FinishedBook> = []
  for (const book of books) {
    yield* book.flush
    finished.push({
      strategy: book.strategy,
      summary: yield* book.summary,
      options: yield* book.options,
      status: yield* book.status
    })
  }
  const [main, ...beside] = finished
  if (main === undefined) return yield* Effect.die(new Error("a run has at least one strategy"))
  const all = [main, ...beside] as const
  const closes = yield* Effect.forEach(instruments, (instrument) => closesOf(instrument, sessions))
  const report = yield* Effect.fromResult(
    runReport({
      runId: folder.id,
      inputs,
      books: all,
      market: {
        source: options.sources.map(({ name }) => name).join("; "),
        instruments,
        closes,
        skipped: data.skipped
      },
      command: options.file.command,
      generatedBy: options.generatedBy,
      next: options.next
    })
  )
  const run: FinishedRun = { books: all, report, journalHash: hashOf(all) }
  return run
})

const number = (statistic: Statistic): number | null => (statistic._tag === "Value" ? statistic.value : null)

/** Contracts by what became of them; premium in dollars, received less paid. */
const optionsJson = (options: FinishedBook["options"]) => ({
  orders: options.orders,
  orders_on_modelled_quotes: options.modelledOrders,
  sold: toFloat(contractCount(options, "sold")),
  bought: toFloat(contractCount(options, "bought")),
  premium_net: toFloat(netPremium(options)),
  expired: toFloat(contractCount(options, "expired")),
  assigned: toFloat(contractCount(options, "assigned")),
  exercised: toFloat(contractCount(options, "exercised")),
  adjusted: toFloat(contractCount(options, "adjusted"))
})

/** One book in `--json`. Statistics that cannot be told are null. */
const bookJson = (
  { options, status, strategy, summary }: FinishedBook,
  report: RunReport["books"][number]
) => ({
  strategy: strategy.name,
  journal_hash: summary.journalHash,
  sessions: summary.sessions,
  orders: summary.orders,
  fills: summary.fills,
  denied: summary.denied,
  equity_end: summary.equity.at(-1) ?? null,
  total_return: number(totalReturn(report.curve)),
  max_drawdown: number(maxDrawdown(report.curve)),
  sharpe: number(sharpe(report.curve)),
  breaker_events: report.breakerEvents.map(({ date, kind, limit, value }) => ({
    date,
    kind,
    ...(value === undefined ? {} : { value }),
    ...(limit === undefined ? {} : { limit })
  })),
  ...(options.orders === 0 ? {} : { options: optionsJson(options) }),
  trading_state: status.tradingState
})

const sum = (books: ReadonlyArray<FinishedBook>, of: (summary: FinishedBook["summary"]) => number): number =>
  books.reduce((total, { summary }) => total + of(summary), 0)

/**
 * What `--json` prints. The hash, the counts and the breaker's events are over
 * all books; equity, return, drawdown and Sharpe ratio are the first book's.
 * `books` has each by itself.
 */
export const runJson = (run: FinishedRun, folder: RunFolder) => {
  const books = run.books.flatMap((book, i) => {
    const report = run.report.books[i]
    return report === undefined ? [] : [bookJson(book, report)]
  })
  const main = bookJson(run.books[0], run.report.books[0])
  return {
    journal_hash: run.journalHash,
    sessions: main.sessions,
    orders: sum(run.books, ({ orders }) => orders),
    fills: sum(run.books, ({ fills }) => fills),
    denied: sum(run.books, ({ denied }) => denied),
    equity_end: main.equity_end,
    total_return: main.total_return,
    max_drawdown: main.max_drawdown,
    sharpe: main.sharpe,
    breaker_events: books.flatMap(({ breaker_events, strategy }) =>
      breaker_events.map((event) => ({ strategy, ...event }))
    ),
    report: folder.report,
    run_id: folder.id,
    books
  }
}
