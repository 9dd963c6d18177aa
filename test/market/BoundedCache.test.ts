import { describe, expect, it } from "@effect/vitest"
import { boundedCache } from "../../src/market/BoundedCache.ts"

describe("boundedCache", () => {
  it("keeps what was used last, and no more than its capacity", () => {
    const cache = boundedCache<string, number>(2)
    cache.set("a", 1)
    cache.set("b", 2)
    expect(cache.get("a")).toBe(1)
    cache.set("c", 3)
    expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.size()]).toEqual([1, undefined, 3, 2])
    cache.set("a", 4)
    cache.set("d", 5)
    expect([cache.get("a"), cache.get("c"), cache.get("d")]).toEqual([4, undefined, 5])
  })
})
