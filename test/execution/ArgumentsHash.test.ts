import { expect, it } from "@effect/vitest"
import { argumentsHashOf } from "../../src/execution/ArgumentsHash.ts"

it("the same arguments have the same hash, in whatever order their keys come", () => {
  const one = argumentsHashOf("place_order", { symbol: "AAPL", quantity: 10, legs: [{ a: 1, b: 2 }] })
  expect(argumentsHashOf("place_order", { legs: [{ b: 2, a: 1 }], quantity: 10, symbol: "AAPL" })).toBe(one)
  expect(
    argumentsHashOf("place_order", JSON.parse('{"symbol":"AAPL","quantity":1.0e1,"legs":[{"a":1,"b":2}]}'))
  ).toBe(one)
})

it("is SHA-256 over [tool, arguments] in canonical JSON", () => {
  // printf '["close_position",{"symbol":"AAPL"}]' | sha256sum
  expect(argumentsHashOf("close_position", { symbol: "AAPL" })).toBe(
    "92d63d97ffa3158cd561c25a14328320fe0ac7ffc95f3aef899dba77a4e1b608"
  )
})

it("another tool, another value, another type and another key have other hashes", () => {
  const hashes = [
    argumentsHashOf("place_order", { quantity: 10 }),
    argumentsHashOf("replace_order", { quantity: 10 }),
    argumentsHashOf("place_order", { quantity: 11 }),
    argumentsHashOf("place_order", { quantity: "10" }),
    argumentsHashOf("place_order", { quantity: 10, repeat: true }),
    argumentsHashOf("place_order", {}),
    argumentsHashOf("place_order", null)
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
})

it("what is no JSON has none, and nothing is thrown", () => {
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  const cyclic: Record<string, unknown> = {}
  cyclic["self"] = cyclic
  for (const args of [{ symbol: "\uD800" }, { quantity: Number.NaN }, deep, cyclic, { quantity: 1n }]) {
    expect(argumentsHashOf("place_order", args)).toBe("")
  }
})
