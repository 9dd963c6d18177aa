/** Options through the real client: a chain, the Greeks of one of its contracts, its next page; two of its rows as an order. */
import { expect, it } from "vitest"
import { at, parseJson, textAt, type Json } from "./harness/Json.ts"
import { sentTo } from "./Books.ts"
import { call, say, type Seen } from "./harness/Script.ts"
import { PLACE, UNATTENDED, withDesk } from "./Project.ts"

const CHAIN = { symbol: "AAPL", expiry_range: "30d", strikes: 60 }
const chain = (more: Readonly<Record<string, Json>> = {}) =>
  call("mcp__market-data__get_option_chain", { ...CHAIN, ...more })

it("a chain, the Greeks of a contract of it, and its next page, all of one snapshot that is labelled as modelled", () =>
  withDesk(
    {
      main: [
        chain(),
        call("mcp__market-data__get_greeks", (seen) => ({ contract: seen.field("contracts", 0, 0) })),
        call("mcp__market-data__get_option_chain", (seen) => ({
          ...CHAIN,
          cursor: seen.field("next_cursor")
        })),
        call("mcp__market-data__get_greeks", { contract: "AAPL someday" }),
        say("done")
      ]
    },
    async (play) => {
      const run = await play.run("what do Apple's options cost?", { args: UNATTENDED })
      const results = run.exchanges.at(-1)?.results ?? []
      const [first, greeks, second] = results.map(({ text }) => parseJson(text))
      expect(results.map(({ isError }) => isError)).toEqual([false, false, false, true])
      expect(textAt(first, "snapshot_id")).toMatch(/^c-[0-9a-f]{16}$/u)
      for (const answer of [first, greeks, second]) {
        expect(textAt(answer, "source")).toBe("model")
        expect(textAt(answer, "snapshot_id")).toBe(textAt(first, "snapshot_id"))
        expect(textAt(answer, "notes", 0)).toContain("these quotes are a model's, not a market's")
      }
      // The quote that is in the chain's row is the one that the Greeks are of.
      expect(textAt(greeks, "quote_id")).toBe(textAt(first, "contracts", 0, -1))
      expect(at(second, "contracts", 0, 0)).not.toBe(at(first, "contracts", 0, 0))
      expect(results.at(-1)?.text).toContain("InvalidContract")
      expect(results.at(-1)?.text).toContain("Next: write the contract in one of these forms")
    }
  ))

/** A leg of the chain that was seen last: the row, and its quote. */
const leg = (seen: Seen, row: number, side: "BUY" | "SELL"): Json => ({
  symbol: seen.field("contracts", row, 0),
  side,
  quote_id: seen.field("contracts", row, -1)
})

/** A put that is sold, and one with a lower strike that is bought, on the quotes of their rows and at what they bring. */
const spread = (seen: Seen): Json => ({
  legs: [leg(seen, 6, "SELL"), leg(seen, 3, "BUY")],
  quantity: 1,
  limit_price: (Number(seen.field("contracts", 3, 4)) - Number(seen.field("contracts", 6, 3))).toFixed(2),
  rationale: "a scenario: a put spread"
})

it("a spread is previewed and placed on a chain's quotes, and closed whole", () =>
  withDesk(
    {
      main: [
        call("mcp__market-data__get_option_chain", {
          symbol: "AAPL",
          expiry_range: "2017-01-20",
          right: "PUT",
          strikes: 6
        }),
        call("mcp__broker__preview_order", spread),
        call(PLACE, spread),
        call("mcp__broker__get_positions", {}),
        call("mcp__broker__close_position", (seen) => ({
          symbol: seen.field("structures", 0, "id"),
          rationale: "the scenario ends"
        })),
        call("mcp__broker__get_positions", {}),
        say("done")
      ]
    },
    async (play) => {
      const run = await play.run("sell a put spread", { args: UNATTENDED })
      const results = run.exchanges.at(-1)?.results ?? []
      expect(results.map(({ isError }) => isError)).toEqual([false, false, false, false, false, false])
      const [, preview, placed, held, closed, left] = results.map(({ text }) => parseJson(text))
      expect(at(preview, "denied_by")).toBe(null)
      expect(textAt(preview, "structure")).toContain("AAPL bull put vertical 2017-01-20")
      expect(Number(textAt(preview, "effect", "after", "max_loss"))).toBeLessThan(0)
      expect(textAt(placed, "order", "status")).toBe("Filled")
      expect(at(held, "positions", 1)).toBeDefined()
      expect(textAt(closed, "order", "status")).toBe("Filled")
      expect(at(left, "positions", 0)).toBeUndefined()
      expect(sentTo(play.project)).toMatchObject({ submitted: 2 })
    }
  ))
