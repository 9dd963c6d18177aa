/** A short run of three strategies on the hand-made market, to be played, interrupted and played on. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer, Option } from "effect"
import { AuditLog } from "../../src/audit/AuditLog.ts"
import { dollars } from "../../src/domain/Money.ts"
import { timestamp } from "../../src/domain/Timestamp.ts"
import * as OptionedMarketData from "../../src/market/OptionedMarketData.ts"
import { lastInstant, openBook } from "../../src/programs/RunProgram.ts"
import { defaultLimits } from "../../src/risk/RiskLimits.ts"
import { playSessions, resumeIndex } from "../../src/session/Run.ts"
import type { RunInputs } from "../../src/session/RunInputs.ts"
import type { Strategy } from "../../src/session/Strategy.ts"
import { frictionless, fileStorage, marketLayer } from "../execution/TestDesk.ts"
import { busyStrategy } from "./BusyStrategy.ts"
import { ACME, BOLT, INDX, sessionAt, sessions } from "../execution/TestMarket.ts"

const instruments = [ACME, BOLT, INDX]

/** Moves a little of everything about, and asks for too much now and then. */
const zigzag = (name: string, phase: number): Strategy => ({
  name,
  title: name,
  summary: "A strategy of this test.",
  description: "For tests.",
  parameters: {},
  meanings: {},
  instruments: { least: 1, most: null },
  onBar: ({ instruments: all, sessionIndex }) =>
    all.map(({ id }, i) => ({
      instrumentId: id,
      weight: ((sessionIndex * 7 + i * 3 + phase) % 5) * 0.05,
      reason: "zigzag"
    }))
})

const strategies = [zigzag("zig", 0), zigzag("zag", 2), busyStrategy("busy")]

const inputs: RunInputs = {
  strategies: ["zig", "zag", "busy"],
  symbols: ["ACME", "BOLT", "INDX"],
  from: sessionAt(0).date,
  to: sessionAt(sessions.length - 1).date,
  cash: dollars(100_000),
  profile: { name: "test", label: "test", promotable: false, limits: defaultLimits },
  resumePolicy: { _tag: "Sessions", count: 2 },
  seed: 7,
  models: { ...frictionless, fee: { _tag: "Ratio", basisPoints: 5 } }
}

const folderOf = (folder: string, strategy: Strategy) => `${folder}/${strategy.name}`

/** Where each book of the run in `folder` has its desk. */
export const bookFolders = (folder: string) => strategies.map((strategy) => folderOf(folder, strategy))

/** The least market time the books have reached; a moment before the first session for a new run. */
const reached = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const first = timestamp(sessionAt(0).open - 60_000_000)
  let least: number = Number.POSITIVE_INFINITY
  for (const strategy of strategies) {
    const book = folderOf(folder, strategy)
    yield* fs.makeDirectory(book, { recursive: true })
    const last = (yield* fs.exists(`${book}/desk.db`)) ? yield* lastInstant(book) : Option.none()
    least = Math.min(
      least,
      Option.getOrElse(last, () => first)
    )
  }
  return timestamp(least)
})

/** Plays the run in `folder` from where it is to its end; gives a hash a book. */
export const playRun = (folder: string, onSession: Effect.Effect<void> = Effect.void) =>
  Effect.gen(function* () {
    const start = yield* reached(folder)
    return yield* Effect.gen(function* () {
      const books = yield* Effect.forEach(strategies, (strategy) =>
        openBook({ folder: folderOf(folder, strategy), inputs, strategy, instruments, sessions })
      )
      for (const book of books) yield* book.open
      yield* playSessions({
        sessions,
        from: resumeIndex(sessions, start),
        books,
        onProgress: () => onSession
      })
      yield* Effect.forEach(books, (book) => book.flush)
      return yield* Effect.forEach(books, (book) => book.summary)
    }).pipe(Effect.provide(OptionedMarketData.layer().pipe(Layer.provideMerge(marketLayer({ start })))))
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** The audit log of each book, verified: how many entries it has. */
export const verifyRun = (folder: string) =>
  Effect.forEach(strategies, (strategy) =>
    AuditLog.use((audit) => audit.verify).pipe(
      Effect.provide(fileStorage(folderOf(folder, strategy)).pipe(Layer.provideMerge(NodeServices.layer)))
    )
  )
