import { resolve } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { symbol } from "../../src/domain/Identifiers.ts"
import { sessionDate } from "../../src/domain/Timestamp.ts"
import { toExchangeTime } from "../../src/market/TradingCalendar.ts"
import { firstInstantOf, lastInstantOf, marketSources } from "../../src/programs/MarketSources.ts"

const project = resolve(import.meta.dirname, "../..")

const open = (config: Parameters<typeof marketSources>[0]) =>
  marketSources(config, project).pipe(Effect.provide(NodeServices.layer))

describe("the market of a configuration", () => {
  it.effect("is the embedded replay when none is named, from 2017 to the end of its prices", () =>
    Effect.gen(function* () {
      const sources = yield* open({})
      expect(sources.flatMap(({ listings }) => listings.map(({ instrument }) => instrument.symbol))).toEqual([
        "SPX-REPLAY",
        "AAPL"
      ])
      expect(toExchangeTime(firstInstantOf(undefined, sources))).toBe("2017-01-03 09:30 EST")
      expect(toExchangeTime(lastInstantOf(sources))).toBe("2020-04-17 16:00 EDT")
    })
  )

  it.effect("begins where the configuration says, at the next session when that day has none", () =>
    Effect.gen(function* () {
      const market = { source: "embedded", start: sessionDate("2018-12-05") } as const
      expect(toExchangeTime(firstInstantOf(market, yield* open({ market })))).toBe("2018-12-06 09:30 EST")
    })
  )

  it.effect("is the universe alone where there is one", () =>
    Effect.gen(function* () {
      const sources = yield* open({ universe: [symbol("AAPL")] })
      expect(sources.flatMap(({ listings }) => listings)).toHaveLength(1)
      expect(toExchangeTime(lastInstantOf(sources))).toBe("2018-05-11 16:00 EDT")
    })
  )

  it.effect("names a symbol of the universe that no source has", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(open({ universe: [symbol("MSFT")] }))
      expect(error.message).toBe(
        "plimsoll.json: universe: no market source has MSFT; there is SPX-REPLAY, AAPL"
      )
    })
  )

  it.effect("says which file is missing", () =>
    Effect.gen(function* () {
      const market = { source: "csv", files: { FUND: "no/such.csv" } } as const
      const error = yield* Effect.flip(open({ market }))
      expect(error.message).toContain("no/such.csv")
    })
  )
})
