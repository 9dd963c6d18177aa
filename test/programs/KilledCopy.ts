/** A desk's move, killed at one of its steps: what is found after, and whether it can be finished. */
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Context, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Broker } from "../../src/execution/Broker.ts"
import { instrumentId } from "../../src/domain/Identifiers.ts"
import { shares } from "../../src/domain/Money.ts"
import * as EmbeddedReplay from "../../src/market/replay/EmbeddedReplay.ts"
import { type DeskFolder, deskFolderAt } from "../../src/programs/DeskFolder.ts"
import { openDesk } from "../../src/programs/DeskProgram.ts"
import { openStorage } from "../../src/programs/DeskStorage.ts"
import { initDesk } from "../../src/programs/InitDesk.ts"
import type { Kind } from "../../src/programs/PlaceFile.ts"
import { copyDesk } from "../../src/programs/StorageCopy.ts"
import * as Catalog from "../../src/storage/Catalog.ts"
import { fingerprint } from "../../src/storage/Copy.ts"
import { startChild } from "../support/Children.ts"
import { dropSchema, newSchema, urlOf } from "../support/Postgres.ts"

const script = new URL("./processes/copyDesk.ts", import.meta.url)
const kinds: ReadonlyArray<Kind> = ["sqlite", "postgres"]
const actor = { kind: "person", name: "test" } as const

/** As it is found with and without PLIMSOLL_DATABASE_URL. */
const seenFrom = (project: string, url: string, kind: Kind): DeskFolder =>
  deskFolderAt(project, undefined, kind === "postgres" ? Redacted.make(url) : undefined)

const CALL = instrumentId("AAPL 170120C00115000.OPRA")

/** A project with a desk in a file that has traded, an option too; its folder. */
export const newDesk = Effect.gen(function* () {
  const project = mkdtempSync(join(tmpdir(), "plimsoll-move-"))
  const folder = deskFolderAt(project, undefined)
  yield* initDesk({ folder, cash: undefined, actor, holder: "test" })
  yield* Effect.gen(function* () {
    const broker = yield* Broker
    const quote = yield* broker.quote(EmbeddedReplay.aaplId)
    yield* broker.submit(
      {
        instrumentId: EmbeddedReplay.aaplId,
        side: "BUY",
        type: { _tag: "Market" },
        size: { _tag: "Quantity", quantity: shares(5) },
        timeInForce: "DAY",
        quoteId: quote.quoteId
      },
      { actor }
    )
    const option = yield* broker.quote(CALL)
    yield* broker.submit(
      {
        instrumentId: CALL,
        side: "BUY",
        type: { _tag: "Market" },
        size: { _tag: "Quantity", quantity: shares(1) },
        timeInForce: "DAY",
        quoteId: option.quoteId
      },
      { actor }
    )
  }).pipe(Effect.provide(openDesk(folder, "test")))
  return project
}).pipe(Effect.provide(NodeServices.layer))

const rowsIn = (folder: DeskFolder) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(yield* openStorage(folder))
    const sql = Context.get(context, SqlClient.SqlClient)
    const tables = yield* Effect.provideContext(Catalog.tables, context)
    return JSON.stringify(yield* Effect.forEach(tables, (table) => fingerprint(sql, table)))
  }).pipe(Effect.scoped)

/** The databases that open as this project's desk, each with what is in it. */
const usable = (project: string, url: string) =>
  Effect.map(
    Effect.forEach(kinds, (kind) =>
      rowsIn(seenFrom(project, url, kind)).pipe(
        Effect.map((rows) => [{ kind, rows }]),
        Effect.catchTags({
          DeskMissing: () => Effect.succeed([]),
          DeskElsewhere: () => Effect.succeed([])
        })
      )
    ),
    (found) => found.flat()
  )

const move = (project: string, url: string, to: Kind) =>
  Effect.scoped(copyDesk({ folder: seenFrom(project, url, "postgres"), to, onProgress: () => Effect.void }))

/** Runs the move in a process that is killed before step `at`; 0 lets it live. What it printed. */
const killedAt = (project: string, url: string, to: Kind, at: number) =>
  Effect.promise(async () => {
    const child = startChild(script, [project, url, to, String(at)])
    await child.ready
    child.go()
    return child.exited
  })

/** A copy of the desk where the move to `to` begins, for as long as the scope lasts. */
const start = (desk: string, to: Kind) =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      const project = mkdtempSync(join(tmpdir(), "plimsoll-move-"))
      cpSync(desk, project, { recursive: true })
      const schema = newSchema()
      const url = urlOf(schema)
      if (to === "sqlite") yield* move(project, url, "postgres")
      return { project, schema, url }
    }),
    ({ project, schema }) =>
      Effect.andThen(
        dropSchema(schema),
        Effect.sync(() => rmSync(project, { recursive: true, force: true }))
      )
  )

/** How many steps a move has that nobody kills. */
export const stepsOf = (desk: string, to: Kind) =>
  Effect.gen(function* () {
    const { project, url } = yield* start(desk, to)
    const { code, output } = yield* killedAt(project, url, to, 0)
    return code === 0 ? Number(output) : yield* Effect.die(new Error(`the move failed:\n${output}`))
  }).pipe(Effect.scoped)

/** Kills the move at a step, looks, and finishes it; what was not as it has to be, in words. */
export const killAndLook = (desk: string, to: Kind, at: number) =>
  Effect.gen(function* () {
    const { project, url } = yield* start(desk, to)
    const before = yield* usable(project, url)
    const end = yield* killedAt(project, url, to, at)
    if (end.signal !== "SIGKILL") return [`step ${at} to ${to}: it was not killed: ${end.output}`]
    const problems: Array<string> = []
    const after = yield* usable(project, url)
    const [found] = after
    if (after.length !== 1) {
      problems.push(`usable are ${after.map(({ kind }) => kind).join(" and ") || "none"}`)
    }
    if (found?.rows !== before[0]?.rows) problems.push("it is not the desk that was moved")
    if (found !== undefined && found.kind !== to) yield* move(project, url, to)
    const finished = yield* usable(project, url)
    if (finished.length !== 1 || finished[0]?.kind !== to || finished[0].rows !== before[0]?.rows) {
      problems.push("the move could not be finished")
    }
    return problems.map((problem) => `step ${at} to ${to}: ${problem}`)
  }).pipe(Effect.scoped)
