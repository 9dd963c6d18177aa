/** What the paper venue assumes, from `plimsoll.json`. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { pricePerShare } from "../../src/domain/Money.ts"
import { decodeConfig } from "../../src/programs/DeskConfig.ts"
import { venueModelsOf } from "../../src/programs/VenueModelsConfig.ts"

const modelsIn = (paper: string) =>
  Result.map(decodeConfig("plimsoll.json", `{"paper": ${paper}}`), (config) => venueModelsOf(config.paper))

describe("paper.exerciseThreshold", () => {
  it("is in dollars a share", () => {
    expect(Result.getOrThrow(modelsIn('{"exerciseThreshold": "0.25"}'))).toMatchObject({
      exerciseThreshold: pricePerShare(0.25)
    })
  })

  it("is left out of what a run depends on where nobody asks for one", () => {
    expect(Object.keys(Result.getOrThrow(modelsIn("{}")))).toEqual(["fill", "fee", "slippage"])
  })

  it("is no negative amount", () => {
    expect(Result.isFailure(modelsIn('{"exerciseThreshold": "-1"}'))).toBe(true)
  })
})
