import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Context, Effect, FileSystem, Layer } from "effect"
import { vi } from "vitest"
import { type Asked, DeskUnreadable } from "../../src/execution/DeskSnapshot.ts"
import { keepInstruments } from "../../src/market/InstrumentStore.ts"
import { structuresOf } from "../../src/portfolio/options/Holdings.ts"
import { DATABASE_VERSION } from "../../src/storage/DatabaseVersion.ts"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import { currentVersion } from "../../src/storage/Migrations.ts"
import { allTables } from "../../src/storage/SnapshotRows.ts"
import * as SnapshotSql from "../../src/storage/SnapshotSql.ts"
import * as SnapshotSync from "../../src/storage/SnapshotSync.ts"
import * as Tables from "../../src/storage/Tables.ts"
import {
  CALL,
  here,
  nothingYet,
  ReadDesk,
  snapshotLimits,
  snapshotMarket,
  someAct,
  suite
} from "../contracts/DeskSnapshotContract.ts"
import { optionSessions } from "../execution/OptionDesk.ts"
import { openReplay, replayMarket } from "../execution/ReplayDesk.ts"
import {
  acts,
  deskLayer,
  fileStorage,
  newFile,
  newOnPostgres,
  type OpenStorage
} from "../execution/TestDesk.ts"
import { minute } from "../execution/TestMarket.ts"
import { Machine } from "../support/Machine.ts"
import { numbers, pick } from "../support/Numbers.ts"
import { describeWithPostgres } from "../support/WithPostgres.ts"

// Every statement is a message to a server: slow on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 })

const options = { market: snapshotMarket, over: optionSessions, limits: snapshotLimits }

/** A desk over storage, with its instruments kept. */
const desk = (storage: ReturnType<OpenStorage>) =>
  deskLayer(options).pipe(
    Layer.provideMerge(keepInstruments),
    Layer.provideMerge(replayMarket(options)),
    Layer.provideMerge(storage)
  )

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

type Storage = Layer.Success<ReturnType<OpenStorage>>

const bySync = (of: string) =>
  Layer.succeed(ReadDesk, (asked) =>
    Effect.map(here, (now) => {
      const file = SnapshotSync.openFile(`${of}/desk.db`)
      if (file instanceof DeskUnreadable) return file
      try {
        return file.read({ asked, here: now, deskId: undefined })
      } finally {
        file.close()
      }
    })
  )

const bySql = Layer.effect(
  ReadDesk,
  Effect.map(
    Effect.context<Storage>(),
    (context): ReadDesk["Service"] =>
      (asked) =>
        Effect.flatMap(here, (now) => SnapshotSql.readDesk(asked, now)).pipe(Effect.provideContext(context))
  )
)

const base = Layer.provideMerge(Machine.layer, NodeServices.layer)

const ofFile = Layer.unwrap(
  Effect.map(folder, (of) => Layer.provideMerge(bySync(of), desk(fileStorage(of))))
).pipe(Layer.provideMerge(base), Layer.orDie)

const bySqlOver = (storage: typeof newFile) =>
  Layer.unwrap(Effect.map(storage, (open) => Layer.provideMerge(bySql, desk(open())))).pipe(
    Layer.provideMerge(base),
    Layer.orDie
  )

suite("a file's own connection", ofFile)
suite("the stores, in a file", bySqlOver(newFile))
describeWithPostgres("with a server", () =>
  suite("the stores, on PostgreSQL", bySqlOver(newOnPostgres), [5, 6])
)

describe("the two readers of a file", () => {
  it.effect("read the same, whatever happens and whatever is asked about", () =>
    Effect.gen(function* () {
      const of = yield* folder
      const play = Effect.gen(function* () {
        const sync = Context.get(yield* Layer.build(bySync(of)), ReadDesk)
        const sql = Context.get(yield* Layer.build(bySql), ReadDesk)
        const draw = numbers(11)
        const past = nothingYet()
        yield* openReplay(minute(0, 5), 1)
        for (let turn = 0; turn < 150; turn++) {
          yield* Effect.result(someAct(draw, past))
          const { broker } = yield* acts
          const [order] = yield* broker.orders({ working: true, limit: 1 })
          const names: readonly [string, ...ReadonlyArray<string>] = [
            "ACME",
            " acme.xnas",
            "INDX",
            CALL,
            "acme   240315p00095000",
            "AAPL 240315P00095000",
            "ACEM",
            ""
          ]
          const { positions } = yield* (yield* acts).view.status
          const structures = structuresOf(positions.map(({ position }) => position))
          const structure = structures[draw(Math.max(1, structures.length))]
          const asked: Asked = {
            what:
              order !== undefined && draw(3) === 0
                ? { _tag: "OfOrder", id: order.clientOrderId }
                : draw(3) === 0
                  ? { _tag: "Held", name: structure?.id ?? pick(draw, names) }
                  : {
                      _tag: "Named",
                      names: [pick(draw, names), ...(draw(3) === 0 ? [pick(draw, names)] : [])]
                    },
            quoteIds: past.quotes.slice(draw(Math.max(1, past.quotes.length))).slice(0, draw(3))
          }
          const read = yield* sync(asked)
          expect(read).toEqual(yield* sql(asked))
          expect(read).not.toBeInstanceOf(DeskUnreadable)
        }
      })
      yield* Effect.provide(play, Layer.provideMerge(desk(fileStorage(of)), Machine.layer))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("the columns of a snapshot's tables", () => {
  it("are those of the desk's tables", () => {
    const known = new Map(Object.values(Tables).map((table) => [table.name, table.columns]))
    for (const { columns, name } of allTables)
      expect(known.get(name)).toBe([...columns, "checksum"].join(", "))
  })

  it.effect("and their version is the newest there is", () =>
    Effect.gen(function* () {
      expect(yield* currentVersion).toBe(DATABASE_VERSION)
    }).pipe(Effect.provide(DeskDatabase.layerMemory))
  )
})
