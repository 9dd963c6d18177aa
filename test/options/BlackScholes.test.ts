import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { europeanGreeks, europeanPrice, greeks, price } from "../../src/options/BlackScholes.ts"
import type { Greeks } from "../../src/options/Greeks.ts"
import type { OptionInputs } from "../../src/options/OptionInputs.ts"
import { describeWithShared, sharedPath } from "../support/Shared.ts"

type Sign = 1 | -1
/** Sign, spot, strike, years, rate, dividend yield, volatility. */
type Terms = readonly [Sign, number, number, number, number, number, number]

const greekNames = [
  "price",
  "delta",
  "gamma",
  "vega",
  "theta",
  "rho",
  "vanna",
  "volga",
  "charm",
  "speed"
] as const

/** Carry b of Haug's examples is r − q. */
const published: ReadonlyArray<readonly [string, Terms, keyof Greeks, number, number]> = [
  ["Haug 2007, 1.1.1: call on a share", [1, 60, 65, 0.25, 0.08, 0, 0.3], "price", 2.1334, 4],
  ["Haug 2007, 1.1.2: put on an index", [-1, 100, 95, 0.5, 0.1, 0.05, 0.2], "price", 2.4648, 4],
  ["Haug 2007, 1.1.3: call on a future", [1, 19, 19, 0.75, 0.1, 0.1, 0.28], "price", 1.7011, 4],
  ["Haug 2007, 1.1.3: put on a future", [-1, 19, 19, 0.75, 0.1, 0.1, 0.28], "price", 1.7011, 4],
  ["Haug 2007, 1.1.5: call on a currency", [1, 1.56, 1.6, 0.5, 0.06, 0.08, 0.12], "price", 0.0291, 4],
  ["Haug 2007, 2.1: delta of a call on a future", [1, 105, 100, 0.5, 0.1, 0.1, 0.36], "delta", 0.5946, 4],
  ["Haug 2007, 2.1: delta of a put on a future", [-1, 105, 100, 0.5, 0.1, 0.1, 0.36], "delta", -0.3566, 4],
  ["Haug 2007, 2.1: vanna", [1, 90, 80, 0.25, 0.05, 0, 0.2], "vanna", -1.0008, 4],
  ["Haug 2007, 2.1: charm of a put on a future", [-1, 105, 90, 0.25, 0.14, 0.14, 0.24], "charm", 0.37, 4],
  ["Haug 2007, 2.2: gamma", [1, 55, 60, 0.75, 0.1, 0, 0.3], "gamma", 0.0278, 4],
  ["Haug 2007, 2.2: speed", [1, 50, 48, 0.0833, 0.06, 0.05, 0.2], "speed", -0.0291, 4],
  ["Haug 2007, 2.3: vega", [1, 55, 60, 0.75, 0.105, 0.0355, 0.3], "vega", 18.5027, 4],
  ["Haug 2007, 2.5: theta of a put", [-1, 430, 405, 1 / 12, 0.07, 0.05, 0.2], "theta", -31.1924, 4],
  ["Haug 2007, 2.6: rho of a call", [1, 72, 75, 1, 0.09, 0, 0.19], "rho", 38.7325, 4],
  ["Hull, Options, Futures: call at 42", [1, 42, 40, 0.5, 0.1, 0, 0.2], "price", 4.76, 2],
  ["Hull, Options, Futures: put at 42", [-1, 42, 40, 0.5, 0.1, 0, 0.2], "price", 0.81, 2],
  ["Hull, Options, Futures: call at 49", [1, 49, 50, 0.3846, 0.05, 0, 0.2], "price", 2.4, 1],
  ["Hull, Options, Futures: delta", [1, 49, 50, 0.3846, 0.05, 0, 0.2], "delta", 0.522, 3],
  ["Hull, Options, Futures: gamma", [1, 49, 50, 0.3846, 0.05, 0, 0.2], "gamma", 0.066, 3],
  ["Hull, Options, Futures: vega", [1, 49, 50, 0.3846, 0.05, 0, 0.2], "vega", 12.1, 1],
  ["Hull, Options, Futures: theta", [1, 49, 50, 0.3846, 0.05, 0, 0.2], "theta", -4.31, 2],
  ["Hull, Options, Futures: rho", [1, 49, 50, 0.3846, 0.05, 0, 0.2], "rho", 8.91, 2]
]

describe("published values", () => {
  for (const [name, terms, greek, expected, digits] of published) {
    it(`${name}: ${greek} is ${expected}`, () => {
      expect(europeanGreeks(...terms)[greek]).toBeCloseTo(expected, digits)
    })
  }
})

/** Price, then each Greek in the order of `greekNames`: derivatives of the formula taken numerically at 50 digits. */
const constants: ReadonlyArray<readonly [Terms, ReadonlyArray<number>]> = [
  [
    [1, 100, 100, 1, 0.05, 0.02, 0.2],
    [
      9.227005508154049, 0.586851146134764, 0.018950578755008714, 37.90115751001743, -5.089318913998333,
      49.45810910532235, -0.09475289377504356, 2.368822344376089, -0.03563942396482651,
      -0.00042638802198769604
    ]
  ],
  [
    [-1, 100, 120, 0.25, -0.01, 0.03, 0.35],
    [
      22.359097784474592, -0.8377995842395947, 0.013566040411295142, 11.87028535988325, -11.883989066721398,
      -26.534764052108514, 0.8047920014936969, 40.701563742776635, -0.5342242269275951, 0.0006484414791954651
    ]
  ],
  [
    [1, 42, 40, 0.5, 0.1, 0, 0.2],
    [
      4.759422392871533, 0.779131290942669, 0.04996267040591185, 8.813415059602852, -4.559092194592627,
      13.982045913360281, -0.9316006786136684, 21.2832880610144, -0.023523079982096108, -0.007660357766572153
    ]
  ],
  [
    [-1, 3000, 2400, 2.5, 0.03, 0.015, 0.6],
    [
      633.7657686279753, -0.2185519593968881, 0.00010198454057564423, 1376.791297771197, -136.3671445008444,
      -3223.554117046599, 0.09655715212127933, -343.0885874412616, -0.01945444197141083, -6.083731207848287e-8
    ]
  ],
  [
    [1, 1.5, 1.2, 0.01, 0.02, 0.08, 0.9],
    [
      0.29930336972482263, 0.9932989513660669, 0.12409844706986099, 0.0025129935531646853,
      -0.01770173687496835, 0.011906450573242779, -0.045191184021454035, 0.017066718125858735,
      2.124236057311004, -2.3971280045600136
    ]
  ],
  [
    [-1, 100, 90, 0.05, 0.3, -0.1, 0.15],
    [
      7.015660172096567e-5, -8.734929991533694e-5, 0.0001039601416918611, 0.007797010626889582,
      -0.008180496963204605, -0.00044025432966273304, -0.008649346260433816, 0.7261011763883791,
      0.008824348652967811, -0.00011740381963962142
    ]
  ]
]

describe("values of 50 digits", () => {
  for (const [terms, expected] of constants) {
    it(`price and nine Greeks of ${terms.join(", ")}`, () => {
      const got = europeanGreeks(...terms)
      expect(europeanPrice(...terms)).toBe(got.price)
      for (const [i, name] of greekNames.entries()) {
        const value = expected[i] ?? Number.NaN
        expect(Math.abs(got[name] / value - 1), name).toBeLessThan(2e-12)
      }
    })
  }
})

describe("values at the ends of the doubles", () => {
  it("subnormal values are rounded once", () => {
    const {
      gamma,
      price: worth,
      vega
    } = europeanGreeks(1, 2430.41, 2005.85, 0.00592811, 0.0805, 0.03405, 0.0648195)
    expect(Math.abs(worth / 425.0264550796909 - 1)).toBeLessThan(4e-16)
    expect([gamma, vega]).toEqual([0, 3.53e-321])
    expect(europeanPrice(1, 2430.41, 2005.85, 0.00592811, 0.0805, 0.03405, 0.0648195)).toBe(worth)
  })

  it("a minute before expiry, near the strike, Greeks keep their digits", () => {
    const {
      delta,
      gamma,
      price: worth,
      theta
    } = europeanGreeks(-1, 100.037, 100, 1.902587519025875e-6, 0.05, 0, 0.11638)
    expect(Math.abs(worth - 5.792395598873653e-5)).toBeLessThan(1e-15)
    expect(Math.abs(delta / -0.010579337396427448 - 1)).toBeLessThan(2e-14)
    expect(Math.abs(gamma / 1.7432063698737514 - 1)).toBeLessThan(2e-14)
    expect(Math.abs(theta / -118.08704444990134 - 1)).toBeLessThan(2e-14)
  })
})

const inputs = (right: "CALL" | "PUT", change: Partial<OptionInputs> = {}): OptionInputs => ({
  right,
  spot: 100,
  strike: 100,
  years: 1,
  rate: 0.05,
  dividendYield: 0.02,
  volatility: 0.2,
  ...change
})

describe("checked inputs", () => {
  it("give what the unchecked functions give", () => {
    expect(price(inputs("PUT"))).toEqual(Result.succeed(europeanPrice(-1, 100, 100, 1, 0.05, 0.02, 0.2)))
    expect(greeks(inputs("CALL"))).toEqual(Result.succeed(europeanGreeks(1, 100, 100, 1, 0.05, 0.02, 0.2)))
  })

  it("name the input that no option has", () => {
    for (const field of ["spot", "strike", "years", "rate", "dividendYield", "volatility"] as const) {
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        const priced = price(inputs("CALL", { [field]: value }))
        const all = greeks(inputs("CALL", { [field]: value }))
        expect(Result.isFailure(priced) && priced.failure.field).toBe(field)
        expect(Result.isFailure(all) && all.failure.field).toBe(field)
      }
    }
  })
})

describe("limits", () => {
  const forward = (sign: Sign, spot: number, years: number): number =>
    Math.max(0, sign * (spot * Math.exp(-0.02 * years) - 100 * Math.exp(-0.05 * years)))

  it("without time the price is the intrinsic value, and delta a step", () => {
    for (const sign of [1, -1] as const) {
      for (const spot of [1, 99, 100, 101, 1e4]) {
        for (const years of [0, 5e-324, 1e-300, 1e-40]) {
          const got = europeanGreeks(sign, spot, 100, years, 0.05, 0.02, 0.2)
          expect(got.price).toBeCloseTo(Math.max(0, sign * (spot - 100)), 12)
          expect(got.delta).toBeCloseTo(spot === 100 ? 0.5 * sign : sign * (spot - 100) > 0 ? sign : 0, 12)
        }
      }
    }
  })

  it("without volatility it is the discounted intrinsic value of the forward", () => {
    for (const sign of [1, -1] as const) {
      for (const spot of [1, 90, 97, 110, 1e4]) {
        for (const volatility of [0, 5e-324, 1e-200, 1e-12]) {
          const got = europeanGreeks(sign, spot, 100, 2, 0.05, 0.02, volatility)
          expect(got.price).toBeCloseTo(forward(sign, spot, 2), 10)
          expect(got).toMatchObject({ gamma: 0, vega: 0, vanna: 0, volga: 0, speed: 0 })
          expect(got.rho).toBeCloseTo(got.price > 0 ? sign * 200 * Math.exp(-0.1) : 0, 10)
        }
      }
    }
  })

  it("exactly at the forward without volatility, vega and vanna are what they tend to", () => {
    const limit = europeanGreeks(1, 100, 100, 4, 0.03, 0.03, 0)
    const near = europeanGreeks(1, 100, 100, 4, 0.03, 0.03, 1e-9)
    for (const name of ["price", "delta", "vega", "theta", "rho", "vanna", "volga"] as const) {
      expect(limit[name], name).toBeCloseTo(near[name], 5)
    }
  })

  it("with all volatility a call is worth the share and a put the strike, both discounted", () => {
    for (const volatility of [1e3, 1e10, 1e200, Number.MAX_VALUE]) {
      const call = europeanGreeks(1, 100, 120, 2, 0.05, 0.02, volatility)
      const put = europeanGreeks(-1, 100, 120, 2, 0.05, 0.02, volatility)
      expect(call.price).toBeCloseTo(100 * Math.exp(-0.04), 12)
      expect(put.price).toBeCloseTo(120 * Math.exp(-0.1), 12)
      for (const side of [call, put]) expect(side).toMatchObject({ gamma: 0, vega: 0, vanna: 0, volga: 0 })
    }
  })

  it("far from the strike the tail keeps its digits", () => {
    // The same by mpmath at 50 digits.
    expect(europeanPrice(1, 1, 100, 1, 0, 0, 0.5) / 8.367644092139385e-21 - 1).toBeCloseTo(0, 11)
    expect(europeanPrice(-1, 100, 1, 1, -0.01, 0, 0.4) / 2.5646341167404892e-31 - 1).toBeCloseTo(0, 11)
  })

  it("nothing is NaN or infinite for any inputs that an option can have", () => {
    const prices = [5e-324, 1e-310, 1e-200, 0.01, 100, 1e120, Number.MAX_VALUE]
    const times = [0, 5e-324, 1e-300, 0.25, 30, 1e10, Number.MAX_VALUE]
    const volatilities = [0, 5e-324, 1e-160, 1e-10, 0.2, 5, 1e200, Number.MAX_VALUE]
    for (const spot of prices) {
      for (const strike of prices) {
        for (const years of times) {
          const most = 700 / Math.max(1, years)
          for (const rate of [0, most, -most]) {
            for (const dividendYield of [0, most / 3, -most]) {
              for (const volatility of volatilities) {
                for (const sign of [1, -1] as const) {
                  const got = europeanGreeks(sign, spot, strike, years, rate, dividendYield, volatility)
                  if (!greekNames.every((name) => Number.isFinite(got[name])) || got.price < 0) {
                    expect.fail(
                      `${[sign, spot, strike, years, rate, dividendYield, volatility]}: ${JSON.stringify(got)}`
                    )
                  }
                }
              }
            }
          }
        }
      }
    }
  })
})

describeWithShared("every row of the reference table", () => {
  const lines = readFileSync(sharedPath("oracles", "bsm.csv"), "utf8").trim().split("\n").slice(1)

  it("is met within its tolerances, absolute and relative", () => {
    for (const [i, line] of lines.entries()) {
      const [, type, ...numbers] = line.split(",")
      const [spot = 0, strike = 0, years = 0, rate = 0, dividendYield = 0, volatility = 0, ...values] =
        numbers.map(Number)
      const sign = type === "C" ? 1 : -1
      const got = europeanGreeks(sign, spot, strike, years, rate, dividendYield, volatility)
      const greater = Math.max(spot, strike)
      // Of vanna and volga the table's tolerances say nothing: these are ours.
      const allowed = [
        2e-15 * greater,
        5e-14,
        1e-11 / spot,
        2e-15 * spot,
        2e-13 * greater,
        5e-14 * greater * years,
        1e-13,
        1e-13 * spot
      ]
      for (const [n, expected] of values.entries()) {
        const name = greekNames[n] ?? "price"
        const error = Math.abs(got[name] - expected)
        expect(error, `${name} of row ${i + 2}`).toBeLessThanOrEqual(allowed[n] ?? 0)
        const relative = n === 0 ? expected >= 1e-6 * strike : (n === 2 || n === 3) && expected > 1e-290
        if (relative) expect(error / expected, `${name} of row ${i + 2}`).toBeLessThanOrEqual(1e-11)
      }
      expect(europeanPrice(sign, spot, strike, years, rate, dividendYield, volatility)).toBe(got.price)
    }
  })
})
