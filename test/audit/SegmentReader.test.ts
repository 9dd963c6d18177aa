import { describe, expect, it } from "@effect/vitest"
import { MAX_LINE_BYTES } from "../../src/audit/HashChain.ts"
import { lineSplitter } from "../../src/audit/SegmentReader.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe("lineSplitter", () => {
  it("keeps the beginning of a line that is longer than any the log writes, and finds the next", () => {
    const split = lineSplitter("2026-03-02")
    const chunk = bytes("x".repeat(MAX_LINE_BYTES))
    const lines = [chunk, chunk, chunk, bytes("x\nnext\nlast")].flatMap((part) => split.push(part))
    const all = [...lines, ...split.end()]
    expect(all.map(({ number, complete }) => [number, complete])).toEqual([
      [1, true],
      [2, true],
      [3, false]
    ])
    expect(all[0]?.text).toHaveLength(MAX_LINE_BYTES + 1)
    expect(all.slice(1).map(({ text }) => text)).toEqual(["next", "last"])
  })
})
