/** The same strategy on the same inputs, once as `plimsoll run` plays it and once on the engine. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"
import { Engine, type EngineOptions } from "../../../src/backtest/engine/Engine.ts"
import { loadTape } from "../../../src/backtest/engine/LoadTape.ts"
import { playBacktest } from "../../../src/backtest/engine/PlayBacktest.ts"
import type { Tape } from "../../../src/backtest/engine/Tape.ts"
import type { Actor } from "../../../src/domain/Actor.ts"
import { accountId } from "../../../src/domain/Identifiers.ts"
import type { JournalEvent } from "../../../src/domain/JournalEvent.ts"
import { dollars, type Money } from "../../../src/domain/Money.ts"
import { sessionDate, timestamp } from "../../../src/domain/Timestamp.ts"
import { OrderJournal } from "../../../src/execution/OrderJournal.ts"
import { MarketData } from "../../../src/market/MarketData.ts"
import { type Session, sessionsBetween } from "../../../src/market/TradingCalendar.ts"
import type { MarketConfig } from "../../../src/programs/DeskConfig.ts"
import { marketOptions, marketSources } from "../../../src/programs/MarketSources.ts"
import { runMarket } from "../../../src/programs/RunDesk.ts"
import { openBook } from "../../../src/programs/RunProgram.ts"
import { venueModelsOf } from "../../../src/programs/VenueModelsConfig.ts"
import { deskProfile, type LimitsProfile } from "../../../src/risk/LimitsProfile.ts"
import type { ResumePolicy } from "../../../src/risk/ResumePolicy.ts"
import { Feed } from "../../../src/session/Feed.ts"
import { playSessions } from "../../../src/session/Run.ts"
import { type BookSummary, RunSummary } from "../../../src/session/RunSummary.ts"
import type { Strategy } from "../../../src/session/Strategy.ts"
import { fileStorage } from "../../execution/TestDesk.ts"

export interface Beside {
  readonly market: MarketConfig
  readonly strategy: Strategy
  readonly symbols: ReadonlyArray<string>
  readonly from: string
  readonly to: string
  readonly cash?: Money
  readonly profile?: LimitsProfile
  readonly resumePolicy?: ResumePolicy
  readonly models?: EngineOptions["models"]
}

export const paperModels: EngineOptions["models"] = {
  ...venueModelsOf(undefined),
  quotes: "modelled",
  lots: "whole"
}

const SEED = 1

export const sessionsOf = ({ from, to }: Beside): readonly [Session, ...ReadonlyArray<Session>] => {
  const [first, ...rest] = sessionsBetween(sessionDate(from), sessionDate(to))
  if (first === undefined) throw new Error(`there is no session from ${from} to ${to}`)
  return [first, ...rest]
}

const settingsOf = (one: Beside) => ({
  cash: one.cash ?? dollars(100_000),
  profile: one.profile ?? deskProfile,
  resumePolicy: one.resumePolicy ?? { _tag: "Sessions" as const, count: 20 },
  seed: SEED,
  models: one.models ?? paperModels
})

/** The journal of a run, in order, and what it comes to. */
export const playAsRun = (one: Beside) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    const sessions = sessionsOf(one)
    const { cash, models, profile, resumePolicy, seed } = settingsOf(one)
    const { lots: _, quotes: __, ...venue } = models
    const inputs = {
      strategies: [one.strategy.name] as const,
      symbols: [one.symbols[0] ?? "", ...one.symbols.slice(1)] as const,
      from: sessionDate(one.from),
      to: sessionDate(one.to),
      cash,
      profile,
      resumePolicy,
      seed,
      models: venue
    }
    const start = timestamp(sessions[0].open - 60_000_000)
    const sources = yield* marketSources({ market: one.market }, process.cwd())
    const published = yield* marketOptions({ market: one.market }, process.cwd())
    const summary = yield* Effect.gen(function* () {
      const data = yield* MarketData
      const instruments = yield* Effect.forEach(one.symbols, data.instrument)
      const book = yield* openBook({ folder, inputs, strategy: one.strategy, instruments, sessions })
      yield* book.open
      yield* playSessions({ sessions, from: 0, books: [book], onProgress: () => Effect.void })
      yield* book.flush
      return yield* book.summary
    }).pipe(Effect.provide(runMarket({ sources, published, seed, start })), Effect.scoped)
    const lines = yield* OrderJournal.use((journal) => journal.read({ after: 0, limit: 1_000_000 })).pipe(
      Effect.provide(fileStorage(folder))
    )
    return { summary, events: lines.map(({ event }) => event) }
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** The tape of these inputs. */
export const tapeFor = (one: Beside) =>
  Effect.gen(function* () {
    const sources = yield* marketSources({ market: one.market }, process.cwd())
    const { models, seed } = settingsOf(one)
    return yield* loadTape({
      sources,
      symbols: one.symbols,
      sessions: sessionsOf(one),
      resolution: one.strategy.resolution ?? "1d",
      warmUp: new Feed(one.strategy, []).warmUp,
      seed,
      models
    })
  }).pipe(Effect.provide(NodeServices.layer))

/** Collects a journal and folds it as a run's is. */
export const collector = (strategy: Strategy) => {
  const events: Array<JournalEvent> = []
  const fold = new RunSummary()
  const onEvent = (event: JournalEvent, actor: Actor): void => {
    events.push(event)
    fold.add({
      sequence: events.length,
      tsWall: 0,
      accountId: accountId(strategy.name),
      actor,
      event
    })
  }
  return { events, onEvent, summary: (): BookSummary => fold.result() }
}

export const engineOn = (tape: Tape, one: Beside, more: Partial<EngineOptions> = {}): Engine =>
  new Engine({ tape, strategy: one.strategy, ...settingsOf(one), ...more })

/** Plays on the engine, options too. */
export const playOnEngine = (one: Beside, more: Partial<EngineOptions> = {}) =>
  Effect.gen(function* () {
    const tape = yield* tapeFor(one)
    const sources = yield* marketSources({ market: one.market }, process.cwd())
    const published = yield* marketOptions({ market: one.market }, process.cwd())
    const { events, onEvent, summary } = collector(one.strategy)
    const played = yield* playBacktest({
      tape,
      strategy: one.strategy,
      ...settingsOf(one),
      ...more,
      onEvent,
      sources,
      published,
      onProgress: () => Effect.void,
      onCheckpoint: () => Effect.void
    })
    return { played, events, summary: summary() }
  }).pipe(Effect.provide(NodeServices.layer))
