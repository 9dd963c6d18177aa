import { describe, expect, it } from "@effect/vitest"
import { printable, shown } from "../../../src/programs/cli/Terminal.ts"
import { prefixed } from "../../../src/programs/cli/Failures.ts"

describe("text from outside", () => {
  it.each([
    ["an escape that clears the screen", "\u001B[2J", "\\u001b[2J"],
    ["a colour", "\u001B[31mred", "\\u001b[31mred"],
    ["a title", "\u001B]0;x\u0007", "\\u001b]0;x\\u0007"],
    ["the one-byte form of an escape", "\u009B31m", "\\u009b31m"],
    ["a newline", "a\nplimsoll: all is well", "a\\u000aplimsoll: all is well"],
    ["a turned direction of writing", "\u202Eabc", "\\u202eabc"],
    ["half a surrogate pair", "\uD800", "\\ud800"],
    ["a mark that cannot be seen", "\u{E0001}", "\\udb40\\udc01"]
  ])("is shown as what it is: %s", (_what, text, expected) => {
    expect(printable(text)).toBe(expected)
  })

  it.each(["résumé", "日本", "שלום", "👩‍👩‍👧‍👦", "می‌خواهم", "a b"])(
    "that can be read is left alone: %s",
    (text) => {
      expect(printable(text)).toBe(text)
    }
  )
})

describe("our own text", () => {
  it("keeps its lines and its colours, and nothing else that a terminal acts on", () => {
    expect(shown("\u001B[1mPAPER\u001B[22m\n  ok\r\u001B[2K")).toBe(
      "\u001B[1mPAPER\u001B[22m\n  ok\\u000d\\u001b[2K"
    )
  })

  it("as JSON stays the same value", () => {
    const value = { reason: "\u009B\u202E\u007F\u001B[31m\n\uD800", "\u2028": "😀" }
    expect(JSON.parse(shown(JSON.stringify(value, null, 2)))).toEqual(value)
  })
})

describe("a message", () => {
  it("of many lines is told in a dozen", () => {
    const lines = prefixed(Array.from({ length: 100 }, (_, i) => `line ${i + 1}`).join("\n"))
    expect(lines).toHaveLength(13)
    expect(lines[0]).toBe("plimsoll: line 1")
    expect(lines.at(-2)).toBe("  line 12")
    expect(lines.at(-1)).toBe("  … and 88 lines more")
  })

  it("without end is cut", () => {
    expect(prefixed("x".repeat(1_000_000))[0]?.length).toBeLessThan(1100)
  })
})
