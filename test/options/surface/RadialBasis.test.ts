import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import {
  radialBasis,
  type RadialForm,
  type RadialKernel,
  radialKernels
} from "../../../src/options/surface/RadialBasis.ts"
import { describeWithShared, sharedPath } from "../../support/Shared.ts"

const nodes = {
  x: Float64Array.of(
    0.305,
    0.308,
    0.015,
    -0.214,
    -0.446,
    -0.117,
    -0.092,
    -0.455,
    -0.451,
    0.499,
    0.152,
    -0.265
  ),
  y: Float64Array.of(0.652, 1.461, 1.347, 1.266, 0.589, 0.74, 1.015, 0.091, 0.833, 0.407, 1.319, 0.096),
  values: Float64Array.of(
    0.2071,
    0.2233,
    0.2262,
    0.2406,
    0.254,
    0.222,
    0.2257,
    0.2453,
    0.2596,
    0.2081,
    0.2211,
    0.2222
  )
}
const queries = [
  [-0.4, 0.1],
  [0, 0.7],
  [0.1, 1.2],
  [0.33, 0.4]
] as const

/**
 * scipy 1.17.1: `Rbf(x, y, v, function=…, smooth=…)` and `RBFInterpolator(…, kernel=…, smoothing=…)`, the latter
 * with epsilon=2 where the kernel has a shape.
 */
const published: ReadonlyArray<
  readonly [RadialKernel, RadialForm, smoothing: number, values: ReadonlyArray<number>]
> = [
  [
    "multiquadric",
    "rbf",
    0,
    [0.2372153316650527, 0.2138656453075325, 0.2204678957652248, 0.20241931870656055]
  ],
  [
    "multiquadric",
    "interpolator",
    0,
    [0.23846254089001007, 0.21315201807982553, 0.21936629036389563, 0.20475822382425812]
  ],
  [
    "multiquadric",
    "rbf",
    0.01,
    [0.23735571843939035, 0.21387032870935796, 0.21946995851196438, 0.2027161658439337]
  ],
  [
    "multiquadric",
    "interpolator",
    0.01,
    [0.23809729819146952, 0.21384742379552876, 0.2193511987190197, 0.20548393168170753]
  ],
  ["inverse", "rbf", 0, [0.2427859088530473, 0.2114805731660905, 0.21772116564210642, 0.20995655884547604]],
  [
    "inverse",
    "interpolator",
    0,
    [0.23889994260890712, 0.21270451145273353, 0.21949522642365243, 0.20556744911445493]
  ],
  ["inverse", "rbf", 0.01, [0.24389909635138723, 0.2110284614683902, 0.2165848360779791, 0.2104329053082521]],
  [
    "inverse",
    "interpolator",
    0.01,
    [0.2384304158724183, 0.21326680822887967, 0.21965041081473685, 0.206121921241416]
  ],
  ["gaussian", "rbf", 0, [0.25345693318308915, 0.1883340585475009, 0.19815696639491875, 0.19573955040169044]],
  [
    "gaussian",
    "interpolator",
    0,
    [0.2390371813150516, 0.21165681426949326, 0.21916212916048128, 0.203655777928382]
  ],
  [
    "gaussian",
    "rbf",
    0.01,
    [0.2550016918984809, 0.18907278482398462, 0.1976784945537749, 0.19713620606078147]
  ],
  [
    "gaussian",
    "interpolator",
    0.01,
    [0.23874357248327463, 0.21183158180208028, 0.2192059834029155, 0.2040246602161728]
  ],
  ["linear", "rbf", 0, [0.2378905375639267, 0.21230348985382494, 0.2164058487777122, 0.2063088195999414]],
  [
    "linear",
    "interpolator",
    0,
    [0.2388459101587189, 0.21693764040046193, 0.22102151842984413, 0.20910129138691158]
  ],
  ["linear", "rbf", 0.01, [0.23842013855135177, 0.2121529221107728, 0.21627865031918642, 0.2067546952637002]],
  [
    "linear",
    "interpolator",
    0.01,
    [0.23871122382813834, 0.21722470585385098, 0.22114630183561607, 0.2092104196627722]
  ],
  ["cubic", "rbf", 0, [0.2410626533061484, 0.21219270300343213, 0.21800786949473624, 0.21103823549157108]],
  [
    "cubic",
    "interpolator",
    0,
    [0.23820702912566785, 0.21375628978018618, 0.2195372471803882, 0.20450400941687175]
  ],
  ["cubic", "rbf", 0.01, [0.24256469761995247, 0.21831714415632902, 0.21244422918708278, 0.2080810600577776]],
  [
    "cubic",
    "interpolator",
    0.01,
    [0.23804968677820476, 0.21433163243455822, 0.21946506054916948, 0.2050182081896631]
  ],
  [
    "thin-plate",
    "rbf",
    0,
    [0.2475837511403303, 0.21846716289664594, 0.22502878879392393, 0.23567219742460394]
  ],
  [
    "thin-plate",
    "interpolator",
    0,
    [0.2385101898065596, 0.21431220539169235, 0.21926207035489467, 0.20735555101380881]
  ],
  [
    "thin-plate",
    "rbf",
    0.01,
    [0.24925245759171133, 0.21579966682418472, 0.21584128286595192, 0.23262099255958263]
  ],
  [
    "thin-plate",
    "interpolator",
    0.01,
    [0.23836129144312657, 0.21474744430382528, 0.21934794724360065, 0.20747923331362728]
  ]
]

describe("each kernel, in both of scipy's forms, has scipy's values", () => {
  for (const [kernel, form, smoothing, values] of published) {
    it(`${kernel}, ${form}, smoothing ${smoothing}`, () => {
      const hasShape = kernel === "multiquadric" || kernel === "inverse" || kernel === "gaussian"
      const interpolant = Result.getOrThrow(
        radialBasis(nodes, {
          kernel,
          form,
          smoothing,
          ...(form === "interpolator" && hasShape ? { epsilon: 2 } : {})
        })
      )
      queries.forEach(([x, y], i) => {
        expect(Math.abs(interpolant.at(x, y) - (values[i] ?? Number.NaN))).toBeLessThan(1e-12)
      })
    })
  }

  it("and without smoothing it goes through every node", () => {
    for (const kernel of radialKernels) {
      for (const form of ["rbf", "interpolator"] as const) {
        const { at } = Result.getOrThrow(radialBasis(nodes, { kernel, form }))
        nodes.values.forEach((value, i) => {
          expect(Math.abs(at(nodes.x[i] ?? 0, nodes.y[i] ?? 0) - value)).toBeLessThan(1e-11)
        })
      }
    }
  })
})

describe("nodes that determine nothing", () => {
  it("two in one place, or none at all, are a typed failure", () => {
    const twice = {
      x: Float64Array.of(0, 0, 1),
      y: Float64Array.of(1, 1, 2),
      values: Float64Array.of(1, 2, 3)
    }
    const none = { x: new Float64Array(), y: new Float64Array(), values: new Float64Array() }
    for (const form of ["rbf", "interpolator"] as const) {
      for (const given of [twice, none]) {
        const found = radialBasis(given, { kernel: "linear", form })
        expect(Result.isFailure(found) && found.failure._tag).toBe("SingularNodes")
      }
    }
  })

  it("an axis on which all nodes are the same is left out of the polynomial", () => {
    const line = { x: nodes.x, y: new Float64Array(12), values: nodes.values }
    for (const kernel of ["linear", "cubic", "thin-plate"] as const) {
      const { at } = Result.getOrThrow(radialBasis(line, { kernel, form: "interpolator" }))
      expect(at(0.305, 0)).toBeCloseTo(0.2071, 6)
    }
  })
})

const Entry = Schema.Struct({ values: Schema.Array(Schema.Finite) })
const Oracle = Schema.Struct({
  x: Schema.Array(Schema.Finite),
  y: Schema.Array(Schema.Finite),
  v: Schema.Array(Schema.Finite),
  qx: Schema.Array(Schema.Finite),
  qy: Schema.Array(Schema.Finite),
  "rbf_multiquadric_smooth1e-3": Entry,
  rbf_multiquadric_scaled: Entry,
  "rbf_multiquadric_scaled_smooth1e-2": Entry,
  interp_tps: Entry,
  "interp_tps_smooth1e-4": Entry,
  interp_tps_scaled: Entry,
  interp_linear: Entry
})

describeWithShared("against scipy's values of 60 quotes at 200 places", () => {
  const oracle = Schema.decodeUnknownSync(Schema.fromJsonString(Oracle))(
    readFileSync(sharedPath("oracles", "rbf.json"), "utf8")
  )
  const scaleOf = (values: ReadonlyArray<number>) => {
    const low = Math.min(...values)
    const range = Math.max(...values) - low
    return (value: number) => (value - low) / range
  }
  const standard = oracle.x.map((x, i) => x / Math.sqrt(oracle.y[i] ?? 0))
  const roots = oracle.y.map(Math.sqrt)
  const [scaleX, scaleY] = [scaleOf(standard), scaleOf(roots)]
  const raw = (x: number, y: number) => [x, y] as const
  const scaled = (x: number, y: number) => [scaleX(x / Math.sqrt(y)), scaleY(Math.sqrt(y))] as const

  const cases = [
    ["interp_tps", raw, "thin-plate", "interpolator", 0, 1e-12],
    ["interp_tps_smooth1e-4", raw, "thin-plate", "interpolator", 1e-4, 1e-12],
    ["interp_tps_scaled", scaled, "thin-plate", "interpolator", 0, 1e-12],
    ["interp_linear", raw, "linear", "interpolator", 0, 1e-12],
    ["rbf_multiquadric_scaled", scaled, "multiquadric", "rbf", 0, 1e-10],
    ["rbf_multiquadric_scaled_smooth1e-2", scaled, "multiquadric", "rbf", 0.01, 1e-10],
    ["rbf_multiquadric_smooth1e-3", raw, "multiquadric", "rbf", 1e-3, 1e-11]
  ] as const
  for (const [name, to, kernel, form, smoothing, tolerance] of cases) {
    it(`${name} to ${tolerance}`, () => {
      const { at } = Result.getOrThrow(
        radialBasis(
          {
            x: Float64Array.from(oracle.x, (x, i) => to(x, oracle.y[i] ?? 0)[0]),
            y: Float64Array.from(oracle.y, (y) => to(0, y)[1]),
            values: Float64Array.from(oracle.v)
          },
          { kernel, form, smoothing }
        )
      )
      const worst = oracle[name].values.reduce((most, value, i) => {
        return Math.max(most, Math.abs(at(...to(oracle.qx[i] ?? 0, oracle.qy[i] ?? 0)) - value))
      }, 0)
      expect(worst).toBeLessThan(tolerance)
    })
  }
})
