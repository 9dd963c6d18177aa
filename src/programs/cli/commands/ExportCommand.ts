/** `plimsoll export`: fills and positions as CSV. */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve, sep } from "node:path"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { FillEvent } from "../../../domain/JournalEvent.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { toExchangeTime } from "../../../market/TradingCalendar.ts"
import { fillsCsv, positionsCsv } from "../../../portfolio/CsvExport.ts"
import { makeFolder } from "../../MakeFolder.ts"
import { answer, documented, jsonFlag, onDesk, optional } from "../CommandKit.ts"
import { BadUsage } from "../Failures.ts"
import { counted } from "../Format.ts"
import { checkReplaceable, trying } from "../OutputFile.ts"
import { surroundings } from "../Surroundings.ts"
import { printable } from "../Terminal.ts"

const PAGE = 1000

const allFills = Effect.gen(function* () {
  const view = yield* DeskView
  const fills: Array<FillEvent> = []
  let after = 0
  for (;;) {
    const page = yield* view.fills({ after, limit: PAGE })
    for (const { fill } of page) fills.push(fill)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return fills
    after = last.sequence
  }
})

interface Target {
  readonly file: string
  readonly text: string
}

/** All of the files, each whole, or none of them: written beside, and moved into place when all are written. */
const write = Effect.fnUntraced(function* (targets: ReadonlyArray<Target>) {
  const beside = (file: string) => `${file}.${process.pid}.new`
  const begun: Array<string> = []
  yield* Effect.forEach(targets, ({ file, text }) =>
    trying(file, "written", () => {
      const handle = openSync(beside(file), "wx")
      begun.push(beside(file))
      try {
        writeFileSync(handle, text)
      } finally {
        closeSync(handle)
      }
    })
  ).pipe(
    Effect.andThen(
      Effect.forEach(targets, ({ file }) => trying(file, "written", () => renameSync(beside(file), file)))
    ),
    Effect.ensuring(
      Effect.sync(() => {
        for (const file of begun) rmSync(file, { force: true })
      })
    )
  )
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
    const { cwd, folder: desk } = surroundings()
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
    const files = [...Option.toArray(fillsFile), ...Option.toArray(positionsFile)]
    if (new Set(files).size < files.length) {
      return yield* new BadUsage({ message: "--fills and --positions are two files: name them differently" })
    }
    const around = files.find((file) => files.some((other) => other.startsWith(`${file}${sep}`)))
    if (around !== undefined) {
      return yield* new BadUsage({
        message: `${around} would be a file and a folder at once: name them differently`
      })
    }
    yield* Effect.forEach(files, (file) => checkReplaceable(file, desk))
    yield* onDesk(
      Effect.gen(function* () {
        const view = yield* DeskView
        const status = yield* view.status
        const filled = yield* allFills
        const positionsText = positionsCsv(yield* view.ledger, {
          marks: yield* view.marks,
          asOf: status.now,
          exchangeTime: toExchangeTime
        })
        if (Option.isSome(folder)) yield* trying(folder.value, "made", () => makeFolder(folder.value))
        yield* write([
          ...Option.toArray(fillsFile).map((file) => ({ file, text: fillsCsv(filled, toExchangeTime) })),
          ...Option.toArray(positionsFile).map((file) => ({ file, text: positionsText }))
        ])
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
              onSome: (file) => [`${counted(filled.length, "fill")} in ${printable(file)}`]
            }),
            ...Option.match(positionsFile, {
              onNone: () => [],
              onSome: (file) => [`${counted(status.positions.length, "position")} in ${printable(file)}`]
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
