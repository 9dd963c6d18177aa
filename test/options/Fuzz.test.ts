/** A typed answer for every finite and non-finite input: no NaN, no throw and no endless work, whatever is asked. */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import type { OptionInputs, OptionTerms } from "../../src/options/OptionInputs.ts"
import type { CleanChain, RawChain, RawQuote, SmilePoint } from "../../src/options/chain/OptionChain.ts"
import {
  AmericanImpliedVolatility,
  AndersenLakeOffengenden,
  BjerksundStensland,
  BlackScholes,
  BlackScholesBatch,
  Cleaning,
  ImpliedVolatility,
  ImpliedVolatilityBatch,
  ImpliedVolatilityVector,
  LegModel,
  LeisenReimer,
  ModelSelection,
  OptionModel,
  Payoff,
  type Position,
  RadialBasis,
  Scenario,
  Signals,
  Skew,
  SurfaceFit,
  SurfaceMatrix,
  TermStructure,
  VolatilityHistory
} from "../../src/options/library.ts"
import { generatedQuotes, strikesFrom } from "./chain/GeneratedQuotes.ts"
import { generatedChain } from "./surface/GeneratedChains.ts"

const ODD = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  5e-324,
  -5e-324,
  1e-308,
  1e-200,
  1e-16,
  1e308,
  -1e308,
  Number.MAX_VALUE,
  1e200,
  1e16,
  -1,
  1
]

/** Three times of four one that an option may have. */
const odd = (min: number, max: number) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.double({ min, max, noNaN: true }) },
    { weight: 3, arbitrary: fc.constantFrom(...ODD) },
    { weight: 1, arbitrary: fc.double() }
  )

const right = fc.constantFrom("CALL" as const, "PUT" as const)
const style = fc.constantFrom("american" as const, "european" as const)

const terms: fc.Arbitrary<OptionTerms> = fc.record({
  right,
  spot: odd(10, 300),
  strike: odd(10, 300),
  years: odd(0, 3),
  rate: odd(-0.1, 0.3),
  dividendYield: odd(-0.1, 0.3)
})
const inputs: fc.Arbitrary<OptionInputs> = fc
  .tuple(terms, odd(0, 2))
  .map(([rest, volatility]) => ({ ...rest, volatility }))
const dividends = fc.array(fc.record({ years: odd(-0.1, 3), amount: odd(0, 5) }), { maxLength: 4 })

/** Every number in an answer is one; where it is that something is missing, it is undefined and not NaN. */
const numbered = (value: unknown, path = ""): void => {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) expect.fail(`${path} is ${value}`)
  } else if (value instanceof Float64Array || Array.isArray(value)) {
    for (const [i, each] of value.entries()) numbered(each, `${path}[${i}]`)
  } else if (typeof value === "object" && value !== null && !(value instanceof Map)) {
    for (const [key, each] of Object.entries(value)) numbered(each, `${path}.${key}`)
  }
}

/** An answer, or a refusal with its tag and its sentence. */
const answered = <A>(
  result: Result.Result<A, { readonly _tag: string; readonly message: string }>
): A | undefined => {
  if (Result.isFailure(result)) {
    expect(result.failure._tag).toMatch(/^(InvalidInputs|InsufficientQuotes|SingularNodes)$/u)
    expect(result.failure.message.length).toBeGreaterThan(10)
    return undefined
  }
  numbered(result.success)
  return result.success
}

const runs = (numRuns: number) => ({ numRuns })

describe("a typed answer for any numbers", () => {
  it("by Black and Scholes", () => {
    fc.assert(
      fc.property(inputs, (drawn) => {
        answered(BlackScholes.price(drawn))
        answered(BlackScholes.greeks(drawn))
      }),
      runs(2000)
    )
  })

  it.each(ModelSelection.modelNames)("by %s, with and without dividends", (model) => {
    fc.assert(
      fc.property(inputs, dividends, style, (drawn, paid, exercise) => {
        answered(OptionModel.priceBy(model, drawn))
        answered(OptionModel.greeksBy(model, drawn))
        answered(OptionModel.priceBy(model, drawn, paid, exercise))
        answered(OptionModel.greeksBy(model, drawn, paid, exercise))
      }),
      runs(model === "leisen-reimer" || model === "american" ? 200 : 800)
    )
  })

  it("by the model that is chosen, which never lies outside of what the price may be", () => {
    const accuracy = fc.constantFrom(...ModelSelection.accuracies)
    fc.assert(
      fc.property(inputs, dividends, style, accuracy, (drawn, paid, exercise, how) => {
        const found = answered(
          OptionModel.value({ style: exercise, inputs: drawn, dividends: paid, accuracy: how })
        )
        if (found === undefined) return
        expect(found.why.length).toBeGreaterThan(10)
        expect(found.greeks.price).toBeGreaterThanOrEqual(0)
      }),
      runs(200)
    )
  })

  it("for the volatility in a price", () => {
    fc.assert(
      fc.property(terms, odd(0, 100), (drawn, price) => {
        const found = answered(ImpliedVolatility.impliedVolatility(drawn, price))
        if (found === undefined) return
        expect(ImpliedVolatility.statusNames).toContain(ImpliedVolatility.statusName(found))
        if (found._tag === "Ok") expect(found.volatility).toBeGreaterThan(0)
      }),
      runs(2000)
    )
  })

  it("for the volatility in an American price", () => {
    const model = fc.constantFrom(undefined, ...ModelSelection.modelNames)
    fc.assert(
      fc.property(terms, odd(0, 100), dividends, style, model, (drawn, price, paid, exercise, asked) => {
        const request = {
          terms: drawn,
          price,
          style: exercise,
          ...(asked === undefined ? {} : { model: asked })
        }
        answered(AmericanImpliedVolatility.americanVolatility(request))
        const found = answered(
          AmericanImpliedVolatility.americanVolatility({ ...request, dividends: paid, accuracy: "fast" })
        )
        if (found?.volatility._tag === "Ok") expect(found.volatility.volatility).toBeGreaterThan(0)
      }),
      runs(60)
    )
  })

  it("by the unchecked functions too, given what an option may have at prices whose products are doubles", () => {
    fc.assert(
      fc.property(inputs, (drawn) => {
        if (Result.isFailure(BlackScholes.price(drawn))) return
        const { dividendYield, rate, spot, strike, volatility, years } = drawn
        if ([spot, strike].some((price) => price < 1e-100 || price > 1e100)) return
        const sign = drawn.right === "CALL" ? 1 : -1
        const numbers = [sign, spot, strike, years, rate, dividendYield, volatility] as const
        numbered(BlackScholes.europeanPrice(...numbers), "european")
        numbered(BlackScholes.europeanGreeks(...numbers), "greeks")
        expect(BjerksundStensland.bjerksundStensland1993(...numbers)).not.toBeNaN()
        expect(BjerksundStensland.bjerksundStensland2002(...numbers)).not.toBeNaN()
        expect(AndersenLakeOffengenden.americanPrice(...numbers)).not.toBeNaN()
        expect(
          LeisenReimer.leisenReimerPrice({ ...drawn, sign, style: "american", dividends: [] })
        ).not.toBeNaN()
      }),
      runs(200)
    )
  })
})

describe("columns of any numbers", () => {
  const row = fc.tuple(
    odd(-1, 1),
    odd(10, 300),
    odd(10, 300),
    odd(0, 3),
    odd(-0.1, 0.3),
    odd(-0.1, 0.3),
    odd(0, 2)
  )
  const rows = fc.array(row, { maxLength: 40 })

  it("have numbers or a status, by WebAssembly and without", () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const batch = BlackScholesBatch.optionBatch(drawn.length)
        const plain = BlackScholesBatch.greekColumns(drawn.length)
        for (const [i, [sign, spot, strike, years, rate, dividendYield, volatility]] of drawn.entries()) {
          batch.options.sign[i] = sign
          batch.options.spot[i] = spot
          batch.options.strike[i] = strike
          batch.options.years[i] = years
          batch.options.rate[i] = rate
          batch.options.dividendYield[i] = dividendYield
          batch.options.volatility[i] = volatility
        }
        BlackScholesBatch.evaluate(batch)
        BlackScholesBatch.priceColumns(batch.options, plain)
        for (const greeks of [batch.greeks, plain]) {
          for (const [i, status] of greeks.status.subarray(0, drawn.length).entries()) {
            if (status === BlackScholesBatch.INVALID_ROW) continue
            const { delta, gamma, price, rho, theta, vega } = greeks
            numbered([delta[i], gamma[i], price[i], rho[i], theta[i], vega[i]], `row ${drawn[i]?.join(" ")}`)
          }
        }
      }),
      runs(200)
    )
  })

  it("have volatilities or a status, by WebAssembly and without", () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const column = (i: number) => Float64Array.from(drawn, (each) => each[i] ?? Number.NaN)
        const columns = {
          sign: column(0),
          spot: column(1),
          strike: column(2),
          years: column(3),
          rate: column(4),
          dividendYield: column(5),
          price: column(6)
        }
        const vector = ImpliedVolatilityBatch.volatilityColumns(drawn.length)
        ImpliedVolatilityVector.vectorVolatilitiesInto(columns, vector)
        for (const { status, volatility } of [ImpliedVolatilityBatch.impliedVolatilities(columns), vector]) {
          numbered(volatility, "volatility")
          for (const each of status) expect(ImpliedVolatility.statusNames[each]).toBeDefined()
        }
      }),
      runs(200)
    )
  })
})

const optionLeg: fc.Arbitrary<Position.OptionLeg> = fc.record({
  _tag: fc.constant("Option" as const),
  right,
  style: fc.constantFrom("AMERICAN" as const, "EUROPEAN" as const),
  strike: odd(50, 150),
  years: odd(0, 2),
  rate: odd(-0.05, 0.1),
  dividendYield: odd(-0.05, 0.1),
  volatility: odd(0.05, 1),
  quantity: odd(-10, 10),
  multiplier: fc.oneof(fc.constant(100), odd(1, 100)),
  entryPrice: odd(0, 20)
})
const shareLeg: fc.Arbitrary<Position.ShareLeg> = fc.record({
  _tag: fc.constant("Shares" as const),
  quantity: odd(-100, 100),
  entryPrice: odd(0, 200)
})
const legs = fc.array(fc.oneof({ weight: 3, arbitrary: optionLeg }, { weight: 1, arbitrary: shareLeg }), {
  maxLength: 4
})

describe("positions of any legs", () => {
  const model = LegModel.legModel("fast")

  it("have a grid of scenarios, or a reason", () => {
    const axis = (min: number, max: number) => fc.array(odd(min, max), { maxLength: 3 })
    fc.assert(
      fc.property(legs, axis(50, 150), axis(-0.1, 0.1), axis(0, 0.5), (held, spots, shifts, times) => {
        answered(Scenario.scenarioGrid(held, { spots, volatilityShifts: shifts, elapsedYears: times }, model))
      }),
      runs(150)
    )
  })

  it("have an outcome and a probability, or a reason", () => {
    fc.assert(
      fc.property(
        legs,
        odd(50, 150),
        fc.option(odd(0, 1), { nil: undefined }),
        fc.record({
          spot: odd(50, 150),
          rate: odd(-0.1, 0.1),
          dividendYield: odd(-0.1, 0.1),
          volatility: odd(0, 1)
        }),
        (held, spot, horizonYears, market) => {
          const outcome = answered(
            Payoff.outcomeOf(held, { spot, model, ...(horizonYears === undefined ? {} : { horizonYears }) })
          )
          if (outcome === undefined) return
          const chance = answered(Payoff.probabilityOfProfit(outcome, market))
          if (chance === undefined) return
          expect(chance).toBeGreaterThanOrEqual(0)
          expect(chance).toBeLessThanOrEqual(1)
        }
      ),
      runs(100)
    )
  })
})

/** All that a surface is asked. */
const ask = (
  chain: CleanChain,
  model: SurfaceFit.SurfaceSettings["model"],
  at: ReadonlyArray<readonly [number, number]>
) => {
  const surface = answered(SurfaceFit.fitSurface(chain, model === undefined ? {} : { model }))
  if (surface === undefined) return
  for (const [strike, years] of at) {
    numbered(surface.volatilityAt(strike, years), `volatilityAt ${strike} ${years}`)
  }
  const term = TermStructure.termStructure(surface)
  numbered(term, "term")
  const skew = Skew.skew(surface)
  numbered(skew, "skew")
  numbered(SurfaceMatrix.surfaceMatrix(surface), "matrix")
  const snapshot = VolatilityHistory.snapshotOf(surface, { source: "generated" })
  numbered(snapshot, "snapshot")
  numbered(Signals.againstNeighbours(skew, surface.slices), "neighbours")
  numbered(
    Signals.againstHistory(snapshot, [{ ...snapshot, asOf: "2001-01-01T20:00:00.000000Z" }], { needed: 1 })
  )
}

const models = fc.constantFrom(
  ...(["svi", "ssvi", "multiquadric", "inverse", "gaussian", "linear", "cubic", "thin-plate"] as const)
)
const places = fc.array(fc.tuple(odd(50, 150), odd(0, 2)), { maxLength: 5 })

describe("chains with spoilt quotes", () => {
  /** Which quote, which field, and what it is instead. */
  const harm = fc.record({
    at: fc.nat(10_000),
    field: fc.constantFrom(
      "bid" as const,
      "ask" as const,
      "strike" as const,
      "ageSeconds" as const,
      "last" as const
    ),
    to: odd(0, 50)
  })
  const raw = generatedQuotes({ days: [30, 91, 365], strikes: strikesFrom(80, 120, 5) })

  const spoilt = (harms: ReadonlyArray<{ at: number; field: keyof RawQuote; to: number }>): RawChain => {
    let count = 0
    return {
      ...raw,
      expiries: raw.expiries.map((expiry) => ({
        ...expiry,
        quotes: expiry.quotes.map((quote) => {
          const mine = harms.filter(({ at }) => at % 54 === count)
          count++
          return mine.reduce<RawQuote>((kept, { field, to }) => ({ ...kept, [field]: to }), quote)
        })
      }))
    }
  }

  it("are cleaned and fitted, or refused: every quote is kept or dropped for a reason", () => {
    fc.assert(
      fc.property(
        fc.array(harm, { maxLength: 25 }),
        fc.record({
          spot: fc.oneof(fc.constant(100), odd(50, 150)),
          years: fc.oneof(fc.constant(0.25), odd(0, 1)),
          rate: fc.oneof(fc.constant(0.03), odd(-0.1, 0.1))
        }),
        models,
        places,
        (harms, { rate, spot, years }, model, at) => {
          const chain = spoilt(harms)
          const clean = Cleaning.cleanChain({
            ...chain,
            spot,
            expiries: chain.expiries.map((expiry, i) => (i === 1 ? { ...expiry, years, rate } : expiry))
          })
          expect(clean.quotes).toBe(54)
          if (spot > 0 && spot < Infinity) numbered(clean, "clean")
          ask(clean, model, at)
        }
      ),
      runs(60)
    )
  })

  it("that were cleaned by another program are fitted or refused as well", () => {
    const good = generatedChain({ days: [22, 71, 224], strikes: 9 })
    const fields = ["logMoneyness", "volatility", "bidVolatility", "askVolatility", "vega", "strike"] as const
    const harmPoint = fc.record({ at: fc.nat(26), field: fc.constantFrom(...fields), to: odd(0, 2) })
    fc.assert(
      fc.property(fc.array(harmPoint, { maxLength: 6 }), models, places, (harms, model, at) => {
        let count = 0
        const chain: CleanChain = {
          ...good,
          smiles: good.smiles.map((smile) => ({
            ...smile,
            points: smile.points.map((point) => {
              const mine = harms.filter((each) => each.at === count)
              count++
              return mine.reduce<SmilePoint>((kept, { field, to }) => ({ ...kept, [field]: to }), point)
            })
          }))
        }
        ask(chain, model, at)
      }),
      runs(60)
    )
  })
})

describe("statistics of any history", () => {
  it("give a z or say why there is none", () => {
    const measure = fc.record({
      name: fc.constantFrom(...VolatilityHistory.measureNames),
      days: fc.constantFrom(7, 30, 90),
      value: odd(0.1, 0.5)
    })
    const measures = fc.array(measure, { maxLength: 6 })
    fc.assert(
      fc.property(measures, fc.array(measures, { maxLength: 30 }), (now, before) => {
        const snapshot = (day: number, of: ReadonlyArray<VolatilityHistory.Measure>) => ({
          symbol: "GENERATED",
          asOf: `2014-${String(1 + Math.floor(day / 28)).padStart(2, "0")}-${String(1 + (day % 28)).padStart(2, "0")}T20:00:00.000000Z`,
          source: "generated" as const,
          measures: of
        })
        numbered(
          Signals.againstHistory(
            snapshot(100, now),
            before.map((each, i) => snapshot(i, each)),
            { needed: 3 }
          ),
          "report"
        )
      }),
      runs(200)
    )
  })
})

describe("radial basis functions of any nodes", () => {
  it("go through them, or say that they do not determine anything", () => {
    const node = fc.tuple(odd(-1, 1), odd(0, 1), odd(0.1, 0.5))
    fc.assert(
      fc.property(
        fc.array(node, { maxLength: 8 }),
        fc.constantFrom(...RadialBasis.radialKernels),
        fc.constantFrom("rbf" as const, "interpolator" as const),
        odd(0, 1),
        odd(0.1, 2),
        fc.tuple(odd(-1, 1), odd(0, 1)),
        (nodes, kernel, form, smoothing, epsilon, [x, y]) => {
          const column = (i: number) => Float64Array.from(nodes, (each) => each[i] ?? Number.NaN)
          const found = answered(
            RadialBasis.radialBasis(
              { x: column(0), y: column(1), values: column(2) },
              { kernel, form, smoothing, epsilon }
            )
          )
          if (found !== undefined && Math.abs(x) < 1e6 && Math.abs(y) < 1e6) numbered(found.at(x, y), "at")
        }
      ),
      runs(300)
    )
  })
})

describe("what such numbers once broke", () => {
  it("a tree over the longest life there is has as many steps as any", () => {
    answered(
      OptionModel.priceBy("leisen-reimer", {
        right: "CALL",
        spot: 1e200,
        strike: 10,
        years: Number.MAX_VALUE,
        rate: 1e-308,
        dividendYield: 0,
        volatility: 7.5e-160
      })
    )
  })

  it("two expiries that end at one time are one, and the other is left out", () => {
    const chain = generatedChain({ days: [22, 71, 224] })
    const [first, second, third] = chain.smiles
    const twice = [first, second, third, third].flatMap((smile) => (smile === undefined ? [] : [smile]))
    const surface = answered(SurfaceFit.fitSurface({ ...chain, smiles: twice }))
    expect(surface?.slices.length).toBe(3)
    if (surface !== undefined) numbered(TermStructure.termStructure(surface), "term")
  })

  it("an expiry that ends this instant has expired", () => {
    const raw = generatedQuotes({ days: [30, 91] })
    const clean = Cleaning.cleanChain({
      ...raw,
      expiries: raw.expiries.map((expiry, i) => (i === 0 ? { ...expiry, years: 5e-324 } : expiry))
    })
    expect(clean.smiles.length).toBe(1)
    expect(clean.drops.find(({ reason }) => reason === "expired")?.count).toBe(raw.expiries[0]?.quotes.length)
  })

  it("a node that is no number determines no interpolant", () => {
    const answer = RadialBasis.radialBasis(
      { x: Float64Array.of(Number.NaN), y: Float64Array.of(0), values: Float64Array.of(1) },
      { kernel: "multiquadric", form: "rbf" }
    )
    expect(Result.isFailure(answer)).toBe(true)
  })
})
