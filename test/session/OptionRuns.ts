/** Runs of option strategies on markets with prices of real history. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer, Option } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import type { Money } from "../../src/domain/Money.ts"
import { type SessionDate, timestamp } from "../../src/domain/Timestamp.ts"
import type { DeskStatus } from "../../src/execution/DeskView.ts"
import { OrderJournal } from "../../src/execution/OrderJournal.ts"
import { MarketData } from "../../src/market/MarketData.ts"
import { sessionsBetween } from "../../src/market/TradingCalendar.ts"
import type { MarketConfig } from "../../src/programs/DeskConfig.ts"
import { marketOptions, marketSources } from "../../src/programs/MarketSources.ts"
import { runMarket } from "../../src/programs/RunDesk.ts"
import { lastInstant, openBook } from "../../src/programs/RunProgram.ts"
import { venueModelsOf } from "../../src/programs/VenueModelsConfig.ts"
import { deskProfile, type LimitsProfile } from "../../src/risk/LimitsProfile.ts"
import { playSessions, resumeIndex, type RunProgress } from "../../src/session/Run.ts"
import type { RunInputs } from "../../src/session/RunInputs.ts"
import type { Strategy } from "../../src/session/Strategy.ts"
import { fileStorage } from "../execution/TestDesk.ts"

export interface OptionRun {
  readonly market: MarketConfig
  readonly strategy: Strategy
  readonly symbol: string
  readonly from: SessionDate
  readonly to: SessionDate
  readonly cash: Money
  readonly profile?: LimitsProfile
}

/** A book as it stood after a session. */
export interface Stand {
  readonly date: SessionDate
  readonly status: DeskStatus
}

/** Plays a run of one strategy in `folder` from where it is to its end; `stands` is how its book stood at each close. */
export const playOptionRun = (
  folder: string,
  run: OptionRun,
  onSession: (progress: RunProgress) => Effect.Effect<void> = () => Effect.void
) =>
  Effect.gen(function* () {
    const { cash, from, market, profile = deskProfile, strategy, symbol, to } = run
    const fs = yield* FileSystem.FileSystem
    const sessions = sessionsBetween(from, to)
    const inputs: RunInputs = {
      strategies: [strategy.name],
      symbols: [symbol],
      from,
      to,
      cash,
      profile,
      resumePolicy: { _tag: "Sessions", count: 20 },
      seed: 1,
      models: venueModelsOf(undefined)
    }
    const reached = (yield* fs.exists(`${folder}/desk.db`)) ? yield* lastInstant(folder) : Option.none()
    const start = Option.getOrElse(reached, () => timestamp((sessions[0]?.open ?? 0) - 60_000_000))
    const sources = yield* marketSources({ market }, process.cwd())
    const published = yield* marketOptions({ market }, process.cwd())
    return yield* Effect.gen(function* () {
      const data = yield* MarketData
      const instruments = [yield* data.instrument(symbol)]
      const book = yield* openBook({ folder, inputs, strategy, instruments, sessions })
      yield* book.open
      const stands: Array<Stand> = []
      yield* playSessions({
        sessions,
        from: resumeIndex(sessions, start),
        books: [
          {
            reached: book.reached,
            points: book.points,
            play: (session, index, point) =>
              Effect.gen(function* () {
                const step = yield* book.play(session, index, point)
                stands.push({ date: session.date, status: yield* book.status })
                return step
              })
          }
        ],
        onProgress: onSession
      })
      yield* book.flush
      return {
        summary: yield* book.summary,
        options: yield* book.options,
        status: yield* book.status,
        stands
      }
    }).pipe(Effect.provide(runMarket({ sources, published, seed: inputs.seed, start })))
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** The journal of the book in a folder, and how many entries its verified audit log has. */
export const journalOf = (folder: string) =>
  Effect.gen(function* () {
    const journal = yield* OrderJournal
    const audit = yield* AuditLog
    const { entries, unwritten } = yield* audit.verify
    return { lines: yield* journal.read({ after: 0, limit: 100_000 }), entries, unwritten }
  }).pipe(Effect.provide(fileStorage(folder).pipe(Layer.provideMerge(NodeServices.layer))))
