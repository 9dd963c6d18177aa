/** `plimsoll storage`: the database a desk is in, and moving it to the other one. */
import { Clock, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { copyDesk } from "../../StorageCopy.ts"
import { showStorage } from "../../StorageShow.ts"
import { answer, documented, jsonFlag } from "../CommandKit.ts"
import { counted, table } from "../Format.ts"
import { surroundings } from "../Surroundings.ts"
import { err } from "../Terminal.ts"

/** A copy that takes longer says how far it is, so often. */
const TOLD_EVERY_MILLIS = 2000

const MEGABYTE = 1024 * 1024

const progress = Effect.map(Clock.currentTimeMillis, (begun) => {
  let told = begun
  return (rows: number, of: number) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      if (now - told < TOLD_EVERY_MILLIS) return
      told = now
      err(`copied ${rows} of ${counted(of, "row")}`)
    })
})

const to = Flag.Literals("to", ["postgres", "sqlite"]).pipe(
  Flag.withDescription(
    "postgres: the server that PLIMSOLL_DATABASE_URL names; sqlite: desk.db in the desk's folder"
  )
)

const copy = Command.make(
  "copy",
  { to, json: jsonFlag },
  Effect.fn("StorageCommand.copy")(function* ({ json, to: kind }) {
    const { folder } = surroundings()
    const copied = yield* Effect.scoped(copyDesk({ folder, to: kind, onProgress: yield* progress }))
    const rows = copied.tables.reduce((sum, one) => sum + one.rows, 0)
    yield* answer(json, copied, [
      ...table(
        [
          ["table", "rows", "SHA-256, the same on both sides"],
          ...copied.tables.map((one) => [one.table, String(one.rows), one.sha256])
        ],
        { right: [1] }
      ),
      "",
      `The desk is now in ${copied.to}: ${counted(rows, "row")}, each as it was.`,
      kind === "postgres"
        ? "Leave PLIMSOLL_DATABASE_URL set. What is left in desk.db is no longer used."
        : "Unset PLIMSOLL_DATABASE_URL. What is left on the server is no longer used."
    ])
  })
).pipe(
  documented(
    "Move the desk between desk.db and a PostgreSQL server, every row counted and hashed on both sides. The audit files and plimsoll.json stay in the folder. The target has to be empty, or to be what this desk left behind there.",
    [
      "storage copy --to postgres",
      "with PLIMSOLL_DATABASE_URL=postgres://me:secret@localhost:5432/desks?schema=mydesk"
    ],
    ["storage copy --to sqlite", "back into desk.db; unset PLIMSOLL_DATABASE_URL after"]
  )
)

const show = Command.make(
  "show",
  { json: jsonFlag },
  Effect.fn("StorageCommand.show")(function* ({ json }) {
    const shown = yield* showStorage(surroundings().folder)
    yield* answer(json, shown, [
      `The desk is in ${shown.where}`,
      `${shown.engine}; tables of version ${shown.version}, ${(shown.bytes / MEGABYTE).toFixed(1)} MB`,
      "",
      ...table([["table", "rows"], ...shown.tables.map((one) => [one.table, String(one.rows)])], {
        right: [1]
      })
    ])
  })
).pipe(
  documented("Where the desk lives, how large it is, and what is in it.", ["storage show", "for people"])
)

export const storageCommand = Command.make("storage").pipe(
  documented(
    "The database the desk is in: desk.db in its folder, or a PostgreSQL server.",
    ["storage show", "which it is"],
    ["storage copy --to postgres", "move it to the server that PLIMSOLL_DATABASE_URL names"]
  ),
  Command.withSubcommands([copy, show])
)
