import { describe, expect, it } from "@effect/vitest"
import canonicalize from "canonicalize"
import { Result, Schema } from "effect"
import { symbol } from "../../src/domain/Identifiers.ts"
import { sha256 } from "../../src/domain/Sha256.ts"
import { differences, tighten } from "../../src/risk/LimitsComparison.ts"
import {
  deskProfile,
  LimitsProfile,
  profiles,
  researchProfile,
  singleIndexProfile
} from "../../src/risk/LimitsProfile.ts"
import { decodeLimits, defaultLimits, hashLimits, withOverrides } from "../../src/risk/RiskLimits.ts"
import { anyLimits } from "./AnyLimits.ts"
import { limits } from "./Snapshots.ts"

const problemOf = (input: unknown): string =>
  Result.match(decodeLimits(input, "plimsoll.json"), {
    onFailure: ({ message }) => message,
    onSuccess: () => "accepted"
  })

describe("RiskLimits", () => {
  it("the defaults are the documented ones", () => {
    expect(defaultLimits).toMatchObject({
      positionRatio: 0.25,
      dailyLossRatio: 0.03,
      drawdownRatio: 0.2,
      orderNotionalRatio: 0.1,
      grossExposureRatio: 1,
      priceCollarRatio: 0.05,
      ordersPerMinute: 30,
      reservedForReducing: 10,
      openOrders: 20,
      duplicateWindowSeconds: 5,
      quoteStalenessSeconds: { equity: 15, index: 15, option: 60 },
      restricted: [],
      shortSales: false,
      options: {
        uncovered: false,
        spreadRatio: 0.25,
        vegaRatio: 0.01,
        totalVegaRatio: 0.02,
        gammaRatio: 0.5,
        totalGammaRatio: 1,
        thetaRatio: 0.005,
        totalThetaRatio: 0.01
      }
    })
  })

  it("limits from before there were any of options have the defaults, and the name they were accepted by", () => {
    const { options, ...before } = limits({ positionRatio: 0.2 })
    expect(Result.getOrThrow(decodeLimits(before, "the desk's sealed limits"))).toStrictEqual({
      ...before,
      options
    })
    expect(hashLimits(before)).toBe(hashLimits({ ...before, options }))
    expect(hashLimits({ ...before, options: { ...options, uncovered: true } })).not.toBe(hashLimits(before))
    // The desk's own as they were named before there were limits of options.
    const oldest = { ...defaultLimits, options: undefined }
    expect(hashLimits(defaultLimits)).toBe(sha256(canonicalize(oldest) ?? ""))
  })

  it("a file says of options what it wants otherwise, and the rest is the profile's", () => {
    const asked = withOverrides(defaultLimits, { options: { uncovered: true } })
    expect(Result.getOrThrow(decodeLimits(asked, "plimsoll.json")).options).toStrictEqual({
      ...defaultLimits.options,
      uncovered: true
    })
    expect(problemOf(withOverrides(defaultLimits, { options: { naked: true } }))).toContain(
      "limits.options.naked: Expected no excess property"
    )
    expect(problemOf(withOverrides(defaultLimits, { options: "none" }))).toContain("limits.options")
  })

  it.each([
    ["a NaN", { positionRatio: Number.NaN }, "limits.positionRatio: Expected a finite number"],
    [
      "an infinity",
      { grossExposureRatio: Number.POSITIVE_INFINITY },
      "limits.grossExposureRatio: Expected a finite number"
    ],
    [
      "a negative",
      { orderNotionalRatio: -0.1 },
      "limits.orderNotionalRatio: Expected a value between 0 and 10"
    ],
    ["an absurd one", { positionRatio: 1000 }, "limits.positionRatio: Expected a value between 0 and 10"],
    [
      "a loss of nothing",
      { dailyLossRatio: 0 },
      "limits.dailyLossRatio: Expected a value between 0.001 and 1"
    ],
    [
      "a seventh decimal",
      { drawdownRatio: 0.1234567 },
      "limits.drawdownRatio: Expected at most six decimals"
    ],
    ["half an order", { openOrders: 1.5 }, "limits.openOrders: Expected an integer"],
    ["a text", { shortSales: "yes" }, "limits.shortSales: Expected boolean"],
    [
      "a bad age",
      { quoteStalenessSeconds: { equity: -1, index: 15, option: 60 } },
      "limits.quoteStalenessSeconds.equity"
    ],
    ["a bad symbol", { restricted: ["gme!"] }, "limits.restricted.0"],
    [
      "a reserve above the rate",
      { reservedForReducing: 31 },
      "limits.reservedForReducing: Expected at most ordersPerMinute (30)"
    ],
    ["an unknown field", { positonRatio: 0.2 }, "limits.positonRatio: Expected no excess property"],
    ["a missing field", { positionRatio: undefined }, "limits.positionRatio"]
  ])("%s is refused in a line with file and field", (_, change, expected) => {
    const message = problemOf({ ...defaultLimits, ...change })
    expect(message).toContain("plimsoll.json: ")
    expect(message).toContain(expected)
    expect(message).not.toContain("\n")
  })

  it("what is no object at all is refused", () => {
    expect(problemOf("none")).toContain("plimsoll.json: limits: Expected object")
  })

  it.prop("every set of limits reads back from its JSON as itself", [anyLimits], ([some]) => {
    expect(problemOf(JSON.parse(JSON.stringify(some)))).toBe("accepted")
  })

  it("the hash names the values, not the order they are written in", () => {
    const { positionRatio, ...rest } = limits({ restricted: [symbol("GME"), symbol("AMC")] })
    expect(hashLimits({ ...rest, positionRatio })).toBe(
      hashLimits(limits({ restricted: [symbol("AMC"), symbol("GME")] }))
    )
    expect(hashLimits(limits({ positionRatio: 0.24 }))).not.toBe(hashLimits(defaultLimits))
    expect(hashLimits(defaultLimits)).toMatch(/^[0-9a-f]{64}$/u)
  })

  it("every named profile has sound limits, and only research may not be promoted", () => {
    expect([...profiles.keys()]).toStrictEqual(["desk", "single-index", "research"])
    for (const profile of profiles.values()) {
      expect(Schema.is(LimitsProfile)(profile)).toBe(true)
      expect(problemOf(profile.limits)).toBe("accepted")
      expect(profile.promotable).toBe(profile !== researchProfile)
    }
    expect(deskProfile.limits).toStrictEqual(defaultLimits)
    expect(differences(defaultLimits, singleIndexProfile.limits).map(({ field }) => field)).toStrictEqual([
      "positionRatio",
      "orderNotionalRatio"
    ])
    expect(singleIndexProfile.limits).toMatchObject({
      positionRatio: 1,
      orderNotionalRatio: 1,
      grossExposureRatio: 1
    })
  })
})

describe("tighten", () => {
  it.prop("is never looser than either, and sound", [anyLimits, anyLimits], ([a, b]) => {
    const both = tighten(a, b)
    expect(problemOf(both)).toBe("accepted")
    for (const one of [a, b]) {
      const looser = differences(one, both).filter(({ direction }) => direction === "looser")
      // A reserve cut down to the rate is no loosening: nothing is left for new risk.
      const reserveIsAll = both.reservedForReducing === both.ordersPerMinute
      expect(looser.filter(({ field }) => !(field === "reservedForReducing" && reserveIsAll))).toStrictEqual(
        []
      )
    }
  })

  it.prop(
    "with itself changes nothing, and the order of the two does not matter",
    [anyLimits, anyLimits],
    ([a, b]) => {
      expect(differences(a, tighten(a, a))).toStrictEqual([])
      expect(tighten(a, b)).toStrictEqual(tighten(b, a))
    }
  )

  it("takes each field's tighter value, and the union of what is restricted", () => {
    const sealed = limits({ restricted: [symbol("GME")], ordersPerMinute: null })
    const candidate = limits({
      positionRatio: 0.5,
      dailyLossRatio: 0.01,
      ordersPerMinute: 5,
      reservedForReducing: 2,
      duplicateWindowSeconds: 60,
      quoteStalenessSeconds: { equity: 60, index: 5, option: 60 },
      restricted: [symbol("AMC")],
      shortSales: true
    })
    expect(tighten(sealed, candidate)).toStrictEqual(
      limits({
        dailyLossRatio: 0.01,
        ordersPerMinute: 5,
        reservedForReducing: 5,
        duplicateWindowSeconds: 60,
        quoteStalenessSeconds: { equity: 15, index: 5, option: 60 },
        restricted: [symbol("AMC"), symbol("GME")]
      })
    )
  })
})

describe("differences", () => {
  it("name each field, both values and the direction", () => {
    const candidate = limits({
      positionRatio: 0.5,
      dailyLossRatio: 0.01,
      ordersPerMinute: null,
      reservedForReducing: 5,
      restricted: [symbol("GME")],
      shortSales: true,
      options: { ...defaultLimits.options, uncovered: true, totalThetaRatio: 0.001 }
    })
    expect(differences(defaultLimits, candidate)).toStrictEqual([
      { field: "positionRatio", sealed: "0.25", candidate: "0.5", direction: "looser" },
      { field: "dailyLossRatio", sealed: "0.03", candidate: "0.01", direction: "tighter" },
      { field: "ordersPerMinute", sealed: "30", candidate: "no limit", direction: "looser" },
      { field: "reservedForReducing", sealed: "10", candidate: "5", direction: "looser" },
      { field: "options.totalThetaRatio", sealed: "0.01", candidate: "0.001", direction: "tighter" },
      { field: "restricted", sealed: "none", candidate: "GME", direction: "tighter" },
      { field: "shortSales", sealed: "false", candidate: "true", direction: "looser" },
      { field: "options.uncovered", sealed: "false", candidate: "true", direction: "looser" }
    ])
    expect(differences(candidate, defaultLimits).map(({ direction }) => direction)).toStrictEqual([
      "tighter",
      "looser",
      "tighter",
      "tighter",
      "looser",
      "looser",
      "tighter",
      "tighter"
    ])
  })
})
