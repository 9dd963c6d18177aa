import { crc32 } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { checksumOf } from "../../src/storage/Rows.ts"
import { checksumBy, plainCrc32 } from "../../src/storage/Checksum.ts"

describe("the checksum in plain JavaScript", () => {
  it("gives the published value (CRC-32 of the digits 1 to 9)", () => {
    expect(plainCrc32("123456789")).toBe(0xcbf43926)
  })

  it.prop("is zlib's, whatever the text", [Schema.String], ([text]) => {
    expect(plainCrc32(text)).toBe(crc32(text))
  })

  it("goes from cell to cell", () => {
    expect(checksumBy(plainCrc32, ["ab", 5, null])).toBe(crc32("-", crc32("n1:5", crc32("s2:ab"))) | 0)
  })

  it.prop(
    "of a row is the one that is written",
    [Schema.Array(Schema.Union([Schema.String, Schema.Int, Schema.Null]))],
    ([cells]) => {
      expect(checksumBy(plainCrc32, cells)).toBe(checksumOf(cells))
    }
  )
})
