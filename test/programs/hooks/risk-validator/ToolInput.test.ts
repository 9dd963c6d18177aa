import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { instrumentId } from "../../../../src/domain/Identifiers.ts"
import { changeOf, contentOf, termsFrom } from "../../../../src/programs/hooks/risk-validator/ToolInput.ts"
import { termsBySchema } from "../../../../src/programs/hooks/risk-validator/slow.ts"
import * as Server from "../../../../src/programs/mcp/broker/OrderTerms.ts"
import { spoilt } from "../../../domain/GuardsAgree.ts"
import { type Draw, numbers, pick } from "../../../support/Numbers.ts"

const AAPL = instrumentId("AAPL.XNAS")

const decimals = [
  "1",
  "100.25",
  " 7 ",
  "0.000001",
  12,
  0.5,
  "1e3",
  "0",
  "-3",
  "1.1234567",
  "999999999",
  ""
] as const
const decimal = (draw: Draw): unknown =>
  draw(3) === 0 ? pick<unknown>(draw, decimals) : String(1 + draw(200))

/** Leaves a field in or out. */
const some = (draw: Draw, name: string, value: unknown, oneIn = 3): Readonly<Record<string, unknown>> =>
  draw(oneIn) === 0 ? { [name]: value } : {}

const prices = (draw: Draw) => ({
  ...some(draw, "type", pick(draw, ["Market", "Limit", "StopMarket", "StopLimit", "TrailingStopMarket"])),
  ...some(draw, "limit_price", decimal(draw)),
  ...some(draw, "stop_price", decimal(draw)),
  ...some(draw, "trailing_offset", decimal(draw), 6)
})

const tools = ["place_order", "replace_order", "close_position"] as const

const someInput = (draw: Draw, tool: (typeof tools)[number]): Readonly<Record<string, unknown>> => {
  const sized = draw(4) === 0 ? { notional: decimal(draw) } : { quantity: decimal(draw) }
  const rationale = pick(draw, ["because", "because", "because", " ", "x".repeat(501)])
  const quote = pick(draw, ["q-0123456789abcdef", "q-0123456789abcdef", "q-0", "Q-0123456789abcdef"])
  switch (tool) {
    case "place_order":
      return {
        symbol: pick(draw, ["AAPL", " aapl", "x".repeat(49)]),
        side: pick(draw, ["BUY", "SELL", "buy"]),
        ...sized,
        ...some(draw, "notional", decimal(draw), 8),
        ...prices(draw),
        ...some(draw, "time_in_force", pick(draw, ["DAY", "GTC", "AT_THE_OPEN", "day"])),
        ...some(draw, "take_profit_price", decimal(draw)),
        ...some(draw, "stop_loss_price", decimal(draw)),
        ...some(draw, "oco_group", pick(draw, ["g", "", "x".repeat(65)]), 5),
        quote_id: quote,
        rationale,
        ...some(draw, "repeat", draw(2) === 0)
      }
    case "replace_order":
      return {
        order_id: pick(draw, ["o-1", "", "x".repeat(65)]),
        quote_id: quote,
        ...(draw(3) === 0 ? {} : sized),
        ...prices(draw),
        rationale
      }
    case "close_position":
      return { symbol: "AAPL", ...some(draw, "quantity", decimal(draw)), rationale }
  }
}

const inOneWord = <A>(result: Result.Result<A, unknown>): A | undefined =>
  Result.isSuccess(result) ? result.success : undefined

describe("arguments decoded in plain code", () => {
  it.prop(
    "are what the broker's server decodes, or nothing where it refuses them",
    [Schema.Int],
    ([seed]) => {
      const draw = numbers(seed)
      const tool = pick(draw, tools)
      const sound = someInput(draw, tool)
      for (const input of [
        sound,
        spoilt(sound, seed),
        { ...sound, mode: "live" },
        { ...sound, limitPrice: "1" }
      ]) {
        const bySchema = termsBySchema(tool, input)
        const expected = "problem" in bySchema ? undefined : bySchema
        expect(termsFrom(tool, input), JSON.stringify(input)).toStrictEqual(expected)
        if (expected === undefined) continue
        if (expected.tool === "place_order") {
          expect(contentOf(expected.terms, AAPL)).toStrictEqual(
            inOneWord(Server.contentOf(expected.terms, AAPL))
          )
        }
        if (expected.tool === "replace_order") {
          expect(changeOf(expected.terms)).toStrictEqual(inOneWord(Server.changeOf(expected.terms)))
        }
      }
    },
    { arbitrary: { runs: 3000 } }
  )

  it("take nothing of the trading mode from the input", () => {
    const order = {
      symbol: "AAPL",
      side: "BUY",
      quantity: "1",
      quote_id: "q-0123456789abcdef",
      rationale: "x"
    }
    expect(termsFrom("place_order", order)).toBeDefined()
    for (const extra of [{ mode: "live" }, { trading_mode: "live" }, { venue: "live" }, { live: true }])
      expect(termsFrom("place_order", { ...order, ...extra })).toBeUndefined()
  })

  it("are refused when they are no object", () => {
    for (const input of [null, [], "x", 1]) expect(termsFrom("close_position", input)).toBeUndefined()
  })
})
