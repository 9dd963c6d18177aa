/** Orders as an agent gives them: what reaches the venue, and what stops the others. */
import { expect, it } from "vitest"
import { denialsOf, eventsOf, FILLED, NOTHING, sentTo } from "./Books.ts"
import { at, parseJson, textAt } from "./harness/Json.ts"
import type { Run } from "./harness/Play.ts"
import { call, say } from "./harness/Script.ts"
import { brokerAlone, order, PLACE, quote, small, tooLarge, UNATTENDED, withDesk } from "./Project.ts"

const ALLOWED = { args: UNATTENDED }

/** What became of the hook before orders, each time it ran. */
const hookCodes = (run: Run) =>
  run.hooks.filter(({ name }) => name === `PreToolUse:${PLACE}`).map(({ exitCode }) => exitCode)

const lastText = (run: Run): string => run.exchanges.at(-1)?.results.at(-1)?.text ?? ""

it("a quote, an order that cites it, and a fill", () =>
  withDesk({ main: [quote(), small, say("done")] }, async (play) => {
    const run = await play.run("buy two", ALLOWED)
    expect(run.init?.servers.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      "backtest connected",
      "broker connected",
      "market-data connected",
      "portfolio connected"
    ])
    expect(sentTo(play.project)).toEqual(FILLED)
    expect(eventsOf(play.project, "OrderFilled").map(({ body }) => at(body, "quantity"))).toEqual([2_000_000])
    expect(hookCodes(run)).toEqual([0])
    expect(textAt(parseJson(lastText(run)), "order", "status")).toBe("Filled")
  }))

it("an order over the limits is stopped by the hook, and the broker never hears of it", () =>
  withDesk({ main: [quote(), tooLarge, say("done")] }, async (play) => {
    const run = await play.run("buy twenty", ALLOWED)
    expect(hookCodes(run)).toEqual([2])
    expect(lastText(run)).toContain("order-size")
    expect(eventsOf(play.project, "OrderInitialized")).toEqual([])
    expect(sentTo(play.project)).toEqual(NOTHING)
  }))

it("an order over the limits is stopped by the broker when there is no hook and no permit is asked for", () =>
  withDesk(
    { main: [quote(), tooLarge, small, say("done")] },
    async (play) => {
      await play.run("buy twenty", ALLOWED)
      expect(denialsOf(play.project)).toEqual(["order-size"])
      // The small one shows that orders go through here.
      expect(sentTo(play.project)).toMatchObject({ submitted: 1 })
    },
    { prepare: brokerAlone }
  ))

it("the same order asked for twice is one order", () =>
  withDesk({ main: [quote(), small, small, say("done")] }, async (play) => {
    const run = await play.run("buy two", ALLOWED)
    const ids = run.exchanges
      .at(-1)
      ?.results.slice(1)
      .map(({ text }) => textAt(parseJson(text), "order", "order_id"))
    expect(new Set(ids)).toHaveLength(1)
    expect(sentTo(play.project)).toMatchObject({ submitted: 1 })
    expect(eventsOf(play.project, "OrderFilled")).toHaveLength(1)
  }))

it("the same order asked for twice at once is one order", () =>
  withDesk(
    {
      main: [
        quote(),
        (seen) => {
          const input = {
            symbol: "SPX-REPLAY",
            side: "BUY",
            quantity: "2",
            quote_id: seen.field("quote_id"),
            rationale: "twice at once"
          }
          return {
            blocks: [
              { tool: PLACE, input },
              { tool: PLACE, input }
            ]
          }
        },
        say("done")
      ]
    },
    async (play) => {
      await play.run("buy two", ALLOWED)
      expect(sentTo(play.project)).toMatchObject({ submitted: 1 })
      expect(eventsOf(play.project, "OrderFilled")).toHaveLength(1)
    }
  ))

const madeUp = (quoteId: string) =>
  call(PLACE, { symbol: "SPX-REPLAY", side: "BUY", quantity: "2", quote_id: quoteId, rationale: "made up" })

it("an order on a made-up quote is denied", () =>
  withDesk({ main: [madeUp("q-0000000000000000"), say("done")] }, async (play) => {
    const run = await play.run("buy two", ALLOWED)
    expect(hookCodes(run)).toEqual([2])
    expect(lastText(run)).toContain("quote-freshness")
    expect(sentTo(play.project)).toEqual(NOTHING)
  }))

it("an order at a price far from the market is denied", () =>
  withDesk(
    { main: [quote(), order({ quantity: "2", type: "Limit", limit_price: "3500" }), say("done")] },
    async (play) => {
      const run = await play.run("buy two", ALLOWED)
      expect(hookCodes(run)).toEqual([2])
      expect(lastText(run)).toContain("price-collar")
      expect(sentTo(play.project)).toEqual(NOTHING)
    }
  ))

it("a made-up quote and a far price are denied by the broker too", () =>
  withDesk(
    {
      main: [
        madeUp("q-0000000000000000"),
        quote(),
        order({ quantity: "2", type: "Limit", limit_price: "3500" }),
        say("done")
      ]
    },
    async (play) => {
      await play.run("buy two", ALLOWED)
      expect(denialsOf(play.project)).toEqual(["quote-freshness", "price-collar"])
      expect(sentTo(play.project)).toEqual(NOTHING)
    },
    { prepare: brokerAlone }
  ))
