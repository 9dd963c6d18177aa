import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import * as DeskDatabase from "../../src/storage/DeskDatabase.ts"
import { checksumOf, sealedTable } from "../../src/storage/Rows.ts"
import * as Tables from "../../src/storage/Tables.ts"

const Cell = Schema.Union([Schema.String, Schema.Int, Schema.Null])
const Cells = Schema.Array(Cell).pipe(Schema.check(Schema.isMinLength(1), Schema.isMaxLength(6)))
const Pick = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })))

describe("a row's checksum", () => {
  it.effect.prop(
    "changes with any bit of any text",
    { text: Schema.NonEmptyString, pick: Pick },
    ({ pick, text }) => {
      const bytes = Buffer.from(text)
      const at = pick % (bytes.length * 8)
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7))
      const flipped = bytes.toString("latin1")
      return Effect.sync(() =>
        expect(checksumOf([flipped])).not.toBe(checksumOf([Buffer.from(text).toString("latin1")]))
      )
    }
  )

  it.effect.prop(
    "changes when a cell is taken out or two change places",
    { cells: Cells, pick: Pick },
    ({ cells, pick }) =>
      Effect.sync(() => {
        const at = pick % cells.length
        // No database keeps half a surrogate pair: in UTF-8 one is as the other.
        if (cells.some((cell) => typeof cell === "string" && /\p{Surrogate}/u.test(cell))) return
        expect(checksumOf(cells.toSpliced(at, 1))).not.toBe(checksumOf(cells))
        const [one, other] = [cells[at], cells[(at + 1) % cells.length]]
        if (JSON.stringify(one) === JSON.stringify(other)) return
        const swapped = cells.map((cell, i) =>
          i === at ? other : i === (at + 1) % cells.length ? one : cell
        )
        expect(checksumOf(swapped)).not.toBe(checksumOf(cells))
      })
  )

  it("tells nothing, an empty text, zero and their texts apart, and does not run cells together", () => {
    const sums = [[null], [""], [0], ["0"], ["-"], ["ab", "c"], ["a", "bc"], ["abc"], [null, null]].map(
      (cells) => checksumOf(cells)
    )
    expect(new Set(sums).size).toBe(sums.length)
  })

  it("fits a signed 32-bit column", () => {
    for (const text of ["", "a", "abc", "plimsoll"]) {
      const sum = checksumOf([text])
      expect(sum).toBe(sum | 0)
    }
  })
})

describe("a sealed table", () => {
  const table = sealedTable("things", ["name", "size"])
  const read = table.decode(Schema.Struct({ name: Schema.String, size: Schema.Int }))

  it.effect("gives a row back as it was sealed", () =>
    Effect.gen(function* () {
      expect(yield* read(table.seal({ name: "a", size: 1 }))).toEqual({ name: "a", size: 1 })
    })
  )

  it.effect.each([
    ["a column that changed", { name: "a", size: 2 }],
    ["a checksum that changed", { name: "a", size: 1, checksum: 1 }],
    ["no checksum", { name: "a", size: 1, checksum: null }]
  ] as const)("names table and key of a row with %s", ([, changed]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read({ ...table.seal({ name: "a", size: 1 }), ...changed }))
      expect(error).toMatchObject({ _tag: "StorageCorrupt", table: "things", key: "a" })
      expect(error.message).toContain("plimsoll recover")
    })
  )
})

describe("the desk's tables", () => {
  it.effect("are sealed over every column they have", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
      const own = rows.map(({ name }) => name).filter((name) => !/^(?:sqlite|plimsoll)_/u.test(name))
      const sealed = Object.values(Tables)
      expect(sealed.map(({ name }) => name).toSorted()).toEqual(own.toSorted())
      for (const { columns, name } of sealed) {
        const has = yield* sql<{ name: string }>`SELECT name FROM pragma_table_info(${name})`
        expect([name, columns.split(", ").toSorted()]).toEqual([
          name,
          has.map((column) => column.name).toSorted()
        ])
      }
    }).pipe(Effect.provide(DeskDatabase.layerMemory))
  )
})
