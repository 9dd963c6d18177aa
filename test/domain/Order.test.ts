import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { OrderContent, sameContent } from "../../src/domain/Order.ts"

const sameBySchema = Schema.toEquivalence(OrderContent)
const decode = Schema.decodeUnknownOption(OrderContent)

const fields = ["instrumentId", "side", "type", "size", "timeInForce", "bracket", "ocoGroup"] as const

describe("the same content", () => {
  it.prop(
    "is what the schema's own equivalence says of any two orders, and of two that differ in one field at most",
    [OrderContent, OrderContent, Schema.Literals(fields)],
    ([a, other, field]) => {
      expect(sameContent(a, other)).toBe(sameBySchema(a, other))
      const { [field]: _, ...rest } = a
      const value = other[field]
      const changed = decode(value === undefined ? rest : { ...rest, [field]: value })
      if (Option.isNone(changed)) return
      expect(sameContent(a, changed.value)).toBe(sameBySchema(a, changed.value))
      expect(sameContent(changed.value, a)).toBe(sameBySchema(a, changed.value))
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop("does not depend on the order in which the fields were written", [OrderContent], ([a]) => {
    const reversed = decode(Object.fromEntries(Object.entries(a).toReversed()))
    expect(Option.map(reversed, (b) => sameContent(a, b))).toStrictEqual(Option.some(true))
  })
})
