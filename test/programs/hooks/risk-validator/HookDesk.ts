/** A real desk in a project's folder, and the hook as a process that is asked about its orders. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, type Layer, Redacted } from "effect"
import { instrumentId } from "../../../../src/domain/Identifiers.ts"
import { shares } from "../../../../src/domain/Money.ts"
import type { OrderRequest } from "../../../../src/domain/Order.ts"
import { Broker } from "../../../../src/execution/Broker.ts"
import { Crank } from "../../../../src/execution/Crank.ts"
import { MarketClockControl } from "../../../../src/market/MarketClockControl.ts"
import { type DeskFolder, deskFolderAt } from "../../../../src/programs/DeskFolder.ts"
import { openDesk } from "../../../../src/programs/DeskProgram.ts"
import { initDesk } from "../../../../src/programs/InitDesk.ts"
import { agent, person } from "../../../execution/TestDesk.ts"
import { type Ended, runHookScript, toolEventOf } from "../HookProcess.ts"

const script = new URL("../../../../src/programs/hooks/risk-validator/main.ts", import.meta.url)

/** Two sessions of two instruments; ACME falls by forty percent between them. */
const prices = (first: number, second: number): string =>
  [
    "Date,Open,High,Low,Close,Volume",
    `2024-03-04,${first},${first},${first},${first},10000000`,
    `2024-03-05,${second},${second},${second},${second},10000000`,
    `2024-03-06,${second},${second},${second},${second},10000000`
  ].join("\n")

export const ACME = instrumentId("ACME.XNYS")
export const BOLT = instrumentId("BOLT.XNYS")

const config = (limits: object) =>
  JSON.stringify({
    market: { source: "csv", files: { ACME: "prices/acme.csv", BOLT: "prices/bolt.csv" } },
    limits,
    paper: { startingCash: "100000", fee: { model: "zero" } }
  })

export interface HookAsked {
  readonly tool?: string
  readonly input: unknown
  readonly event?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
}

/** A project's folder with its files, without a desk. */
const projectWith = (settings: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const project = yield* files.makeTempDirectoryScoped()
    yield* Effect.sync(() => {
      mkdirSync(join(project, "prices"))
      writeFileSync(join(project, "prices/acme.csv"), prices(100, 60))
      writeFileSync(join(project, "prices/bolt.csv"), prices(50, 50))
      writeFileSync(join(project, "plimsoll.json"), settings)
    })
    return project
  })

export const newProject = projectWith(config({ duplicateWindowSeconds: 0 }))

export const writeLimits = (project: string, limits: object): void =>
  writeFileSync(join(project, "plimsoll.json"), config(limits))

/** What the hook says of a call in this project. */
export const askHook = (project: string, asked: HookAsked): Effect.Effect<Ended> =>
  Effect.promise(() =>
    runHookScript(script, {
      stdin: JSON.stringify(
        toolEventOf("PreToolUse", asked.tool ?? "mcp__broker__place_order", asked.input, {
          cwd: project,
          ...asked.event
        })
      ),
      environment: { CLAUDE_PROJECT_DIR: project, ...asked.environment }
    })
  )

const holder = "test"

/** A desk in a new project, 09:30 of its first session; `url` puts it on a server, `settings` on another market. */
export const hookDesk = (url?: string, settings?: object) =>
  Effect.gen(function* () {
    const project = yield* settings === undefined ? newProject : projectWith(JSON.stringify(settings))
    const server = url === undefined ? undefined : Redacted.make(url)
    const folder: DeskFolder = deskFolderAt(project, undefined, server)
    yield* initDesk({ folder, cash: undefined, actor: person, holder })
    return {
      project,
      folder,
      ask: (asked: HookAsked) =>
        askHook(project, {
          ...asked,
          environment: { ...(url === undefined ? {} : { PLIMSOLL_DATABASE_URL: url }), ...asked.environment }
        })
    }
  })

/** On the desk, opened as a program opens it. */
export const onDesk = <A, E>(
  folder: DeskFolder,
  work: Effect.Effect<A, E, Layer.Success<ReturnType<typeof openDesk>>>
) => Effect.provide(work, openDesk(folder, holder))

/** The quote of an instrument, as an agent asks for it. */
export const quoteOf = (folder: DeskFolder, id: typeof ACME) =>
  onDesk(
    folder,
    Broker.use((broker) => broker.quote(id))
  )

/** Shares bought at the market, whatever the session's first price is. */
export const bought = (folder: DeskFolder, id: typeof ACME, count: number) =>
  onDesk(
    folder,
    Effect.gen(function* () {
      const broker = yield* Broker
      const { quoteId } = yield* broker.quote(id)
      const request: OrderRequest = {
        instrumentId: id,
        side: "BUY",
        type: { _tag: "Market" },
        size: { _tag: "Quantity", quantity: shares(count) },
        timeInForce: "DAY",
        quoteId
      }
      return yield* broker.submit(request, { actor: agent })
    })
  )

/** Moves the market's clock and brings the desk along. */
export const stepBy = (folder: DeskFolder, seconds: number) =>
  onDesk(
    folder,
    Effect.gen(function* () {
      const control = yield* MarketClockControl
      const crank = yield* Crank
      yield* control.step({ _tag: "By", micros: seconds * 1_000_000 })
      yield* crank.upToDate
    })
  )

export const toNextOpen = (folder: DeskFolder) =>
  onDesk(
    folder,
    Effect.gen(function* () {
      const control = yield* MarketClockControl
      const crank = yield* Crank
      yield* control.step({ _tag: "ToOpen" })
      yield* control.step({ _tag: "By", micros: 60_000_000 })
      yield* crank.upToDate
    })
  )

/** What stands in the table of permits. */
export const permitsIn = ({ database }: DeskFolder): ReadonlyArray<unknown> => {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    return db
      .prepare("SELECT body FROM permits ORDER BY call_id")
      .all()
      .map(({ body }) => JSON.parse(String(body)))
  } finally {
    db.close()
  }
}

/** Changes the desk's database as nobody should. */
export const spoil = ({ database }: DeskFolder, statement: string): void => {
  const db = new DatabaseSync(database)
  try {
    db.exec(statement)
  } finally {
    db.close()
  }
}

export const textOf = (path: string): string => readFileSync(path, "utf8")

export const platform = NodeServices.layer
