import { crc32 } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { checksumBy, plainCrc32 } from "../../src/storage/Checksum.ts"

describe("the checksum in plain JavaScript", () => {
  it("gives the published value (CRC-32 of the digits 1 to 9)", () => {
    expect(plainCrc32("123456789", 0)).toBe(0xcbf43926)
  })

  it.prop(
    "is zlib's, whatever the text and whatever came before",
    [Schema.String, Schema.String],
    ([a, b]) => {
      expect(plainCrc32(b, plainCrc32(a, 0))).toBe(crc32(b, crc32(a, 0)))
    }
  )

  it.prop(
    "of a row is the one that is written",
    [Schema.Array(Schema.Union([Schema.String, Schema.Int, Schema.Null]))],
    ([cells]) => {
      expect(checksumBy(plainCrc32, cells)).toBe(checksumBy(crc32, cells))
    }
  )
})
