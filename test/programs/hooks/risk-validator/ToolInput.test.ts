import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { instrumentId } from "../../../../src/domain/Identifiers.ts"
import type { LegInstrument } from "../../../../src/domain/LegFit.ts"
import {
  changeOf,
  contentOf,
  intentOf,
  termsFrom
} from "../../../../src/programs/hooks/risk-validator/ToolInput.ts"
import { termsBySchema } from "../../../../src/programs/hooks/risk-validator/slow.ts"
import * as Server from "../../../../src/programs/mcp/broker/OrderTerms.ts"
import { spoilt } from "../../../domain/GuardsAgree.ts"
import { type Draw, numbers, pick } from "../../../support/Numbers.ts"

const instruments: readonly [LegInstrument, ...ReadonlyArray<LegInstrument>] = [
  { _tag: "Equity", id: instrumentId("AAPL.XNAS") },
  {
    _tag: "Option",
    id: instrumentId("AAPL 140613C00090000.OPRA"),
    contract: { underlying: instrumentId("AAPL.XNAS") }
  },
  {
    _tag: "Option",
    id: instrumentId("AAPL 140613C00095000.OPRA"),
    contract: { underlying: instrumentId("AAPL.XNAS") }
  },
  {
    _tag: "Option",
    id: instrumentId("MSFT 140613C00040000.OPRA"),
    contract: { underlying: instrumentId("MSFT.XNAS") }
  }
]

const decimals = [
  "1",
  "100.25",
  " 7 ",
  "0.000001",
  12,
  0.5,
  "1e3",
  "0",
  "-0",
  "-3",
  "-0.85",
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

const quoteOf = (draw: Draw) =>
  pick(draw, ["q-0123456789abcdef", "q-0123456789abcdef", "q-0", "Q-0123456789abcdef"])

const leg = (draw: Draw) => ({
  symbol: pick(draw, ["AAPL 140613C00090000", "aapl", "", "x".repeat(49)]),
  side: pick(draw, ["BUY", "SELL"]),
  ...some(draw, "ratio", pick<unknown>(draw, [1, 2, 1000, 1001, 0, 1.5, "1"])),
  quote_id: draw(6) === 0 ? quoteOf(draw) : "q-0123456789abcdef",
  ...some(draw, "multiplier", 1000, 12)
})

/** An order with legs, seldom with what does not go with them. */
const combo = (draw: Draw) => ({
  legs: Array.from({ length: draw(8) === 0 ? draw(10) : 2 + draw(3) }, () => leg(draw)),
  ...(draw(6) === 0 ? { notional: decimal(draw) } : { quantity: decimal(draw) }),
  ...some(draw, "limit_price", decimal(draw)),
  ...some(draw, "type", pick(draw, ["Market", "Limit", "NetLimit", "StopLimit"]), 6),
  ...some(draw, "stop_price", decimal(draw), 12),
  ...some(draw, "symbol", "AAPL", 12),
  ...some(draw, "quote_id", "q-0123456789abcdef", 12),
  ...some(draw, "take_profit_price", "3", 12),
  ...some(draw, "oco_group", "g", 12),
  ...some(draw, "time_in_force", pick(draw, ["DAY", "AT_THE_OPEN", "AT_THE_CLOSE", "FOK"])),
  rationale: "because",
  ...some(draw, "repeat", draw(2) === 0)
})

const tools = ["place_order", "replace_order", "close_position"] as const

const someInput = (draw: Draw, tool: (typeof tools)[number]): Readonly<Record<string, unknown>> => {
  const sized = draw(4) === 0 ? { notional: decimal(draw) } : { quantity: decimal(draw) }
  const rationale = pick(draw, ["because", "because", "because", " ", "x".repeat(501)])
  const quote = quoteOf(draw)
  switch (tool) {
    case "place_order":
      if (draw(2) === 0) return combo(draw)
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
        ...(draw(3) === 0
          ? { quote_ids: Array.from({ length: 1 + draw(4) }, () => "q-0123456789abcdef") }
          : { quote_id: quote }),
        ...(draw(3) === 0 ? {} : sized),
        ...prices(draw),
        rationale
      }
    case "close_position":
      return {
        symbol: pick(draw, ["AAPL", "x".repeat(64), "x".repeat(65)]),
        ...some(draw, "quantity", decimal(draw)),
        rationale
      }
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
          const intent = intentOf(expected.terms)
          expect(intent).toStrictEqual(inOneWord(Server.intentOf(expected.terms)))
          if (intent === undefined) continue
          const count = intent._tag === "Single" ? 1 : intent.legs.length
          const named = Array.from({ length: count }, () => pick(draw, instruments))
          expect(contentOf(intent, named)).toStrictEqual(inOneWord(Server.contentOf(intent, named)))
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
