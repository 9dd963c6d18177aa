import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { StrategyParameters } from "../../../src/session/Strategy.ts"
import { findStrategy, strategies, UnknownStrategy } from "../../../src/session/strategies/Strategies.ts"

describe("the strategies", () => {
  it("are found by the name they give themselves", () => {
    expect([...strategies.keys()]).toEqual([
      "trend",
      "guarded-holder",
      "buy-and-hold",
      "covered-call",
      "put-spread",
      "sma-cross",
      "pair-reversion"
    ])
    for (const [name, strategy] of strategies) {
      expect(strategy.name).toBe(name)
      expect(Result.getOrThrow(findStrategy(name))).toMatchObject({ name, parameters: strategy.parameters })
    }
  })

  it("have parameters that are plain values, as a run's inputs hold them", () => {
    for (const { parameters } of strategies.values()) {
      expect(Schema.decodeUnknownSync(StrategyParameters)(JSON.parse(JSON.stringify(parameters)))).toEqual(
        parameters
      )
    }
  })

  it("are listed to whoever asks for one that does not exist", () => {
    const error = Result.getOrThrow(Result.flip(findStrategy("martingale")))
    if (!(error instanceof UnknownStrategy)) throw error
    expect(error.known).toEqual([...strategies.keys()])
    expect(error.message).toBe(
      'There is no strategy "martingale": expected one of trend, guarded-holder, buy-and-hold, covered-call, put-spread, sma-cross, pair-reversion. The nearest is trend.'
    )
  })
})
