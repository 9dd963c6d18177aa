/** `plimsoll export`: fills and positions as CSV. */
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import type { OrderFilled } from "../../../domain/JournalEvent.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import { fillsCsv, positionsCsv } from "../../../portfolio/CsvExport.ts"
import { makeFolder } from "../../MakeFolder.ts"
import { answer, documented, jsonFlag, onDesk, optional } from "../CommandKit.ts"
import { BadUsage } from "../Failures.ts"
import { counted } from "../Format.ts"
import { surroundings } from "../Surroundings.ts"

/** A file cannot be written. */
export class ExportFailed extends Schema.TaggedError<ExportFailed>()("ExportFailed", {
  file: Schema.String,
  message: Schema.String
}) {}

const PAGE = 1000

const allFills = Effect.gen(function* () {
  const view = yield* DeskView
  const fills: Array<OrderFilled> = []
  let after = 0
  for (;;) {
    const page = yield* view.fills({ after, limit: PAGE })
    for (const { fill } of page) fills.push(fill)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return fills
    after = last.sequence
  }
})

/** Whole or not at all: written beside and moved into place. */
const write = (file: string, text: string): Effect.Effect<void, ExportFailed> =>
  Effect.try({
    try: () => {
      const beside = `${file}.${process.pid}.new`
      try {
        writeFileSync(beside, text)
        renameSync(beside, file)
      } finally {
        rmSync(beside, { force: true })
      }
    },
    catch: (cause) =>
      new ExportFailed({
        file,
        message: `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

const prepare = (folder: string): Effect.Effect<void, ExportFailed> =>
  Effect.try({
    try: () => makeFolder(folder),
    catch: (cause) =>
      new ExportFailed({
        file: folder,
        message: `${folder} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

const path = (name: string) => Flag.String(name).pipe(Flag.withMetavar("path"))

export const exportCommand = Command.make(
  "export",
  {
    out: optional(path("out"), "a folder for fills.csv and positions.csv"),
    fills: optional(path("fills"), "a file for the fills"),
    positions: optional(path("positions"), "a file for the positions"),
    json: jsonFlag
  },
  Effect.fn("ExportCommand")(function* ({ fills, json, out, positions }) {
    const { cwd } = surroundings()
    const folder = Option.map(out, (text) => resolve(cwd, text))
    const inFolder = (name: string) => Option.map(folder, (path) => join(path, name))
    const given = (file: Option.Option<string>) => Option.map(file, (text) => resolve(cwd, text))
    const fillsFile = Option.orElse(given(fills), () => inFolder("fills.csv"))
    const positionsFile = Option.orElse(given(positions), () => inFolder("positions.csv"))
    if (Option.isNone(fillsFile) && Option.isNone(positionsFile)) {
      return yield* new BadUsage({
        message: "where to? Give --out FOLDER, or --fills FILE and --positions FILE"
      })
    }
    yield* onDesk(
      Effect.gen(function* () {
        const view = yield* DeskView
        const status = yield* view.status
        const filled = yield* allFills
        if (Option.isSome(folder)) yield* prepare(folder.value)
        if (Option.isSome(fillsFile)) yield* write(fillsFile.value, fillsCsv(filled, toExchangeTime))
        if (Option.isSome(positionsFile)) {
          const marks = yield* view.marks
          const asOf = status.now
          yield* write(
            positionsFile.value,
            positionsCsv(yield* view.ledger, { marks, asOf, exchangeTime: toExchangeTime })
          )
        }
        yield* answer(
          json,
          {
            account_id: status.accountId,
            fills: filled.length,
            positions: status.positions.length,
            fills_file: Option.getOrNull(fillsFile),
            positions_file: Option.getOrNull(positionsFile)
          },
          [
            ...Option.match(fillsFile, {
              onNone: () => [],
              onSome: (file) => [`${counted(filled.length, "fill")} in ${file}`]
            }),
            ...Option.match(positionsFile, {
              onNone: () => [],
              onSome: (file) => [`${counted(status.positions.length, "position")} in ${file}`]
            })
          ]
        )
      })
    )
  })
).pipe(
  documented(
    "The account's fills and positions as CSV, exact to the millionth.",
    ["export --out books", "books/fills.csv and books/positions.csv"],
    ["export --fills fills.csv", "the fills alone"]
  )
)
