/** Options through the real client: a chain, the Greeks of one of its contracts, and the next page. */
import { expect, it } from "vitest"
import { at, parseJson, textAt, type Json } from "./harness/Json.ts"
import { call, say } from "./harness/Script.ts"
import { UNATTENDED, withDesk } from "./Project.ts"

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
